// @ts-check
// Arabic.

export * from './ar/account.js';
export * from './ar/appearance.js';
export * from './ar/chat.js';
export * from './ar/connection.js';
export * from './ar/consent.js';
export * from './ar/noticing.js';
export * from './ar/settings.js';
