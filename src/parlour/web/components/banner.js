// @ts-check
// The connection, told in words.
//
// 1. The region that is announced stands from the beginning and holds the sentence alone; the seconds beside it are
//    silent.
// 2. A hiccup of less than two seconds is not worth a word: nothing stops working with it, since what one sends waits.
//    What the server has ended for good is told at once.
// 3. Its button stays while one tries: the keyboard does not fall out of it, nor of a banner that goes.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { computed, signal } from '../vendor/signals/signals-core.js';
import { connection, stopped } from '../words.js';
import { Part, toWork } from './part.js';

const GRACE = 2000;

class Banner extends Part {
  #late = signal(false);
  #seconds = signal(0);
  /** Whether a loss was told. */ #told = false;
  #text = computed(() => this.#words());

  connectedCallback() {
    super.connectedCallback();
    this.runs(() => void (this.#told ||= this.#text.value !== '' && this.chat.connection.link.value.lost));
    this.runs(() => this.#watch(this.chat.live.value));
    this.runs(() => this.#count());
  }

  /** @returns {string} */
  #words() {
    const link = this.chat.connection.link.value;
    if (link.phase === 'live') return '';
    if (link.phase === 'stopped')
      return link.code === null || link.code === 401 || link.code === 4401 ? '' : stopped(link.code);
    if (!this.#late.value) return '';
    if (!link.lost) return connection.connecting;
    return link.loaded ? connection.lost : connection.unreachable;
  }

  /** Whether it takes long; what was told to be lost is told to be back. @param {boolean} live */
  #watch(live) {
    if (!live) {
      const timer = setTimeout(() => (this.#late.value = true), GRACE);
      return () => clearTimeout(timer);
    }
    if (this.#told) this.chat.announce(connection.back);
    this.#told = false;
    this.#late.value = false;
    return undefined;
  }

  /** The seconds until the next try. */
  #count() {
    const { phase, retryAt } = this.chat.connection.link.value;
    const tell = () =>
      (this.#seconds.value = phase === 'waiting' ? Math.max(0, Math.ceil((retryAt - Date.now()) / 1000)) : 0);
    tell();
    const timer = phase === 'waiting' ? setInterval(tell, 500) : undefined;
    return () => clearInterval(timer);
  }

  template() {
    const text = this.#text.value;
    return html`<section class="net" aria-label=${text ? connection.label : nothing} ?data-told=${text !== ''}>
      <span role="status">${text}</span>${text ? this.#retry() : nothing}</section>`;
  }

  #retry() {
    const { phase, code, lost } = this.chat.connection.link.value;
    if (!lost) return nothing;
    const trying = phase !== 'waiting' && phase !== 'stopped';
    return html`${this.#progress(trying, phase === 'waiting')}
      <button type="button" aria-disabled=${String(trying)} @click=${() => trying || this.chat.connection.retry()}>
        ${code === 4409 ? connection.useHere : connection.retry}</button>`;
  }

  /** @param {boolean} trying @param {boolean} waiting */
  #progress(trying, waiting) {
    const seconds = waiting ? this.#seconds.value : 0;
    if (!trying && seconds === 0) return nothing;
    return html`<span class="count">${trying ? connection.trying : connection.retryIn(seconds)}</span>`;
  }

  giveBack() {
    toWork(this.chat);
  }
}

customElements.define('parlour-banner', Banner);
