// @ts-check
// Arabic: the connection, and why something was refused.

import { number } from '../../counts.js';
import { isolated } from '../isolated.js';

/** @type {typeof import('../en/connection.js').connection} */
export const connection = {
  label: 'الاتصال',
  connecting: 'جارٍ الاتصال بالخادم.',
  lost: 'انقطع الاتصال. ما ترسله ينتظر هنا وينطلق عند عودته.',
  unreachable: 'تعذر الوصول إلى الخادم.',
  back: 'عاد الاتصال.',
  retryIn: (seconds) => `محاولة جديدة بعد ${number(seconds)} ث`,
  trying: 'محاولة جديدة…',
  retry: 'المحاولة الآن',
  useHere: 'الاستخدام هنا',
  banned: 'لا يُسمح لهذا الحساب بالاتصال.',
  elsewhere: `فُتح ${isolated('Parlour')} في مكان آخر.`,
  abuse: 'أنهى الخادم هذا الاتصال لأن المُرسَل كان أكثر من اللازم.',
  ended: (code) => `أنهى الخادم هذا الاتصال (${code}).`,
  restored: 'استُعيدت بيانات الخادم من حالة سابقة: قد تكون رسائل حديثة مفقودة.',
  logoutFailed: 'لم ينجح تسجيل الخروج: تعذر الوصول إلى الخادم. حاول مجددًا.',
};

/** @type {typeof import('../en/connection.js').refusals} */
export const refusals = {
  empty: 'لا شيء يُرى في هذه الرسالة.',
  too_long: 'الرسالة طويلة جدًا: الحد الأقصى 8,000 رمز و16 كيبيبايت.',
  malformed: 'لا يستطيع الخادم حفظ هذا النص كما هو.',
  not_found: 'لست في هذه المحادثة.',
  closed: 'هذه المحادثة مغلقة.',
  open: 'هذه المحادثة مفتوحة من جديد.',
  nonce_reused: 'لدى الخادم نص آخر في هذا الموضع.',
  gone: 'انتهت هذه الدعوة.',
  user_not_found: 'لم يعد هناك أحد بهذا الاسم.',
  no_invitation: 'انتهت هذه الدعوة.',
  storage_full: 'قرص الخادم ممتلئ.',
  unavailable: 'لا يستطيع الخادم فعل ذلك الآن. حاول مجددًا بعد لحظات.',
  internal: 'حدث خطأ في الخادم.',
  lost: 'انقطع الاتصال. حاول مجددًا عند عودته.',
};

/** @type {typeof import('../en/connection.js').refused} */
export const refused = {
  unknown: 'رفض الخادم ذلك.',
  tooMuch: 'محاولات كثيرة. انتظر قليلًا ثم حاول مجددًا.',
  wait: (seconds) => `محاولات كثيرة. يمكنك المحاولة مجددًا ${seconds}.`,
  until: (time) => `محاولات كثيرة. يمكنك المحاولة مجددًا عند الساعة ${time}.`,
  untilDay: (day, time) => `محاولات كثيرة. يمكنك المحاولة مجددًا يوم ${day} عند الساعة ${time}.`,
};
