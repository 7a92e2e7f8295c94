// @ts-check
// Installing the page, where the browser offers it.
//
// 1. What the browser offers is held until it is welcome: never when the page is opened, but once, after a first
//    conversation has come about, and in the settings.
// 2. Where it offers nothing, because it cannot or because the page is installed already, nothing is said of it.

import { recall, remember } from './remembered.js';
import { signal } from './vendor/signals/signals-core.js';
import { settings } from './words.js';

/** @typedef {import('./chat.js').Chat} Chat */
/** @typedef {Event & {prompt: () => Promise<unknown>}} Offer */

const SAID = 'install offered';
/** What the piece of news is about: nobody is called so. */
const ABOUT = '/install';

/** What the browser offers now. */
export const offer = signal(/** @type {Offer | null} */ (null));

/** @param {Event} event */
function hold(event) {
  event.preventDefault();
  offer.value = /** @type {Offer} */ (event);
}

/** The browser asks by itself whether one is sure; an offer is good for one question. */
export function install() {
  const given = offer.peek();
  offer.value = null;
  void given?.prompt();
}

/** Said once in this browser. @param {Chat} chat */
export function suggest(chat) {
  if (!offer.peek() || recall('localStorage', SAID)) return;
  remember('localStorage', SAID, true);
  const press = () => {
    chat.forget(ABOUT);
    install();
  };
  chat.toast(settings.installOffer, { about: ABOUT, act: { text: settings.install, label: settings.installLabel, press } });
}

addEventListener('beforeinstallprompt', hold);
addEventListener('appinstalled', () => (offer.value = null));
