"""A model of people who invite each other and talk: random stories against a dictionary that says what comes of them.

1. The model knows the protocol, not the code: what each act answers, whom it tells, what the database holds afterwards.
2. Acts run alone or several in one transaction, as the gateway shares commits; the outcome must be the same.
3. A twin world hears the same story without its rejections: nobody who was rejected can tell the two apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from parlour import protocol
from parlour.core.accounts import Register
from parlour.core.dispatch import NOBODY, Answer, Caller, Refused, stamp_of
from parlour.core.logins import LogIn
from parlour.core.messages import Message
from parlour.core.pairs import Pair
from parlour.core.ports import Event, Secret
from parlour.core.presence import Presence
from parlour.core.sessions import Member
from tests.core.follower import ALL, Follower
from tests.core.world import Person, Ran, World

NAMES = ["nanda", "Winston", "CHIKA", "bea"]
SPELLINGS: list[Callable[[str], str]] = [str, str.lower, str.upper]
TEXTS = ["hello", "hello ", "how are you?", "  "]
NONCES = ["nonce-01", "nonce-02"]
SPANS = [
    timedelta(seconds=1),
    timedelta(days=6),
    timedelta(days=14) - timedelta(milliseconds=1),
    timedelta(days=14),
    timedelta(days=15),
]
LAPSE = timedelta(days=14)


class Bond:
    """What the model knows of two people."""

    def __init__(self, asker: str, asked: str, lapses: datetime, rev: int) -> None:
        self.asker, self.asked, self.lapses, self.rev = asker, asked, lapses, rev
        self.declined = self.shadow = self.cancelled = self.closed = False
        self.session: str | None = None


class Said(NamedTuple):
    sender: str
    data: str
    nonce: str | None


class Act(NamedTuple):
    """Something that somebody does, and what the model says of its outcome."""

    request: Any
    caller: Caller
    check: Callable[[Ran], None]


class Model(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world, self.twin = World(), World()
        self.people: dict[str, Person] = {}
        self.twins: dict[str, Person] = {}
        self.followers: dict[str, Follower] = {}
        self.online: set[str] = set()
        self.bonds: dict[frozenset[str], Bond] = {}
        self.sessions: dict[str, list[Said]] = {}
        self.events: Counter[str] = Counter()
        self.decliners: set[str] = set()
        self.gone: set[str] = set()
        """Who has deleted the account."""
        self.logins: dict[str, list[str]] = {}
        self.chosen: dict[tuple[str, str], dict[str, Any]] = {}
        """What each has set, for all sessions ("") and for each."""
        self.waiting: list[Act] = []

    def teardown(self) -> None:
        self.settle()
        self.whole()
        self.world.close()
        self.twin.close()

    # ------------------------------------------------------------------------------------------------- running acts

    def do(self, request: Any, caller: Caller, check: Callable[[Ran], None], together: bool) -> None:
        """Run an act now, or let it wait for the next ones and share their transaction."""
        self.waiting.append(Act(request, caller, check))
        if not together or len(self.waiting) == 6:
            self.settle()

    def settle(self) -> None:
        """Run all that waits in one transaction; compare each outcome with the model, in order."""
        acts, self.waiting = self.waiting, []
        if not acts:
            return
        ran = self.world.run_all((act.request, act.caller) for act in acts)
        silent = iter(self.twin.run_all((act.request, act.caller) for act in acts if not rejects(act.request)))
        for act, one in zip(acts, ran, strict=True):
            act.check(one)
            for follower in self.followers.values():
                follower.hear(one)
            if not rejects(act.request):
                self.compare_with_silence(one, next(silent))
        self.world.later()
        self.twin.later()

    def compare_with_silence(self, one: Ran, silent: Ran) -> None:
        assert seen(one) == seen(silent)
        for user_id in self.people.keys() - self.decliners:
            assert one.to(user_id) == silent.to(user_id)

    # ------------------------------------------------------------------------------------------------------- people

    @initialize(friends=st.booleans())
    def two_people(self, friends: bool) -> None:
        for name in NAMES[:2]:
            self.register(name=name, spelling=str)
        if friends:
            self.invite(who=0, name=NAMES[1], together=False)
            self.answer(self.person(1), NAMES[0], accepted=1, rev=1, together=False)

    @rule(name=st.sampled_from(NAMES), spelling=st.sampled_from(SPELLINGS))
    def register(self, name: str, spelling: Callable[[str], str]) -> None:
        self.settle()
        typed = spelling(name)
        ran = self.world.run(Register(typed, Secret(f"kept of {typed}")))
        silent = self.twin.run(Register(typed, Secret(f"kept of {typed}")))
        assert seen(ran) == seen(silent)
        if any(person.name.lower() == typed.lower() for person in self.people.values()):
            assert ran.refusal == ("username_taken", "Username")
            return
        user_id = ran.result.UserID
        assert user_id not in self.people
        self.people[user_id] = Person(self.world, user_id, typed)
        self.twins[user_id] = Person(self.twin, user_id, typed)
        self.followers[user_id] = Follower(self.people[user_id])

    @rule(who=st.integers(0, 3), right=st.booleans(), together=st.booleans())
    def log_in(self, who: int, right: bool, together: bool) -> None:
        person = self.person(who)
        token = Secret(f"token {self.world.stamp} {len(self.waiting)}")
        request = LogIn(person.user_id, Secret(f"kept of {person.name}" if right else "guessed"), token)

        def check(ran: Ran) -> None:
            if not right:
                assert ran.refusal == ("wrong_password", None)
                return
            assert ran.result.Username == person.name
            self.logins.setdefault(person.user_id, []).append(ran.result.LoginID)
            self.check_presence(ran, person, "Online")

        self.do(request, NOBODY, check, together)

    @rule(who=st.integers(0, 3), online=st.booleans(), together=st.booleans())
    def come_or_go(self, who: int, online: bool, together: bool) -> None:
        person = self.person(who)
        status: Any = "Online" if online else "Offline"

        def check(ran: Ran) -> None:
            self.check_presence(ran, person, status)

        self.do(Presence(person.user_id, status), NOBODY, check, together)

    def check_presence(self, ran: Ran, person: Person, status: str) -> None:
        changed = (person.user_id in self.online) != (status == "Online")
        told = self.watchers(person.user_id) if changed else set()
        assert sorted(ran.kinds()) == sorted((peer, "Status") for peer in told)
        (self.online.add if status == "Online" else self.online.discard)(person.user_id)

    # -------------------------------------------------------------------------------------------------- invitations

    @rule(who=st.integers(0, 3), name=st.sampled_from([*NAMES, "nobody"]), together=st.booleans())
    def invite(self, who: int, name: str, together: bool) -> None:
        me = self.person(who)
        self.do(protocol.Search(Username=name), me.caller, lambda ran: self.check_invite(ran, me, name), together)

    def check_invite(self, ran: Ran, me: Person, name: str) -> None:
        other = self.named(name)
        if me.user_id in self.gone:
            assert ran.refusal == ("unauthorized", None)
        elif other is None:
            assert ran.refusal == ("user_not_found", "Username")
        elif other is me:
            assert ran.refusal == ("self", "Username")
        else:
            self.check_asking(ran, me, other)

    def check_asking(self, ran: Ran, me: Person, other: Person) -> None:
        bond = self.bonds.get(frozenset((me.user_id, other.user_id)))
        if bond and bond.session and not bond.closed:
            self.check_again(ran, bond, other)
        elif bond and self.is_open(bond) and bond.asker == me.user_id:
            assert ran.result == protocol.Asked(other.name, "sent", stamp_of(bond.lapses))
            assert ran.published == []
        elif bond and self.is_open(bond):
            self.check_begun(ran, bond)
        elif other.user_id in self.gone:
            assert ran.refusal == ("user_not_found", "Username")
        else:
            self.check_asked(ran, me, other, bond.rev + 1 if bond else 1)

    def check_asked(self, ran: Ran, me: Person, other: Person, rev: int) -> None:
        bond = Bond(me.user_id, other.user_id, self.world.clock.moment + LAPSE, rev)
        self.bonds[frozenset((me.user_id, other.user_id))] = bond
        assert ran.result == protocol.Asked(other.name, "sent", stamp_of(bond.lapses))
        bond.shadow = self.set_by(other.user_id, "", "WhoMayInvite") not in (None, "everyone")
        assert ran.kinds() == [(me.user_id, "Invite")] + [(other.user_id, "Search")] * (not bond.shadow)
        assert [frame["Rev"] for frame in ran.to(other.user_id)] == [rev] * (not bond.shadow)
        self.count(ran)

    @rule(
        who=st.integers(0, 3),
        name=st.sampled_from([*NAMES, "nobody"]),
        accepted=st.sampled_from([1, 1, 0]),
        rev=st.sampled_from([None, None, 0, 1, 2]),
        together=st.booleans(),
    )
    def respond_to_anybody(self, who: int, name: str, accepted: int, rev: int | None, together: bool) -> None:
        self.answer(self.person(who), name, accepted, rev, together)

    @precondition(lambda self: any(not bond.session for bond in self.bonds.values()))
    @rule(which=st.integers(0, 5), accepted=st.sampled_from([0, 0, 1]), right=st.booleans(), together=st.booleans())
    def respond_to_what_was_asked(self, which: int, accepted: int, right: bool, together: bool) -> None:
        unsettled = [bond for bond in self.bonds.values() if not bond.session]
        bond = unsettled[which % len(unsettled)]
        asked, asker = self.people[bond.asked], self.people[bond.asker]
        self.answer(asked, asker.name, accepted, bond.rev if right else None, together)

    def answer(self, me: Person, name: str, accepted: int, rev: int | None, together: bool) -> None:
        request = protocol.Request(username=name, Accepted=accepted, Rev=rev)
        self.do(request, me.caller, lambda ran: self.check_answer(ran, me, name, request), together)

    def check_answer(self, ran: Ran, me: Person, name: str, request: protocol.Request) -> None:
        other = self.named(name)
        bond = self.bonds.get(frozenset((me.user_id, other.user_id))) if other else None
        if me.user_id in self.gone:
            assert ran.refusal == ("unauthorized", None)
        elif bond and other and bond.session and not bond.closed:
            self.check_again(ran, bond, other)
        elif bond is None or bond.asker == me.user_id or bond.shadow:
            assert ran.refusal == ("no_invitation", "username")
        elif not self.is_open(bond) or request.Rev not in (None, bond.rev):
            assert ran.refusal == ("gone", "username")
        elif request.Accepted:
            self.check_begun(ran, bond)
        else:
            assert ran.result == protocol.Nothing()
            assert ran.kinds() == ([] if bond.declined else [(me.user_id, "Resolved")])
            bond.declined = True
            self.decliners.add(me.user_id)
            self.count(ran)

    def check_begun(self, ran: Ran, bond: Bond) -> None:
        """Both have said yes: one session, for ever."""
        asker, asked = self.people[bond.asker], self.people[bond.asked]
        bond.session = ran.result.SessionID
        assert bond.session
        assert bond.session not in self.sessions
        self.sessions[bond.session] = []
        assert ran.result.Users == {asker.user_id: asker.name}
        signals = [
            (to.user_id, "Status")
            for to, of in ((asked, asker), (asker, asked))
            if of.user_id in self.online and self.set_by(of.user_id, "", "Presence") in (None, True)
        ]
        events = [(asked.user_id, "Resolved"), (asked.user_id, "Session"), (asker.user_id, "Session")]
        assert sorted(ran.kinds()) == sorted(events + signals)
        assert [frame["type"] for frame in ran.to(asked.user_id)][:2] == ["Resolved", "Session"]
        self.count(ran)

    def check_again(self, ran: Ran, bond: Bond, other: Person) -> None:
        assert ran.result == protocol.Begun(bond.session or "", {other.user_id: other.name})
        assert ran.answer.instead
        assert ran.published == []

    # ----------------------------------------------------------------------------------------------------- messages

    @precondition(lambda self: self.sessions)
    @rule(
        side=st.integers(0, 1),
        where=st.integers(0, 6),
        text=st.sampled_from(TEXTS),
        nonce=st.sampled_from([None, *NONCES]),
        together=st.booleans(),
    )
    def send(self, side: int, where: int, text: str, nonce: str | None, together: bool) -> None:
        """Into a session by one of its members."""
        session_id = list(self.sessions)[where % len(self.sessions)]
        sender = sorted(self.members(session_id))[side]
        self.say(self.people[sender], session_id, text, nonce, together)

    @precondition(lambda self: self.sessions)
    @rule(
        who=st.integers(0, 3), where=st.integers(0, 6), nonce=st.sampled_from([None, *NONCES]), together=st.booleans()
    )
    def send_anywhere(self, who: int, where: int, nonce: str | None, together: bool) -> None:
        """Into any session, one's own or not, or into one that is not there."""
        session_id = [*self.sessions, "nowhere"][where % (len(self.sessions) + 1)]
        self.say(self.person(who), session_id, TEXTS[0], nonce, together)

    @precondition(lambda self: any(said.nonce for messages in self.sessions.values() for said in messages))
    @rule(which=st.integers(0, 50), text=st.sampled_from([None, None, *TEXTS]), together=st.booleans())
    def repeat(self, which: int, text: str | None, together: bool) -> None:
        """What was sent under a nonce once more, perhaps with another text."""
        sent = [(s, said) for s, messages in self.sessions.items() for said in messages if said.nonce]
        session_id, said = sent[which % len(sent)]
        self.say(self.people[said.sender], session_id, text or said.data, said.nonce, together)

    def say(self, me: Person, session_id: str, text: str, nonce: str | None, together: bool) -> None:
        body = protocol.MessageBody(data=text)
        request = protocol.Message(SessionID=session_id, Message=body, Nonce=nonce)
        said = Said(me.user_id, text, nonce)
        self.do(request, me.caller, lambda ran: self.check_sent(ran, session_id, said), together)

    def check_sent(self, ran: Ran, session_id: str, said: Said) -> None:
        before = self.sessions.get(session_id, [])
        first = next((i for i, one in enumerate(before) if said.nonce and same_nonce(one, said)), None)
        if not said.data.strip():
            assert ran.refusal == ("empty", "Message.data")
        elif said.sender not in self.members(session_id):
            assert ran.refusal == ("not_found", "SessionID")
        elif first is None and self.is_closed(session_id):
            assert ran.refusal == ("closed", "SessionID")
        elif first is None:
            before.append(said)
            assert ran.result == protocol.Sent(session_id, str(len(before)))
            assert [(e.stream, e.number, e.kind) for e in ran.published] == [(session_id, len(before), "Message")]
        elif before[first].data != said.data:
            assert ran.refusal == ("nonce_reused", "Nonce")
        else:
            assert ran.result == protocol.Sent(session_id, str(first + 1))
            assert ran.published == []
            assert ran.answer.repeat == self.world.stream(session_id)[first].frame

    # ------------------------------------------------------------------------------------------------ time, looking

    @rule(span=st.sampled_from(SPANS))
    def pass_time(self, span: timedelta) -> None:
        self.settle()
        self.world.later(span)
        self.twin.later(span)

    @rule(who=st.integers(0, 3), messages=st.sampled_from([0, 1, 2, ALL]))
    def load(self, who: int, messages: int) -> None:
        self.settle()
        person = self.person(who)
        loaded = person.load(messages)
        assert loaded.keys() == {s for s in self.sessions if person.user_id in self.members(s)}
        for session_id, session in loaded.items():
            said = self.sessions[session_id]
            numbers = range(max(0, len(said) - messages), len(said))
            assert list(session["Messages"]) == [str(n + 1) for n in numbers]
            assert (session["Seq"], session["More"]) == (len(said), len(said) > messages)
            others = self.members(session_id) - {person.user_id}
            assert session["UserIds"] == {other: self.shown(other) for other in others}
            assert session["State"] == ("closed" if self.is_closed(session_id) else "active")

    @rule(who=st.integers(0, 3))
    def look(self, who: int) -> None:
        self.settle()
        person = self.person(who)
        follower = self.followers[person.user_id]
        assert follower.away or follower.stands() == follower.should_stand()
        me = person.snapshot()["Me"]
        mine = [bond for bond in self.bonds.values() if not bond.session and self.is_open(bond)]
        asking = {self.people[b.asked].name for b in mine if b.asker == person.user_id}
        shown = [b for b in mine if b.asked == person.user_id and not (b.declined or b.shadow)]
        invited = {(self.people[b.asker].name, b.rev) for b in shown}
        assert {one["Username"] for one in me["Asking"]} == asking
        assert {(one["UserName"], one["Rev"]) for one in me["Invitations"]} == invited

    @precondition(lambda self: self.sessions)
    @rule(
        who=st.integers(0, 3),
        where=st.integers(0, 6),
        before=st.none() | st.integers(0, 12),
        after=st.none() | st.integers(0, 12),
        limit=st.sampled_from([1, 2, 3, 200]),
    )
    def history(self, who: int, where: int, before: int | None, after: int | None, limit: int) -> None:
        self.settle()
        person, session_id = self.person(who), list(self.sessions)[where % len(self.sessions)]
        if person.user_id not in self.members(session_id):
            with pytest.raises(Refused, match="not_found"):
                person.history(session_id, before, after, limit)
            return
        said = dict(enumerate(self.sessions[session_id], 1))
        fitting = [n for n in said if (before is None or n < before) and (after is None or n > after)]
        wanted = fitting[:limit] if after is not None else fitting[-limit:]
        found = person.history(session_id, before, after, limit)
        assert [(int(n), m["Sender"], m["data"], m.get("Nonce")) for n, m in found["Messages"].items()] == [
            (n, *said[n]) for n in wanted
        ]
        assert found["More"] == (len(fitting) > limit)

    # --------------------------------------------------------------------------------------------------- invariants

    @invariant()
    def no_one_can_tell_a_no_from_silence(self) -> None:
        if not self.waiting:
            for user_id in self.people.keys() - self.decliners - self.gone:
                assert self.people[user_id].snapshot_bytes() == self.twins[user_id].snapshot_bytes()

    def whole(self) -> None:
        """The whole database against the whole model, when a story ends."""
        rows = self.world.read(lambda tx: tx.find(Message, {}, order="MessageID"))
        for session_id, said in self.sessions.items():
            mine = [row for row in rows if row.SessionID == session_id]
            assert [(row.MessageID, row.SenderID, row.Data, row.Nonce) for row in mine] == [
                (n, *one) for n, one in enumerate(said, 1)
            ]
            assert [event.number for event in self.world.stream(session_id)] == list(range(1, len(said) + 1))
        assert len(rows) == sum(map(len, self.sessions.values()))
        nonces = Counter((row.SessionID, row.SenderID, row.Nonce) for row in rows if row.Nonce)
        assert set(nonces.values()) <= {1}
        self.whole_people()

    def whole_people(self) -> None:
        pairs = self.world.read(lambda tx: tx.find(Pair, {}))
        assert {frozenset((pair.First, pair.Second)) for pair in pairs} == self.bonds.keys()
        assert len(pairs) == len(self.bonds)
        members = self.world.read(lambda tx: tx.find(Member, {}))
        assert {(m.SessionID, m.UserID) for m in members} == {(s, u) for s in self.sessions for u in self.members(s)}
        for user_id, follower in self.followers.items():
            numbers = [event.number for event in self.world.stream(user_id)]
            assert numbers == list(range(1, self.events[user_id] + 1))
            if user_id in self.gone:
                continue
            if follower.away:
                follower.come_back()
            assert follower.stands() == follower.should_stand()
        assert self.world.read(lambda tx: tx.count(Event, {})) == self.events.total()

    # ------------------------------------------------------------------------------------------------------ look-ups

    def person(self, who: int) -> Person:
        """Somebody who has an account still."""
        here = [person for user_id, person in self.people.items() if user_id not in self.gone]
        return here[who % len(here)]

    def shown(self, user_id: str) -> str:
        return "Deleted account" if user_id in self.gone else self.people[user_id].name

    def named(self, name: str) -> Person | None:
        return next((person for person in self.people.values() if person.name.lower() == name.lower()), None)

    def is_open(self, bond: Bond) -> bool:
        return self.world.clock.moment < bond.lapses and not (bond.cancelled or bond.session)

    def is_closed(self, session_id: str) -> bool:
        return any(bond.session == session_id and bond.closed for bond in self.bonds.values())

    def set_by(self, user_id: str, session_id: str, what: str) -> Any:
        """What somebody has set for a session, else for all; None: nothing."""
        here, everywhere = (self.chosen.get((user_id, where), {}).get(what) for where in (session_id, ""))
        return everywhere if here is None else here

    def members(self, session_id: str) -> frozenset[str]:
        return next((pair for pair, bond in self.bonds.items() if bond.session == session_id), frozenset())

    def talks(self, user_id: str) -> dict[str, str]:
        """With whom somebody can talk, by session."""
        mine = [(pair, bond) for pair, bond in self.bonds.items() if user_id in pair and not bond.closed]
        return {bond.session: other for pair, bond in mine if bond.session for other in pair - {user_id}}

    def watchers(self, user_id: str) -> set[str]:
        """Who sees whether somebody is there."""
        talks = self.talks(user_id).items()
        return {other for s, other in talks if self.set_by(user_id, s, "Presence") in (None, True)}

    def count(self, ran: Ran) -> None:
        """The stored events of users."""
        self.events.update(event.stream for event in ran.published if event.number)


def same_nonce(one: Said, other: Said) -> bool:
    return (one.sender, one.nonce) == (other.sender, other.nonce)


def rejects(request: Any) -> bool:
    return isinstance(request, protocol.Request) and not request.Accepted


def seen(ran: Ran) -> bytes:
    """What the one who asked sees of an outcome."""
    outcome = ran.outcome
    if isinstance(outcome, Answer):
        return protocol.encode([outcome.result, outcome.repeat, outcome.instead])
    return protocol.encode(protocol.error(outcome.code, None, outcome.field, outcome.retry_after))
