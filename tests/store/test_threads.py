"""The store's threads: each function whole, in the order of asking; what it raises belongs to whoever asked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from parlour.store.threads import Threads


@pytest.fixture
def one() -> Iterator[Threads]:
    """A single thread behind its queue."""
    made = Threads("one", 1)
    yield made
    made.close()


async def test_one_thread_runs_all_in_the_order_of_asking(one: Threads) -> None:
    ran: list[int] = []

    def job(number: int) -> Callable[[], str]:
        def work() -> str:
            ran.append(number)
            return threading.current_thread().name

        return work

    names = await asyncio.gather(*(one.run(job(i)) for i in range(99)))
    assert ran == list(range(99))
    assert set(names) == {"one"}


async def test_what_is_raised_comes_to_whoever_asked_and_the_thread_lives_on(one: Threads) -> None:
    failing = one.run(lambda: 1 // 0)
    fine = one.run(lambda: "fine")
    with pytest.raises(ZeroDivisionError):
        await failing
    assert await fine == "fine"


@pytest.mark.parametrize("kind", [SystemExit, asyncio.CancelledError, GeneratorExit])
async def test_nothing_that_is_raised_ends_a_thread(one: Threads, kind: type[BaseException]) -> None:
    def raise_it() -> None:
        raise kind

    failing = one.run(raise_it)
    assert await one.run(lambda: "alive") == "alive"
    with pytest.raises(kind):
        failing.result()


async def test_two_threads_work_beside_each_other() -> None:
    two = Threads("two", 2)
    meeting = threading.Barrier(2, timeout=30)
    await asyncio.gather(two.run(meeting.wait), two.run(meeting.wait))
    two.close()


async def test_closing_finishes_what_was_asked_and_then_ends(one: Threads) -> None:
    asked = [one.run(lambda i=i: i) for i in range(50)]  # type: ignore[misc]
    threads = one._threads
    one.close()
    assert not any(thread.is_alive() for thread in threads)
    assert await asyncio.gather(*asked) == list(range(50))


async def test_whoever_no_longer_waits_is_not_told(one: Threads) -> None:
    go_on = threading.Event()
    holding = one.run(go_on.wait)
    given_up = one.run(lambda: "never heard")
    given_up.cancel()
    go_on.set()
    await holding
    assert await one.run(lambda: "next") == "next"
    assert given_up.cancelled()


def test_a_loop_that_has_ended_is_not_missed() -> None:
    threads = Threads("late", 1)
    go_on, done = threading.Event(), threading.Event()

    async def ask_and_leave() -> None:
        threads.run(go_on.wait)

    asyncio.run(ask_and_leave())
    go_on.set()
    asyncio.run(wait_for(threads, done))
    assert done.is_set()
    threads.close()


async def wait_for(threads: Threads, done: threading.Event) -> None:
    await threads.run(done.set)
