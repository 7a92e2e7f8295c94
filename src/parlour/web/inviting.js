// @ts-check
// Inviting and being invited: what one asks, and what one answers.
//
// 1. Nobody is taken anywhere while busy: who asked is led into the new conversation only when idle, else told.
// 2. An answer names the very invitation that was shown, so that a later one is not answered unseen.

import { batch, signal } from './vendor/signals/signals-core.js';
import * as facts from './state.js';
import { ask, notInvited, reason, search, toast } from './words.js';

/** @typedef {import('./chat.js').Chat} Chat */
/** @typedef {import('./state.js').Frame} Frame */
/** @typedef {import('./state.js').State} State */
/** @typedef {import('./protocol.d.ts').Invitation} Invitation */

export class Inviting {
  /** What stands in the search field. */ typed = signal('');
  /** What the search field's last question came to. */ found = signal('');
  /** Invitations to be answered later, by `keyOf`. */ later = signal(/** @type {ReadonlySet<string>} */ (new Set()));
  /** The invitation that was chosen in the list. */ chosen = signal('');
  /** Asks for the keyboard for it. */ questioned = signal(0);
  answering = signal(/** @type {string | null} */ (null));
  /** @type {Chat} */ #chat;

  /** @param {Chat} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  /**
   * A session has begun: who asked is led there when idle, else told.
   * @param {State} before @param {State} after @param {string} id
   */
  begun(before, after, id) {
    const session = after.sessions.get(id);
    const mine = before.asking.some((one) => session?.peers.some((peer) => peer.name === one.Username));
    if (!session || !mine) return;
    this.found.value = '';
    const idle = this.#chat.open.peek() === null && this.typed.peek().trim() === '';
    if (!idle) return this.#chat.toast(toast.accepted(session.name), id);
    this.#chat.show(id);
    this.#chat.announce(toast.accepted(session.name), session.name);
  }

  /** Ask the person with exactly this name. @param {string} typed */
  async invite(typed) {
    const Username = typed.trim().replace(/^@/u, '');
    if (Username === '') return void (this.found.value = search.empty);
    if (!this.#chat.live.peek()) return void (this.found.value = search.offline);
    const { done, error } = await this.#chat.connection.ask({ type: 'Search', Username });
    if (error) return void (this.found.value = notInvited(error, Username, Date.now()));
    this.typed.value = '';
    if (typeof done['SessionID'] === 'string') return this.#enter(done);
    this.found.value = search.sent(String(done['Lapses']));
  }

  /** Answer an invitation. @param {Invitation} invitation @param {0 | 1} Accepted */
  async answer(invitation, Accepted) {
    if (this.answering.peek() !== null) return;
    this.answering.value = keyOf(invitation);
    const { done, error } = await this.#chat.connection.ask({
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
    const state = this.#chat.state.peek();
    if (over && state) {
      const invitations = state.invitations.filter((one) => keyOf(one) !== keyOf(invitation));
      this.#chat.state.value = { ...state, invitations };
    }
    this.#chat.toast(over ? ask.over(invitation.UserName) : reason(error, Date.now()));
  }

  /** A session that an answer names: it is shown. @param {Frame} done */
  #enter(done) {
    const id = String(done['SessionID']);
    const state = /** @type {State} */ (this.#chat.state.peek());
    batch(() => {
      this.found.value = '';
      this.#chat.state.value = facts.begun(
        state,
        id,
        /** @type {{[id: string]: string}} */ (done['Users'] ?? {}),
        Date.now(),
      );
      this.#chat.show(id);
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
}

/** This very invitation. @param {Invitation} invitation */
export const keyOf = (invitation) => `${invitation.UserName} ${invitation.Rev}`;
