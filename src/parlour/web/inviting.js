// @ts-check
// Inviting and being invited: what one asks, and what one answers.
//
// 1. Nobody is taken anywhere while busy: who asked is led into the new conversation only when idle, else told.
// 2. An answer names the very invitation that was shown, so that a later one is not answered unseen.
// 3. To undo a rejection is to accept: it is asked once more, in these words.

import { batch, computed, signal } from './vendor/signals/signals-core.js';
import { askings } from './consent.js';
import { Digest } from './digest.js';
import * as facts from './state.js';
import { ask, invited, notInvited, reason, search, toast } from './words.js';

/** @typedef {import('./chat.js').Chat} Chat */
/** @typedef {import('./state.js').Frame} Frame */
/** @typedef {import('./state.js').State} State */
/** @typedef {import('./connection.js').Refusal} Refusal */
/** @typedef {import('./protocol.d.ts').Invitation} Invitation */

/** @type {import('./protocol.d.ts').Bounds['NOTE_CHARACTERS']} */
export const NOTE_CHARACTERS = 140;

export class Inviting {
  /** What stands in the search field. */ typed = signal('');
  /** What goes with the next invitation; null: no note. */ note = signal(/** @type {string | null} */ (null));
  /** What the search field's last question came to; whom one would have to unblock for it. */
  found = signal({ text: '', blocked: '' });
  /** Invitations to be answered later, by `keyOf`. */ later = signal(/** @type {ReadonlySet<string>} */ (new Set()));
  digest = new Digest();
  /** Held ones that were called up, in the list or by the digest. */ called = signal(/** @type {ReadonlySet<string>} */ (new Set()));
  /** The invitation that was chosen in the list. */ chosen = signal('');
  /** Asks for the keyboard for it. */ questioned = signal(0);
  answering = signal(/** @type {string | null} */ (null));
  /** Those that stand in the pop-up. */
  pending = computed(() => this.#chat.invitations.value.filter((one) => this.#alerts(one)));
  /** Whether a link of mine was used just now. */ #used = false;
  /** @type {Chat} */ #chat;

  /** @param {Chat} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  // ----------------------------------------------------------------------------------------------- what is told of it

  /** @param {State} before @param {State} after @param {Frame} frame */
  heard(before, after, frame) {
    const name = String(frame['UserName'] ?? '');
    if (frame['type'] === 'Search' && !frame['Quiet']) this.#chat.noticing.asked(name);
    if (frame['type'] === 'Linked') this.#used = frame['State'] === 'used';
    else if (frame['type'] === 'Session') this.#begun(before, after, String(frame['SessionID']));
    else if (frame['type'] === 'Resolved' && frame['Result'] === 'cancelled') this.#over(before, name);
    else if (frame['type'] === 'Invite') this.#answered(String(frame['Username']), frame['State']);
    if (frame['type'] === 'Blocked') this.#chat.forget(name);
  }

  /** @param {State} before @param {string} name */
  #over(before, name) {
    this.#chat.forget(name);
    if (before.invitations.some((one) => one.UserName === name && !one.Quiet)) this.#chat.announce(ask.over(name), name);
  }

  /** That it was sent is true no more; the row says a no as well. @param {string} name @param {unknown} state */
  #answered(name, state) {
    if (state === 'sent') return;
    this.#say('');
    if (state === 'declined') this.#chat.announce(invited.toldNo(name), name);
  }

  /**
   * A session has begun: who asked is led there when idle, else told.
   * @param {State} before @param {State} after @param {string} id
   */
  #begun(before, after, id) {
    const session = after.sessions.get(id);
    const sent = askings(before, Date.now()).filter((one) => one.standing === 'sent');
    const mine = sent.some((one) => session?.peers.some((peer) => peer.name === one.name));
    const words = this.#used ? toast.usedLink : mine ? toast.accepted : null;
    this.#used = false;
    for (const peer of session?.peers ?? []) this.#chat.forget(peer.name);
    if (!session || !words) return;
    this.#say('');
    const there = this.#chat.open.peek();
    const idle = (there === null || there === id) && this.typed.peek().trim() === '' && !this.#chat.elsewhere();
    if (!idle) return this.#chat.toast(words(session.name), { session: id });
    this.#chat.show(id);
    this.#chat.announce(words(session.name), session.name);
  }

  // ------------------------------------------------------------------------------------------------------------ asking

  /** What stands in the search field has changed: what was said of the last question is over. @param {string} typed */
  type(typed) {
    this.typed.value = typed;
    this.#say('');
  }

  /** @param {string} text @param {string} [blocked] */
  #say(text, blocked = '') {
    this.found.value = { text, blocked };
  }

  /** Ask the person with exactly this name. @param {string} typed */
  async invite(typed) {
    const name = typed.trim().replace(/^@/u, '');
    const note = this.note.peek()?.trim() ?? '';
    if (name === '') return this.#say(search.empty);
    if (!this.#chat.live.peek()) return this.#say(search.offline);
    if ([...note].length > NOTE_CHARACTERS) return this.#say(search.noteLong(NOTE_CHARACTERS));
    const { done, error } = await this.#search(name, note);
    if (error) return this.#say(notInvited(error, name, Date.now()), error.Code === 'you_blocked' ? name : '');
    batch(() => {
      this.typed.value = '';
      this.note.value = null;
      if (typeof done['SessionID'] === 'string') this.enter(done);
      else if (!this.#chat.talksWith(name)) this.#say(search.sent(String(done['Lapses'])));
    });
  }

  /** Ask somebody once more. @param {string} name */
  async again(name) {
    const { done, error } = await this.#search(name, '');
    if (error) this.#chat.toast(notInvited(error, name, Date.now()));
    else if (typeof done['SessionID'] === 'string') this.enter(done);
    else if (!this.#chat.talksWith(name)) this.#chat.announce(search.sent(String(done['Lapses'])), name);
  }

  /** @param {string} Username @param {string} note */
  #search(Username, note) {
    return this.#chat.connection.ask({ type: 'Search', Username, ...(note ? { Note: note } : {}) });
  }

  /** Take an invitation back. @param {string} Username */
  async cancel(Username) {
    const { error } = await this.#chat.connection.ask({ type: 'Cancel', Username });
    if (error) this.#chat.toast(reason(error, Date.now()));
    else this.#chat.announce(invited.takenBack(Username), Username);
  }

  /** The search field can ask them again. @param {string} name */
  async unblock(name) {
    if (await this.#chat.parting.unblock(name)) this.#say(search.unblocked(name));
  }

  // --------------------------------------------------------------------------------------------------------- answering

  /** Answer an invitation. @param {Invitation} invitation @param {0 | 1} Accepted @param {boolean} [Tell] */
  async answer(invitation, Accepted, Tell = false) {
    if (this.answering.peek() !== null) return;
    this.answering.value = keyOf(invitation);
    const { UserName: username, Rev } = invitation;
    const told = Tell ? { Tell } : {};
    const { done, error } = await this.#chat.connection.ask({ type: 'request', username, Accepted, Rev, ...told });
    this.answering.value = null;
    if (error) return this.#unanswered(invitation, error);
    if (typeof done['SessionID'] === 'string') this.enter(done);
    else if (this.#chat.talksWith(username)) return; // Another device has said yes meanwhile.
    else if (Tell) this.#chat.toast(ask.rejectedTold(username), { about: username });
    else this.#offerUndo(username, Rev);
  }

  /** @param {string} name @param {number} rev */
  #offerUndo(name, rev) {
    const act = { text: ask.undo, label: ask.undoLabel(name), press: () => void this.undo(name, rev) };
    this.#chat.toast(ask.rejected(name), { about: name, act });
  }

  /** Accept what was rejected. @param {string} username @param {number} [rev] the last one when it is not known */
  async undo(username, rev) {
    const question = { heading: ask.undoHeading(username), text: ask.undoText, yes: ask.undoYes, no: ask.undoNo };
    if (!(await this.#chat.sure.ask(question))) return;
    const which = rev === undefined ? {} : { Rev: rev };
    const { done, error } = await this.#chat.connection.ask({ type: 'request', username, Accepted: 1, ...which });
    if (error && isOver(error)) this.#chat.forget(username);
    if (error) return this.#chat.toast(isOver(error) ? ask.over(username) : reason(error, Date.now()));
    if (typeof done['SessionID'] === 'string') this.enter(done);
  }

  /** @param {Invitation} invitation @param {Refusal} error */
  #unanswered(invitation, error) {
    const over = isOver(error);
    const state = this.#chat.state.peek();
    if (over && state) {
      const invitations = state.invitations.filter((one) => keyOf(one) !== keyOf(invitation));
      this.#chat.state.value = { ...state, invitations };
    }
    this.#chat.toast(over ? ask.over(invitation.UserName) : reason(error, Date.now()));
  }

  /** A session that an answer names: it is shown. That a closed one is open again is told by its event. @param {Frame} done */
  enter(done) {
    const id = String(done['SessionID']);
    const users = /** @type {{[id: string]: string}} */ (done['Users'] ?? {});
    const state = /** @type {State} */ (this.#chat.state.peek());
    batch(() => {
      this.#say('');
      if (!state.sessions.has(id)) this.#chat.state.value = facts.begun(state, id, users, Date.now());
      for (const name of Object.values(users)) this.#chat.forget(name);
      this.#chat.show(id);
    });
  }

  // ------------------------------------------------------------------------------------------------------------- later

  /** @param {Invitation} one */
  #alerts(one) {
    return !this.later.value.has(keyOf(one)) && (!one.Quiet || this.called.value.has(keyOf(one)));
  }

  /** Those who are held come up after all, where it is time. @param {readonly Invitation[]} held @param {number} now */
  callUp(held, now) {
    const later = this.later.peek();
    const names = held.filter((one) => !later.has(keyOf(one))).map((one) => one.UserName);
    const due = new Set(this.digest.due(names, now));
    const keys = held.filter((one) => due.has(one.UserName)).map(keyOf);
    if (keys.length > 0) this.called.value = new Set([...this.called.peek(), ...keys]);
  }

  /** @param {readonly Invitation[]} invitations */
  postpone(invitations) {
    this.later.value = new Set([...this.later.peek(), ...invitations.map(keyOf)]);
  }

  /** Show the question again, and go to it. @param {Invitation} invitation */
  reconsider(invitation) {
    const key = keyOf(invitation);
    const later = new Set(this.later.peek());
    later.delete(key);
    batch(() => {
      this.later.value = later;
      this.called.value = new Set(this.called.peek()).add(key);
      this.chosen.value = key;
      this.questioned.value++;
    });
  }
}

/** @param {Refusal} error */
const isOver = (error) => error.Code === 'gone' || error.Code === 'no_invitation';

/** This very invitation. @param {Invitation} invitation */
export const keyOf = (invitation) => `${invitation.UserName} ${invitation.Rev}`;
