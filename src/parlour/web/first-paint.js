// @ts-check
// The theme that was chosen, before anything is painted.
//
// 1. It is no module, since a module runs after the first picture; so it is as small as can be. What changes later is
//    done in preferences.js.

{
  try {
    const theme = JSON.parse(localStorage.getItem('theme') ?? 'null');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
  } catch {
    // As the system has it.
  }
}
