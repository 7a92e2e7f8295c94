// @ts-check
// The beginning: shows the screen that the path names.
//
// 1. A path is a screen; the settings are a place in the chat. Whoever is not logged in is led from there to the login
//    page by the chat itself.
// 2. The address is looked at first: what stands in its fragment goes out of it before anything else.

import './opened.js';
import './offline.js';
import { html, render } from './vendor/lit-html/lit-html.js';
import { effect } from './vendor/signals/signals-core.js';
import { dir, language } from './language.js';
import { go, isPlace, place } from './paths.js';
import { dress } from './preferences.js';
import './screens/chat.js';
import './screens/login.js';
import './screens/register.js';

document.documentElement.lang = language;
document.documentElement.dir = dir;
dress();

const page = /** @type {HTMLElement} */ (document.getElementById('page'));

/** @type {{[path: string]: unknown}} */
const SCREENS = {
  '/register': html`<parlour-register></parlour-register>`,
  '/login': html`<parlour-login></parlour-login>`,
};
const chat = html`<parlour-chat></parlour-chat>`;

if (!isPlace(place.peek().path)) go('/', { notice: 'nowhere' }, 'replace');

let shown = '';
effect(() => {
  const { path } = place.value;
  if (path === shown) return;
  shown = path;
  render(SCREENS[path] ?? chat, page);
});
