// @ts-check
// English: the shape that every other language has too.

export * from './en/account.js';
export * from './en/appearance.js';
export * from './en/chat.js';
export * from './en/connection.js';
export * from './en/consent.js';
export * from './en/noticing.js';
export * from './en/settings.js';
