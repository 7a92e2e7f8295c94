// @ts-check
// German: the settings of the account, and of one conversation.
//
// 1. What a choice does is said beside it, from both sides.

/** @type {typeof import('../en/settings.js').settings} */
export const settings = {
  heading: 'Einstellungen',
  back: 'Zurück',
  account: 'Konto',
  yourName: 'Dein Benutzername',
  nameHint: 'Andere finden dich unter genau diesem Namen. Er kann nicht geändert werden.',
  passwordHeading: 'Passwort ändern',
  oldPassword: 'Bisheriges Passwort',
  newPassword: 'Neues Passwort',
  passwordEffect: 'Das meldet alle deine anderen Geräte ab. Hier bleibst du angemeldet.',
  change: 'Passwort ändern',
  changed: 'Dein Passwort ist geändert. Alle deine anderen Geräte sind abgemeldet.',
  oldMissing: 'Gib dein bisheriges Passwort ein.',
  newMissing: 'Gib ein neues Passwort ein.',

  devices: 'Geräte',
  devicesHint: 'Wo du angemeldet bist. Melde ab, was du nicht kennst, und ändere dann dein Passwort.',
  devicesLoading: 'Deine Geräte werden nachgesehen …',
  device: (device) =>
    device === null
      ? 'Ein Gerät ohne Namen'
      : 'program' in device
        ? `Ein Programm (${device.program})`
        : device.system
          ? `${device.browser} (${device.system})`
          : device.browser,
  thisDevice: 'Dieses Gerät',
  used: (when) => `Zuletzt benutzt: ${when}`,
  usedNow: 'jetzt',
  usedLately: 'in der letzten Stunde',
  since: (when) => `Angemeldet: ${when}`,
  revoke: 'Abmelden',
  revokeLabel: (device) => `${device} abmelden`,
  revoked: (device) => `Abgemeldet: ${device}.`,
  revokeOthers: 'Alle anderen abmelden',
  revokedOthers: 'Alle deine anderen Geräte sind abgemeldet.',
  logOutEverywhere: 'Überall abmelden',
  alone: 'Du bist nirgends sonst angemeldet.',

  language: 'Sprache',
  languageHint: 'Sie gilt in diesem Browser.',

  privacy: 'Privatsphäre',
  whoMayInvite: 'Wer mich zum Chatten einladen darf',
  everyone: 'Alle, die meinen genauen Namen kennen',
  shared: 'Personen, mit denen ich schon eine Unterhaltung hatte, und wer einen Link von mir hat',
  links: 'Nur wer einen Link von mir hat',
  nobody: 'Niemand, und meine Links gelten nicht',
  whoHint: 'Andere erfahren nichts von deiner Wahl: Ihre Einladung wartet nur auf Antwort. Du kannst weiter alle einladen.',
  presence: 'Zeigen, wann ich online bin',
  presenceHint: 'Wenn das aus ist, bist du für alle offline.',
  receipts: 'Lesebestätigungen senden',
  receiptsHint: 'Du siehst nur dort, ob andere deine Nachrichten gelesen haben, wo ihr beide Bestätigungen sendet.',
  typing: 'Zeigen, wann ich schreibe',
  typingHint: 'Du siehst nur dort, dass andere schreiben, wo ihr beide es zeigt.',
  switchesHint: 'Eine Unterhaltung, in der du etwas anderes gewählt hast, behält ihre eigene Wahl.',

  muted: 'Diese Unterhaltung stummschalten',
  mutedHint: 'Keine Benachrichtigung und kein Ton. Neues wird gezählt, ohne Aufhebens.',

  one: 'Einstellungen der Unterhaltung',
  oneHint: 'Was du hier wählst, gilt nur für diese Unterhaltung.',
  presenceOne: 'Wenn das aus ist, bist du hier offline.',
  close: 'Einstellungen schließen',
  on: 'An',
  off: 'Aus',

  installHeading: 'Dieses Gerät',
  installLead: 'Installiere Parlour, um es vom Startbildschirm oder Schreibtisch aus zu öffnen, auch ohne Verbindung.',
  install: 'Installieren',
  installLabel: 'Parlour auf diesem Gerät installieren',
  installOffer: 'Parlour lässt sich auf diesem Gerät installieren. Es öffnet sich dann vom Startbildschirm oder Schreibtisch aus.',

  data: 'Deine Daten',
  dataLead:
    'Eine Datei mit allem, was dieser Server über dich hat, soweit du es sehen darfst: dein Konto, deine Einstellungen, ' +
    'Geräte und Zustimmungen und deine Unterhaltungen mit allen Nachrichten. Passwörter und die Geheimnisse von Links ' +
    'stehen nicht darin.',
  export: 'Meine Daten exportieren',
  exporting: 'Deine Daten werden gesammelt. Lass diese Seite offen …',
  exported: (file) => `Deine Daten sind als ${file} gesichert.`,
  exportCut: 'Die Datei wurde nicht fertig. Prüfe deine Verbindung und versuch es noch einmal.',

  deletion: 'Mein Konto löschen',
  deletionLead: 'Wenn du dein Konto löschst:',
  deletionTold: [
    'Alle deine Geräte werden abgemeldet, auch dieses.',
    'Deine Unterhaltungen werden geschlossen. Niemand kann mehr darin schreiben.',
    'Was du geschrieben hast, bleibt bei denen, denen du schriebst, unter „Gelöschtes Konto“.',
    'Deine Einstellungen werden gelöscht. Deinen Benutzernamen bekommt nie wieder jemand, auch du nicht.',
  ],
  deletionFinal: 'Das kann nicht rückgängig gemacht werden.',
  deletionPassword: 'Dein Passwort',
  delete: 'Mein Konto endgültig löschen',
};
