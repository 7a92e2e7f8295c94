// @ts-check
// Arabic: what is noticed while one looks elsewhere.
//
// 1. A notification says who, and what a message says only if one wishes so: others may look at the same screen.

/** @type {typeof import('../en/noticing.js').noticing} */
export const noticing = {
  heading: 'الإشعارات',
  lead: 'ما يفعله هذا المتصفح حين يصل شيء وأنت تنظر إلى مكان آخر. المحادثات المكتومة والدعوات المؤجَّلة لا تزعج أحدًا.',
  notify: 'إظهار الإشعارات',
  notifyHint: 'ما دام Parlour مفتوحًا في إحدى علامات التبويب. يسألك متصفحك هل يُسمح بذلك.',
  denied: 'متصفحك لا يسمح بإظهار الإشعارات. اسمح بها لهذا العنوان في إعدادات المتصفح، ثم شغّل هذا الخيار.',
  none: 'ليس في هذا المتصفح إشعارات لهذا العنوان.',
  texts: 'إظهار نص الرسالة',
  textsHint: 'إذا كان هذا موقوفًا فلا يذكر الإشعار إلا من كتب.',
  sound: 'تشغيل صوت قصير',
  soundHint: 'تسمعه حين تشغّل هذا الخيار.',
  quiet: 'ساعات الهدوء',
  quietHint: 'لا إشعارات ولا أصوات، من وقت إلى وقت.',
  from: 'من',
  to: 'إلى',
  asks: 'دعوة إلى محادثة',
};
