"""Dispatch: one handler for each request, refusals that are answers, events under numbers without a hole."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from parlour import protocol
from parlour.core import dispatch
from parlour.core.dispatch import (
    HANDLERS,
    NEEDS,
    NOBODY,
    Answer,
    Caller,
    Context,
    Refused,
    handler,
    kind_of,
    needs_of,
    run,
    stamp_of,
)
from parlour.core.messages import NONCE, Message
from parlour.core.ports import Event, Need, Published, Tx
from parlour.core.sessions import MEMBER
from tests.core.world import START, FakeClock, World


class Ping(msgspec.Struct):
    """A request that no feature has."""


@pytest.fixture
def no_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of handlers that a test may fill."""
    monkeypatch.setattr(dispatch, "HANDLERS", {})
    monkeypatch.setattr(dispatch, "NEEDS", {})


def in_context(tx: Tx) -> Context:
    return Context(tx, NOBODY, FakeClock(), START, stamp_of(START))


# ----------------------------------------------------------------------------------------------------------- handlers


@pytest.mark.usefixtures("no_handlers")
def test_a_request_has_one_handler(world: World) -> None:
    @handler(Ping)
    def first(request: Ping, context: Context) -> Answer:
        return Answer("first")

    with pytest.raises(TypeError, match="Ping has a handler already"):
        handler(Ping)(first)
    assert world.write(lambda tx: run(Ping(), in_context(tx))) == Answer("first")


@pytest.mark.usefixtures("no_handlers")
def test_a_refusal_is_an_answer(world: World) -> None:
    @handler(Ping)
    def refuse(request: Ping, context: Context) -> Answer:
        raise Refused("slow_down", "Field", retry_after=7, status=400)

    outcome = world.write(lambda tx: run(Ping(), in_context(tx)))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.field, outcome.retry_after, outcome.status) == ("slow_down", "Field", 7, 400)
    assert str(outcome) == "slow_down"


@pytest.mark.usefixtures("no_handlers")
def test_anything_else_that_is_raised_is_a_defect(world: World) -> None:
    @handler(Ping)
    def fail(request: Ping, context: Context) -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.write(lambda tx: run(Ping(), in_context(tx)))


@pytest.mark.usefixtures("no_handlers")
def test_a_request_that_nobody_handles_is_a_defect(world: World) -> None:
    with pytest.raises(KeyError):
        world.write(lambda tx: run(Ping(), in_context(tx)))


@pytest.mark.usefixtures("no_handlers")
def test_one_handler_may_serve_several_requests_with_its_needs() -> None:
    class Pong(msgspec.Struct):
        pass

    need = Need(None, ("stream",))

    @handler(Ping, Pong, needs=lambda request, caller: [need])
    def both(request: Ping | Pong, context: Context) -> Answer:
        return Answer(None)

    assert {request: dispatch.HANDLERS[request] for request in (Ping, Pong)} == {Ping: both, Pong: both}
    assert needs_of(Ping(), NOBODY) == needs_of(Pong(), NOBODY) == [need]


def test_a_request_without_declared_needs_has_none() -> None:
    assert list(needs_of(Ping(), NOBODY)) == []


def test_every_declared_need_belongs_to_a_handler() -> None:
    assert set(NEEDS) <= set(HANDLERS)


def test_sending_declares_what_it_looks_up() -> None:
    caller = Caller("nanda", "Nanda", "login")
    body = protocol.MessageBody(data="hello")
    for kind in (protocol.Message, protocol.Messgae):
        plain = kind(SessionID="s", Message=body)
        assert list(needs_of(plain, caller)) == [Need(MEMBER, ("s", "nanda")), Need(None, ("s",))]
        nonced = kind(SessionID="s", Message=body, Nonce="abcdefgh")
        assert list(needs_of(nonced, caller))[2:] == [Need(NONCE, ("abcdefgh", "s", "nanda"))]


def test_every_code_makes_an_error_frame_with_its_sentence() -> None:
    for code, known in protocol.CODES.items():
        assert 400 <= known.status < 600
        assert known.reason.endswith(".")
        frame = protocol.error(code, "ref", "field", 3)
        assert (frame.Code, frame.Reason, frame.Ref, frame.Field, frame.RetryAfter) == (
            code, known.reason, "ref", "field", 3,
        )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- events


def test_emitting_numbers_stores_and_publishes_the_same_bytes(world: World) -> None:
    def emit(tx: Tx) -> list[Published]:
        context = in_context(tx)
        for name in ("one", "two"):
            assert context.emit("stream", protocol.Resolved(UserName=name, Result="accepted")) == tx.head("stream")
        return context.published

    published = world.write(emit)
    assert [(event.number, msgspec.json.decode(event.frame)["Seq"]) for event in published] == [(1, 1), (2, 2)]
    assert world.stream("stream") == published
    rows = world.read(lambda tx: tx.find(Event, {"Stream": "stream"}, order="Number"))
    assert [(row.kind, row.frame()) for row in rows] == [("Resolved", event.frame) for event in published]


def test_a_signal_has_no_number_and_is_not_stored(world: World) -> None:
    def signal(tx: Tx) -> list[Published]:
        context = in_context(tx)
        context.signal("stream", protocol.Status(UserID="nanda", Status="Online"))
        return context.published

    [event] = world.write(signal)
    assert (event.stream, event.number, event.kind) == ("stream", 0, "Status")
    assert event.frame == b'{"type":"Status","UserID":"nanda","Status":"Online"}'
    assert world.stream("stream") == []


def test_a_record_that_is_an_event_gives_its_frame(world: World) -> None:
    def append(tx: Tx) -> tuple[bytes, list[Published]]:
        context = in_context(tx)
        row = Message("s", tx.next("s"), "nanda", "hello", "then", "now", None)
        return context.append(row), context.published

    frame, published = world.write(append)
    assert frame == b'{"s":{"1":{"data":"hello","TimeStamp":"then","Sender":"nanda","ReceivedAt":"now"}}}'
    assert published == [Published("s", 1, "Message", frame)] == world.stream("s")


def test_what_is_emitted_in_a_transaction_that_fails_was_never_there(world: World) -> None:
    def emit_and_fail(tx: Tx) -> None:
        in_context(tx).emit("stream", protocol.Resolved(UserName="one", Result="accepted"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.write(emit_and_fail)
    assert world.stream("stream") == []


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (protocol.PopUp, "Search"),
        (protocol.Invite, "Invite"),
        (protocol.Resolved, "Resolved"),
        (protocol.Session, "Session"),
        (protocol.Status, "Status"),
        (protocol.Error, "Error"),
    ],
)
def test_a_kind_is_the_frames_type(frame: type[protocol.ServerFrame], kind: str) -> None:
    assert kind_of(frame) == kind


# -------------------------------------------------------------------------------------------------------------- stamps


@pytest.mark.parametrize(
    ("moment", "stamp"),
    [
        (datetime(2031, 3, 5, 9, 30, tzinfo=UTC), "2031-03-05T09:30:00.000Z"),
        (datetime(2031, 3, 5, 9, 30, 7, 999_999, tzinfo=UTC), "2031-03-05T09:30:07.999Z"),
        (datetime(2031, 3, 5, 9, 30, 7, 1_000, tzinfo=UTC), "2031-03-05T09:30:07.001Z"),
        (datetime(2031, 12, 31, 23, 59, 59, 99_000, tzinfo=UTC), "2031-12-31T23:59:59.099Z"),
    ],
)
def test_a_stamp_has_milliseconds_and_z(moment: datetime, stamp: str) -> None:
    assert stamp_of(moment) == stamp


def test_later_is_later_by_the_transactions_clock(world: World) -> None:
    stamps = world.write(lambda tx: (in_context(tx).later(days=14), in_context(tx).later(seconds=1.5)))
    assert stamps == ("2031-03-19T09:30:00.000Z", "2031-03-05T09:30:01.500Z")
