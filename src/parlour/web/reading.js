// @ts-check
// Where one reads in a session: which of its messages are at hand, and the pages that come from the server.
//
// 1. A page that comes too late, for a place that one has left, is put away.
// 2. Nothing moves before it is there: what was shown stays until then.
// 3. That one waits is told only when it takes long enough to be noticed.

import * as api from './api.js';
import { inOrder } from './state.js';
import { signal } from './vendor/signals/signals-core.js';
import * as windows from './window.js';

/** @typedef {import('./state.js').Session} Session */
/** @typedef {import('./state.js').Stored} Stored */
/** @typedef {'before' | 'after'} Side */

const NOTICED = 300;
/** How many stand before the one that is looked for. */
const LEAD = 40;

export class Reading {
  window = signal(/** @type {windows.Window | null} */ (null));
  /** The side on which no page could be loaded. */ failed = signal(/** @type {Side | null} */ (null));
  /** The side on which one waits for a page. */ slow = signal(/** @type {Side | null} */ (null));
  #session;
  #paging = false;

  /** @param {() => Session | null} session */
  constructor(session) {
    this.#session = session;
  }

  /** To the end of the session. @param {Session} session */
  toEnd(session) {
    if (this.window.peek()?.newer ?? true) this.window.value = windows.newest(session);
  }

  /** Whether there is more on this side. @param {Side} side */
  goesOn(side) {
    const window = this.window.peek();
    return window !== null && (side === 'before' ? window.older : window.newer);
  }

  /** Whether scrolling brings the next page on this side; where one failed, one asks for it. @param {Side} side */
  wants(side) {
    return this.goesOn(side) && this.failed.peek() !== side;
  }

  /** The next page on one side. @param {Side} side @returns {Promise<boolean>} whether it came */
  async page(side) {
    const edge = this.#edge(side);
    if (!edge || this.#paging) return false;
    this.#paging = true;
    const body = await this.#load(side, edge.number);
    this.#paging = false;
    this.failed.value = body === null ? side : null;
    const [now, session] = [this.window.peek(), this.#session()];
    if (!body || !now || !session || this.#edge(side) !== edge) return false;
    const page = inOrder(body.Messages);
    this.window.value =
      side === 'before' ? windows.earlier(now, page, body.More) : windows.later(now, page, session.head);
    return true;
  }

  /** @param {Side} side */
  #edge(side) {
    const messages = this.window.peek()?.messages ?? [];
    return messages[side === 'before' ? 0 : messages.length - 1];
  }

  /**
   * A message, with what stands around it.
   * @param {number} from a number that it is not before @param {(one: Stored) => boolean} wanted
   * @returns {Promise<Stored | null | undefined>} `undefined`: there is none; `null`: nobody knows
   */
  async find(from, wanted) {
    const window = this.window.peek();
    const whole = window && (!window.older || (window.messages[0]?.number ?? Infinity) <= from);
    const here = whole ? window.messages.find(wanted) : undefined;
    if (here) return here;
    const body = await this.#load('after', Math.max(0, from - 1 - LEAD));
    const session = this.#session();
    if (!body || !session) return null;
    const page = inOrder(body.Messages);
    const found = page.find(wanted);
    if (found) this.window.value = windows.around(session, page, body.More);
    return found;
  }

  /** @param {Side} side @param {number} number */
  async #load(side, number) {
    const noticed = setTimeout(() => (this.slow.value = side), NOTICED);
    const { body } = await api.history(this.#session()?.id ?? '', side, number, windows.PAGE);
    clearTimeout(noticed);
    this.slow.value = null;
    return body;
  }
}
