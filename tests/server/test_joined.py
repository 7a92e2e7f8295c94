"""Scripts that are joined do what they did apart: both ways are run, by Node.js."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from parlour.server.joined import NotUnderstood, joined
from parlour.server.pages import LANGUAGES, SCRIPT, files
from tools import npm

OUTSIDE = "let times = 0;\nexport const counted = () => ++times;\n"
SOURCES = {
    "ground.js": (
        "const own = 'ground';\n"
        "export const told = await Promise.resolve(own);\n"
        "export function twice(text) {\n  return own + text + text;\n}\n"
        "export async function* later() {\n  yield own;\n}\n"
        "export class Thing {\n  name = own;\n}\n"
    ),
    "packed.js": (
        "import{told as t,twice}from\"./ground.js\";import*as g from'./ground.js';"
        "const own=1;class e{};const o=()=>t+g.told+own;export{o as said,e as Empty,twice};\n"
    ),
    "sub/parts.js": (
        "import { counted } from '../outside.js';\n"
        "import {\n  Thing,\n  twice as doubled,\n} from '../ground.js';\n"
        "const parts = { one: new Thing().name, two: doubled('!'), import: 'a word', export: counted() };\n"
        "export const {\n  one, two,\n} = parts;\n"
        "export const { three } = { three: parts.export };\n"
    ),
    "sub/all.js": "export * from './parts.js';\nexport * from '../packed.js';\n",
    "last.js": (
        "import './ground.js';\n"
        "import * as all from './sub/all.js';\n"
        "import { counted } from './outside.js';\n"
        "import { later } from './ground.js';\n"
        "const own = 'last';\n"
        "const { value } = await later().next();\n"
        "const here = { counted };\n"
        "export const found = JSON.stringify([own, value, all.one, all.two, all.said(), here.counted(), counted(),"
        " Object.keys(all).sort()]);\n"
    ),
}
RUN = "const { found } = await import(process.argv[1]); console.log(found);"


def run(module: Path) -> str:
    command = [str(npm.node()), "--input-type=module", "--eval", RUN, str(module)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def lay(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_together_they_do_what_they_did_apart(tmp_path: Path) -> None:
    apart = lay(tmp_path / "apart", {**SOURCES, "outside.js": OUTSIDE, "package.json": '{"type": "module"}'})
    one = joined("one.js", SOURCES, SOURCES, {"outside.js"})
    together = lay(tmp_path / "one", {"one.js": one, "outside.js": OUTSIDE, "package.json": '{"type": "module"}'})
    assert run(together / "one.js") == run(apart / "last.js")
    assert '"last","ground","ground","ground!!","groundground1",2,3' in run(together / "one.js")


def test_what_lies_below_finds_what_lies_outside() -> None:
    below = joined("sub/one.js", ["sub/parts.js"], SOURCES, {"outside.js", "ground.js"})
    assert [line for line in below.splitlines() if line.startswith("import")] == [
        "import * as outside0 from './../outside.js';",
        "import * as outside1 from './../ground.js';",
    ]
    assert below.endswith("export const { one, two, three } = modules['sub/parts.js'];\n")


@pytest.mark.parametrize(
    "odd",
    [
        "import whole from './ground.js';",
        "import { a } from 'elsewhere';",
        "import whole, { a } from './ground.js';",
        "export default 1;",
        "export let times = 0;",
        "export { told } from './ground.js';",
        "export * as all from './ground.js';",
        "export const { length: size } = 'text';",
        "export var one = 1;",
        "const a = {};export default a;",
        "export const { a = 1, ...rest } = {};",
        "  export const a = 1;",
        "const a = await import('./ground.js');",
        "var a = 1;",
        "const modules = 1;",
        "import { nothing } from './ground.js';",
        "import './behind.js';",
        "export * from './behind.js';",
    ],
)
def test_what_is_not_understood_is_refused(odd: str) -> None:
    with pytest.raises(NotUnderstood, match=r"^odd\.js: "):
        joined("one.js", ["ground.js", "odd.js"], {**SOURCES, "odd.js": f"const here = 1;\n{odd}\n"}, {"outside.js"})


def test_what_the_page_is_made_of_can_be_read(tmp_path: Path) -> None:
    _, made = files()
    for name in (SCRIPT, *(name for name in made if name.startswith(LANGUAGES) and name.count("/") == 1)):
        script = tmp_path / name.replace("/", " ").replace(".js", ".mjs")
        script.write_bytes(made[name].body)
        done = subprocess.run([str(npm.node()), "--check", str(script)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "sourceMappingURL" not in script.read_text()
