// @ts-check
// Sending: a text's way from the field through the outbox to the server.
//
// 1. A text is never lost: it is in its field, in the outbox, or back in the field with a word about why.
// 2. outbox.js decides what may leave; here it is sent, and its answer heard.

import { batch, signal } from './vendor/signals/signals-core.js';
import { nonce } from './nonce.js';
import * as outbox from './outbox.js';
import { notSent } from './words.js';

/** @typedef {import('./chat.js').Chat} Chat */

export class Sending {
  outbox = signal(/** @type {outbox.Outbox} */ ([]));
  /** Why a session's last message came back. */ refusals = signal(
    /** @type {ReadonlyMap<string, string>} */ (new Map()),
  );
  /** @type {Chat} */ #chat;

  /** @param {Chat} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  /** Whether something would be lost with the page. */
  unsent() {
    return outbox.unsent(this.outbox.peek());
  }

  /** The connection is gone. */
  lost() {
    this.outbox.value = outbox.lost(this.outbox.peek());
  }

  /**
   * A message stands in its session.
   * @param {string} session @param {{Sender?: string, Nonce?: string | null}} message
   */
  arrived(session, message) {
    if (message.Nonce && message.Sender === this.#chat.state.peek()?.me.id) {
      this.outbox.value = outbox.delivered(this.outbox.peek(), session, message.Nonce);
    }
  }

  /** Say something in the open session. @param {string} text @returns {boolean} whether it is on its way */
  send(text) {
    const session = this.#chat.open.peek();
    if (session === null || !this.#chat.live.peek()) return false;
    const message = /** @type {outbox.Pending} */ ({ nonce: nonce(), session, text, at: Date.now(), state: 'waiting' });
    this.#refuse(session, '');
    this.outbox.value = [...this.outbox.peek(), message];
    this.sendDue();
    return true;
  }

  sendDue() {
    if (!this.#chat.live.peek()) return;
    for (const message of outbox.due(this.outbox.peek())) void this.#deliver(message);
  }

  /** @param {outbox.Pending} message */
  async #deliver(message) {
    this.outbox.value = outbox.marked(this.outbox.peek(), message.nonce, 'sent');
    const body = { data: message.text, TimeStamp: new Date(message.at).toISOString() };
    const { error } = await this.#chat.connection.ask({
      type: 'Message',
      SessionID: message.session,
      Nonce: message.nonce,
      Message: body,
    });
    if (!error) this.outbox.value = outbox.marked(this.outbox.peek(), message.nonce, 'stored');
    else if (error.Code === 'unavailable') return this.#sendLater(message.nonce, error);
    else if (error.Code !== 'lost') this.#handBack(message.nonce, error);
    this.sendDue();
  }

  /**
   * The server cannot store now, or stops: the message stays, and leaves again in a moment or on the next connection.
   * @param {string} key @param {import('./connection.js').Refusal} error
   */
  #sendLater(key, error) {
    const again = () => {
      this.outbox.value = outbox.marked(this.outbox.peek(), key, 'waiting');
      this.sendDue();
    };
    setTimeout(again, (error.RetryAfter ?? 1) * 1000);
  }

  /** @param {string} key @param {import('./connection.js').Refusal} error */
  #handBack(key, error) {
    const back = outbox.refused(this.outbox.peek(), key);
    if (!back) return;
    batch(() => {
      this.outbox.value = back.outbox;
      this.#chat.drafts.giveBack(back.session, back.text);
      this.#refuse(back.session, notSent(error, Date.now()));
    });
  }

  /** @param {string} session @param {string} words */
  #refuse(session, words) {
    const refusals = new Map(this.refusals.peek());
    if (words) refusals.set(session, words);
    else refusals.delete(session);
    this.refusals.value = refusals;
  }
}
