// @ts-check
// The chat: the list, the conversation, its messages, and the news beside them.
//
// 1. A message is stored, delivered and read; nothing else is called so.

import { counted, number } from '../../counts.js';

export const list = {
  none: 'No conversations yet. Type somebody’s exact name above and press Invite.',
  waiting: 'Waiting for your answer',
  held: (/** @type {number} */ count) => `+${number(count)} held`,
  heldHint: 'Many asked in a short time, or somebody asked again. These made no pop-up; you can answer them here.',
  invited: 'Invited by you',
  conversations: 'Conversations',
  hidden: (/** @type {number} */ count) => `${number(count)} hidden`,
  muted: 'Muted',
  nothingSaid: 'Nothing said yet',
  more: 'Show more conversations',
  closed: 'Closed',
  wantsToChat: 'Wants to chat. Answer…',
  draft: 'Draft:',
  unsent: 'Not sent:',
  you: 'You:',
  unread: (/** @type {number} */ count) => `${number(count)} unread`,
  loading: 'Loading your conversations…',
  back: 'Back to the list',
  logout: 'Log out',
  signedInAs: 'You are',
  settings: 'Settings',
  deleted: 'Deleted account',
};

export const presences = { online: 'Online', offline: 'Offline' };

export const toast = {
  open: 'Open the conversation',
  dismiss: 'Dismiss',
  accepted: (/** @type {string} */ name) => `${name} said yes. You can write to each other now.`,
  usedLink: (/** @type {string} */ name) => `${name} has used your link. You can write to each other now.`,
};

export const conversation = {
  somebodyWaits: (/** @type {number} */ count) =>
    counted(count, {
      one: 'Somebody waits for your answer: look at the top of the list.',
      other: '# people wait for your answer: look at the top of the list.',
    }),
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
  noPage: 'There is no page at this address.',
  notReached: 'The message could not be loaded. Check your connection and open its link again.',
  firstUnread: (/** @type {number} */ count) =>
    counted(count, { one: 'To the new message', other: 'To the first of # new messages' }),
  said: (/** @type {string} */ name, /** @type {string} */ text) => `${name}: ${text}`,
  elsewhere: (/** @type {string} */ name) => `New message from ${name}`,
  unread: (/** @type {number} */ count) =>
    counted(count, { one: '# new message', other: '# new messages' }),
  typing: (/** @type {string} */ name) => `${name} is typing`,
  question: 'Tell each other when you have read a message, and when you type?',
  questionHint: 'You see it only of those who show it too. You can change it in the settings.',
  closed: 'This conversation is closed.',
  reopened: 'This conversation is open again.',
  questionYes: 'Yes',
  questionNo: 'No',
  newer: (/** @type {number} */ count) => (count === 0 ? 'To the latest' : `${number(count)} new`),
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
    `This message is too long: ${number(count)} of at most ${number(most)} characters. Send it in parts.`,
  tooHeavy: 'This message is too long: it takes more than 16 KiB. Send it in parts.',
  closed: 'This conversation is closed. What was said stays readable.',
  queued: 'You are not connected. The message is sent when the connection is back.',
  unsentText: (/** @type {string} */ name) => `Your text to ${name} that was not sent`,
  empty: 'Write something first.',
  blank: 'Write something first: nobody would see anything of this message.',
  refused: (/** @type {string} */ why) => `Not sent. ${why} Your text is kept here.`,
};

export const leaving = {
  heading: 'Log out?',
  unsent: 'Some of your messages have not been sent yet. Logging out deletes them.',
  drafts: 'You have written something and not sent it. Logging out deletes it.',
  no: 'Stay logged in',
};

export const shortcuts = {
  heading: 'Keyboard shortcuts and signs',
  close: 'Close',
  find: 'Find a conversation, or invite somebody',
  next: 'Next or previous conversation',
  nextUnread: 'Next or previous unread conversation',
  section: 'Next or previous part of the page',
  send: 'Send the message',
  breakLine: 'New line in the message',
  walk: 'From message to message, where they have the keyboard',
  firstUnread: 'To the first unread message',
  latest: 'Clear the search; go to the latest message',
  sheet: 'This sheet',
  writing: 'In a message',
  text: 'text',
  bold: 'Bold',
  italic: 'Italic',
  code: 'Code',
  list: 'List',
  quote: 'Quote',
  signs: 'How far a message has come',
  onItsWay: 'On its way',
  stored: 'On the server',
  delivered: 'On a device of theirs',
  read: 'Read, where both of you show it',
  names: { Mod: 'Ctrl', Alt: 'Alt', Shift: 'Shift', Enter: 'Enter', Escape: 'Esc', PageUp: 'Page up' },
};
