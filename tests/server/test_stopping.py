"""How a server ends: what is queued is stored and acknowledged, all are told to come back, nothing holds it up.

1. Servers are processes of their own, and signals are real ones.
2. Where an order matters, the database is held by another program: what is queued then waits as long as the test wants.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import apsw
import pytest

from tests.server.people import Person, Socket
from tests.server.process import PATIENCE, Process, environment, served
from tests.server.talk import Talk, stored_in, two
from tests.server.wire import Line, Wire, handshake, request

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.full]

STUCK_PEERS_WITHIN = 15.0
stops = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nothing can be committed as long as this lasts."""
    database = apsw.Connection(str(folder / "parlour.db"))
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        database.close()


async def readiness(line: Line) -> int:
    return (await line.ask(request("GET", "/readyz"))).status


def lets_in(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) == 0


async def stops_listening(process: Process, line: Line) -> None:
    """Wait until nobody is let in any more; who is in already is heard still."""
    async with asyncio.timeout(PATIENCE):
        while lets_in(process.port):
            await read_by_then(line)


async def read_by_then(line: Line) -> None:
    """Wait until the server has read what was sent to it before, on whichever connection."""
    for _ in range(3):
        assert (await line.ask(request("GET", "/healthz"))).status == 200


async def refused_ref(talking: Socket, ref: str) -> str:
    """The code that answers this `Ref`."""
    answer = await talking.next(lambda frame: frame.get("Ref") == ref)
    return str(answer.get("Code"))


# -------------------------------------------------------------------------------------------------------- the order


@stops
async def test_what_is_queued_is_acknowledged_and_what_comes_later_is_not_taken(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with served(tmp_path) as process, two(process) as people, await Line.open(process.port) as line:
        talking, core = await people.nanda.v1(), await people.winston.core()
        assert await readiness(line) == 200
        with held(tmp_path):
            message = {"type": "Message", "SessionID": people.session_id}
            await talking.send(**message, Message={"data": "queued"}, Ref="queued")
            await core.send(**message, Message={"data": "queued too"})
            await talking.send(type="Search", Username="nobody-of-this-name", Ref="queued search")
            await read_by_then(line)
            process.child.send_signal(number)
            await stops_listening(process, line)
            assert await readiness(line) == 503
            await talking.send(**message, Message={"data": "too late"}, Ref="too late")
            assert await refused_ref(talking, "too late") == "unavailable"
            assert not [frame for frame in talking.frames if frame.get("Ref", "").startswith("queued")]
        assert await talking.closed() == 4001
        assert await core.closed() == 1012
        assert await process.ends() == 0
    done = {frame["Ref"]: frame["type"] for frame in talking.frames if "Ref" in frame}
    assert done == {"too late": "Error", "queued": "Done", "queued search": "Error"}
    [delivered] = [frame for frame in core.frames if people.session_id in frame and "queued too" in json.dumps(frame)]
    assert delivered
    assert stored_texts(tmp_path) == {"queued", "queued too"}


def stored_texts(folder: Path) -> set[str]:
    database = apsw.Connection(str(folder / "parlour.db"))
    texts = {str(text) for (text,) in database.execute("SELECT Data FROM Messages")}
    database.close()
    return texts


async def test_under_load_what_is_stored_was_acknowledged_and_what_was_acknowledged_is_stored(tmp_path: Path) -> None:
    async with served(tmp_path) as process, two(process) as people:
        talks = [Talk(person, people.session_id) for person in (people.nanda, people.winston) * 2]
        running = [asyncio.create_task(talk.run()) for talk in talks]
        for talk in talks:
            await talk.has_stored(50)
        assert await process.stop() == 0
        await asyncio.wait_for(asyncio.gather(*running), PATIENCE)
        assert process.said[1:] == []
    assert [talk.closed for talk in talks] == [4001] * 4
    assert {nonce: number for talk in talks for nonce, number in talk.stored.items()} == stored_in(tmp_path)
    assert {code for talk in talks for code in talk.refused.values()} <= {"unavailable"}


UPGRADE = "Sec-WebSocket-Protocol: parlour.v1"


async def test_a_handshake_while_the_queue_is_finished_is_told_to_come_back(tmp_path: Path) -> None:
    """Over a connection that was there before."""
    async with served(tmp_path) as process, two(process) as people, await Wire.open(process.port) as late:
        talking = await people.nanda.v1()
        with held(tmp_path):
            await talking.send(type="Message", SessionID=people.session_id, Message={"data": "queued"}, Ref="queued")
            await read_by_then(late)
            process.child.terminate()
            await stops_listening(process, late)
            assert (await late.ask(handshake(f"Authorization: Bearer {people.nanda.token}", UPGRADE))).status == 101
        assert await late.closed() == 4001
        assert await talking.closed() == 4001
        assert await process.ends() == 0


async def test_a_handshake_after_all_were_closed_is_told_to_come_back(tmp_path: Path) -> None:
    """There is a moment for it: the server waits for peers that do not answer."""
    async with (
        served(tmp_path) as process,
        two(process) as people,
        stopped_peers(process, people.winston, 1),
        await Wire.open(process.port) as late,
    ):
        talking = await people.nanda.v1()
        process.child.terminate()
        assert await talking.closed() == 4001
        assert (await late.ask(handshake(f"Authorization: Bearer {people.nanda.token}", UPGRADE))).status == 101
        assert await late.closed() == 4001
        assert await process.ends() == 0


# ------------------------------------------------------------------------------------------------------- at once


@stops
async def test_a_second_signal_ends_it_at_once(tmp_path: Path, number: signal.Signals) -> None:
    async with served(tmp_path) as process, two(process) as people, await Line.open(process.port) as line:
        talking = await people.nanda.v1()
        await talking.send(type="Message", SessionID=people.session_id, Message={"data": "before"}, Ref="before")
        await talking.next(lambda frame: frame.get("Ref") == "before")
        with held(tmp_path):
            await talking.send(type="Message", SessionID=people.session_id, Message={"data": "queued"}, Ref="queued")
            await read_by_then(line)
            process.child.send_signal(number)
            await stops_listening(process, line)
            assert process.child.returncode is None
            process.child.send_signal(number)
            assert await process.ends() == 0, "though nothing can be committed"
        assert await talking.closed() == 1006
    assert stored_texts(tmp_path) == {"before"}


async def test_two_signals_in_the_middle_of_commits_leave_a_whole_database(tmp_path: Path) -> None:
    async with served(tmp_path) as process, two(process) as people:
        talks = [Talk(person, people.session_id) for person in (people.nanda, people.winston) * 2]
        running = [asyncio.create_task(talk.run()) for talk in talks]
        for talk in talks:
            await talk.has_stored(50)
        process.child.send_signal(signal.SIGINT)
        process.child.send_signal(signal.SIGINT)
        assert await process.ends() == 0
        await asyncio.wait_for(asyncio.gather(*running), PATIENCE)
    acknowledged = {nonce: number for talk in talks for nonce, number in talk.stored.items()}
    assert acknowledged.items() <= stored_in(tmp_path).items()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGPIPE], ids=["SIGHUP", "SIGPIPE"])
async def test_a_lost_terminal_or_reader_does_not_end_it(tmp_path: Path, number: signal.Signals) -> None:
    async with served(tmp_path) as process, await Line.open(process.port) as line:
        for _ in range(3):
            process.child.send_signal(number)
            assert await readiness(line) == 200
        assert await process.stop() == 0


# ---------------------------------------------------------------------------------------------------- stuck peers

STOPPED = """
import asyncio, os, signal, sys
from tests.server.wire import Wire
async def main(port, token, count):
    wires = [await Wire.upgrade(port, token) for _ in range(count)]
    print("ready", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
"""


@asynccontextmanager
async def stopped_peers(process: Process, person: Person, count: int) -> AsyncIterator[None]:
    """Sockets of a process that was stopped: they are open, and nobody reads them."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STOPPED, str(process.port), person.token, str(count),
        env=environment(), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert child.stdout
        assert await asyncio.wait_for(child.stdout.readline(), PATIENCE) == b"ready\n"
        await asyncio.get_running_loop().run_in_executor(None, os.waitid, os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
        yield
    finally:
        child.kill()
        await child.wait()


async def test_peers_that_do_not_read_do_not_hold_it_up(tmp_path: Path) -> None:
    async with (
        served(tmp_path) as process,
        two(process) as people,
        stopped_peers(process, people.winston, 20),
    ):
        talking = await people.nanda.v1()
        for number in range(600):  # More than the buffers of a socket hold.
            await talking.send(
                type="Message", SessionID=people.session_id, Message={"data": "x" * 8_000}, Ref=str(number)
            )
            await talking.next(lambda frame, ref=str(number): frame.get("Ref") == ref)  # type: ignore[misc]
        process.child.terminate()
        assert await talking.closed() == 4001
        assert await asyncio.wait_for(process.ends(), STUCK_PEERS_WITHIN) == 0
