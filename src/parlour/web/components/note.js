// @ts-check
// What somebody wrote who is not known yet.
//
// 1. It is text and nothing else: no link, no picture, no control of the page's direction beyond its own box.
// 2. It is folded to a few lines, and says whose words these are, so that it cannot pass for the page's own.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { ask } from '../words.js';

/** Whether there is more of a note than one sees: measured, for letters are of any width. @param {Element} part */
export function fold(part) {
  const note = part.querySelector('.ask-note .note');
  const button = /** @type {HTMLElement | null} */ (part.querySelector('.ask-note button'));
  if (note && button) button.hidden = note.scrollHeight <= note.clientHeight + 1;
}

/** @param {string} name @param {string} note @param {boolean} whole @param {() => void} unfold */
export function noteOf(name, note, whole, unfold) {
  return html`<figure class="ask-note"><figcaption>${ask.writes(name)}</figcaption>
    <blockquote class=${whole ? 'note' : 'note folded'} dir="auto" tabindex="-1">${note}</blockquote>
    ${whole ? nothing : html`<button type="button" class="link" @click=${unfold}>${ask.whole}</button>`}</figure>`;
}
