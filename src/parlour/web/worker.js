// @ts-check
// The service worker: keeps the files of the page on this device, so that it opens when the server cannot be reached.
//
// 1. A release's files lie under the release's own name and never change: no page is ever made of two releases.
// 2. Which release a page is of, the server says whenever it can be reached; only then the files come from the device.
// 3. Nothing of a person goes through here: whatever is no page and no file of a release is left to the browser.
// 4. `@release` and `@files` are put in by the server: another release is another worker.

const RELEASE = '/web/@release/';
const FILES = ['@files'];
const PAGES = ['/', '/login', '/register', '/settings'];
const SHELL = `${RELEASE}index.html`;
const PATIENCE = 3000;

/** @typedef {Event & {waitUntil: (work: Promise<unknown>) => void}} Lasting */
/** @typedef {Event & {request: Request, respondWith: (answer: Promise<Response>) => void}} Fetching */

const worker = /** @type {{skipWaiting: () => Promise<void>}} */ (/** @type {unknown} */ (globalThis));

/** @param {Lasting} event */
const install = (event) => event.waitUntil(keep());
/** @param {Lasting} event */
const activate = (event) => event.waitUntil(tidy());

/** @param {Fetching} event */
function answer(event) {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== 'GET') return;
  if (request.mode === 'navigate' && PAGES.includes(pathname)) event.respondWith(page(request));
  else if (pathname.startsWith('/web/@')) event.respondWith(file(request));
}

/** All files, or none: a worker that could not keep everything never comes to work. */
async function keep() {
  const cache = await caches.open(RELEASE);
  await cache.addAll(FILES.map((name) => RELEASE + name));
  await worker.skipWaiting();
}

/** The release before this one stays for the pages that are still open. */
async function tidy() {
  const names = await caches.keys();
  for (const name of names.filter((one) => one !== RELEASE).slice(0, -1)) await caches.delete(name);
}

/**
 * As the server has it; without a server, or when it takes too long, as it was kept.
 * @param {Request} request @returns {Promise<Response>}
 */
async function page(request) {
  const late = new Promise((go) => setTimeout(go, PATIENCE));
  const told = fetch(request);
  const answer = await Promise.race([told, late]).catch(() => undefined);
  if (answer instanceof Response && answer.status < 500) return answer;
  return (await caches.match(SHELL, { ignoreVary: true })) ?? told;
}

/** @param {Request} request @returns {Promise<Response>} */
async function file(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

addEventListener('install', /** @type {EventListener} */ (install));
addEventListener('activate', /** @type {EventListener} */ (activate));
addEventListener('fetch', /** @type {EventListener} */ (/** @type {unknown} */ (answer)));
