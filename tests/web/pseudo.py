"""A language that nobody speaks: every text of the client between marks, with its place in the words.

1. It is served to one page in the place of English; the client is otherwise as it is shipped.
2. What Intl makes of times and numbers is marked as well. People are called by numbers and say numbers. So no letter on
   the page stands outside of the marks, but the product's name, the languages' own, addresses and signs of keys.
3. The page is watched from its first moment: what is shown for an instant counts too.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Route, expect

from tests.web.pages import Visitor

WORDS = Path(__file__).parents[2] / "src" / "parlour" / "web" / "words"
GROUPS = sorted(re.findall(r"^export const (\w+)", "".join(f.read_text() for f in WORDS.glob("en/*.js")), re.MULTILINE))
LANGUAGE = f"""
import * as real from './en.js?real';
function marked(one, place) {{
  if (typeof one === 'string') return one === '' ? '' : `⟦${{place}}:${{one}}⟧`;
  if (typeof one === 'function') return (...all) => marked(one(...all), place);
  return Object.assign(Array.isArray(one) ? [] : {{}},
    Object.fromEntries(Object.entries(one).map(([name, it]) => [name, marked(it, `${{place}}.${{name}}`)])));
}}
{"".join(f"export const {group} = marked(real.{group}, '{group}');" for group in GROUPS)}
const placesOf = (one, place) => typeof one === 'object'
  ? Object.entries(one).flatMap(([name, it]) => placesOf(it, place ? `${{place}}.${{name}}` : name))
  : one === '' ? [] : [place];
export const places = placesOf(real, '');
"""
WATCH = """
const known = new Set();
const tell = (kind, what) => known.has(what) || (known.add(what), window.told(kind, what));
const times = Intl.DateTimeFormat.prototype;
const format = Object.getOwnPropertyDescriptor(times, 'format').get;
Object.defineProperty(times, 'format', { get() { return (at) => `⟦${format.call(this)(at)}⟧`; } });
for (const [kind, name] of [[Intl.DateTimeFormat, 'formatRange'], [Intl.RelativeTimeFormat, 'format']]) {
  const made = kind.prototype[name];
  kind.prototype[name] = function (...all) { return `⟦${made.apply(this, all)}⟧`; };
}
const SAID = ['aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext', 'placeholder', 'title',
  'alt'];
const OWN = /Parlour|English|Deutsch|العربية|http:\\S+|(?<!\\p{L})(?:F6|K)(?!\\p{L})/gu;
window.judge = (text, where) => {
  for (const [, place] of text.matchAll(/⟦([a-z]+[\\w.]*):/giu)) tell('spoken', place);
  let left = text.replace(OWN, '');
  for (let before = ''; before !== left; ) left = (before = left).replace(/⟦[^⟦⟧]*⟧/gu, '');
  if (/[\\p{L}⟦⟧]/u.test(left)) tell('foreign', `${where}: ${text.trim()}`);
};
function look(node) {
  const { parentElement } = node;
  if (node.nodeType === Node.TEXT_NODE && !parentElement?.closest('script, style, noscript, .tile'))
    judge(node.data, parentElement?.localName);
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  for (const name of SAID) if (node.hasAttribute(name)) judge(node.getAttribute(name), `${node.localName}[${name}]`);
  node.childNodes.forEach(look);
}
new MutationObserver((changes) => {
  for (const { target, type, addedNodes } of changes) (type === 'childList' ? addedNodes : [target]).forEach(look);
}).observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: SAID });
const asked = confirm;
window.confirm = (text) => (judge(text, 'confirm'), asked(text));
"""
PLACES = "import(new URL('words/en.js', document.querySelector('script').src)).then(({ places }) => places)"


class Reader(Visitor):
    """Somebody who reads the language that nobody speaks, from the first page on."""

    def __init__(self, context: BrowserContext, base: str, name: str) -> None:
        super().__init__(context, base, name)
        self.heard: dict[str, set[str]] = {"spoken": set(), "foreign": set()}
        context.expose_function("told", lambda kind, what: self.heard[kind].add(what))
        context.add_init_script(f"{{{WATCH}}}")
        context.route("**/words/en.js", _answer)

    def listen(self) -> None:
        """What assistive technology is told of the page as it stands: each name and description."""
        session = self.context.new_cdp_session(self.page)
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        said = [
            (node["role"]["value"], node.get(kind, {}).get("value", ""))
            for node in nodes
            for kind in ("name", "description")
            if not node["ignored"] and node["role"]["value"] != "InlineTextBox"  # a piece of a text
        ]
        self.page.evaluate("said => said.forEach(([role, text]) => judge(text, role))", said)
        session.detach()

    def part(self, place: str) -> Locator:
        """What shows the text of this place."""
        return self.page.get_by_text(f"⟦{place}:").filter(visible=True)

    def sees(self, *places: str) -> None:
        for place in places:
            expect(self.part(place).first).to_be_visible()

    def press(self, place: str) -> None:
        """The button, or the link, with this text."""
        self.page.locator("button, a, summary").filter(has_text=f"⟦{place}:").filter(visible=True).first.click()

    def spoke(self, place: str) -> bool:
        return any(f"{one}.".startswith(f"{place}.") for one in self.heard["spoken"])

    def every(self) -> set[str]:
        """Every place in the words; what a function gives is one."""
        found: list[str] = self.page.evaluate(PLACES)
        return {*found}


def _answer(route: Route) -> None:
    route.fulfill(body=LANGUAGE, content_type="text/javascript; charset=utf-8")
