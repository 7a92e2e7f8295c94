// @ts-check
// German: how the page looks, and which key sends.
//
// 1. Each choice says what it does, without a word of how it is done.

/** @type {typeof import('../en/appearance.js').appearance} */
export const appearance = {
  heading: 'Aussehen und Schreiben',
  theme: 'Farben',
  themes: { system: 'Wie das System', light: 'Hell', dark: 'Dunkel' },
  sender: 'Was eine Nachricht sendet',
  enter: 'Enter. Umschalt Enter beginnt eine neue Zeile.',
  mod: (mod) => `${mod} Enter. Enter beginnt eine neue Zeile.`,
  hint: 'Was du hier wählst, gilt nur in diesem Browser.',
};
