// @ts-check
// Which language the page speaks.
//
// 1. What was chosen in this browser counts, else the first that the browser asks for and the page speaks, else English.
// 2. It is settled when the page is loaded, and only its words are loaded: another choice loads the page anew.

import { recall, remember } from './remembered.js';

/** @typedef {keyof typeof LANGUAGES} Language */

const KEY = 'language';

/** Each by its own name; `locale`: for times, numbers and plurals. */
export const LANGUAGES = {
  en: { name: 'English', locale: 'en-GB', dir: 'ltr' },
  de: { name: 'Deutsch', locale: 'de', dir: 'ltr' },
  ar: { name: 'العربية', locale: 'ar-u-nu-latn', dir: 'rtl' }, // The digits of usernames are those of all numbers.
};

/** @param {unknown} code @returns {code is Language} */
const isSpoken = (code) => typeof code === 'string' && Object.hasOwn(LANGUAGES, code);

/** The first of several that the page speaks, wherever it is spoken. @param {readonly string[]} asked @returns {Language} */
export const spoken = (asked) => asked.map((tag) => tag.split('-')[0]).find(isSpoken) ?? 'en';

const chosen = recall('localStorage', KEY);

export const language = isSpoken(chosen) ? chosen : spoken(navigator.languages);
export const { locale, dir } = LANGUAGES[language];

/** Choose the language of this browser. @param {Language} code */
export function choose(code) {
  remember('localStorage', KEY, code);
  location.reload();
}
