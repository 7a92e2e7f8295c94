// @ts-check
// What screen readers are told of what happens elsewhere on the page.
//
// 1. Politely and at most once a second; messages that come faster are told as a count. An invitation at once, and once.
// 2. The timeline itself is silent, so that paging through history is not read aloud.

import { html } from '../vendor/lit-html/lit-html.js';
import { signal } from '../vendor/signals/signals-core.js';
import { conversation } from '../words.js';
import { Part } from './part.js';

const PAUSE = 1000;

class Announcer extends Part {
  #polite = signal('');
  #urgent = signal('');
  /** @type {import('../chat.js').Announcement[]} */ #queue = [];
  /** It is told once, although it stands there until others come. */ #taken = new WeakSet();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  connectedCallback() {
    super.connectedCallback();
    this.runs(() => {
      const said = this.chat.said.value;
      if (said.length === 0) return;
      for (const one of said) if (!this.#taken.has(one)) this.#take(one);
      queueMicrotask(() => (this.chat.said.value = this.chat.said.peek().slice(said.length)));
    });
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    super.disconnectedCallback();
  }

  /** @param {import('../chat.js').Announcement} one */
  #take(one) {
    this.#taken.add(one);
    if (one.kind === 'urgent') return void (this.#urgent.value = again(this.#urgent.peek(), one.text));
    this.#queue.push(one);
    if (this.#timer === undefined) this.#speak();
  }

  #speak() {
    const all = this.#queue.splice(0);
    this.#timer = undefined;
    if (all.length === 0) return;
    const texts = all.filter((one) => one.kind === 'news').map((one) => one.text);
    const messages = all.filter((one) => one.kind === 'message');
    if (messages.length > 1) texts.push(conversation.unread(messages.length));
    else texts.push(...messages.map((one) => one.text));
    this.#polite.value = again(this.#polite.peek(), texts.join(' '));
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
