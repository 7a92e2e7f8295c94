// What a measurement of the page looks at, from inside of it: when a key or a press has become a picture.

(() => {
  /** When the next frame is painted. */
  const painted = () =>
    new Promise((go) =>
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => go(performance.now());
        port2.postMessage(0);
      }),
    );

  /** From the next event of this kind to the picture in which `there` says that it has come. */
  const from = (kind, there) =>
    new Promise((go) =>
      addEventListener(
        kind,
        async ({ timeStamp }) => {
          let at = await painted();
          while (!there()) at = await painted();
          go(at - timeStamp);
        },
        { capture: true, once: true },
      ),
    );

  const tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((one) => one.duration))).observe({
    type: 'longtask',
    buffered: true,
  });

  const usable = (async () => {
    const there = () => document.querySelector('#find') && document.querySelector('[data-session]');
    let at = await painted();
    while (!there()) at = await painted();
    return at;
  })();

  const text = (all, selector) => [...all.querySelectorAll(selector)].at(-1)?.textContent;

  window.bench = {
    usable,
    tasks,
    typed: () => (bench.result = from('keydown', () => true)),
    sent: (said) => (bench.result = from('keydown', () => text(document, 'article .text') === said)),
    switched: (id) =>
      (bench.result = from('click', () => {
        const row = document.querySelector(`[data-session="${id}"]`);
        return row?.getAttribute('aria-current') === 'true' && document.querySelector('parlour-timeline')?.session === id;
      })),
  };
})();
