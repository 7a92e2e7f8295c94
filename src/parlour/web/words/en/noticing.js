// @ts-check
// What is noticed while one looks elsewhere: the notifications, and what can be chosen about them.
//
// 1. A notification says who, and what a message says only if one wishes so: others may look at the same screen.

export const noticing = {
  heading: 'Notifications',
  lead:
    'What this browser does when something comes while you look elsewhere. Muted conversations and invitations that are ' +
    'held disturb nobody.',
  notify: 'Show notifications',
  notifyHint: 'While Parlour is open in some tab. Your browser asks you whether it may.',
  denied:
    'Your browser does not let Parlour show notifications. Allow them for this address in the browser’s settings, then ' +
    'switch this on.',
  none: 'This browser has no notifications for this address.',
  texts: 'Show what the message says',
  textsHint: 'If this is off, a notification tells only who has written.',
  sound: 'Play a short sound',
  soundHint: 'You hear it when you switch this on.',
  quiet: 'Quiet hours',
  quietHint: 'Neither notifications nor sounds, from one time to another.',
  from: 'From',
  to: 'to',
  asks: 'Wants to chat',
};
