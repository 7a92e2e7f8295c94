// @ts-check
// Who may invite me, and what others see of me.
//
// 1. Each choice counts at once; there is no button to keep it.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { reason, settings } from '../words.js';
import { Part } from './part.js';
import { switchOf } from './switch.js';

/** @typedef {import('../state.js').Switch} Switch */
/** @typedef {import('../choices.js').WhoMayInvite} WhoMayInvite */
/** @typedef {import('../choices.js').Name} Name */

/** @type {readonly (readonly [WhoMayInvite, string])[]} */
const INVITERS = [
  ['everyone', settings.everyone],
  ['shared', settings.shared],
  ['links', settings.links],
  ['nobody', settings.nobody],
];
/** @type {readonly (readonly [Switch, string, string])[]} */
const SWITCHES = [
  ['Presence', settings.presence, settings.presenceHint],
  ['Receipts', settings.receipts, settings.receiptsHint],
  ['Typing', settings.typing, settings.typingHint],
];

class Privacy extends Part {
  disconnectedCallback() {
    this.chat.choices.forgive();
    super.disconnectedCallback();
  }

  /** @param {Name} what */
  #complaint(what) {
    const refused = this.chat.choices.refused(what);
    return refused ? reason(refused, Date.now()) : '';
  }

  template() {
    return html`<h2 id="privacy">${settings.privacy}</h2>${this.#who()}
      <div class="switches">${SWITCHES.map(([what, label, hint]) => this.#switch(what, label, hint))}</div>
      <p class="field-hint">${settings.switchesHint}</p>`;
  }

  #who() {
    const chosen = this.chat.choices.whoMayInvite();
    return html`<fieldset aria-describedby="who-error who-hint"><legend>${settings.whoMayInvite}</legend>
      ${repeat(
        INVITERS,
        ([value]) => value,
        ([value, label]) => html`<label class="choice"><input type="radio" name="who" value=${value}
          .checked=${value === chosen} @change=${() => void this.chat.choices.choose('WhoMayInvite', value)} />
          <span>${label}</span></label>`,
      )}
      <p class="field-hint" id="who-hint">${settings.whoHint}</p>
      <p class="error" role="alert" id="who-error">${this.#complaint('WhoMayInvite') || nothing}</p></fieldset>`;
  }

  /** @param {Switch} what @param {string} label @param {string} hint */
  #switch(what, label, hint) {
    const { choices } = this.chat;
    return switchOf({
      id: `all-${what}`,
      label,
      hint,
      on: choices.on(what),
      complaint: this.#complaint(what),
      turn: (on) => void choices.choose(what, on),
    });
  }
}

customElements.define('parlour-privacy', Privacy);
