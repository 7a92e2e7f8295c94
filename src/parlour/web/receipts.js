// @ts-check
// What goes with messages: that they came, that they were read, that somebody types.
//
// 1. That a message is here is told always; that it was read, only of what stood before somebody's eyes.
// 2. Whether others hear of reading and typing is decided by the server from both sides' settings. Typing is not even
//    sent by who does not show it.
// 3. The line above the first unread message stays where it was when the conversation was opened.

import { computed, signal } from './vendor/signals/signals-core.js';
import { Marking } from './marks.js';
import * as facts from './state.js';
import * as typing from './typing.js';

/** @typedef {import('./chat.js').Chat} Chat */
/** @typedef {import('./state.js').Session} Session */
/** @typedef {import('./state.js').Frame} Frame */
/** @typedef {import('./marks.js').Answer} Answer */

export class Receipts {
  #typing = signal(/** @type {typing.Typing} */ (new Map()));
  #now = signal(Date.now());
  #told = new Map();
  /** @type {Chat} */ #chat;
  #marking;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #end;

  /** Who types in the open conversation. */
  typists = computed(() => {
    const session = this.#chat.session.value;
    const ids = session ? typing.typists(this.#typing.value, session.id, this.#now.value) : [];
    return session?.peers.filter((peer) => ids.includes(peer.id)).map((peer) => peer.name) ?? [];
  });

  /** @param {Chat} chat */
  constructor(chat) {
    this.#chat = chat;
    this.#marking = new Marking(
      (frame) => /** @type {Promise<Answer>} */ (chat.connection.ask(frame)),
      () => (chat.live.peek() ? chat.state.peek() : null),
    );
  }

  /** The connection is there: what could not be told before is told now. */
  resumed() {
    for (const session of this.#chat.state.peek()?.sessions.values() ?? []) this.#have(session);
    void this.#marking.go();
  }

  /** Messages of a session came. @param {Session} session @param {readonly facts.Stored[]} fresh of others */
  delivered(session, fresh) {
    if (fresh.length > 0) this.#have(session);
    for (const one of fresh) this.#typing.value = typing.ended(this.#typing.peek(), session.id, one.sender);
  }

  /** @param {Session} session */
  #have(session) {
    if (session.unread > 0) this.#marking.want('Delivered', session.id, session.head);
  }

  /** What stands in the session up to here was seen. @param {Session} session */
  seen(session) {
    const state = this.#chat.state.peek();
    if (!state || session.unread === 0 || document.visibilityState !== 'visible' || !document.hasFocus()) return;
    this.#marking.want('Read', session.id, session.head);
    this.#chat.state.value = facts.looked(state, session.id);
  }

  /** Somebody types. @param {Frame} frame */
  heard(frame) {
    const now = Date.now();
    this.#now.value = now;
    this.#typing.value = typing.began(this.#typing.peek(), String(frame['SessionID']), String(frame['UserID']), now);
    this.#wait();
  }

  /** Look again when somebody's typing is over. */
  #wait() {
    clearTimeout(this.#end);
    const next = typing.nextEnd(this.#typing.peek(), this.#now.peek());
    if (next === null) return;
    this.#end = setTimeout(() => {
      this.#now.value = Date.now();
      this.#wait();
    }, next - this.#now.peek());
  }

  /** One's own hand is at work in the open conversation. */
  type() {
    const session = this.#chat.session.peek();
    const state = this.#chat.state.peek();
    if (!session || !state || !this.#chat.live.peek() || !facts.shown(state, session, 'Typing')) return;
    const now = Date.now();
    if (now - (this.#told.get(session.id) ?? 0) < typing.EVERY) return;
    this.#told.set(session.id, now);
    void this.#chat.connection.ask({ type: 'Typing', SessionID: session.id });
  }

  /** What was typed is sent: the next key tells anew. @param {string} session */
  sent(session) {
    this.#told.delete(session);
  }

  /** Whether the one question about receipts and typing waits for its answer. */
  question = computed(() => {
    const state = this.#chat.state.value;
    const talked = this.#chat.session.value?.messages.length;
    return !!state && !!talked && state.settings.Receipts === undefined && state.settings.Typing === undefined;
  });

  /** The answer: both, or neither. @param {boolean} on */
  async answer(on) {
    const { error } = await this.#chat.connection.ask({ type: 'Settings', Receipts: on, Typing: on });
    return error;
  }
}
