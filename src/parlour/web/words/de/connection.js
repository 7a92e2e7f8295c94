// @ts-check
// German: the connection, and why something was refused.

import { number } from '../../counts.js';

/** @type {typeof import('../en/connection.js').connection} */
export const connection = {
  label: 'Verbindung',
  connecting: 'Verbindung zum Server wird aufgebaut.',
  lost: 'Verbindung verloren. Was du sendest, wartet hier und geht ab, sobald sie wieder da ist.',
  unreachable: 'Der Server ist nicht erreichbar.',
  back: 'Wieder verbunden.',
  retryIn: (seconds) => `Neuer Versuch in ${number(seconds)} s`,
  trying: 'Neuer Versuch …',
  retry: 'Jetzt versuchen',
  useHere: 'Hier benutzen',
  banned: 'Dieses Konto darf sich nicht verbinden.',
  elsewhere: 'Parlour wurde anderswo geöffnet.',
  abuse: 'Der Server hat diese Verbindung beendet, weil zu viel gesendet wurde.',
  ended: (code) => `Der Server hat diese Verbindung beendet (${code}).`,
  restored:
    'Die Daten des Servers wurden auf einen früheren Stand zurückgesetzt: Neuere Nachrichten können fehlen.',
  logoutFailed: 'Das Abmelden hat nicht geklappt: Der Server ist nicht erreichbar. Versuch es noch einmal.',
};

/** @type {typeof import('../en/connection.js').refusals} */
export const refusals = {
  empty: 'Von dieser Nachricht wäre nichts zu sehen.',
  too_long: 'Die Nachricht ist zu lang: höchstens 8.000 Zeichen und 16 KiB.',
  malformed: 'Der Server kann diesen Text so nicht speichern.',
  not_found: 'Du bist nicht in dieser Unterhaltung.',
  closed: 'Diese Unterhaltung ist geschlossen.',
  open: 'Diese Unterhaltung ist wieder offen.',
  nonce_reused: 'Der Server hat an dieser Stelle schon einen anderen Text.',
  gone: 'Diese Einladung ist vorbei.',
  user_not_found: 'Niemand hat mehr diesen Namen.',
  no_invitation: 'Diese Einladung ist vorbei.',
  storage_full: 'Die Festplatte des Servers ist voll.',
  unavailable: 'Der Server kann das gerade nicht. Versuch es gleich noch einmal.',
  internal: 'Im Server ist etwas schiefgegangen.',
  lost: 'Die Verbindung ist abgerissen. Versuch es noch einmal, sobald sie wieder da ist.',
};

/** @type {typeof import('../en/connection.js').refused} */
export const refused = {
  unknown: 'Der Server hat es abgelehnt.',
  tooMuch: 'Zu viele Versuche. Warte einen Moment und versuch es noch einmal.',
  wait: (seconds) => `Zu viele Versuche. Du kannst es ${seconds} noch einmal versuchen.`,
  until: (time) => `Zu viele Versuche. Du kannst es um ${time} Uhr noch einmal versuchen.`,
  untilDay: (day, time) => `Zu viele Versuche. Du kannst es am ${day} um ${time} Uhr noch einmal versuchen.`,
};
