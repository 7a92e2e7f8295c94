// @ts-check
// Arabic: inviting, being invited, links, blocking, closing, and what one has agreed to.
//
// 1. An invitation is sent, not answered, or declined by somebody who says so. It is never said to have arrived or to
//    have been seen.
// 2. A name is set apart from the sentence around it, which runs the other way.

import { counted, number } from '../../counts.js';
import { date } from '../../times.js';
import { isolated } from '../isolated.js';

/** @param {string} lapses */
const day = (lapses) => date(Date.parse(lapses));

/** @param {number} count @param {string} end */
const wantToChat = (count, end) =>
  counted(count, {
    one: `شخص واحد يريد محادثتك${end}`,
    two: `شخصان يريدان محادثتك${end}`,
    few: `# أشخاص يريدون محادثتك${end}`,
    many: `# شخصًا يريدون محادثتك${end}`,
    other: `# شخص يريدون محادثتك${end}`,
  });

/** @type {typeof import('../en/consent.js').search} */
export const search = {
  label: 'البحث عن محادثة، أو اسم الشخص الذي تريد دعوته تمامًا كما هو',
  placeholder: 'بحث أو دعوة',
  invite: 'دعوة',
  sent: (lapses) => `أُرسلت الدعوة. ستعلم إن جاء جواب. تنتهي صلاحيتها في ${day(lapses)}.`,
  nobody: (name) => `لا أحد باسم ${isolated(name)}.`,
  self: 'هذا اسمك أنت.',
  empty: 'اكتب اسم الشخص الذي تريد دعوته تمامًا كما هو.',
  nothing: (typed) => `لا محادثة لك باسم «${isolated(typed)}». زر «دعوة» يسأل صاحب هذا الاسم تمامًا.`,
  offline: 'أنت غير متصل. أعد الدعوة عند عودة الاتصال.',
  blocked: (name) => `لقد حظرت ${isolated(name)}. ألغِ الحظر أولًا.`,
  unblocked: (name) => `لم تعد تحظر ${isolated(name)}. اضغط «دعوة» للسؤال.`,
  addNote: 'إضافة ملاحظة',
  dropNote: 'بلا ملاحظة',
  note: 'ملاحظة تُرفق بالدعوة',
  noteHint: 'تظهر مع اسمك، نصًا عاديًا.',
  noteLeft: (left) =>
    left < 0
      ? counted(-left, {
          one: 'رمز واحد زائد',
          two: 'رمزان زائدان',
          few: '# رموز زائدة',
          many: '# رمزًا زائدًا',
          other: '# رمز زائد',
        })
      : counted(left, {
          zero: 'لم يبقَ أي رمز',
          one: 'بقي رمز واحد',
          two: 'بقي رمزان',
          few: 'بقيت # رموز',
          many: 'بقي # رمزًا',
          other: 'بقي # رمز',
        }),
  noteLong: (most) => `الملاحظة طويلة جدًا: الحد الأقصى ${number(most)} رمزًا.`,
  noteEmpty: 'لا شيء يُرى في الملاحظة. اكتب شيئًا، أو احذفها.',
};

/** @type {typeof import('../en/consent.js').invited} */
export const invited = {
  hint: 'ستعلم إن جاء جواب.',
  sent: (lapses) => `أُرسلت الدعوة. تنتهي صلاحيتها في ${day(lapses)}.`,
  unanswered: (lapses) => `لا جواب. انتهت صلاحيتها في ${day(lapses)}.`,
  declined: 'كان الجواب لا.',
  toldNo: (name) => `جواب ${isolated(name)}: لا.`,
  cancel: 'سحب الدعوة',
  takenBack: (name) => `سُحبت دعوتك إلى ${isolated(name)}.`,
  cancelLabel: (name) => `سحب الدعوة إلى ${isolated(name)}`,
  again: 'دعوة من جديد',
  againLabel: (name) => `دعوة ${isolated(name)} من جديد`,
  dismiss: 'إخفاء',
  dismissLabel: (name) => `إخفاء السطر عن ${isolated(name)}`,
};

/** @type {typeof import('../en/consent.js').ask} */
export const ask = {
  accept: 'قبول',
  reject: 'رفض',
  later: 'القرار لاحقًا',
  tell: 'الرفض مع إعلامه',
  block: 'حظر',
  heading: ['دعوة إلى محادثة من ', ''],
  several: (count) => wantToChat(count, ''),
  told: (name) => `دعوة إلى محادثة من ${isolated(name)}.`,
  toldSeveral: (count) => wantToChat(count, '.'),
  reach: 'اضغط F6 للوصول إلى السؤال.',
  place: (at, count) => `${number(at)} من ${number(count)}`,
  next: 'التالي',
  previous: 'السابق',
  writes: (name) => `كتب ${isolated(name)}:`,
  whole: 'إظهار الكل',
  shares:
    'إذا قبلت يمكنكما تبادل الرسائل، ويرى كل منكما متى يكون الآخر متصلًا. وحتى ذلك الحين لا يُشارَك شيء. الرفض صامت.',
  lapses: (lapses) => `تنتهي صلاحية الدعوة في ${day(lapses)}.`,
  over: (name) => `انتهت دعوة ${isolated(name)}.`,
  offline: 'يمكنك الإجابة عند عودة الاتصال.',
  rejected: (name) => `رُفضت دعوة ${isolated(name)}. لا يُخبَر أحد بذلك.`,
  rejectedTold: (name) => `رُفضت دعوة ${isolated(name)}، مع إعلامه بذلك.`,
  undo: 'تراجع',
  undoLabel: (name) => `التراجع عن رفض ${isolated(name)}`,
  undoHeading: (name) => `هل تبدأ محادثة مع ${isolated(name)} رغم ذلك؟`,
  undoText: 'التراجع عن الرفض هو قبول: يمكنكما عندئذ تبادل الرسائل، ويرى كل منكما متى يكون الآخر متصلًا.',
  undoYes: 'القبول رغم ذلك',
  undoNo: 'إبقاء الرفض',
};

/** @type {typeof import('../en/consent.js').parting} */
export const parting = {
  close: 'إغلاق المحادثة',
  closeHeading: (name) => `هل تغلق المحادثة مع ${isolated(name)}؟`,
  closeText: 'لن يستطيع أحد الكتابة فيها بعد ذلك، ولا أنت. يبقى ما قيل متاحًا لكما للقراءة. ودعوة جديدة تفتحها من جديد.',
  closeNo: 'إبقاؤها مفتوحة',
  hide: 'إخفاء المحادثة',
  hideHint: 'تختفي من قائمتك، وتعود عندما تُفتح من جديد. لا يلاحظ ذلك أحد غيرك.',
  hidden: (name) => `المحادثة مع ${isolated(name)} مخفية.`,
  show: 'إظهارها في القائمة من جديد',
  showLabel: (name) => `إظهار المحادثة مع ${isolated(name)} في القائمة من جديد`,
  shown: (name) => `عادت المحادثة مع ${isolated(name)} إلى القائمة.`,
  block: (name) => `حظر ${isolated(`@${name}`)}`,
  blockHeading: (name) => `هل تحظر ${isolated(`@${name}`)}؟`,
  blockPlain: 'لا تبلغك أي دعوة من هذا الشخص بعد ذلك. لا يُخبَر بذلك، ويرى دعوة تنتظر الجواب.',
  blockText:
    'تختفي الدعوة، ولا تبلغك أي دعوة أخرى من هذا الشخص. لا يُخبَر بذلك، ويرى دعوة تنتظر الجواب.',
  blockTalking:
    'تُغلق محادثتكما: يمكنكما قراءتها، ولا يستطيع أحد الكتابة فيها. ولا تبلغك دعوات من هذا الشخص بعد ذلك. يرى أنها ' +
    'مغلقة، ولا يُخبَر بأنك حظرته.',
  blockYes: 'حظر',
  blockNo: 'بلا حظر',
  blocked: (name) => `لقد حظرت ${isolated(name)}.`,
  unblock: 'إلغاء الحظر',
  unblockLabel: (name) => `إلغاء حظر ${isolated(name)}`,
  unblocked: (name) =>
    `لم تعد تحظر ${isolated(name)}. لا شيء مما انتهى يعود من تلقاء نفسه: يمكن لكل منكما دعوة الآخر من جديد.`,
  asksAgain: (name) => `يريد ${isolated(name)} فتحها من جديد.`,
  answer: 'أجب…',
};

/** @type {typeof import('../en/consent.js').blocks} */
export const blocks = {
  heading: 'المحظورون',
  hint: 'لا يستطيعون الوصول إليك، ولا يُخبَرون بأنك حظرتهم.',
  none: 'لم تحظر أحدًا.',
};

/** @type {typeof import('../en/consent.js').links} */
export const links = {
  heading: 'روابط الدعوة',
  hint: 'أنشئ رابطًا وأعطه لشخص ما. أول من يفتحه يستطيع بدء محادثة معك فورًا: فقد قلت نعم مسبقًا.',
  offer: 'أو أنشئ رابطًا تعطيه لشخص ما.',
  make: 'إنشاء رابط',
  another: 'إنشاء رابط آخر',
  address: 'عنوان رابطك',
  once: (lapses) => `يعمل مرة واحدة، لشخص واحد، حتى ${day(lapses)}. لا يُعرض إلا الآن: انسخه.`,
  asleep: 'لا يعمل ما دام لا أحد يستطيع دعوتك. لا يُعرض إلا الآن: انسخه.',
  copy: 'نسخ',
  copied: 'تم النسخ.',
  notCopied: 'متصفحك لا يسمح لهذه الصفحة بالنسخ. العنوان محدد: انسخه بلوحة المفاتيح.',
  made: 'رابطك جاهز.',
  none: 'ليست لديك روابط مفتوحة.',
  open: 'الروابط المفتوحة',
  one: (lapses) => `رابط لم يستخدمه أحد. تنتهي صلاحيته في ${day(lapses)}.`,
  new: 'الرابط أعلاه.',
  takeBack: 'سحب الرابط',
  takeBackLabel: (lapses) => `سحب الرابط الذي تنتهي صلاحيته في ${day(lapses)}`,
  takenBack: 'سُحب الرابط: لم يعد يعمل.',
  tooMany: 'لديك أكبر عدد ممكن من الروابط المفتوحة. اسحب واحدًا أولًا.',

  question: 'هل تبدأ محادثة مع من أنشأ هذا الرابط؟',
  questionText: 'فتحت رابط دعوة. إذا بدأت يمكنكما تبادل الرسائل، ويرى كل منكما متى يكون الآخر متصلًا.',
  start: 'بدء',
  notNow: 'ليس الآن',
  failedHeading: 'الرابط لا يعمل',
  gone: 'يعمل الرابط مرة واحدة، ولأيام قليلة فقط. اطلب رابطًا آخر ممن أعطاك إياه.',
  ownHeading: 'هذا رابطك أنت',
  own: 'أعطه لشخص آخر: من يفتحه يستطيع بدء محادثة معك.',
  understood: 'إغلاق',
  kept: 'فتحت رابط دعوة. سجّل الدخول أو أنشئ حسابًا لاستخدامه.',
};

/** @type {typeof import('../en/consent.js').ledger} */
export const ledger = {
  heading: 'موافقاتك',
  hint: 'ما سألت عنه وما قبلته وما رفضته، وما قاله لك الآخرون: متى، وكيف.',
  loading: 'جارٍ البحث…',
  none: 'لا شيء بعد. هنا يظهر من تدعوه، وما تجيب به، ومن تحظره.',
  download: 'تنزيل',
  all: (count) => counted(count, { one: 'عرض السطر', two: 'عرض السطرين', other: 'عرض كل الأسطر (#)' }),
  unknown: 'شيء لا تعرفه هذه الصفحة.',
};

/** @type {typeof import('../en/consent.js').deeds} */
export const deeds = {
  me: {
    asked: (name) => `دعوت ${isolated(name)}.`,
    cancelled: (name) => `سحبت دعوتك إلى ${isolated(name)}.`,
    declined: (name) => `رفضت دعوة ${isolated(name)}.`,
    blocked: (name) => `حظرت ${isolated(name)}.`,
    unblocked: (name) => `ألغيت حظر ${isolated(name)}.`,
    closed: (name) => `أغلقت المحادثة مع ${isolated(name)}.`,
    linked: () => 'أنشأت رابط دعوة.',
    unlinked: () => 'سحبت رابط دعوة.',
  },
  them: {
    asked: (name) => `دعاك ${isolated(name)}.`,
    cancelled: (name) => `سحب ${isolated(name)} الدعوة.`,
    declined: (name) => `رفض ${isolated(name)} دعوتك وأعلمك بذلك.`,
    closed: (name) => `أُغلقت المحادثة مع ${isolated(name)}.`,
  },
};

/** @type {typeof import('../en/consent.js').agreed} */
export const agreed = {
  me: {
    invitation: (name) => `قبلت دعوة ${isolated(name)}.`,
    mutual: (name) => `دعوت ${isolated(name)} وكان قد دعاك: كلاكما قال نعم.`,
    link: (name) => `استخدمت رابطًا من ${isolated(name)}، وكان قد قال نعم مسبقًا.`,
  },
  them: {
    invitation: (name) => `قبل ${isolated(name)} دعوتك.`,
    mutual: (name) => `دعاك ${isolated(name)} وكنت قد دعوته: كلاكما قال نعم.`,
    link: (name) => `استخدم ${isolated(name)} رابطًا منك: كنت قد قلت نعم مسبقًا.`,
  },
};
