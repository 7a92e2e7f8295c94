// @ts-check
// The sentences of consent: inviting, being invited, links, blocking, closing, and what one has agreed to.
//
// 1. An invitation is sent, not answered, or declined by somebody who says so. It is never "delivered", never "seen".
// 2. What an act does is said before it is done, from both sides: what I lose, and what the other one gets to know.

import { counted, number } from '../../counts.js';
import { date } from '../../times.js';

/** @param {string} lapses */
const day = (lapses) => date(Date.parse(lapses));

export const search = {
  label: 'Find a conversation, or the exact name of somebody to invite',
  placeholder: 'Find or invite someone',
  invite: 'Invite',
  sent: (/** @type {string} */ lapses) =>
    `Invitation sent. You will hear back if they answer. It lapses on ${day(lapses)}.`,
  nobody: (/** @type {string} */ name) => `There is nobody called ${name}.`,
  self: 'That is your own name.',
  empty: 'Type the exact name of the person to invite.',
  nothing: (/** @type {string} */ typed) =>
    `None of your conversations is called “${typed}”. Invite asks the person with exactly this name.`,
  offline: 'You are not connected. Invite again when the connection is back.',
  blocked: (/** @type {string} */ name) => `You have blocked ${name}. Unblock them first.`,
  unblocked: (/** @type {string} */ name) => `You no longer block ${name}. Press Invite to ask them.`,
  addNote: 'Add a note',
  dropNote: 'Leave the note out',
  note: 'Note that goes with the invitation',
  noteHint: 'They see it with your name, as plain text.',
  noteLeft: (/** @type {number} */ left) =>
    left < 0
      ? counted(-left, { one: '# character too many', other: '# characters too many' })
      : counted(left, { one: '# character left', other: '# characters left' }),
  noteLong: (/** @type {number} */ most) => `The note is too long: at most ${number(most)} characters.`,
  noteEmpty: 'There is nothing to see in the note. Write something, or leave it out.',
};

export const invited = {
  hint: 'You will hear back if they answer.',
  sent: (/** @type {string} */ lapses) => `Invitation sent. It lapses on ${day(lapses)}.`,
  unanswered: (/** @type {string} */ lapses) => `No answer. It lapsed on ${day(lapses)}.`,
  declined: 'Said no.',
  toldNo: (/** @type {string} */ name) => `${name} said no.`,
  cancel: 'Cancel',
  takenBack: (/** @type {string} */ name) => `Your invitation to ${name} is taken back.`,
  cancelLabel: (/** @type {string} */ name) => `Cancel the invitation to ${name}`,
  again: 'Invite again',
  againLabel: (/** @type {string} */ name) => `Invite again: ${name}`,
  dismiss: 'Dismiss',
  dismissLabel: (/** @type {string} */ name) => `Dismiss the line about ${name}`,
};

export const ask = {
  accept: 'Accept',
  reject: 'Reject',
  later: 'Decide later',
  tell: 'Reject and tell them',
  block: 'Block',
  /** What stands before the name, and after it. */
  heading: ['', ' wants to chat'],
  several: (/** @type {number} */ count) =>
    counted(count, { one: '# person wants to chat', other: '# people want to chat' }),
  told: (/** @type {string} */ name) => `${name} wants to chat.`,
  toldSeveral: (/** @type {number} */ count) =>
    counted(count, { one: '# person wants to chat.', other: '# people want to chat.' }),
  reach: 'Press F6 to reach the question.',
  place: (/** @type {number} */ at, /** @type {number} */ count) => `${number(at)} of ${number(count)}`,
  next: 'Next',
  previous: 'Previous',
  writes: (/** @type {string} */ name) => `${name} writes:`,
  whole: 'Show all',
  shares:
    'If you accept, you can write to each other and see when the other is online. Until then nothing is shared. ' +
    'Rejecting is silent.',
  lapses: (/** @type {string} */ lapses) => `The invitation lapses on ${day(lapses)}.`,
  over: (/** @type {string} */ name) => `The invitation of ${name} is over.`,
  offline: 'You can answer when the connection is back.',
  rejected: (/** @type {string} */ name) => `Rejected ${name}. They are not told.`,
  rejectedTold: (/** @type {string} */ name) => `Rejected ${name}. They are told.`,
  undo: 'Undo',
  undoLabel: (/** @type {string} */ name) => `Undo the rejection of ${name}`,
  undoHeading: (/** @type {string} */ name) => `Start a conversation with ${name} after all?`,
  undoText: 'To undo a rejection is to accept: you can write to each other then, and see when the other is online.',
  undoYes: 'Accept after all',
  undoNo: 'Leave it rejected',
};

export const parting = {
  close: 'Close conversation',
  closeHeading: (/** @type {string} */ name) => `Close the conversation with ${name}?`,
  closeText:
    'Nobody can write in it any more, you neither. Both of you can still read what was said. ' +
    'A new invitation opens it again.',
  closeNo: 'Keep it open',
  hide: 'Hide conversation',
  hideHint: 'It goes out of your list, and comes back when it is opened again. Nobody else notices.',
  hidden: (/** @type {string} */ name) => `The conversation with ${name} is hidden.`,
  show: 'Show in the list again',
  showLabel: (/** @type {string} */ name) => `Show the conversation with ${name} in the list again`,
  shown: (/** @type {string} */ name) => `The conversation with ${name} stands in the list again.`,
  block: (/** @type {string} */ name) => `Block @${name}`,
  blockHeading: (/** @type {string} */ name) => `Block @${name}?`,
  blockPlain: 'Invitations of theirs do not reach you any more. They are not told, and see an invitation that waits for an answer.',
  blockText:
    'Their invitation goes away, and no other one of theirs reaches you. They are not told, and see an invitation ' +
    'that waits for an answer.',
  blockTalking:
    'Your conversation is closed: both of you can still read it, and nobody can write in it. Invitations of theirs do ' +
    'not reach you any more. They see that it is closed, and are not told that you have blocked them.',
  blockYes: 'Block',
  blockNo: 'Do not block',
  blocked: (/** @type {string} */ name) => `You have blocked ${name}.`,
  unblock: 'Unblock',
  unblockLabel: (/** @type {string} */ name) => `Unblock ${name}`,
  unblocked: (/** @type {string} */ name) =>
    `You no longer block ${name}. Nothing that was ended comes back by itself: you can invite each other again.`,
  asksAgain: (/** @type {string} */ name) => `${name} wants to open it again.`,
  answer: 'Answer…',
};

export const blocks = {
  heading: 'Blocked people',
  hint: 'They cannot reach you, and are not told that you have blocked them.',
  none: 'You have blocked nobody.',
};

export const links = {
  heading: 'Invitation links',
  hint:
    'Make a link and give it to somebody. Whoever opens it first can start a conversation with you at once: you have ' +
    'said yes in advance.',
  offer: 'Or make a link to give to somebody.',
  make: 'Make a link',
  another: 'Make another link',
  address: 'Address of your link',
  once: (/** @type {string} */ lapses) =>
    `It works once, for one person, until ${day(lapses)}. It is shown only now: copy it.`,
  asleep: 'It does not work while nobody may invite you. It is shown only now: copy it.',
  copy: 'Copy',
  copied: 'Copied.',
  notCopied: 'Your browser does not let this page copy. The address is selected: copy it with the keyboard.',
  made: 'Your link is made.',
  none: 'You have no open links.',
  open: 'Open links',
  one: (/** @type {string} */ lapses) => `A link that nobody has used. It lapses on ${day(lapses)}.`,
  new: 'The link above.',
  takeBack: 'Take back',
  takeBackLabel: (/** @type {string} */ lapses) => `Take back the link that lapses on ${day(lapses)}`,
  takenBack: 'The link is taken back: it does not work any more.',
  tooMany: 'You have as many open links as one may have. Take one back first.',

  question: 'Start a conversation with whoever made this link?',
  questionText:
    'You have opened an invitation link. If you start, you can write to each other and see when the other is online.',
  start: 'Start',
  notNow: 'Not now',
  failedHeading: 'The link does not work',
  gone: 'A link works once, and for some days only. Ask whoever gave it to you for another one.',
  ownHeading: 'This is your own link',
  own: 'Give it to somebody else: whoever opens it can start a conversation with you.',
  understood: 'Close',
  kept: 'You have opened an invitation link. Log in or register to use it.',
};

export const ledger = {
  heading: 'Your consent',
  hint: 'What you asked, agreed to and refused, and what others told you: when, and how.',
  loading: 'Looking it up…',
  none: 'Nothing yet. Here will stand whom you invite, what you answer and whom you block.',
  download: 'Download',
  all: (/** @type {number} */ count) => counted(count, { one: 'Show # line', other: 'Show all # lines' }),
  unknown: 'Something that this page does not know.',
};

/** Each deed in words: mine, and somebody else's. */
export const deeds = {
  me: {
    asked: (/** @type {string} */ name) => `You invited ${name}.`,
    cancelled: (/** @type {string} */ name) => `You took your invitation to ${name} back.`,
    declined: (/** @type {string} */ name) => `You rejected the invitation of ${name}.`,
    blocked: (/** @type {string} */ name) => `You blocked ${name}.`,
    unblocked: (/** @type {string} */ name) => `You unblocked ${name}.`,
    closed: (/** @type {string} */ name) => `You closed the conversation with ${name}.`,
    linked: () => 'You made an invitation link.',
    unlinked: () => 'You took an invitation link back.',
  },
  them: {
    asked: (/** @type {string} */ name) => `${name} invited you.`,
    cancelled: (/** @type {string} */ name) => `${name} took the invitation back.`,
    declined: (/** @type {string} */ name) => `${name} rejected your invitation and let you know.`,
    closed: (/** @type {string} */ name) => `The conversation with ${name} was closed.`,
  },
};

/** Each yes in words, by the way in which it came about. */
export const agreed = {
  me: {
    invitation: (/** @type {string} */ name) => `You accepted the invitation of ${name}.`,
    mutual: (/** @type {string} */ name) => `You invited ${name}, who had invited you: both said yes.`,
    link: (/** @type {string} */ name) => `You used a link of ${name}, who had said yes in advance.`,
  },
  them: {
    invitation: (/** @type {string} */ name) => `${name} accepted your invitation.`,
    mutual: (/** @type {string} */ name) => `${name} invited you, whom you had invited: both said yes.`,
    link: (/** @type {string} */ name) => `${name} used a link of yours: you had said yes in advance.`,
  },
};
