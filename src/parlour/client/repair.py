"""Making streams whole: what is missing, and how it is asked for.

1. `Resume` has streams sent from where they are known. Where the server cannot do that (`Reset`), the snapshot tells
   how far they go, pages of history bring it, and `Resume` makes them live again.
2. One round of `Resume` at a time: what came too early meanwhile is judged when it is answered.
3. What was asked for and did not come is taken from the snapshot: no round is repeated in vain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from .. import protocol
from .streams import OWN, Streams

Json = dict[str, Any]
SNAPSHOT = "/api/snapshot?messages=0"


class Repair:
    """What one connection lacks."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._begin()

    def _begin(self) -> None:
        self._resumes: dict[str, dict[str, int]] = {}
        """`Resume`s without an answer, with what they named."""
        self._asked: dict[str, int] = {}
        """Where the streams of this round stood."""
        self._broken: set[str] = set()
        """Streams that the snapshot must tell about; one's own stands for everything."""
        self._paging: dict[str, int] = {}
        """Sessions that are read from history, with the number up to which."""
        self.caught_up = False
        """Whether the last round is over."""

    def forget(self) -> None:
        """The connection is gone, and all of this with it."""
        self._begin()

    @property
    def everything(self) -> bool:
        """Whether nothing that has a number can be believed now."""
        return OWN in self._broken

    # ---------------------------------------------------------------------------------------------------------- Resume

    def resume(self, streams: dict[str, int], new_ref: Callable[[], str]) -> Iterator[Json]:
        """The frames that begin a round; one's own stream is always in it."""
        at = self._streams.at
        self._asked, self.caught_up = {OWN: at[OWN]} | streams, False
        named = iter([(stream, number) for stream, number in streams.items() if stream != OWN])
        first = True
        while (part := dict(islice(named, protocol.RESUME_SESSIONS))) or first:
            first, ref = False, new_ref()
            self._resumes[ref] = part
            yield {"type": "Resume", "Epoch": self._streams.epoch, "Me": at[OWN], "Sessions": part, "Ref": ref}

    def is_resume(self, ref: object) -> bool:
        """Whether this is the name of a `Resume` without an answer."""
        return ref in self._resumes

    def answered(self, ref: object) -> None:
        """A `Resume` is heard."""
        if isinstance(ref, str):
            self._resumes.pop(ref, None)

    def resumed(self) -> bool:
        """All is sent; `Done` may come before or after. False: it belongs to an earlier `Resume` than the last."""
        if len(self._resumes) > 1:
            return False
        self.caught_up = True
        streams, asked, self._asked = self._streams, self._asked, {}
        for stream, number in asked.items():
            if streams.lacking.get(stream, 0) > streams.at[stream] == number and not streams.full:
                self._broken.add(stream)
        return True

    def missing(self) -> dict[str, int]:
        """The streams for the next round: those with numbers that came too early, and those read from history."""
        streams, at = self._streams, self._streams.at
        if not self.caught_up or self._broken or not streams.room:
            return {}
        for stream in [stream for stream, number in streams.lacking.items() if number <= at.get(stream, 0)]:
            del streams.lacking[stream]
        read = [session for session, upto in self._paging.items() if at[session] >= upto]
        for session in read:
            del self._paging[session]
        return {s: at[s] for s in [*streams.lacking, *read] if s in at and s not in self._paging}

    # ----------------------------------------------------------------------------------------------------------- Reset

    def reset(self, session: str | None) -> None:
        """A stream (or everything) cannot be made whole. A session that only a later `Resume` names is not meant."""
        resumes = list(self._resumes.values())
        if session is None:
            self._broken.add(OWN)
        elif not resumes or session in resumes[0] or all(session not in later for later in resumes[1:]):
            self._broken.add(session)

    def wants(self) -> tuple[str, str] | None:
        """What is to be fetched next, and from where: the snapshot, or a session's next page."""
        if self._broken:
            return SNAPSHOT, SNAPSHOT
        at, room = self._streams.at, self._streams.room
        for session, upto in self._paging.items():
            if at[session] < upto and room:
                limit = min(room, protocol.HISTORY_LIMIT)
                return session, f"/api/sessions/{session}/messages?after={at[session]}&limit={limit}"
        return None

    def load(self, snapshot: protocol.Snapshot) -> bool:
        """Take the snapshot. Whether everything is to be resumed."""
        broken, self._broken = self._broken, set()
        anew = self._streams.load(snapshot, broken)
        if anew or OWN in broken:
            self._streams.lacking.clear()
            self._paging.clear()
            return True
        for stream in broken:
            self._streams.lacking.pop(stream, None)
            if stream in self._streams.at and stream in snapshot.Sessions:
                self._paging[stream] = snapshot.Sessions[stream].Seq
            elif stream in snapshot.Sessions:
                self._streams.lacks(stream, snapshot.Sessions[stream].Seq)
        return False

    def pages(self, session: str) -> bool:
        """Whether this session is read from history."""
        return session in self._paging

    def gone(self, session: str) -> None:
        """There is no such session any more."""
        self._paging.pop(session, None)
