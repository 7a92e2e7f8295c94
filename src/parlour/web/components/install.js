// @ts-check
// The settings' part in which the page is installed: there as long as the browser offers it.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { install, offer } from '../install.js';
import { settings } from '../words.js';

export function installing() {
  if (!offer.value) return nothing;
  return html`<section class="part" aria-labelledby="install"><h2 id="install">${settings.installHeading}</h2>
    <p class="lead">${settings.installLead}</p>
    <button type="button" class="btn no" aria-label=${settings.installLabel} @click=${install}>${settings.install}</button>
  </section>`;
}
