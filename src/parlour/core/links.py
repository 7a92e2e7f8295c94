"""Links: a yes that is given in advance, to whoever holds the link.

1. A link is for one person, once, for some days; whoever made it can take it back.
2. The secret is told once and kept as its hash alone. The link's name lists it, and opens nothing.
3. A block always wins, and so does a closing: a link that is older opens nothing again. Why a link does not work is
   never told.
"""

from __future__ import annotations

import hashlib
from typing import ClassVar, Literal

from .. import protocol
from ..protocol import Linked, Made, Nothing, OpenLink, Redeem, Unlink
from . import budgets, ledger
from .accounts import USER, living
from .dispatch import Answer, Context, Refused, handler
from .filters import apart
from .invitations import agree, existing
from .pairs import Pair, next_of, pair_of
from .ports import Index, Key, Record, Secret, Tx
from .settings import takes_nobody


class Link(Record):
    """A link of a user. `Hash`: the SHA-256 of its whole text; `UsedBy`: who began a conversation with it."""

    table: ClassVar[str] = "Links"
    LinkID: str
    UserID: str
    Hash: Secret
    State: Literal["open", "used", "revoked"]
    CreatedAt: str
    Lapses: str
    UsedBy: str | None = None


LINK = Key(Link, "LinkID")
LINK_HASH = Key(Link, "Hash", name="LinkHashes")
Index(Link, "LinksOfUser", "UserID", "State", "Lapses")


def links_of(tx: Tx, user_id: str, now: str) -> list[OpenLink]:
    """The links of this user that can be used, the one that lapses first before the others."""
    rows = tx.find(Link, {"UserID": user_id, "State": "open"}, order="Lapses", above=now)
    return [OpenLink(row.LinkID, row.Lapses) for row in rows]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@handler(protocol.Link)
def make(request: protocol.Link, context: Context) -> Answer:
    me = living(context.tx, context.caller.UserID).UserID
    mine = links_of(context.tx, me, context.stamp)
    if len(mine) >= context.limits.links:
        raise Refused("slow_down", retry_after=context.until(mine[0].Lapses))
    budgets.spend(context, me, "changes", context.limits.changes)
    link_id, lapses = context.clock.new_id(), context.later(days=context.limits.link_days)
    secret = f"{link_id}.{context.clock.new_token()}"
    link = Link(link_id, me, Secret(_hash(secret)), "open", context.stamp, lapses)
    context.tx.add(link)
    _tell(context, link)
    return Answer(Made(secret, lapses))


@handler(Unlink)
def take_back(request: Unlink, context: Context) -> Answer:
    me = living(context.tx, context.caller.UserID).UserID
    link = context.tx.get(LINK, request.Link.partition(".")[0])
    if link is None or link.UserID != me:
        raise Refused("not_found", "Link")
    if link.State == "open":
        link.State = "revoked"
        context.tx.put(link)
        _tell(context, link)
    return Answer(Nothing())


def _tell(context: Context, link: Link) -> None:
    """All devices of whoever made the link hear of it."""
    seq = context.emit(link.UserID, Linked(Link=link.LinkID, State=link.State, Lapses=link.Lapses))
    if link.State != "used":
        ledger.mine(context, link.UserID, seq, "linked" if link.State == "open" else "unlinked", None)


@handler(Redeem)
def redeem(request: Redeem, context: Context) -> Answer:
    me = living(context.tx, context.caller.UserID).UserID
    link = context.tx.get(LINK_HASH, _hash(request.Link))
    if link and link.UserID == me:
        raise Refused("self", "Link")
    pair = pair_of(context.tx, me, link.UserID) if link else None
    if link and pair and next_of(pair, "redeem", me, context.stamp) == "same" and _may_use(link, me, context):
        return existing(context, pair)
    if link is None or link.UsedBy is not None or not _may_use(link, me, context):
        raise Refused("gone", "Link")
    link.State, link.UsedBy = "used", me
    context.tx.put(link)
    _tell(context, link)
    return Answer(agree(context, pair or _new(context, link.UserID), "link"))


def _may_use(link: Link, me: str, context: Context) -> bool:
    """Whether this link begins a conversation with whoever made it."""
    tx = context.tx
    lives = link.State == "open" and context.stamp < link.Lapses
    maker = tx.get(USER, link.UserID)
    wanted = maker is not None and maker.DeletedAt is None and not takes_nobody(tx, link.UserID)
    newer = link.CreatedAt >= ledger.closed_at(tx, link.UserID, me)
    return (lives or link.UsedBy == me) and wanted and newer and not apart(tx, me, link.UserID)


def _new(context: Context, maker: str) -> Pair:
    """Two who never asked each other: the link is the asking."""
    first, second = sorted((context.caller.UserID, maker))
    return Pair(first, second, "cancelled", maker, context.caller.UserID, 1, context.stamp, 0, None)
