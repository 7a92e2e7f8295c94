"""A client of Parlour for programs: `async for event in client`, `await client.send(session, data)`.

What it guarantees stands in docs/sdk.md. Only `parlour.protocol` of the package is used, and aiohttp.
"""

from .client import Client
from .errors import ClientError, Ended, LoggedOut, Refused
from .events import (
    Anew,
    Asking,
    Event,
    Invitation,
    InvitationResolved,
    Mark,
    Message,
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
    "Client",
    "ClientError",
    "Ended",
    "Event",
    "Happened",
    "Invitation",
    "InvitationResolved",
    "LoggedOut",
    "Mark",
    "Message",
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
