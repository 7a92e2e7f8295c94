// @ts-check
// A switch, and what it does in words.
//
// 1. Its state is told by place, by a word and to assistive technology; never by colour alone.
// 2. It is a checkbox of the browser's own: the keyboard and the finger work it as everywhere.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { settings } from '../words.js';

/** @typedef {{id: string, label: string, hint?: string, on: boolean, complaint: string, turn: (on: boolean) => void}} Switch */

/** @param {Switch} one */
export function switchOf({ id, label, hint = '', on, complaint, turn }) {
  /** @param {Event} event */
  const change = (event) => turn(/** @type {HTMLInputElement} */ (event.target).checked);
  return html`<div class="switch"><label for=${id}>${label}</label>
    <span class="switch-state" aria-hidden="true">${on ? settings.on : settings.off}</span>
    <input id=${id} type="checkbox" role="switch" .checked=${on} @change=${change}
      aria-describedby="${id}-error ${id}-hint" />
    <p class="field-hint" id="${id}-hint">${hint || nothing}</p>
    <p class="error" role="alert" id="${id}-error">${complaint || nothing}</p></div>`;
}
