// @ts-check
// The chat as the page knows it: what the server told, what one is doing, and the commands.
//
// 1. Everything that is shown is a signal here or follows from one; components read signals and call commands.
// 2. Nobody is taken anywhere while busy: who asked is led into the new conversation only when idle, else told.
// 3. A text is never lost: it is in its field, in the outbox, or back in the field with a word about why.

import { batch, computed, signal } from './vendor/signals/signals-core.js';
import * as api from './api.js';
import { Connection, isLoneError } from './connection.js';
import * as drafts from './drafts.js';
import * as outbox from './outbox.js';
import { nonce } from './nonce.js';
import * as paths from './paths.js';
import * as facts from './state.js';
import { dayNumber } from './times.js';
import { ask, connection, conversation, notInvited, notSent, reason, search, toast } from './words.js';

/** @typedef {import('./state.js').Frame} Frame */
/** @typedef {import('./state.js').State} State */
/** @typedef {import('./state.js').Session} Session */
/** @typedef {import('./protocol.d.ts').Invitation} Invitation */
/** @typedef {import('./protocol.d.ts').Snapshot} Snapshot */
/** @typedef {{id: number, text: string, session: string | null}} Toast */
/** @typedef {{text: string, from: string, urgent: boolean}} Announcement */

const SETTLE = 500;
const MINUTE = 60_000;

export class Chat {
  state = signal(/** @type {State | null} */ (null));
  outbox = signal(/** @type {outbox.Outbox} */ ([]));
  open = signal(/** @type {string | null} */ (null));
  /** What stands in the search field. */ typed = signal('');
  /** What the search field's last question came to. */ found = signal('');
  drafts = signal(/** @type {ReadonlyMap<string, string>} */ (new Map()));
  /** Why a session's last message came back. */ refusals = signal(
    /** @type {ReadonlyMap<string, string>} */ (new Map()),
  );
  /** Sessions with something new since one last looked. */ unseen = signal(
    /** @type {ReadonlySet<string>} */ (new Set()),
  );
  /** Invitations to be answered later, by `keyOf`. */ later = signal(/** @type {ReadonlySet<string>} */ (new Set()));
  /** The invitation that was chosen in the list. */ chosen = signal('');
  /** Asks for the keyboard for it. */ questioned = signal(0);
  answering = signal(/** @type {string | null} */ (null));
  /** Asks for the keyboard: counts the times that the open conversation should have it. */ attention = signal(0);
  toasts = signal(/** @type {readonly Toast[]} */ ([]));
  said = signal(/** @type {readonly Announcement[]} */ ([]));
  now = signal(Date.now());
  today = computed(() => dayNumber(this.now.value));

  waiting = computed(() => facts.open(this.state.value?.invitations ?? [], this.now.value));
  asking = computed(() => facts.open(this.state.value?.asking ?? [], this.now.value));
  sessions = computed(() => (this.state.value ? facts.byActivity(this.state.value) : []));
  session = computed(() => this.state.value?.sessions.get(this.open.value ?? '') ?? null);
  live = computed(() => this.connection.link.value.phase === 'live');

  connection = new Connection({
    loaded: (snapshot, sessions) => this.#loaded(snapshot, sessions),
    heard: (frames) => batch(() => frames.forEach((frame) => this.#heard(frame))),
    positions: () => facts.positions(/** @type {State} */ (this.state.peek())),
    lost: () => (this.outbox.value = outbox.lost(this.outbox.peek())),
    login: () => this.#leave(this.#leaving ? 'out' : this.#started ? 'ended' : null),
  });

  #started = false;
  #gone = new AbortController();
  #leaving = false;
  #toasts = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #clock;

  start() {
    this.#clock = setInterval(() => (this.now.value = Date.now()), MINUTE);
    this.open.value = paths.place.peek().session;
    const ask = (/** @type {Event} */ event) => outbox.unsent(this.outbox.peek()) && event.preventDefault();
    addEventListener('beforeunload', ask, { signal: this.#gone.signal });
    this.connection.start();
  }

  stop() {
    clearInterval(this.#clock);
    this.#gone.abort();
    this.connection.stop();
  }

  /** Log out. The server ends this login's socket, so that may be heard before the answer. @returns {Promise<void>} */
  async logOut() {
    this.#leaving = true;
    const { status } = await api.logout();
    this.#leaving = status !== 0;
    if (status === 0) this.toast(connection.logoutFailed);
    else this.#forget();
  }

  /** Nothing of somebody who has logged out stays here. */
  #forget() {
    drafts.keep(this.state.peek()?.me.id ?? '', new Map());
    this.#leave('out');
  }

  /** @param {string | null} notice */
  #leave(notice) {
    if (paths.place.peek().path === '/') paths.go('/login', { notice }, 'replace');
  }

  // ------------------------------------------------------------------------------------------- what the server tells

  /** @param {Snapshot} snapshot @param {ReadonlySet<string> | null} sessions */
  #loaded(snapshot, sessions) {
    const before = this.state.peek();
    this.#started = true;
    batch(() => {
      if (!before) this.drafts.value = drafts.kept(snapshot.Me.UserID);
      this.state.value =
        before && sessions ? facts.repaired(before, snapshot, sessions) : facts.fromSnapshot(snapshot, before);
      for (const one of Object.entries(snapshot.Sessions)) this.#settleNonces(...one);
      if (this.open.peek() && !this.session.peek()) this.show(null, 'replace');
    });
  }

  /** What the snapshot holds already is no longer pending. @param {string} id @param {{Messages: object}} loaded */
  #settleNonces(id, loaded) {
    for (const message of Object.values(loaded.Messages)) this.#arrived(id, message);
  }

  /** @param {Frame} frame */
  #heard(frame) {
    const before = this.state.peek();
    if (!before) return;
    if (frame['type'] === 'Welcome') return this.#welcome(before, frame);
    const after = facts.apply(before, frame, Date.now());
    if (after !== before) this.state.value = after;
    if (typeof frame['type'] !== 'string') this.#delivered(before, after, frame);
    if (frame['type'] === 'Session' && after !== before) this.#begun(before, after, String(frame['SessionID']));
    if (frame['type'] === 'Resumed') this.#resumed();
    if (isLoneError(frame))
      this.toast(reason(/** @type {import('./connection.js').Refusal} */ (/** @type {unknown} */ (frame)), Date.now()));
  }

  /** Another tab may have logged in as somebody else: begin anew. @param {State} state @param {Frame} frame */
  #welcome(state, frame) {
    if (frame['UserID'] !== state.me.id) location.reload();
  }

  #resumed() {
    setTimeout(() => {
      const state = this.state.peek();
      if (state) this.state.value = facts.settled(state);
    }, SETTLE);
    queueMicrotask(() => this.#sendDue());
  }

  /** @param {State} before @param {State} after @param {Frame} frame */
  #delivered(before, after, frame) {
    for (const [id, messages] of Object.entries(frame)) {
      for (const message of Object.values(/** @type {object} */ (messages))) this.#arrived(id, message);
      const known = before.sessions.get(id)?.head ?? 0;
      const session = after.sessions.get(id);
      if (session)
        this.#tell(
          session,
          session.messages.filter((one) => one.number > known && one.sender !== after.me.id),
        );
    }
    this.#sendDue();
  }

  /** @param {Session} session @param {readonly facts.Stored[]} fresh */
  #tell(session, fresh) {
    if (fresh.length === 0) return;
    const here = session.id === this.open.peek();
    if (!here) this.unseen.value = new Set(this.unseen.peek()).add(session.id);
    for (const one of fresh) {
      const from = session.peers.find((peer) => peer.id === one.sender)?.name ?? session.name;
      this.announce(here ? conversation.said(from, one.text.slice(0, 300)) : conversation.elsewhere(from), from);
    }
  }

  /** @param {string} session @param {{Sender?: string, Nonce?: string | null}} message */
  #arrived(session, message) {
    if (message.Nonce && message.Sender === this.state.peek()?.me.id) {
      this.outbox.value = outbox.delivered(this.outbox.peek(), session, message.Nonce);
    }
  }

  /**
   * A session has begun: who asked is led there when idle, else told.
   * @param {State} before @param {State} after @param {string} id
   */
  #begun(before, after, id) {
    const session = after.sessions.get(id);
    const mine = before.asking.some((one) => session?.peers.some((peer) => peer.name === one.Username));
    if (!session || !mine) return;
    this.found.value = '';
    const idle = this.open.peek() === null && this.typed.peek().trim() === '';
    if (!idle) return this.toast(toast.accepted(session.name), id);
    this.show(id);
    this.announce(toast.accepted(session.name), session.name);
  }

  // ----------------------------------------------------------------------------------------------------- going about

  /** Open a conversation, or none. @param {string | null} id @param {'push' | 'replace'} [how] */
  show(id, how = this.open.peek() === null && id !== null ? 'push' : 'replace') {
    paths.go('/', { session: id }, how);
    this.arrive(id);
    if (id !== null) this.attention.value++;
  }

  /** The history says where one is. @param {string | null} id */
  arrive(id) {
    const known = id !== null && (this.state.peek()?.sessions.has(id) ?? true) ? id : null;
    const unseen = new Set(this.unseen.peek());
    batch(() => {
      this.open.value = known;
      if (known !== null && unseen.delete(known)) this.unseen.value = unseen;
      this.toasts.value = this.toasts.peek().filter((one) => one.session !== known);
    });
  }

  /** The next conversation in the list, or the one before. @param {1 | -1} direction */
  move(direction) {
    const ids = this.sessions.peek().map((one) => one.id);
    const at = ids.indexOf(this.open.peek() ?? '');
    const next = ids[at === -1 ? (direction === 1 ? 0 : ids.length - 1) : at + direction];
    if (next !== undefined) this.show(next);
  }

  /** Whether the other is there; while one is not connected nobody can know. @param {Session} session */
  online(session) {
    return this.live.value ? session.peers.some((peer) => this.state.value?.online.has(peer.id)) : undefined;
  }

  /** @param {string} text @param {string} [from] @param {boolean} [urgent] */
  announce(text, from = '', urgent = false) {
    this.said.value = [...this.said.peek(), { text, from, urgent }];
  }

  /** @param {string} text @param {string | null} session */
  toast(text, session = null) {
    const others = this.toasts.peek().filter((one) => one.text !== text);
    this.toasts.value = [...others.slice(-2), { id: ++this.#toasts, text, session }];
  }

  /** @param {number} id */
  dismiss(id) {
    this.toasts.value = this.toasts.peek().filter((one) => one.id !== id);
  }

  // ------------------------------------------------------------------------------------------------------ invitations

  /** Ask the person with exactly this name. @param {string} typed */
  async invite(typed) {
    const Username = typed.trim().replace(/^@/u, '');
    if (Username === '') return void (this.found.value = search.empty);
    if (!this.live.peek()) return void (this.found.value = search.offline);
    const { done, error } = await this.connection.ask({ type: 'Search', Username });
    if (error) return void (this.found.value = notInvited(error, Username, Date.now()));
    this.typed.value = '';
    if (typeof done['SessionID'] === 'string') return this.#enter(done);
    this.found.value = search.sent(String(done['Lapses']));
  }

  /** Answer an invitation. @param {Invitation} invitation @param {0 | 1} Accepted */
  async answer(invitation, Accepted) {
    if (this.answering.peek() !== null) return;
    this.answering.value = keyOf(invitation);
    const { done, error } = await this.connection.ask({
      type: 'request',
      username: invitation.UserName,
      Accepted,
      Rev: invitation.Rev,
    });
    this.answering.value = null;
    if (error) return this.#unanswered(invitation, error);
    if (typeof done['SessionID'] === 'string') this.#enter(done);
  }

  /** @param {Invitation} invitation @param {import('./connection.js').Refusal} error */
  #unanswered(invitation, error) {
    const over = error.Code === 'gone' || error.Code === 'no_invitation';
    const state = this.state.peek();
    if (over && state)
      this.state.value = { ...state, invitations: state.invitations.filter((one) => keyOf(one) !== keyOf(invitation)) };
    this.toast(over ? ask.over(invitation.UserName) : reason(error, Date.now()));
  }

  /** A session that an answer names: it is shown. @param {Frame} done */
  #enter(done) {
    const id = String(done['SessionID']);
    const state = /** @type {State} */ (this.state.peek());
    batch(() => {
      this.found.value = '';
      this.state.value = facts.begun(
        state,
        id,
        /** @type {{[id: string]: string}} */ (done['Users'] ?? {}),
        Date.now(),
      );
      this.show(id);
    });
  }

  /** @param {Invitation} invitation */
  postpone(invitation) {
    this.later.value = new Set(this.later.peek()).add(keyOf(invitation));
  }

  /** Show the question again, and go to it. @param {Invitation} invitation */
  reconsider(invitation) {
    const later = new Set(this.later.peek());
    later.delete(keyOf(invitation));
    batch(() => {
      this.later.value = later;
      this.chosen.value = keyOf(invitation);
      this.questioned.value++;
    });
  }

  // --------------------------------------------------------------------------------------------------------- messages

  /** Say something in the open session. @param {string} text @returns {boolean} whether it is on its way */
  send(text) {
    const session = this.open.peek();
    if (session === null || !this.live.peek()) return false;
    const message = /** @type {outbox.Pending} */ ({ nonce: nonce(), session, text, at: Date.now(), state: 'waiting' });
    this.#refuse(session, '');
    this.outbox.value = [...this.outbox.peek(), message];
    this.#sendDue();
    return true;
  }

  #sendDue() {
    if (!this.live.peek()) return;
    for (const message of outbox.due(this.outbox.peek())) void this.#deliver(message);
  }

  /** @param {outbox.Pending} message */
  async #deliver(message) {
    this.outbox.value = outbox.marked(this.outbox.peek(), message.nonce, 'sent');
    const body = { data: message.text, TimeStamp: new Date(message.at).toISOString() };
    const { error } = await this.connection.ask({
      type: 'Message',
      SessionID: message.session,
      Nonce: message.nonce,
      Message: body,
    });
    if (!error) this.outbox.value = outbox.marked(this.outbox.peek(), message.nonce, 'stored');
    else if (error.Code === 'unavailable') return this.#sendLater(message.nonce, error);
    else if (error.Code !== 'lost') this.#handBack(message.nonce, error);
    this.#sendDue();
  }

  /** The server cannot store now, or stops: the message stays, and leaves again in a moment or on the next connection. @param {string} key @param {import('./connection.js').Refusal} error */
  #sendLater(key, error) {
    const again = () => {
      this.outbox.value = outbox.marked(this.outbox.peek(), key, 'waiting');
      this.#sendDue();
    };
    setTimeout(again, (error.RetryAfter ?? 1) * 1000);
  }

  /** @param {string} key @param {import('./connection.js').Refusal} error */
  #handBack(key, error) {
    const back = outbox.refused(this.outbox.peek(), key);
    if (!back) return;
    batch(() => {
      this.outbox.value = back.outbox;
      this.draft(
        back.session,
        [back.text, this.drafts.peek().get(back.session) ?? ''].filter((text) => text !== '').join('\n'),
      );
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

  /** What is written in a session and not sent. @param {string} session @param {string} text */
  draft(session, text) {
    if ((this.drafts.peek().get(session) ?? '') === text) return;
    const next = new Map(this.drafts.peek());
    if (text === '') next.delete(session);
    else next.set(session, text);
    this.drafts.value = next;
    drafts.keep(this.state.peek()?.me.id ?? '', next);
  }
}

/** This very invitation. @param {Invitation} invitation */
export const keyOf = (invitation) => `${invitation.UserName} ${invitation.Rev}`;
