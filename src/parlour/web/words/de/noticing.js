// @ts-check
// German: what is noticed while one looks elsewhere.
//
// 1. A notification says who, and what a message says only if one wishes so: others may look at the same screen.

/** @type {typeof import('../en/noticing.js').noticing} */
export const noticing = {
  heading: 'Benachrichtigungen',
  lead:
    'Was dieser Browser tut, wenn etwas kommt, während du anderswo hinsiehst. Stumme Unterhaltungen und zurückgehaltene ' +
    'Einladungen stören niemanden.',
  notify: 'Benachrichtigungen zeigen',
  notifyHint: 'Solange Parlour in einem Tab offen ist. Dein Browser fragt dich, ob es das darf.',
  denied:
    'Dein Browser lässt Parlour keine Benachrichtigungen zeigen. Erlaube sie für diese Adresse in den Einstellungen des ' +
    'Browsers und schalte dann hier ein.',
  none: 'Dieser Browser hat für diese Adresse keine Benachrichtigungen.',
  texts: 'Zeigen, was in der Nachricht steht',
  textsHint: 'Ist das aus, sagt eine Benachrichtigung nur, wer geschrieben hat.',
  sound: 'Einen kurzen Ton spielen',
  soundHint: 'Du hörst ihn, wenn du das einschaltest.',
  quiet: 'Ruhezeit',
  quietHint: 'Weder Benachrichtigungen noch Töne, von einer Uhrzeit bis zu einer anderen.',
  from: 'Von',
  to: 'bis',
  asks: 'Möchte chatten',
};
