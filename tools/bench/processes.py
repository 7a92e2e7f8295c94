"""The processes of a measurement: the servers on one core, the load on another.

1. Everything that is started is stopped by its own process id, whatever happens in between.
2. Every wait has an end; what does not come in time ends the measurement with a sentence.
"""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec

from parlour.store.sqlite import PRAGMAS

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 60
STOP_SECONDS = 15
LOAD_SECONDS = 200
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


class Failed(Exception):
    """A measurement could not be made. The text says why."""


@cache
def cores() -> tuple[int, int]:
    """The server's core and the load's: the same one where there is no other."""
    free = sorted(os.sched_getaffinity(0))
    return free[0], free[-1]


def stay_off_the_servers_core() -> None:
    """What this process asks and counts itself, it does beside the load."""
    os.sched_setaffinity(0, {cores()[1]})


class Server:
    """How a server is started on a data folder and a port."""

    def __init__(self, name: str, program: Path | None = None, launcher: bool = False) -> None:
        self.name, self._program, self._launcher = name, program, launcher

    def command(self, folder: Path, port: int) -> list[str]:
        """What is run."""
        if self._program:
            return [str(self._program), str(folder / "parlour.db"), str(port), *PRAGMAS]
        starter = [str(ROOT / "run")] if self._launcher else [sys.executable, "-m", "parlour"]
        return [*starter, "serve", "--host", "127.0.0.1", "--port", str(port), "--data", str(folder)]

    def environment(self) -> dict[str, str]:
        """As it is, without settings of somebody else's server; no budget stands in the load's way."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PARLOUR_")}
        return {**kept, "PYTHONPATH": str(ROOT / "src"), "PARLOUR_LIMITS": "off", "PARLOUR_LOG": "error"}


class Running:
    """A server that runs."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, folder: Path, started: float) -> None:
        self.process, self.port, self.folder, self.started, self.seconds = process, port, folder, started, 0.0

    @property
    def pid(self) -> int:
        return self.process.pid

    def last_words(self) -> str:
        """The last line that the server wrote."""
        return (self.folder / "server.log").read_text(errors="replace").rstrip().rpartition("\n")[2]

    def memory(self) -> int:
        """Resident bytes."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        return int(found[1]) * 1024 if found else 0

    def wait_until_ready(self) -> float:
        """Ask until the first good answer; the seconds since the start."""
        while time.perf_counter() - self.started < START_SECONDS:
            if self.process.poll() is not None:
                raise Failed(f"the server ended at its start, with code {self.process.returncode}: {self.last_words()}")
            if answers(self.port):
                return time.perf_counter() - self.started
            time.sleep(0.002)
        raise Failed(f"the server gave no answer within {START_SECONDS} s")


def started_by_launcher() -> bool:
    """Whether `./run` started this, so that starting a server by it sets nothing up."""
    return str(ROOT) in os.environ.get("PYTHONPATH", "").split(os.pathsep)


def answers(port: int) -> bool:
    """Whether a server there says that it is ready."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _process(command: list[str], core: int, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process on one core, which outlives neither the block nor ourselves. Ctrl-C is ours alone to act on."""
    prepare = partial(_prepare, core)
    process = subprocess.Popen(command, preexec_fn=prepare, start_new_session=True, **options)  # noqa: PLW1509 — no threads here
    try:
        yield process
    finally:
        stop(process)


def _prepare(core: int) -> None:
    """In the new process, before its program."""
    os.sched_setaffinity(0, {core})
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process: kindly, then not."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def serving(server: Server, folder: Path, port: int = 0) -> Iterator[Running]:
    """A server on the data of a folder, that has answered."""
    port = port or free_port()
    command = server.command(folder, port)
    with (folder / "server.log").open("wb") as log:
        started = time.perf_counter()
        with _process(command, cores()[0], env=server.environment(), cwd=ROOT, stdout=log, stderr=log) as process:
            running = Running(process, port, folder, started)
            running.seconds = running.wait_until_ready()
            yield running


class Counted(msgspec.Struct):
    """What the load counted. Shares of a core are of the measured seconds; `said`: what it wrote beside."""

    seconds: float
    messages: int
    rate: float
    p50_ms: float
    p99_ms: float
    most_ms: float
    load_cpu: float
    server_cpu: float
    server_us: float
    others_cpu: float
    sent: int
    acknowledged: int
    delivered: int
    errors: int
    gaps: int
    strays: int
    opened_each_second: float
    said: str = ""


def load(command: list[str]) -> Counted:
    """Run the load; what it counted."""
    with _process(command, cores()[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            out, said = process.communicate(timeout=LOAD_SECONDS)
        except subprocess.TimeoutExpired:
            raise Failed(f"the load did not end within {LOAD_SECONDS} s") from None
        if process.returncode:
            raise Failed(f"the load gave up: {said.decode().strip()[:400]}")
        counted = msgspec.json.decode(out, type=Counted)
        counted.said = said.decode().strip()
        return counted


class Held:
    """A program of the load that holds sockets open and says from time to time how they are, a line of JSON each."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout
        assert process.stderr
        self._process, self.out, self._errors = process, process.stdout, process.stderr

    def line(self) -> dict[str, float]:
        """What it says next."""
        line = self.out.readline()
        if not line:
            raise Failed(f"the load gave up: {self._errors.read().decode().strip()[:400]}")
        said: dict[str, float] = msgspec.json.decode(line)
        return said

    def check(self) -> None:
        """Whether all its sockets are still open: it gives up with the first that is not."""
        if self._process.poll() is not None:
            self.line()


@contextlib.contextmanager
def holding(command: list[str]) -> Iterator[Held]:
    """Sockets held open, for the length of the block."""
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with _process(command, cores()[1], **options) as process:
        yield Held(process)
