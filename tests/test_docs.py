"""The papers are true: examples run, and what a page names is there.

1. Examples are run as they stand, against a server that is started as an operator starts it, with its limits on.
2. A page that names a file, a function, a setting, a command or a place in another page names one that exists.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from parlour import config
from tests.docs import ROOT, Examples, Reader, blocks, reader, values
from tests.server.process import served, start

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
PACKAGE = ROOT / "src" / "parlour"
LONGEST_DECISION = 60
MADE_WHILE_RUNNING = {"./data", "parlour.toml", "parlour.lock"}

each_page = pytest.mark.parametrize("name", TEXTS)


# ------------------------------------------------------------------------------------------------------------ examples


async def test_the_protocol_by_hand(tmp_path: Path) -> None:
    """Section 1 from registering to logging out, then the part of `parlour.v1`, as a reader would do it."""
    page = TEXTS["docs/protocol.md"]
    async with (
        served(tmp_path / "data", PARLOUR_LIMITS="on") as server,
        reader(tmp_path / "reader", server.port) as somebody,
    ):
        await somebody.follow(page)
    unread = [block.words for block in blocks(page) if block not in somebody.did]
    assert unread == [["sh", "setup"]]
    assert len(somebody.did) > 30


PAGE = """
```sh
echo '{"UserID": "aaaaaaaaaaaaaaaa", "At": "2026-11-24T14:34:43.202Z"}'
```
```json answer
{"UserID": "bbbbbbbbbbbbbbbb", "At": "2020-01-01T00:00:00.000Z"}
```
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("bbbbbbbbbbbbbbbb", "bbbbbbbb"),
        ("2020-01-01T00:00:00.000Z", "yesterday"),
        ('"At"', '"Then"'),
        ('{"UserID"', '{"More": 1, "UserID"'),
        ('000Z"}', '000Z"}\n200'),
        ("echo", "false; echo"),
    ],
)
async def test_an_example_that_is_wrong_is_noticed(tmp_path: Path, right: str, wrong: str) -> None:
    async with reader(tmp_path, 1) as somebody:
        await somebody.follow(PAGE)
        with pytest.raises(AssertionError):
            await somebody.follow(wrong.join(PAGE.rsplit(right, 1)))


def test_an_example_means_one_thing() -> None:
    examples = Examples()
    examples.check("a" * 16, "x" * 16)
    assert examples.real("to " + "a" * 16) == "to " + "x" * 16
    with pytest.raises(AssertionError):
        examples.check("a" * 16, "y" * 16)
    with pytest.raises(AssertionError):
        examples.check("b" * 16, "x" * 16)


@pytest.mark.full
async def test_the_backup_of_the_readme(tmp_path: Path) -> None:
    """A copy made while the server runs holds what was acknowledged, and clients notice that it is another history."""
    [backup] = [block.text for block in blocks(TEXTS["README.md"]) if block.words == ["sh", "backup"]]
    someone = {"Username": "nanda", "Password": "rain on the red roof"}
    async with served(tmp_path / "data") as server, reader(tmp_path, server.port) as somebody:
        assert "UserID" in await somebody.run(_post("register", someone))
        await somebody.run(backup)
        before = await _epoch(somebody, someone)
    assert (tmp_path / "backup.db").stat().st_mode & 0o077 == 0
    async with reader(tmp_path / "later", 1) as somebody:
        await somebody.run("./run restore ../backup.db --data ../data")
    async with served(tmp_path / "data") as server, reader(tmp_path / "then", server.port) as somebody:
        after = await _epoch(somebody, someone)
    assert before
    assert after
    assert before != after


def _post(call: str, body: dict[str, str]) -> str:
    return f"curl -s -H 'Content-Type: application/json' -d '{json.dumps(body)}' http://127.0.0.1:8080/api/{call}"


async def _epoch(somebody: Reader, who: dict[str, str]) -> str:
    token = json.loads(await somebody.run(_post("login", who)))["Token"]
    asked = f"curl -s -H 'Authorization: Bearer {token}' http://127.0.0.1:8080/api/snapshot"
    return str(json.loads(await somebody.run(asked))["Epoch"])


@pytest.mark.full
async def test_exit_codes_are_as_told(tmp_path: Path) -> None:
    told = dict(re.findall(r"^\| (\d+) \| ([^|]+) \|", TEXTS["docs/operating.md"], re.MULTILINE))
    assert set(told) == {"0", "70", "78"}
    async with served(tmp_path / "one") as server:
        assert await (await start(tmp_path / "one")).ends() == 78
        assert await (await start(tmp_path / "two", port=server.port)).ends() == 78
        assert await (await start(tmp_path / "three", PARLOUR_BATCH="many")).ends() == 78
        assert await server.stop() == 0


# -------------------------------------------------------------------------------------------------- what a page names


def _plain(text: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def _anchors(text: str) -> set[str]:
    """The places of a page, as its headings are linked to."""
    heads = re.findall(r"^#+ (.+)$", _plain(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@each_page
def test_every_link_leads_somewhere(name: str) -> None:
    wrong = []
    for link in re.findall(r"\]\(([^)\s]+)\)", _plain(TEXTS[name])):
        path, _, anchor = link.partition("#")
        target = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        if link.startswith("https://"):
            continue
        if not target.exists() or (anchor and anchor not in _anchors(target.read_text(encoding="utf-8"))):
            wrong.append(link)
    assert wrong == []


@each_page
def test_every_file_that_is_named_exists(name: str) -> None:
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|js|toml|lock|json|sql))`", _plain(TEXTS[name]))
    places = (ROOT, PACKAGE, ROOT / "src", (ROOT / name).parent, PACKAGE / "core")
    saved = {block.words[1] for block in blocks(TEXTS[name]) if block.words[:1] == ["python"]}
    missing = [n for n in named if not any((place / n).exists() for place in places)]
    assert sorted({*missing} - MADE_WHILE_RUNNING - saved) == []


@each_page
def test_every_setting_that_is_named_exists(name: str) -> None:
    named = re.findall(rf"\b{config.PREFIX}([A-Z_]+)\b", TEXTS[name])
    assert [n for n in named if n.lower() not in config.Settings.__struct_fields__] == []


@each_page
def test_every_settings_file_can_be_read(name: str, tmp_path: Path) -> None:
    for number, block in enumerate(b for b in blocks(TEXTS[name]) if b.words == ["toml"]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "parlour.toml").write_text(block.text)
        assert config.read({"data": str(folder)}, {}) != config.Settings(data=str(folder))


@each_page
def test_every_command_that_is_named_exists(name: str) -> None:
    said = subprocess.run([sys.executable, ROOT / "run", "--help"], capture_output=True, check=True, text=True).stdout
    commands = set(re.findall(r"^(\w+)  ", said, re.MULTILINE))
    assert "serve" in commands
    assert set(re.findall(r"\brun ([a-z]+)", "\n".join(re.findall(r"\./run [^`\n]+", TEXTS[name])))) <= commands


@pytest.mark.parametrize("name", ["README.md", "docs/operating.md"])
def test_options_of_serve_are_there(name: str) -> None:
    program = [sys.executable, "-m", "parlour", "serve", "--help"]
    world = {"PYTHONPATH": str(ROOT / "src"), "PATH": "", "LC_ALL": "C.UTF-8"}
    said = subprocess.run(program, capture_output=True, check=True, text=True, env=world).stdout
    options = re.findall(r"(--(?:host|port|data)\b)", TEXTS[name])
    assert options
    assert [option for option in options if option not in said] == []


# ------------------------------------------------------------------------------------------------- the house as it is


WAY = re.findall(r"^\| (\d+) \| `([\w./]+)` \| `(\w+)` \|", TEXTS["docs/architecture.md"], re.MULTILINE)


def test_the_way_of_a_message_is_told_whole() -> None:
    assert [int(number) for number, _, _ in WAY] == list(range(1, 15))


@pytest.mark.parametrize(("file", "function"), [(file, function) for _, file, function in WAY])
def test_the_way_of_a_message_is_in_the_code(file: str, function: str) -> None:
    text = (PACKAGE / file).read_text(encoding="utf-8")
    if file.endswith(".js"):
        assert re.search(rf"^\s*(?:export )?(?:async )?(?:function )?#?{function}(?: = )?\(", text, re.MULTILINE)
    else:
        defined = (ast.FunctionDef, ast.AsyncFunctionDef)
        assert function in {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, defined)}


# ---------------------------------------------------------------------------------------------------------- decisions


DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def test_decisions_are_numbered_and_listed() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    listed = re.findall(r"\[(\d{4})\]\(([^)]+)\) \| (.+) \|", TEXTS["docs/decisions/README.md"])
    titles = [path.read_text(encoding="utf-8").split("\n")[0] for path in DECISIONS]
    assert [f"# {number}: {title}" for number, _, title in listed] == titles
    assert [name for _, name, _ in listed] == [path.name for path in DECISIONS]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_one_page(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    heads = re.findall(r"^## (\w+)$", text, re.MULTILINE)
    assert heads[:3] == ["Context", "Decision", "Consequences"]
    assert heads[3:] in ([], ["Measurement"])
    assert text.count("\n") <= LONGEST_DECISION


def test_values_are_read_one_behind_the_other() -> None:
    assert values('{"a": 1}\n200\n') == [{"a": 1}, 200]
