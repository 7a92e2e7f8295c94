// @ts-check
// Writing a message.
//
// 1. Enter sends, Shift+Enter breaks the line, or Ctrl+Enter sends and Enter breaks it, as one has chosen; never while an
//    input method composes. Where one works with fingers, Enter breaks the line and the button sends.
// 2. A text leaves the field only when it is on its way. What is refused comes back, before what was written meanwhile.
// 3. One writes and sends without a connection, too: what is sent waits in its row. Only a closed conversation takes
//    nothing more; a text that came back from it can be read and copied.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { signal } from '../vendor/signals/signals-core.js';
import { isBlank } from '../blank.js';
import { sender, sends } from '../preferences.js';
import { composer } from '../words.js';
import { Part, byTouch, keepFocus } from './part.js';
import { NAMES } from './shortcuts.js';

const MOST_BYTES = 16_384;
const MOST_CHARACTERS = 8_000;
const ROWS = 8;
const grows = CSS.supports('field-sizing', 'content');

class Composer extends Part {
  #session = '';
  #complaint = signal('');
  #attended = 0;

  connectedCallback() {
    super.connectedCallback();
    this.runs(() => this.#follow(this.chat.open.value ?? '', this.chat.drafts.all.value));
    this.runs(() => this.#attend(this.chat.attention.value));
  }

  /** @returns {HTMLTextAreaElement | null} */
  get #field() {
    return this.querySelector('#message');
  }

  /**
   * Another conversation is open, or a text came back.
   * @param {string} session @param {ReadonlyMap<string, string>} drafts
   */
  #follow(session, drafts) {
    const field = this.#field;
    const same = session === this.#session;
    if (!same) this.#complaint.value = '';
    this.#session = session;
    const draft = drafts.get(session) ?? '';
    if (!field || field.value === draft) return;
    const after = same ? field.value.length - field.selectionEnd : 0;
    field.value = draft;
    field.setSelectionRange(draft.length - after, draft.length - after);
    this.#size(field);
  }

  /** The field is another one when a closed conversation is open again. */
  paint() {
    const before = this.#field;
    super.paint();
    if (this.#field !== before) this.#follow(this.chat.open.peek() ?? '', this.chat.drafts.all.peek());
  }

  /** At once, where it can: to lead the keyboard the browser lays out the page. @param {number} times */
  #attend(times) {
    if (times === this.#attended) return;
    this.#attended = times;
    if (!byTouch()) this.#field?.focus();
    queueMicrotask(() => this.#lead());
  }

  #lead() {
    const to = (byTouch() ? null : this.#field) ?? document.querySelector('h1');
    if (to !== document.activeElement) to?.focus();
  }

  #typed = () => {
    const field = this.#field;
    if (!field) return;
    this.#size(field);
    this.#complaint.value = '';
    this.chat.drafts.write(this.#session, field.value);
    if (!isBlank(field.value)) this.chat.receipts.type();
  };

  /** For browsers that do not size a field by its content. @param {HTMLTextAreaElement} field */
  #size(field) {
    if (!grows) field.rows = Math.min(ROWS, field.value.split('\n').length);
  }

  /** @param {KeyboardEvent} event */
  #key = (event) => {
    const composing = event.isComposing || event.keyCode === 229;
    if (composing || !sends(event, byTouch())) return;
    event.preventDefault();
    this.#send();
  };

  /** @param {Event} event */
  #submit = (event) => {
    event.preventDefault();
    this.#send();
  };

  #send() {
    const field = this.#field;
    if (!field) return;
    if (field.value === '') return this.chat.announce(composer.empty);
    const text = field.value.trimEnd(); // A last line that is empty was a key too many.
    const complaint = isBlank(text) ? composer.blank : tooMuch(text);
    if (complaint) return void (this.#complaint.value = complaint);
    if (!this.chat.sending.send(text)) return;
    this.chat.drafts.write(this.#session, '');
    this.chat.receipts.sent(this.#session);
    if (!this.chat.live.peek()) this.chat.announce(composer.queued);
  }

  template() {
    const session = this.chat.session.value;
    if (!session) return nothing;
    if (session.closed) return this.#closed(session);
    const complaint = this.#complaint.value || this.chat.sending.refusals.value.get(session.id) || '';
    return html`<form class="composer" @submit=${this.#submit}>
      <p class="complaint" id="complaint" role="alert">${complaint}</p>
      <div class="composer-box">
        <label class="vh" for="message">${composer.label(session.name)}</label>
        <textarea id="message" rows="1" dir="auto" placeholder=${composer.placeholder(session.name)}
          aria-describedby="complaint" aria-invalid=${complaint ? 'true' : nothing}
          enterkeyhint=${byTouch() || sender.value === 'mod' ? 'enter' : 'send'} @input=${this.#typed} @keydown=${this.#key}></textarea>
        <button type="submit" class="btn yes" @pointerdown=${keepFocus}>${composer.send}</button>
      </div>
      ${byTouch() ? nothing : hint(sender.value)}
    </form>`;
  }

  /** @param {import('../state.js').Session} session */
  #closed({ id, name }) {
    const text = this.chat.drafts.all.value.get(id) ?? '';
    const words = html`<p class="closed">${composer.closed}</p>`;
    if (text === '') return words;
    const why = this.chat.sending.refusals.value.get(id) ?? '';
    return html`${words}<div class="composer"><p class="complaint" role="alert">${why}</p>
      <label class="unsent" for="unsent">${composer.unsentText(name)}</label><div class="composer-box">
      <textarea id="unsent" rows="1" dir="auto" readonly .value=${text}></textarea></div></div>`;
  }
}

/** @param {import('../preferences.js').Sender} sender */
const hint = (sender) => {
  const { Enter, Shift, Mod } = NAMES;
  const [send, line] = sender === 'enter' ? [Enter, `${Shift} ${Enter}`] : [`${Mod} ${Enter}`, Enter];
  return html`<p class="hint" aria-hidden="true">
    <span><kbd>${send}</kbd> ${composer.sends}</span><span><kbd>${line}</kbd> ${composer.breaks}</span>
  </p>`;
};

/** What is wrong with the size of a text, in words. @param {string} text */
function tooMuch(text) {
  const characters = [...text].length;
  if (characters > MOST_CHARACTERS) return composer.tooLong(characters, MOST_CHARACTERS);
  return new TextEncoder().encode(text).length > MOST_BYTES ? composer.tooHeavy : '';
}

customElements.define('parlour-composer', Composer);
