// @ts-check
// German.

export * from './de/account.js';
export * from './de/appearance.js';
export * from './de/chat.js';
export * from './de/connection.js';
export * from './de/consent.js';
export * from './de/noticing.js';
export * from './de/settings.js';
