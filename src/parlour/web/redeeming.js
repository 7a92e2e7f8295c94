// @ts-check
// Using the link with which the page was opened.
//
// 1. Nothing is begun unasked: whoever has opened a link is asked once, when everything is there.
// 2. A link that does not work is told in one sentence, and why is not known. What may work later is asked again.

import { forget, opened } from './opened.js';
import { links, reason } from './words.js';

/** @typedef {import('./chat.js').Chat} Chat */

export class Redeeming {
  /** @type {Chat} */ #chat;
  #asking = '';

  /** @param {Chat} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  /** Reads what it depends on: to be run whenever that changes. */
  look() {
    const secret = opened.value;
    if (secret === '' || secret === this.#asking || !this.#chat.live.value || !this.#chat.state.value) return;
    this.#asking = secret;
    queueMicrotask(() => void this.#ask(secret, links.questionText));
  }

  /** @param {string} secret @param {string} text @returns {Promise<void>} */
  async #ask(secret, text) {
    const question = { heading: links.question, text, yes: links.start, no: links.notNow };
    if (!(await this.#chat.sure.ask(question))) return this.#done(secret);
    const { done, error } = await this.#chat.connection.ask({ type: 'Redeem', Link: secret });
    if (done) this.#chat.inviting.enter(done);
    else if (error.Code === 'self') void this.#chat.sure.tell(links.ownHeading, links.own, links.understood);
    else if (isOver(error.Code)) void this.#chat.sure.tell(links.failedHeading, links.gone, links.understood);
    else return this.#ask(secret, reason(error, Date.now()));
    return this.#done(secret);
  }

  /** Another one may have been opened meanwhile. @param {string} secret */
  #done(secret) {
    if (opened.peek() === secret) forget();
    this.#asking = '';
  }
}

/** What is no secret at all is over as well. @param {string} code */
const isOver = (code) => code === 'gone' || code === 'malformed';
