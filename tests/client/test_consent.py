"""Consent with the SDK, at a real server: what one does is what the other one, or nobody, is told.

1. Each story is told by the events of both sides; what is known afterwards agrees with them.
"""

from __future__ import annotations

from typing import TypeVar

import pytest

from parlour.client import (
    Asking,
    Blocked,
    Client,
    Deed,
    Event,
    Invitation,
    InvitationResolved,
    LoggedOut,
    Message,
    OwnLink,
    Position,
    Refused,
    SessionBegun,
    SessionClosed,
)
from tests.client.test_client import QUICK, clients, until
from tests.server.people import PASSWORD, Town

pytestmark = pytest.mark.asyncio(loop_scope="session")
E = TypeVar("E", bound=Event)


async def next_of(client: Client, kind: type[E]) -> E:
    """The next event of this kind."""
    event = (await until(client, lambda event: isinstance(event, kind)))[-1]
    assert isinstance(event, kind)
    return event


async def test_a_note_is_read_and_taken_back(house: Town) -> None:
    first, second = await house.person(), await house.person()
    async with clients(first, second) as (asking, asked):
        await asking.invite(second.name, note="From the choir!")
        invitation = await next_of(asked, Invitation)
        assert (invitation.username, invitation.note, invitation.quiet) == (first.name, "From the choir!", False)
        sent = await next_of(asking, Asking)
        assert (sent.state, asking.asking) == ("sent", [sent])
        await asking.cancel(second.name)
        assert await next_of(asked, InvitationResolved) == InvitationResolved(username=first.name, result="cancelled")
        assert (await next_of(asking, Asking)).state == "none"
        assert (asked.invitations, asking.asking) == ([], [])
        await asking.cancel(second.name)
        with pytest.raises(Refused, match="taken back") as over:
            await asked.accept(invitation)
        assert over.value.code == "gone"
        with pytest.raises(Refused, match="no_invitation"):
            await asked.cancel(first.name)


async def test_a_no_is_told_only_if_one_says_so(house: Town) -> None:
    first, second, third = [await house.person() for _ in range(3)]
    async with clients(first, second, third) as (asking, silent, telling):
        for client, person in ((silent, second), (telling, third)):
            await asking.invite(person.name)
            await client.reject(await next_of(client, Invitation), tell=client is telling)
        told = [await next_of(asking, Asking) for _ in range(3)]
        assert [(one.username, one.state) for one in told] == [
            (second.name, "sent"), (third.name, "sent"), (third.name, "declined"),
        ]  # fmt: skip
        assert {one.username: one.state for one in asking.asking} == {second.name: "sent", third.name: "declined"}
    async with clients(first) as (again,):
        assert {one.username: one.state for one in again.asking} == {second.name: "sent", third.name: "declined"}


async def test_a_silent_no_can_be_undone(house: Town) -> None:
    first, second = await house.person(), await house.person()
    async with clients(first, second) as (asking, asked):
        await asking.invite(second.name)
        invitation = await next_of(asked, Invitation)
        await asked.reject(invitation)
        session = await asked.accept(invitation)
        assert (await next_of(asking, SessionBegun)).session == session.id
        assert asking.asking == []


async def test_a_block_closes_and_is_known_on_all_devices(house: Town) -> None:
    first, second, session = await house.pair()
    async with clients(first, second, second) as (one, desk, phone):
        await desk.block(first.name)
        for client in (one, desk, phone):
            assert await next_of(client, SessionClosed) == SessionClosed(session=session)
            assert client.sessions[session].state == "closed"
        with pytest.raises(Refused, match="closed"):
            await one.send(session, "anybody?")
        with pytest.raises(Refused, match="you_blocked"):
            await desk.invite(first.name)
        assert await one.invite(second.name) is None
        assert desk.blocks == phone.blocks == {first.name}
        await phone.unblock(first.name)
        assert await next_of(desk, Blocked) == Blocked(username=first.name, blocked=False)
        assert (desk.blocks, one.blocks) == (frozenset(), frozenset())
        assert phone.invitations == [], "what came while one was blocked is not there"
    async with clients(second, since=Position()) as (later,):
        events = await until(later, lambda event: event == Blocked(username=first.name, blocked=False))
        assert [event.blocked for event in events if isinstance(event, Blocked)] == [True, False]


async def test_a_blocked_one_s_invitation_is_over(house: Town) -> None:
    first, second = await house.person(), await house.person()
    async with clients(first, second) as (asking, asked):
        await asking.invite(second.name)
        await next_of(asked, Invitation)
        await asked.block(first.name)
        assert await next_of(asked, InvitationResolved) == InvitationResolved(username=first.name, result="blocked")
        assert asked.invitations == []
        assert [one.state for one in asking.asking] == ["sent"]


async def test_a_session_that_is_closed_goes_on_when_both_agree_again(house: Town) -> None:
    first, second, session = await house.pair()
    async with clients(first, second) as (one, other):
        await one.send(session, "before")
        await next_of(other, Message)
        await other.close(session)
        await next_of(one, SessionClosed)
        assert second.user_id not in one.online, "nobody is seen in what is closed"
        await other.close(session)
        assert await one.invite(second.name) is None
        opened = await other.accept(await next_of(other, Invitation))
        assert opened.id == session
        begun = await next_of(one, SessionBegun)
        assert begun == SessionBegun(session=session, users={second.user_id: second.name}, again=True)
        assert one.sessions[session].state == other.sessions[session].state == "active"
        assert (await one.send(session, "after")).number == 2
        assert second.user_id in one.online
        assert [message.data for message in await other.history(session)] == ["before", "after"]


async def test_what_happened_while_one_was_away_is_given_in_its_order(house: Town) -> None:
    first, second, session = await house.pair()
    async with clients(first) as (before,):
        since = before.position
    async with clients(second) as (other,):
        await other.close(session)
        await other.invite(first.name, note="sorry")
        async with clients(first, since=since) as (one,):
            closed, invitation = await next_of(one, SessionClosed), await next_of(one, Invitation)
            assert (closed.session, invitation.note) == (session, "sorry")
            await one.accept(invitation)
            assert (await next_of(one, SessionBegun)).again


async def test_a_link_begins_a_session(house: Town) -> None:
    maker, guest, late = [await house.person() for _ in range(3)]
    async with clients(maker, maker, guest, late) as (desk, phone, using, too_late):
        made = await desk.make_link()
        listed = OwnLink(link=made.link, state="open", lapses=made.lapses)
        assert await next_of(phone, OwnLink) == listed
        assert (desk.links, phone.links) == ([listed], [listed])
        session = await using.redeem(made.text)
        assert session.users == {maker.user_id: maker.name}
        assert await using.redeem(made.text) == session
        for client in (desk, phone):
            assert (await next_of(client, SessionBegun)).session == session.id
            assert client.links == []
        with pytest.raises(Refused, match="gone"):
            await too_late.redeem(made.text)
        other = await desk.make_link()
        await phone.take_back_link(other.link)
        while (over := await next_of(desk, OwnLink)).state != "revoked":
            pass
        assert over.link == other.link
        with pytest.raises(Refused, match="gone"):
            await too_late.redeem(other.text)


async def test_the_ledger_says_what_one_did(house: Town) -> None:
    first, second = await house.person(), await house.person()
    async with clients(first, second) as (one, other):
        await one.invite(second.name, note="hello")
        await other.reject(await next_of(other, Invitation))
        [declined, asked] = await other.ledger()
        assert (declined.mine, declined.did, declined.username, declined.undo) == (True, "declined", first.name, True)
        assert (asked.mine, asked.did, asked.username, asked.note) == (False, "asked", first.name, None)
        assert declined.number > asked.number
        [mine] = await one.ledger()
        assert mine == Deed(number=1, at=mine.at, mine=True, did="asked", username=second.name, note="hello")


async def test_devices_and_the_password(house: Town) -> None:
    person = await house.person()
    await person.log_in()
    desk = await Client.log_in(house.base, person.name, PASSWORD, timing=QUICK)
    phone = await Client.log_in(house.base, person.name, PASSWORD, timing=QUICK)
    async with desk, phone:
        logins = await desk.logins()
        assert [one.current for one in logins].count(True) == 1
        count = len(logins)
        [mine] = [one.id for one in await phone.logins() if one.current]
        await desk.revoke(mine)
        with pytest.raises(LoggedOut):
            await until(phone, lambda event: False)
        assert len(await desk.logins()) == count - 1
        with pytest.raises(Refused, match="wrong_password"):
            await desk.change_password("not the password", "four other plain words")
        await desk.change_password(PASSWORD, "four other plain words")
        assert [one.current for one in await desk.logins()] == [True]
    with pytest.raises(Refused, match="wrong_password"):
        await Client.log_in(house.base, person.name, PASSWORD)
    async with await Client.log_in(house.base, person.name, "four other plain words", timing=QUICK) as again:
        await again.revoke("others")
        assert len(await again.logins()) == 1


async def test_an_account_is_deleted_and_others_are_told(house: Town) -> None:
    first, second, session = await house.pair()
    async with clients(first, second) as (one, other):
        with pytest.raises(Refused, match="wrong_password"):
            await one.delete_account("not the password")
        await one.delete_account(PASSWORD)
        await next_of(other, SessionClosed)
        assert other.sessions[session].users == {first.user_id: "Deleted account"}
    with pytest.raises(Refused, match="user_not_found"):
        await Client.log_in(house.base, first.name, PASSWORD)
