"""The web client's pure modules, tested where they are at home: `node --test`."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tools import npm

HERE = Path(__file__).parent


def test_the_pure_modules() -> None:
    files = sorted(str(file) for file in HERE.glob("*.test.js"))
    done = subprocess.run(
        [str(npm.node()), "--test", "--test-reporter=spec", *files], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^ℹ pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed, done.stdout
    assert int(passed[1]) >= len(files), "each file holds tests, and they were run"
