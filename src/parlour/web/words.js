// @ts-check
// Every sentence that the page says, in its language.
//
// 1. The sentences themselves stand in words/, a folder for each language, all of one shape; no other file holds a word
//    that somebody reads or hears. Numbers, times and plurals are made by Intl.
// 2. Plain words: what happened, and what one can do now. No codes, no blame.
// 3. Which sentence fits is decided here, once for all languages.

import { number } from './counts.js';
import { language } from './language.js';
import { waiting } from './times.js';

/** @typedef {typeof import('./words/en.js')} Words */
/** @typedef {import('./protocol.d.ts').Consent} Consent */

/** @type {Record<import('./language.js').Language, () => Promise<Words>>} */
const LANGUAGES = {
  en: () => import('./words/en.js'),
  de: () => import('./words/de.js'),
  ar: () => import('./words/ar.js'),
};

const words = await LANGUAGES[language]();

export const {
  account, appearance, ask, blocks, composer, connection, conversation, invited, leaving, ledger, links, list, message,
  noticing, parting, search, settings, shortcuts, toast,
} = words;
const { agreed, deeds, presences, refusals, refused } = words;

/** @param {string} name @param {number} [waiting] what waits to be looked at */
export const title = (name, waiting = 0) =>
  `${waiting > 0 ? `(${number(waiting)}) ` : ''}${name ? `${name} · ` : ''}Parlour`;

const DELETED = 'Deleted account';

/** What somebody is called: who has deleted the account has no username. @param {string} name */
export const called = (name) => (name === DELETED ? list.deleted : name);

/** @param {boolean | undefined} online `undefined`: nobody can know now */
export const presence = (online) => (online === undefined ? '' : online ? presences.online : presences.offline);

/** Why a connection stopped for good. @param {number | null} code @returns {string} */
export function stopped(code) {
  if (code === 4403) return connection.banned;
  if (code === 4409) return connection.elsewhere;
  if (code === 4429) return connection.abuse;
  return connection.ended(code ?? 1006);
}

/** Why a new password is refused. @param {string} password */
export function weakness(password) {
  const { length } = [...password.normalize('NFC')];
  return length < 8 ? account.passwordShort : length > 128 ? account.passwordLong : account.passwordWeak;
}

/** Why an account's question was not answered. @param {string} code @param {number | null} retryAfter @param {number} now */
export function unanswered(code, retryAfter, now) {
  if (code === 'slow_down') return tooMuch(retryAfter, now);
  return code === 'unreachable' ? account.unreachable : account.unavailable;
}

/**
 * A refusal in words.
 * @param {{Code: string, Reason?: string, RetryAfter?: number | null}} error @param {number} now milliseconds
 * @returns {string}
 */
export function reason(error, now) {
  if (error.Code === 'slow_down') return tooMuch(error.RetryAfter ?? null, now);
  const known = /** @type {{[code: string]: string | undefined}} */ (refusals);
  return known[error.Code] ?? error.Reason ?? refused.unknown;
}

/**
 * Why nobody was invited.
 * @param {{Code: string, Reason?: string, RetryAfter?: number | null}} error @param {string} name @param {number} now milliseconds
 * @returns {string}
 */
export function notInvited(error, name, now) {
  if (error.Code === 'user_not_found') return search.nobody(name);
  if (error.Code === 'you_blocked') return search.blocked(name);
  if (error.Code === 'empty') return search.noteEmpty;
  return error.Code === 'self' ? search.self : reason(error, now);
}

/**
 * Why a message came back.
 * @param {{Code: string, Reason?: string, RetryAfter?: number | null}} error @param {number} now milliseconds
 */
export function notSent(error, now) {
  return composer.refused(reason(error, now));
}

/** When one may try again. @param {number | null} seconds @param {number} now @returns {string} */
export function tooMuch(seconds, now) {
  if (seconds === null) return refused.tooMuch;
  const wait = waiting(seconds, now);
  if ('seconds' in wait) return refused.wait(wait.seconds);
  return wait.day === null ? refused.until(wait.time) : refused.untilDay(wait.day, wait.time);
}

/** A line of the ledger as a sentence. @param {Consent} line @returns {string} */
export function deed({ By, Did, How, UserName = '' }) {
  const said = Did === 'accepted' ? agreed[By][How ?? 'invitation'] : wordsOf(By, Did);
  return said?.(called(UserName)) ?? ledger.unknown;
}

/** @param {Consent['By']} by @param {Consent['Did']} did */
const wordsOf = (by, did) => /** @type {{[did: string]: ((name: string) => string) | undefined}} */ (deeds[by])[did];
