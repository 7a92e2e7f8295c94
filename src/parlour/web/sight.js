// @ts-check
// How much of a list is in sight.
//
// 1. To ask for a height makes the browser lay out the page at once, in the middle of a change: so it is remembered.

let height = innerHeight;
addEventListener('resize', () => (height = innerHeight), { passive: true });

/** The height of the page, in pixels: no list is higher. */
export const sight = () => height;
