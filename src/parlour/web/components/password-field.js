// @ts-check
// A field for a password.
//
// 1. Password managers are welcome: a real field with its autocomplete token, pasting allowed.
// 2. What is wrong is said in words below it; one may look at what one has typed.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { account } from '../words.js';

/**
 * @typedef {object} PasswordField
 * @property {string} id its name in the form, too
 * @property {string} label
 * @property {'current-password' | 'new-password'} token
 * @property {boolean} visible
 * @property {string} complaint
 * @property {string} [hint]
 * @property {(() => void) | null} toggle looks at what was typed; null: another field's button does
 */

/** @param {PasswordField} field */
export function passwordField({ id, label, token, visible, complaint, hint = '', toggle }) {
  return html`<div class="field"><label for=${id}>${label}</label>
    <div class="password"><input id=${id} name=${id} type=${visible ? 'text' : 'password'} required
      autocomplete=${token} autocapitalize="none" autocorrect="off" spellcheck="false" dir="ltr"
      aria-invalid=${complaint ? 'true' : nothing} aria-describedby="${id}-error ${id}-hint" />
    ${toggle ? show(id, visible, toggle) : nothing}</div>
    <p class="error" id="${id}-error">${complaint || nothing}</p>
    <p class="field-hint" id="${id}-hint">${hint || nothing}</p></div>`;
}

/** @param {string} id @param {boolean} visible @param {() => void} toggle */
const show = (id, visible, toggle) =>
  html`<button type="button" class="btn small no" aria-pressed=${String(visible)} aria-controls=${id}
    aria-label=${account.showLabel} @click=${toggle}>${account.show}</button>`;
