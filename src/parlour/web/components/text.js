// @ts-check
// A message's text on the page: the tokens of markdown.js as templates.
//
// 1. All of the text stands there, as text: signs that have an effect are hidden, not taken out, so what one copies is
//    what was written.
// 2. A link opens elsewhere and tells nobody where from. Where its host can be mistaken for another, the real one stands
//    behind it.
// 3. Each quote, list and piece of code finds its own direction; lines of plain text do so by themselves.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { blocks } from '../markdown.js';

/** @typedef {import('../markdown.js').Token} Token */
/** @typedef {import('../markdown.js').Block} Block */

/** @param {string} text */
export function textOf(text) {
  const found = blocks(text);
  const [only] = found;
  const inner = found.length === 1 && only && only.kind === 'text' ? only.tokens.map(token) : found.map(block);
  return html`<div class="text">${inner}</div>`;
}

/** @param {Block} one @returns {unknown} */
function block(one) {
  switch (one.kind) {
    case 'bullets':
      return html`<ul dir="auto">${one.items.map(item)}</ul>`;
    case 'numbers':
      return html`<ol dir="auto">${one.items.map(item)}</ol>`;
    case 'quote':
      return html`<blockquote dir="auto">${one.tokens.map(token)}</blockquote>`;
    case 'fence':
      return html`<pre dir="auto"><code>${one.tokens.map(token)}</code></pre>`;
    default:
      return html`<p>${one.tokens.map(token)}</p>`;
  }
}

/** @param {Token[]} tokens */
const item = (tokens) => html`<li>${tokens.map(token)}</li>`;

/** @param {Token} one @returns {unknown} */
function token(one) {
  switch (one.kind) {
    case 'mark':
      return html`<span hidden>${one.text}</span>`;
    case 'language':
      return one.text ? html`<span class="language">${one.text}</span>` : nothing;
    case 'strong':
      return html`<strong>${one.tokens.map(token)}</strong>`;
    case 'em':
      return html`<em>${one.tokens.map(token)}</em>`;
    case 'code':
      return html`<code>${one.tokens.map(token)}</code>`;
    case 'link':
      return html`<a href=${one.href} target="_blank" rel="noopener noreferrer nofollow" dir="ltr" tabindex="-1"
        data-host=${one.host || nothing}>${one.text}</a>`;
    default:
      return one.text;
  }
}

/** What one copies is what was written. @param {HTMLElement} log @param {AbortSignal} signal */
export function copyable(log, signal) {
  log.addEventListener(
    'copy',
    (event) => {
      const selection = getSelection();
      const text = selection?.rangeCount ? written(log, selection.getRangeAt(0)) : '';
      if (text === '') return;
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
    },
    { signal },
  );
}

/**
 * What somebody has selected of messages, as it was written.
 * @param {ParentNode} log @param {Range} range
 */
function written(log, range) {
  const texts = [...log.querySelectorAll('.text')].filter((one) => range.intersectsNode(one));
  return texts.map((one) => String(within(range, one))).join('\n');
}

/** The part of a selection that lies in an element. @param {Range} range @param {Element} element */
function within(range, element) {
  const part = document.createRange();
  part.selectNodeContents(element);
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
  return part;
}
