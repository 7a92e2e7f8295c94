// @ts-check
// What stands over the messages: the way up to what is new, while that is out of sight.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { conversation } from '../words.js';
import { arrowUp } from './drawn.js';
import { Part } from './part.js';

class Above extends Part {
  template() {
    const unread = this.chat.firstUnread.value;
    if (!unread) return nothing;
    return html`<button type="button" class="jump" data-new @click=${unread.go}>
      ${arrowUp}${conversation.firstUnread(unread.newer)}</button>`;
  }
}

customElements.define('parlour-above', Above);
