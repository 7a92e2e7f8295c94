// @ts-check
// The search field with [Invite] beside it.
//
// 1. Typing filters one's own conversations and asks the server nothing: there is no directory to search.
// 2. [Invite] asks the person with exactly this name. Enter does where no conversation is found: else it goes to the
//    first one, so that nobody asks a stranger by mistake. What came of it is said in words beside the field.
// 3. A note is never needed: it is offered once something is typed, and what is too much is counted, not cut.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { NOTE_CHARACTERS } from '../inviting.js';
import { sends } from '../preferences.js';
import { parting, search } from '../words.js';
import { glass } from './drawn.js';
import { Part, byTouch, focusedIn } from './part.js';

class Search extends Part {
  connectedCallback() {
    super.connectedCallback();
    this.runs(() => this.#follow('#find', this.chat.inviting.typed.value));
    this.runs(() => this.#follow('#note', this.chat.inviting.note.value ?? ''));
  }

  /** The fields are emptied when their question was answered. @param {string} id @param {string} typed */
  #follow(id, typed) {
    const field = /** @type {HTMLInputElement | null} */ (this.querySelector(id));
    if (field && field.value !== typed) field.value = typed;
  }

  /** A button or field that goes leaves the keyboard in the search field. */
  paint() {
    const inside = focusedIn(this);
    super.paint();
    if (inside && !inside.isConnected) document.getElementById('find')?.focus();
  }

  /** @param {Event} event */
  #type = (event) => {
    this.chat.inviting.type(/** @type {HTMLInputElement} */ (event.target).value);
  };

  /** @param {Event} event */
  #write = (event) => {
    this.chat.inviting.note.value = /** @type {HTMLTextAreaElement} */ (event.target).value;
  };

  /** The key that sends a message sends the note. @param {KeyboardEvent} event */
  #key = (event) => {
    if (event.isComposing || event.keyCode === 229 || !sends(event, byTouch())) return;
    event.preventDefault();
    this.#ask();
  };

  /** From the field to what is found. @param {KeyboardEvent} event */
  #find = (event) => {
    const row = /** @type {HTMLElement | null} */ (document.querySelector('.people [data-session]'));
    if (!row || event.isComposing || event.keyCode === 229) return;
    if (event.key === 'ArrowDown') row.focus();
    else if (event.key === 'Enter' && this.chat.inviting.typed.peek().trim() !== '') this.#enter(row);
    else return;
    event.preventDefault();
  };

  /** @param {HTMLElement} row */
  #enter(row) {
    row.click();
    this.chat.inviting.type('');
  }

  /** @param {Event} event */
  #invite = (event) => {
    event.preventDefault();
    this.#ask();
  };

  #ask() {
    void this.chat.inviting.invite(this.chat.inviting.typed.peek());
  }

  #addNote() {
    this.chat.inviting.note.value = '';
    this.querySelector('textarea')?.focus();
  }

  template() {
    const { found, note, typed } = this.chat.inviting;
    const { text, blocked } = found.value;
    return html`<form role="search" @submit=${this.#invite}><div class="find">
        <label class="vh" for="find">${search.label}</label>
        <span class="find-icon" aria-hidden="true">${glass}</span>
        <input id="find" type="search" name="find" placeholder=${search.placeholder} maxlength="64"
          autocomplete="off" autocapitalize="none"
          autocorrect="off" spellcheck="false" enterkeyhint="go" aria-describedby="found" @input=${this.#type} @keydown=${this.#find} />
        <button type="submit" class="btn small yes">${search.invite}</button></div>
        ${note.value !== null ? this.#note(note.value) : typed.value.trim() === '' ? nothing : this.#offer()}
      </form>
      <p id="found" class="found" role="status">${text}</p>
      ${blocked ? this.#unblock(blocked) : nothing}`;
  }

  #offer() {
    return html`<p class="note-offer"><button type="button" class="link" @click=${() => this.#addNote()}>
      ${search.addNote}</button></p>`;
  }

  /** @param {string} note */
  #note(note) {
    const left = NOTE_CHARACTERS - [...note.trim()].length;
    return html`<div class="note-field"><label for="note">${search.note}</label>
      <textarea id="note" rows="2" dir="auto" enterkeyhint=${byTouch() ? 'enter' : 'send'}
        aria-describedby="note-left note-hint" aria-invalid=${left < 0 ? 'true' : nothing}
        @input=${this.#write} @keydown=${this.#key}></textarea>
      <p class="field-hint" id="note-hint">${search.noteHint}</p>
      <p class=${left < 0 ? 'error' : 'field-hint'} id="note-left">${search.noteLeft(left)}</p>
      <button type="button" class="link" @click=${() => (this.chat.inviting.note.value = null)}>${search.dropNote}</button>
    </div>`;
  }

  /** @param {string} name */
  #unblock(name) {
    return html`<p class="note-offer"><button type="button" class="btn small no" aria-label=${parting.unblockLabel(name)}
      @click=${() => void this.chat.inviting.unblock(name)}>${parting.unblock}</button></p>`;
  }
}

customElements.define('parlour-search', Search);
