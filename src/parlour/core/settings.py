"""Settings: what a person has chosen, for all sessions and for one.

1. What is set for one session counts there; else what is set for all; else the default: presence is shown, receipts
   and typing are not.
2. A change is an event of one's own stream: all devices agree, and nobody else is told.
3. What is hidden comes back to sight when it is opened again. Being muted and hidden is a matter of the screen: the
   server tells everything all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from msgspec import UNSET

from ..protocol import OwnSettings, SessionSettings, Settings, SettingsChanged, WhoMayInvite
from .dispatch import Context, Refused
from .ports import Key, Record, Tx

ALL = ""
"""In the place of a SessionID: for all sessions."""
SWITCHES = SessionSettings.__struct_fields__
FOR_ALL = OwnSettings.__struct_fields__


class Setting(Record):
    """What a user has set for a session, or for all; None: not set. Switches are 0 or 1."""

    table: ClassVar[str] = "Settings"
    UserID: str
    SessionID: str
    WhoMayInvite: WhoMayInvite | None = None
    Receipts: int | None = None
    Typing: int | None = None
    Presence: int | None = None
    Muted: int | None = None
    Hidden: int | None = None


SETTING = Key(Setting, "UserID", "SessionID")

# ---------------------------------------------------------------------------------------------------------- look-ups


def own(tx: Tx, user_id: str) -> tuple[OwnSettings, dict[str, SessionSettings]]:
    """What a user has set: for all sessions, and for single ones."""
    rows = {row.SessionID: row for row in tx.find(Setting, {"UserID": user_id})}
    general = rows.pop(ALL, Setting(user_id, ALL))
    mine = OwnSettings(
        WhoMayInvite=general.WhoMayInvite or "everyone",
        Presence=general.Presence != 0,
        Receipts=_switch(general.Receipts),
        Typing=_switch(general.Typing),
    )
    return mine, {s: SessionSettings(**{n: _switch(getattr(row, n)) for n in SWITCHES}) for s, row in rows.items()}


def _switch(value: int | None) -> Any:
    return UNSET if value is None else bool(value)


def both_show(tx: Tx, what: str, session_id: str, one: str, other: str) -> bool:
    """Whether both have this switch (`Receipts`, `Typing`) on in this session."""
    return _shows_in(tx, what, session_id, one, default=False) and _shows_in(tx, what, session_id, other, default=False)


def shows_presence_in(tx: Tx, session_id: str, user_id: str) -> bool:
    """Whether a user shows in this session whether they are there."""
    return _shows_in(tx, "Presence", session_id, user_id, default=True)


def _shows_in(tx: Tx, what: str, session_id: str, user_id: str, default: bool) -> bool:
    """By two rows, however many sessions this user has something set for."""
    for where in (session_id, ALL):
        row = tx.get(SETTING, user_id, where)
        if row and (value := getattr(row, what)) is not None:
            return bool(value)
    return default


def shows_presence(tx: Tx, user_ids: list[str]) -> Callable[[str, str], bool]:
    """Whether a user shows in a session whether they are there: for many sessions at once."""
    rows = tx.find(Setting, {"UserID": user_ids})
    chosen = {(row.UserID, row.SessionID): row.Presence for row in rows if row.Presence is not None}

    def shown(user_id: str, session_id: str) -> bool:
        return bool(chosen.get((user_id, session_id), chosen.get((user_id, ALL), True)))

    return shown


def takes_invitations(tx: Tx, user_id: str, shared: bool) -> bool:
    """Whether somebody may invite this user; `shared`: the two have a session, be it closed."""
    return _who_may_invite(tx, user_id) in ("everyone", *(["shared"] if shared else []))


def takes_nobody(tx: Tx, user_id: str) -> bool:
    """Whether this user begins no conversation at all, whoever comes, and be it with a link of theirs."""
    return _who_may_invite(tx, user_id) == "nobody"


def _who_may_invite(tx: Tx, user_id: str) -> WhoMayInvite:
    setting = tx.get(SETTING, user_id, ALL)
    return (setting and setting.WhoMayInvite) or "everyone"


# ---------------------------------------------------------------------------------------------------------- commands


def change(request: Settings, context: Context) -> bool:
    """Write what is named and tell one's own devices. False: all of it was so already. Raises Refused `malformed`."""
    named = _named(request)
    session_id = ALL if request.SessionID is UNSET else request.SessionID
    before = context.tx.get(SETTING, context.caller.UserID, session_id)
    row = before or Setting(context.caller.UserID, session_id)
    news = {name: value for name, value in named.items() if getattr(row, name) != value}
    if not news:
        return False
    for name, value in news.items():
        setattr(row, name, value if name == "WhoMayInvite" else int(value))
    (context.tx.put if before else context.tx.add)(row)
    context.emit(context.caller.UserID, SettingsChanged(SessionID=request.SessionID, **news))
    return True


def show_again(context: Context, user_id: str, session_id: str) -> None:
    """The session is open again: whoever has hidden it sees it."""
    row = context.tx.get(SETTING, user_id, session_id)
    if row and row.Hidden:
        row.Hidden = 0
        context.tx.put(row)
        context.emit(user_id, SettingsChanged(SessionID=session_id, Hidden=False))


def _named(request: Settings) -> dict[str, Any]:
    """What the request names. Raises Refused: nothing, or what cannot be set there."""
    named = {n: value for n in ("WhoMayInvite", *SWITCHES) if (value := getattr(request, n)) is not UNSET}
    placed = FOR_ALL if request.SessionID is UNSET else SWITCHES
    for name in named:
        if name not in placed:
            raise Refused("malformed", name)
    if not named:
        raise Refused("malformed")
    return named
