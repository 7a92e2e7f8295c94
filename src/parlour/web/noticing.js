// @ts-check
// What one notices while one looks elsewhere: a notification, a sound, and the hours in which there is neither.
//
// 1. It is told who has written or asked, once a moment has passed: what was read until then, here, in another tab or on
//    another device, is no news. Nothing is told of what is muted, held, or before one's eyes.
// 2. One tab tells it for all: the one that sends. What was told is taken back when it is read or answered.
// 3. It is a matter of one person in this browser, and goes with logging out.

import { effect, signal } from './vendor/signals/signals-core.js';
import { Notices } from './notices.js';
import { followed, recall, remember } from './remembered.js';
import { Sound } from './sound.js';
import { conversation, noticing } from './words.js';

/** @typedef {import('./chat.js').Chat} Chat */
/** @typedef {import('./state.js').Session} Session */
/**
 * What one wishes. `texts`: what a message says is shown as well; `from`, `to`: local times, as 22:00.
 * @typedef {{notify: boolean, texts: boolean, sound: boolean, quiet: boolean, from: string, to: string}} Wishes
 */
/** @typedef {{title: string, body: () => string, open: () => void, stands: () => boolean}} News */

/** @type {Wishes} */
const NONE = { notify: false, texts: false, sound: false, quiet: false, from: '22:00', to: '07:00' };
const MOMENT = 1000;

export class Noticing {
  wishes = signal(NONE);
  notices = new Notices();
  sound = new Sound();
  /** @type {Chat} */ #chat;
  #user = '';
  /** What will be told in a moment. @type {Map<string, ReturnType<typeof setTimeout>>} */ #soon = new Map();
  /** What was told. @type {Map<string, News>} */ #told = new Map();
  /** @type {(() => void)[]} */ #ends = [];

  /** @param {Chat} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  /** @param {string} user */
  open(user) {
    this.#user = user;
    const read = () => (this.wishes.value = kept(user));
    read();
    if (this.notices.permission() !== 'granted') this.wishes.value = { ...this.wishes.peek(), notify: false };
    this.#ends = [followed(keyOf(user), read), effect(() => this.#tidy())];
  }

  stop() {
    for (const end of this.#ends.splice(0)) end();
    for (const timer of this.#soon.values()) clearTimeout(timer);
    this.notices.closeAll();
  }

  /** Nothing of a person who has logged out stays here. */
  forget() {
    remember('localStorage', keyOf(this.#user), null);
  }

  /** @param {Partial<Wishes>} news */
  choose(news) {
    this.wishes.value = { ...this.wishes.peek(), ...news };
    remember('localStorage', keyOf(this.#user), this.wishes.peek());
  }

  // --------------------------------------------------------------------------------------------------------- what came

  /** Somebody has written. @param {Session} session @param {string} from @param {string} text */
  message({ id }, from, text) {
    const session = () => this.#chat.state.value?.sessions.get(id);
    const stands = () => (session()?.unread ?? 0) > 0 && !session()?.settings.Muted;
    const body = () => (this.wishes.peek().texts ? text.slice(0, 300) : conversation.unread(session()?.unread ?? 1));
    this.#say(id, { title: from, body, open: () => this.#chat.show(id), stands }, () => this.#chat.open.peek() === id);
  }

  /** Somebody wants to chat. @param {string} name */
  asked(name) {
    const asking = () => this.#chat.waiting.value.find((one) => one.UserName === name);
    const open = () => {
      const one = asking();
      if (one) this.#chat.inviting.reconsider(one);
    };
    const stands = () => asking() !== undefined;
    this.#say(`asks ${name}`, { title: name, body: () => noticing.asks, open, stands }, () => true);
  }

  /** @param {string} key @param {News} news @param {() => boolean} shown whether it is to be seen on this page */
  #say(key, news, shown) {
    clearTimeout(this.#soon.get(key));
    const tell = () => {
      this.#soon.delete(key);
      const seen = isLookedAt() && !this.#chat.elsewhere() && shown();
      if (!seen && news.stands() && this.#chat.sending.first && !isQuiet(this.wishes.peek(), new Date())) this.#tell(key, news);
    };
    this.#soon.set(key, setTimeout(tell, MOMENT));
  }

  /** @param {string} key @param {News} news */
  #tell(key, news) {
    const { notify, sound } = this.wishes.peek();
    if (sound) void this.sound.play();
    if (notify && this.notices.show(key, { ...news, body: news.body() })) this.#told.set(key, news);
  }

  /** What was read or answered is no news any more. */
  #tidy() {
    void this.#chat.state.value;
    for (const [key, news] of this.#told) {
      if (news.stands()) continue;
      this.#told.delete(key);
      this.notices.close(key);
    }
  }
}

const isLookedAt = () => document.visibilityState === 'visible' && document.hasFocus();

/** Whether this is one of the quiet hours, which may go through midnight. @param {Wishes} wishes @param {Date} now */
export function isQuiet({ quiet, from, to }, now) {
  const time = `${String(now.getHours()).padStart(2, '0')}:${String(now.getMinutes()).padStart(2, '0')}`;
  if (!quiet) return false;
  return from <= to ? from <= time && time < to : from <= time || time < to;
}

/** @param {string} user */
const keyOf = (user) => `noticing ${user}`;

/** @param {string} user @returns {Wishes} */
function kept(user) {
  const found = /** @type {{[name: string]: unknown}} */ (recall('localStorage', keyOf(user)) ?? {});
  const known = Object.entries(NONE).map(([name, value]) => [name, typeof found[name] === typeof value ? found[name] : value]);
  return /** @type {Wishes} */ (Object.fromEntries(known));
}
