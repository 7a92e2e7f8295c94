// @ts-check
// The messages of one session.
//
// 1. At most 300 stand in the page; older and newer ones come page by page as one scrolls (reading.js).
// 2. The reader's place is kept by our own hand, not by the browser's scroll anchoring, which not every browser has:
//    who is at the end stays at the end, everybody else keeps the message that they look at where it is.
// 3. It is silent: what is new is told by the announcer, and history is not read aloud.
// 4. While one writes at the end, what is far above is there and is not laid out (stretches.js).

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { guard } from '../vendor/lit-html/directives/guard.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { batch, computed, signal, untracked } from '../vendor/signals/signals-core.js';
import { rows } from '../group.js';
import { idle } from '../idle.js';
import * as paths from '../paths.js';
import { Reading } from '../reading.js';
import { saidIn } from '../said.js';
import { Stretches } from '../stretches.js';
import { dayName, dayNumber } from '../times.js';
import { told } from '../ways.js';
import * as windows from '../window.js';
import { conversation } from '../words.js';
import { writing } from '../writing.js';
import { hueOf } from './drawn.js';
import { edgeOf } from './edge.js';
import { Messages } from './message.js';
import { Part, focusedIn } from './part.js';
import { isHigher, screenful } from './screenful.js';
import { copyable } from './text.js';
import { walkable } from './walking.js';

/** @typedef {import('../state.js').Session} Session */
/** @typedef {import('../group.js').Row} Row */
/** @typedef {import('../reading.js').Side} Side */

const NEAR = 800;
const AT_END = 24;
/** So many stretches at the end are painted in any case. */
const NEAREST = 2;
/** Who is here for so many milliseconds stays. */
const A_LOOK = 1000;
/** Who is there has not gone up: what is new leads to the end. */
const NOWHERE = { top: 0, height: 0 };

/** @template T @param {{key: T}} one */
const keyOf = ({ key }) => key;

class Timeline extends Part {
  session = '';
  #reading = new Reading(() => this.#session());
  /** @type {Messages} */ #messages = /** @type {any} */ (null);
  #atEnd = signal(true);
  /** The last number that was seen at the end. */ #seen = signal(0);
  /** What was read when one came, and how much was new then. */ #line = signal(
    /** @type {{read: number, count: number} | null} */ (null),
  );
  /** Whether what is new begins further up, and one has not been there. */ #lineAbove = signal(false);
  /** @type {{read: number} | null} the line that one has been at */ #visited = null;
  /** @type {paths.Place | null} the place that one has been led to */ #arrived = null;
  /** What was written here last: one goes to the end with it. */ #last = '';
  /** Where it was scrolled to, and how high it was. Who goes up leaves the end; who is made less high does not. */
  #stood = { top: 0, height: 0 };
  /** Whether it is shown: one that is only readied tells nothing, and what stands in it was not seen. */
  #shown = computed(() => this.chat.open.value === this.session);
  /** What happens elsewhere is not painted here. */
  #now = computed(() => this.chat.state.value?.sessions.get(this.session) ?? null);
  #whole = signal(false);
  /** Whether all of it has been laid out, as far as it was at hand: a browser knows then how high it is. */
  #known = signal(false);
  /** Whether one is writing here. Who listens to the page does not hear what is left out meanwhile. */
  #writing = signal(false);
  #said = computed(() => saidIn(this.chat, this.#session(), this.#reading.window.value));
  #rows = computed(() => rows(this.#said.value, dayNumber, this.#line.value?.read));
  #newer = computed(() => this.#countAfter(this.#seen.value));
  #stretches = new Stretches();

  connectedCallback() {
    this.#messages = new Messages(this.chat, () => this.#leave());
    this.setAttribute('role', 'log');
    this.setAttribute('aria-live', 'off');
    this.#last = this.chat.sending.latest.peek();
    const { session, message } = paths.place.peek();
    this.#whole.value = session === this.session && message !== null;
    this.runs(() => this.#follow());
    this.runs(() => this.#tellPlace());
    super.connectedCallback();
    this.#listen();
    this.#stays();
    writing(this.chat.drafts, this.session, this.#writing, this.gone.signal);
    this.runs(() => this.#arrive(paths.place.value));
    this.runs(() => this.#tellUnread());
    this.runs(() => this.#appear(this.#shown.value));
  }

  #listen() {
    const { signal } = this.gone;
    this.addEventListener('scroll', () => this.#scrolled(), { passive: true, signal });
    copyable(this, signal);
    this.addEventListener('keydown', () => this.#complete(), { signal });
    walkable(this, signal);
    window.addEventListener('focus', () => this.#returned(), { signal });
    document.addEventListener('visibilitychange', () => this.#returned(), { signal });
    const resized = new ResizeObserver(() => this.#resized());
    for (const part of [this, this.querySelector('.column')]) if (part) resized.observe(part);
    signal.addEventListener('abort', () => resized.disconnect());
  }

  /** What stands above the screen comes when one stays, or goes up: who passes through does not wait for it. */
  #stays() {
    const later = setTimeout(() => idle(() => this.#settle()), A_LOOK);
    this.gone.signal.addEventListener('abort', () => clearTimeout(later));
  }

  /** Before one walks through it. */
  #complete() {
    if (this.#whole.peek()) return;
    this.#whole.value = true;
    this.#stick();
  }

  /** Where all that is at hand does not fill the screen, what is older comes without that one scrolls. */
  #settle() {
    this.#scrolled();
    this.#whole.value = true;
    this.#scrolled();
    idle(() => (this.#known.value = true));
  }

  /** What is only readied takes no keyboard. @param {boolean} shown */
  #appear(shown) {
    this.tabIndex = shown ? 0 : -1;
    if (shown) untracked(() => this.#look());
  }

  #session() {
    return this.#now.value;
  }

  /** The session went on. */
  #follow() {
    const session = this.#session();
    const said = this.chat.sending.latest.value;
    if (!session) return;
    const before = this.#reading.window.peek();
    if (!before && this.#leadsAway(session)) return void (this.#seen.value = this.#readOf(session));
    const atEnd = this.#atEnd.peek();
    this.#reading.window.value = before ? windows.follow(before, session, atEnd) : windows.newest(session);
    if (atEnd && !this.#reading.goesOn('after')) this.#seen.value = session.head;
    untracked(() => this.#draw(before === null, session));
    if (said !== this.#last && this.#shown.peek()) untracked(() => this.toEnd());
    this.#last = said;
    untracked(() => this.#look());
  }

  /**
   * The line above what is new: drawn when one comes, and when something comes that nobody looks at, which it counts.
   * @param {boolean} first @param {Session} session
   */
  #draw(first, session) {
    const [read, count] = [this.#readOf(session), session.unread];
    const line = this.#line.peek();
    if (count === 0 || (line && line.read === read && line.count === count)) return;
    if (first || !this.#looking()) this.#line.value = { read, count };
  }

  /** Up to where it was read. @param {Session} session */
  #readOf(session) {
    const me = this.chat.state.peek()?.me.id ?? '';
    return Math.max(session.marks.get(me)?.read ?? 0, session.looked);
  }

  /** Whether somebody sees the end of the conversation now. */
  #looking() {
    return (
      this.#shown.peek() &&
      this.#atEnd.peek() &&
      !this.#reading.goesOn('after') &&
      document.visibilityState === 'visible' &&
      document.hasFocus()
    );
  }

  /** One looks at the page again. */
  #returned() {
    this.#look();
    this.#tellLine();
  }

  /** What is seen was read. */
  #look() {
    const session = this.#session();
    if (session && this.#looking()) this.chat.receipts.seen(session);
  }

  /** What others said after this number, as far as it is at hand. @param {number} number */
  #countAfter(number) {
    const me = this.chat.me.value?.id;
    return this.#session()?.messages.filter((one) => one.number > number && one.sender !== me).length ?? 0;
  }

  // ------------------------------------------------------------------------------------------------------------ place

  /** Who is at the end is led there once the browser has laid out what is new, before it shows it. */
  paint() {
    const sticks = this.#atEnd.peek() && !this.#reading.goesOn('after');
    const anchor = sticks ? null : this.#firstInView(this.getBoundingClientRect().top);
    const before = anchor?.getBoundingClientRect().top ?? 0;
    const focused = focusedIn(this);
    super.paint();
    if (anchor?.isConnected)
      this.scrollBy({ top: anchor.getBoundingClientRect().top - before, behavior: 'instant' });
    if (focused && !focused.isConnected) this.focus({ preventScroll: true });
  }

  /** @param {number} top */
  #firstInView(top) {
    return [...this.querySelectorAll('article')].find((one) => one.getBoundingClientRect().bottom > top) ?? null;
  }

  /** Whether one has just scrolled up: the browser tells that only with its next picture. */
  #leaves() {
    return this.#isUp() && this.scrollHeight - this.scrollTop - this.clientHeight >= AT_END;
  }

  /** Whether it stands further up than it stood, and not because it has become higher or lower. */
  #isUp() {
    return this.scrollTop < this.#stood.top && this.clientHeight === this.#stood.height;
  }

  /** Who is not at the end needs all that is at hand, in the same picture: what one looks at may be the first row. */
  #leave() {
    batch(() => {
      this.#whole.value = true;
      this.#atEnd.value = false;
    });
  }

  #stands() {
    this.#stood = { top: this.scrollTop, height: this.clientHeight };
  }

  #resized() {
    if (isHigher(this.clientHeight)) this.#whole.value = true;
    if (!this.#leaves()) this.#stick();
    this.#tellLine();
  }

  #stick() {
    if (!this.#atEnd.peek()) return;
    this.scrollTop = this.scrollHeight;
    this.#stands();
  }

  /** To the latest message. */
  toEnd() {
    const session = this.#session();
    if (!session) return;
    const there = this.#atEnd.peek() && !this.#reading.goesOn('after');
    this.#reading.toEnd(session);
    this.#seen.value = session.head;
    this.#atEnd.value = true;
    if (there) this.#stood = NOWHERE;
    else this.#stick();
    this.#look();
    if (paths.place.peek().message !== null) paths.go('/', { session: this.session }, 'replace');
  }

  /** Where one is not at the end, one can go there. */
  #tellPlace() {
    if (!this.#shown.value) return undefined;
    const away = !this.#atEnd.value || this.#reading.window.value?.newer;
    return told(this.chat.latest, away ? { newer: this.#newer.value, go: () => this.toEnd() } : null);
  }

  #scrolled() {
    const below = this.scrollHeight - this.scrollTop - this.clientHeight;
    if (!this.#reading.window.peek()) return;
    const up = this.#isUp();
    this.#stands();
    if (below < AT_END && !this.#reading.goesOn('after')) this.#atEnd.value = true;
    else if (below < AT_END || up) this.#leave();
    else this.#stick();
    if (this.#atEnd.peek()) this.#seen.value = this.#session()?.head ?? 0;
    this.#look();
    this.#tellLine();
    if (!this.#whole.peek()) return;
    if (this.scrollTop < NEAR && this.#reading.wants('before')) void this.#page('before');
    else if (below < NEAR && this.#reading.wants('after')) void this.#page('after');
  }

  /** @param {Side} side */
  #page = async (side) => {
    if (await this.#reading.page(side)) this.#scrolled();
  };

  // ------------------------------------------------------------------------------------------------- going to a message

  /** Whether the address names a message that is not at hand. @param {Session} session */
  #leadsAway(session) {
    const { session: named, message } = paths.place.peek();
    return named === session.id && message !== null && !session.messages.some((one) => one.number === message);
  }

  /** The address names a message. @param {paths.Place} place */
  #arrive(place) {
    if (place === this.#arrived || place.session !== this.session || !this.#session()) return;
    this.#arrived = place;
    const { message } = place;
    if (message !== null) untracked(() => void this.#toMessage(message));
  }

  /** @param {number} number */
  async #toMessage(number) {
    const found = await this.#reading.find(number, (one) => one.number === number);
    if (found) {
      this.#messages.mark(found.key);
      return this.#show(found.key);
    }
    this.chat.toast(found === null ? conversation.notReached : conversation.noMessage);
    if (!this.#reading.window.peek()) this.toEnd();
  }

  /** To the first message that is new. @param {number} read */
  async #toUnread(read) {
    const me = this.chat.state.peek()?.me.id;
    const found = await this.#reading.find(read + 1, (one) => one.number > read && one.sender !== me);
    if (found) this.#show(found.key);
    else if (found === null) this.chat.toast(conversation.notReached);
  }

  /** A message in the middle, with the keyboard. @param {string} key */
  #show(key) {
    this.#leave();
    const article = /** @type {HTMLElement | null} */ (this.querySelector(`[data-key="${CSS.escape(key)}"]`));
    if (!article) return;
    const { top, height } = article.getBoundingClientRect();
    const room = Math.max(0, this.clientHeight - height) / 2;
    this.scrollBy({ top: top - this.getBoundingClientRect().top - room, behavior: 'instant' });
    article.focus({ preventScroll: true });
    this.#scrolled();
  }

  /** Whether the line stands further up than one sees, or further than the messages at hand. */
  #tellLine() {
    const line = this.#line.peek();
    if (line === null) return void (this.#lineAbove.value = false);
    const drawn = this.querySelector('.unread-line')?.getBoundingClientRect();
    const { top, bottom } = this.getBoundingClientRect();
    if (this.#shown.peek() && drawn && drawn.bottom > top && drawn.top < bottom) this.#visited = line;
    const first = this.#reading.window.peek()?.messages[0]?.number ?? 0;
    const above = drawn ? drawn.bottom <= top : !this.#whole.peek() || first > line.read + 1;
    this.#lineAbove.value = above && line !== this.#visited;
  }

  #tellUnread() {
    if (!this.#shown.value) return undefined;
    const line = this.#line.value;
    const away = line !== null && this.#lineAbove.value;
    return told(this.chat.firstUnread, away ? { newer: line.count, go: () => void this.#toUnread(line.read) } : null);
  }

  // --------------------------------------------------------------------------------------------------------- template

  template() {
    const session = this.#session();
    if (!session) return nothing;
    this.setAttribute('aria-label', conversation.label(session.name));
    const window = this.#reading.window.value;
    const list = this.#whole.value ? this.#rows.value : screenful(this.#rows.value);
    const stretches = this.#stretches.of(list);
    const leaves = this.#writing.value && this.#known.value && this.#atEnd.value;
    const far = leaves ? stretches.length - NEAREST : 0;
    const empty = window !== null && list.length === 0;
    return html`<div class="column hued" data-hue=${hueOf(session.name)}>
      ${!window || window.older ? edgeOf(this.#reading, 'before', this.#page) : nothing}
      ${empty && !session.closed ? html`<p class="begin">${conversation.begin(session.name)}</p>` : nothing}
      ${repeat(stretches, keyOf, ({ rows }, i) => this.#stretch(session, rows, i < far))}
      ${window?.newer ? edgeOf(this.#reading, 'after', this.#page) : nothing}
    </div>`;
  }

  /** @param {Session} session @param {Row[]} rows @param {boolean} far */
  #stretch(session, rows, far) {
    const seen = [...this.#messages.around(session), this.#line.value?.count, ...rows];
    const shown = () => repeat(rows, keyOf, (row) => this.#row(session, row));
    return html`<div class="stretch" ?data-far=${far}>${guard(seen, shown)}</div>`;
  }

  /** @param {Session} session @param {Row} row */
  #row(session, row) {
    if (row.kind === 'message') return this.#messages.row(session, row);
    if (row.kind === 'day')
      return html`<h2 class="day"><bdi>${dayName(row.at, this.chat.today.value)}</bdi></h2>`;
    return html`<h2 class="unread-line"><span>${conversation.unread(this.#line.value?.count ?? 0)}</span></h2>`;
  }
}

customElements.define('parlour-timeline', Timeline);
