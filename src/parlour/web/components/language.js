// @ts-check
// Choosing the language.
//
// 1. Each language is named in itself: who cannot read the page finds their own.
// 2. It counts at once and in this browser. The page comes anew with it, and what is written and not sent is still there.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { LANGUAGES, choose, language } from '../language.js';
import { settings } from '../words.js';

/** @typedef {import('../language.js').Language} Language */

/** The languages, to choose from. */
export const languages = () => html`<ul class="languages" aria-label=${settings.language}>
  ${Object.entries(LANGUAGES).map(([code, { name, dir }]) => one(/** @type {Language} */ (code), name, dir))}</ul>`;

/** @param {Language} code @param {string} name @param {string} dir */
const one = (code, name, dir) => html`<li><button type="button" class="link" lang=${code} dir=${dir}
  aria-current=${code === language ? 'true' : nothing} @click=${() => code === language || choose(code)}>
  ${name}</button></li>`;

/** Their part of the settings. */
export const languagePart = () => html`<section class="part" aria-labelledby="language">
  <h2 id="language">${settings.language}</h2>${languages()}<p class="field-hint">${settings.languageHint}</p></section>`;
