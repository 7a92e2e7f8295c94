"""The bus of one node: what is published is delivered at once, in order, and nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.ports import Deliver, Published


class LocalBus:
    """Delivers within the process."""

    def __init__(self) -> None:
        self._deliver: Deliver | None = None

    def start(self, deliver: Deliver) -> None:
        self._deliver = deliver

    def publish(self, events: Sequence[Published]) -> None:
        if self._deliver:
            for event in events:
                self._deliver(event.stream, event.number, event.kind, event.frame)

    def follow(self, stream: str) -> None:
        """The one hub of this node hears everything and sorts it out."""

    def unfollow(self, stream: str) -> None:
        """See `follow`."""

    def close(self) -> None:
        self._deliver = None
