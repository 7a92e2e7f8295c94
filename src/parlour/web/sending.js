// @ts-check
// Sending: a text's way from the field through the outbox to the server.
//
// 1. A text is never lost: it is in its field, in the outbox, or back in the field with a word about why.
// 2. It is on the device before it is sent for the first time; outbox.js decides when it leaves.
// 3. One tab sends for all, in the order of the device; all tabs show all of it (tabs.js). Before it sends it has read
//    what lies there.

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
  /** Whether this tab sends for all, and has read what lies there. */ #sends = false;
  /** Ids of what has left: what is read from the device may be older. @type {Set<string>} */ #gone = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #alarm;
  #end = new AbortController();

  /** @param {Chat} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  /** Whose messages these are is known. @param {string} user */
  open(user) {
    this.#kept = new Kept(user);
    this.#tab = new Tab(user, (news) => this.#hear(news), () => void this.#turn());
    document.addEventListener('visibilitychange', () => this.#claim(), { signal: this.#end.signal });
    void this.#look();
  }

  stop() {
    clearTimeout(this.#alarm);
    this.#end.abort();
    this.#tab?.close();
  }

  /** Nothing of a person who has logged out stays here. */
  async forget() {
    this.outbox.value = [];
    await this.#kept?.forget();
    this.#tab?.tell();
  }

  /** Whether this is the tab that acts for all. */
  get first() {
    return this.#tab?.sends ?? false;
  }

  /** Whether something would be lost with the page. */
  atRisk() {
    return outbox.atRisk(this.outbox.peek());
  }

  /** The connection is there. */
  connected() {
    this.#tab?.join();
    this.#claim();
    this.sendDue();
  }

  /** The connection is gone: while another tab has one, that sends. */
  lost() {
    this.#tab?.leave();
    this.outbox.value = outbox.lost(this.outbox.peek());
  }

  /** The server has begun anew from an earlier state: what was not yet seen to be stored is sent again. */
  restored() {
    this.outbox.value = outbox.restored(this.outbox.peek());
    void this.#look();
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

  /** What leaves the outbox leaves the device, and the other tabs hear that it is stored. @param {outbox.Outbox} next */
  #become(next) {
    const before = this.outbox.peek();
    if (next === before) return;
    this.outbox.value = next;
    const leaving = before.filter((one) => !next.includes(one));
    for (const one of leaving) this.#gone.add(one.id);
    if (this.#sends) void this.#remove(leaving, { stored: leaving.map((one) => [one.id, this.#head(one.session)]) });
  }

  /** @param {string} session */
  #head(session) {
    return this.#chat.state.peek()?.sessions.get(session)?.head ?? 0;
  }

  // ------------------------------------------------------------------------------------------- the device, other tabs

  /** @param {readonly Pending[]} messages @param {import('./tabs.js').News} [news] */
  async #remove(messages, news) {
    if (news) this.#tab?.tell(news);
    await this.#kept?.remove(messages.map((one) => one.id));
    this.#tab?.tell();
  }

  /** Another tab tells something. @param {import('./tabs.js').News} news */
  #hear({ stored = [], closed }) {
    for (const [id, number] of stored)
      this.outbox.value = outbox.changed(this.outbox.peek(), id, { state: 'stored', number });
    if (stored.length > 0) this.settle();
    if (closed) this.#giveBack(...closed);
    void this.#look();
  }

  async #look() {
    this.#merge((await this.#kept?.all()) ?? null);
  }

  /** What is on the device. @param {Pending[] | null} found */
  #merge(found) {
    const over = found?.filter((one) => this.#gone.has(one.id)) ?? [];
    if (over.length > 0 && this.#sends) void this.#remove(over);
    if (found)
      this.outbox.value = outbox.merged(
        this.outbox.peek(),
        found.filter((one) => !over.includes(one)),
      );
    this.settle();
    this.sendDue();
  }

  /** Whether this tab sends has changed. */
  async #turn() {
    this.#sends = false;
    if (!this.#tab?.sends) return void (this.outbox.value = outbox.lost(this.outbox.peek()));
    const found = (await this.#kept?.all()) ?? null;
    this.#sends = this.#tab.sends;
    this.#merge(found);
  }

  /** One is at work in this tab: it sends. */
  #claim() {
    if (document.visibilityState === 'visible') this.#tab?.want();
  }

  /** On the device first. @param {Pending} message @param {'put' | 'change'} how */
  async #keep(message, how) {
    const device = (await this.#kept?.[how](message)) ?? null;
    batch(() => {
      this.outbox.value = outbox.changed(this.outbox.peek(), message.id, { state: 'waiting', kept: device !== null });
      this.#merge(device);
    });
    this.#tab?.tell();
  }

  // -------------------------------------------------------------------------------------------------------- commands

  /** Say something in the open session. @param {string} text @returns {boolean} whether it is on its way */
  send(text) {
    const session = this.#chat.open.peek();
    if (session === null || !this.#tab) return false;
    this.#tab.want();
    const key = nonce();
    const at = outbox.moment(this.outbox.peek(), Date.now());
    /** @type {Pending} */
    const message = { id: key, nonce: key, session, text, at, state: 'writing', kept: false };
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
    this.#tab.want();
    const fresh = found.refusal?.Code === 'nonce_reused' ? nonce() : found.nonce;
    const { refusal: _, ...rest } = found;
    const message = /** @type {Pending} */ ({ ...rest, nonce: fresh, state: 'writing', kept: false });
    this.outbox.value = this.outbox.peek().map((one) => (one.id === id ? message : one));
    void this.#keep(message, found.kept ? 'change' : 'put');
  }

  /** A failed message is given up. @param {string} id */
  async discard(id) {
    const found = this.#failed(id);
    if (!found) return;
    this.#gone.add(id);
    this.outbox.value = this.outbox.peek().filter((one) => one.id !== id);
    await this.#remove([found]);
    this.sendDue();
  }

  /** @param {string} id */
  #failed(id) {
    return this.outbox.peek().find((one) => one.id === id && one.state === 'failed');
  }

  // ----------------------------------------------------------------------------------------------------- to the server

  sendDue() {
    clearTimeout(this.#alarm);
    if (!this.#chat.live.peek()) return;
    const now = Date.now();
    for (const message of outbox.due(this.outbox.peek(), this.#sends, now)) void this.#deliver(message);
    const next = outbox.nextDue(this.outbox.peek(), now);
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

  /** What another tab sends now, that tab hears of. @param {Pending} message @param {outbox.Refusal} error */
  #refused(message, error) {
    if (!this.outbox.peek().some((one) => one.id === message.id && one.state === 'sent')) return;
    if (error.Code === 'lost') return;
    const fate = outbox.fate(error.Code);
    if (fate === 'later') this.outbox.value = outbox.postponed(this.outbox.peek(), message.id, error, Date.now());
    else if (fate === 'back') this.#handBack(message.session, error);
    else void this.#fail(message, error);
  }

  /** It stays as failed, on the device too. @param {Pending} message @param {outbox.Refusal} refusal */
  async #fail(message, refusal) {
    const { Code, Reason = '' } = refusal;
    const failed = /** @type {Pending} */ ({ ...message, state: 'failed', refusal: { Code, Reason } });
    this.outbox.value = outbox.changed(this.outbox.peek(), message.id, { ...failed, kept: false });
    this.#chat.announce(words.failedTold(reason(failed.refusal ?? refusal, Date.now())));
    const device = await this.#kept?.change(failed);
    const kept = device?.some((one) => one.id === message.id) ?? false;
    if (this.#failed(message.id)) this.outbox.value = outbox.changed(this.outbox.peek(), message.id, { kept });
    this.#tab?.tell();
  }

  /** Every tab gets it: nobody can know which of them its writer looks at. @param {string} session @param {outbox.Refusal} error */
  #handBack(session, { Code, Reason = '' }) {
    const back = this.#giveBack(session, { Code, Reason });
    void this.#remove(back, { closed: [session, { Code, Reason }] });
  }

  /** @param {string} session @param {outbox.Refusal} error */
  #giveBack(session, error) {
    const before = this.outbox.peek();
    const back = outbox.returned(before, session);
    if (!back) return [];
    batch(() => {
      this.#chat.drafts.giveBack(session, back.text);
      this.#refuse(session, notSent(error, Date.now()));
      this.outbox.value = back.outbox;
    });
    const left = before.filter((one) => !back.outbox.includes(one));
    for (const one of left) this.#gone.add(one.id);
    return left;
  }

  /** @param {string} session @param {string} words */
  #refuse(session, words) {
    const refusals = new Map(this.refusals.peek());
    if (words) refusals.set(session, words);
    else refusals.delete(session);
    this.refusals.value = refusals;
  }
}
