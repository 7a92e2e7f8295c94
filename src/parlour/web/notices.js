// @ts-check
// Notifications of the browser's own.
//
// 1. The browser is asked for permission on a press and never otherwise; what it has decided is looked up each time.
// 2. There is one for each conversation, and one for each who asks: a later one takes the place of the earlier one. A
//    press on it leads to what it is about.
// 3. They make no sound of their own.

import { dir, language } from './language.js';

const DIR = /** @type {NotificationDirection} */ (dir);

/** @typedef {{title: string, body: string, open: () => void}} Notice */
/** @typedef {NotificationPermission | 'none'} Permission `none`: this browser, or this address, has no notifications */

export class Notices {
  /** @type {Map<string, Notification>} */ #shown = new Map();

  /** @returns {Permission} */
  permission() {
    return 'Notification' in window && isSecureContext ? Notification.permission : 'none';
  }

  /** On a press. @returns {Promise<Permission>} */
  async ask() {
    return this.permission() === 'default' ? Notification.requestPermission() : this.permission();
  }

  /** @param {string} key @param {Notice} notice @returns {boolean} whether it is shown */
  show(key, { title, body, open }) {
    if (this.permission() !== 'granted') return false;
    this.close(key);
    const shown = this.#made(title, { body, tag: `parlour ${key}`, silent: true, lang: language, dir: DIR });
    if (!shown) return false;
    shown.onclick = () => {
      window.focus();
      this.close(key);
      open();
    };
    this.#shown.set(key, shown);
    return true;
  }

  /** A browser on a telephone has them for installed pages alone. @param {string} title @param {NotificationOptions} options */
  #made(title, options) {
    try {
      return new Notification(title, options);
    } catch {
      return null;
    }
  }

  /** @param {string} key */
  close(key) {
    this.#shown.get(key)?.close();
    this.#shown.delete(key);
  }

  closeAll() {
    for (const key of [...this.#shown.keys()]) this.close(key);
  }
}
