"""The page in every language: all that is read or heard comes from the words, and one chooses whose words.

The walk goes through the client in a language that nobody speaks (pseudo.py), in which nothing else looks like a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.web.looks import fits
from tests.web.pages import PASSWORD, PHONE, Company, House, Visitor
from tests.web.pages import house as housed
from tests.web.pseudo import Reader
from tests.web.test_outbox import refusing
from tests.web.wire import Wire

pytestmark = pytest.mark.full
SPOKEN = 0.85
"""How much of the words the walk must come upon, to be one through the whole client."""
REFUSALS = ("refusals.", "refused.")
"""Words that stand in for one another in the same place: one of them is enough."""


@pytest.fixture
def quiet(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A house of one's own, where two pop-ups are all that somebody gets."""
    with housed(tmp_path_factory.mktemp("languages"), PARLOUR_LIMITS="on", PARLOUR_ALERT_BURST="3") as made:
        yield from company_of(browser, made)


def company_of(browser: Browser, house: House) -> Iterator[Company]:
    company = Company(browser, house.base)
    yield company
    for visitor in company.visitors:
        visitor.context.close()
    assert not [fault for visitor in company.visitors for fault in visitor.faults]


def reader(company: Company) -> Reader:
    context = company.browser.new_context(
        viewport={"width": 1280, "height": 860}, base_url=company.base, service_workers="block"
    )
    made = Reader(context, company.base, str(700 + len(company.visitors)))
    company.visitors.append(made)
    return made


# ------------------------------------------------------------------------------------------------------------- the walk


def test_every_text_comes_from_the_words(quiet: Company) -> None:
    one = reader(quiet)
    wire = Wire(one)
    registering(one)
    first_run(one)
    inviting(one, quiet)
    being_invited(one, quiet)
    talking(one, quiet)
    what_is_not_sent(one, wire)
    parting(one, quiet)
    the_settings(one, quiet)
    links(one, quiet)
    the_connection(one, wire)
    leaving(one)
    every = {place for place in one.every() if not place.startswith(REFUSALS)}
    unspoken = {place for place in every if not one.spoke(place)}
    assert sorted(one.heard["foreign"]) == []
    assert len(unspoken) <= (1 - SPOKEN) * len(every), "\n".join(sorted(unspoken))


def fill(one: Reader, name: str, password: str, press: str) -> None:
    one.page.locator("#username").fill(name)
    one.page.locator("#password").fill(password)
    one.press(press)


def registering(one: Reader) -> None:
    page = one.page
    page.goto("/register")
    for name, password, said in (
        ("", "", "account.nameMissing"),
        ("7", "", "account.passwordMissing"),
        ("7", PASSWORD, "account.nameInvalid"),
        (one.name, "7", "account.passwordShort"),
        (one.name, "7" * 129, "account.passwordLong"),
        (one.name, "password123", "account.passwordWeak"),
    ):
        fill(one, name, password, "account.register")
        one.sees(said)
    one.listen()
    fill(one, one.name, PASSWORD, "account.register")
    one.sees("account.made")
    one.press("account.register")
    fill(one, one.name, PASSWORD, "account.register")
    one.sees("account.taken")
    one.press("account.login")
    for name, password, said in ((f"{one.name}9", PASSWORD, "account.nobody"), (one.name, "7", "account.wrong")):
        fill(one, name, password, "account.login")
        one.sees(said)
    one.context.set_offline(True)
    fill(one, one.name, PASSWORD, "account.login")
    one.sees("account.unreachable")
    one.context.set_offline(False)
    one.listen()
    fill(one, one.name, PASSWORD, "account.login")


def first_run(one: Reader) -> None:
    one.sees("conversation.welcome", "list.none")
    one.listen()
    one.press("links.make")
    one.sees("links.once", "links.another")
    one.press("links.copy")
    one.sees("links.notCopied")


def inviting(one: Reader, company: Company) -> None:
    person, other = company.person("71"), company.person("72")
    for name, said in (("", "empty"), ("799", "nobody"), (one.name, "self")):
        one.search.fill(name)
        one.press("search.invite")
        one.sees(f"search.{said}")
    one.search.fill(person.name)
    one.press("search.addNote")
    one.page.locator("#note").fill("7" * 150)
    one.press("search.invite")
    one.sees("search.noteLong", "search.noteLeft")
    one.page.locator("#note").fill("\u200b")
    one.press("search.invite")
    one.sees("search.noteEmpty", "search.dropNote")
    one.page.locator("#note").fill("77")
    one.press("search.invite")
    one.sees("search.sent", "list.invited", "invited.sent", "invited.cancel")
    one.listen()
    person.answer("Reject and tell them")
    one.sees("invited.declined")
    one.press("invited.dismiss")
    one.search.fill(other.name)
    one.press("search.invite")
    one.sees("search.sent")
    other.answer("Accept")
    one.sees("conversation.begin")
    one.listen()


def asker(one: Reader, company: Company, **note: str) -> Visitor:
    """Somebody who asks, and whose page nobody needs."""
    made = company.stranger("73")
    made.register()
    made.post("/api/login", Username=made.name, Password=PASSWORD)
    made.post("/api/search", Username=one.name, **note)
    return made


def being_invited(one: Reader, company: Company) -> None:
    asker(one, company, Note="7 " * 69)
    one.sees("ask.heading.1", "ask.shares", "ask.writes")
    one.press("ask.later")
    one.press("list.wantsToChat")
    asker(one, company)
    third = asker(one, company)
    one.sees("ask.several", "ask.place")
    one.page.locator(".ask-steps button").last.click()
    one.listen()
    held = [asker(one, company) for _ in range(2)]
    one.press("list.held")
    one.sees("list.heldHint")
    one.press("ask.reject")
    one.sees("ask.rejected")
    one.press("ask.undo")
    one.sees("ask.undoHeading")
    one.listen()
    one.press("ask.undoNo")
    one.press("ask.tell")
    one.sees("ask.rejectedTold")
    one.press("ask.block")
    one.sees("parting.blockHeading")
    one.listen()
    one.press("parting.blockYes")
    one.press("list.wantsToChat")
    one.sees("ask.shares")
    for each in held:
        each.post("/api/cancel", Username=one.name)
    one.search.fill(third.name)
    one.press("search.invite")
    one.sees("search.blocked")
    one.press("parting.unblock")
    one.sees("search.unblocked")
    one.search.fill("")


def talking(one: Reader, company: Company) -> None:
    other, page = company.person("74"), one.page
    one.search.fill(other.name)
    one.press("search.invite")
    other.answer("Accept")
    one.sees("toast.accepted")
    one.press("toast.open")
    one.sees("conversation.begin")
    one.press("composer.send")
    for text, said in (("\u200b", "blank"), ("7" * 8001, "tooLong"), ("€" * 8000, "tooHeavy")):
        page.locator("#message").fill(text)
        one.press("composer.send")
        one.sees(f"composer.{said}")
    page.locator("#message").fill("\n".join("7" * 40))
    one.press("composer.send")
    one.sees("message.whole", "conversation.question")
    one.listen()
    one.press("conversation.questionYes")
    other.say("7")
    yes = other.page.get_by_role("button", name="Yes", exact=True)
    yes.click()
    expect(yes).to_have_count(0)
    other.composer.press_sequentially("77")
    one.sees("conversation.typing")
    other.say("7")
    page.locator("article a.when").last.click()
    one.sees("message.linkAbove")
    page.locator("#message").fill("7")
    page.locator("button.row").last.click()
    other.say("777")
    one.sees("list.draft", "list.unread")
    one.listen()
    page.locator("button.row").first.click()
    one.press("composer.send")
    one.sees("conversation.unread")
    expect(page.locator("article.me").last).to_have_accessible_name(re.compile(r"message\.(stored|delivered|read)"))


def what_is_not_sent(one: Reader, wire: Wire) -> None:
    refusing(wire, "malformed")
    for text, said in (("7", "failedWhy"), ("77", "behind")):
        one.page.locator("#message").fill(text)
        one.press("composer.send")
        one.sees(f"message.{said}")
    one.listen()
    refusing(wire, "storage_full")
    one.press("message.discard")
    one.sees("message.later")
    wire.up = lambda frame: frame


def parting(one: Reader, company: Company) -> None:
    other = company.visitors[-1]
    page = one.page

    def opened() -> None:
        page.locator(".header [popovertarget]").first.click()
        one.sees("settings.one")

    opened()
    one.listen()
    page.locator("#one-Muted").click()
    one.press("parting.close")
    one.sees("parting.closeHeading")
    one.listen()
    one.press("parting.close")
    one.sees("composer.closed", "invited.again")
    opened()
    one.press("parting.hide")
    one.press("list.hidden")
    one.listen()
    one.press("parting.show")
    one.row(other.name).click()
    one.press("invited.again")
    one.sees("invited.cancel")
    other.answer("Accept")
    one.part("composer.send").wait_for()
    other.post("/api/deleteaccount", Password=PASSWORD)
    one.sees("list.deleted")
    page.locator("button.row").last.click()
    opened()
    one.press("parting.block")
    one.sees("parting.blockTalking")
    one.press("parting.blockYes")
    one.sees("parting.blocked")


def the_settings(one: Reader, company: Company) -> None:
    page = one.page
    company.again(one)
    company.again(one)
    page.locator("#settings").click()
    one.sees("settings.heading", "settings.thisDevice", "ledger.heading", "parting.unblock", "links.one")
    for old, new, said in (
        ("", "", "settings.oldMissing"),
        (PASSWORD, "", "settings.newMissing"),
        ("7", "four other plain words", "account.wrong"),
        (PASSWORD, "7", "account.passwordShort"),
    ):
        page.locator("#old-password").fill(old)
        page.locator("#new-password").fill(new)
        one.press("settings.change")
        one.sees(said)
    one.press("settings.revoke")
    one.sees("settings.revoked")
    one.press("settings.revokeOthers")
    one.sees("settings.revokedOthers")
    page.locator("#old-password").fill(PASSWORD)
    page.locator("#new-password").fill(PASSWORD)
    one.press("settings.change")
    one.sees("settings.changed")
    for choice, said in (("notify", "denied"), ("quiet", "to"), ("sound", "soundHint")):
        page.locator(f"#{choice}").click()
        one.sees(f"noticing.{said}")
    page.locator("#quiet").click()  # The fields of times speak the browser's own language.
    one.sees("appearance.themes.system", "appearance.enter", "appearance.mod")
    one.press("settings.export")
    one.sees("settings.exported")
    page.keyboard.press("Control+/")
    one.sees("shortcuts.heading")
    one.listen()
    page.keyboard.press("Escape")
    one.press("ledger.all")
    one.press("parting.unblock")
    one.sees("blocks.none")
    one.press("links.takeBack")
    one.sees("links.none")
    one.press("settings.deletion")
    one.sees("settings.deletionTold.0")
    one.listen()
    page.evaluate("dispatchEvent(Object.assign(new Event('beforeinstallprompt'), { prompt() {} }))")
    for switch in ("#notify", "#quiet"):
        page.locator(switch).click()
    one.sees("noticing.from", "settings.install")


def links(one: Reader, company: Company) -> None:
    page, guest = one.page, company.person("75")
    one.press("links.make")
    own = page.locator(".address input").locator("visible=true").input_value()
    page.locator('input[value="nobody"]').check()
    one.sees("links.asleep")
    page.locator('input[value="everyone"]').check()
    for address, said in ((own, "links.own"), (f"{own[:-8]}77777777", "links.gone")):
        page.goto("about:blank")
        page.goto(address)
        one.sees("links.question")
        one.listen()
        one.press("links.start")
        one.sees(said)
        one.press("links.understood")
    guest.page.goto("about:blank")
    guest.page.goto(own)
    guest.page.get_by_role("alertdialog").get_by_role("button", name="Start").click()
    expect(one.heading(guest.name)).to_be_visible()


def the_connection(one: Reader, wire: Wire) -> None:
    one.context.set_offline(True)
    wire.refuses = True
    wire.cut()
    one.sees("connection.lost", "connection.retry")
    one.search.fill("7")
    one.press("search.invite")
    one.sees("search.offline")
    one.search.fill("")
    one.page.locator("#message").fill("7")
    one.press("composer.send")
    one.sees("message.waiting")
    one.listen()
    wire.refuses = False
    one.context.set_offline(False)
    expect(one.part("connection.lost")).to_have_count(0)
    expect(one.page.locator("article").last).to_have_accessible_name(re.compile("⟦message.(stored|delivered|read):"))
    for code, said in ((4409, "elsewhere"), (4403, "banned"), (4429, "abuse"), (1008, "ended")):
        wire.cut(code)
        one.sees(f"connection.{said}")
        one.press("connection.useHere" if code == 4409 else "connection.retry")
        expect(one.part(f"connection.{said}")).to_have_count(0)


def leaving(one: Reader) -> None:
    one.page.locator("#message").fill("7")
    one.page.goto("/#message=7/7")
    one.sees("conversation.noMessage")
    one.press("list.logout")
    one.sees("leaving.drafts")
    one.page.get_by_role("alertdialog").get_by_role("button").last.click()
    one.sees("account.loggedOut")
    one.page.goto("/#link=7.7")
    one.sees("links.kept")
    fill(one, one.name, PASSWORD, "account.login")
    one.press("links.notNow")
    one.page.locator("#settings").click()
    one.press("settings.deletion")
    one.press("settings.delete")
    one.sees("account.passwordMissing")
    one.page.locator("#deletion-password").fill(PASSWORD)
    one.press("settings.delete")
    one.sees("account.deleted")


def test_the_walk_finds_a_text_of_another_origin(company: Company) -> None:
    one = reader(company)

    def careless(route: Route) -> None:
        answer = route.fetch()
        words = answer.text().replace("${account.username}", "Name").replace("${account.showLabel}", "Look")
        route.fulfill(response=answer, body=words)

    one.context.route("**/all.js", careless)
    one.page.goto("/login")
    one.sees("account.login")
    one.listen()
    assert {"label: Name", "button[aria-label]: Look", "textbox: Name", "button: Look"} <= one.heard["foreign"]


# ---------------------------------------------------------------------------------------------------------- the choice


def language(visitor: Visitor, name: str, code: str) -> None:
    visitor.page.get_by_role("button", name=name, exact=True).click()
    expect(visitor.page.locator("html")).to_have_attribute("lang", code)


def test_one_chooses_a_language_and_loses_nothing_by_it(company: Company) -> None:
    one, other = company.stranger("one", locale="de-AT"), company.person("other")
    loaded: list[str] = []
    one.page.on("request", lambda request: loaded.append(request.url.partition("/words/")[2]))
    one.page.goto("/login")
    expect(one.page.get_by_role("heading", name="Anmelden")).to_be_visible()
    assert [words for words in loaded if words] == ["de.js"]
    language(one, "English", "en")
    expect(one.page.get_by_role("heading", name="Log in")).to_be_visible()
    one.register()
    one.log_in()
    one.invite(other.name)
    other.answer("Accept")
    one.composer.fill("not yet sent")
    one.page.locator("#settings").click()
    language(one, "Deutsch", "de")
    expect(one.page.get_by_role("heading", name="Einstellungen", level=1)).to_be_visible()
    expect(one.page.get_by_role("button", name="Deutsch")).to_have_attribute("aria-current", "true")
    one.page.get_by_role("button", name="Zurück").click()
    expect(one.page.get_by_role("textbox", name=f"Nachricht an {other.name}")).to_have_value("not yet sent")
    one.page.get_by_role("button", name="Abmelden").click()
    one.page.get_by_role("alertdialog", name="Abmelden?").get_by_role("button", name="Abmelden").click()
    expect(one.page.get_by_text("Du bist abgemeldet.")).to_be_visible()


# ----------------------------------------------------------------------------------------------------- right to left


def left_of(visitor: Visitor, *selectors: str) -> list[str]:
    """Parts of the page as they stand, from the left to the right."""
    boxes = {one: visitor.page.locator(one).locator("visible=true").first.bounding_box() for one in selectors}
    return sorted(selectors, key=lambda one: (boxes[one] or {"x": -1.0})["x"])


@pytest.mark.parametrize("options", [PHONE, {}], ids=["phone", "desktop"])
def test_in_arabic_every_screen_keeps_its_order_and_its_bounds(company: Company, options: dict[str, object]) -> None:
    one = company.stranger("one", locale="ar-EG", **options)
    other, third = company.person("other"), company.person("third")
    page = one.page
    page.goto("/register")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.locator(".btn.yes").click()
    fits(one)
    one.register()
    one.log_in()
    fits(one)
    other.invite(one.name, "A note from left to right.")
    third.invite(one.name)
    expect(one.dialog).to_have_accessible_name("شخصان يريدان محادثتك")
    assert left_of(one, ".ask .btn.yes", ".ask .btn.no") == [".ask .btn.yes", ".ask .btn.no"]
    fits(one)
    one.answer("قبول")
    expect(one.heading(other.name)).to_be_visible()
    one.answer("رفض")
    page.locator("#message").fill("مرحبا!")
    page.locator(".composer .btn").click()
    other.say("From left to right.")
    expect(page.locator("article")).to_have_count(2)
    assert left_of(one, ".composer .btn", "#message") == [".composer .btn", "#message"]
    assert left_of(one, "article:not(.me) .bubble", "article .tile") == ["article:not(.me) .bubble", "article .tile"]
    fits(one)
    page.locator("[popovertarget]").first.click()
    expect(page.locator(".ones")).to_be_visible()
    fits(one)
    page.goto("/settings")
    expect(page.get_by_text("هذا الجهاز")).to_be_visible()
    fits(one)
    page.goto("/")
    one.search.fill("somebody")
    page.locator(".find .btn").click()
    expect(page.locator("#found")).to_have_text("لا أحد باسم \u2068somebody\u2069.")
    fits(one)
