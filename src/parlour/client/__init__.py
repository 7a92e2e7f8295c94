"""A client of Parlour for programs: `async for event in client`, `await client.send(session, data)`.

What it guarantees stands in docs/sdk.md. Only `parlour.protocol` of the package is used, and aiohttp.
"""

from .client import Client
from .errors import ClientError, Ended, LoggedOut, Refused
from .events import (
    Anew,
    Asking,
    Blocked,
    Deed,
    Event,
    Invitation,
    InvitationResolved,
    Login,
    Mark,
    Message,
    NewLink,
    OwnLink,
    Place,
    Position,
    Session,
    SessionBegun,
    SessionClosed,
    Settings,
    Status,
    Typing,
)
from .timing import Timing
from .world import Happened, World

__all__ = [
    "Anew",
    "Asking",
    "Blocked",
    "Client",
    "ClientError",
    "Deed",
    "Ended",
    "Event",
    "Happened",
    "Invitation",
    "InvitationResolved",
    "LoggedOut",
    "Login",
    "Mark",
    "Message",
    "NewLink",
    "OwnLink",
    "Place",
    "Position",
    "Refused",
    "Session",
    "SessionBegun",
    "SessionClosed",
    "Settings",
    "Status",
    "Timing",
    "Typing",
    "World",
]
