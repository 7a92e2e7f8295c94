// @ts-check
// What the server has told: a value, and how each frame changes it.
//
// 1. `apply` is pure: state and frame in, next state out. A frame that tells nothing new gives back the same state.
// 2. Every stream is numbered: what one has already is ignored, so live delivery, catching up and a fresh snapshot may
//    overlap.
// 3. Fields and types that this page does not know are ignored; their number in the stream still counts.
// 4. What stands between me and others before they talk to me is in consent.js.

import * as consent from './consent.js';
import { called } from './words.js';

/** @typedef {import('./protocol.d.ts').Snapshot} Snapshot */
/** @typedef {import('./protocol.d.ts').LoadedSession} LoadedSession */
/** @typedef {import('./protocol.d.ts').StoredMessage} StoredMessage */
/** @typedef {import('./consent.js').Consent} Consent */
/** @typedef {import('./protocol.d.ts').Mark} Mark */
/** @typedef {import('./protocol.d.ts').OwnSettings} OwnSettings */
/** @typedef {import('./protocol.d.ts').SessionSettings} SessionSettings */
/** @typedef {keyof SessionSettings} Switch */
/** @typedef {{[name: string]: unknown}} Frame whatever came over the socket */

/** @typedef {{key: string, number: number, sender: string, text: string, at: number, nonce: string | null}} Stored */
/** @typedef {{id: string, name: string}} Peer */
/**
 * @typedef {object} Session
 * @property {string} id
 * @property {readonly Peer[]} peers the other members
 * @property {string} name what the session is called here: the others' names
 * @property {number} head the last number that one has
 * @property {readonly Stored[]} messages the newest ones, without a hole
 * @property {boolean} more whether older ones exist
 * @property {boolean} closed
 * @property {number} activity when something last happened, for the order of the list
 * @property {number} generation changes when the session was taken from a snapshot anew
 * @property {number} unread messages of others that I have not seen
 * @property {number} looked up to where I have seen it here; the server may not know yet
 * @property {Marks} marks how far each member has come, by user id; mine too
 * @property {SessionSettings} settings what I have set for this session
 */
/** @typedef {ReadonlyMap<string, {delivered: number, read: number}>} Marks */
/**
 * @typedef {object} Facts
 * @property {string} epoch
 * @property {{seq: number, id: string, name: string}} me
 * @property {OwnSettings} settings what I have set for all sessions
 * @property {ReadonlyMap<string, Session>} sessions
 * @property {ReadonlySet<string>} online user ids
 * @property {number} generation counts the snapshots
 * @property {ReadonlySet<string> | null} gathering those named since `Resumed`; the others turn out to be Offline
 */
/** @typedef {Facts & Consent} State */

const TAIL = 300;
const NO_MARK = { delivered: 0, read: 0 };

// -------------------------------------------------------------------------------------------------------- snapshots

/** @param {Snapshot} snapshot @param {State | null} [before] @returns {State} */
export function fromSnapshot(snapshot, before = null) {
  const me = { seq: snapshot.Me.Seq, id: snapshot.Me.UserID, name: snapshot.Me.Username };
  const online = Object.values(snapshot.Sessions).flatMap((loaded) => Object.entries(loaded.Status));
  const generation = (before?.generation ?? 0) + 1;
  return {
    epoch: snapshot.Epoch,
    me,
    generation,
    ...consent.fromMe(snapshot.Me),
    settings: snapshot.Me.Settings,
    sessions: loadedSessions(snapshot, generation, before?.epoch === snapshot.Epoch ? before : null),
    online: new Set(online.filter(([, status]) => status === 'Online').map(([id]) => id)),
    gathering: null,
  };
}

/**
 * The snapshot's sessions; one without a message was active after the next in the list.
 * @param {Snapshot} snapshot @param {number} generation @param {State | null} before
 */
function loadedSessions(snapshot, generation, before) {
  const sessions = Object.entries(snapshot.Sessions).map(([id, one]) =>
    seenStill(session(id, one, generation), before?.sessions.get(id), snapshot.Me.UserID),
  );
  for (let i = sessions.length - 1, after = 0; i >= 0; i--) {
    const one = /** @type {Session} */ (sessions[i]);
    after = Math.max(after, one.messages.length ? one.activity : after);
    sessions[i] = { ...one, activity: after };
  }
  return new Map(sessions.map((one) => [one.id, one]));
}

/** @param {string} id @param {LoadedSession} loaded @param {number} generation @returns {Session} */
function session(id, loaded, generation) {
  const messages = Object.entries(loaded.Messages).map(([number, message]) => stored(number, message));
  messages.sort((one, other) => one.number - other.number);
  const peers = people(loaded.UserIds);
  const activity = messages[messages.length - 1]?.at ?? 0;
  const closed = loaded.State === 'closed';
  return {
    id,
    peers,
    name: nameOf(peers),
    head: loaded.Seq,
    messages,
    more: loaded.More,
    closed,
    activity,
    generation,
    unread: loaded.Unread,
    looked: 0,
    settings: loaded.Settings,
    marks: new Map(Object.entries(loaded.Marks).map(([user, one]) => [user, advanced(NO_MARK, one)])),
  };
}

/**
 * Some sessions taken anew, the rest as it was.
 * @param {State} state @param {Snapshot} snapshot @param {ReadonlySet<string>} ids @returns {State}
 */
export function repaired(state, snapshot, ids) {
  const sessions = new Map(state.sessions);
  const generation = state.generation + 1;
  for (const id of ids) {
    const loaded = snapshot.Sessions[id];
    if (loaded) sessions.set(id, seenStill(session(id, loaded, generation), sessions.get(id), state.me.id));
  }
  return { ...state, sessions, generation };
}

// ------------------------------------------------------------------------------------------------------------ frames

/** @param {State} state @param {Frame} frame @param {number} now milliseconds @returns {State} */
export function apply(state, frame, now) {
  if (typeof frame['type'] !== 'string') return heard(state, frame);
  if (frame['type'] === 'Resumed') return { ...state, gathering: new Set() };
  if (frame['type'] === 'Mark') return marked(state, /** @type {Mark} */ (/** @type {unknown} */ (frame)));
  if (frame['type'] === 'Status') return status(state, String(frame['UserID']), frame['Status'] === 'Online');
  const number = frame['Seq'];
  if (typeof number !== 'number') return state;
  if (number <= state.me.seq) return state;
  return personal({ ...state, me: { ...state.me, seq: number } }, frame, now);
}

/** An event of my own stream. @param {State} state @param {Frame} frame @param {number} now @returns {State} */
function personal(state, frame, now) {
  switch (frame['type']) {
    case 'Settings':
      return chosen(state, frame);
    case 'Closed':
      return closed(state, frame);
    case 'Session':
      return begun(state, String(frame['SessionID']), /** @type {{[id: string]: string}} */ (frame['Users']), now);
    default:
      return consent.told(state, frame);
  }
}

/**
 * A session has begun, or a closed one is open again: its messages stay, and its place in the list.
 * @param {State} state @param {string} id @param {{[id: string]: string}} users @param {number} now @returns {State}
 */
export function begun(state, id, users, now) {
  const peers = people(users);
  const names = new Set(peers.map((peer) => peer.name));
  const before = state.sessions.get(id) ?? empty(id, now, state.generation);
  const session = { ...before, peers, name: nameOf(peers), closed: false };
  return { ...consent.met(state, names), sessions: new Map(state.sessions).set(id, session) };
}

/** @param {string} id @param {number} activity @param {number} generation @returns {Session} */
function empty(id, activity, generation) {
  return {
    id,
    peers: [],
    name: '',
    head: 0,
    messages: [],
    more: false,
    closed: false,
    activity,
    generation,
    unread: 0,
    looked: 0,
    marks: new Map(),
    settings: {},
  };
}

/** I changed my settings, on whichever device. @param {State} state @param {Frame} frame @returns {State} */
function chosen(state, frame) {
  const { type: _type, Seq: _seq, SessionID: id, ...news } = frame;
  if (id === undefined) return { ...state, settings: { ...state.settings, ...news } };
  const session = state.sessions.get(String(id));
  if (!session) return state;
  const settings = { ...session.settings, ...news };
  return { ...state, sessions: new Map(state.sessions).set(session.id, { ...session, settings }) };
}

/**
 * A session is closed: nobody in it is seen any more; some are called otherwise now.
 * @param {State} state @param {Frame} frame @returns {State}
 */
function closed(state, frame) {
  const session = state.sessions.get(String(frame['SessionID']));
  if (!session) return state;
  const names = /** @type {{[id: string]: string}} */ (frame['Users'] ?? {});
  const peers = session.peers.map((peer) => ({ ...peer, name: called(names[peer.id] ?? peer.name) }));
  const sessions = new Map(state.sessions).set(session.id, { ...session, peers, name: nameOf(peers), closed: true });
  /** @param {ReadonlySet<string>} ids */
  const others = (ids) => new Set([...ids].filter((id) => !peers.some((peer) => peer.id === id)));
  return { ...state, sessions, online: others(state.online), gathering: state.gathering && others(state.gathering) };
}

/** A delivery: messages of sessions. @param {State} state @param {Frame} frame @returns {State} */
function heard(state, frame) {
  let sessions = state.sessions;
  for (const [id, messages] of Object.entries(frame)) {
    const before = sessions.get(id);
    const after =
      before && typeof messages === 'object' && messages
        ? grown(before, /** @type {{[n: string]: StoredMessage}} */ (messages), state.me.id)
        : before;
    if (after && after !== before) sessions = new Map(sessions).set(id, after);
  }
  return sessions === state.sessions ? state : { ...state, sessions };
}

/** @param {Session} before @param {{[number: string]: StoredMessage}} frame @param {string} me @returns {Session} */
function grown(before, frame, me) {
  const fresh = Object.entries(frame)
    .map(([number, message]) => stored(number, message))
    .filter((message) => message.number > before.head);
  const last = fresh.sort((one, other) => one.number - other.number)[fresh.length - 1];
  if (!last) return before;
  const all = [...before.messages, ...fresh];
  const more = before.more || all.length > TAIL;
  return {
    ...before,
    messages: all.slice(-TAIL),
    more,
    head: last.number,
    activity: Math.max(before.activity, last.at),
    unread: before.unread + fresh.filter((message) => message.sender !== me).length,
  };
}

/** Somebody has come further. @param {State} state @param {Mark} frame @returns {State} */
function marked(state, frame) {
  const session = state.sessions.get(frame.SessionID);
  const before = session?.marks.get(frame.UserID) ?? NO_MARK;
  const after = advanced(before, frame);
  if (!session || after === before) return state;
  const marks = new Map(session.marks).set(frame.UserID, after);
  const mine = frame.UserID === state.me.id && after.read > before.read;
  const read = Math.max(after.read, session.looked);
  const unread = mine ? unreadAfter(session, read, state.me.id, frame.Unread) : session.unread;
  return { ...state, sessions: new Map(state.sessions).set(session.id, { ...session, marks, unread }) };
}

/** I have seen all of a session. @param {State} state @param {string} id @returns {State} */
export function looked(state, id) {
  const session = state.sessions.get(id);
  if (!session || session.unread === 0) return state;
  const seen = { ...session, looked: session.head, unread: 0 };
  return { ...state, sessions: new Map(state.sessions).set(id, seen) };
}

/** What was seen before is seen still. @param {Session} fresh @param {Session | undefined} before @param {string} me */
function seenStill(fresh, before, me) {
  const looked = before?.looked ?? 0;
  const known = fresh.marks.get(me)?.read ?? 0;
  return looked > known ? { ...fresh, looked, unread: unreadAfter(fresh, looked, me, fresh.unread) } : fresh;
}

/** @param {{delivered: number, read: number}} mark @param {{Delivered?: string, Read?: string}} news */
function advanced(mark, news) {
  const delivered = Math.max(mark.delivered, Number(news.Delivered ?? 0));
  const read = Math.max(mark.read, Number(news.Read ?? 0));
  return delivered === mark.delivered && read === mark.read ? mark : { delivered, read };
}

/**
 * Counted here where all that follows is at hand, for it may have grown since the server counted.
 * @param {Session} session @param {number} read @param {string} me @param {number | undefined} counted
 */
function unreadAfter(session, read, me, counted) {
  const first = session.messages[0]?.number ?? session.head + 1;
  const whole = !session.more || first <= read + 1;
  if (!whole && counted !== undefined) return counted;
  return session.messages.filter((message) => message.number > read && message.sender !== me).length;
}

/** @param {State} state @param {string} id @param {boolean} here @returns {State} */
function status(state, id, here) {
  const gathering = state.gathering && here ? new Set(state.gathering).add(id) : state.gathering;
  if (state.online.has(id) === here) return gathering === state.gathering ? state : { ...state, gathering };
  const online = new Set(state.online);
  if (here) online.add(id);
  else online.delete(id);
  return { ...state, online, gathering };
}

/** All who are Online have been named: the others are Offline. @param {State} state @returns {State} */
export function settled(state) {
  return state.gathering ? { ...state, online: state.gathering, gathering: null } : state;
}

// ---------------------------------------------------------------------------------------------------------- look-ups

/** Where one stands, for `Resume`. @param {State} state */
export function positions(state) {
  return {
    Epoch: state.epoch,
    Me: state.me.seq,
    Sessions: new Map([...state.sessions].map(([id, one]) => [id, one.head])),
  };
}

/** The most recently active session first. @param {State} state @returns {Session[]} */
export function byActivity(state) {
  return [...state.sessions.values()].sort((one, other) => other.activity - one.activity);
}

/**
 * What counts in this session: what is set for it, else for all.
 * @param {State} state @param {Session} session @param {Switch} what
 */
export function shown(state, session, what) {
  return session.settings[what] ?? forAll(state, what);
}

/** What is set for all sessions; `Muted` and `Hidden` are for one alone. @param {State} state @param {Switch} what */
export function forAll({ settings }, what) {
  return /** @type {SessionSettings} */ (settings)[what] ?? false;
}

/** Whether a session is out of sight. @param {Session} session */
export const isHidden = (session) => session.closed && session.settings.Hidden === true;

/** A message as it stands in the session. @param {string} number @param {StoredMessage} message @returns {Stored} */
export function stored(number, message) {
  const nonce = message.Nonce ?? null;
  const at = Date.parse(message.ReceivedAt ?? message.TimeStamp);
  return {
    key: nonce ? `${message.Sender} ${nonce}` : number,
    number: Number(number),
    sender: message.Sender,
    text: message.data,
    at,
    nonce,
  };
}

/** A page of history in order. @param {{[number: string]: StoredMessage}} messages @returns {Stored[]} */
export function inOrder(messages) {
  return Object.entries(messages)
    .map(([number, one]) => stored(number, one))
    .sort((one, other) => one.number - other.number);
}

/** @param {{[id: string]: string}} users @returns {Peer[]} */
const people = (users) => Object.entries(users).map(([id, name]) => ({ id, name: called(name) }));

/** @param {readonly Peer[]} peers */
const nameOf = (peers) => peers.map((peer) => peer.name).join(', ');
