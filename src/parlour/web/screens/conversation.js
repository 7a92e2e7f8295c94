// @ts-check
// The open conversation: its parts, from who it is with to the field in which one writes.
//
// 1. From one conversation to the next, only its messages are made anew; the other parts show what is open.
// 2. Those of a conversation whose row is being pressed are there already, and neither seen nor heard.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import '../components/above.js';
import '../components/below.js';
import '../components/composer.js';
import '../components/header.js';
import '../components/reopen.js';
import '../components/timeline.js';

/** @param {import('../chat.js').Chat} chat @param {string} id */
export const conversationOf = (chat, id) => html`<parlour-header .chat=${chat}></parlour-header>
  <div class="reading">
    <parlour-above .chat=${chat}></parlour-above>
    ${repeat(
      [...new Set([id, chat.readied.value ?? id])],
      (one) => one,
      (one) => html`<parlour-timeline class="log" aria-hidden=${one === id ? nothing : 'true'} .chat=${chat} .session=${one}></parlour-timeline>`,
    )}
  </div>
  <parlour-below .chat=${chat}></parlour-below>
  <parlour-composer .chat=${chat}></parlour-composer>
  <parlour-reopen .chat=${chat}></parlour-reopen>`;
