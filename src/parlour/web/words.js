// @ts-check
// Every sentence that the page says, in one place.
//
// 1. Plain words: what happened, and what one can do now. No codes, no blame.
// 2. An invitation is never called "delivered" or "seen": what the other person has decided is not told by any word
//    here.
// 3. The sentences of consent stand in consent-words.js and are handed on from here.

import { search } from './consent-words.js';
import { waiting } from './times.js';

export * from './consent-words.js';

/** @param {string} name @param {number} [waiting] what waits to be looked at */
export const title = (name, waiting = 0) =>
  `${waiting > 0 ? `(${waiting}) ` : ''}${name ? `${name} · ` : ''}Parlour`;

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

export const list = {
  none: 'No conversations yet. Type somebody’s exact name above and press Invite.',
  waiting: 'Waiting for your answer',
  held: (/** @type {number} */ count) => `+${count} held`,
  heldHint: 'Many asked at once, or somebody asked again. These made no pop-up; you can answer them here.',
  invited: 'Invited by you',
  conversations: 'Conversations',
  nothingSaid: 'Nothing said yet',
  closed: 'Closed',
  wantsToChat: 'Wants to chat. Answer…',
  draft: 'Draft:',
  you: 'You:',
  unread: (/** @type {number} */ count) => `${count} unread`,
  loading: 'Loading your conversations…',
  back: 'Back to the list',
  logout: 'Log out',
  signedInAs: 'You are',
  settings: 'Settings',
};

/** @param {boolean | undefined} online `undefined`: nobody can know now */
export const presence = (online) => (online === undefined ? '' : online ? 'Online' : 'Offline');

export const toast = {
  open: 'Open the conversation',
  dismiss: 'Dismiss',
  accepted: (/** @type {string} */ name) => `${name} said yes. You can write to each other now.`,
  usedLink: (/** @type {string} */ name) => `${name} has used your link. You can write to each other now.`,
};

export const conversation = {
  choose: 'Choose a conversation',
  chooseHint: 'Or find somebody: type their exact name and press Invite.',
  welcome: 'Somebody to talk to',
  welcomeHint:
    'Type a person’s exact username in the field and press Invite. Once they say yes, you can write to each other.',
  begin: (/** @type {string} */ name) => `You and ${name} have both said yes. Say hello.`,
  label: (/** @type {string} */ name) => `Conversation with ${name}`,
  olderFailed: 'Older messages could not be loaded.',
  newerFailed: 'The messages that follow could not be loaded.',
  noMessage: 'This message cannot be shown: it is not there, or you are not in its conversation.',
  notReached: 'The message could not be loaded. Check your connection and open its link again.',
  firstUnread: (/** @type {number} */ count) => (count === 1 ? 'To the new message' : `To the first of ${count} new messages`),
  said: (/** @type {string} */ name, /** @type {string} */ text) => `${name}: ${text}`,
  elsewhere: (/** @type {string} */ name) => `New message from ${name}`,
  several: (/** @type {number} */ count) => `${count} new messages`,
  unread: (/** @type {number} */ count) => (count === 1 ? '1 new message' : `${count} new messages`),
  typing: (/** @type {string} */ name) => `${name} is typing`,
  question: 'Tell each other when you have read a message, and when you type?',
  questionHint: 'You see it only of those who show it too. You can change it in the settings.',
  closed: 'This conversation is closed.',
  reopened: 'This conversation is open again.',
  questionYes: 'Yes',
  questionNo: 'No',
  newer: (/** @type {number} */ count) => (count === 0 ? 'To the latest' : `${count} new`),
};

export const message = {
  me: 'You',
  stored: 'stored',
  delivered: 'delivered',
  read: 'read',
  sending: 'sending',
  waiting: 'waiting for the connection',
  later: 'waiting for the server',
  behind: 'waiting for the message above',
  failed: 'not sent',
  failedWhy: (/** @type {string} */ why) => `Not sent. ${why}`,
  failedTold: (/** @type {string} */ why) => `A message was not sent. ${why}`,
  again: 'Try again',
  discard: 'Delete',
  lostWithLogin: 'Some of your messages have not been sent yet. If you log out now, they are deleted. Log out?',
  whole: 'Show all of it',
  copyLink: 'Copy link',
  linkLabel: (/** @type {string} */ time) => `${time}, copy link`,
  linkCopied: 'Link copied',
  linkAbove: 'The link stands in the address bar',
  label: (/** @type {string} */ name, /** @type {string} */ at, /** @type {string} */ state) =>
    [name, at, state].filter((part) => part !== '').join(', '),
};

export const composer = {
  send: 'Send',
  sends: 'sends',
  breaks: 'begins a new line',
  label: (/** @type {string} */ name) => `Message to ${name}`,
  placeholder: (/** @type {string} */ name) => `Message ${name}`,
  tooLong: (/** @type {number} */ count, /** @type {number} */ most) =>
    `This message is too long: ${whole(count)} of at most ${whole(most)} characters. Send it in parts.`,
  tooHeavy: 'This message is too long: it takes more than 16 KiB. Send it in parts.',
  closed: 'This conversation is closed. What was said stays readable.',
  queued: 'You are not connected. The message is sent when the connection is back.',
  unsentText: (/** @type {string} */ name) => `Your text to ${name} that was not sent`,
  empty: 'Write something first.',
  blank: 'Write something first: nobody would see anything of this message.',
  refused: (/** @type {string} */ why) => `Not sent. ${why} Your text is kept here.`,
};

export const connection = {
  label: 'Connection',
  connecting: 'Connecting to the server.',
  lost: 'Connection lost. What you send waits here and leaves when it is back.',
  unreachable: 'The server cannot be reached.',
  back: 'Connected again.',
  retryIn: (/** @type {number} */ seconds) => `Trying again in ${seconds} s`,
  trying: 'Trying again…',
  retry: 'Retry now',
  useHere: 'Use here',
  banned: 'This account may not connect.',
  elsewhere: 'Parlour was opened elsewhere.',
  abuse: 'The server has ended this connection because too much was sent.',
  ended: (/** @type {number} */ code) => `The server has ended this connection (${code}).`,
  restored: 'The server’s data was restored from an earlier state: recent messages may be missing.',
  logoutFailed: 'Logging out did not work: the server cannot be reached. Try again.',
};

/** Why a connection stopped for good. @param {number | null} code @returns {string} */
export function stopped(code) {
  if (code === 4403) return connection.banned;
  if (code === 4409) return connection.elsewhere;
  if (code === 4429) return connection.abuse;
  return connection.ended(code ?? 1006);
}

export const settings = {
  heading: 'Settings',
  back: 'Back',
  account: 'Account',
  yourName: 'Your username',
  nameHint: 'Others find you by exactly this name. It cannot be changed.',
  passwordHeading: 'Change your password',
  oldPassword: 'Current password',
  newPassword: 'New password',
  passwordEffect: 'This logs out all your other devices. You stay logged in here.',
  change: 'Change password',
  changed: 'Your password is changed. All your other devices are logged out.',
  oldMissing: 'Type your current password.',
  newMissing: 'Type a new password.',

  devices: 'Devices',
  devicesHint: 'Where you are logged in. Log out what you do not know, then change your password.',
  devicesLoading: 'Looking up your devices…',
  device: (/** @type {import('./agents.js').Device} */ device) =>
    device === null
      ? 'A device without a name'
      : 'program' in device
        ? `A program (${device.program})`
        : device.system
          ? `${device.browser} on ${device.system}`
          : device.browser,
  thisDevice: 'This device',
  used: (/** @type {string} */ when) => `Last used: ${when}`,
  usedNow: 'now',
  usedLately: 'within the last hour',
  usedBetween: (/** @type {[from: string, to: string]} */ [from, to]) => `between ${from} and ${to}`,
  since: (/** @type {string} */ when) => `Logged in: ${when}`,
  revoke: 'Log out',
  revokeLabel: (/** @type {string} */ device) => `Log out ${device}`,
  revoked: (/** @type {string} */ device) => `Logged out: ${device}.`,
  revokeOthers: 'Log out all others',
  revokedOthers: 'All your other devices are logged out.',
  alone: 'You are logged in nowhere else.',

  privacy: 'Privacy',
  whoMayInvite: 'Who may invite me to chat',
  everyone: 'Everyone who knows my exact name',
  shared: 'People I have had a conversation with, and whoever has a link of mine',
  links: 'Only whoever has a link of mine',
  nobody: 'Nobody, and my links do not work',
  whoHint: 'Others are not told of your choice: their invitation only waits for an answer. You can still invite anybody.',
  presence: 'Show when I am online',
  presenceHint: 'If this is off, you look offline to everybody.',
  receipts: 'Send read receipts',
  receiptsHint: 'You see whether others have read your messages only where both of you send receipts.',
  typing: 'Show when I am typing',
  typingHint: 'You see others typing only where both of you show it.',
  switchesHint: 'A conversation in which you have chosen otherwise keeps its own choice.',

  one: 'Conversation settings',
  oneHint: 'What you choose here counts for this conversation alone.',
  presenceOne: 'If this is off, you look offline here.',
  close: 'Close the settings',
  on: 'On',
  off: 'Off',

  deletion: 'Delete my account',
  deletionLead: 'If you delete your account:',
  deletionTold: [
    'All your devices are logged out, this one too.',
    'Your conversations are closed. Nobody can write in them any more.',
    'What you have written stays with those whom you wrote to, under “Deleted account”.',
    'Your settings are deleted. Your username is never given to anybody again, not even to you.',
  ],
  deletionFinal: 'This cannot be undone.',
  deletionPassword: 'Your password',
  delete: 'Delete my account for good',
};

/** Why a new password is refused. @param {string} password */
export function weakness(password) {
  const { length } = [...password.normalize('NFC')];
  return length < 8 ? account.passwordShort : length > 128 ? account.passwordLong : account.passwordWeak;
}

/** Why an account's question was not answered. @param {string} code @param {number | null} retryAfter @param {number} now */
export function unanswered(code, retryAfter, now) {
  if (code === 'slow_down') return tooMuch(retryAfter, now);
  return code === 'unreachable' ? account.unreachable : account.unavailable;
}

/** @type {{[code: string]: string}} */
const REASONS = {
  empty: 'There is nothing to see in this message.',
  too_long: 'The message is too long: at most 8,000 characters and 16 KiB.',
  malformed: 'The server cannot store this text as it is.',
  not_found: 'You are not in this conversation.',
  closed: 'This conversation is closed.',
  nonce_reused: 'The server already has another text in its place.',
  gone: 'This invitation is over.',
  user_not_found: 'There is nobody with this name any more.',
  no_invitation: 'This invitation is over.',
  storage_full: 'The server’s disk is full.',
  unavailable: 'The server cannot do this now. Try again in a moment.',
  internal: 'Something went wrong in the server.',
  lost: 'The connection was lost. Try again when it is back.',
};

/**
 * A refusal in words.
 * @param {{Code: string, Reason?: string, RetryAfter?: number | null}} error @param {number} now milliseconds
 * @returns {string}
 */
export function reason(error, now) {
  if (error.Code === 'slow_down') return tooMuch(error.RetryAfter ?? null, now);
  return REASONS[error.Code] ?? error.Reason ?? 'The server refused it.';
}

/**
 * Why nobody was invited.
 * @param {{Code: string, Reason?: string, RetryAfter?: number | null}} error @param {string} name @param {number} now milliseconds
 * @returns {string}
 */
export function notInvited(error, name, now) {
  if (error.Code === 'user_not_found') return search.nobody(name);
  if (error.Code === 'you_blocked') return search.blocked(name);
  if (error.Code === 'empty') return search.noteEmpty;
  return error.Code === 'self' ? search.self : reason(error, now);
}

/**
 * Why a message came back.
 * @param {{Code: string, Reason?: string, RetryAfter?: number | null}} error @param {number} now milliseconds
 */
export function notSent(error, now) {
  return composer.refused(reason(error, now));
}

/** @param {number | null} seconds @param {number} now @returns {string} */
export function tooMuch(seconds, now) {
  return seconds === null
    ? 'Too many tries. Wait a moment and try again.'
    : `Too many tries. You can try again ${waiting(seconds, now)}.`;
}

/** A number as one reads it: 8,000. @param {number} count */
function whole(count) {
  return count.toLocaleString('en-GB');
}
