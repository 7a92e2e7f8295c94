// @ts-check
// The settings: of the account, and of one conversation.
//
// 1. What a choice does is said beside it, from both sides.

const ARTICLES = new Map([['iPhone', 'an '], ['iPad', 'an '], ['Mac', 'a ']]);

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
  device: (/** @type {import('../../agents.js').Device} */ device) =>
    device === null
      ? 'A device without a name'
      : 'program' in device
        ? `A program (${device.program})`
        : device.system
          ? `${device.browser} on ${ARTICLES.get(device.system) ?? ''}${device.system}`
          : device.browser,
  thisDevice: 'This device',
  used: (/** @type {string} */ when) => `Last used: ${when}`,
  usedNow: 'now',
  usedLately: 'within the last hour',
  since: (/** @type {string} */ when) => `Logged in: ${when}`,
  revoke: 'Log out',
  revokeLabel: (/** @type {string} */ device) => `Log out ${device}`,
  revoked: (/** @type {string} */ device) => `Logged out: ${device}.`,
  revokeOthers: 'Log out all others',
  revokedOthers: 'All your other devices are logged out.',
  logOutEverywhere: 'Log out everywhere',
  alone: 'You are logged in nowhere else.',

  language: 'Language',
  languageHint: 'It counts in this browser.',

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

  muted: 'Mute this conversation',
  mutedHint: 'No notification and no sound. What is new is counted, without a fuss.',

  one: 'Conversation settings',
  oneHint: 'What you choose here counts for this conversation alone.',
  presenceOne: 'If this is off, you look offline here.',
  close: 'Close the settings',
  on: 'On',
  off: 'Off',

  installHeading: 'This device',
  installLead: 'Install Parlour to open it from your home screen or desktop, without a connection too.',
  install: 'Install',
  installLabel: 'Install Parlour on this device',
  installOffer: 'Parlour can be installed on this device. It then opens from your home screen or desktop.',

  data: 'Your data',
  dataLead:
    'A file with all that this server holds about you, as far as you may see it: your account, settings, devices and ' +
    'consent, and your conversations with all their messages. Passwords and the secrets of links are not in it.',
  export: 'Export my data',
  exporting: 'Your data is being collected. Leave this page open…',
  exported: (/** @type {string} */ file) => `Your data is saved as ${file}.`,
  exportCut: 'The file could not be finished. Check your connection and try again.',

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
