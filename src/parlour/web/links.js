// @ts-check
// Links of one's own: a yes that is given in advance.
//
// 1. The secret is told once, is never kept, and is shown until one leaves it or it works no more.

import { computed, signal } from './vendor/signals/signals-core.js';
import { addressOf } from './opened.js';
import { links, reason } from './words.js';

/** @typedef {import('./chat.js').Chat} Chat */
/** @typedef {import('./protocol.d.ts').OpenLink} OpenLink */

const HOUR = 3600;

export class Links {
  #made = signal(/** @type {OpenLink | null} */ (null));
  /** Why none was made. */ complaint = signal('');
  busy = signal(false);
  /** @type {Chat} */ #chat;

  /** The address that was made last, while it works. */
  address = computed(() => {
    const made = this.#made.value;
    return made && this.#isOpen(made.Link) ? { text: addressOf(made.Link), id: idOf(made.Link), lapses: made.Lapses } : null;
  });

  /** @param {Chat} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  /** @param {string} secret */
  #isOpen(secret) {
    return this.#chat.links.value.some((one) => one.Link === idOf(secret));
  }

  async make() {
    if (this.busy.peek()) return;
    this.busy.value = true;
    const { done, error } = await this.#chat.connection.ask({ type: 'Link' });
    this.busy.value = false;
    this.complaint.value = error ? refused(error) : '';
    if (!done) return;
    this.#made.value = { Link: String(done['Link']), Lapses: String(done['Lapses']) };
    this.#chat.announce(links.made);
  }

  /** @param {string} id */
  async takeBack(id) {
    const { error } = await this.#chat.connection.ask({ type: 'Unlink', Link: id });
    this.complaint.value = error ? reason(error, Date.now()) : '';
    if (!error) this.#chat.announce(links.takenBack);
  }

  /** One has looked away: the address is shown no more. */
  leave() {
    this.#made.value = null;
    this.complaint.value = '';
  }
}

/** A long wait is for an open link to lapse. @param {import('./connection.js').Refusal} error */
function refused(error) {
  const full = error.Code === 'slow_down' && (error.RetryAfter ?? 0) > HOUR;
  return full ? links.tooMany : reason(error, Date.now());
}

/** A secret begins with the name of its link. @param {string} secret */
const idOf = (secret) => secret.split('.')[0] ?? '';
