"""A session of 100,000 messages in the page: from its end to its start each stands there once, and no place jumps.

1. The messages lie in the server's database; the page takes them from there, page by page.
2. What one looks at is watched over every page that comes: it moves by one pixel at most, whether the browser anchors
   its scrolling as well or not.
3. The same run must find a timeline that leaves its reader's place to chance.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import started
from tests.web.pages import Company, Visitor, house

from .sizes import SIZES

pytestmark = pytest.mark.full
Report = Callable[[str], None]
TEXT = "Some *words*, of different `length`, with https://example.org/ in them: the rows are not of one height. " * 6
SEED = """
WITH RECURSIVE Numbers(N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM Numbers WHERE N < :count)
INSERT INTO Messages (SessionID, MessageID, SenderID, Data, TimeStamp, ReceivedAt, Nonce)
SELECT :session, N, CASE (N * 7) % 5 < 2 WHEN TRUE THEN :one ELSE :other END,
  'line ' || N || ' ' || substr(:text, 1, (N * 37) % CASE N % 11 WHEN 0 THEN 600 ELSE 90 END) ||
    CASE N % 13 WHEN 0 THEN char(10) || '- a' || char(10) || '- b' ELSE '' END,
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-' || (:count - N) || ' minutes'),
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-' || (:count - N) || ' minutes'), NULL
FROM Numbers
"""
SCROLL = """async ([direction, anchoring, until, first]) => {
  const log = document.querySelector('parlour-timeline');
  log.style.setProperty('overflow-anchor', anchoring);
  const numbers = () => [...log.querySelectorAll('a.when')].map((one) => Number(one.hash.split('/')[1]));
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const paged = () => new Promise((resolve) => {
    const seen = new MutationObserver(() => (seen.disconnect(), resolve()));
    seen.observe(log.firstElementChild, { childList: true });
  });
  const found = { seen: [], pages: 0, most: 0, nodes: 0, worst: 0, holes: [] };
  found.anchored = getComputedStyle(log).overflowAnchor;
  const take = () => {
    const here = numbers();
    found.most = Math.max(found.most, here.length);
    found.nodes = Math.max(found.nodes, log.querySelector('.column').childNodes.length);
    here.forEach((number, i) => i > 0 && number !== here[i - 1] + 1 && found.holes.push([here[i - 1], number]));
    return here;
  };
  let here = take();
  if (first) found.seen.push(...here);
  while (direction < 0 ? here[0] > until : here[here.length - 1] < until) {
    const more = paged();
    log.scrollTop = direction < 0 ? 350 : log.scrollHeight - log.clientHeight - 350;
    const edge = log.getBoundingClientRect().top;
    const anchor = [...log.querySelectorAll('article')].find((one) => one.getBoundingClientRect().top >= edge);
    const before = anchor.getBoundingClientRect().top;
    await more;
    await frame();
    const moved = anchor.isConnected ? Math.abs(anchor.getBoundingClientRect().top - before) : Infinity;
    found.worst = Math.max(found.worst, moved);
    found.pages++;
    const [first, last] = [here[0], here[here.length - 1]];
    here = take();
    found.seen.push(...here.filter((number) => (direction < 0 ? number < first : number > last)));
  }
  return found;
}"""
LEG = 5_000
NODES = 4 * 300
"""A row, its two marks, and days between. What went leaves nothing behind, or each page comes slower than the last."""
CARELESS = ("if (anchor?.isConnected)", "if (false)")
"""In timeline.js: the reader's place is kept; and the same without that."""


@contextmanager
def reader(browser: Browser, folder: Path, count: int, careless: bool = False) -> Iterator[Visitor]:
    """Somebody at the end of a session with so many messages."""
    with house(folder / "data") as made:
        company = Company(browser, made.base)
        one, other = company.pair()
        session = one.page.evaluate("history.state.session")
        one.context.close()
        other.context.close()
        made.kill()
        fill(made.data / "parlour.db", session, count)
        made.start()
        visitor = company.stranger("reader")
        visitor.name = other.name
        if careless:
            visitor.context.route("**/all.js", lambda route: route.fulfill(**_careless(route.fetch())))
        visitor.log_in()
        visitor.open(one.name)
        expect(visitor.page.locator("article").last).to_contain_text(f"line {count} ")
        yield visitor
        assert visitor.faults == []
        visitor.context.close()


def fill(database: Path, session: str, count: int) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        ids = connection.execute("SELECT UserID FROM Users ORDER BY Username").fetchall()
        values = {"session": session, "one": ids[0][0], "other": ids[1][0], "count": count, "text": TEXT}
        connection.execute(SEED, values)


def _careless(fetched: Any) -> dict[str, Any]:
    text = fetched.text()
    assert CARELESS[0] in text
    return {"response": fetched, "body": text.replace(*CARELESS)}


def test_scrolling_shows_every_message_once_and_nothing_jumps(tmp_path: Path, report: Report) -> None:
    count, down = SIZES.long
    with started() as browser, reader(browser, tmp_path, count) as visitor:
        for anchoring in ("none", "auto"):
            begun = time.monotonic()
            up = _up(visitor, anchoring, count)
            took = time.monotonic() - begun
            told = f"{count:,} messages in {up['pages']:,} pages and {took:.0f} s, overflow-anchor {anchoring}"
            report(f"{told}: moved by {up['worst']:.2f} px at worst")
            assert up["anchored"] == anchoring
            assert sorted(up["seen"]) == list(range(1, count + 1))
            assert (up["holes"], up["most"]) == ([], 300)
            assert up["worst"] <= 1
            assert up["nodes"] < NODES
            back = visitor.page.evaluate(SCROLL, [1, anchoring, down, True])
            assert (back["holes"], back["most"]) == ([], 300)
            assert set(range(300, down + 1)) <= set(back["seen"])
            assert back["worst"] <= 1
            visitor.page.get_by_role("button", name="To the latest").click()
            expect(visitor.page.locator("article").last).to_contain_text(f"line {count} ")


def _up(visitor: Visitor, anchoring: str, count: int) -> dict[str, Any]:
    """From the end to the start, leg by leg: each tells at once how far one has come."""
    whole: dict[str, Any] = {"seen": [], "holes": [], "pages": 0, "most": 0, "nodes": 0, "worst": 0}
    for until in [*range(count - LEG, 1, -LEG), 1]:
        leg = visitor.page.evaluate(SCROLL, [-1, anchoring, until, not whole["seen"]])
        whole |= {key: whole[key] + leg[key] for key in ("seen", "holes", "pages")}
        whole |= {key: max(whole[key], leg[key]) for key in ("most", "nodes", "worst")} | {"anchored": leg["anchored"]}
        print(f"at message {min(whole['seen']):,}: moved by {whole['worst']:.2f} px at worst", flush=True)
    return whole


def test_a_timeline_that_does_not_keep_its_place_is_found(tmp_path: Path) -> None:
    with started() as browser, reader(browser, tmp_path, 1000, careless=True) as visitor:
        assert visitor.page.evaluate(SCROLL, [-1, "none", 1, True])["worst"] > 100
