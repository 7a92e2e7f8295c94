// @ts-check
// The socket: does what link.js decides, and carries frames.
//
// 1. Frames are handed over in the order of arrival, together once a frame of the screen, so that a thousand frames are
//    painted once.
// 2. A frame that asks something gets a `Ref` and a promise of its answer; when the connection goes, the promise fails
//    as `lost`.
// 3. While a part is taken from the snapshot anew, later frames wait: they apply on top of it.

import { signal } from './vendor/signals/signals-core.js';
import * as api from './api.js';
import { DEAD_AFTER, IDLE, hasSocket, step } from './link.js';

/** @typedef {import('./link.js').Event} Event */
/** @typedef {import('./link.js').Effect} Effect */
/** @typedef {import('./state.js').Frame} Frame */
/** @typedef {import('./protocol.d.ts').Snapshot} Snapshot */
/** @typedef {{Code: string, Reason?: string, RetryAfter?: number | null}} Refusal */
/** @typedef {{done: Frame, error: null} | {done: null, error: Refusal}} Reply */
/**
 * @typedef {object} Listener
 * @property {(snapshot: Snapshot, sessions: ReadonlySet<string> | null) => void} loaded `null`: everything
 * @property {(frames: readonly Frame[]) => void} heard
 * @property {() => {Epoch: string, Me: number, Sessions: Map<string, number>}} positions
 * @property {() => void} lost
 * @property {() => void} login
 */

const RESUME_SESSIONS = 1000;
const EVERYTHING = null;

export class Connection {
  link = signal(IDLE);
  /** @type {Listener} */ #listener;
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #alarm;
  #lastHeard = 0;
  #refs = 0;
  /** @type {Map<string, (reply: Reply) => void>} */ #asked = new Map();
  /** @type {Frame[]} */ #frames = [];
  #flushing = false;
  /** @type {Set<string> | null | undefined} sessions to take anew; null: everything */ #repairing;
  #network = new AbortController();

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  start() {
    const { signal: until } = this.#network;
    addEventListener('online', () => this.#on({ kind: 'online' }), { signal: until });
    addEventListener('offline', () => this.#on({ kind: 'offline' }), { signal: until });
    document.addEventListener('visibilitychange', () => this.#awake(), { signal: until });
    this.#on({ kind: 'start' });
  }

  stop() {
    this.#network.abort();
    this.#on({ kind: 'stop' });
  }

  retry() {
    this.#on({ kind: 'retry' });
  }

  /** Send a frame and hear its answer. @param {Frame} frame @returns {Promise<Reply>} */
  ask(frame) {
    if (this.link.peek().phase !== 'live') return Promise.resolve({ done: null, error: { Code: 'lost' } });
    const ref = `r${++this.#refs}`;
    return new Promise((resolve) => {
      this.#asked.set(ref, resolve);
      this.#send({ ...frame, Ref: ref });
    });
  }

  // -------------------------------------------------------------------------------------------------- events, effects

  /** @param {Event} event */
  #on(event) {
    const before = this.link.peek();
    const { link, effects } = step(before, event, { now: Date.now(), chance: Math.random() });
    if (event.kind !== 'heard') this.link.value = link;
    for (const effect of effects) this.#do(effect);
    if (before.phase === 'live' && link.phase !== 'live') this.#lost();
  }

  /** @param {Effect} effect */
  #do(effect) {
    switch (effect.do) {
      case 'load':
        return void this.#load();
      case 'open':
        return this.#open();
      case 'drop':
        return this.#drop();
      case 'resume':
        return this.#resume();
      case 'ask':
        return void this.#why();
      case 'login':
        return this.#listener.login();
      case 'hush':
        return clearTimeout(this.#alarm);
      case 'alarm':
        clearTimeout(this.#alarm);
        this.#alarm = setTimeout(() => this.#on({ kind: 'alarm' }), effect.after);
    }
  }

  /** Timers sleep with the machine and in hidden pages: look again when the page is seen. */
  #awake() {
    if (document.visibilityState !== 'visible') return;
    const silent = Date.now() - this.#lastHeard > DEAD_AFTER;
    this.#on({ kind: hasSocket(this.link.peek()) && silent ? 'alarm' : 'awake' });
  }

  #lost() {
    for (const resolve of this.#asked.values()) resolve({ done: null, error: { Code: 'lost' } });
    this.#asked.clear();
    this.#listener.lost();
  }

  // ------------------------------------------------------------------------------------------------------------- HTTP

  async #load() {
    const { status, body, retryAfter } = await api.snapshot();
    if (this.link.peek().phase !== 'loading') return;
    if (!body) return this.#on({ kind: 'answer', status, retryAfter });
    this.#listener.loaded(body, EVERYTHING);
    this.#on({ kind: 'loaded' });
  }

  async #why() {
    const { status, retryAfter } = await api.ask();
    if (this.link.peek().phase === 'asking') this.#on({ kind: 'answer', status, retryAfter });
  }

  /** Take what cannot be made whole from the snapshot anew. @param {Frame} reset */
  async #repair(reset) {
    const session = typeof reset['SessionID'] === 'string' ? reset['SessionID'] : EVERYTHING;
    const waiting = this.#repairing !== undefined;
    if (session === EVERYTHING) this.#repairing = EVERYTHING;
    else if (this.#repairing !== EVERYTHING) this.#repairing = new Set(this.#repairing).add(session);
    if (waiting) return;
    const socket = this.#socket;
    const { body } = await api.snapshot();
    if (this.#socket !== socket) return;
    if (!body) return this.#on({ kind: 'closed', code: 1006 });
    const parts = this.#repairing ?? EVERYTHING;
    this.#repairing = undefined;
    this.#listener.loaded(body, parts);
    this.#flush();
  }

  // ----------------------------------------------------------------------------------------------------------- socket

  #open() {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/ws`, 'parlour.v1');
    this.#socket = socket;
    socket.onmessage = (event) => this.#message(socket, String(event.data));
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#on({ kind: 'closed', code: event.code });
    };
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#repairing = undefined;
    this.#frames = [];
    socket?.close();
  }

  #resume() {
    const { Epoch, Me, Sessions } = this.#listener.positions();
    const all = [...Sessions];
    do this.#send({ type: 'Resume', Epoch, Me, Sessions: Object.fromEntries(all.splice(0, RESUME_SESSIONS)) });
    while (all.length > 0);
  }

  /** @param {Frame} frame */
  #send(frame) {
    this.#socket?.send(JSON.stringify(frame));
  }

  // ----------------------------------------------------------------------------------------------------------- frames

  /** @param {WebSocket} socket @param {string} text */
  #message(socket, text) {
    if (socket !== this.#socket) return;
    this.#lastHeard = Date.now();
    this.#on({ kind: 'heard' });
    const frame = /** @type {Frame} */ (JSON.parse(text));
    if (frame['type'] === 'Beat') return;
    if (frame['type'] === 'Welcome') return this.#welcome(frame);
    if (frame['type'] === 'Reset') void this.#repair(frame);
    else this.#frames.push(frame);
    this.#soon();
  }

  /** @param {Frame} frame */
  #welcome(frame) {
    this.#listener.heard([frame]);
    if (this.#socket) this.#on({ kind: 'welcome' });
  }

  /** Frames wait for the screen's next frame; a hidden page has none, so there is a timer too. */
  #soon() {
    if (this.#flushing) return;
    this.#flushing = true;
    const timer = setTimeout(() => this.#flush(), 100);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      this.#flush();
    });
  }

  #flush() {
    this.#flushing = false;
    if (this.#repairing !== undefined || this.#frames.length === 0) return;
    const frames = this.#frames;
    this.#frames = [];
    this.#listener.heard(frames);
    for (const frame of frames) this.#answer(frame);
    if (frames.some(isLoneError) && this.link.peek().phase === 'resuming')
      return this.#on({ kind: 'closed', code: 1011 });
    if (frames.some((frame) => frame['type'] === 'Resumed') && this.link.peek().phase === 'resuming')
      this.#on({ kind: 'resumed' });
  }

  /** @param {Frame} frame */
  #answer(frame) {
    if ((frame['type'] !== 'Done' && frame['type'] !== 'Error') || typeof frame['Ref'] !== 'string') return;
    const resolve = this.#asked.get(frame['Ref']);
    this.#asked.delete(frame['Ref']);
    if (frame['type'] === 'Done') resolve?.({ done: frame, error: null });
    else resolve?.({ done: null, error: /** @type {Refusal} */ (/** @type {unknown} */ (frame)) });
  }
}

/** An error that answers no frame with a name. @param {Frame} frame */
export const isLoneError = (frame) => frame['type'] === 'Error' && typeof frame['Ref'] !== 'string';
