// @ts-check
// Times in words, as a person says them.
//
// 1. What is shown is the server's time of receipt in the reader's own time zone; order never depends on it.
// 2. The words are the language's own, as Intl knows them; days are told from each other by the reader's calendar.

import { locale } from './language.js';

/** Made when it is needed first: each takes a slow device some ten milliseconds. @param {Intl.DateTimeFormatOptions} parts */
function format(parts) {
  /** @type {Intl.DateTimeFormat | undefined} */ let made;
  return () => (made ??= new Intl.DateTimeFormat(locale, parts));
}

/** @type {Intl.DateTimeFormatOptions} */
const TIME = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const clock = format(TIME);
const weekday = format({ weekday: 'short' });
const dayAndMonth = format({ day: 'numeric', month: 'long' });
const dayAndTime = format({ day: 'numeric', month: 'long', ...TIME });
const shortDay = format({ day: 'numeric', month: 'short' });
const wholeDay = format({ weekday: 'long', day: 'numeric', month: 'long' });
const withYear = format({ day: 'numeric', month: 'long', year: 'numeric' });
const whole = format({ day: 'numeric', month: 'long', year: 'numeric', ...TIME });
/** @type {Intl.RelativeTimeFormat | undefined} */ let relative;
const near = () => (relative ??= new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));

/** A day as a number that the next day's is one more than. @param {number} at @returns {number} */
export function dayNumber(at) {
  const day = new Date(at);
  return Math.round(Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()) / 86_400_000);
}

/** 14:32. @param {number} at @returns {string} */
export const timeOfDay = (at) => clock().format(at);

/** 7 December. @param {number} at @returns {string} */
export const date = (at) => dayAndMonth().format(at);

/** Today, Yesterday: it begins a line. @param {0 | -1} from today */
const day = (from) => near().format(from, 'day').replace(/^./u, (letter) => letter.toLocaleUpperCase(locale));

/** The divider above a day's messages. @param {number} at @param {number} today a day number @returns {string} */
export function dayName(at, today) {
  const ago = today - dayNumber(at);
  if (ago === 0) return day(0);
  if (ago === 1) return day(-1);
  return ago > 1 && ago < 300 ? wholeDay().format(at) : withYear().format(at);
}

/**
 * When something was last said, as short as the list needs it.
 * @param {number} at @param {number} today a day number @returns {string}
 */
export function shortly(at, today) {
  const ago = today - dayNumber(at);
  if (ago <= 0) return timeOfDay(at);
  if (ago === 1) return day(-1);
  return ago < 7 ? weekday().format(at) : shortDay().format(at);
}

/**
 * The moment of a message in full, for its accessible name.
 * @param {number} at @param {number} today a day number @returns {string}
 */
export const moment = (at, today) => (dayNumber(at) === today ? clock : dayAndTime)().format(at);

/** A moment whole, as a record needs it: 30 November 2026 at 14:32. @param {number} at @returns {string} */
export const exactly = (at) => whole().format(at);

/**
 * From one moment to another; the day is named once, and today not at all.
 * @param {number} from @param {number} to @param {number} today a day number @returns {string}
 */
export const span = (from, to, today) =>
  (dayNumber(from) === today && dayNumber(to) === today ? clock : dayAndTime)().formatRange(from, to);

/**
 * How long somebody has to wait, when that is short: in 12 seconds; else until when, never too early.
 * @typedef {{seconds: string} | {time: string, day: string | null}} Wait `day`: another one than today
 */
/** @param {number} seconds @param {number} now milliseconds @returns {Wait} */
export function waiting(seconds, now) {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 90) return { seconds: near().format(whole, 'second') };
  const until = now + seconds * 1000 + 59_999;
  return { time: timeOfDay(until), day: dayNumber(until) === dayNumber(now) ? null : date(until) };
}
