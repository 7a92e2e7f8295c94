// @ts-check
// The messages of one session.
//
// 1. At most 300 stand in the page; older and newer ones come page by page as one scrolls (window.js).
// 2. The reader's place is kept by our own hand, not by the browser's scroll anchoring, which not every browser has:
//    who is at the end stays at the end, everybody else keeps the message that they look at where it is.
// 3. A text is shown as it was sent, as text, and stays inside its box.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { guard } from '../vendor/lit-html/directives/guard.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { computed, signal, untracked } from '../vendor/signals/signals-core.js';
import * as api from '../api.js';
import { isLong, rows } from '../group.js';
import { standing } from '../outbox.js';
import { inOrder } from '../state.js';
import { dayName, dayNumber, moment } from '../times.js';
import * as windows from '../window.js';
import { conversation, message as words, reason } from '../words.js';
import { hueOf, tileOf } from './drawn.js';
import { Part } from './part.js';
import { failure, meta } from './standing.js';

/** @typedef {import('../state.js').Session} Session */
/** @typedef {import('../group.js').Line} Line */
/** @typedef {import('../group.js').Said} Said */
/** @typedef {import('../window.js').Window} Window */

const NEAR = 800;
const AT_END = 24;

class Timeline extends Part {
  session = '';
  #window = signal(/** @type {Window | null} */ (null));
  /** Long texts that somebody wants to see whole. */ #unfolded = signal(
    /** @type {ReadonlySet<string>} */ (new Set()),
  );
  #atEnd = signal(true);
  #failed = signal(false);
  /** The last number that was seen at the end. */ #seen = signal(0);
  /** What was read when one came, and how much was new then. */ #line = signal(
    /** @type {{read: number, count: number} | null} */ (null),
  );
  #paging = false;
  /** What was written here last: one goes to the end with it. */ #last = '';
  /**
   * Where it was scrolled to: who goes up leaves the end, a part that grows or shrinks does not make one leave it.
   */
  #top = 0;
  #rows = computed(() => rows(this.#said(), dayNumber, this.#line.value?.read));
  #newer = computed(() => this.#countNewer());

  connectedCallback() {
    this.tabIndex = 0;
    this.setAttribute('role', 'log');
    this.setAttribute('aria-live', 'off');
    this.#last = this.chat.sending.latest.peek();
    this.runs(() => this.#follow());
    this.runs(() => this.#tellPlace());
    super.connectedCallback();
    this.addEventListener('scroll', () => this.#scrolled(), { passive: true, signal: this.gone.signal });
    this.addEventListener('keydown', (event) => this.#rove(event), { signal: this.gone.signal });
    for (const [where, what] of [[window, 'focus'], [document, 'visibilitychange']])
      /** @type {EventTarget} */ (where).addEventListener(String(what), () => this.#look(), { signal: this.gone.signal });
    const resized = new ResizeObserver(() => this.#stick());
    for (const part of [this, this.querySelector('.column')]) if (part) resized.observe(part);
    this.gone.signal.addEventListener('abort', () => resized.disconnect());
    this.#stick();
  }

  #session() {
    return this.chat.state.value?.sessions.get(this.session) ?? null;
  }

  /** The session went on. */
  #follow() {
    const session = this.#session();
    if (!session) return;
    const before = this.#window.peek();
    const atEnd = this.#atEnd.peek();
    const said = this.chat.sending.latest.value;
    this.#window.value = before ? windows.follow(before, session, atEnd) : windows.newest(session);
    if (atEnd && !this.#window.peek()?.newer) this.#seen.value = session.head;
    untracked(() => this.#draw(before === null, session));
    if (said !== this.#last) untracked(() => this.toEnd());
    this.#last = said;
    untracked(() => this.#look());
  }

  /**
   * The line above what is new: drawn when one comes, and when something comes that nobody looks at.
   * @param {boolean} first @param {Session} session
   */
  #draw(first, session) {
    const me = this.chat.state.peek()?.me.id ?? '';
    const read = Math.max(session.marks.get(me)?.read ?? 0, session.looked);
    const line = this.#line.peek();
    if (session.unread === 0 || (line && line.read === read)) return;
    if (first || !this.#looking()) this.#line.value = { read, count: session.unread };
  }

  /** Whether somebody sees the end of the conversation now. */
  #looking() {
    return (
      this.#atEnd.peek() &&
      !this.#window.peek()?.newer &&
      document.visibilityState === 'visible' &&
      document.hasFocus()
    );
  }

  /** What is seen was read. */
  #look() {
    const session = this.#session();
    if (session && this.#looking()) this.chat.receipts.seen(session);
  }

  /** Everything that stands here: what is stored, then what is on its way. @returns {Said[]} */
  #said() {
    const me = this.chat.state.value?.me.id ?? '';
    const window = this.#window.value;
    const session = this.#session();
    const stored = (window?.messages ?? []).map((one) =>
      toSaid(one, one.sender === me && session ? this.chat.receipts.state(session, one.number) : 'theirs'),
    );
    if (window?.newer) return stored;
    const here = new Set(stored.map((one) => one.key));
    const pending = this.chat.sending.outbox.value.filter(
      (one) => one.session === this.session && !here.has(`${me} ${one.nonce}`),
    );
    return [...stored, ...pending.map((one) => this.#onItsWay(me, one))];
  }

  /** @param {string} me @param {import('../outbox.js').Pending} one @returns {Said} */
  #onItsWay(me, { id, nonce, at, text, refusal, ...one }) {
    const { sending, live } = this.chat;
    const state = standing(sending.outbox.value, id, live.value);
    const why = refusal && one.state === 'failed' ? reason(refusal, Date.now()) : '';
    return { key: `${me} ${nonce}`, number: Infinity, sender: me, at, text, state, id, why };
  }

  #countNewer() {
    const session = this.#session();
    if (!session) return 0;
    const me = this.chat.state.value?.me.id;
    return session.messages.filter((one) => one.number > this.#seen.value && one.sender !== me).length;
  }

  // ------------------------------------------------------------------------------------------------------------ place

  paint() {
    const stick = this.#atEnd.peek() && !this.#window.peek()?.newer;
    const top = this.getBoundingClientRect().top;
    const anchor = stick ? null : this.#firstInView(top);
    const before = anchor?.getBoundingClientRect().top ?? 0;
    super.paint();
    if (stick) this.#stick();
    else if (anchor?.isConnected)
      this.scrollBy({ top: anchor.getBoundingClientRect().top - before, behavior: 'instant' });
  }

  /** @param {number} top */
  #firstInView(top) {
    return [...this.querySelectorAll('article')].find((one) => one.getBoundingClientRect().bottom > top) ?? null;
  }

  #stick() {
    if (!this.#atEnd.peek()) return;
    this.scrollTop = this.scrollHeight;
    this.#top = this.scrollTop;
  }

  /** To the latest message. */
  toEnd() {
    const session = this.#session();
    if (!session) return;
    if (this.#window.peek()?.newer) this.#window.value = windows.newest(session);
    this.#atEnd.value = true;
    this.#seen.value = session.head;
    this.#stick();
    this.#look();
  }

  /** Where one is not at the end, one can go there. */
  #tellPlace() {
    const away = !this.#atEnd.value || this.#window.value?.newer;
    this.chat.latest.value = away ? { newer: this.#newer.value, go: () => this.toEnd() } : null;
    return () => void (this.chat.latest.value = null);
  }

  #scrolled() {
    const below = this.scrollHeight - this.scrollTop - this.clientHeight;
    const window = this.#window.peek();
    if (!window) return;
    const up = this.scrollTop < this.#top;
    this.#top = this.scrollTop;
    if (below < AT_END || up) this.#atEnd.value = below < AT_END && !window.newer;
    else this.#stick();
    if (this.#atEnd.peek()) this.#seen.value = this.#session()?.head ?? 0;
    this.#look();
    if (this.scrollTop < NEAR && window.older) void this.#page('before');
    else if (below < NEAR && window.newer) void this.#page('after');
  }

  /** @param {'before' | 'after'} side */
  async #page(side) {
    const window = this.#window.peek();
    const edge = window?.messages[side === 'before' ? 0 : window.messages.length - 1];
    if (!window || !edge || this.#paging) return;
    this.#paging = true;
    const { body } = await api.history(this.session, side, edge.number, windows.PAGE);
    this.#paging = false;
    this.#failed.value = body === null;
    const now = this.#window.peek();
    if (!body || !now || now.messages[side === 'before' ? 0 : now.messages.length - 1] !== edge) return;
    const page = inOrder(body.Messages);
    const head = this.#session()?.head ?? 0;
    this.#window.value = side === 'before' ? windows.earlier(now, page, body.More) : windows.later(now, page, head);
    this.#scrolled();
  }

  // --------------------------------------------------------------------------------------------------------- keyboard

  /** The arrows go from message to message, inside the timeline alone. @param {KeyboardEvent} event */
  #rove(event) {
    const steps = /** @type {{[key: string]: number}} */ ({
      ArrowUp: -1,
      ArrowDown: 1,
      Home: -Infinity,
      End: Infinity,
    });
    const by = steps[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const articles = [...this.querySelectorAll('article')];
    const at = articles.findIndex((one) => one.contains(document.activeElement));
    const from = at === -1 ? articles.length : at;
    const next = articles[Math.max(0, Math.min(articles.length - 1, from + by))];
    event.preventDefault();
    next?.focus();
  }

  // --------------------------------------------------------------------------------------------------------- template

  template() {
    const session = this.#session();
    if (!session) return nothing;
    this.setAttribute('aria-label', conversation.label(session.name));
    const list = this.#rows.value;
    return html`<div class="column hued" data-hue=${hueOf(session.name)}>
      ${this.#failed.value ? this.#olderFailed() : nothing}
      ${list.length === 0 ? html`<p class="begin">${conversation.begin(session.name)}</p>` : nothing}
      ${repeat(
        list,
        (row) => row.key,
        (row) =>
          row.kind === 'day'
            ? html`<h2 class="day"><bdi>${dayName(row.at, this.chat.today.value)}</bdi></h2>`
            : row.kind === 'unread'
            ? this.#unreadLine()
            : guard(
                [
                  row.said.state,
                  row.said.text,
                  row.said.at,
                  row.said.why,
                  this.#nameOf(session, row.said),
                  row.first,
                  row.last,
                  this.#unfolded.value.has(row.key),
                  this.chat.today.value,
                ],
                () => this.#article(session, row),
              ),
      )}
    </div>`;
  }

  #unreadLine() {
    const count = this.#line.value?.count ?? 0;
    return html`<h2 class="unread-line"><span>${conversation.unread(count)}</span></h2>`;
  }

  #olderFailed() {
    return html`<p class="older" role="alert">${conversation.olderFailed}
      <button type="button" class="link" @click=${() => void this.#page('before')}>${words.again}</button></p>`;
  }

  /** @param {Session} session @param {Line} line */
  #article(session, { key, said, first, last }) {
    const mine = said.state !== 'theirs';
    const name = this.#nameOf(session, said);
    const label = words.label(
      name,
      moment(said.at, this.chat.today.value),
      said.state === 'theirs' ? '' : words[said.state],
    );
    const style = ['m', mine ? 'me' : '', first ? 'first' : '', last ? 'last' : '', said.state].join(' ');
    return html`<article class=${style} aria-label=${label} tabindex="-1">
      ${mine ? nothing : html`<span class="gut">${last ? tileOf(name) : nothing}</span>`}
      <div class="bubble">${this.#body(key, said)}${said.state === 'failed' ? failure(this.chat, said) : nothing}</div>
    </article>`;
  }

  /** Who said it, as they are called now. @param {Session} session @param {Said} said */
  #nameOf(session, said) {
    if (said.state !== 'theirs') return words.me;
    return session.peers.find((peer) => peer.id === said.sender)?.name ?? session.name;
  }

  /** @param {string} key @param {Said} said */
  #body(key, said) {
    const text = html`<span class="text">${said.text}</span>`;
    const whole = !isLong(said.text) || this.#unfolded.peek().has(key);
    if (whole) return html`<div class="body" dir="auto">${text}${meta(said)}</div>`;
    return html`<div class="body folded" dir="auto">${text}</div>
      <div class="fold">
        <button type="button" class="link" @click=${(/** @type {Event} */ event) => this.#unfold(key, event)}>${words.whole}</button>${meta(said)}
      </div>`;
  }

  /** The button goes: the keyboard stays at its message. @param {string} key @param {Event} event */
  #unfold(key, event) {
    const article = /** @type {Element} */ (event.currentTarget).closest('article');
    this.#unfolded.value = new Set(this.#unfolded.peek()).add(key);
    article?.focus({ preventScroll: true });
  }
}

/** @param {import('../state.js').Stored} one @param {Said['state']} state @returns {Said} */
const toSaid = (one, state) => ({ key: one.key, number: one.number, sender: one.sender, at: one.at, text: one.text, state });

customElements.define('parlour-timeline', Timeline);
