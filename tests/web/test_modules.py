"""The web client's pure modules, tested where they are at home: `node --test`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

from parlour.core.messages import BLANK
from tools import npm

HERE = Path(__file__).parent
BLANKS = """
const { isBlank } = await import(process.argv[1]);
const found = [];
for (let code = 0; code <= 0x10ffff; code++) if (isBlank(String.fromCodePoint(code))) found.push(code);
console.log(JSON.stringify(found));
"""


def test_the_pure_modules() -> None:
    files = sorted(str(file) for file in HERE.glob("*.test.js"))
    command = [str(npm.node()), "--test", "--test-reporter=spec", *files]
    done = subprocess.run(command, env=os.environ | {"LC_ALL": "en"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^ℹ pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed, done.stdout
    assert int(passed[1]) >= len(files), "each file holds tests, and they were run"


def test_the_field_and_the_server_take_the_same_characters_for_nothing() -> None:
    module = HERE.parents[1] / "src" / "parlour" / "web" / "blank.js"
    command = [str(npm.node()), "--input-type=module", "--eval", BLANKS, str(module)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    found = [chr(code) for code in json.loads(done.stdout)]
    assert found == [character for character in every if BLANK.match(character)]
    assert {character for character in every if unicodedata.category(character) == "Cf"} <= {*found}
