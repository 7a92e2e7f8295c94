// @ts-check
// What is done once the screen shows what was just changed.
//
// 1. Nobody waits for it: what a person sees comes first, and what can be done a moment later is not in its way.
// 2. A page that nobody looks at has no pictures, and a slow one may take long over one: it does not wait for ever.

const PATIENCE = 100;

/** @returns {Promise<unknown>} */
export const pictured = () =>
  new Promise((go) => {
    setTimeout(go, PATIENCE);
    requestAnimationFrame(() => setTimeout(go));
  });
