// @ts-check
// The chat: list, conversation, pop-up.
//
// 1. The frame of the page stands still; each part paints itself.
// 2. On a narrow page one pane is shown at a time; the history's entry says which. The pane that is shown is the main
//    one, and there is always one first heading: the conversation's name, or the product's.

import { html, nothing, render } from '../vendor/lit-html/lit-html.js';
import { effect, signal, untracked } from '../vendor/signals/signals-core.js';
import { Chat } from '../chat.js';
import '../components/announcer.js';
import '../components/ask.js';
import '../components/banner.js';
import { mark, nameOf, tileOf } from '../components/drawn.js';
import '../components/new-link.js';
import '../components/people.js';
import '../components/search.js';
import '../components/shortcuts.js';
import '../components/sure.js';
import '../components/toasts.js';
import { byTouch } from '../components/part.js';
import { shortcut } from '../keys.js';
import * as paths from '../paths.js';
import { conversation, links, list, settings, title } from '../words.js';
import { conversationOf } from './conversation.js';
import './settings.js';

/** Whether the page is so now. @param {string} query */
function watched(query) {
  const media = matchMedia(query);
  const is = signal(media.matches);
  media.addEventListener('change', () => (is.value = media.matches));
  return is;
}
const narrow = watched('(max-width: 719.98px)');
const low = watched('(max-height: 40rem)');

const inSettings = () => paths.place.value.path === paths.SETTINGS;

class ChatScreen extends HTMLElement {
  #chat = new Chat();
  #gone = new AbortController();
  /** @type {(() => void)[]} */ #ends = [];
  /** @type {string | null} the conversation that was shown last */ #last = null;
  #set = false;
  #begun = false;

  connectedCallback() {
    const chat = this.#chat;
    document.documentElement.toggleAttribute('data-chat', true);
    this.#ends = [
      effect(() => this.#arrive(paths.place.value.session)),
      effect(() => void render(this.#template(), this)),
      effect(() => this.#place(chat.state.value !== null, chat.session.value?.id ?? null)),
      effect(() => this.#return(inSettings())),
      effect(() => this.#entitle()),
      effect(() => chat.redeeming.look()),
    ];
    document.addEventListener('keydown', (event) => shortcut(event, chat), { signal: this.#gone.signal });
    chat.start();
  }

  #entitle() {
    const waiting = this.#chat.unread.value + this.#chat.waiting.value.length;
    document.title = title(inSettings() ? settings.heading : (this.#chat.session.value?.name ?? ''), waiting);
  }

  disconnectedCallback() {
    this.#gone.abort();
    document.documentElement.toggleAttribute('data-chat', false);
    for (const end of this.#ends) end();
    this.#chat.stop();
  }

  /** @param {string | null} session */
  #arrive(session) {
    untracked(() => this.#chat.arrive(session));
  }

  /**
   * The keyboard does not fall out of the page: it begins in the search field or where one writes, and from a
   * conversation that has gone it comes to its row.
   * @param {boolean} loaded @param {string | null} session
   */
  #place(loaded, session) {
    const from = this.#last;
    this.#last = session;
    if (!loaded) return;
    const first = !this.#begun;
    this.#begun = true;
    if (session !== null) return first ? this.#begin() : undefined;
    queueMicrotask(() => {
      if (document.activeElement !== document.body) return;
      const row = this.querySelector(`[data-session="${CSS.escape(from ?? '')}"]`);
      if (row instanceof HTMLElement) row.focus();
      else (byTouch() ? this.querySelector('h1') : document.getElementById('find'))?.focus();
    });
  }

  /** In a conversation that is there from the start one goes on writing; a message with an address has the keyboard. */
  #begin() {
    const { attention } = this.#chat;
    if (document.activeElement === document.body && paths.place.peek().message === null)
      attention.value = attention.peek() + 1;
  }

  /** Out of the settings the keyboard comes back to their button, or to what stands in its place. @param {boolean} set */
  #return(set) {
    const back = this.#set && !set;
    this.#set = set;
    if (!back) return;
    queueMicrotask(() => {
      if (document.activeElement !== document.body) return;
      const button = document.getElementById('settings');
      (button?.checkVisibility() ? button : this.querySelector('h1'))?.focus();
    });
  }

  #template() {
    const chat = this.#chat;
    const set = inSettings();
    const open = set ? null : chat.session.value;
    const beside = open !== null || set;
    return html`<div class="app" data-view=${beside ? 'chat' : 'list'}>
      <parlour-banner .chat=${chat}></parlour-banner>
      <parlour-toasts .chat=${chat}></parlour-toasts>
      <div class="side" role=${!beside && narrow.value ? 'main' : nothing}><nav aria-label=${list.conversations}>
        <div class="brand">${mark}${beside ? html`<span>Parlour</span>` : html`<h1 tabindex="-1">Parlour</h1>`}</div>
        <parlour-search .chat=${chat}></parlour-search>
        <parlour-people class="people" .chat=${chat}></parlour-people>
        ${this.#self()}
      </nav></div>
      <main class="main">${
        set ? this.#settings() : open ? conversationOf(chat, open.id) : this.#nobody()
      }</main>
      <parlour-ask ?data-sheet=${!open || narrow.value || low.value} .chat=${chat}></parlour-ask>
      <parlour-sure .chat=${chat}></parlour-sure>
      <parlour-shortcuts .chat=${chat}></parlour-shortcuts>
      <parlour-announcer .chat=${chat}></parlour-announcer>
    </div>`;
  }

  #self() {
    const name = this.#chat.me.value?.name ?? '';
    return html`<div class="self">
      <button type="button" class="self-me" id="settings" aria-current=${inSettings() ? 'page' : nothing}
        @click=${() => inSettings() || paths.go(paths.SETTINGS)}>${name ? tileOf(name) : nothing}<span>
          ${name ? html`<span class="vh">${list.signedInAs}</span> ${nameOf(name, 'self-name')}` : nothing}
          <span class="self-settings">${list.settings}</span></span></button>
      <button type="button" class="btn small no" @click=${() => void this.#chat.leaving.logOut()}>${list.logout}</button></div>`;
  }

  #settings() {
    return html`<parlour-settings class="settings" .chat=${this.#chat}></parlour-settings>`;
  }

  #nobody() {
    if (this.#chat.state.value === null) return html`<div class="nobody">${mark}</div>`;
    const some = this.#chat.sessions.value.length > 0;
    const waiting = this.#chat.waiting.value.length;
    return html`<div class="nobody">${mark}<h2 class="big">${some ? conversation.choose : conversation.welcome}</h2>
      <p>${some ? conversation.chooseHint : conversation.welcomeHint}</p>
      ${waiting > 0 ? html`<p>${conversation.somebodyWaits(waiting)}</p>` : nothing}
      ${some ? nothing : html`<p>${links.offer}</p><parlour-new-link .chat=${this.#chat}></parlour-new-link>`}</div>`;
  }
}

customElements.define('parlour-chat', ChatScreen);
