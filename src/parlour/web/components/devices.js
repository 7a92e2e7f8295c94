// @ts-check
// Where one is logged in.
//
// 1. The server tells of no change of logins: the list is asked for anew when it is looked at, when the connection comes
//    back, each minute, and after what was done here.
// 2. When a device was used is told no more exactly than the server knows: it writes it down once an hour.
// 3. The keyboard does not fall out of a row that goes.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { signal } from '../vendor/signals/signals-core.js';
import { deviceOf } from '../agents.js';
import * as api from '../api.js';
import { moment, span } from '../times.js';
import { settings, unanswered } from '../words.js';
import { Part } from './part.js';

/** @typedef {import('../protocol.d.ts').LoginView} Login */

/** @type {import('../protocol.d.ts').Bounds['USED_SECONDS']} */
const USED_SECONDS = 3600;
const OTHERS = 'others';

class Devices extends Part {
  #logins = signal(/** @type {readonly Login[] | null} */ (null));
  #complaint = signal('');
  #done = signal('');
  #busy = signal('');
  #asked = 0;

  connectedCallback() {
    super.connectedCallback();
    const look = () => void (document.visibilityState === 'visible' && this.look());
    const options = { signal: this.gone.signal };
    document.addEventListener('visibilitychange', look, options);
    addEventListener('focus', look, options);
    this.runs(() => {
      void (this.chat.now.value, this.chat.live.value);
      look();
    });
  }

  /** Ask for the list anew. */
  async look() {
    const asked = ++this.#asked;
    const { body, code, status, retryAfter } = await api.logins();
    if (asked !== this.#asked) return;
    if (body) this.#logins.value = body.Logins;
    if (body && this.#unreached) this.#complaint.value = '';
    this.#unreached = !body && status !== 401;
    if (this.#unreached) this.#complaint.value = unanswered(code, retryAfter, Date.now());
  }

  /** Whether the complaint is of the list itself. */ #unreached = false;

  /** @param {string} id @param {string} words what is said of it @returns {Promise<boolean>} whether it is done */
  async #revoke(id, words) {
    if (this.#busy.peek() !== '') return false;
    this.#busy.value = id;
    this.#done.value = '';
    const { status, code, retryAfter } = await api.revoke(id);
    this.#busy.value = '';
    const gone = status === 200 || code === 'not_found';
    this.#complaint.value = gone || status === 401 ? '' : unanswered(code, retryAfter, Date.now());
    if (!gone) return false;
    await this.look();
    this.#done.value = words;
    if (document.activeElement === document.body || !document.activeElement)
      /** @type {HTMLElement | null} */ (this.querySelector('h2'))?.focus();
    return true;
  }

  template() {
    const logins = this.#logins.value;
    const others = logins?.filter((one) => !one.Current).length ?? 0;
    return html`<h2 id="devices" tabindex="-1">${settings.devices}</h2>
      <p class="lead">${settings.devicesHint}</p>
      ${logins ? this.#list(logins) : html`<p class="loading" role="status">${settings.devicesLoading}</p>`}
      <p class="error" role="alert">${this.#complaint.value || nothing}</p>
      ${others > 0 ? this.#others() : nothing}
      <p class="notice" role="status">${this.#done.value || nothing}</p>
      ${logins && others === 0 && !this.#done.value ? html`<p class="field-hint">${settings.alone}</p>` : nothing}`;
  }

  #others() {
    const busy = String(this.#busy.value !== '');
    return html`<p class="acts"><button type="button" class="btn no" aria-disabled=${busy}
        @click=${() => void this.#revoke(OTHERS, settings.revokedOthers)}>${settings.revokeOthers}</button>
      <button type="button" class="btn no" aria-disabled=${busy}
        @click=${() => void this.#everywhere()}>${settings.logOutEverywhere}</button></p>`;
  }

  /** This device last: it is the one that can tell that another is still logged in. */
  async #everywhere() {
    if (await this.#revoke(OTHERS, settings.revokedOthers)) await this.chat.leaving.logOut();
  }

  /** @param {readonly Login[]} logins this device first */
  #list(logins) {
    const ordered = [...logins].sort((one, other) => Number(other.Current) - Number(one.Current));
    return html`<ul class="devices">${repeat(
      ordered,
      (one) => one.LoginID,
      (one) => this.#device(one),
    )}</ul>`;
  }

  /** @param {Login} one */
  #device(one) {
    const name = settings.device(deviceOf(one.Agent));
    const since = moment(Date.parse(one.CreatedAt), this.chat.today.value);
    const id = `login-${one.LoginID}`;
    return html`<li class="device"><p class="device-name">${name}</p>
      <p class="device-when" id=${id}><span>${settings.used(this.#used(one))}</span>
        <span>${settings.since(since)}</span></p>
      ${one.Current ? html`<p class="here">${settings.thisDevice}</p>` : this.#button(one.LoginID, name, id)}</li>`;
  }

  /** When a device was used last. @param {Login} one */
  #used({ Current, UsedAt }) {
    const from = Date.parse(UsedAt);
    const to = from + USED_SECONDS * 1000;
    if (Current) return settings.usedNow;
    return Date.now() < to ? settings.usedLately : span(from, to, this.chat.today.value);
  }

  /** @param {string} login @param {string} name @param {string} described */
  #button(login, name, described) {
    return html`<button type="button" class="btn small no" aria-label=${settings.revokeLabel(name)}
      aria-describedby=${described} aria-disabled=${String(this.#busy.value !== '')}
      @click=${() => void this.#revoke(login, settings.revoked(name))}>${settings.revoke}</button>`;
  }
}

customElements.define('parlour-devices', Devices);
