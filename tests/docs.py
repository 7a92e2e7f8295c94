"""The fenced blocks of a page, run as a reader would run them: commands in a shell, sockets in terminals.

A block says in its fence what it is:

    sh              commands; what they print is kept
    json answer     what they print
    python NAME     a file to save
    sh terminal A   a program that A keeps open
    json A types    a frame that A sends
    json A sees     the frames that A receives next, and no others before them (`text`: lines)
    sh setup        not run: the tests have it

Ids, tokens, links and the server's times are examples: the first time one stands in an answer it is bound to the real
one, and from then on it means that one, in what is typed as well.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 20.0
HERE = "127.0.0.1:8080"

_fence = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_variable = re.compile(r"^[A-Z]+=.*$", re.MULTILINE)
_random = re.compile(r"[A-Za-z0-9_-]{16}(\.[A-Za-z0-9_-]{43})?|parlour_[A-Za-z0-9_-]{43}[0-9a-f]{8}")
_moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Block(NamedTuple):
    """A fenced block: the words of its fence, its text, and the line of the page."""

    words: list[str]
    text: str
    line: int


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [Block(f[1].split(), f[2], page.count("\n", 0, f.start()) + 1) for f in _fence.finditer(page)]


def values(text: str) -> list[Any]:
    """The JSON values that stand one behind the other in a text."""
    decoder, found, text = json.JSONDecoder(), [], text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].lstrip()
    return found


class Examples:
    """What the page's random values stand for."""

    def __init__(self) -> None:
        self._real: dict[str, str] = {}

    def real(self, text: str) -> str:
        """A text of the page with the real values in it."""
        for example, real in self._real.items():
            text = text.replace(example, real)
        return text

    def check(self, told: Any, found: Any) -> None:
        """Whether this is what the page tells, and its own examples stand for the same each time."""
        if isinstance(told, dict) and isinstance(found, dict):
            assert len(told) == len(found), (told, found)
            for (key, value), (real_key, real_value) in zip(told.items(), found.items(), strict=True):
                self.check(key, real_key)
                self.check(value, real_value)
        elif isinstance(told, list) and isinstance(found, list):
            assert len(told) == len(found), (told, found)
            for value, real_value in zip(told, found, strict=True):
                self.check(value, real_value)
        elif isinstance(told, str) and isinstance(found, str):
            self._check_text(told, found)
        else:
            assert told == found, (told, found)

    def _check_text(self, told: str, found: str) -> None:
        if _moment.fullmatch(told) and _moment.fullmatch(found):
            return
        if _random.fullmatch(told) and _random.fullmatch(found) and told not in self._real:
            assert found not in self._real.values(), f"{found} is not {told}: another example stands for it"
            self._real[told] = found
        assert self._real.get(told, told) == found, (told, found)


class Terminal:
    """A program that somebody keeps open."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self.child = child

    def types(self, line: str) -> None:
        assert self.child.stdin
        self.child.stdin.write(line.encode() + b"\n")

    async def sees(self) -> str:
        assert self.child.stdout
        line = await asyncio.wait_for(self.child.stdout.readline(), PATIENCE)
        assert line, "the program has ended"
        return line.decode().rstrip("\n")


class Reader:
    """Somebody who does what a page says, in a folder of their own."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self._port = folder, port
        self._terminals: dict[str, Terminal] = {}
        self._examples = Examples()
        self._printed = ""
        self._variables: list[str] = []
        self.did: list[Block] = []
        _make_programs(folder)

    async def follow(self, page: str) -> None:
        """Do all that the page says. Raises AssertionError with the line where it is wrong."""
        for block in blocks(page):
            try:
                if await self._do(block):
                    self.did.append(block)
            except AssertionError as wrong:
                raise AssertionError(f"line {block.line}, ```{' '.join(block.words)}: {wrong}") from wrong

    async def _do(self, block: Block) -> bool:
        match block.words:
            case ["sh"]:
                self._printed = await self.run(block.text)
            case ["json", "answer"]:
                self._compare(block.text, self._printed)
            case ["python", name]:
                (self._folder / name).write_text(self._here(block.text))
            case ["sh", "terminal", name]:
                self._terminals[name] = Terminal(await self._start("exec " + block.text))
            case ["json", name, "types"]:
                self._terminals[name].types(" ".join(self._here(block.text).split("\n")))
            case ["json", name, "sees"]:
                await self._sees(name, block.text)
            case ["text", name, "sees"]:
                for line in block.text.splitlines():
                    assert await self._terminals[name].sees() == line
            case _:
                return False
        return True

    def _here(self, text: str) -> str:
        return self._examples.real(text).replace(HERE, f"127.0.0.1:{self._port}")

    def _compare(self, told: str, printed: str) -> None:
        found = values(printed)
        assert len(values(told)) == len(found), printed
        for value, real in zip(values(told), found, strict=True):
            self._examples.check(value, real)

    async def _sees(self, name: str, text: str) -> None:
        for value in values(text):
            self._examples.check(value, json.loads(await self._terminals[name].sees()))

    async def run(self, commands: str) -> str:
        """Run commands in a shell that knows the variables of earlier ones; what they print."""
        child = await self._start("\n".join([*self._variables, commands]), stderr=asyncio.subprocess.STDOUT)
        printed, _ = await asyncio.wait_for(child.communicate(), PATIENCE)
        assert child.returncode == 0, printed.decode()
        self._variables += _variable.findall(commands)
        return printed.decode()

    async def _start(self, script: str, stderr: int | None = None) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        path = f"{self._folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return await asyncio.create_subprocess_exec(
            "sh", "-e", "-c", self._here(script), cwd=self._folder, env={**os.environ, "PATH": path},
            stdin=pipe, stdout=pipe, stderr=stderr,
        )  # fmt: skip

    async def leave(self) -> None:
        """Close every terminal."""
        for terminal in self._terminals.values():
            if terminal.child.returncode is None:
                terminal.child.kill()
            await terminal.child.wait()


@asynccontextmanager
async def reader(folder: Path, port: int) -> AsyncIterator[Reader]:
    """Somebody who reads, in front of a server on this port."""
    somebody = Reader(folder, port)
    try:
        yield somebody
    finally:
        await somebody.leave()


def _make_programs(folder: Path) -> None:
    """What the page tells to install: this Python has it already. And `curl`, where there is none."""
    for place in ("talk", ".venv"):
        _script(folder / place / "bin" / "python", f'exec "{sys.executable}" "$@"')
    (folder / "run").symlink_to(ROOT / "run")
    if shutil.which("curl") is None:
        _script(folder / "bin" / "curl", f'exec "{sys.executable}" "{ROOT / "tests" / "curl.py"}" "$@"')


def _script(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
