// @ts-check
// Numbers in words.
//
// 1. A number is written, and the word beside it chosen, by the rules of the language: some have one word for two, and
//    others for a few.

import { locale } from './language.js';

/** A phrase for each kind of number, with # where the number stands. */
/** @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & {other: string}} Phrases */

const numbers = new Intl.NumberFormat(locale);
const kinds = new Intl.PluralRules(locale);

/** A number as one reads it: 8,000. @param {number} count */
export const number = (count) => numbers.format(count);

/** @param {number} count @param {Phrases} phrases */
export const counted = (count, phrases) => (phrases[kinds.select(count)] ?? phrases.other).replace('#', number(count));
