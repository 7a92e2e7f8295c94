// @ts-check
// Arabic: how the page looks, and which key sends.
//
// 1. Each choice says what it does, without a word of how it is done.

import { isolated } from '../isolated.js';

/** @type {typeof import('../en/appearance.js').appearance} */
export const appearance = {
  heading: 'المظهر والكتابة',
  theme: 'الألوان',
  themes: { system: 'كما في النظام', light: 'فاتح', dark: 'داكن' },
  sender: 'ما الذي يرسل الرسالة',
  enter: `${isolated('Enter')}. أما ${isolated('Shift Enter')} فيبدأ سطرًا جديدًا.`,
  mod: (mod) => `${isolated(`${mod} Enter`)}. أما ${isolated('Enter')} فيبدأ سطرًا جديدًا.`,
  hint: 'ما تختاره هنا يسري في هذا المتصفح وحده.',
};
