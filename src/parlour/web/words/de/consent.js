// @ts-check
// German: inviting, being invited, links, blocking, closing, and what one has agreed to.
//
// 1. An invitation is sent, not answered, or declined by somebody who says so. It is never zugestellt, never gesehen.
// 2. What an act does is said before it is done, from both sides: what I lose, and what the other one gets to know.

import { counted, number } from '../../counts.js';
import { date } from '../../times.js';

/** @param {string} lapses */
const day = (lapses) => date(Date.parse(lapses));

/** @type {typeof import('../en/consent.js').search} */
export const search = {
  label: 'Eine Unterhaltung finden, oder der genaue Name einer Person, die du einladen möchtest',
  placeholder: 'Finden oder einladen',
  invite: 'Einladen',
  sent: (lapses) => `Einladung gesendet. Du hörst davon, wenn eine Antwort kommt. Sie erlischt am ${day(lapses)}.`,
  nobody: (name) => `Niemand heißt ${name}.`,
  self: 'Das ist dein eigener Name.',
  empty: 'Gib den genauen Namen der Person ein, die du einladen möchtest.',
  nothing: (typed) =>
    `Keine deiner Unterhaltungen heißt „${typed}“. „Einladen“ fragt die Person mit genau diesem Namen.`,
  offline: 'Du bist nicht verbunden. Lade noch einmal ein, sobald die Verbindung wieder da ist.',
  blocked: (name) => `Du hast ${name} blockiert. Hebe das zuerst auf.`,
  unblocked: (name) => `Du blockierst ${name} nicht mehr. Drücke „Einladen“, um zu fragen.`,
  addNote: 'Notiz hinzufügen',
  dropNote: 'Notiz weglassen',
  note: 'Notiz, die mit der Einladung geht',
  noteHint: 'Sie ist mit deinem Namen zu sehen, als einfacher Text.',
  noteLeft: (left) =>
    left < 0
      ? counted(-left, { one: '# Zeichen zu viel', other: '# Zeichen zu viel' })
      : counted(left, { one: 'noch # Zeichen', other: 'noch # Zeichen' }),
  noteLong: (most) => `Die Notiz ist zu lang: höchstens ${number(most)} Zeichen.`,
  noteEmpty: 'Von der Notiz wäre nichts zu sehen. Schreib etwas, oder lass sie weg.',
};

/** @type {typeof import('../en/consent.js').invited} */
export const invited = {
  hint: 'Du hörst davon, wenn eine Antwort kommt.',
  sent: (lapses) => `Einladung gesendet. Sie erlischt am ${day(lapses)}.`,
  unanswered: (lapses) => `Keine Antwort. Sie ist am ${day(lapses)} erloschen.`,
  declined: 'Hat Nein gesagt.',
  toldNo: (name) => `${name} hat Nein gesagt.`,
  cancel: 'Zurücknehmen',
  takenBack: (name) => `Deine Einladung an ${name} ist zurückgenommen.`,
  cancelLabel: (name) => `Einladung an ${name} zurücknehmen`,
  again: 'Noch einmal einladen',
  againLabel: (name) => `Noch einmal einladen: ${name}`,
  dismiss: 'Ausblenden',
  dismissLabel: (name) => `Zeile über ${name} ausblenden`,
};

/** @type {typeof import('../en/consent.js').ask} */
export const ask = {
  accept: 'Annehmen',
  reject: 'Ablehnen',
  later: 'Später',
  tell: 'Ablehnen und es sagen',
  block: 'Blockieren',
  heading: ['', ' möchte chatten'],
  several: (count) => counted(count, { one: '# Person möchte chatten', other: '# Personen möchten chatten' }),
  told: (name) => `${name} möchte chatten.`,
  toldSeveral: (count) => counted(count, { one: '# Person möchte chatten.', other: '# Personen möchten chatten.' }),
  reach: 'Mit F6 kommst du zur Frage.',
  place: (at, count) => `${number(at)} von ${number(count)}`,
  next: 'Nächste',
  previous: 'Vorige',
  writes: (name) => `${name} schreibt:`,
  whole: 'Ganz zeigen',
  shares:
    'Wenn du annimmst, könnt ihr einander schreiben und sehen, wann der andere online ist. Bis dahin wird nichts ' +
    'geteilt. Ablehnen geschieht still.',
  lapses: (lapses) => `Die Einladung erlischt am ${day(lapses)}.`,
  over: (name) => `Die Einladung von ${name} ist vorbei.`,
  offline: 'Du kannst antworten, sobald die Verbindung wieder da ist.',
  rejected: (name) => `${name} abgelehnt. Davon wird nichts gesagt.`,
  rejectedTold: (name) => `${name} abgelehnt. Das wird gesagt.`,
  undo: 'Rückgängig',
  undoLabel: (name) => `Ablehnung von ${name} rückgängig machen`,
  undoHeading: (name) => `Doch eine Unterhaltung mit ${name} beginnen?`,
  undoText:
    'Ein Nein rückgängig zu machen heißt annehmen: Ihr könnt einander dann schreiben und sehen, wann der andere online ' +
    'ist.',
  undoYes: 'Doch annehmen',
  undoNo: 'Abgelehnt lassen',
};

/** @type {typeof import('../en/consent.js').parting} */
export const parting = {
  close: 'Unterhaltung schließen',
  closeHeading: (name) => `Die Unterhaltung mit ${name} schließen?`,
  closeText:
    'Niemand kann mehr darin schreiben, auch du nicht. Ihr könnt beide weiter lesen, was gesagt wurde. Eine neue ' +
    'Einladung öffnet sie wieder.',
  closeNo: 'Offen lassen',
  hide: 'Unterhaltung ausblenden',
  hideHint: 'Sie verschwindet aus deiner Liste und kommt wieder, wenn sie neu geöffnet wird. Niemand sonst merkt es.',
  hidden: (name) => `Die Unterhaltung mit ${name} ist ausgeblendet.`,
  show: 'Wieder in der Liste zeigen',
  showLabel: (name) => `Die Unterhaltung mit ${name} wieder in der Liste zeigen`,
  shown: (name) => `Die Unterhaltung mit ${name} steht wieder in der Liste.`,
  block: (name) => `@${name} blockieren`,
  blockHeading: (name) => `@${name} blockieren?`,
  blockPlain:
    'Einladungen dieser Person erreichen dich nicht mehr. Davon wird ihr nichts gesagt; sie sieht eine Einladung, die ' +
    'auf Antwort wartet.',
  blockText:
    'Die Einladung verschwindet, und keine andere von dieser Person erreicht dich. Davon wird ihr nichts gesagt; sie ' +
    'sieht eine Einladung, die auf Antwort wartet.',
  blockTalking:
    'Eure Unterhaltung wird geschlossen: Ihr könnt sie beide weiter lesen, und niemand kann darin schreiben. ' +
    'Einladungen dieser Person erreichen dich nicht mehr. Sie sieht, dass die Unterhaltung geschlossen ist, und ' +
    'erfährt nicht, dass du sie blockiert hast.',
  blockYes: 'Blockieren',
  blockNo: 'Nicht blockieren',
  blocked: (name) => `Du hast ${name} blockiert.`,
  unblock: 'Blockierung aufheben',
  unblockLabel: (name) => `${name} freigeben`,
  unblocked: (name) =>
    `Du blockierst ${name} nicht mehr. Was beendet wurde, kommt nicht von selbst zurück: Ihr könnt einander neu ` +
    'einladen.',
  asksAgain: (name) => `${name} möchte sie wieder öffnen.`,
  answer: 'Antworten …',
};

/** @type {typeof import('../en/consent.js').blocks} */
export const blocks = {
  heading: 'Blockierte Personen',
  hint: 'Sie können dich nicht erreichen und erfahren nicht, dass du sie blockiert hast.',
  none: 'Du hast niemanden blockiert.',
};

/** @type {typeof import('../en/consent.js').links} */
export const links = {
  heading: 'Einladungslinks',
  hint:
    'Mach einen Link und gib ihn jemandem. Wer ihn zuerst öffnet, kann sofort eine Unterhaltung mit dir beginnen: Du ' +
    'hast im Voraus Ja gesagt.',
  offer: 'Oder mach einen Link, den du jemandem gibst.',
  make: 'Link machen',
  another: 'Noch einen Link machen',
  address: 'Adresse deines Links',
  once: (lapses) =>
    `Er gilt einmal, für eine Person, bis zum ${day(lapses)}. Er wird nur jetzt gezeigt: Kopiere ihn.`,
  asleep: 'Er gilt nicht, solange niemand dich einladen darf. Er wird nur jetzt gezeigt: Kopiere ihn.',
  copy: 'Kopieren',
  copied: 'Kopiert.',
  notCopied: 'Dein Browser lässt diese Seite nicht kopieren. Die Adresse ist markiert: Kopiere sie mit der Tastatur.',
  made: 'Dein Link ist fertig.',
  none: 'Du hast keine offenen Links.',
  open: 'Offene Links',
  one: (lapses) => `Ein Link, den niemand benutzt hat. Er erlischt am ${day(lapses)}.`,
  new: 'Der Link oben.',
  takeBack: 'Zurücknehmen',
  takeBackLabel: (lapses) => `Den Link zurücknehmen, der am ${day(lapses)} erlischt`,
  takenBack: 'Der Link ist zurückgenommen: Er gilt nicht mehr.',
  tooMany: 'Du hast so viele offene Links, wie man haben kann. Nimm zuerst einen zurück.',

  question: 'Eine Unterhaltung mit der Person beginnen, die diesen Link gemacht hat?',
  questionText:
    'Du hast einen Einladungslink geöffnet. Wenn du beginnst, könnt ihr einander schreiben und sehen, wann der andere ' +
    'online ist.',
  start: 'Beginnen',
  notNow: 'Nicht jetzt',
  failedHeading: 'Der Link gilt nicht',
  gone: 'Ein Link gilt einmal, und nur einige Tage. Bitte die Person, die ihn dir gegeben hat, um einen neuen.',
  ownHeading: 'Das ist dein eigener Link',
  own: 'Gib ihn jemand anderem: Wer ihn öffnet, kann eine Unterhaltung mit dir beginnen.',
  understood: 'Schließen',
  kept: 'Du hast einen Einladungslink geöffnet. Melde dich an oder registriere dich, um ihn zu benutzen.',
};

/** @type {typeof import('../en/consent.js').ledger} */
export const ledger = {
  heading: 'Deine Zustimmungen',
  hint: 'Was du gefragt, angenommen und abgelehnt hast, und was andere dir sagten: wann, und wie.',
  loading: 'Wird nachgesehen …',
  none: 'Noch nichts. Hier wird stehen, wen du einlädst, was du antwortest und wen du blockierst.',
  download: 'Herunterladen',
  all: (count) => counted(count, { one: '# Zeile zeigen', other: 'Alle # Zeilen zeigen' }),
  unknown: 'Etwas, das diese Seite nicht kennt.',
};

/** @type {typeof import('../en/consent.js').deeds} */
export const deeds = {
  me: {
    asked: (name) => `Du hast ${name} eingeladen.`,
    cancelled: (name) => `Du hast deine Einladung an ${name} zurückgenommen.`,
    declined: (name) => `Du hast die Einladung von ${name} abgelehnt.`,
    blocked: (name) => `Du hast ${name} blockiert.`,
    unblocked: (name) => `Du hast die Blockierung von ${name} aufgehoben.`,
    closed: (name) => `Du hast die Unterhaltung mit ${name} geschlossen.`,
    linked: () => 'Du hast einen Einladungslink gemacht.',
    unlinked: () => 'Du hast einen Einladungslink zurückgenommen.',
  },
  them: {
    asked: (name) => `${name} hat dich eingeladen.`,
    cancelled: (name) => `${name} hat die Einladung zurückgenommen.`,
    declined: (name) => `${name} hat deine Einladung abgelehnt und es dir gesagt.`,
    closed: (name) => `Die Unterhaltung mit ${name} wurde geschlossen.`,
  },
};

/** @type {typeof import('../en/consent.js').agreed} */
export const agreed = {
  me: {
    invitation: (name) => `Du hast die Einladung von ${name} angenommen.`,
    mutual: (name) => `Du und ${name} habt einander eingeladen: Beide haben Ja gesagt.`,
    link: (name) => `Du hast einen Link von ${name} benutzt: Dieses Ja war im Voraus gesagt.`,
  },
  them: {
    invitation: (name) => `${name} hat deine Einladung angenommen.`,
    mutual: (name) => `${name} und du habt einander eingeladen: Beide haben Ja gesagt.`,
    link: (name) => `${name} hat einen Link von dir benutzt: Du hattest im Voraus Ja gesagt.`,
  },
};
