// @ts-check
// Starts the service worker, which opens this page where the server cannot be reached (worker.js).
//
// 1. The page never waits for it and never needs it: a browser that has none, or refuses (a private window, an address
//    that is not safe), shows the same page.
// 2. The page comes first, and what it has to show: the worker fetches all of its files once more.
// 3. The policy of the page lets no text become a script's address. The one exception is made here: whatever is asked
//    for, it answers with the worker's own address.

import { idle } from './idle.js';

const ADDRESS = '/sw.js';
const A_MOMENT = 1000;

/** @typedef {{createPolicy: (name: string, rules: {createScriptURL: () => string}) => {createScriptURL: (input: string) => string}}} Factory */

const factory = /** @type {{trustedTypes?: Factory}} */ (/** @type {unknown} */ (window)).trustedTypes;
const policy = factory?.createPolicy('parlour', { createScriptURL: () => ADDRESS });

async function start() {
  if (!('serviceWorker' in navigator)) return;
  const address = policy?.createScriptURL(ADDRESS) ?? ADDRESS;
  try {
    const kept = await navigator.serviceWorker.register(address, { updateViaCache: 'none' });
    if (kept.active) await kept.update(); // To the release of this page: now, not when the browser finds the time.
  } catch {
    // A later page tries it again.
  }
}

const later = () => setTimeout(() => idle(() => void start()), A_MOMENT);
if (document.readyState === 'complete') later();
else addEventListener('load', later, { once: true });
