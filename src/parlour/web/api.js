// @ts-check
// The calls of the server over HTTP.
//
// 1. A call never throws: it answers with a status, the body, and for a refusal its code, field and how long to wait.
//    Status 0 means that no answer came.
// 2. The login lives in a cookie that no script sees; nothing here knows a token.

/** @typedef {import('./protocol.d.ts').Snapshot} Snapshot */
/** @typedef {import('./protocol.d.ts').History} History */
/**
 * @template T
 * @typedef {{status: number, body: T | null, code: string, field: string, retryAfter: number | null}} Answer
 */

const PATIENCE = 20_000;

/** @param {string} Username @param {string} Password */
export const register = (Username, Password) => call('POST', '/api/register', { Username, Password });

/** @param {string} Username @param {string} Password */
export const login = (Username, Password) => call('POST', '/api/login', { Username, Password });

export const logout = () => call('POST', '/api/logout');

/** My logins, the one that was used last first. @returns {Promise<Answer<import('./protocol.d.ts').Logins>>} */
export const logins = () => call('GET', '/api/logins');

/** End one of my logins, or with `others` all but this one. @param {string} LoginID */
export const revoke = (LoginID) => call('POST', '/api/revoke', { LoginID });

/** A new password; all my other logins end. @param {string} Old @param {string} New */
export const changePassword = (Old, New) => call('POST', '/api/password', { Old, New });

/** Delete my account. @param {string} Password */
export const deleteAccount = (Password) => call('POST', '/api/deleteaccount', { Password });

/** What I asked, agreed to and refused. @returns {Promise<Answer<import('./protocol.d.ts').Ledger>>} */
export const consent = () => call('GET', '/api/consent');

/**
 * All that the server holds about me, as a file. It takes as long as it takes; `cut`: it came to an end too early.
 * @param {AbortSignal} signal @returns {Promise<Answer<File>>}
 */
export async function exported(signal) {
  let code = 'unreachable';
  try {
    const response = await fetch('/api/export', { signal });
    if (!response.ok) return answer(response, await json(response));
    code = 'cut';
    const name = /filename="([^"]+)"/u.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? 'parlour.json';
    return answer(response, new File([await response.blob()], name, { type: 'application/json' }));
  } catch {
    return { status: 0, body: null, code, field: '', retryAfter: null };
  }
}

/** Everything that a page needs to begin: asked for by first.js already, the first time. @returns {Promise<Answer<Snapshot>>} */
export function snapshot() {
  /** @type {Promise<Response> | undefined} */ const asked = /** @type {any} */ (window).snapshotAsked;
  delete (/** @type {any} */ (window).snapshotAsked);
  return asked && performance.now() < PATIENCE / 2 ? answered(asked) : call('GET', '/api/snapshot');
}

/** Why a socket never opened. */
export const ask = () => call('GET', '/api/load?messages=0');

/**
 * A page of a session.
 * @param {string} session @param {'before' | 'after'} side @param {number} number @param {number} limit
 * @returns {Promise<Answer<History>>}
 */
export function history(session, side, number, limit) {
  return call('GET', `/api/sessions/${encodeURIComponent(session)}/messages?${side}=${number}&limit=${limit}`);
}

/** @param {'GET' | 'POST'} method @param {string} path @param {object} [body] @returns {Promise<Answer<any>>} */
function call(method, path, body) {
  const headers = /** @type {{[name: string]: string}} */ (body ? { 'Content-Type': 'application/json' } : {});
  const options = { method, headers, signal: AbortSignal.timeout(PATIENCE), ...(body ? { body: JSON.stringify(body) } : {}) };
  return answered(fetch(path, /** @type {RequestInit} */ (options)));
}

/** @param {Promise<Response>} asked @returns {Promise<Answer<any>>} */
async function answered(asked) {
  try {
    const response = await asked;
    return answer(response, await json(response));
  } catch {
    return { status: 0, body: null, code: 'unreachable', field: '', retryAfter: null };
  }
}

/** @param {Response} response @param {any} body @returns {Answer<any>} */
function answer(response, body) {
  const after = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const retryAfter = Number.isFinite(after) ? after : null;
  if (response.ok) return { status: response.status, body, code: '', field: '', retryAfter };
  return {
    status: response.status,
    body: null,
    code: String(body?.code ?? ''),
    field: String(body?.field ?? ''),
    retryAfter,
  };
}

/** @param {Response} response @returns {Promise<any>} */
async function json(response) {
  const text = await response.text();
  return text === '' ? null : JSON.parse(text);
}
