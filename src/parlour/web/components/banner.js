// @ts-check
// The connection, told in words.
//
// 1. The region that is announced stands from the beginning and holds the sentence alone; the seconds beside it are
//    silent.
// 2. A hiccup of less than two seconds is not worth a word: nothing stops working with it, since what one sends waits.
//    What the server has ended for good is told at once.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { computed, signal } from '../vendor/signals/signals-core.js';
import { connection, stopped } from '../words.js';
import { Part } from './part.js';

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
    if (phase !== 'waiting' && phase !== 'stopped') return html`<span class="count">${connection.trying}</span>`;
    const soon = phase === 'waiting' && this.#seconds.value > 0;
    return html`${soon ? html`<span class="count">${connection.retryIn(this.#seconds.value)}</span>` : nothing}
      <button type="button" @click=${() => this.chat.connection.retry()}>
        ${code === 4409 ? connection.useHere : connection.retry}</button>`;
  }
}

customElements.define('parlour-banner', Banner);
