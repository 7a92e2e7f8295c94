// @ts-check
// The connection, told in words.
//
// 1. The region that is announced stands from the beginning and holds the sentence alone; the seconds beside it are
//    silent.
// 2. A hiccup of less than two seconds is not worth a word when the page begins; a connection that was there and went
//    is told at once, because Send stops working with it.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { computed, signal } from '../vendor/signals/signals-core.js';
import { connection, stopped } from '../words.js';
import { Part } from './part.js';

const GRACE = 2000;

class Banner extends Part {
  #late = signal(false);
  #seconds = signal(0);
  #wasLost = false;
  #text = computed(() => this.#words());

  connectedCallback() {
    super.connectedCallback();
    this.runs(() => this.#watch());
    this.runs(() => this.#count());
  }

  /** @returns {string} */
  #words() {
    const link = this.chat.connection.link.value;
    if (link.phase === 'live') return '';
    if (link.phase === 'stopped')
      return link.code === null || link.code === 401 || link.code === 4401 ? '' : stopped(link.code);
    if (link.lost) return link.loaded ? connection.lost : connection.unreachable;
    return this.#late.value ? connection.connecting : '';
  }

  /** Tell the coming back, and whether connecting takes long. */
  #watch() {
    const { phase, lost } = this.chat.connection.link.value;
    if (phase === 'live' && this.#wasLost) this.chat.announce(connection.back);
    this.#wasLost = lost;
    if (phase === 'live') this.#late.value = false;
    const timer = phase === 'live' ? undefined : setTimeout(() => (this.#late.value = true), GRACE);
    return () => clearTimeout(timer);
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
