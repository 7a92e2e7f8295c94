// @ts-check
// The ledger of one's consent: what one asked, agreed to and refused, when, and how.
//
// 1. It follows one's own stream: whenever that has gone on, it is asked for anew.
// 2. It is shown in sentences; the file holds all of it, as the server has it.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { computed, signal } from '../vendor/signals/signals-core.js';
import * as api from '../api.js';
import { exactly } from '../times.js';
import { ask, deed, ledger, unanswered } from '../words.js';
import { Part } from './part.js';

/** @typedef {import('../protocol.d.ts').Consent} Consent */

const FEW = 10;

class Ledger extends Part {
  #lines = signal(/** @type {readonly Consent[] | null} */ (null));
  #complaint = signal('');
  #all = signal(false);
  #seq = computed(() => this.chat.state.value?.me.seq);
  #asked = 0;

  connectedCallback() {
    super.connectedCallback();
    this.runs(() => {
      void (this.#seq.value, this.chat.live.value);
      void this.#look();
    });
  }

  async #look() {
    const asked = ++this.#asked;
    const { body, code, status, retryAfter } = await api.consent();
    if (asked !== this.#asked) return;
    if (body) this.#lines.value = body.Ledger;
    this.#complaint.value = body || status === 401 ? '' : unanswered(code, retryAfter, Date.now());
  }

  /** The button goes: the keyboard goes to the first line that it has shown. */
  #showAll() {
    this.#all.value = true;
    /** @type {HTMLElement | undefined} */ (this.querySelectorAll('li')[FEW])?.focus();
  }

  template() {
    return html`<h2 id="consent">${ledger.heading}</h2><p class="lead">${ledger.hint}</p>
      ${this.#list(this.#lines.value)}
      <p class="error" role="alert">${this.#complaint.value || nothing}</p>
      <p><a href="/api/consent" download="parlour-consent.json">${ledger.download}</a></p>`;
  }

  /** @param {readonly Consent[] | null} lines */
  #list(lines) {
    if (!lines) return html`<p class="loading" role="status">${ledger.loading}</p>`;
    if (lines.length === 0) return html`<p class="field-hint">${ledger.none}</p>`;
    const shown = this.#all.value ? lines : lines.slice(0, FEW);
    return html`<ol class="entries">${repeat(shown, (one) => one.Seq, (one) => this.#line(one))}</ol>
      ${shown.length < lines.length ? html`<button type="button" class="btn no" @click=${() => this.#showAll()}>
        ${ledger.all(lines.length)}</button>` : nothing}`;
  }

  /** @param {Consent} line */
  #line(line) {
    const name = line.UserName ?? '';
    return html`<li class="entry" tabindex="-1"><div><p>${deed(line)}</p>
        ${line.Note ? html`<blockquote class="note folded" dir="auto">${line.Note}</blockquote>` : nothing}
        <p class="entry-when"><time datetime=${line.At}>${exactly(Date.parse(line.At))}</time></p></div>
      ${line.Undo ? html`<button type="button" class="btn small no" aria-label=${ask.undoLabel(name)}
        @click=${() => void this.chat.inviting.undo(name, line.Rev ?? undefined)}>${ask.undo}</button>` : nothing}</li>`;
  }
}

customElements.define('parlour-ledger', Ledger);
