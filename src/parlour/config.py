"""Settings: one Struct, from `parlour.toml` in the data folder, then PARLOUR_* of the environment, then the command.

1. A setting is a field here, and nowhere else; its docstring stands beside it.
2. A setting that cannot be read is told in one sentence, and nothing starts.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

PREFIX = "PARLOUR_"


class Unset(Exception):
    """A setting cannot be read. The text names it and says what is wanted."""


class Settings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Everything that an operator may choose. Rates are in events a second, seconds are seconds."""

    host: str = "127.0.0.1"
    """The address to listen on. Behind a proxy on the same machine: this one."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 8080
    """The port to listen on; 0 takes any that is free."""
    data: str = "data"
    """The folder of the database; made if it is missing."""
    origins: tuple[Annotated[str, Meta(pattern=r"^https?://[^/\s]+\Z")], ...] = ()
    """The addresses under which people open this server, such as `https://chat.example.org`."""
    proxies: tuple[str, ...] = ()
    """Addresses of proxies whose X-Forwarded-For is believed."""
    limits: Literal["on", "off"] = "on"
    """`off` switches off every budget and every count of sockets, for load tests."""

    login_account_each_minute: Annotated[int, Meta(ge=1)] = 10
    """Tries to log in to one account from one address."""
    login_address_each_minute: Annotated[int, Meta(ge=1)] = 30
    """Tries to log in from one address."""
    register_address_each_hour: Annotated[int, Meta(ge=1)] = 20
    """Accounts made from one address."""
    message_burst: Annotated[int, Meta(ge=1)] = 60
    """Messages that one user may send at once."""
    message_each_second: Annotated[float, Meta(gt=0)] = 10.0
    """Messages that one user may send after that."""
    frame_each_second: Annotated[int, Meta(ge=1)] = 20
    """Other frames that one user may send; and as many questions over HTTP (load, snapshot, history, …)."""
    export_each_hour: Annotated[int, Meta(ge=1)] = 6
    """Exports of all their data that one user may take."""
    invitation_burst: Annotated[int, Meta(ge=1)] = 10
    """New invitations that one user may send at once."""
    invitation_each_day: Annotated[float, Meta(gt=0)] = 30.0
    """New invitations that one user may send after that, each day."""
    invitations_open: Annotated[int, Meta(ge=1)] = 50
    """Invitations of one user that are not answered; silent refusals among them."""
    lookup_burst: Annotated[int, Meta(ge=1)] = 10
    """Names that one user may look up at once; a name that nobody has costs two."""
    lookup_each_hour: Annotated[float, Meta(gt=0)] = 30.0
    """Names that one user may look up after that, each hour."""
    alert_burst: Annotated[int, Meta(ge=0)] = 5
    """Pop-ups that one user gets at once; further invitations are listed without one."""
    alert_each_minutes: Annotated[float, Meta(gt=0)] = 30.0
    """Minutes after which one user may get one more pop-up."""
    requests_open: Annotated[int, Meta(ge=0)] = 50
    """Invitations that wait for one user's answer with a pop-up; further ones are listed without one."""
    change_burst: Annotated[int, Meta(ge=1)] = 30
    """Blocks that one user may lift, and links that one user may make, at once."""
    change_each_day: Annotated[float, Meta(gt=0)] = 30.0
    """Blocks that one user may lift, and links that one user may make, after that, each day."""
    links_open: Annotated[int, Meta(ge=1)] = 50
    """Invitation links of one user that nobody has used."""
    link_days: Annotated[int, Meta(ge=1, le=365)] = 7
    """Days until an invitation link lapses."""
    sockets_each_user: Annotated[int, Meta(ge=1)] = 10
    """Sockets that one user may have open; one more ends the oldest."""
    sockets_each_address: Annotated[int, Meta(ge=1)] = 200
    """Sockets that may be open from one address; one more is refused."""
    ping_each_second: Annotated[int, Meta(ge=1)] = 5
    """Pings that are answered on one socket; ten times as many in a second end it."""

    heartbeat: Annotated[float, Meta(gt=0)] = 25.0
    """Seconds between two signs of life on a socket."""
    pong_within: Annotated[float, Meta(gt=0)] = 10.0
    """Seconds that a peer has to answer one, before its socket is ended."""
    stuck_after: Annotated[float, Meta(gt=0)] = 30.0
    """Seconds for which a peer may take nothing of what waits for it, before its socket is ended."""
    whole_within: Annotated[float, Meta(gt=0)] = 10.0
    """Seconds that a message on a socket may take from its first byte to its last."""
    head_within: Annotated[float, Meta(gt=0)] = 15.0
    """Seconds that the head of an HTTP request may take, the first one counted from connecting."""
    body_within: Annotated[float, Meta(gt=0)] = 5.0
    """Seconds that the body of an HTTP request may take after that."""
    offline_after: Annotated[float, Meta(ge=0)] = 10.0
    """Seconds from the end of a user's last socket until the user is Offline."""
    online_from_login: Annotated[float, Meta(ge=0)] = 60.0
    """Seconds that a login makes a user Online without a socket."""
    hashing_waiting: Annotated[int, Meta(ge=1)] = 32
    """How many passwords may wait to be hashed; more are told to come back."""
    batch: Annotated[int, Meta(ge=1)] = 500
    """How many waiting requests share one commit at most."""
    log: Literal["debug", "info", "warning", "error"] = "info"
    """What is logged, on standard error: this and what is worse."""


def read(arguments: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings; what was given on the command line wins. Raises Unset."""
    names = Settings.__struct_fields__
    _refuse_unknown(environment)
    from_environment = {n: environment[PREFIX + n.upper()] for n in names if environment.get(PREFIX + n.upper())}
    given = from_environment | {k: v for k, v in arguments.items() if v is not None}
    chosen = _file(Path(given.get("data", Settings.__struct_defaults__[names.index("data")]))) | given
    for name in ("origins", "proxies"):
        if isinstance(chosen.get(name), str):
            chosen[name] = [part.strip() for part in chosen[name].split(",") if part.strip()]
    try:
        return msgspec.convert(chosen, Settings, strict=False)
    except msgspec.ValidationError as raised:
        raise Unset(f"A setting cannot be used: {raised}. Correct it in parlour.toml or in {PREFIX}*.") from None


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    """A mistyped name would be a setting that silently is not there."""
    for name in environment:
        if name.startswith(PREFIX) and name[len(PREFIX) :].lower() not in Settings.__struct_fields__:
            raise Unset(f"{name} is no setting. Correct its name, or take it out of the environment.")


def _file(folder: Path) -> dict[str, Any]:
    path = folder / "parlour.toml"
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as raised:
        raise Unset(f"{path} cannot be read: {raised}.") from None
    if "data" in settings:
        raise Unset(f"{path} names a data folder, but lies in one already. Give it as --data or {PREFIX}DATA.")
    return settings
