"""Without the server: the page opens all the same, with the list and the last messages; and nothing of somebody who has
logged out stays behind.

1. Chromium runs on a profile in a folder, as a person's does, and is started again on the same one.
2. What lies on a device is looked for where a browser keeps things, whatever the page says of it.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.server.process import ROOT
from tests.web.pages import ARRIVED, PATIENCE, Company, House, Visitor, meet, violations
from tests.web.pages import house as housed
from tests.web.test_killed import Desk, desk
from tests.web.test_outbox import until_kept

pytestmark = pytest.mark.full

EVERYTHING = """async () => {
  const found = { local: { ...localStorage }, session: { ...sessionStorage }, caches: [], rows: [] };
  for (const name of await caches.keys())
    for (const { url } of await (await caches.open(name)).keys()) found.caches.push(new URL(url).pathname);
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((go) => (indexedDB.open(name).onsuccess = (event) => go(event.target.result)));
    for (const store of database.objectStoreNames) {
      const all = database.transaction(store).objectStore(store).getAll();
      found.rows.push(...(await new Promise((go) => (all.onsuccess = () => go(all.result)))));
    }
    database.close();
  }
  return JSON.stringify(found, (_, value) => (value instanceof Map ? [...value] : value));
}"""
UNTIL = f"""async ([text, there, patience]) => {{
  const everything = {EVERYTHING};
  const until = Date.now() + patience;
  let found = await everything();
  while (found.includes(text) !== there && Date.now() < until) {{
    await new Promise((go) => setTimeout(go, 50));
    found = await everything();
  }}
  return found;
}}"""
WORKS_AS = """async ([release, patience]) => {
  const until = Date.now() + patience;
  const there = async () => {
    const files = await (await caches.open(`/web/${release}/`)).keys();
    const { installing, waiting, active } = await navigator.serviceWorker.getRegistration();
    return files.length > 0 && !installing && !waiting && active.state === 'activated';
  };
  while (!(await there()) && Date.now() < until) await new Promise((go) => setTimeout(go, 50));
  return there();
}"""
OFFER = """() => {
  window.asked ??= 0;
  dispatchEvent(Object.assign(new Event('beforeinstallprompt'), { prompt: async () => void asked++ }));
}"""
REGISTERS = "(url) => navigator.serviceWorker.register(url).then(() => 'taken', (error) => error.name)"
MAKES = """(name) => {
  try { return typeof trustedTypes.createPolicy(name, { createScriptURL: (url) => url }); }
  catch (error) { return error.name; }
}"""
WORKS = "navigator.serviceWorker.ready.then(() => caches.keys()).then((names) => names.length)"


@pytest.fixture
def company(company: Company) -> Company:
    """Their pages are kept on their devices."""
    company.keeps = True
    return company


def lies(page: Page, text: str, there: bool = True) -> str:
    """All that lies on the device, once this text is there, or is there no more."""
    found: str = page.evaluate(UNTIL, [text, there, PATIENCE])
    assert (text in found) is there, found
    return found


def arrive(desk: Desk, house: House, name: str) -> Visitor:
    """Somebody at their own browser, with a page that is kept."""
    one = desk.visitor(house, name)
    one.register()
    one.log_in()
    assert one.page.evaluate(WORKS) == 1
    return one


def test_a_browser_that_is_started_without_the_server_shows_the_list_and_the_last_messages(
    browser: Browser, tmp_path: Path
) -> None:
    with housed(tmp_path / "data") as house:
        company = Company(browser, house.base, keeps=True)
        other, third = company.person("other"), company.person("third")
        with desk(browser, tmp_path / "profile") as first:
            one = arrive(first, house, "traveller")
            meet(one, third)
            third.say("from the third")
            meet(one, other)
            for text in ("said before", "and the last of it"):
                other.say(text)
            expect(one.message("and the last of it")).to_be_visible()
            one.say("an answer")
            expect(one.message("an answer")).to_have_accessible_name(ARRIVED)
            lies(one.page, "an answer")
            first.close()
        house.kill()
        with desk(browser, tmp_path / "profile") as again:
            one = again.visitor(house, "traveller")
            one.page.goto(house.base + "/")
            expect(one.page.get_by_text("The server cannot be reached")).to_be_visible()
            expect(one.row(third.name)).to_contain_text("from the third")
            expect(one.row(third.name).get_by_text("Online")).to_have_count(0)
            one.open(other.name)
            assert one.texts() == ["said before", "and the last of it", "an answer"]
            one.say("written far away")
            assert until_kept(one.page, 1) == ["written far away"]
            one.page.reload()
            one.open(other.name)
            expect(one.message("written far away")).to_contain_text("waiting for the connection")
            house.start()
            expect(one.message("written far away")).to_have_accessible_name(ARRIVED)
            expect(other.message("written far away")).to_have_count(1)
            other.say("welcome back")
            expect(one.message("welcome back")).to_be_visible()
            assert one.texts() == other.texts() == [
                "said before", "and the last of it", "an answer", "written far away", "welcome back",
            ]  # fmt: skip
            assert one.faults == []
        assert [fault for visitor in company.visitors for fault in visitor.faults] == []


def test_of_who_has_logged_out_or_whose_login_has_ended_nothing_stays(company: Company) -> None:
    one, other = company.pair()
    other.say("only between us")
    assert one.page.evaluate(WORKS) == 1
    found = lies(one.page, "only between us")
    files = json.loads(found)["caches"]
    assert len(files) > 10
    assert [path for path in files if not path.startswith("/web/@")] == []
    one.page.get_by_role("button", name="Log out").click()
    expect(one.page.get_by_role("heading", name="Log in")).to_be_visible()
    found = lies(one.page, "only between us", there=False)
    assert one.name not in found
    assert other.name not in found

    one.log_in()
    lies(one.page, "only between us")
    elsewhere = company.again(one)
    elsewhere.page.goto(elsewhere.base + "/settings")
    elsewhere.page.get_by_role("button", name="Log out all others").click()
    expect(one.page.get_by_role("heading", name="Log in")).to_be_visible()
    assert other.name not in lies(one.page, "only between us", there=False)


def test_who_logs_in_next_finds_nothing_of_who_was_here_before(browser: Browser, tmp_path: Path) -> None:
    with housed(tmp_path) as house:
        company = Company(browser, house.base, keeps=True)
        one, other = company.pair()
        other.say("only between us")
        lies(one.page, "only between us")
        guest = Visitor(one.context, house.base, company.stranger("guest").name)
        guest.register()
        guest.log_in()
        lies(guest.page, "only between us", there=False)
        lies(guest.page, guest.name)
        house.kill()
        guest.page.reload()
        expect(guest.page.get_by_text("The server cannot be reached")).to_be_visible()
        expect(guest.page.get_by_text(guest.name)).to_be_visible()
        expect(guest.row(other.name)).to_have_count(0)


def next_release(folder: Path) -> Path:
    """The sources of a release that is not the one that serves now: its page says so."""
    source = folder / "src"
    shutil.copytree(ROOT / "src" / "parlour", source / "parlour", ignore=shutil.ignore_patterns("__pycache__"))
    web = source / "parlour" / "web"
    (web / "next.js").write_text("document.documentElement.dataset.release = 'next';\n")
    (web / "main.js").write_text("import './next.js';\n" + (web / "main.js").read_text())
    page, script = (web / "index.html").read_text(), '    <script type="module" src="/web/@release/main.js">'
    named = '    <link rel="modulepreload" href="/web/@release/next.js">\n'
    (web / "index.html").write_text(page.replace(script, named + script))
    return source


def test_a_new_release_is_shown_whole_at_the_next_load_and_takes_nothing_from_a_page_that_is_open(
    browser: Browser, tmp_path: Path
) -> None:
    with housed(tmp_path / "data") as house:
        company = Company(browser, house.base, keeps=True)
        one, other = company.pair()
        assert one.page.evaluate(WORKS) == 1
        one.page.reload()
        one.composer.fill("half written")
        house.kill()
        house.source = next_release(tmp_path)
        house.start()
        other.say("under the next release")
        expect(one.message("under the next release")).to_be_visible()
        expect(one.composer).to_have_value("half written")
        asked: set[str] = set()
        one.page.on("request", lambda request: asked.update(re.findall("/web/(@[^/]+)/", request.url)))
        one.page.reload()
        expect(one.page.locator("html[data-release=next]")).to_be_attached()
        expect(one.composer).to_have_value("half written")
        assert len(asked) == 1
        release = asked.pop()
        assert one.page.evaluate(WORKS_AS, [release, 3 * PATIENCE])
        lies(one.page, f'"release":"{release}"')
        house.kill()
        one.page.reload()
        expect(one.page.locator("html[data-release=next]")).to_be_attached()
        expect(one.message("under the next release")).to_be_visible()
        assert [fault for visitor in company.visitors for fault in visitor.faults] == []


def test_installing_is_offered_after_a_first_conversation_and_in_the_settings_and_never_before(
    company: Company,
) -> None:
    """Chromium without a screen makes no offer: the event is given by hand, in the form in which it comes."""
    one, other = company.person("one"), company.person("other")
    offer = one.page.get_by_role("button", name="Install Parlour on this device")
    one.page.evaluate(OFFER)
    one.page.goto("/settings")
    expect(one.page.get_by_role("heading", name="Settings")).to_be_visible()
    expect(offer).to_have_count(0)
    one.page.evaluate(OFFER)
    expect(offer).to_have_count(1)
    assert violations(one.page) == []
    one.page.get_by_role("button", name="Back").click()
    expect(offer).to_have_count(0)
    meet(one, other)
    offer.click()
    expect(one.page.get_by_text("Parlour can be installed")).to_have_count(0)
    assert one.page.evaluate("asked") == 1
    one.page.evaluate(OFFER)
    meet(one, company.person("third"))
    expect(offer).to_have_count(0)


def test_no_text_becomes_the_address_of_a_worker(company: Company) -> None:
    """The policy takes no text; the one exception knows one address, and nobody makes it a second time."""
    page = company.stranger().page
    page.goto("/login")
    assert page.evaluate(REGISTERS, "/web/worker.js") == "TypeError"
    assert page.evaluate(MAKES, "parlour") == "TypeError"
    assert page.evaluate(MAKES, "another") == "TypeError"
    company.visitors[0].faults.clear()  # The browser says that it refused.
    assert page.evaluate(WORKS) == 1
