// @ts-check
// Texts that show nothing: the server refuses them as `empty`.
//
// 1. Derived from BLANK in src/parlour/core/messages.py by `./run generate`; do not edit.

const CHARACTERS = [
  String.raw`\u{9}-\u{d}\u{1c}-\u{20}\u{85}\u{a0}\u{ad}\u{600}-\u{605}\u{61c}\u{6dd}\u{70f}`,
  String.raw`\u{890}-\u{891}\u{8e2}\u{115f}-\u{1160}\u{1680}\u{180e}\u{2000}-\u{200f}\u{2028}-\u{202f}`,
  String.raw`\u{205f}-\u{2064}\u{2066}-\u{206f}\u{2800}\u{3000}\u{3164}\u{feff}\u{fff9}-\u{fffb}\u{110bd}`,
  String.raw`\u{110cd}\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}`,
].join('');
const BLANK = new RegExp(`^[${CHARACTERS}]*$`, 'u');

/** Whether nobody would see anything of a text. @param {string} text */
export const isBlank = (text) => BLANK.test(text);
