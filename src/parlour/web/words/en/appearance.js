// @ts-check
// How the page looks, and which key sends.
//
// 1. Each choice says what it does, without a word of how it is done.

export const appearance = {
  heading: 'Appearance and writing',
  theme: 'Theme',
  themes: { system: 'As the system has it', light: 'Light', dark: 'Dark' },
  sender: 'What sends a message',
  enter: 'Enter. Shift Enter begins a new line.',
  mod: (/** @type {string} */ mod) => `${mod} Enter. Enter begins a new line.`,
  hint: 'What you choose here counts in this browser alone.',
};
