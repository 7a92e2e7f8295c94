// @ts-check
// What screen readers are told of what happens elsewhere on the page.
//
// 1. New messages politely and at most once a second; what comes faster is told as a count. An invitation at once, and
//    once.
// 2. The timeline itself is silent, so that paging through history is not read aloud.

import { html } from '../vendor/lit-html/lit-html.js';
import { signal } from '../vendor/signals/signals-core.js';
import { conversation } from '../words.js';
import { Part } from './part.js';

const PAUSE = 1000;

class Announcer extends Part {
  #polite = signal('');
  #urgent = signal('');
  /** @type {string[]} */ #queue = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  connectedCallback() {
    super.connectedCallback();
    this.runs(() => {
      const said = this.chat.said.value;
      if (said.length === 0) return;
      for (const one of said) this.#take(one.text, one.urgent);
      queueMicrotask(() => (this.chat.said.value = this.chat.said.peek().slice(said.length)));
    });
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    super.disconnectedCallback();
  }

  /** @param {string} text @param {boolean} urgent */
  #take(text, urgent) {
    if (urgent) return void (this.#urgent.value = again(this.#urgent.peek(), text));
    this.#queue.push(text);
    if (this.#timer === undefined) this.#speak();
  }

  #speak() {
    const texts = this.#queue.splice(0);
    this.#timer = undefined;
    if (texts.length === 0) return;
    this.#polite.value = again(
      this.#polite.peek(),
      texts.length === 1 ? (texts[0] ?? '') : conversation.several(texts.length),
    );
    this.#timer = setTimeout(() => this.#speak(), PAUSE);
  }

  template() {
    return html`<div class="vh" role="status" aria-live="polite">${this.#polite.value}</div>
      <div class="vh" role="alert" aria-live="assertive">${this.#urgent.value}</div>`;
  }
}

/** The same words twice are two announcements. @param {string} before @param {string} text */
const again = (before, text) => (before === text ? `${text}\u00a0` : text);

customElements.define('parlour-announcer', Announcer);
