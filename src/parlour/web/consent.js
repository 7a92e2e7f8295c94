// @ts-check
// What stands between me and others: who asked me, whom I asked, whom I block, which links of mine are open.
//
// 1. Pure, as state.js is, of which this is a part: what was so and an event in, what is so now out.
// 2. What is kept is what a fresh snapshot would say, so that all devices show the same. Shown is a person in one place:
//    whoever asks me does not stand among those whom I asked, as long as that is so.
// 3. That something lapses is no event: it follows from `Lapses`, here as on the server.

/** @typedef {import('./protocol.d.ts').Me} Me */
/** @typedef {import('./protocol.d.ts').Invitation} Invitation */
/** @typedef {import('./protocol.d.ts').Asking} Asking */
/** @typedef {import('./protocol.d.ts').OpenLink} OpenLink */
/** @typedef {{[name: string]: unknown}} Frame */
/**
 * @typedef {object} Consent
 * @property {readonly Invitation[]} invitations waiting for my answer
 * @property {readonly Asking[]} asking what I asked: sent, without an answer, or declined and told
 * @property {readonly string[]} blocks whom I block, in the order of their names
 * @property {readonly OpenLink[]} links mine that nobody has used, the one that lapses first before the others
 */
/**
 * What I asked, as I may see it now. `sent`: it is open; `unanswered`: it has lapsed; `declined`: they told me so.
 * @typedef {{name: string, lapses: string, standing: 'sent' | 'unanswered' | 'declined'}} Asked
 */

/** @type {import('./protocol.d.ts').Bounds['INVITATION_DAYS']} */
const INVITATION_DAYS = 14;
/** So long one is told that nobody has answered. */
const TOLD_FOR = INVITATION_DAYS * 86_400_000;

/** @param {Me} me @returns {Consent} */
export const fromMe = (me) => ({ invitations: me.Invitations, asking: me.Asking, blocks: me.Blocks, links: me.Links });

/** An event of my own stream. @template {Consent} T @param {T} now @param {Frame} frame @returns {T} */
export function told(now, frame) {
  const { type, ...event } = frame;
  switch (type) {
    case 'Search':
      return invited(now, /** @type {Invitation} */ (/** @type {unknown} */ (event)));
    case 'Invite':
      return asked(now, /** @type {Asking} */ (/** @type {unknown} */ (event)));
    case 'Resolved':
      return { ...now, invitations: without(now.invitations, 'UserName', String(event['UserName'])) };
    case 'Blocked':
      return { ...now, blocks: blocked(now.blocks, String(event['UserName']), event['Blocked'] === true) };
    case 'Linked':
      return { ...now, links: linked(now.links, event) };
    default:
      return now;
  }
}

/** @template {Consent} T @param {T} now @param {Invitation} one @returns {T} */
const invited = (now, one) => ({ ...now, invitations: [...without(now.invitations, 'UserName', one.UserName), one] });

/** Whom I ask has no open invitation to me: it would have been an answer. @template {Consent} T @param {T} now @param {Asking} one @returns {T} */
function asked(now, one) {
  const others = without(now.asking, 'Username', one.Username);
  const asking = one.State === 'none' ? others : [...others, one];
  return { ...now, asking, invitations: without(now.invitations, 'UserName', one.Username) };
}

/** @param {readonly string[]} names @param {string} name @param {boolean} is */
function blocked(names, name, is) {
  const others = names.filter((one) => one !== name);
  return is ? [...others, name].sort() : others;
}

/** @param {readonly OpenLink[]} links @param {Frame} frame @returns {OpenLink[]} */
function linked(links, frame) {
  const one = { Link: String(frame['Link']), Lapses: String(frame['Lapses']) };
  const others = without(links, 'Link', one.Link);
  if (frame['State'] !== 'open') return others;
  return [...others, one].sort((first, second) => (first.Lapses < second.Lapses ? -1 : 1));
}

/** We talk to each other: no invitation stands between us. @template {Consent} T @param {T} now @param {Set<string>} names */
export function met(now, names) {
  const asking = now.asking.filter((one) => !names.has(one.Username));
  return { ...now, asking, invitations: now.invitations.filter((one) => !names.has(one.UserName)) };
}

// ---------------------------------------------------------------------------------------------------------- look-ups

/** What has not lapsed. @template {{Lapses: string}} T @param {readonly T[]} list @param {number} now @returns {T[]} */
export const open = (list, now) => list.filter((one) => !(Date.parse(one.Lapses) <= now));

/**
 * What I asked, and is still worth a word: in the order of asking, so that an answer leaves a row in its place.
 * @param {Consent} consent @param {number} now @returns {Asked[]}
 */
export function askings({ asking, blocks, invitations }, now) {
  const elsewhere = new Set([...blocks, ...open(invitations, now).map((one) => one.UserName)]);
  const fresh = asking.filter((one) => !(Date.parse(one.Lapses) + TOLD_FOR <= now) && !elsewhere.has(one.Username));
  fresh.sort((first, second) => (first.Lapses < second.Lapses ? -1 : 1));
  return fresh.map((one) => ({ name: one.Username, lapses: one.Lapses, standing: standing(one, now) }));
}

/** @param {Asking} one @param {number} now @returns {Asked['standing']} */
function standing(one, now) {
  if (one.State === 'declined') return 'declined';
  return Date.parse(one.Lapses) <= now ? 'unanswered' : 'sent';
}

/** @template T @param {readonly T[]} list @param {keyof T} field @param {string} value @returns {T[]} */
const without = (list, field, value) => list.filter((one) => one[field] !== value);
