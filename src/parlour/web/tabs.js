// @ts-check
// The tabs of one person in one browser: each has a name, and all hear of a change.
//
// 1. A tab holds the lock of its name while it lives. Whoever waits for another tab's lock gets it when that tab has
//    gone, however it went.
// 2. Where there are no locks (a page that is not served safely), a tab that begins takes the others for gone.

import { nonce } from './nonce.js';

/** @param {string} name */
const lockOf = (name) => `parlour tab ${name}`;

export class Tab {
  name = nonce();
  /** Whether one can know that another tab has gone. */ knows = 'locks' in navigator;
  /** Once the lock is held. @type {Promise<void>} */ ready;
  #gone = new AbortController();
  #channel;
  /** @type {Set<string>} */ #awaited = new Set();

  /** @param {string} user @param {() => void} changed something, in another tab */
  constructor(user, changed) {
    this.#channel = new BroadcastChannel(`parlour outbox ${user}`);
    this.#channel.onmessage = changed;
    this.ready = this.knows ? new Promise((resolve) => this.#hold(resolve)) : Promise.resolve();
  }

  /** The lock of one's own name, until one leaves. @param {() => void} held */
  #hold(held) {
    const { signal } = this.#gone;
    void navigator.locks.request(lockOf(this.name), () => {
      held();
      return new Promise((end) => {
        if (signal.aborted) end(null);
        signal.addEventListener('abort', () => end(null));
      });
    });
  }

  /** Tell the other tabs that something has changed. */
  tell() {
    if (!this.#gone.signal.aborted) this.#channel.postMessage(null);
  }

  /** Do something once, when another tab has gone. @param {string} other @param {() => Promise<void>} then */
  async after(other, then) {
    if (this.#awaited.has(other)) return;
    this.#awaited.add(other);
    try {
      if (this.knows) await navigator.locks.request(lockOf(other), { signal: this.#gone.signal }, then);
      else await then();
    } catch {
      // This tab went first.
    }
    this.#awaited.delete(other);
  }

  leave() {
    this.#gone.abort();
    this.#channel.close();
  }
}
