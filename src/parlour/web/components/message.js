// @ts-check
// One message in the timeline.
//
// 1. It is an article whose name says who said it, when, and how far it has come.
// 2. Its time is its link: pressed, it is copied.
// 3. It is made anew only when something of it has changed, and looked at only when something of its stretch has: there
//    are three hundred.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { guard } from '../vendor/lit-html/directives/guard.js';
import { signal } from '../vendor/signals/signals-core.js';
import { isLong } from '../group.js';
import { isEmoji } from '../markdown.js';
import * as paths from '../paths.js';
import { moment } from '../times.js';
import { message as words } from '../words.js';
import { tileOf } from './drawn.js';
import { failure, meta } from './standing.js';
import { textOf } from './text.js';

/** @typedef {import('../chat.js').Chat} Chat */
/** @typedef {import('../state.js').Session} Session */
/** @typedef {import('../group.js').Line} Line */
/** @typedef {import('../group.js').Said} Said */

const A_MOMENT = 4000;

export class Messages {
  #chat;
  #unfolds;
  /** Long texts that somebody wants to see whole. */ #unfolded = signal(
    /** @type {ReadonlySet<string>} */ (new Set()),
  );
  /** The one that an address has led to, for a moment. */ #marked = signal('');
  /** The one whose link was copied, and the word for it, for a moment. */ #copied = signal({ key: '', word: '' });

  /** @param {Chat} chat @param {() => void} unfolds told before a text grows under whoever reads it */
  constructor(chat, unfolds) {
    this.#chat = chat;
    this.#unfolds = unfolds;
  }

  /** @param {string} key */
  mark(key) {
    this.#marked.value = key;
    setTimeout(() => this.#marked.peek() === key && (this.#marked.value = ''), A_MOMENT);
  }

  /** What else than its line a message depends on. @param {Session} session @returns {unknown[]} */
  around({ name, peers }) {
    return [name, peers, this.#unfolded.value, this.#marked.value, this.#copied.value, this.#chat.today.value];
  }

  /** @param {Session} session @param {Line} line */
  row(session, line) {
    const { key, said } = line;
    const name = nameOf(session, said);
    const copied = this.#copied.value.key === key ? this.#copied.value.word : '';
    const marked = this.#marked.value === key;
    const folded = isLong(said.text) && !this.#unfolded.value.has(key);
    const today = this.#chat.today.value;
    return guard([line, name, copied, marked, folded, today], () => this.#article(session, line, { name, copied, marked, folded, today }));
  }

  /**
   * @param {Session} session @param {Line} line
   * @param {{name: string, copied: string, marked: boolean, folded: boolean, today: number}} so
   */
  #article(session, { key, said, first, last }, { name, copied, marked, folded, today }) {
    const mine = said.state !== 'theirs';
    const label = words.label(name, moment(said.at, today), said.state === 'theirs' ? '' : words[said.state]);
    const classes = ['m', mine && 'me', first && 'first', last && 'last', marked && 'marked', said.state];
    const link = Number.isFinite(said.number) ? this.#link(session, key, said.number, copied) : null;
    return html`<article class=${classes.filter(Boolean).join(' ')} aria-label=${label} tabindex="-1" data-key=${key}>
      ${mine ? nothing : html`<span class="gut">${last ? tileOf(name) : nothing}</span>`}
      <div class="bubble">${folded ? this.#folded(key, said, link) : whole(said, link)}${
        said.state === 'failed' ? failure(this.#chat, said) : nothing
      }</div>
    </article>`;
  }

  /** @param {string} key @param {Said} said @param {Parameters<typeof meta>[1]} link */
  #folded(key, said, link) {
    return html`<div class="body folded" dir="auto">${textOf(said.text)}</div>
      <div class="fold">
        <button type="button" class="link" tabindex="-1" @click=${(/** @type {Event} */ event) => this.#unfold(key, event)}>${words.whole}</button>${meta(said, link)}
      </div>`;
  }

  /** The button goes: the keyboard stays at its message. @param {string} key @param {Event} event */
  #unfold(key, event) {
    const article = /** @type {Element} */ (event.currentTarget).closest('article');
    this.#unfolds();
    this.#unfolded.value = new Set(this.#unfolded.peek()).add(key);
    article?.focus({ preventScroll: true });
  }

  /** @param {Session} session @param {string} key @param {number} number @param {string} copied */
  #link(session, key, number, copied) {
    const href = paths.addressOf(session.id, number);
    return { href, copied, copy: (/** @type {MouseEvent} */ event) => void this.#copy(event, session, key, number) };
  }

  /**
   * Where a page may not copy, the address comes into the address bar.
   * @param {MouseEvent} event @param {Session} session @param {string} key @param {number} number
   */
  async #copy(event, session, key, number) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    try {
      await navigator.clipboard.writeText(location.origin + paths.addressOf(session.id, number));
      this.#tell(key, words.linkCopied);
    } catch {
      paths.go('/', { session: session.id, message: number });
      this.#tell(key, words.linkAbove);
    }
  }

  /** @param {string} key @param {string} word */
  #tell(key, word) {
    const told = { key, word };
    this.#copied.value = told;
    this.#chat.announce(word);
    setTimeout(() => this.#copied.peek() === told && (this.#copied.value = { key: '', word: '' }), A_MOMENT);
  }
}

/** @param {Said} said @param {Parameters<typeof meta>[1]} link */
const whole = (said, link) =>
  html`<div class="body ${isEmoji(said.text) ? 'large' : ''}" dir="auto">${textOf(said.text)}${meta(said, link)}</div>`;

/** Who said it, as they are called now. @param {Session} session @param {Said} said */
function nameOf(session, said) {
  if (said.state !== 'theirs') return words.me;
  return session.peers.find((peer) => peer.id === said.sender)?.name ?? session.name;
}
