"""Limits of consent: how often one may ask, and how much of it reaches somebody.

1. All are settings; what `PARLOUR_LIMITS=off` gives is here as well.
2. The receiver's limits are never seen by the asker.
"""

from __future__ import annotations

import msgspec

from ..protocol import DIGEST_MINUTES

DAY = 86_400.0


class Rate(msgspec.Struct, frozen=True):
    """So many at once, then one more after each so many seconds."""

    burst: int
    each: float


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of one node."""

    invitations: Rate = Rate(10, DAY / 30)
    """New invitations by one user."""
    lookups: Rate = Rate(10, 120.0)
    """Names that one user looks up; a name that nobody has costs two."""
    alerts: Rate = Rate(5, 60.0 * DIGEST_MINUTES)
    """Pop-ups for one receiver; what is beyond them is held."""
    askings: int = 50
    """Open invitations by one user."""
    requests: int = 50
    """Open invitations to one user; what is beyond them is held."""
    changes: Rate = Rate(30, DAY / 30)
    """Blocks that one user lifts and links that one user makes: each is a line of the ledger, and can be undone."""
    links: int = 50
    """Open links of one user."""
    link_days: int = 7
    """Days until a link lapses."""
    pauses: tuple[int, ...] = (7, 30, 180)
    """Days for which somebody is not asked again after a no, after the second, the third; then for ever."""


DEFAULTS = Limits()
NEVER_REACHED = 10**9
_FREE = Rate(NEVER_REACHED, 1.0)
OFF = Limits(
    invitations=_FREE,
    lookups=_FREE,
    alerts=_FREE,
    changes=_FREE,
    askings=NEVER_REACHED,
    requests=NEVER_REACHED,
    links=NEVER_REACHED,
)
