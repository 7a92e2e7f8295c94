// @ts-check
// What is written and not sent, kept while the tab lives.
//
// 1. Each person's texts lie under a key of their own; logging out removes them, and nothing empty is kept.
// 2. A browser that keeps nothing, or something unreadable, costs the texts of a reload and no more.

/** @typedef {ReadonlyMap<string, string>} Drafts by session */

/** @param {string} user */
const keyOf = (user) => `drafts ${user}`;

/** @param {string} user @returns {Drafts} */
export function kept(user) {
  try {
    const found = JSON.parse(sessionStorage.getItem(keyOf(user)) ?? '{}');
    return new Map(Object.entries(found).filter(([, text]) => typeof text === 'string'));
  } catch {
    return new Map();
  }
}

/** @param {string} user @param {Drafts} drafts */
export function keep(user, drafts) {
  try {
    if (drafts.size === 0) sessionStorage.removeItem(keyOf(user));
    else sessionStorage.setItem(keyOf(user), JSON.stringify(Object.fromEntries(drafts)));
  } catch {
    // Kept in the page alone.
  }
}
