// @ts-check
// The chat as the page knows it: what the server told, where one is, and the parts that one acts through.
//
// 1. Everything that is shown is a signal here or in a part, or follows from one; components read signals and call
//    commands.
// 2. A subject with commands of its own is a part in a file of its own (drafts, inviting, sending). Frames come in here,
//    and what a part must hear of them it is told from here.

import { batch, computed, effect, signal } from './vendor/signals/signals-core.js';
import { Choices } from './choices.js';
import { Connection, isLoneError } from './connection.js';
import * as consent from './consent.js';
import { Dismissed } from './dismissed.js';
import { Drafts } from './drafts.js';
import { suggest } from './install.js';
import { Inviting } from './inviting.js';
import { Last } from './last.js';
import { Leaving } from './leaving.js';
import { Links } from './links.js';
import { plain } from './markdown.js';
import { Noticing } from './noticing.js';
import { Parting } from './parting.js';
import * as paths from './paths.js';
import { Receipts } from './receipts.js';
import { Redeeming } from './redeeming.js';
import { Sending } from './sending.js';
import * as facts from './state.js';
import { Sure } from './sure.js';
import { dayNumber } from './times.js';
import { connection, conversation, reason } from './words.js';
import * as whose from './whose.js';

/** @typedef {import('./state.js').Frame} Frame */
/** @typedef {import('./state.js').State} State */
/** @typedef {import('./state.js').Session} Session */
/** @typedef {import('./protocol.d.ts').Snapshot} Snapshot */
/** @typedef {{text: string, label: string, press: () => void}} Act */
/**
 * Small news: where it leads, whom it is about, what one can do.
 * @typedef {{id: number, text: string, session: string | null, about: string, act: Act | null}} Toast
 */
/**
 * `kind`: a message, of which many are told as a count; what is urgent, at once.
 * @typedef {{text: string, from: string, kind: 'message' | 'urgent' | 'news'}} Announcement
 */
/** @typedef {{newer: number, go: () => void}} Latest `newer`: how much is new there */

const SETTLE = 500;
/** A server that has not answered by then: what was known last is shown meanwhile. */
const SLOW = 1000;
const MINUTE = 60_000;

export class Chat {
  state = signal(/** @type {State | null} */ (null));
  open = signal(/** @type {string | null} */ (null));
  /** The one whose row is being pressed: it is made ready. */ readied = signal(/** @type {string | null} */ (null));
  /** Asks for the keyboard: counts the times that the open conversation should have it. */ attention = signal(0);
  /** The way to the latest message, where one is not there. */ latest = signal(/** @type {Latest | null} */ (null));
  /** The way up to what is new, while that is out of sight. */ firstUnread = signal(/** @type {Latest | null} */ (null));
  toasts = signal(/** @type {readonly Toast[]} */ ([]));
  said = signal(/** @type {readonly Announcement[]} */ ([]));
  /** Whether the sheet of shortcuts is shown. */ sheet = signal(false);
  now = signal(Date.now());
  today = computed(() => dayNumber(this.now.value));

  me = computed(() => this.state.value?.me ?? null);
  /** All who wait for my answer; those who alert me; those who are held. */
  invitations = computed(() => consent.open(this.state.value?.invitations ?? [], this.now.value));
  waiting = computed(() => this.invitations.value.filter((one) => !one.Quiet));
  held = computed(() => this.invitations.value.filter((one) => one.Quiet));
  asking = computed(() => (this.state.value ? consent.askings(this.state.value, this.now.value) : []));
  blocks = computed(() => this.state.value?.blocks ?? []);
  links = computed(() => consent.open(this.state.value?.links ?? [], this.now.value));
  #sessions = computed(() => (this.state.value ? facts.byActivity(this.state.value) : []));
  /** Those in sight, and those that are hidden. */
  sessions = computed(() => this.#sessions.value.filter((one) => !facts.isHidden(one)));
  hidden = computed(() => this.#sessions.value.filter(facts.isHidden));
  /** How many conversations hold something unread that one wants to hear of. */
  unread = computed(() => this.sessions.value.filter((one) => one.unread > 0 && !one.settings.Muted).length);
  session = computed(() => this.state.value?.sessions.get(this.open.value ?? '') ?? null);
  live = computed(() => this.connection.link.value.phase === 'live');

  connection = new Connection({
    loaded: (snapshot, sessions) => this.#loaded(snapshot, sessions),
    heard: (frames) => batch(() => frames.forEach((frame) => this.#heard(frame))),
    positions: () => facts.positions(/** @type {State} */ (this.state.peek())),
    lost: () => this.sending.lost(),
    login: () => this.leaving.ended(this.#started),
  });

  drafts = new Drafts();
  dismissed = new Dismissed();
  last = new Last();
  sure = new Sure();
  inviting = new Inviting(this);
  parting = new Parting(this);
  leaving = new Leaving(this);
  ownLinks = new Links(this);
  redeeming = new Redeeming(this);
  sending = new Sending(this);
  receipts = new Receipts(this);
  noticing = new Noticing(this);
  choices = new Choices((frame) => this.connection.ask(frame), this.state);

  #started = false;
  #gone = new AbortController();
  #toasts = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #clock;

  start() {
    this.#tick();
    const slow = setTimeout(() => void this.#recall(), SLOW);
    const stops = [
      effect(() => this.#callUp(this.connection.link.value.loaded)),
      effect(() => void (this.connection.link.value.phase === 'waiting' && this.#recall())),
      effect(() => this.#remember(this.state.value, this.connection.link.value.loaded)),
      () => clearTimeout(slow),
    ];
    this.#gone.signal.addEventListener('abort', () => stops.forEach((stop) => stop()));
    this.open.value = paths.place.peek().session;
    if (paths.place.peek().notice === 'nowhere') this.#nowhere();
    const ask = (/** @type {Event} */ event) => this.sending.atRisk() && event.preventDefault();
    addEventListener('beforeunload', ask, { signal: this.#gone.signal });
    this.connection.start();
  }

  /** Somebody came to an address of this server that has no page. */
  #nowhere() {
    this.toast(conversation.noPage);
    paths.go('/', {}, 'replace');
  }

  /** A minute begins: at midnight another day. */
  #tick() {
    this.now.value = Date.now();
    this.#clock = setTimeout(() => this.#tick(), MINUTE - (Date.now() % MINUTE));
  }

  stop() {
    clearTimeout(this.#clock);
    this.#gone.abort();
    this.connection.stop();
    this.sending.stop();
    this.noticing.stop();
    this.last.stop();
  }

  // ------------------------------------------------------------------------------------------- what the server tells

  /** @param {Snapshot} snapshot @param {ReadonlySet<string> | null} sessions */
  #loaded(snapshot, sessions) {
    const before = this.state.peek();
    if (before && before.me.id !== snapshot.Me.UserID) return this.#another();
    if (before && before.epoch !== snapshot.Epoch) this.#restored();
    void this.last.begin(snapshot.Me.UserID);
    paths.inside(true);
    whose.come(snapshot.Me.UserID);
    batch(() => {
      if (!before) this.#begin(snapshot.Me.UserID);
      this.#become(
        before && sessions ? facts.repaired(before, snapshot, sessions) : facts.fromSnapshot(snapshot, before),
      );
    });
  }

  /** The server cannot be reached: what was known last is shown until it can. */
  async #recall() {
    if (this.state.peek()) return;
    const kept = await this.last.read();
    if (!kept || this.state.peek() || this.#gone.signal.aborted) return;
    batch(() => {
      this.#begin(kept.me.id);
      this.#become(kept);
    });
  }

  /** Of who is held, only the server knows. @param {boolean} told */
  #callUp(told) {
    if (told) this.inviting.callUp(this.held.value, this.now.value);
  }

  /** What the server has told is remembered for when it cannot. @param {State | null} state @param {boolean} told */
  #remember(state, told) {
    if (state && told) this.last.follow(state);
  }

  /** Whose page this is is known. @param {string} user */
  #begin(user) {
    this.#started = true;
    this.#gone.signal.addEventListener('abort', whose.another(user, () => this.#another()));
    for (const part of [this.drafts, this.dismissed, this.inviting.digest, this.sending, this.noticing])
      part.open(user);
  }

  /** @param {State} state */
  #become(state) {
    this.state.value = state;
    this.sending.settle();
    if (this.open.peek() && !this.session.peek()) this.#leaveNowhere();
  }

  /** The place is of a conversation that is not mine, or no more. */
  #leaveNowhere() {
    if (paths.place.peek().message !== null) this.toast(conversation.noMessage);
    this.show(null, 'replace');
  }

  /** Somebody else has logged in here: begin anew. */
  #another() {
    this.last.stop();
    location.reload();
  }

  /** The server has begun anew from a backup. */
  #restored() {
    this.sending.restored();
    this.toast(connection.restored);
  }

  /** @param {Frame} frame */
  #heard(frame) {
    const before = this.state.peek();
    if (!before) return;
    if (frame['type'] === 'Welcome') return this.#welcome(before, frame);
    const after = facts.apply(before, frame, Date.now());
    if (after !== before) this.state.value = after;
    if (typeof frame['type'] !== 'string') this.#delivered(before, after, frame);
    if (after !== before) this.inviting.heard(before, after, frame);
    if (frame['type'] === 'Session') suggest(this);
    if (frame['type'] === 'Resumed') this.#resumed();
    if (frame['type'] === 'Typing') this.receipts.heard(frame);
    if (frame['SessionID'] === this.open.peek()) this.#parted(before, frame['type']);
    if (isLoneError(frame))
      this.toast(reason(/** @type {import('./connection.js').Refusal} */ (/** @type {unknown} */ (frame)), Date.now()));
  }

  /**
   * The open conversation is closed, or open again. Told once: it is closed again where somebody is called otherwise.
   * @param {State} before @param {unknown} type
   */
  #parted(before, type) {
    const closed = before.sessions.get(this.open.peek() ?? '')?.closed;
    if (type === 'Closed' && !closed) this.announce(conversation.closed);
    if (type === 'Session' && closed) this.announce(conversation.reopened);
  }

  /** Another tab may have logged in as somebody else. @param {State} state @param {Frame} frame */
  #welcome(state, frame) {
    if (frame['UserID'] !== state.me.id) this.#another();
  }

  #resumed() {
    setTimeout(() => {
      const state = this.state.peek();
      if (state) this.state.value = facts.settled(state);
    }, SETTLE);
    queueMicrotask(() => this.sending.connected());
    queueMicrotask(() => this.receipts.resumed());
  }

  /** @param {State} before @param {State} after @param {Frame} frame */
  #delivered(before, after, frame) {
    for (const [id, messages] of Object.entries(frame)) {
      for (const message of Object.values(/** @type {object} */ (messages))) this.sending.arrived(id, message);
      const known = before.sessions.get(id)?.head ?? 0;
      const session = after.sessions.get(id);
      if (session)
        this.#tell(
          session,
          session.messages.filter((one) => one.number > known && one.sender !== after.me.id),
        );
    }
    this.sending.sendDue();
  }

  /** @param {Session} session @param {readonly facts.Stored[]} fresh */
  #tell(session, fresh) {
    if (fresh.length === 0) return;
    const here = session.id === this.open.peek();
    this.receipts.delivered(session, fresh);
    if (session.settings.Muted && !here) return;
    for (const one of fresh) {
      const from = session.peers.find((peer) => peer.id === one.sender)?.name ?? session.name;
      const words = here ? conversation.said(from, plain(one.text.slice(0, 300))) : conversation.elsewhere(from);
      this.announce(words, from, 'message');
      this.noticing.message(session, from, plain(one.text));
    }
  }

  // ----------------------------------------------------------------------------------------------------- going about

  /** Open a conversation, or none. @param {string | null} id @param {'push' | 'replace'} [how] */
  show(id, how = this.open.peek() === null && id !== null ? 'push' : 'replace') {
    const going = this.state.peek()?.sessions.get(id ?? '');
    if (going && !going.closed) this.attention.value++; // Before anything changes: then nothing has to be laid out twice.
    batch(() => {
      paths.go('/', { session: id }, how);
      this.arrive(id);
    });
    if (id !== null) this.attention.value++;
  }

  /** The history says where one is. @param {string | null} id */
  arrive(id) {
    const known = id !== null && (this.state.peek()?.sessions.has(id) ?? true) ? id : null;
    if (known !== id && paths.place.peek().message !== null) return this.#leaveNowhere();
    batch(() => {
      this.open.value = known;
      this.readied.value = null;
      this.toasts.value = this.toasts.peek().filter((one) => one.session === null || one.session !== known);
    });
  }

  /**
   * The next conversation in the list of this kind, or the one before.
   * @param {1 | -1} direction @param {(one: Session) => boolean} [kind]
   */
  move(direction, kind = () => true) {
    const all = this.sessions.peek();
    const ordered = direction === 1 ? all : all.toReversed();
    const next = ordered.slice(ordered.findIndex((one) => one.id === this.open.peek()) + 1).find(kind);
    if (next) this.show(next.id);
  }

  /** Whether the other is there; nobody can know without a connection, or once it is closed. @param {Session} session */
  online(session) {
    if (!this.live.value || session.closed) return undefined;
    return session.peers.some((peer) => this.state.value?.online.has(peer.id));
  }

  /** @param {string} text @param {string} [from] @param {Announcement['kind']} [kind] */
  announce(text, from = '', kind = 'news') {
    this.said.value = [...this.said.peek(), { text, from, kind }];
  }

  /** Whether one can write to somebody. @param {string} name */
  talksWith(name) {
    return this.sessions.peek().some((one) => one.name === name && !one.closed);
  }

  /** Whether one is at another place than the conversations. */
  elsewhere() {
    return paths.place.peek().path !== '/';
  }

  /** @param {string} text @param {Partial<Omit<Toast, 'id' | 'text'>>} [more] */
  toast(text, { session = null, about = '', act = null } = {}) {
    const others = this.toasts.peek().filter((one) => one.text !== text);
    this.toasts.value = [...others.slice(-2), { id: ++this.#toasts, text, session, about, act }];
  }

  /** What was news about somebody is so no more. @param {string} name */
  forget(name) {
    if (name !== '') this.toasts.value = this.toasts.peek().filter((one) => one.about !== name);
  }

  /** @param {number} id */
  dismiss(id) {
    this.toasts.value = this.toasts.peek().filter((one) => one.id !== id);
  }
}
