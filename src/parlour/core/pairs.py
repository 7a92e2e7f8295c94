"""Pairs: what stands between two people, and where each command leads from there.

1. One record for each unordered pair of users; it holds who asked, until when, and the pair's one session.
2. What is true and what the asker sees are two facts: *pending*, *held*, *shadow* and *declined* are one to the asker.
3. Where a command leads stands in one table, `COMMANDS`; the table in docs/consent.md is drawn from it.
4. What somebody must not see is written where nobody reads: a shadow costs what an invitation costs.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, get_args

from .accounts import User
from .ports import Index, Key, Record, Tx

State = Literal["pending", "held", "shadow", "declined", "told", "cancelled", "active", "closed"]
Seen = Literal["none", "pending", "held", "shadow", "declined", "told", "cancelled", "expired", "active", "closed"]
"""What a command finds: a state, no record at all, or an open one that has lapsed."""
Command = Literal["search", "accept", "decline", "tell", "cancel", "block", "close", "redeem"]
Side = Literal["asker", "asked"]


class Pair(Record):
    """Two users, the smaller UserID first. `PopUpSeq`: where the last asking stands in the stream of the one who was
    asked; 0 where they were never shown it.
    """

    table: ClassVar[str] = "Pairs"
    First: str
    Second: str
    State: State
    Asker: str
    Asked: str
    Rev: int
    Lapses: str
    PopUpSeq: int
    SessionID: str | None
    Note: str | None = None

    def other(self, user_id: str) -> str:
        """The UserID of the other one."""
        return self.Second if user_id == self.First else self.First


class Asking(Record):
    """`UserID` has asked `Of`, as `UserID` sees it: whatever became of it, and whatever `Of` has done since."""

    table: ClassVar[str] = "Askings"
    UserID: str
    Of: str
    Seq: int
    State: Literal["sent", "declined"]
    Lapses: str


OPEN: tuple[State, ...] = ("pending", "held", "shadow", "declined")
"""The states that an asker sees as one: sent, and not answered."""
SHOWN: tuple[State, ...] = ("pending", "held")
"""The states in which the one who was asked may answer."""

PAIR = Key(Pair, "First", "Second")
PAIR_SESSION = Key(Pair, "SessionID", name="PairSessions", where="SessionID IS NOT NULL")
ASKING = Key(Asking, "UserID", "Of")
Index(Pair, "AskedBy", "Asker", "State", "Lapses")
Index(Pair, "AskedOf", "Asked", "State", "Lapses")
Index(Asking, "AskingsOf", "UserID", "Lapses")


# ----------------------------------------------------------------------------------------------------------- the table

_TABLE = """
command  side   none           pending        held           shadow         declined       told           cancelled      expired        active  closed
search   asker  ask            same           same           same           same           ask            ask            ask            same    ask
search   asked  ask            active         active         active         active         ask            ask            ask            same    ask
accept   asker  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  same    gone
accept   asked  no_invitation  active         active         no_invitation  active         gone           gone           gone           same    gone
decline  asker  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  same    gone
decline  asked  no_invitation  declined       declined       no_invitation  same           same           gone           gone           same    gone
tell     asker  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  same    gone
tell     asked  no_invitation  told           told           no_invitation  told           same           gone           gone           same    gone
cancel   asker  no_invitation  cancelled      cancelled      cancelled      cancelled      gone           same           gone           gone    gone
cancel   asked  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  no_invitation  gone    gone
block    asker  same           cancelled      cancelled      cancelled      cancelled      same           same           same           closed  same
block    asked  same           shadow         shadow         same           shadow         same           same           same           closed  same
close    asker  not_found      same           same           same           same           same           same           same           closed  same
close    asked  not_found      same           same           same           same           same           same           same           closed  same
redeem   asker  active         active         active         active         active         active         active         active         same    active
redeem   asked  active         active         active         active         active         active         active         active         same    active
"""  # noqa: E501
"""`ask`: a new asking, pending, held or a shadow. `same`: nothing changes, the answer is as before. Else the next
state, or the refusal. `close` finds nothing where the two never had a session; `redeem` is the use of a link."""


def _read(table: str) -> dict[tuple[Command, Side], dict[Seen, str]]:
    head, *lines = (line.split() for line in table.strip().splitlines())
    commands: Any = {(line[0], line[1]): dict(zip(head[2:], line[2:], strict=True)) for line in lines}
    return dict(commands)


COMMANDS = _read(_TABLE)
"""By command and by the side that gives it: what becomes of the state that it finds."""


def next_of(pair: Pair | None, command: Command, user_id: str, now: str) -> str:
    """Where a command of this user leads: a state, `ask`, `same`, or the code of a refusal."""
    side: Side = "asked" if pair and pair.Asked == user_id else "asker"
    return COMMANDS[command, side][seen(pair, user_id, now)]


def seen(pair: Pair | None, user_id: str, now: str) -> Seen:
    """What a command of this user finds. Who was never shown an asking finds nothing of how it ended."""
    if pair is None:
        return "none"
    state: Seen = "expired" if pair.State in OPEN and now >= pair.Lapses else pair.State
    hidden = pair.Asked == user_id and pair.PopUpSeq == 0
    return "none" if hidden and state in ("expired", "cancelled") else state


# ---------------------------------------------------------------------------------------------------------- look-ups


def pair_of(tx: Tx, one: str, other: str) -> Pair | None:
    """The record of two users, locked."""
    pair = tx.get(PAIR, *sorted((one, other)))
    if pair:
        tx.lock(pair)
    return pair


def unseen(user_id: str) -> str:
    """The stream for what this user must not see: nobody reads it. No UserID begins so."""
    return f"~{user_id}"


def inbox(pair: Pair) -> str:
    """The stream that tells the one who was asked how it ends: nobody reads it where it is hidden, or has ended."""
    return pair.Asked if pair.State in SHOWN else unseen(pair.Asked)


def declined_by(tx: Tx, user_id: str, now: str) -> dict[str, int]:
    """Whose open askings this user has rejected in silence, with the `Rev` of each."""
    pairs = tx.find(Pair, {"Asked": user_id, "State": "declined"}, order="Lapses", above=now)
    return {pair.Asker: pair.Rev for pair in pairs}


def names_of(tx: Tx, user_ids: list[str]) -> dict[str, str]:
    """The names of these users, by UserID."""
    return {u.UserID: u.Username for u in tx.find(User, {"UserID": user_ids})}


def pairs_of(tx: Tx, user_id: str) -> list[Pair]:
    """Every pair that this user is one of."""
    return tx.find(Pair, {"Asker": user_id}) + tx.find(Pair, {"Asked": user_id})


assert set(get_args(Seen)) == set(next(iter(COMMANDS.values())))
