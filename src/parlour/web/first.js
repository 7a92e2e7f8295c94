// @ts-check
// What does not wait for the modules: the theme that was chosen, and the question what there is to show.
//
// 1. It is no module, since a module runs after the first picture; so it is as small as can be. What changes later of the
//    theme is done in preferences.js.
// 2. The answer is taken by api.js, once; on the pages for logging in nobody asks.

{
  try {
    const theme = JSON.parse(localStorage.getItem('theme') ?? 'null');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
  } catch {
    // As the system has it.
  }
  if (location.pathname !== '/login' && location.pathname !== '/register') {
    const asked = fetch('/api/snapshot', { signal: AbortSignal.timeout(20_000) });
    asked.catch(() => {}); // Whoever takes it hears of it.
    /** @type {any} */ (window).snapshotAsked = asked;
  }
}
