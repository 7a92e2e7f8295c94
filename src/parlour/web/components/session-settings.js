// @ts-check
// What counts in the open conversation alone, and how one leaves it.
//
// 1. A switch shows what counts now: what was chosen here, else what was chosen for all.
// 2. It is the browser's own popover: Escape and a press beside it close it, and the keyboard comes back to its button.
// 3. Here one closes the conversation, hides a closed one, and blocks the other one. In a closed one there is nothing
//    else to set.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { signal } from '../vendor/signals/signals-core.js';
import { isSomebody } from '../parting.js';
import { isHidden } from '../state.js';
import { conversation, parting, reason, settings } from '../words.js';
import { cross, nameOf, sliders } from './drawn.js';
import { Part, focusedIn } from './part.js';
import { switchOf } from './switch.js';

/** @typedef {import('../state.js').Switch} Switch */
/** @typedef {import('../state.js').Session} Session */

/** @type {readonly (readonly [Switch, string, string])[]} */
const SWITCHES = [
  ['Presence', settings.presence, settings.presenceOne],
  ['Receipts', settings.receipts, settings.receiptsHint],
  ['Typing', settings.typing, settings.typingHint],
  ['Muted', settings.muted, settings.mutedHint],
];

class SessionSettings extends Part {
  /** What stands in it is made when it opens: it is closed at nearly all times. */
  #open = signal(false);

  /** @param {Event} event */
  #opens = (event) => void (isOpen(event) && (this.#open.value = true));

  /** @param {Event} event */
  #toggled = (event) => {
    this.#open.value = isOpen(event);
    if (isOpen(event)) /** @type {HTMLElement | null} */ (this.querySelector('h2'))?.focus();
    else this.chat.choices.forgive();
  };

  /** Who tabs out of it has done with it: else it would lie over what has the keyboard. @param {FocusEvent} event */
  #left = ({ currentTarget, relatedTarget: to }) => {
    if (to instanceof Node && !this.contains(to)) /** @type {HTMLElement} */ (currentTarget).hidePopover();
  };

  /** A button that goes gives the keyboard to the heading. */
  paint() {
    const inside = focusedIn(this);
    super.paint();
    if (inside && !inside.isConnected) document.querySelector('h1')?.focus();
  }

  template() {
    const session = this.chat.session.value;
    if (!session) return nothing;
    return html`<button type="button" class="ib" popovertarget="session-settings" aria-label=${settings.one}>
        ${sliders}</button>
      <div id="session-settings" class="ones" popover role="dialog" aria-labelledby="ones-heading"
        aria-describedby="ones-hint" @beforetoggle=${this.#opens} @toggle=${this.#toggled} @focusout=${this.#left}>
        ${this.#open.value ? this.#content(session) : nothing}
      </div>`;
  }

  /** @param {Session} session */
  #content(session) {
    return html`<div class="ones-top"><h2 id="ones-heading" tabindex="-1">${settings.one}</h2>
        <button type="button" class="ib" popovertarget="session-settings" popovertargetaction="hide"
          aria-label=${settings.close}>${cross}</button></div>
      <p class="ones-name">${nameOf(session.name)}</p>
      ${session.closed ? html`<p class="field-hint" id="ones-hint">${conversation.closed}</p>` : this.#switches(session)}
      ${this.#leave(session)}`;
  }

  /** @param {Session} session */
  #switches(session) {
    return html`<div class="switches">${SWITCHES.map(([what, label, hint]) => this.#switch(session, what, label, hint))}</div>
      <p class="field-hint" id="ones-hint">${settings.oneHint}</p>`;
  }

  /** @param {Session} session */
  #blockable({ name }) {
    return isSomebody(name) && !this.chat.blocks.value.includes(name);
  }

  /** @param {Session} session */
  #leave(session) {
    const { parting: acts } = this.chat;
    /** @param {() => Promise<void>} act */
    const press = (act) => () => {
      /** @type {HTMLElement} */ (this.querySelector('.ones')).hidePopover();
      void act();
    };
    return html`<div class="leave">
      ${session.closed ? this.#sight(session, press) : html`<button type="button" class="btn no"
        @click=${press(() => acts.close(session))}>${parting.close}</button>`}
      ${this.#blockable(session) ? html`<button type="button" class="btn no"
        @click=${press(() => acts.block(session.name))}>${parting.block(session.name)}</button>` : nothing}</div>`;
  }

  /** @param {Session} session @param {(act: () => Promise<void>) => () => void} press */
  #sight(session, press) {
    const hidden = isHidden(session);
    return html`<button type="button" class="btn no" aria-describedby="sight-hint"
        @click=${press(() => this.chat.parting.hide(session, !hidden))}>${hidden ? parting.show : parting.hide}</button>
      <p class="field-hint" id="sight-hint">${hidden ? nothing : parting.hideHint}</p>`;
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

/** @param {Event} event */
const isOpen = (event) => /** @type {ToggleEvent} */ (event).newState === 'open';

customElements.define('parlour-session-settings', SessionSettings);
