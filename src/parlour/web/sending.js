// @ts-check
// Sending: a text's way from the field through the outbox to the server.
//
// 1. A text is never lost: it is in its field, in the outbox, or back in the field with a word about why.
// 2. It is on the device before it is sent for the first time; outbox.js decides when it leaves.
// 3. A tab sends what was written in it, and what a tab that has gone has left behind. All tabs show all of it.

import { batch, signal } from './vendor/signals/signals-core.js';
import { Kept } from './kept.js';
import { nonce } from './nonce.js';
import * as outbox from './outbox.js';
import { Tab } from './tabs.js';
import { message as words, notSent, reason } from './words.js';

/** @typedef {import('./chat.js').Chat} Chat */
/** @typedef {outbox.Pending} Pending */

export class Sending {
  outbox = signal(/** @type {outbox.Outbox} */ ([]));
  /** Why a session's last message came back. */ refusals = signal(
    /** @type {ReadonlyMap<string, string>} */ (new Map()),
  );
  /** The id of what was written here last. */ latest = signal('');
  /** @type {Chat} */ #chat;
  /** @type {Kept | null} */ #kept = null;
  /** @type {Tab | null} */ #tab = null;
  /** Ids of what has left: what is read from the device may be older. @type {Set<string>} */ #gone = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #alarm;

  /** @param {Chat} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  /** Whose messages these are is known. @param {string} user */
  open(user) {
    this.#kept = new Kept(user);
    const tab = new Tab(user, () => void this.#look());
    this.#tab = tab;
    void tab.ready.then(() => this.#look(true));
  }

  stop() {
    clearTimeout(this.#alarm);
    this.#tab?.leave();
  }

  /** Nothing of a person who has logged out stays here. */
  async forget() {
    this.outbox.value = [];
    await this.#kept?.forget();
    this.#tab?.tell();
  }

  /** Whether something is not stored yet. */
  unsent() {
    return outbox.unsent(this.outbox.peek());
  }

  /** Whether something would be lost with the page. */
  atRisk() {
    return outbox.atRisk(this.outbox.peek());
  }

  /** The connection is gone. */
  lost() {
    this.outbox.value = outbox.lost(this.outbox.peek());
  }

  // ------------------------------------------------------------------------------------------------ what has arrived

  /**
   * A message stands in its session.
   * @param {string} session @param {{Sender?: string, Nonce?: string | null}} message
   */
  arrived(session, message) {
    if (message.Nonce && message.Sender === this.#chat.state.peek()?.me.id)
      this.#become(outbox.delivered(this.outbox.peek(), session, message.Nonce));
  }

  /** The sessions were taken anew. */
  settle() {
    const state = this.#chat.state.peek();
    if (!state) return;
    /** @param {Pending} one */
    const stands = (one) =>
      state.sessions.get(one.session)?.messages.some((it) => it.nonce === one.nonce && it.sender === state.me.id) ??
      false;
    this.#become(outbox.settled(this.outbox.peek(), stands, (session) => state.sessions.get(session)?.head ?? 0));
  }

  /** What leaves the outbox leaves the device. @param {outbox.Outbox} next */
  #become(next) {
    const before = this.outbox.peek();
    if (next === before) return;
    this.outbox.value = next;
    const left = new Set(next.map((one) => one.id));
    const leaving = before.filter((one) => !left.has(one.id));
    for (const one of leaving) this.#gone.add(one.id);
    const gone = leaving.filter((one) => one.tab === this.#tab?.name).map((one) => one.id);
    if (gone.length > 0) void this.#kept?.remove(gone).then(() => this.#tab?.tell());
  }

  // ------------------------------------------------------------------------------------------- the device, other tabs

  /** What is on the device: at the beginning, and whenever another tab has changed it. @param {boolean} [first] */
  async #look(first = false) {
    const found = await this.#kept?.all();
    const tab = this.#tab;
    if (!found || !tab) return;
    const device = found.filter((one) => !this.#gone.has(one.id));
    const over = found.filter((one) => one.tab === tab.name && this.#gone.has(one.id));
    if (over.length > 0) void this.#kept?.remove(over.map((one) => one.id));
    this.outbox.value = outbox.merged(this.outbox.peek(), device, tab.name);
    this.settle();
    const others = new Set(device.map((one) => one.tab).filter((name) => name !== tab.name));
    if (first || tab.knows) for (const other of others) void tab.after(other, () => this.#adopt(other));
    this.sendDue();
  }

  /** A tab has gone: what it has left behind is sent from here. @param {string} other */
  async #adopt(other) {
    await this.#kept?.adopt(other, this.#tab?.name ?? '');
    this.#tab?.tell();
    await this.#look();
  }

  /** On the device first. @param {Pending} message @param {'put' | 'change'} how */
  async #keep(message, how) {
    await this.#tab?.ready;
    const kept = (await this.#kept?.[how](message)) ?? false;
    this.outbox.value = outbox.changed(this.outbox.peek(), message.id, { state: 'waiting', kept });
    this.#tab?.tell();
    this.sendDue();
  }

  // -------------------------------------------------------------------------------------------------------- commands

  /** Say something in the open session. @param {string} text @returns {boolean} whether it is on its way */
  send(text) {
    const session = this.#chat.open.peek();
    if (session === null || !this.#tab) return false;
    const key = nonce();
    const at = outbox.moment(this.outbox.peek(), Date.now());
    const tab = this.#tab.name;
    /** @type {Pending} */
    const message = { id: key, nonce: key, session, text, at, state: 'writing', tab, kept: false };
    batch(() => {
      this.#refuse(session, '');
      this.outbox.value = [...this.outbox.peek(), message];
      this.latest.value = key;
    });
    void this.#keep(message, 'put');
    return true;
  }

  /**
   * A failed message, once more: in its place, with another nonce where the server knows the old one.
   * @param {string} id
   */
  again(id) {
    const found = this.#failed(id);
    if (!found || !this.#tab) return;
    const fresh = found.refusal?.Code === 'nonce_reused' ? nonce() : found.nonce;
    const { refusal: _, ...rest } = found;
    const message = /** @type {Pending} */ ({ ...rest, nonce: fresh, tab: this.#tab.name, state: 'writing' });
    this.outbox.value = this.outbox.peek().map((one) => (one.id === id ? message : one));
    void this.#keep(message, 'change');
  }

  /** A failed message is given up. @param {string} id */
  async discard(id) {
    if (!this.#failed(id)) return;
    this.#gone.add(id);
    this.outbox.value = this.outbox.peek().filter((one) => one.id !== id);
    await this.#kept?.remove([id]);
    this.#tab?.tell();
    this.sendDue();
  }

  /** @param {string} id */
  #failed(id) {
    return this.outbox.peek().find((one) => one.id === id && one.state === 'failed');
  }

  // ----------------------------------------------------------------------------------------------------- to the server

  sendDue() {
    clearTimeout(this.#alarm);
    const tab = this.#tab?.name;
    if (tab === undefined || !this.#chat.live.peek()) return;
    const now = Date.now();
    for (const message of outbox.due(this.outbox.peek(), tab, now)) void this.#deliver(message);
    const next = outbox.nextDue(this.outbox.peek(), tab, now);
    if (next !== null) this.#alarm = setTimeout(() => this.sendDue(), next - now);
  }

  /** @param {Pending} message */
  async #deliver(message) {
    this.outbox.value = outbox.changed(this.outbox.peek(), message.id, { state: 'sent' });
    const body = { data: message.text, TimeStamp: new Date(message.at).toISOString() };
    const { done, error } = await this.#chat.connection.ask({
      type: 'Message',
      SessionID: message.session,
      Nonce: message.nonce,
      Message: body,
    });
    if (error) this.#refused(message, error);
    else this.#stored(message, Number(done['MessageID']));
    this.sendDue();
  }

  /**
   * It has a number: should its delivery be overtaken by a fresh snapshot, that says enough.
   * @param {Pending} message @param {number} number
   */
  #stored({ id }, number) {
    this.outbox.value = outbox.changed(this.outbox.peek(), id, { state: 'stored', number });
  }

  /** @param {Pending} message @param {outbox.Refusal} error */
  #refused(message, error) {
    if (error.Code === 'lost') return;
    const fate = outbox.fate(error.Code);
    if (fate === 'later') this.outbox.value = outbox.postponed(this.outbox.peek(), message.id, error, Date.now());
    else if (fate === 'back') this.#handBack(message.id, error);
    else this.#fail(message, error);
  }

  /** It stays as failed, on the device too. @param {Pending} message @param {outbox.Refusal} refusal */
  #fail(message, refusal) {
    if (!this.outbox.peek().some((one) => one.id === message.id && one.state === 'sent')) return;
    const { Code, Reason = '' } = refusal;
    const failed = /** @type {Pending} */ ({ ...message, state: 'failed', refusal: { Code, Reason } });
    this.outbox.value = outbox.changed(this.outbox.peek(), message.id, failed);
    this.#chat.announce(words.failedTold(reason(failed.refusal ?? refusal, Date.now())));
    void this.#kept?.change(failed).then(() => this.#tab?.tell());
  }

  /** @param {string} id @param {outbox.Refusal} error */
  #handBack(id, error) {
    const back = outbox.refused(this.outbox.peek(), id);
    if (!back) return;
    batch(() => {
      this.#chat.drafts.giveBack(back.session, back.text);
      this.#refuse(back.session, notSent(error, Date.now()));
      this.#become(back.outbox);
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
