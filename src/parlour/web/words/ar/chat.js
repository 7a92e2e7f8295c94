// @ts-check
// Arabic: the list, the conversation, its messages, and the news beside them.
//
// 1. A name is set apart from the sentence around it, which runs the other way.

import { counted, number } from '../../counts.js';
import { isolated } from '../isolated.js';

/** @param {number} count */
const newMessages = (count) =>
  counted(count, {
    zero: 'لا رسائل جديدة',
    one: 'رسالة جديدة واحدة',
    two: 'رسالتان جديدتان',
    few: '# رسائل جديدة',
    many: '# رسالة جديدة',
    other: '# رسالة جديدة',
  });

/** @type {typeof import('../en/chat.js').list} */
export const list = {
  none: 'لا محادثات بعد. اكتب أعلاه اسم الشخص تمامًا كما هو واضغط «دعوة».',
  waiting: 'بانتظار جوابك',
  held: (count) => `+${number(count)} مؤجَّلة`,
  heldHint: 'سأل كثيرون في وقت قصير، أو كرّر أحدهم السؤال. لم تظهر هذه الدعوات في نافذة؛ يمكنك الإجابة عنها هنا.',
  invited: 'دعوتَهم أنت',
  conversations: 'المحادثات',
  hidden: (count) =>
    counted(count, {
      one: 'محادثة واحدة مخفية',
      two: 'محادثتان مخفيتان',
      few: '# محادثات مخفية',
      many: '# محادثة مخفية',
      other: '# محادثة مخفية',
    }),
  muted: 'مكتومة',
  nothingSaid: 'لم يُقل شيء بعد',
  more: 'إظهار محادثات أخرى',
  closed: 'مغلقة',
  wantsToChat: 'دعوة إلى محادثة. أجب…',
  draft: 'مسودة:',
  unsent: 'لم تُرسل:',
  you: 'أنت:',
  unread: (count) =>
    counted(count, {
      one: 'رسالة واحدة غير مقروءة',
      two: 'رسالتان غير مقروءتين',
      few: '# رسائل غير مقروءة',
      many: '# رسالة غير مقروءة',
      other: '# رسالة غير مقروءة',
    }),
  loading: 'جارٍ تحميل محادثاتك…',
  back: 'العودة إلى القائمة',
  logout: 'تسجيل الخروج',
  signedInAs: 'أنت',
  settings: 'الإعدادات',
  deleted: 'حساب محذوف',
};

/** @type {typeof import('../en/chat.js').presences} */
export const presences = { online: 'متصل', offline: 'غير متصل' };

/** @type {typeof import('../en/chat.js').toast} */
export const toast = {
  open: 'فتح المحادثة',
  dismiss: 'إخفاء',
  accepted: (name) => `قُبلت دعوتك إلى ${isolated(name)}. يمكنكما الآن تبادل الرسائل.`,
  usedLink: (name) => `استخدم ${isolated(name)} رابطك. يمكنكما الآن تبادل الرسائل.`,
};

/** @type {typeof import('../en/chat.js').conversation} */
export const conversation = {
  somebodyWaits: (count) =>
    counted(count, {
      one: 'شخص ينتظر جوابك: انظر أعلى القائمة.',
      two: 'شخصان ينتظران جوابك: انظر أعلى القائمة.',
      few: '# أشخاص ينتظرون جوابك: انظر أعلى القائمة.',
      many: '# شخصًا ينتظرون جوابك: انظر أعلى القائمة.',
      other: '# شخص ينتظرون جوابك: انظر أعلى القائمة.',
    }),
  choose: 'اختر محادثة',
  chooseHint: 'أو ادعُ شخصًا: اكتب اسمه تمامًا كما هو واضغط «دعوة».',
  welcome: 'شخص تتحدث معه',
  welcomeHint: 'اكتب في الحقل اسم مستخدم شخص ما تمامًا كما هو واضغط «دعوة». وبعد أن يقول نعم يمكنكما تبادل الرسائل.',
  begin: (name) => `قلتَ أنت و${isolated(name)} نعم. ابدأ بالتحية.`,
  label: (name) => `محادثة مع ${isolated(name)}`,
  olderFailed: 'تعذر تحميل الرسائل الأقدم.',
  newerFailed: 'تعذر تحميل الرسائل التالية.',
  noMessage: 'لا يمكن عرض هذه الرسالة: هي غير موجودة، أو لست في محادثتها.',
  noPage: 'لا توجد صفحة على هذا العنوان.',
  notReached: 'تعذر تحميل الرسالة. تحقق من اتصالك وافتح رابطها من جديد.',
  firstUnread: (count) =>
    counted(count, {
      one: 'إلى الرسالة الجديدة',
      two: 'إلى أولى رسالتين جديدتين',
      few: 'إلى أولى # رسائل جديدة',
      many: 'إلى أولى # رسالة جديدة',
      other: 'إلى أولى # رسالة جديدة',
    }),
  said: (name, text) => `${isolated(name)}: ${isolated(text)}`,
  elsewhere: (name) => `رسالة جديدة من ${isolated(name)}`,
  unread: newMessages,
  typing: (name) => `${isolated(name)} يكتب…`,
  question: 'هل يُظهر كل منكما للآخر متى قرأ رسالة ومتى يكتب؟',
  questionHint: 'لا ترى ذلك إلا ممن يُظهرونه هم أيضًا. يمكنك تغييره في الإعدادات.',
  closed: 'هذه المحادثة مغلقة.',
  reopened: 'هذه المحادثة مفتوحة من جديد.',
  questionYes: 'نعم',
  questionNo: 'لا',
  newer: (count) => (count === 0 ? 'إلى الأحدث' : newMessages(count)),
};

/** @type {typeof import('../en/chat.js').message} */
export const message = {
  me: 'أنت',
  stored: 'محفوظة',
  delivered: 'سُلّمت',
  read: 'قُرئت',
  sending: 'قيد الإرسال',
  waiting: 'بانتظار الاتصال',
  later: 'بانتظار الخادم',
  behind: 'بانتظار الرسالة التي فوقها',
  failed: 'لم تُرسل',
  failedWhy: (why) => `لم تُرسل. ${why}`,
  failedTold: (why) => `لم تُرسل إحدى الرسائل. ${why}`,
  again: 'محاولة أخرى',
  discard: 'حذف',
  whole: 'إظهار الكل',
  copyLink: 'نسخ الرابط',
  linkLabel: (time) => `${isolated(time)}، نسخ الرابط`,
  linkCopied: 'نُسخ الرابط',
  linkAbove: 'الرابط في شريط العنوان',
  label: (name, at, state) => [isolated(name), isolated(at), state].filter((part) => part !== '').join('، '),
};

/** @type {typeof import('../en/chat.js').composer} */
export const composer = {
  send: 'إرسال',
  sends: 'للإرسال',
  breaks: 'لسطر جديد',
  label: (name) => `رسالة إلى ${isolated(name)}`,
  placeholder: (name) => `رسالة إلى ${isolated(name)}`,
  tooLong: (count, most) =>
    `هذه الرسالة طويلة جدًا: عدد رموزها ${number(count)} والحد الأقصى ${number(most)}. أرسلها على أجزاء.`,
  tooHeavy: 'هذه الرسالة طويلة جدًا: تتجاوز 16 كيبيبايت. أرسلها على أجزاء.',
  closed: 'هذه المحادثة مغلقة. ما قيل فيها يبقى متاحًا للقراءة.',
  queued: 'أنت غير متصل. تُرسل الرسالة عند عودة الاتصال.',
  unsentText: (name) => `نصّك إلى ${isolated(name)} الذي لم يُرسل`,
  empty: 'اكتب شيئًا أولًا.',
  blank: 'اكتب شيئًا أولًا: لن يُرى شيء من هذه الرسالة.',
  refused: (why) => `لم تُرسل. ${why} نصّك محفوظ هنا.`,
};

/** @type {typeof import('../en/chat.js').leaving} */
export const leaving = {
  heading: 'هل تريد تسجيل الخروج؟',
  unsent: 'بعض رسائلك لم يُرسل بعد، وتسجيل الخروج يحذفها.',
  drafts: 'كتبت شيئًا ولم ترسله، وتسجيل الخروج يحذفه.',
  no: 'البقاء',
};

/** @type {typeof import('../en/chat.js').shortcuts} */
export const shortcuts = {
  heading: 'اختصارات لوحة المفاتيح والعلامات',
  close: 'إغلاق',
  find: 'البحث عن محادثة أو دعوة شخص',
  next: 'المحادثة التالية أو السابقة',
  nextUnread: 'المحادثة غير المقروءة التالية أو السابقة',
  section: 'الجزء التالي أو السابق من الصفحة',
  send: 'إرسال الرسالة',
  breakLine: 'سطر جديد في الرسالة',
  walk: 'من رسالة إلى رسالة، حين تكون لوحة المفاتيح هناك',
  firstUnread: 'إلى أول رسالة غير مقروءة',
  latest: 'إفراغ البحث؛ الذهاب إلى أحدث رسالة',
  sheet: 'هذه القائمة',
  writing: 'في الرسالة',
  text: 'نص',
  bold: 'عريض',
  italic: 'مائل',
  code: 'شيفرة',
  list: 'قائمة',
  quote: 'اقتباس',
  signs: 'إلى أين وصلت الرسالة',
  onItsWay: 'في الطريق',
  stored: 'على الخادم',
  delivered: 'على جهاز للطرف الآخر',
  read: 'قُرئت، إن وافق كلاكما على إظهار ذلك',
  names: { Mod: 'Ctrl', Alt: 'Alt', Shift: 'Shift', Enter: 'Enter', Escape: 'Esc', PageUp: 'Page up' },
};
