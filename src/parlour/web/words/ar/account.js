// @ts-check
// Arabic: registering and logging in.
//
// 1. A name is set apart from the sentence around it, which runs the other way.

import { isolated } from '../isolated.js';

/** @type {typeof import('../en/account.js').account} */
export const account = {
  register: 'إنشاء حساب',
  login: 'تسجيل الدخول',
  registerHeading: 'إنشاء حساب جديد',
  haveOne: 'لديك حساب؟',
  noneYet: 'ليس لديك حساب بعد؟',
  username: 'اسم المستخدم',
  password: 'كلمة المرور',
  show: 'إظهار',
  showLabel: 'إظهار كلمة المرور',
  passwordOdd: 'لا يمكن استخدام كلمة المرور هذه: فيها رمز ليس نصًا. اختر كلمة أخرى.',
  unavailable: 'لا يستطيع الخادم فعل ذلك الآن. حاول مجددًا بعد لحظات.',
  made: (name) => `أُنشئ حسابك ${isolated(name)}. سجّل الدخول للبدء.`,
  loggedOut: 'تم تسجيل خروجك.',
  ended: 'انتهت جلسة الدخول هذه. سجّل الدخول من جديد.',
  deleted: 'حُذف حسابك.',
  nameMissing: 'اكتب اسم المستخدم.',
  passwordMissing: 'اكتب كلمة المرور.',
  nameHint: 'من 2 إلى 32 من الأحرف اللاتينية أو الأرقام أو النقاط أو الشرطات. بهذا الاسم تمامًا يجدك الآخرون.',
  passwordHint: '8 رموز على الأقل. بضع كلمات متتالية خيار جيد.',
  taken: 'هذا الاسم مستخدم. اختر اسمًا آخر.',
  nameInvalid:
    `يتكون الاسم من 2 إلى 32 من الأحرف ${isolated('A–Z')} و${isolated('a–z')} والأرقام ${isolated('0–9')} والنقطة ` +
    'والشرطة السفلية والشرطة، ويبدأ بحرف أو رقم. وبعض الأسماء محجوز.',
  passwordShort: 'كلمة المرور هذه قصيرة جدًا: 8 رموز على الأقل.',
  passwordLong: 'كلمة المرور هذه طويلة جدًا: 128 رمزًا على الأكثر.',
  passwordWeak: 'من السهل تخمين كلمة المرور هذه: فهي شائعة أو هي اسمك. اختر كلمة أخرى.',
  nobody: 'لا أحد بهذا الاسم. تحقق من كتابته، أو أنشئ حسابًا.',
  wrong: 'كلمة المرور هذه غير صحيحة.',
  unreachable: 'تعذر الوصول إلى الخادم. تحقق من اتصالك وحاول مجددًا.',
};
