// @ts-check
// What device a login is on, from what its program calls itself.
//
// 1. The name is a hint for its owner, nothing is decided by it: any program may call itself anything.
// 2. Browsers pretend to be one another: the most particular name counts, so the order of the lists matters.

/** @typedef {{browser: string, system: string} | {program: string} | null} Device `null`: it has no name */

/** @type {readonly (readonly [RegExp, string])[]} */
const BROWSERS = [
  [/\b(?:Edg|EdgA|EdgiOS)\//u, 'Edge'],
  [/\bOPR\//u, 'Opera'],
  [/\bVivaldi\//u, 'Vivaldi'],
  [/\bSamsungBrowser\//u, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//u, 'Firefox'],
  [/\b(?:Chrome|CriOS|HeadlessChrome|Chromium)\//u, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//u, 'Safari'],
];

/** @type {readonly (readonly [RegExp, string])[]} */
const SYSTEMS = [
  [/\biPhone\b/u, 'iPhone'],
  [/\biPad\b/u, 'iPad'],
  [/\bAndroid\b/u, 'Android'],
  [/\bWindows\b/u, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/u, 'Mac'],
  [/\bCrOS\b/u, 'ChromeOS'],
  [/\bLinux\b|\bX11\b/u, 'Linux'],
];

const PROGRAM_CHARACTERS = 30;

/** @param {string} agent @returns {Device} */
export function deviceOf(agent) {
  const browser = first(BROWSERS, agent);
  if (browser) return { browser, system: first(SYSTEMS, agent) };
  const program = /^[\p{L}\p{N}._-]+/u.exec(agent)?.[0].slice(0, PROGRAM_CHARACTERS);
  return program ? { program } : null;
}

/** @param {readonly (readonly [RegExp, string])[]} list @param {string} agent */
const first = (list, agent) => list.find(([pattern]) => pattern.test(agent))?.[1] ?? '';
