// @ts-check
// What is drawn: the mark, the icons, people's tiles and their presence.
//
// 1. A drawing is never the only bearer of a meaning: all are hidden from assistive technology and have words beside
//    them. The signs of messages are drawn by the stylesheet (standing.js).
// 2. No inline style: colours come from attributes and classes, the hue from one of sixteen rules.
// 3. No transform, and one clip: each is a layer of its own to whoever paints the page, and there are many tiles.

import { html, nothing, svg } from '../vendor/lit-html/lit-html.js';
import { hueStep, tile } from '../tile.js';

/** A quarter disc of radius 10 around each corner of a square: where its corner is, and the way from there. */
const CORNERS = [
  { right: 0, down: 0, way: 'h10a10 10 0 0 1-10 10z' },
  { right: 10, down: 0, way: 'v10a10 10 0 0 1-10-10z' },
  { right: 10, down: 10, way: 'h-10a10 10 0 0 1 10-10z' },
  { right: 0, down: 10, way: 'v-10a10 10 0 0 1 10 10z' },
];

/** @param {import('../tile.js').Disc} disc */
function drawnDisc({ shape, x, y }) {
  const { right, down, way } = CORNERS[shape] ?? { right: 0, down: 0, way: '' };
  return `M${x + right} ${y + down}${way}`;
}

/** The strong discs as one path, or the others. @param {readonly import('../tile.js').Disc[]} discs @param {boolean} strong */
const path = (discs, strong) => discs.filter((one) => one.strong === strong).map(drawnDisc).join('');

/** The mark: two discs with their overlap cut out. */
export const mark = html`<svg class="mark" viewBox="0 0 30 20" aria-hidden="true">
  <path class="mark-one" d="M15 1.34A10 10 0 1 0 15 18.66A10 10 0 0 1 15 1.34Z" />
  <path class="mark-two" d="M15 1.34A10 10 0 1 1 15 18.66A10 10 0 0 0 15 1.34Z" />
</svg>`;

/** @param {unknown} shape */
const icon = (shape) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shape}</svg>`;

export const glass = icon(svg`<circle cx="11" cy="11" r="7" /><path d="m20 20-3.8-3.8" />`);
export const arrowBack = icon(svg`<path d="M15 5l-7 7 7 7" />`);
export const arrowOn = icon(svg`<path d="M9 5l7 7-7 7" />`);
export const cross = icon(svg`<path d="M6 6l12 12M18 6 6 18" />`);
export const arrowUp = icon(svg`<path d="M12 19V5M6 11l6-6 6 6" />`);
export const arrowDown = icon(svg`<path d="M12 5v14M6 13l6 6 6-6" />`);
export const sliders = icon(
  svg`<path d="M4 7h9M19 7h1M4 17h1M11 17h9" /><circle cx="16" cy="7" r="2.6" /><circle cx="8" cy="17" r="2.6" />`,
);

export const bellOff = icon(
  svg`<path d="M8 5.5A5 5 0 0 1 17 9c0 2 .5 4 1 5M5 17h11M7 10.5c0 3-1 4.500-2 6.500M10.500 20h3M4 4l16 16" />`,
);

/** A person's tile. @param {string} name */
export function tileOf(name) {
  const { hue, discs, initials } = tile(name);
  return html`<span class="tile" aria-hidden="true"><svg viewBox="0 0 20 20">
    <rect width="20" height="20" fill="oklch(90% .06 ${hue})" />
    <path d=${path(discs, true)} fill="oklch(80% .1 ${hue})" />
    <path d=${path(discs, false)} fill="oklch(83% .085 ${(hue + 45) % 360})" />
    <text x="10" y="10.4" text-anchor="middle" dominant-baseline="central" font-size="8" font-weight="700"
      fill="oklch(27% .06 ${hue})">${initials}</text>
  </svg></span>`;
}

/**
 * A tile with the presence of somebody whom one shares a session with; without `online`: nothing is told.
 * @param {string} name @param {boolean} [online]
 */
export function who(name, online) {
  const dot = online === undefined ? nothing : html`<span class="dot" ?data-off=${!online}></span>`;
  return html`<span class="who" aria-hidden="true">${tileOf(name)}${dot}</span>`;
}

/** A username: always left to right, whatever stands around it. @param {string} name @param {string} [style] a class */
export const nameOf = (name, style = '') => html`<bdi class=${style} dir="ltr">${name}</bdi>`;

/** The hue of a name, for `data-hue`. @param {string} name */
export const hueOf = (name) => String(hueStep(name));
