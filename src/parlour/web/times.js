// @ts-check
// Times in words, as a person says them.
//
// 1. What is shown is the server's time of receipt in the reader's own time zone; order never depends on it.
// 2. The words are English like the rest of the page; days are told from each other by the reader's calendar.

const LOCALE = 'en-GB';
const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const weekday = new Intl.DateTimeFormat(LOCALE, { weekday: 'short' });
const dayAndMonth = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'long' });
const shortDay = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short' });
const wholeDay = new Intl.DateTimeFormat(LOCALE, { weekday: 'long', day: 'numeric', month: 'long' });
const withYear = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'long', year: 'numeric' });

/** A day as a number that the next day's is one more than. @param {number} at @returns {number} */
export function dayNumber(at) {
  const day = new Date(at);
  return Math.round(Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()) / 86_400_000);
}

/** 14:32. @param {number} at @returns {string} */
export const timeOfDay = (at) => clock.format(at);

/** 7 December. @param {number} at @returns {string} */
export const date = (at) => dayAndMonth.format(at);

/** The divider above a day's messages. @param {number} at @param {number} today a day number @returns {string} */
export function dayName(at, today) {
  const ago = today - dayNumber(at);
  if (ago === 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  return ago > 1 && ago < 300 ? wholeDay.format(at) : withYear.format(at);
}

/**
 * When something was last said, as short as the list needs it.
 * @param {number} at @param {number} today a day number @returns {string}
 */
export function shortly(at, today) {
  const ago = today - dayNumber(at);
  if (ago <= 0) return timeOfDay(at);
  if (ago === 1) return 'Yesterday';
  return ago < 7 ? weekday.format(at) : shortDay.format(at);
}

/**
 * The moment of a message in full, for its accessible name.
 * @param {number} at @param {number} today a day number @returns {string}
 */
export function moment(at, today) {
  return dayNumber(at) === today ? timeOfDay(at) : `${date(at)} ${timeOfDay(at)}`;
}

/** A moment whole, as a record needs it: 30 November 2026, 14:32. @param {number} at @returns {string} */
export const exactly = (at) => `${withYear.format(at)}, ${timeOfDay(at)}`;

/**
 * From one moment to another; the day is named once.
 * @param {number} from @param {number} to @param {number} today a day number @returns {[from: string, to: string]}
 */
export function span(from, to, today) {
  const sameDay = dayNumber(from) === dayNumber(to);
  return [moment(from, today), sameDay ? timeOfDay(to) : moment(to, today)];
}

/**
 * How long somebody has to wait, and until when.
 * @param {number} seconds @param {number} now milliseconds @returns {string}
 */
export function waiting(seconds, now) {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 90) return whole === 1 ? 'in 1 second' : `in ${whole} seconds`;
  const until = now + seconds * 1000 + 59_999;
  return dayNumber(until) === dayNumber(now) ? `at ${timeOfDay(until)}` : `on ${date(until)} at ${timeOfDay(until)}`;
}
