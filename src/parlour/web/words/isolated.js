// @ts-check
// A name or a number inside a sentence that runs the other way.
//
// 1. It is set apart from what stands around it (Unicode's isolates), so that neither moves the other's signs.

/** @param {string} text */
export const isolated = (text) => `\u2068${text}\u2069`;
