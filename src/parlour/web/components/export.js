// @ts-check
// Taking all of one's data along, as a file.
//
// 1. It is asked for here and not by the address of a file, so that a refusal is said in words.
// 2. The browser keeps what has come until it is whole; half a file is none.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { signal } from '../vendor/signals/signals-core.js';
import * as api from '../api.js';
import { settings, unanswered } from '../words.js';
import { Part } from './part.js';

class Export extends Part {
  #busy = signal(false);
  #done = signal('');
  #complaint = signal('');

  async #take() {
    if (this.#busy.peek()) return;
    this.#busy.value = true;
    this.#done.value = this.#complaint.value = '';
    const { body, code, retryAfter } = await api.exported(this.gone.signal);
    this.#busy.value = false;
    if (body) save(body);
    if (body) this.#done.value = settings.exported(body.name);
    else this.#complaint.value = code === 'cut' ? settings.exportCut : unanswered(code, retryAfter, Date.now());
  }

  template() {
    const busy = this.#busy.value;
    return html`<h2 id="data">${settings.data}</h2><p class="lead">${settings.dataLead}</p>
      <button type="button" class="btn no" aria-disabled=${String(busy)} @click=${() => void this.#take()}>
        ${settings.export}</button>
      <p class="notice" role="status">${busy ? settings.exporting : this.#done.value || nothing}</p>
      <p class="error" role="alert">${this.#complaint.value || nothing}</p>`;
  }
}

/** The browser saves it, as it saves every download. @param {File} file */
function save(file) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

customElements.define('parlour-export', Export);
