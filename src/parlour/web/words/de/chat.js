// @ts-check
// German: the list, the conversation, its messages, and the news beside them.
//
// 1. A message is gespeichert, zugestellt and gelesen; nothing else is called so.

import { counted, number } from '../../counts.js';

/** @type {typeof import('../en/chat.js').list} */
export const list = {
  none: 'Noch keine Unterhaltungen. Gib oben den genauen Namen einer Person ein und drücke „Einladen“.',
  waiting: 'Warten auf deine Antwort',
  held: (count) => `+${number(count)} zurückgehalten`,
  heldHint: 'Viele fragten in kurzer Zeit, oder jemand fragte noch einmal. Hier kannst du auch ihnen antworten.',
  invited: 'Von dir eingeladen',
  conversations: 'Unterhaltungen',
  hidden: (count) => `${number(count)} ausgeblendet`,
  muted: 'Stumm',
  nothingSaid: 'Noch nichts gesagt',
  more: 'Weitere Unterhaltungen zeigen',
  closed: 'Geschlossen',
  wantsToChat: 'Möchte chatten. Antworten …',
  draft: 'Entwurf:',
  unsent: 'Nicht gesendet:',
  you: 'Du:',
  unread: (count) => `${number(count)} ungelesen`,
  loading: 'Deine Unterhaltungen werden geladen …',
  back: 'Zurück zur Liste',
  logout: 'Abmelden',
  signedInAs: 'Du bist',
  settings: 'Einstellungen',
  deleted: 'Gelöschtes Konto',
};

/** @type {typeof import('../en/chat.js').presences} */
export const presences = { online: 'Online', offline: 'Offline' };

/** @type {typeof import('../en/chat.js').toast} */
export const toast = {
  open: 'Unterhaltung öffnen',
  dismiss: 'Schließen',
  accepted: (name) => `${name} hat Ja gesagt. Ihr könnt einander jetzt schreiben.`,
  usedLink: (name) => `${name} hat deinen Link benutzt. Ihr könnt einander jetzt schreiben.`,
};

/** @type {typeof import('../en/chat.js').conversation} */
export const conversation = {
  somebodyWaits: (count) =>
    counted(count, {
      one: 'Jemand wartet auf deine Antwort: Sieh oben in der Liste nach.',
      other: '# Personen warten auf deine Antwort: Sieh oben in der Liste nach.',
    }),
  choose: 'Wähle eine Unterhaltung',
  chooseHint: 'Oder lade jemanden ein: Gib den genauen Namen ein und drücke „Einladen“.',
  welcome: 'Jemand zum Reden',
  welcomeHint:
    'Gib den genauen Benutzernamen einer Person in das Feld ein und drücke „Einladen“. Sobald sie Ja sagt, könnt ihr ' +
    'einander schreiben.',
  begin: (name) => `Du und ${name} habt beide Ja gesagt. Sag Hallo.`,
  label: (name) => `Unterhaltung mit ${name}`,
  olderFailed: 'Ältere Nachrichten konnten nicht geladen werden.',
  newerFailed: 'Die folgenden Nachrichten konnten nicht geladen werden.',
  noMessage:
    'Diese Nachricht kann nicht gezeigt werden: Es gibt sie nicht, oder du bist nicht in ihrer Unterhaltung.',
  noPage: 'Unter dieser Adresse gibt es keine Seite.',
  notReached: 'Die Nachricht konnte nicht geladen werden. Prüfe deine Verbindung und öffne ihren Link noch einmal.',
  firstUnread: (count) =>
    counted(count, { one: 'Zur neuen Nachricht', other: 'Zur ersten von # neuen Nachrichten' }),
  said: (name, text) => `${name}: ${text}`,
  elsewhere: (name) => `Neue Nachricht von ${name}`,
  unread: (count) => counted(count, { one: '# neue Nachricht', other: '# neue Nachrichten' }),
  typing: (name) => `${name} schreibt`,
  question: 'Wollt ihr einander zeigen, wann ihr eine Nachricht gelesen habt und wann ihr schreibt?',
  questionHint: 'Du siehst es nur bei denen, die es auch zeigen. In den Einstellungen kannst du es ändern.',
  closed: 'Diese Unterhaltung ist geschlossen.',
  reopened: 'Diese Unterhaltung ist wieder offen.',
  questionYes: 'Ja',
  questionNo: 'Nein',
  newer: (count) => (count === 0 ? 'Zur neuesten' : `${number(count)} neu`),
};

/** @type {typeof import('../en/chat.js').message} */
export const message = {
  me: 'Du',
  stored: 'gespeichert',
  delivered: 'zugestellt',
  read: 'gelesen',
  sending: 'wird gesendet',
  waiting: 'wartet auf die Verbindung',
  later: 'wartet auf den Server',
  behind: 'wartet auf die Nachricht darüber',
  failed: 'nicht gesendet',
  failedWhy: (why) => `Nicht gesendet. ${why}`,
  failedTold: (why) => `Eine Nachricht wurde nicht gesendet. ${why}`,
  again: 'Noch einmal',
  discard: 'Löschen',
  whole: 'Ganz zeigen',
  copyLink: 'Link kopieren',
  linkLabel: (time) => `${time}, Link kopieren`,
  linkCopied: 'Link kopiert',
  linkAbove: 'Der Link steht in der Adresszeile',
  label: (name, at, state) => [name, at, state].filter((part) => part !== '').join(', '),
};

/** @type {typeof import('../en/chat.js').composer} */
export const composer = {
  send: 'Senden',
  sends: 'sendet',
  breaks: 'beginnt eine neue Zeile',
  label: (name) => `Nachricht an ${name}`,
  placeholder: (name) => `Nachricht an ${name}`,
  tooLong: (count, most) =>
    `Diese Nachricht ist zu lang: ${number(count)} von höchstens ${number(most)} Zeichen. Sende sie in Teilen.`,
  tooHeavy: 'Diese Nachricht ist zu lang: Sie braucht mehr als 16 KiB. Sende sie in Teilen.',
  closed: 'Diese Unterhaltung ist geschlossen. Was gesagt wurde, bleibt lesbar.',
  queued: 'Du bist nicht verbunden. Die Nachricht wird gesendet, sobald die Verbindung wieder da ist.',
  unsentText: (name) => `Dein Text an ${name}, der nicht gesendet wurde`,
  empty: 'Schreib zuerst etwas.',
  blank: 'Schreib zuerst etwas: Von dieser Nachricht wäre nichts zu sehen.',
  refused: (why) => `Nicht gesendet. ${why} Dein Text bleibt hier.`,
};

/** @type {typeof import('../en/chat.js').leaving} */
export const leaving = {
  heading: 'Abmelden?',
  unsent: 'Einige deiner Nachrichten sind noch nicht gesendet. Beim Abmelden werden sie gelöscht.',
  drafts: 'Du hast etwas geschrieben und nicht gesendet. Beim Abmelden wird es gelöscht.',
  no: 'Angemeldet bleiben',
};

/** @type {typeof import('../en/chat.js').shortcuts} */
export const shortcuts = {
  heading: 'Tastenkürzel und Zeichen',
  close: 'Schließen',
  find: 'Eine Unterhaltung finden oder jemanden einladen',
  next: 'Nächste oder vorige Unterhaltung',
  nextUnread: 'Nächste oder vorige ungelesene Unterhaltung',
  section: 'Nächster oder voriger Teil der Seite',
  send: 'Die Nachricht senden',
  breakLine: 'Neue Zeile in der Nachricht',
  walk: 'Von Nachricht zu Nachricht, wenn dort die Tastatur ist',
  firstUnread: 'Zur ersten ungelesenen Nachricht',
  latest: 'Die Suche leeren; zur neuesten Nachricht',
  sheet: 'Diese Übersicht',
  writing: 'In einer Nachricht',
  text: 'Text',
  bold: 'Fett',
  italic: 'Kursiv',
  code: 'Quelltext',
  list: 'Liste',
  quote: 'Zitat',
  signs: 'Wie weit eine Nachricht ist',
  onItsWay: 'Unterwegs',
  stored: 'Auf dem Server',
  delivered: 'Auf einem Gerät der anderen Person',
  read: 'Gelesen, wenn ihr beide das zeigt',
  names: { Mod: 'Strg', Alt: 'Alt', Shift: 'Umschalt', Enter: 'Enter', Escape: 'Esc', PageUp: 'Bild auf' },
};
