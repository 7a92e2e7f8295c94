// @ts-check
// German: registering and logging in.
//
// 1. One is addressed as du.

/** @type {typeof import('../en/account.js').account} */
export const account = {
  register: 'Registrieren',
  login: 'Anmelden',
  registerHeading: 'Konto anlegen',
  haveOne: 'Du hast ein Konto?',
  noneYet: 'Noch kein Konto?',
  username: 'Benutzername',
  password: 'Passwort',
  show: 'Zeigen',
  showLabel: 'Passwort zeigen',
  passwordOdd: 'Dieses Passwort geht nicht: Es enthält ein Zeichen, das kein Text ist. Wähle ein anderes.',
  unavailable: 'Der Server kann das gerade nicht. Versuch es gleich noch einmal.',
  made: (name) => `Dein Konto ${name} ist angelegt. Melde dich an, um zu beginnen.`,
  loggedOut: 'Du bist abgemeldet.',
  ended: 'Diese Anmeldung ist beendet. Melde dich neu an.',
  deleted: 'Dein Konto ist gelöscht.',
  nameMissing: 'Gib deinen Benutzernamen ein.',
  passwordMissing: 'Gib dein Passwort ein.',
  nameHint:
    '2 bis 32 Buchstaben, Ziffern, Punkte, Unterstriche oder Bindestriche. Andere finden dich unter genau diesem Namen.',
  passwordHint: 'Mindestens 8 Zeichen. Ein paar Wörter hintereinander sind gut.',
  taken: 'Dieser Name ist vergeben. Wähle einen anderen.',
  nameInvalid:
    'Ein Name hat 2 bis 32 Zeichen aus A–Z, a–z, 0–9, Punkt, Unterstrich und Bindestrich und beginnt mit Buchstabe ' +
    'oder Ziffer. Einige Namen sind reserviert.',
  passwordShort: 'Dieses Passwort ist zu kurz: mindestens 8 Zeichen.',
  passwordLong: 'Dieses Passwort ist zu lang: höchstens 128 Zeichen.',
  passwordWeak: 'Dieses Passwort ist zu leicht zu erraten: Es ist weit verbreitet oder dein Name. Wähle ein anderes.',
  nobody: 'Niemand hat diesen Namen. Prüfe die Schreibweise oder registriere dich.',
  wrong: 'Dieses Passwort stimmt nicht.',
  unreachable: 'Der Server ist nicht erreichbar. Prüfe deine Verbindung und versuch es noch einmal.',
};
