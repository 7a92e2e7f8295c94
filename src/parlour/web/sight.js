// @ts-check
// How much of a list is in sight.
//
// 1. To ask for a height makes the browser lay out the page at once, in the middle of a change: so it is remembered.

let height = innerHeight;
addEventListener('resize', () => (height = innerHeight), { passive: true });

/** Some browsers tell 0 while a page loads. */
const LEAST = 600;

/** The height of the page, in pixels. */
export const sight = () => Math.max(height, LEAST);
