// @ts-check
// When to connect, when to wait, when to give up: the connection's mind, without a socket and without a clock.
//
// 1. `step(link, event, world)` gives the next state and the things to do; connection.js does them.
// 2. One alarm at a time: in `waiting` it says when to try again, on a socket that nothing has been heard for too long.
// 3. Coming back is the rule: full jitter from 0.5 s doubling to 30 s. What the server ended for good stays ended, with
//    a word about why.

export const DEAD_AFTER = 60_000;
const OPENING = 20_000;
const FIRST = 500;
const MOST = 30_000;
const STEADY = 5_000;
const RESTARTING = 20_000;

/**
 * `loading`: the snapshot; `opening`: a socket, until `Welcome`; `resuming`: until `Resumed`; `asking`: why a socket
 * never opened; `waiting`: for the next try; `stopped`: for good.
 * @typedef {'loading' | 'opening' | 'resuming' | 'live' | 'asking' | 'waiting' | 'stopped'} Phase
 */
/**
 * @typedef {object} Link
 * @property {Phase} phase
 * @property {boolean} loaded whether there is a snapshot to resume from
 * @property {boolean} lost whether something went wrong since the connection was last live (or since the beginning)
 * @property {number} attempt tries since the connection last held
 * @property {number} liveSince
 * @property {number} restartingUntil
 * @property {number} retryAt when `waiting` ends
 * @property {number | null} code why it stopped
 */
/** @typedef {'start' | 'loaded' | 'welcome' | 'resumed' | 'heard' | 'alarm' | 'online' | 'offline' | 'awake'} Happening */
/**
 * @typedef {{kind: Happening | 'retry' | 'stop'}
 *   | {kind: 'closed', code: number} | {kind: 'answer', status: number, retryAfter: number | null}} Event
 */
/** @typedef {'load' | 'open' | 'drop' | 'resume' | 'ask' | 'login' | 'hush'} Act */
/** @typedef {{do: Act} | {do: 'alarm', after: number}} Effect */
/** @typedef {{now: number, chance: number}} World `chance`: 0 to 1 */
/** @typedef {{link: Link, effects: Effect[]}} Step */

/** @type {Link} */
export const IDLE = {
  phase: 'stopped',
  loaded: false,
  lost: false,
  attempt: 0,
  liveSince: 0,
  restartingUntil: 0,
  retryAt: 0,
  code: null,
};

/**
 * How long to wait before a try: full jitter.
 * @param {number} attempt @param {number} chance @returns {number} milliseconds
 */
export const backOff = (attempt, chance) => chance * Math.min(MOST, FIRST * 2 ** attempt);

/**
 * What a closing means: come back, come back soon (a restart), log in again, or stop.
 * @param {number} code @returns {'back' | 'soon' | 'login' | 'stop'}
 */
export function verdict(code) {
  if (code === 4001) return 'soon';
  if (code === 4401) return 'login';
  if (code >= 4000 && code <= 4399) return 'back';
  return [1001, 1006, 1011, 1012, 1013].includes(code) ? 'back' : 'stop';
}

/** @param {Link} link @param {Event} event @param {World} world @returns {Step} */
export function step(link, event, world) {
  if (event.kind === 'start') return load({ ...IDLE, phase: 'loading' });
  if (event.kind === 'stop')
    return { link: { ...link, phase: 'stopped', code: null }, effects: [{ do: 'drop' }, { do: 'hush' }] };
  if (event.kind === 'retry') return again(link);
  if (link.phase === 'stopped') return { link, effects: [] };
  switch (event.kind) {
    case 'loaded':
      return open({ ...link, loaded: true });
    case 'welcome':
      return { link: { ...link, phase: 'resuming' }, effects: [{ do: 'resume' }, alive] };
    case 'resumed':
      return { link: { ...link, phase: 'live', lost: false, liveSince: world.now }, effects: [alive] };
    case 'heard':
      return { link, effects: [alive] };
    case 'closed':
      return closed(link, event.code, world);
    case 'answer':
      return answered(link, event, world);
    case 'online':
      return again({ ...link, attempt: 0 });
    default:
      return timed(link, event.kind, world);
  }
}

/** @type {Effect} */
const alive = { do: 'alarm', after: DEAD_AFTER };

/** @param {Link} link @returns {boolean} */
export const hasSocket = (link) => link.phase === 'opening' || link.phase === 'resuming' || link.phase === 'live';

/** @param {Link} link @returns {Step} */
const load = (link) => ({ link: { ...link, phase: 'loading' }, effects: [{ do: 'hush' }, { do: 'load' }] });

/** @param {Link} link @returns {Step} */
const open = (link) => ({
  link: { ...link, phase: 'opening' },
  effects: [{ do: 'open' }, { do: 'alarm', after: OPENING }],
});

/** Try at once. @param {Link} link @returns {Step} */
function again(link) {
  const fresh = { ...link, code: null, lost: true };
  const next = link.loaded ? open(fresh) : load(fresh);
  return { link: next.link, effects: [{ do: 'drop' }, ...next.effects] };
}

/** @param {Link} link @param {number} milliseconds @param {World} world @returns {Step} */
function wait(link, milliseconds, world) {
  const waiting = /** @type {Link} */ ({
    ...link,
    phase: 'waiting',
    lost: true,
    attempt: link.attempt + 1,
    retryAt: world.now + milliseconds,
  });
  return { link: waiting, effects: [{ do: 'drop' }, { do: 'alarm', after: milliseconds }] };
}

/** @param {Link} link @param {number} code @param {World} world @returns {Step} */
function closed(link, code, world) {
  const meaning = verdict(code);
  if (meaning === 'login')
    return { link: { ...link, phase: 'stopped', code }, effects: [{ do: 'hush' }, { do: 'login' }] };
  if (meaning === 'stop')
    return { link: { ...link, phase: 'stopped', lost: true, code }, effects: [{ do: 'drop' }, { do: 'hush' }] };
  const held = link.phase === 'live' && world.now - link.liveSince >= STEADY;
  const next = { ...link, attempt: held ? 0 : link.attempt };
  if (meaning === 'soon') return wait({ ...next, restartingUntil: world.now + RESTARTING }, world.chance * 1000, world);
  if (link.phase === 'opening')
    return { link: { ...next, phase: 'asking', lost: true }, effects: [{ do: 'drop' }, { do: 'hush' }, { do: 'ask' }] };
  return wait(next, pause(next, world), world);
}

/** @param {Link} link @param {World} world */
const pause = (link, world) =>
  world.now < link.restartingUntil ? world.chance * 1000 : backOff(link.attempt, world.chance);

/**
 * What HTTP said, to the snapshot or to the question why.
 * @param {Link} link @param {{status: number, retryAfter: number | null}} answer @param {World} world @returns {Step}
 */
function answered(link, answer, world) {
  if (answer.status === 401)
    return {
      link: { ...link, phase: 'stopped', code: 401 },
      effects: [{ do: 'hush' }, { do: 'drop' }, { do: 'login' }],
    };
  const told = answer.retryAfter !== null && (answer.status === 429 || answer.status === 503);
  const own = pause(link, world);
  return wait(link, told ? (answer.retryAfter ?? 0) * 1000 + own : own, world);
}

/**
 * The alarm, the network's and the screen's coming and going.
 * @param {Link} link @param {'alarm' | 'offline' | 'awake'} kind @param {World} world @returns {Step}
 */
function timed(link, kind, world) {
  if (link.phase === 'waiting') {
    if (kind === 'offline') return { link, effects: [] };
    return world.now >= link.retryAt || kind === 'alarm'
      ? link.loaded
        ? open(link)
        : load(link)
      : { link, effects: [] };
  }
  if (kind === 'awake' || !hasSocket(link)) return { link, effects: [] };
  return closed(link, 1006, world);
}
