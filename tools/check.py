"""`./run check`: what can be seen to be wrong without running the server.

1. One line a step; what a failed step says follows its line.
2. Every step is taken, whatever failed before it; the end names those that did.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tools import npm

ROOT = Path(__file__).resolve().parents[1]
LAUNCHER_LINES = 60
PASSED_BY = {"__pycache__", "build", "data", "dist", "node_modules"}
ELSEWHERE = re.compile(
    r"py"
    r"pi\.org|python"
    r"hosted\.org|np"
    r"mjs\.(?:org|com)|deb\.deb"
    r"ian\.org"  # a registry's host
    r"|(?<![\w./~-])/(?:home|root|work|Users)/[\w.]"  # a place on somebody's machine
)


def files() -> Iterator[Path]:
    """What is, or could be, committed."""
    for path in sorted(ROOT.iterdir()):
        if path.is_file():
            yield path
        elif path.name == ".ci" or not (path.name.startswith(".") or path.name in PASSED_BY):
            yield from (file for file in sorted(path.rglob("*")) if file.is_file() and not PASSED_BY & {*file.parts})


def places() -> str:
    """No file tells where it was made."""
    return "".join(_places(path) for path in files())


def _places(path: Path) -> str:
    text = path.read_bytes().decode("utf-8", "replace")
    lines = (f"{path.relative_to(ROOT)}: {found[0]}\n" for found in ELSEWHERE.finditer(text))
    return "".join(lines)


def launcher() -> str:
    """The launcher stays one that can be read at a glance."""
    lines = len((ROOT / "run").read_text(encoding="utf-8").splitlines())
    return f"run: {lines} lines, not below {LAUNCHER_LINES}\n" if lines >= LAUNCHER_LINES else ""


def locks() -> str:
    """The launcher takes a set-up of the tools for one of the server: it must hold all of it."""
    server, tools = (_pins(ROOT / f"requirements{kind}.lock") for kind in ("", "-dev"))
    return "".join(f"requirements-dev.lock: lacks {pin}\n" for pin in sorted(server - tools))


def _pins(lock: Path) -> set[str]:
    return set(re.findall(r"^\S+==\S+", lock.read_text(encoding="utf-8"), re.MULTILINE))


def client() -> str:
    """The types of the web client."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
    return _output(str(npm.package(f"@typescript/typescript-linux-{machine}") / "lib" / "tsc"), "-p", "tsconfig.json")


def python(*arguments: str) -> Callable[[], str]:
    return lambda: _output(sys.executable, "-m", *arguments)


def _output(*command: str) -> str:
    """Nothing when the program succeeds, else what it said."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout or f"exit code {done.returncode}" if done.returncode else ""


STEPS: dict[str, Callable[[], str]] = {
    "style": python("ruff", "check", "--quiet"),
    "format": python("ruff", "format", "--check", "--quiet"),
    "types": python("mypy", "src/parlour", "tools", "tests", "run"),
    "types of the web client": client,
    "derived files": python("tools.generate", "--check"),
    "vendored files": python("tools.vendor", "--check"),
    "architecture": python("pytest", "--quiet", "tests/test_architecture.py"),
    "launcher": launcher,
    "locks": locks,
    "no machine's names": places,
}


def main() -> int:
    failed = [name for name, step in STEPS.items() if not _taken(name, step)]
    print(f"failed: {', '.join(failed)}" if failed else "all is well")
    return bool(failed)


def _taken(name: str, step: Callable[[], str]) -> bool:
    begun = time.monotonic()
    try:
        said = step()
    except (OSError, npm.Unfetched) as raised:
        said = str(raised)
    print(f"{'FAILED' if said else 'ok':8}{name:28}{time.monotonic() - begun:5.1f} s", flush=True)
    if said:
        print(said.rstrip())
    return not said


if __name__ == "__main__":
    sys.exit(main())
