// @ts-check
// What this browser does when something comes while one looks elsewhere.
//
// 1. The browser's question for permission comes from a press on the switch. If it says no, the switch comes back with a
//    sentence.
// 2. A choice that only counts beside another one is shown beside it, and not before.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { signal } from '../vendor/signals/signals-core.js';
import { noticing } from '../words.js';
import { Part } from './part.js';
import { switchOf } from './switch.js';

/** @typedef {import('../noticing.js').Wishes} Wishes */

class NoticingSettings extends Part {
  #complaint = signal('');

  /** @param {boolean} on */
  async #notify(on) {
    const { noticing: part } = this.chat;
    part.choose({ notify: on });
    this.#complaint.value = '';
    const permission = on ? await part.notices.ask() : 'granted';
    if (permission === 'granted') return;
    part.choose({ notify: false });
    this.#complaint.value = permission === 'none' ? noticing.none : noticing.denied;
  }

  /** How it sounds is heard at once. @param {boolean} on */
  #sound(on) {
    this.chat.noticing.choose({ sound: on });
    if (on) void this.chat.noticing.sound.play();
  }

  template() {
    const { noticing: part } = this.chat;
    const wishes = part.wishes.value;
    return html`<h2 id="noticing">${noticing.heading}</h2><p class="lead">${noticing.lead}</p>
      <div class="switches">
        ${switchOf({
          id: 'notify', label: noticing.notify, hint: noticing.notifyHint, on: this.#notifies(wishes),
          complaint: this.#complaint.value, turn: (on) => void this.#notify(on),
        })}
        ${this.#notifies(wishes) ? this.#switch('texts', noticing.texts, noticing.textsHint) : nothing}
        ${switchOf({
          id: 'sound', label: noticing.sound, hint: noticing.soundHint, on: wishes.sound,
          complaint: '', turn: (on) => this.#sound(on),
        })}
        ${this.#switch('quiet', noticing.quiet, noticing.quietHint)}
        ${wishes.quiet ? this.#hours(wishes) : nothing}
      </div>`;
  }

  /** Permission may have been taken back in the browser. @param {Wishes} wishes */
  #notifies({ notify }) {
    return notify && ['granted', 'default'].includes(this.chat.noticing.notices.permission());
  }

  /** @param {'texts' | 'quiet'} what @param {string} label @param {string} hint */
  #switch(what, label, hint) {
    const { noticing: part } = this.chat;
    const turn = (/** @type {boolean} */ on) => part.choose({ [what]: on });
    return switchOf({ id: what, label, hint, on: part.wishes.value[what], complaint: '', turn });
  }

  /** @param {Wishes} wishes */
  #hours(wishes) {
    return html`<div class="hours">${this.#time('from', noticing.from, wishes.from)}
      ${this.#time('to', noticing.to, wishes.to)}</div>`;
  }

  /** @param {'from' | 'to'} what @param {string} label @param {string} time */
  #time(what, label, time) {
    /** @param {Event} event */
    const change = (event) => {
      const { value } = /** @type {HTMLInputElement} */ (event.target);
      if (value !== '') this.chat.noticing.choose({ [what]: value });
    };
    return html`<label>${label} <input type="time" required .value=${time} @change=${change} /></label>`;
  }
}

customElements.define('parlour-noticing', NoticingSettings);
