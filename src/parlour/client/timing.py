"""When a client waits, and for how long.

1. Coming back is the rule: full jitter from half a second doubling to thirty.
2. Every interval is a setting, so that tests can run at twenty times the pace.
"""

from __future__ import annotations

from typing import Literal, Self

import msgspec


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Intervals, in seconds."""

    first: float = 0.5
    """The bound of the first wait before another try; it doubles with each."""
    most: float = 30.0
    """The greatest bound."""
    soon: float = 1.0
    """The bound while a server restarts."""
    restarting: float = 20.0
    """For how long a server is taken to restart."""
    steady: float = 5.0
    """A connection that lived for so long begins again with the first bound."""
    opening: float = 20.0
    """What a handshake may take, until `Welcome`."""
    silence: float = 60.0
    """A socket on which nothing comes for so long is dead."""
    answer: float = 30.0
    """A request that is not answered for so long: the socket is dead."""
    settle: float = 0.5
    """After `Resumed`: who was not named Online by now is Offline."""
    rest: float = 1.0
    """How long a message waits that was refused for haste, where the server does not say."""
    patience: float = 1.0
    """How long a socket is left unread for a consumer who does not take what there is."""

    def scaled(self, factor: float) -> Self:
        """The same at another pace."""
        return type(self)(**{name: getattr(self, name) * factor for name in self.__struct_fields__})

    def bound(self, attempt: int) -> float:
        """How long to wait at most before a try."""
        return float(min(self.most, self.first * 2 ** min(attempt, 30)))


Verdict = Literal["back", "soon", "stop"]


def verdict(code: int) -> Verdict:
    """What a closing means: come back, come back soon (the server restarts), or do not."""
    if code == 4001:
        return "soon"
    return "back" if 4000 <= code <= 4399 or code in (1001, 1006, 1011, 1012, 1013) else "stop"


def waits(status: int) -> bool:
    """Whether a call over HTTP that was answered so (0: not at all) may be tried again later."""
    return status == 0 or status >= 500 or status in (408, 425, 429)
