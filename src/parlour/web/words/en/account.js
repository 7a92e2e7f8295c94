// @ts-check
// Registering, logging in, and why an account's call was refused.
//
// 1. What is wrong is said together with what to do about it.

export const account = {
  register: 'Register',
  login: 'Log in',
  registerHeading: 'Make an account',
  haveOne: 'You have an account?',
  noneYet: 'No account yet?',
  username: 'Username',
  password: 'Password',
  show: 'Show',
  showLabel: 'Show password',
  passwordOdd: 'This password cannot be used: it holds a character that is not text. Choose another one.',
  unavailable: 'The server cannot do this now. Try again in a moment.',
  made: (/** @type {string} */ name) => `Your account ${name} is made. Log in to begin.`,
  loggedOut: 'You are logged out.',
  ended: 'This login has ended. Log in again.',
  deleted: 'Your account is deleted.',
  nameMissing: 'Type your username.',
  passwordMissing: 'Type your password.',
  nameHint: '2 to 32 letters, digits, dots, underscores or hyphens. Others find you by exactly this name.',
  passwordHint: 'At least 8 characters. A few words in a row are good.',
  taken: 'This name is taken. Choose another one.',
  nameInvalid:
    'A name has 2 to 32 of A–Z, a–z, 0–9, dot, underscore and hyphen, and begins with a letter or digit. ' +
    'A few names are reserved.',
  passwordShort: 'This password is too short: at least 8 characters.',
  passwordLong: 'This password is too long: at most 128 characters.',
  passwordWeak: 'This password is too easy to guess: a common one, or your name. Choose another one.',
  nobody: 'There is nobody with this name. Check the spelling, or register.',
  wrong: 'This password does not match.',
  unreachable: 'The server cannot be reached. Check your connection and try again.',
};
