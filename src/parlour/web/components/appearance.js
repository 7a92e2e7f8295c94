// @ts-check
// How this browser looks, and which key sends a message.
//
// 1. Each choice counts at once, in all tabs.

import { html } from '../vendor/lit-html/lit-html.js';
import { sender, theme } from '../preferences.js';
import { appearance } from '../words.js';
import { Part } from './part.js';
import { NAMES } from './shortcuts.js';

const SENDERS = { enter: appearance.enter, mod: appearance.mod(NAMES.Mod) };

class Appearance extends Part {
  template() {
    return html`<h2 id="appearance">${appearance.heading}</h2>
      ${choice('theme', appearance.theme, appearance.themes, theme)}
      ${choice('sender', appearance.sender, SENDERS, sender)}
      <p class="field-hint">${appearance.hint}</p>`;
  }
}

/**
 * @template {string} T
 * @param {string} name @param {string} legend @param {Record<T, string>} labels
 * @param {{choices: readonly T[], value: T}} preference
 */
function choice(name, legend, labels, preference) {
  return html`<fieldset><legend>${legend}</legend>${preference.choices.map(
    (one) => html`<label class="choice"><input type="radio" name=${name} .checked=${one === preference.value}
      @change=${() => (preference.value = one)} /><span>${labels[one]}</span></label>`,
  )}</fieldset>`;
}

customElements.define('parlour-appearance', Appearance);
