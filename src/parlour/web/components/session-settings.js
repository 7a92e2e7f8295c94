// @ts-check
// What counts in the open conversation alone.
//
// 1. A switch shows what counts now: what was chosen here, else what was chosen for all.
// 2. It is the browser's own popover: Escape and a press beside it close it, and the keyboard comes back to its button.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { reason, settings } from '../words.js';
import { cross, nameOf, sliders } from './drawn.js';
import { Part } from './part.js';
import { switchOf } from './switch.js';

/** @typedef {import('../state.js').Switch} Switch */
/** @typedef {import('../state.js').Session} Session */

/** @type {readonly (readonly [Switch, string, string])[]} */
const SWITCHES = [
  ['Presence', settings.presence, settings.presenceOne],
  ['Receipts', settings.receipts, settings.receiptsHint],
  ['Typing', settings.typing, settings.typingHint],
];

class SessionSettings extends Part {
  /** @param {Event} event */
  #toggled = (event) => {
    const open = /** @type {ToggleEvent} */ (event).newState === 'open';
    if (open) /** @type {HTMLElement | null} */ (this.querySelector('h2'))?.focus();
    else this.chat.choices.forgive();
  };

  template() {
    const session = this.chat.session.value;
    if (!session || session.closed) return nothing;
    return html`<button type="button" class="ib" popovertarget="session-settings" aria-label=${settings.one}>
        ${sliders}</button>
      <div id="session-settings" class="ones" popover role="dialog" aria-labelledby="ones-heading"
        aria-describedby="ones-hint" @toggle=${this.#toggled}>
        <div class="ones-top"><h2 id="ones-heading" tabindex="-1">${settings.one}</h2>
          <button type="button" class="ib" popovertarget="session-settings" popovertargetaction="hide"
            aria-label=${settings.close}>${cross}</button></div>
        <p class="ones-name">${nameOf(session.name)}</p>
        <div class="switches">${SWITCHES.map(([what, label, hint]) => this.#switch(session, what, label, hint))}</div>
        <p class="field-hint" id="ones-hint">${settings.oneHint}</p>
      </div>`;
  }

  /** @param {Session} session @param {Switch} what @param {string} label @param {string} hint */
  #switch(session, what, label, hint) {
    const { choices } = this.chat;
    const refused = choices.refused(what, session);
    return switchOf({
      id: `one-${what}`,
      label,
      hint,
      on: choices.on(what, session),
      complaint: refused ? reason(refused, Date.now()) : '',
      turn: (on) => void choices.choose(what, on, session),
    });
  }
}

customElements.define('parlour-session-settings', SessionSettings);
