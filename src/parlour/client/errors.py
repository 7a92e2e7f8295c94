"""What a client raises.

1. `Refused` is the server's answer to one request; the client lives on.
2. `Ended` is the end of the client: it will not connect again by itself.
"""

from __future__ import annotations


class ClientError(Exception):
    """Anything that a client raises."""


class Refused(ClientError):
    """The server refused a request. The codes stand in docs/protocol.md; `retry_after` is in seconds."""

    def __init__(self, code: str, reason: str, field: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {reason}")
        self.code, self.reason, self.field, self.retry_after = code, reason, field, retry_after


class Ended(ClientError):
    """The connection is over for good. `code` is the close code of the socket, or the status of HTTP."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code, self.reason = code, reason


class LoggedOut(Ended):
    """The login is over: log in again."""
