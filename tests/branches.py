"""What may become of an invitation without a word to whoever asked; and all that the asker can try, to find out.

1. The branches differ in what Winston does, and in how many others ask him. Nanda, who asks, does the same in each.
2. Everything that reaches Nanda is kept as bytes, and every statement that is run for what Nanda does.
3. What Nanda knows of the time before is the same: an invitation to Winston, without an answer, that was taken back.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from parlour.core.limits import Limits, Rate

Json = dict[str, Any]
ASKER, ASKED = "Nanda", "Winston"
CROWD = ("carol", "dora", "emil", "fritz")
"""Others, who ask Winston too where a branch wants it, and whom Nanda asks in the end."""
LIMITS = Limits(invitations=Rate(6, 3_600.0), lookups=Rate(22, 120.0), alerts=Rate(4, 1_800.0), askings=4, requests=2)
LAPSE_DAYS = 14


class Branch(NamedTuple):
    """What Winston does: with the earlier invitation, before the one that is looked at, after it. And who asks him."""

    earlier: tuple[Json, ...] = ()
    before: tuple[Json, ...] = ()
    after: tuple[Json, ...] = ()
    open_of: int = 0
    """So many of the crowd have an open invitation to him."""
    alerts_of: int = 0
    """So many of the crowd have asked him and taken it back."""


NO = {"type": "request", "username": ASKER, "Accepted": 0}
BLOCK = {"type": "Block", "Username": ASKER}
SEARCH = {"type": "Search", "Username": ASKED}
CANCEL = {"type": "Cancel", "Username": ASKED}


def _takes(whom: str) -> Json:
    return {"type": "Settings", "WhoMayInvite": whom}


NEVER_OPENED = Branch()
BRANCHES: dict[str, Branch] = {
    "a silent no": Branch(after=(NO,)),
    "blocked before": Branch(before=(BLOCK,)),
    "blocked after": Branch(after=(BLOCK,)),
    "a no, then blocked": Branch(after=(NO, BLOCK)),
    "takes none": Branch(before=(_takes("nobody"),)),
    "takes none from now on": Branch(after=(_takes("nobody"),)),
    "takes links alone": Branch(before=(_takes("links"),)),
    "paused": Branch(earlier=(NO,)),
    "held: the box is full": Branch(open_of=2),
    "held: too many alerts": Branch(alerts_of=4),
}


class Nanda(Protocol):
    """Whoever asks: each act is kept with all that came of it."""

    async def say(self, frame: Json) -> None:
        """Over a socket of `parlour.v1`."""

    async def say_core(self, frame: Json) -> None:
        """Over a core socket."""

    async def call(self, frame: Json) -> None:
        """Over HTTP."""

    async def look(self) -> None:
        """Snapshot, load and ledger."""

    async def come_back(self) -> None:
        """A new connection of each kind: one that resumes from its first event, one of the core."""


class Stage(Protocol):
    """Where it happens."""

    @property
    def nanda(self) -> Nanda:
        """Whoever asks."""

    async def do(self, who: str, frame: Json) -> None:
        """What somebody else does."""

    def later(self, days: float) -> None:
        """Time passes."""


async def play(stage: Stage, branch: Branch) -> None:
    """The whole story of a branch."""
    await _before(stage, branch)
    await _ask_and_look(stage, branch)
    await _take_back_and_ask_again(stage)
    await _spend_everything(stage)
    stage.later(days=LAPSE_DAYS)
    await _after_the_lapse(stage)


async def _before(stage: Stage, branch: Branch) -> None:
    await stage.nanda.say(SEARCH)
    for frame in branch.earlier:
        await stage.do(ASKED, frame)
    await stage.nanda.say(CANCEL)
    stage.later(days=1)
    for number in range(branch.open_of + branch.alerts_of):
        await stage.do(CROWD[number], SEARCH)
        if number >= branch.open_of:
            await stage.do(CROWD[number], CANCEL)
    for frame in branch.before:
        await stage.do(ASKED, frame)


async def _ask_and_look(stage: Stage, branch: Branch) -> None:
    nanda = stage.nanda
    await nanda.say(SEARCH | {"Note": "It is me."})
    for frame in branch.after:
        await stage.do(ASKED, frame)
    await nanda.look()
    for frame in (SEARCH, SEARCH | {"Note": "Me again."}):
        await nanda.say(frame)
        await nanda.say_core(frame)
        await nanda.call(frame)
    for accepted in (0, 1):
        await nanda.say({"type": "request", "username": ASKED, "Accepted": accepted})
    await nanda.come_back()
    await nanda.look()


async def _take_back_and_ask_again(stage: Stage) -> None:
    nanda = stage.nanda
    for frame in (CANCEL, CANCEL):
        await nanda.say(frame)
    await nanda.look()
    stage.later(days=0.5)
    await nanda.say_core(SEARCH)
    await nanda.call(SEARCH)
    await nanda.come_back()
    await nanda.look()


async def _spend_everything(stage: Stage) -> None:
    """Until nothing is left of the open invitations, then of the new ones, then of the names to look up."""
    nanda = stage.nanda
    for name in CROWD:
        await nanda.say({"type": "Search", "Username": name})
    for name in CROWD[:3]:
        await nanda.say({"type": "Cancel", "Username": name})
        await nanda.say({"type": "Search", "Username": CROWD[3]})
        await nanda.say({"type": "Cancel", "Username": CROWD[3]})
    for name in ("nobody-1", "nobody-2", ASKED, "nobody-3", ASKED, ASKED, ASKED, "nobody-4", "nobody-5", ASKED):
        await nanda.call({"type": "Search", "Username": name})
    await nanda.look()


async def _after_the_lapse(stage: Stage) -> None:
    nanda = stage.nanda
    await nanda.look()
    await nanda.come_back()
    await nanda.say(CANCEL)
    await nanda.say(SEARCH)
    await nanda.say(SEARCH)
    await nanda.call(CANCEL)
    await nanda.say(SEARCH)
    await nanda.come_back()
    await nanda.look()
