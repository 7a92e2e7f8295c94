"""Random stories of people with devices: marks, settings, logins, being away, leaving for good, beside all else.

1. The model of `model.py` goes on here: what was marked, chosen and ended, as the protocol says it.
2. A device that was away hears nothing; what its positions bring makes it stand where a fresh snapshot stands.
3. Hypothesis tells stories of everything; stories that are mostly of consent are told from a seed.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test
from msgspec import UNSET

from parlour import protocol
from parlour.core.deletion import Delete
from parlour.core.dispatch import LOGIN_ENDED, Caller
from parlour.core.limits import OFF
from parlour.core.logins import Login, LogOut
from parlour.core.ports import Secret
from parlour.core.sessions import Member
from parlour.core.settings import Setting
from tests.core.model import LINKED, NAMES, NONCES, SPANS, TEXTS, TIGHT, Model
from tests.core.world import Json, Person, Ran

pytestmark = pytest.mark.full

WHO = st.integers(0, 3)
WHERE = st.integers(0, 6)
SWITCH = st.booleans()
CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "Receipts": st.sampled_from([True, True, False]), "Typing": st.sampled_from([True, True, False]),
        "Presence": SWITCH, "Muted": SWITCH, "Hidden": SWITCH,
        "WhoMayInvite": st.sampled_from(["everyone", "everyone", "shared", "links", "nobody"]),
    },
)  # fmt: skip
MISPLACED = {True: {"Muted", "Hidden"}, False: {"WhoMayInvite"}}
"""What cannot be set for all, and what not for one session."""


class Come:
    """How far somebody has come in a session."""

    def __init__(self) -> None:
        self.delivered = self.read = self.told = 0


class Devices(Model):
    def __init__(self) -> None:
        super().__init__()
        self.come: dict[tuple[str, str], Come] = {}

    @initialize(
        friends=st.sampled_from([2, 1, 0]),
        share=st.sampled_from([True, True, False]),
        closed=st.booleans(),
        tight=st.booleans(),
    )
    def two_people(self, friends: int, share: bool, closed: bool, tight: bool) -> None:
        """Three, on a device each: mostly some of them talk already, and show what they read."""
        self.limit(OFF)
        for who, name in enumerate(NAMES[:3]):
            self.register(name=name, spelling=str)
            self.log_in(who=who, right=True, together=True)
            named: Json = {"Receipts": True, "Typing": True} if share else {}
            named |= {"WhoMayInvite": "nobody"} if closed and who == 2 else {}
            self.choose(who=who, where=0, everywhere=True, named=named, together=True)
        for who in range(friends):
            self.befriend(who + 1, who)
            self.send(side=0, where=who, text=TEXTS[0], nonce=NONCES[0], together=False)
        self.limit(TIGHT if tight else OFF)

    # -------------------------------------------------------------------------------------------------------- marks

    @rule(
        who=WHO,
        where=WHERE,
        reads=st.sampled_from([True, True, False]),
        number=st.integers(0, 5),
        together=st.booleans(),
    )
    def acknowledge(self, who: int, where: int, reads: bool, number: int, together: bool) -> None:
        me, session_id = self.person(who), self.somewhere(who, where)
        kind = protocol.Read if reads else protocol.Delivered
        request = kind(SessionID=session_id, MessageID=str(number))
        self.do(request, me.caller, lambda ran: self.check_mark(ran, me, session_id, reads, number), together)

    @precondition(lambda self: self.sessions)
    @rule(where=WHERE, side=st.integers(0, 1), reads=st.booleans(), number=st.sampled_from([99, 1]), together=SWITCH)
    def chat(self, where: int, side: int, reads: bool, number: int, together: bool) -> None:
        """One says something, the other one gets or reads it."""
        session_id = list(self.sessions)[where % len(self.sessions)]
        members = sorted(self.members(session_id))
        self.say(self.people[members[side]], session_id, TEXTS[0], None, together)
        other = self.people[members[1 - side]]
        request = (protocol.Read if reads else protocol.Delivered)(SessionID=session_id, MessageID=str(number))
        self.do(request, other.caller, lambda ran: self.check_mark(ran, other, session_id, reads, number), together)

    def check_mark(self, ran: Ran, me: Person, session_id: str, reads: bool, number: int) -> None:
        if me.user_id not in self.members(session_id):
            assert ran.refusal == ("not_found", "SessionID")
            return
        if me.user_id in self.gone:
            assert ran.refusal == ("unauthorized", None)
            return
        come = self.come.setdefault((session_id, me.user_id), Come())
        number = min(number, len(self.sessions[session_id]))
        own, others = self.advance(come, me, session_id, reads, number)
        assert ran.result == protocol.Nothing()
        told = {"type": "Mark", "SessionID": session_id, "UserID": me.user_id}
        assert ran.to(me.user_id) == ([told | own] if own else [])
        peer = self.talks(me.user_id).get(session_id, "")
        assert ran.to(peer) == ([told | others] if others else [])
        assert len(ran.published) == bool(own) + bool(others)

    def advance(self, come: Come, me: Person, session_id: str, reads: bool, number: int) -> tuple[Json, Json]:
        """What changes by a mark: as oneself is told, and as the other is."""
        peer = self.talks(me.user_id).get(session_id)
        if number <= (come.read if reads else come.delivered) or not (peer or reads):
            return {}, {}
        news = {"Delivered": str(number)} if peer and number > come.delivered else {}
        come.delivered = max(come.delivered, number) if peer else come.delivered
        others = dict(news)
        if not reads:
            return news, others
        come.read = number
        if peer and self.both(me.user_id, peer, session_id, "Receipts"):
            come.told = number
            others["Read"] = str(number)
        left = self.unread(session_id, me.user_id)
        reached = {"Delivered": str(come.delivered)} if come.delivered else {}
        return reached | {"Read": str(number), "Unread": left}, others

    @rule(who=WHO, where=WHERE, together=st.booleans())
    def type(self, who: int, where: int, together: bool) -> None:
        me, session_id = self.person(who), self.somewhere(who, where)

        def check(ran: Ran) -> None:
            if me.user_id not in self.members(session_id):
                assert ran.refusal == ("not_found", "SessionID")
            elif self.is_closed(session_id):
                assert ran.refusal == ("closed", "SessionID")
            else:
                peer = self.talks(me.user_id)[session_id]
                told = self.both(me.user_id, peer, session_id, "Typing")
                assert ran.kinds() == [(peer, "Typing")] * told

        self.do(protocol.Typing(SessionID=session_id), me.caller, check, together)

    # ----------------------------------------------------------------------------------------------------- settings

    @rule(who=WHO, where=WHERE, everywhere=st.booleans(), named=CHOICES, together=st.booleans())
    def choose(self, who: int, where: int, everywhere: bool, named: Json, together: bool) -> None:
        me = self.person(who)
        session_id = "" if everywhere else self.somewhere(who, where)
        if not everywhere:  # Mostly what can be set there.
            named = {name: v for name, v in named.items() if name not in MISPLACED[False] or len(named) == 1}
        request = protocol.Settings(SessionID=UNSET if everywhere else session_id, **named)
        self.do(request, me.caller, lambda ran: self.check_chosen(ran, me, session_id, named), together)

    def check_chosen(self, ran: Ran, me: Person, session_id: str, named: Json) -> None:
        if session_id and me.user_id not in self.members(session_id):
            assert ran.refusal == ("not_found", "SessionID")
            return
        if session_id and named.get("Hidden") and not self.is_closed(session_id):
            assert ran.refusal == ("open", "Hidden")
            return
        if not named or named.keys() & MISPLACED[not session_id]:
            assert ran.refusal[0] == "malformed"
            return
        chosen = self.chosen.get((me.user_id, session_id), {})
        before = self.watchers(me.user_id)
        news = {name: value for name, value in named.items() if chosen.get(name) != value}
        if news:
            self.chosen[me.user_id, session_id] = chosen | news
        self.check_told_of_choice(ran, me, session_id, news, before)
        self.count(ran)

    def check_told_of_choice(self, ran: Ran, me: Person, session_id: str, news: Json, before: set[str]) -> None:
        events = [frame for frame in ran.to(me.user_id) if frame["type"] == "Settings"]
        wanted = {"type": "Settings", **({"SessionID": session_id} if session_id else {}), **news}
        assert [{k: v for k, v in frame.items() if k != "Seq"} for frame in events] == ([wanted] if news else [])
        after = self.watchers(me.user_id)
        signals = [(peer, "Status") for peer in before ^ after if me.user_id in self.online]
        assert sorted(ran.kinds()) == sorted(signals + [(me.user_id, "Settings")] * bool(news))
        for peer in before ^ after if me.user_id in self.online else ():
            assert ran.to(peer)[0]["Status"] == ("Online" if peer in after else "Offline")

    # ------------------------------------------------------------------------------------------------------- logins

    @rule(which=st.integers(0, 9), again=st.booleans(), together=st.booleans())
    def log_out(self, which: int, again: bool, together: bool) -> None:
        self.settle()
        if (one := self.a_login(which)) is None:
            return
        user_id, login_id = one
        for _ in range(1 + again):
            self.do(LogOut(login_id), Caller(user_id, "", login_id), self.check_ended(user_id, [login_id]), together)

    @rule(which=st.integers(0, 9), what=st.sampled_from(["another", "others", "foreign"]), together=st.booleans())
    def revoke(self, which: int, what: str, together: bool) -> None:
        self.settle()
        if (one := self.a_login(which)) is None:
            return
        user_id, login_id = one
        caller = Caller(user_id, "", login_id)
        mine = self.logins[user_id]
        if what == "others":
            ending = [one for one in mine if one != login_id]
            self.do(protocol.Revoke(LoginID="others"), caller, self.check_ended(user_id, ending), together)
        elif what == "another":
            self.do(protocol.Revoke(LoginID=mine[0]), caller, self.check_ended(user_id, mine[:1]), together)
        else:
            foreign = [one for other, logins in self.logins.items() if other != user_id for one in logins]

            def refused(ran: Ran) -> None:
                assert ran.refusal == ("not_found", "LoginID")

            self.do(protocol.Revoke(LoginID=(foreign or ["nowhere"])[0]), caller, refused, together)

    def check_ended(self, user_id: str, ending: list[str]) -> Any:
        def check(ran: Ran) -> None:
            living = [one for one in ending if one in self.logins[user_id]]
            assert sorted(ran.ended) == sorted(living)
            assert ran.kinds() == [(user_id, LOGIN_ENDED)] * len(living)
            self.logins[user_id] = [one for one in self.logins[user_id] if one not in living]

        return check

    # ----------------------------------------------------------------------------------------- being away, leaving

    @rule(who=WHO)
    def go_away(self, who: int) -> None:
        self.settle()
        self.followers[self.person(who).user_id].away = True

    @rule(who=WHO)
    def come_back(self, who: int) -> None:
        self.settle()
        follower = self.followers[self.person(who).user_id]
        follower.come_back()
        assert follower.stands() == follower.should_stand()

    @precondition(lambda self: len(self.people) - len(self.gone) > 2)
    @rule(who=WHO, right=st.sampled_from([True, True, False]))
    def delete_account(self, who: int, right: bool) -> None:
        self.settle()
        me = self.person(who)
        request = Delete(Secret(f"kept of {me.name}" if right else "guessed"))
        self.do(request, me.caller, lambda ran: self.check_left(ran, me, right), together=False)

    def check_left(self, ran: Ran, me: Person, right: bool) -> None:
        if not right:
            assert ran.refusal == ("wrong_password", "Password")
            return
        told = [(peer, "Status") for peer in self.watchers(me.user_id) if me.user_id in self.online]
        told += [(me.user_id, LOGIN_ENDED)] * len(self.logins.pop(me.user_id, []))
        told += [(one.to, one.kind) for one in self.consent.leave(me.user_id)]
        assert sorted(kind for kind in ran.kinds() if not kind[0].startswith("~")) == sorted(told)
        self.online.discard(me.user_id)
        self.followers[me.user_id].over = True
        for where in [key for key in self.chosen if key[0] == me.user_id]:
            del self.chosen[where]
        self.count(ran)

    # ------------------------------------------------------------------------------------------------------ looking

    @rule(who=WHO)
    def look_at_sessions(self, who: int) -> None:
        self.settle()
        person = self.person(who)
        for session_id, session in person.load().items():
            assert session["Unread"] == self.unread(session_id, person.user_id)
            assert session["Marks"] == self.marks(session_id, person.user_id)
            assert session["Settings"] == self.chosen.get((person.user_id, session_id), {})
            for other, status in session["Status"].items():
                here = other in self.online and person.user_id in self.watchers(other)
                assert status == ("Online" if here else "Offline")

    def whole_people(self) -> None:
        super().whole_people()
        rows = self.world.read(lambda tx: tx.find(Setting, {}))
        assert {(row.UserID, row.SessionID) for row in rows} == self.chosen.keys()
        logins = self.world.read(lambda tx: tx.find(Login, {}))
        assert sorted(one.LoginID for one in logins) == sorted(one for mine in self.logins.values() for one in mine)
        nowhere = Come()
        for m in self.world.read(lambda tx: tx.find(Member, {})):
            come = self.come.get((m.SessionID, m.UserID), nowhere)
            assert (m.Delivered, m.Read, m.Told) == (come.delivered, come.read, come.told)
            assert m.State == ("closed" if self.is_closed(m.SessionID) else "active")

    # ------------------------------------------------------------------------------------------------------ look-ups

    def somewhere(self, who: int, where: int) -> str:
        """Mostly a session of one's own; else any, or none."""
        mine = [s for s in self.sessions if self.person(who).user_id in self.members(s)]
        choice = [*(4 * mine), *self.sessions, "nowhere"]
        return choice[where % len(choice)]

    def a_login(self, which: int) -> tuple[str, str] | None:
        living = [(user_id, one) for user_id, mine in self.logins.items() for one in mine]
        return living[which % len(living)] if living else None

    def both(self, one: str, other: str, session_id: str, what: str) -> bool:
        return all(self.set_by(user_id, session_id, what) is True for user_id in (one, other))

    def unread(self, session_id: str, user_id: str) -> int:
        read = self.come.get((session_id, user_id), Come()).read
        return sum(said.sender != user_id for said in self.sessions[session_id][read:])

    def marks(self, session_id: str, user_id: str) -> Json:
        """What a member sees of all who have any."""
        seen = {}
        for other in self.members(session_id):
            come = self.come.get((session_id, other), Come())
            numbers = {"Delivered": come.delivered, "Read": come.read if other == user_id else come.told}
            seen[other] = {what: str(number) for what, number in numbers.items() if number}
        return {other: marks for other, marks in seen.items() if marks}


# ------------------------------------------------------------------------------------------------- stories of consent


def tell_story(story: Devices, chance: Random, length: int) -> None:
    """Three people who ask, answer, take back, block, close and use links, far more than they do anything else."""
    everybody = range(len(story.people))

    def both() -> Json:
        """Somebody, and the name of somebody else."""
        one, other = chance.sample(everybody, 2)
        return {"who": one, "name": NAMES[other]}

    def rev() -> int | None:
        return chance.choice([None, None, None, 1, 2, 3])

    def flag() -> bool:
        return chance.random() < 0.4

    def who() -> int:
        return chance.choice(everybody)

    def which() -> int:
        return chance.randrange(6)

    acts: list[tuple[int, Callable[[], Any]]] = [
        (8, lambda: story.invite(**both(), note=chance.choice([None, "hello", " "]), together=flag())),
        (4, lambda: story.cancel(**both(), together=flag())),
        (2, lambda: story.block_or_unblock(**both(), lifts=False, together=flag())),
        (6, lambda: story.block_or_unblock(**both(), lifts=True, together=flag())),
        (3, lambda: story.respond_to_anybody(**both(), accepted=int(flag()), rev=rev(), together=flag())),
        (2, lambda: story.make_link(who=who(), together=flag())),
        (4, lambda: story.use_link(who=who(), which=which(), what=chance.choice(LINKED), together=flag())),
        (3, lambda: story.look(who=who())),
        (3, lambda: story.pass_time(span=chance.choice([*SPANS[:1] * 6, *SPANS]))),
        (1, lambda: story.go_away(who=who())),
        (2, lambda: story.come_back(who=who())),
        (2, lambda: story.choose(who=who(), where=0, everywhere=True, named=chance.choice(MAY), together=flag())),
        (1, lambda: story.come_or_go(who=who(), online=flag(), together=flag())),
    ]
    asked: list[tuple[int, Callable[[], Any]]] = [
        (6, lambda: story.respond_to_what_was_asked(which(), chance.choice(HOW), chance.random() < 0.8, flag())),
        (6, lambda: story.act_on_what_was_asked(which(), chance.choice(WHAT), flag())),
    ]
    begun: list[tuple[int, Callable[[], Any]]] = [
        (4, lambda: story.close(who=who(), where=which(), together=flag())),
        (4, lambda: story.send(which() % 2, which(), "hello", chance.choice([None, *NONCES]), flag())),
        (2, lambda: story.acknowledge(who(), which(), flag(), which(), flag())),
    ]
    for _ in range(length):
        possible = acts + asked * bool(story.unsettled()) + begun * bool(story.sessions)
        [(_, act)] = chance.choices(possible, [weight for weight, _ in possible])
        act()
        story.no_one_can_tell_a_no_from_silence()
        story.one_record_and_one_session_for_each_two_and_none_is_active_beside_a_block()


MAY: list[Json] = [{"WhoMayInvite": who} for who in ("everyone", "everyone", "everyone", "shared", "links", "nobody")]
HOW, WHAT = ["no", "no", "tell", "yes"], ["cancel", "again", "back", "block"]


@pytest.mark.parametrize("seed", range(12))
def test_stories_of_consent(seed: int) -> None:
    chance, story = Random(seed), Devices()
    story.two_people(friends=seed % 3, share=True, closed=False, tight=seed % 2 == 1)
    tell_story(story, chance, 150)
    if seed % 4 == 0:
        story.delete_account(who=chance.randrange(3), right=True)
        tell_story(story, chance, 50)
    story.teardown()


def test_stories() -> None:
    run_state_machine_as_test(Devices, settings=settings(max_examples=40, stateful_step_count=45))


@pytest.mark.full
def test_many_stories() -> None:
    run_state_machine_as_test(Devices, settings=settings(max_examples=50, stateful_step_count=60))
