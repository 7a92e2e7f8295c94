// @ts-check
// Closing a conversation, putting a closed one out of sight, and blocking somebody.
//
// 1. Either is asked once, in words that say what it does. Lifting a block is not: it revives nothing.
// 2. What comes of it is an event of one's own stream, so all devices show the same.

import { parting, reason } from './words.js';

/** @typedef {import('./chat.js').Chat} Chat */
/** @typedef {import('./state.js').Session} Session */
/** @typedef {import('./state.js').Frame} Frame */

export class Parting {
  /** @type {Chat} */ #chat;

  /** @param {Chat} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  /** @param {Session} session */
  async close({ id, name }) {
    const question = {
      heading: parting.closeHeading(name), text: parting.closeText, yes: parting.close, no: parting.closeNo,
    };
    if (await this.#chat.sure.ask(question)) await this.#do({ type: 'Close', SessionID: id }, '');
  }

  /** Put a closed conversation out of sight, or back into the list. @param {Session} session @param {boolean} away */
  async hide(session, away) {
    const { choices } = this.#chat;
    await choices.choose('Hidden', away, session);
    const refused = choices.refused('Hidden', session);
    if (refused) return this.#chat.toast(reason(refused, Date.now()));
    if (!away) return this.#chat.announce(parting.shown(session.name));
    if (this.#chat.open.peek() === session.id) this.#chat.show(null);
    const act = { text: parting.show, label: parting.showLabel(session.name), press: () => void this.hide(session, false) };
    this.#chat.toast(parting.hidden(session.name), { about: session.name, act });
  }

  /** @param {string} name */
  async block(name) {
    const asks = this.#chat.invitations.peek().some((one) => one.UserName === name);
    const text = this.#chat.talksWith(name) ? parting.blockTalking : asks ? parting.blockText : parting.blockPlain;
    const question = {
      heading: parting.blockHeading(name), text, yes: parting.blockYes, no: parting.blockNo,
      danger: true,
    };
    if (!(await this.#chat.sure.ask(question))) return;
    if (await this.#do({ type: 'Block', Username: name }, '')) this.#chat.toast(parting.blocked(name));
  }

  /** @param {string} name */
  unblock(name) {
    return this.#do({ type: 'Unblock', Username: name }, parting.unblocked(name));
  }

  /** @param {Frame} frame @param {string} words what is said once it is done @returns {Promise<boolean>} */
  async #do(frame, words) {
    const { error } = await this.#chat.connection.ask(frame);
    if (error) this.#chat.toast(reason(error, Date.now()));
    else if (words) this.#chat.announce(words);
    return error === null;
  }
}

/** Whether this is somebody whom one can block and invite: who has deleted the account has no name. @param {string} name */
export const isSomebody = (name) => /^[\w.-]+$/u.test(name);
