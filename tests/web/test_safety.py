"""No text runs: as message, note, name or address, each is shown as it is, in its box, under the shipped policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from tests.web.hostile import ALL, NAMES
from tests.web.pages import PASSWORD, PHONE, Company, House, Visitor, fresh
from tests.web.test_messages import session_of

pytestmark = pytest.mark.full
NOTES = [text for text in ALL if len(text) <= 140]
WATCH = """
  window.executed = [];
  window.reports = [];
  for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) window[name] = () => executed.push(name);
  Object.defineProperty(window, 'pwned', { set: () => executed.push('pwned') });
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    reports.push(`${violatedDirective} ${blockedURI}`));
"""
HAPPENED = """() => [
  ...executed, ...reports, ...Object.keys(Object.prototype), ...('polluted' in {} ? ['polluted'] : []),
  ...[...document.querySelectorAll('script:not([src]), iframe, object, embed, base, form[action], meta[http-equiv]')]
    .map((one) => one.outerHTML),
]"""
"""What ran, what the policy had to stop, and what no text of ours may make."""
SAY = """async ([session, texts]) => {
  const socket = new WebSocket(`ws://${location.host}/ws`);
  await new Promise((resolve) => (socket.onopen = resolve));
  let left = texts.length;
  const all = new Promise((resolve, reject) => (socket.onmessage = ({ data }) => {
    const { type, [session]: told } = JSON.parse(data);
    if (type === 'Error') reject(new Error(data));
    if (told && --left === 0) resolve();
  }));
  for (const data of texts) socket.send(JSON.stringify({ type: 'Message', SessionID: session, Message: { data } }));
  await all;
  socket.close();
}"""
SHOWN = """() => {
  const tall = [...document.querySelectorAll('.bubble')].filter((one) => one.clientHeight > 800);
  if (tall.length > 0) return tall.map((one) => ({ text: `${one.clientHeight} pixels: ${one.textContent}` }));
  for (const fold of [...document.querySelectorAll('.fold button')]) fold.click();
  const log = document.querySelector('parlour-timeline');
  const ours = ['p', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code', 'strong', 'em', 'a', 'span'];
  const within = (inner, outer) => inner.left >= outer.left && inner.right <= outer.right;
  return [...log.querySelectorAll('article')].map((one) => {
    const text = one.querySelector('.text');
    const boxes = [log, one.querySelector('.bubble'), one.querySelector('time')];
    const [room, bubble, time] = boxes.map((part) => part.getBoundingClientRect());
    return {
      text: text.textContent,
      signs: [...text.querySelectorAll('[hidden]')].map((sign) => sign.textContent),
      links: [...text.querySelectorAll('a')].map((link) => [link.protocol, link.rel, link.target, link.textContent]),
      strange: [...text.querySelectorAll('*')].map((tag) => tag.localName).filter((tag) => !ours.includes(tag)),
      inside: within(bubble, room) && within(time, bubble) && time.top >= bubble.top && time.bottom <= bubble.bottom,
      clipped: getComputedStyle(boxes[1]).overflow,
      name: one.getAttribute('aria-label'),
    };
  });
}"""
SIDEWAYS = """() => ['html', 'parlour-timeline', '.side', '.people', '.ask'].filter((part) => {
  const found = document.querySelector(part);
  return found && found.scrollWidth > found.clientWidth + 1;
})"""
EACH_NOTE = """async (count) => {
  const found = [];
  for (let i = 0; i < count; i++) {
    document.querySelector('.ask [aria-label=Next]').click();
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const note = document.querySelector('.ask-note .note');
    const [box, around] = [note, document.querySelector('.ask')].map((one) => one.getBoundingClientRect());
    const name = document.querySelector('.ask .mono bdi').textContent.slice(1);
    const inside =
      box.left >= around.left && box.right <= around.right && getComputedStyle(note).overflow !== 'visible';
    found.push([name, note.textContent, note.querySelectorAll('*').length, inside]);
  }
  return found;
}"""
ADDRESSES = """async (texts) => {
  for (const text of texts) {
    for (const address of [`message=${text}/1`, `message=x/${text}`, `link=${text}`]) {
      location.hash = address;
      await new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
    }
  }
}"""


@pytest.fixture
def watched(company: Company, browser: Browser) -> Iterator[Company]:
    """People whose pages tell what ran in them."""
    yield company
    for visitor in company.visitors:
        for page in visitor.context.pages:
            assert page.evaluate(HAPPENED) == []


def guarded(visitor: Visitor) -> Visitor:
    """The hooks are there before anything of the page; a dialog is a fault."""
    visitor.context.add_init_script(WATCH)
    visitor.page.on("dialog", lambda dialog: fault(visitor, dialog))
    return visitor


def fault(visitor: Visitor, dialog: Dialog) -> None:
    visitor.faults.append(f"a dialog: {dialog.message}")
    dialog.dismiss()


def ask(house: House, name: str, other: str, note: str) -> None:
    """Somebody new, with a program, invites somebody with a note."""
    headers = {"Content-Type": "application/json"}
    with closing(HTTPConnection("127.0.0.1", house.port)) as connection:

        def call(path: str, **body: str) -> Any:
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            read = json.loads(answer.read() or "null")
            assert answer.status < 300, read
            return read

        call("/api/register", Username=name, Password=PASSWORD)
        headers["Authorization"] = f"Bearer {call('/api/login', Username=name, Password=PASSWORD)['Token']}"
        call("/api/search", Username=other, Note=note)


def pair(company: Company) -> tuple[Visitor, Visitor]:
    """One at a desk and one with a phone, who look at their conversation."""
    one, other = guarded(company.stranger("one")), guarded(company.stranger("other", **PHONE))
    for visitor in (one, other):
        visitor.register()
        visitor.log_in()
    one.invite(other.name)
    other.answer("Accept")
    expect(one.composer).to_be_visible()
    return one, other


def test_a_message_is_text_in_its_box(watched: Company) -> None:
    assert len(ALL) >= 200
    one, other = pair(watched)
    one.page.evaluate(SAY, [session_of(one), ALL])
    for visitor in (one, other):
        expect(visitor.page.locator("article")).to_have_count(len(ALL))
        shown = visitor.page.evaluate(SHOWN)
        assert [message["text"] for message in shown] == ALL
        for message in shown:
            assert message["inside"], message["text"][:200]
            assert (message["clipped"], message["strange"]) == ("clip", [])
            assert {sign.strip("*_` \t\r\n>-") for sign in message["signs"]} <= {""}
            for protocol, rel, target, text in message["links"]:
                assert protocol in {"http:", "https:", "mailto:"}
                assert (rel, target) == ("noopener noreferrer nofollow", "_blank")
                assert text in message["text"]
            assert message["name"].startswith(("You, ", f"{one.name}, "))
        assert visitor.page.evaluate(SIDEWAYS) == []
        assert visitor.page.evaluate(HAPPENED) == []


def test_a_note_and_a_name_are_text_in_their_box(watched: Company, house: House) -> None:
    assert len(NOTES) >= 200
    one = guarded(watched.stranger("one"))
    one.register()
    names = [*NAMES, *(fresh("asker") for _ in NOTES[len(NAMES) :])]
    with ThreadPoolExecutor(8) as several:
        list(several.map(lambda name, note: ask(house, name, one.name, note), names, NOTES))
    one.log_in()
    expect(one.dialog).to_have_accessible_name(f"{len(NOTES)} people want to chat")
    told = one.page.evaluate(EACH_NOTE, len(NOTES))
    assert sorted(told) == sorted([name, note, 0, True] for name, note in zip(names, NOTES, strict=True))
    assert one.page.evaluate(SIDEWAYS) == []
    assert set(one.page.locator(".row.request .row-name").all_text_contents()) == set(names)


def test_what_is_typed_as_a_name_and_what_stands_in_an_address_are_text(watched: Company) -> None:
    one, _ = pair(watched)
    for text in ALL[::8]:
        line = " ".join(text.replace("\r", "\n").split("\n"))[:300].strip()
        one.search.fill(line)
        one.search.press("Enter")
        if line:
            expect(one.page.locator("#found")).not_to_be_empty()
    one.search.fill("")
    one.page.evaluate(ADDRESSES, [text[:300] for text in ALL])
    question = one.page.get_by_role("alertdialog")
    expect(question).to_be_visible()
    assert one.page.evaluate("location.hash") == ""
    one.page.goto(f"{one.base}/#message=__proto__/1")
    expect(one.page.get_by_text("This message cannot be shown")).to_be_visible()


def test_the_hooks_of_these_tests_hear_what_runs(browser: Browser, house: House) -> None:
    context: BrowserContext = browser.new_context()
    context.add_init_script(WATCH)
    page: Page = context.new_page()
    page.goto(house.base + "/login")
    page.evaluate("document.body.append(document.createElement('iframe')); window.pwned = 1; alert(1);")
    page.evaluate("document.documentElement.append(Object.assign(new Image(), { src: 'https://bad.example/' }))")
    page.wait_for_function("() => reports.length > 0")
    assert page.evaluate(HAPPENED) == ["pwned", "alert", "img-src https://bad.example/", "<iframe></iframe>"]
    context.close()
