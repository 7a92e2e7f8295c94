// @ts-check
// The tabs of one person in one browser: all hear of a change, and one of them sends for all.
//
// 1. The tab that sends holds a lock, and only while it is connected. When it goes, however it went, the next one has it.
// 2. The tab that one writes in asks for the lock: whoever hears that lets go and stands behind. From a tab that the
//    system has put to sleep, and that hears nothing, it is taken away.
// 3. Two that send at once do no harm, since both keep the device's order and its nonces. So where there are no locks (a
//    page that is not served safely) every connected tab sends.

/** @typedef {import('./outbox.js').Refusal} Refusal */
/**
 * What one tab tells the others when something has changed: these messages are stored, under numbers up to these; this
 * conversation is closed.
 * @typedef {{stored?: readonly [id: string, number: number][], closed?: [session: string, why: Refusal]}} News
 */
/** @typedef {News & {turn?: 'wanted' | 'taken'}} Told */

const PATIENCE = 3000;

export class Tab {
  /** Whether this is the tab that sends. */ sends = false;
  #lock;
  #channel;
  #turned;
  #closed = false;
  /** Ends what one holds or waits for. @type {AbortController | null} */ #place = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #patience;

  /** @param {string} user @param {(news: News) => void} heard @param {() => void} turned `sends` has changed */
  constructor(user, heard, turned) {
    this.#lock = `parlour sends ${user}`;
    this.#turned = turned;
    this.#channel = new BroadcastChannel(`parlour outbox ${user}`);
    this.#channel.onmessage = ({ data }) => (data.turn ? this.#hear(data.turn) : heard(data));
  }

  /** @param {Told} [news] */
  tell(news = {}) {
    if (!this.#closed) this.#channel.postMessage(news);
  }

  /** One is connected: one may send, or stands in line. */
  join() {
    if (this.#place) return;
    const place = (this.#place = new AbortController());
    if ('locks' in navigator) this.#ask(place, { signal: place.signal });
    else this.#turn(true);
  }

  /** One sends no more. */
  leave() {
    this.#place?.abort();
    this.#place = null;
    this.#turn(false);
  }

  /** One writes here: this tab wants to be the one that sends. */
  want() {
    if (this.sends || !this.#place) return;
    this.tell({ turn: 'wanted' });
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#steal(), PATIENCE);
  }

  close() {
    this.leave();
    this.#closed = true;
    this.#channel.close();
  }

  /** Another tab wants to send, or does: that one is awake. @param {'wanted' | 'taken'} turn */
  #hear(turn) {
    if (turn === 'taken') clearTimeout(this.#patience);
    else if (this.#place && 'locks' in navigator) this.#again();
  }

  /** Behind all others. */
  #again() {
    this.leave();
    this.join();
  }

  #steal() {
    if (this.sends || !this.#place) return;
    this.#place.abort();
    this.#ask((this.#place = new AbortController()), { steal: true });
  }

  /** @param {AbortController} place @param {LockOptions} options */
  #ask(place, options) {
    navigator.locks.request(this.#lock, options, () => this.#hold(place)).catch((error) => this.#lose(place, error));
  }

  /** The lock, until one leaves. @param {AbortController} place */
  #hold({ signal }) {
    if (signal.aborted) return undefined;
    const left = new Promise((resolve) => signal.addEventListener('abort', resolve));
    this.#turn(true);
    return left;
  }

  /** It was taken away; or this page gets no locks. @param {AbortController} place @param {unknown} error */
  #lose(place, error) {
    if (place !== this.#place) return;
    if (error instanceof DOMException && error.name === 'AbortError') this.#again();
    else this.#turn(true);
  }

  /** @param {boolean} sends */
  #turn(sends) {
    if (sends === this.sends) return;
    this.sends = sends;
    if (sends) clearTimeout(this.#patience);
    if (sends) this.tell({ turn: 'taken' });
    this.#turned();
  }
}
