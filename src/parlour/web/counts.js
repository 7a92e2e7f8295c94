// @ts-check
// Numbers in words.
//
// 1. A number is written, and the word beside it chosen, by the rules of the language: some have one word for two, and
//    others for a few.

import { locale } from './language.js';

/** A phrase for each kind of number, with # where the number stands. */
/** @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & {other: string}} Phrases */

/** @type {Intl.NumberFormat | undefined} making it takes long, and not every page has a number */ let numbers;
/** @type {Intl.PluralRules | undefined} */ let kinds;

/** A number as one reads it: 8,000. @param {number} count */
export const number = (count) => (numbers ??= new Intl.NumberFormat(locale)).format(count);

/** @param {number} count @param {Phrases} phrases */
export function counted(count, phrases) {
  kinds ??= new Intl.PluralRules(locale);
  return (phrases[kinds.select(count)] ?? phrases.other).replace('#', number(count));
}
