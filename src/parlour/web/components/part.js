// @ts-check
// A part of the chat's screen: an element that paints its template into itself.
//
// 1. It is painted again when a signal that its template reads changes, and never otherwise.
// 2. The keyboard does not fall out of it: when what had it goes with a picture, the part says where it comes to.
// 3. It lives in the ordinary document (no shadow): one stylesheet, one focus order.

import { nothing, render } from '../vendor/lit-html/lit-html.js';
import { effect } from '../vendor/signals/signals-core.js';

/** @typedef {import('../chat.js').Chat} Chat */

export class Part extends HTMLElement {
  /** Set by the screen before the part is connected. */
  chat = /** @type {Chat} */ (/** @type {unknown} */ (null));
  /** @type {(() => void)[]} */ #ends = [];
  /** Ends what is listened to when the part goes. */
  gone = new AbortController();

  connectedCallback() {
    this.gone = new AbortController();
    this.runs(() => this.paint());
  }

  disconnectedCallback() {
    this.gone.abort();
    for (const end of this.#ends.splice(0)) end();
  }

  /**
   * Run something now and whenever a signal that it reads changes, while the part is there.
   * @param {() => void | (() => void)} what may give back its undoing
   */
  runs(what) {
    this.#ends.push(effect(what));
  }

  paint() {
    const inside = focusedIn(this);
    render(this.template(), this);
    if (inside && !inside.isConnected)
      queueMicrotask(() => document.activeElement === document.body && this.giveBack());
  }

  /** What had the keyboard has gone, and nothing has taken it since: something else may have been opened, which does. */
  giveBack() {}

  /** @returns {unknown} */
  template() {
    return nothing;
  }
}

/** A focused element inside, if there is one. @param {Element} part @returns {HTMLElement | null} */
export function focusedIn(part) {
  const active = document.activeElement;
  return active instanceof HTMLElement && part.contains(active) ? active : null;
}

const fingers = matchMedia('(hover: none) and (pointer: coarse)');
/** Remembered, since it is asked with every key, and a browser looks the page over to say it. */
let touched = fingers.matches;
fingers.addEventListener('change', () => (touched = fingers.matches));
/** Whether this device is worked with fingers: its keyboard covers the page and its Enter breaks lines. */
export const byTouch = () => touched;

/** The keyboard goes to where one writes, or looks. @param {Chat} chat */
export function toWork(chat) {
  if (chat.session.peek() && !chat.elsewhere()) return void chat.attention.value++;
  const h1 = /** @type {HTMLElement | null} */ (document.querySelector('h1[tabindex]'));
  (h1 ?? (byTouch() ? null : document.getElementById('find')))?.focus();
}

/** What is pressed leaves the keyboard where it is. @param {Event} event */
export const keepFocus = (event) => event.preventDefault();
