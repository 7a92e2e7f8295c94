// @ts-check
// Arabic: the settings of the account, and of one conversation.
//
// 1. What a choice does is said beside it, from both sides.

import { isolated } from '../isolated.js';

/** @type {typeof import('../en/settings.js').settings} */
export const settings = {
  heading: 'الإعدادات',
  back: 'رجوع',
  account: 'الحساب',
  yourName: 'اسم المستخدم',
  nameHint: 'بهذا الاسم تمامًا يجدك الآخرون. لا يمكن تغييره.',
  passwordHeading: 'تغيير كلمة المرور',
  oldPassword: 'كلمة المرور الحالية',
  newPassword: 'كلمة المرور الجديدة',
  passwordEffect: 'هذا يسجّل الخروج من كل أجهزتك الأخرى. وتبقى مسجّلًا هنا.',
  change: 'تغيير كلمة المرور',
  changed: 'تغيّرت كلمة المرور. سُجّل الخروج من كل أجهزتك الأخرى.',
  oldMissing: 'اكتب كلمة المرور الحالية.',
  newMissing: 'اكتب كلمة مرور جديدة.',

  devices: 'الأجهزة',
  devicesHint: 'أين أنت مسجّل الدخول. سجّل الخروج مما لا تعرفه، ثم غيّر كلمة المرور.',
  devicesLoading: 'جارٍ البحث عن أجهزتك…',
  device: (device) =>
    device === null
      ? 'جهاز بلا اسم'
      : 'program' in device
        ? `برنامج (${isolated(device.program)})`
        : device.system
          ? `${isolated(device.browser)} على ${isolated(device.system)}`
          : isolated(device.browser),
  thisDevice: 'هذا الجهاز',
  used: (when) => `آخر استخدام: ${when}`,
  usedNow: 'الآن',
  usedLately: 'خلال الساعة الماضية',
  since: (when) => `تسجيل الدخول: ${when}`,
  revoke: 'تسجيل الخروج',
  revokeLabel: (device) => `تسجيل الخروج من ${device}`,
  revoked: (device) => `سُجّل الخروج: ${device}.`,
  revokeOthers: 'تسجيل الخروج من كل الأجهزة الأخرى',
  revokedOthers: 'سُجّل الخروج من كل أجهزتك الأخرى.',
  logOutEverywhere: 'تسجيل الخروج من كل مكان',
  alone: 'لست مسجّل الدخول في أي مكان آخر.',

  language: 'اللغة',
  languageHint: 'تسري في هذا المتصفح.',

  privacy: 'الخصوصية',
  whoMayInvite: 'من يستطيع دعوتي إلى محادثة',
  everyone: 'كل من يعرف اسمي تمامًا',
  shared: 'من كانت لي معهم محادثة، ومن لديه رابط مني',
  links: 'من لديه رابط مني فقط',
  nobody: 'لا أحد، وروابطي لا تعمل',
  whoHint: 'لا يُخبَر الآخرون باختيارك: تبقى دعوتهم بانتظار الجواب فقط. ويمكنك أنت دعوة أي شخص.',
  presence: 'إظهار متى أكون متصلًا',
  presenceHint: 'إذا كان هذا موقوفًا فستبدو غير متصل للجميع.',
  receipts: 'إرسال إشعارات القراءة',
  receiptsHint: 'لا ترى هل قرأ الآخرون رسائلك إلا حيث ترسلان كلاكما إشعارات القراءة.',
  typing: 'إظهار متى أكتب',
  typingHint: 'لا ترى أن الآخرين يكتبون إلا حيث تُظهران ذلك كلاكما.',
  switchesHint: 'المحادثة التي اخترت فيها غير ذلك تحتفظ باختيارها.',

  muted: 'كتم هذه المحادثة',
  mutedHint: 'لا إشعار ولا صوت. ما هو جديد يُعدّ، بلا ضجة.',

  one: 'إعدادات المحادثة',
  oneHint: 'ما تختاره هنا يخص هذه المحادثة وحدها.',
  presenceOne: 'إذا كان هذا موقوفًا فستبدو غير متصل هنا.',
  close: 'إغلاق الإعدادات',
  on: 'مفعّل',
  off: 'موقوف',

  installHeading: 'هذا الجهاز',
  installLead: `ثبّت ${isolated('Parlour')} لتفتحه من الشاشة الرئيسية أو سطح المكتب، حتى بلا اتصال.`,
  install: 'تثبيت',
  installLabel: `تثبيت ${isolated('Parlour')} على هذا الجهاز`,
  installOffer: `يمكن تثبيت ${isolated('Parlour')} على هذا الجهاز، فيُفتح بعدها من الشاشة الرئيسية أو سطح المكتب.`,

  data: 'بياناتك',
  dataLead:
    'ملف فيه كل ما لدى هذا الخادم عنك، بقدر ما يحق لك أن تراه: حسابك وإعداداتك وأجهزتك وموافقاتك، ومحادثاتك بكل رسائلها. ' +
    'كلمات المرور وأسرار الروابط ليست فيه.',
  export: 'تصدير بياناتي',
  exporting: 'جارٍ جمع بياناتك. أبقِ هذه الصفحة مفتوحة…',
  exported: (file) => `حُفظت بياناتك في ${isolated(file)}.`,
  exportCut: 'لم يكتمل الملف. تحقق من اتصالك وحاول مجددًا.',

  deletion: 'حذف حسابي',
  deletionLead: 'إذا حذفت حسابك:',
  deletionTold: [
    'يُسجّل الخروج من كل أجهزتك، ومنها هذا.',
    'تُغلق محادثاتك. ولن يستطيع أحد الكتابة فيها بعد ذلك.',
    'ما كتبته يبقى لدى من كتبت إليهم، تحت اسم «حساب محذوف».',
    'تُحذف إعداداتك. ولن يُعطى اسم المستخدم لأحد بعد ذلك، ولا لك.',
  ],
  deletionFinal: 'لا يمكن التراجع عن هذا.',
  deletionPassword: 'كلمة المرور',
  delete: 'حذف حسابي نهائيًا',
};
