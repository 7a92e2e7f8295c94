// @ts-check
// Whose this browser is now.
//
// 1. All tabs have one cookie: who logs in in one of them is who all of them are. A tab of somebody else begins anew,
//    before it does something in the name of the one who came.

import * as api from './api.js';
import * as paths from './paths.js';
import { followed, recall, remember } from './remembered.js';

const KEY = 'here';

/** @param {string} user */
export const come = (user) => remember('localStorage', KEY, user);

export const leave = () => remember('localStorage', KEY, null);

/** Hears of somebody else who comes. @param {string} user @param {() => void} came @returns {() => void} the end */
export function another(user, came) {
  return followed(KEY, () => {
    const now = recall('localStorage', KEY);
    if (now !== null && now !== user) came();
  });
}

/** Who is logged in needs no form for it. */
export async function goOn() {
  if (recall('localStorage', KEY) !== null && (await api.ask()).status === 200) paths.go('/', {}, 'replace');
}
