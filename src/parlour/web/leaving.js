// @ts-check
// How a login ends here: by logging out, with the account, or because the server knows it no more.
//
// 1. What would be lost is asked about before, in the page's own words; whoever has lost nothing is not asked.
// 2. Nothing of who has left on purpose stays on this device. Where a login ended by itself, what was written and not
//    sent stays.

import * as api from './api.js';
import { isBlank } from './blank.js';
import * as opened from './opened.js';
import { unsent as isUnsent } from './outbox.js';
import * as paths from './paths.js';
import * as whose from './whose.js';
import { connection, leaving as words, list } from './words.js';

/** @typedef {import('./chat.js').Chat} Chat */

/** Whether one has written something that says anything. @param {import('./drafts.js').Drafts} drafts */
const hasDrafts = ({ all }) => [...all.value.values()].some((text) => !isBlank(text));

export class Leaving {
  /** @type {Chat} */ #chat;
  /** What is said of it where one comes to. @type {string | null} */ #notice = null;

  /** @param {Chat} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  /** Log out. @returns {Promise<void>} */
  async logOut() {
    if (!(await this.#sure())) return;
    const { status } = await this.#end('out', api.logout, (status) => status !== 0);
    if (status === 0) this.#chat.toast(connection.logoutFailed);
  }

  /** Whether what is not sent may go. */
  async #sure() {
    const { sending, drafts, sure } = this.#chat;
    const text = () => (isUnsent(sending.outbox.value) ? words.unsent : hasDrafts(drafts) ? words.drafts : '');
    return text() === '' || sure.ask({ heading: words.heading, text, yes: list.logout, no: words.no, danger: true });
  }

  /** Delete the account. @param {string} password */
  deleteAccount(password) {
    return this.#end('deleted', () => api.deleteAccount(password), (status) => status === 200);
  }

  /**
   * End this login. The server ends its socket too, and that may be heard before the answer.
   * @template T @param {string} notice @param {() => Promise<api.Answer<T>>} call
   * @param {(status: number) => boolean} ended
   */
  async #end(notice, call, ended) {
    this.#notice = notice;
    const answer = await call();
    this.#notice = ended(answer.status) ? notice : null;
    if (this.#notice === null) return answer;
    await this.#forget();
    this.#go(notice);
    return answer;
  }

  async #forget() {
    const { drafts, dismissed, inviting, noticing, last, sending } = this.#chat;
    for (const part of [drafts, dismissed, inviting.digest, noticing, opened]) part.forget();
    await last.forget();
    await sending.forget();
  }

  /** The server knows no login here: what was kept to be seen again goes. @param {boolean} started whether one was in */
  ended(started) {
    void this.#chat.last.forget();
    this.#go(this.#notice ?? (started ? 'ended' : null));
  }

  /** @param {string | null} notice */
  #go(notice) {
    paths.inside(false);
    whose.leave();
    const { path, session, message } = paths.place.peek();
    const back = message !== null && (notice === null || notice === 'ended') ? { session, message } : {};
    if (paths.isChat(path)) paths.go('/login', { notice, ...back }, 'replace');
  }
}
