"""The table of commands: every cell, by giving the command in a world in which the two stand so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from parlour import protocol
from parlour.core.dispatch import Context, Refused, run, stamp_of
from parlour.core.limits import OFF, Rate
from parlour.core.pairs import COMMANDS, PAIR, Pair
from tests.core.world import DAY, Person, Ran, World

FORTNIGHT = 14 * DAY

# What whoever gives the command is answered: the invitation is `sent`, a `session`, `done`, or the code of a refusal.
ANSWERS = """
command  side   none            pending        held           shadow         declined       told           cancelled      expired        active   closed
search   asker  sent            sent           sent           sent           sent           sent           sent           sent           session  sent
search   asked  sent            session        session        session        session        sent           sent           sent           session  sent
accept   asker  no_invitation   no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  session  gone
accept   asked  no_invitation   session        session        no_invitation  session        gone           gone           gone           session  gone
decline  asker  no_invitation   no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  session  gone
decline  asked  no_invitation   done           done           no_invitation  done           done           gone           gone           session  gone
tell     asker  no_invitation   no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  session  gone
tell     asked  no_invitation   done           done           no_invitation  done           done           gone           gone           session  gone
cancel   asker  no_invitation   done           done           done           done           gone           done           gone           gone     gone
cancel   asked  no_invitation   no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  gone     gone
block    asker  done            done           done           done           done           done           done           done           done     done
block    asked  done            done           done           done           done           done           done           done           done     done
close    asker  not_found       not_found      not_found      not_found      not_found      not_found      not_found      not_found      done     done
close    asked  not_found       not_found      not_found      not_found      not_found      not_found      not_found      not_found      done     done
redeem   asker  session         session        session        session        session        session        session        session        session  session
redeem   asked  session         session        session        session        session        session        session        session        session  session
"""  # noqa: E501
HEAD, *LINES = (line.split() for line in ANSWERS.strip().splitlines())
CELLS = [(line[0], line[1], found, cell) for line in LINES for found, cell in zip(HEAD[2:], line[2:], strict=True)]


def ask(world: World, nanda: Person, winston: Person) -> None:
    nanda.invite("winston")


def held(world: World, nanda: Person, winston: Person) -> None:
    world.limits = msgspec.structs.replace(OFF, requests=0)
    nanda.invite("winston")
    world.limits = OFF


def shadow(world: World, nanda: Person, winston: Person) -> None:
    winston.choose(WhoMayInvite="nobody")
    nanda.invite("winston")
    winston.choose(WhoMayInvite="everyone")


def then(*acts: Callable[[World, Person, Person], Any]) -> Callable[[World, Person, Person], None]:
    def all_of(world: World, nanda: Person, winston: Person) -> None:
        for act in acts:
            act(world, nanda, winston)

    return all_of


STATES: dict[str, Callable[[World, Person, Person], Any]] = {
    "none": lambda world, nanda, winston: None,
    "pending": ask,
    "held": held,
    "shadow": shadow,
    "declined": then(ask, lambda world, nanda, winston: winston.reject("nanda")),
    "told": then(ask, lambda world, nanda, winston: winston.tell_no("nanda")),
    "cancelled": then(ask, lambda world, nanda, winston: nanda.cancel("winston")),
    "expired": then(ask, lambda world, nanda, winston: world.later(FORTNIGHT)),
    "active": lambda world, nanda, winston: nanda.meet(winston),
    "closed": lambda world, nanda, winston: nanda.close(nanda.meet(winston)),
}


def give(command: str, me: Person, other: Person) -> Ran:
    commands: dict[str, Callable[[], Ran]] = {
        "search": lambda: me.invite(other.name),
        "accept": lambda: me.accept(other.name),
        "decline": lambda: me.reject(other.name),
        "tell": lambda: me.tell_no(other.name),
        "cancel": lambda: me.cancel(other.name),
        "block": lambda: me.block(other.name),
        "close": lambda: me.close(next(iter(me.load()), "nowhere")),
        "redeem": lambda: me.redeem(other.link()),
    }
    return commands[command]()


def said(ran: Ran) -> str:
    """The answer in one word."""
    if isinstance(ran.outcome, Refused):
        return ran.outcome.code
    words: dict[Any, str] = {protocol.Asked: "sent", protocol.Begun: "session", protocol.Nothing: "done"}
    return words[type(ran.result)]


def pair_in(world: World, nanda: Person, winston: Person) -> Pair | None:
    found = world.read(lambda tx: tx.get(PAIR, *sorted((nanda.user_id, winston.user_id))))
    return msgspec.structs.replace(found) if found else None


def step(before: Pair | None, after: Pair | None) -> str:
    """What became of the record."""
    if after is None or (before is not None and (before.State, before.Rev) == (after.State, after.Rev)):
        return "same"
    asked_anew = after.State in ("pending", "held", "shadow") and after.Rev == (before.Rev if before else 0) + 1
    return "ask" if asked_anew else after.State


@pytest.mark.parametrize(("command", "side", "found", "answer"), CELLS, ids=["-".join(cell[:3]) for cell in CELLS])
def test_a_command_is_answered_and_leads_on_as_the_table_says(
    world: World, command: str, side: str, found: str, answer: str
) -> None:
    nanda, winston = world.people("nanda", "winston")
    STATES[found](world, nanda, winston)
    before = pair_in(world, nanda, winston)
    ran = give(command, *((nanda, winston) if side == "asker" else (winston, nanda)))
    assert said(ran) == answer
    leads = COMMANDS[command, side][found]  # type: ignore[index]
    if not isinstance(ran.outcome, Refused):
        assert step(before, pair_in(world, nanda, winston)) == leads
    else:
        assert pair_in(world, nanda, winston) == before
        assert ran.outcome.code == leads or command == "close"
    if isinstance(ran.outcome, Refused) or leads == "same":
        assert {event.kind for event in ran.published} <= {"Blocked"}


def test_every_cell_of_the_table_is_tried_here() -> None:
    assert {(command, side): set(cells) for (command, side), cells in COMMANDS.items()} == {
        (line[0], line[1]): set(HEAD[2:]) for line in LINES
    }


@pytest.mark.parametrize("end", ["lapsed", "taken back"])
@pytest.mark.parametrize("command", ["accept", "decline", "tell"])
def test_who_was_never_shown_an_asking_finds_nothing_of_how_it_ended(world: World, command: str, end: str) -> None:
    nanda, winston = world.people("nanda", "winston")
    shadow(world, nanda, winston)
    if end == "lapsed":
        world.later(FORTNIGHT)
    else:
        nanda.cancel("winston")
    assert said(give(command, winston, nanda)) == "no_invitation"


@pytest.mark.parametrize("found", ["pending", "held", "shadow", "declined"])
def test_a_command_that_is_repeated_gives_the_same_and_tells_nobody(world: World, found: str) -> None:
    nanda, winston = world.people("nanda", "winston")
    STATES[found](world, nanda, winston)
    for command, me, other in (("search", nanda, winston), ("cancel", nanda, winston), ("block", winston, nanda)):
        first, again = give(command, me, other), give(command, me, other)
        assert protocol.encode(again.result) == protocol.encode(first.result)
        assert again.published == []


# -------------------------------------------------------------------------------------- what is hidden costs as much


def work_of(world: World, request: Any, person: Person) -> list[tuple[str, str, int]]:
    """What a request looks up and writes, in order: verb, record, and how many bytes of frames are written."""
    done: list[tuple[str, str, int]] = []

    def noting(tx: Any, verb: str) -> Callable[..., Any]:
        plain = getattr(tx, verb)

        def note(what: Any, *rest: Any, **more: Any) -> Any:
            kind = getattr(what, "record", what)
            name = kind.__name__ if isinstance(kind, type) else type(kind).__name__
            if (verb, name) != ("lock", "Budget"):  # Nothing where it is the first of its kind.
                done.append((verb, name, len(getattr(what, "Frame", b""))))
            return plain(what, *rest, **more)

        return note

    def work(tx: Any) -> None:
        for verb in ("get", "find", "count", "lock", "add", "put", "drop"):
            setattr(tx, verb, noting(tx, verb))
        context = Context(
            tx, person.caller, world.clock, world.clock.moment, stamp_of(world.clock.moment), world.limits
        )
        assert not isinstance(run(request, context), Refused)

    world.write(work)
    return done


def blocked(world: World, nanda: Person, winston: Person) -> None:
    winston.block("nanda")


def paused(world: World, nanda: Person, winston: Person) -> None:
    """Rejected on the last day."""
    nanda.invite("winston")
    world.later(FORTNIGHT - DAY)
    winston.reject("nanda")
    world.later(DAY)


def lapsed(world: World, nanda: Person, winston: Person) -> None:
    nanda.invite("winston")
    world.later(FORTNIGHT)


def takes_none(world: World, nanda: Person, winston: Person) -> None:
    winston.choose(WhoMayInvite="nobody")


def chose_once(world: World, nanda: Person, winston: Person) -> None:
    winston.choose(WhoMayInvite="everyone")


def box_is_full(world: World, nanda: Person, winston: Person) -> None:
    world.limits = msgspec.structs.replace(OFF, requests=0)


def alerted_enough(world: World, nanda: Person, winston: Person) -> None:
    world.limits = msgspec.structs.replace(OFF, alerts=Rate(0, 60))


def cost_of(prepare: Callable[[World, Person, Person], None], request: Any) -> list[tuple[str, str, int]]:
    world = World()
    nanda, winston = world.people("nanda", "winston")
    prepare(world, nanda, winston)
    done = work_of(world, request, nanda)
    world.close()
    return done


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        (blocked, STATES["none"]),
        (takes_none, chose_once),
        (paused, lapsed),
        (box_is_full, STATES["none"]),
        (alerted_enough, STATES["none"]),
    ],
)
def test_asking_in_vain_is_the_same_work_as_asking(
    hidden: Callable[[World, Person, Person], None], shown: Callable[[World, Person, Person], None]
) -> None:
    request = protocol.Search(Username="winston", Note="from the choir")
    one, other = cost_of(hidden, request), cost_of(shown, request)
    assert [work[:2] for work in one] == [work[:2] for work in other]
    if hidden not in (box_is_full, alerted_enough):  # What is held says so to whoever is asked.
        assert one == other


@pytest.mark.parametrize("found", ["held", "shadow", "declined"])
@pytest.mark.parametrize("request_", [protocol.Search(Username="winston"), protocol.Cancel(Username="winston")])
def test_asking_again_and_taking_back_are_the_same_work_whatever_became_of_it(found: str, request_: Any) -> None:
    assert cost_of(STATES[found], request_) == cost_of(STATES["pending"], request_)
