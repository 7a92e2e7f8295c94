"""A model of people who invite each other and talk: random stories against a dictionary that says what comes of them.

1. The model knows the protocol, not the code: what each act answers, whom it tells, what the database holds afterwards.
   What the rules of consent say stands in `bonds.py`.
2. Acts run alone or several in one transaction, as the gateway shares commits; the outcome must be the same.
3. A twin world hears the same story without its rejections: nobody who was rejected can tell the two apart.
4. After each act: one result for each invitation, no signal of anybody but to whom they talk with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from parlour import protocol
from parlour.core.accounts import Register
from parlour.core.budgets import Budget
from parlour.core.dispatch import NOBODY, Answer, Caller, Refused, stamp_of
from parlour.core.filters import FOR_EVER, Block, Pause
from parlour.core.limits import OFF, Limits, Rate
from parlour.core.links import Link as LinkRow
from parlour.core.logins import LogIn
from parlour.core.messages import Message
from parlour.core.pairs import Pair
from parlour.core.ports import Event, Secret
from parlour.core.presence import Presence
from parlour.core.sessions import Member
from parlour.core.sessions import Session as SessionRow
from tests.core import bonds
from tests.core.bonds import Bond, Bonds, Link, Outcome
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
    timedelta(days=40),
]
ANYBODY = st.sampled_from([*NAMES, "nobody"])
LINKED = ["redeem", "redeem", "redeem", "unlink", "unlink by name"]
TIGHT = Limits(
    invitations=Rate(3, 14_400), lookups=Rate(6, 3_600), alerts=Rate(2, 40_000), askings=2, requests=1, links=2
)
"""Limits that a story runs into."""


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
        self.consent = Bonds(lambda user_id: self.set_by(user_id, "", "WhoMayInvite") or "everyone", self.shown_again)
        self.gone = self.consent.gone
        """Who has deleted the account."""
        self.secrets: list[str] = []
        self.popped_up: set[tuple[str, str]] = set()
        """Who has been shown an invitation of what name, and no result."""
        self.has_twin = True
        self.sessions: dict[str, list[Said]] = {}
        self.events: Counter[str] = Counter()
        self.decliners: set[str] = set()
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
        self.consent.now = self.world.clock.moment
        for act, one in zip(acts, ran, strict=True):
            before = self.who_talks()
            act.check(one)
            self.check_results(one)
            self.check_signals(one, before | self.who_talks())
            for follower in self.followers.values():
                follower.hear(one)
        if self.has_twin:
            both = [(act, one) for act, one in zip(acts, ran, strict=True) if not self.is_unheard(act, one)]
            self.compare_with_silence([one for _, one in both], [(act.request, act.caller) for act, _ in both])
        self.world.later()
        self.twin.later()

    def is_unheard(self, act: Act, ran: Ran) -> bool:
        """Whether the twin does not hear this: a rejection, or what would have been otherwise without one."""
        refused = isinstance(ran.outcome, Refused) and isinstance(act.request, protocol.Request)
        return rejects(act.request) or (refused and act.caller.UserID in self.decliners)

    def compare_with_silence(self, ran: list[Ran], acts: list[tuple[Any, Caller]]) -> None:
        for one, silent in zip(ran, self.twin.run_all(acts), strict=True):
            assert seen(one) == seen(silent)
            for user_id in self.people.keys() - self.decliners:
                assert one.to(user_id) == silent.to(user_id)

    def check_results(self, ran: Ran) -> None:
        """Each invitation that was shown has one result."""
        for user_id in self.people:
            for frame in ran.to(user_id):
                if frame["type"] == "Search":
                    self.popped_up.add((user_id, frame["UserName"]))
                elif frame["type"] == "Resolved":
                    self.popped_up.remove((user_id, frame["UserName"]))

    def check_signals(self, ran: Ran, talk: set[tuple[str, str]]) -> None:
        """Nobody hears whether somebody is there, reads or types but from whom they talk with."""
        for user_id in self.people:
            for frame in ran.to(user_id):
                about = frame.get("UserID", user_id)
                assert about == user_id or (user_id, about) in talk, frame

    def who_talks(self) -> set[tuple[str, str]]:
        return {(one, other) for one in self.people for other in self.talks(one).values()}

    # ------------------------------------------------------------------------------------------------------- people

    @initialize(friends=st.booleans())
    def two_people(self, friends: bool) -> None:
        self.limit(OFF)
        for name in NAMES[:2]:
            self.register(name=name, spelling=str)
        if friends:
            self.befriend(0, 1)

    def limit(self, limits: Limits) -> None:
        self.world.limits = self.twin.limits = self.consent.limits = limits

    def befriend(self, asker: int, asked: int) -> None:
        self.invite(who=asker, name=NAMES[asked], note=None, together=False)
        self.answer(self.person(asked), NAMES[asker], accepted=1, rev=1, together=False)

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

    # ------------------------------------------------------------------------------------------------------ consent

    @rule(who=st.integers(0, 3), name=ANYBODY, note=st.sampled_from([None, None, "hello", " "]), together=st.booleans())
    def invite(self, who: int, name: str, note: str | None, together: bool) -> None:
        request = protocol.Search(Username=name, Note=note)
        self.act(self.person(who), request, lambda me: self.consent.search(me, self.holder(name), note), together)

    @rule(who=st.integers(0, 3), name=ANYBODY, together=st.booleans())
    def cancel(self, who: int, name: str, together: bool) -> None:
        request = protocol.Cancel(Username=name)
        self.act(self.person(who), request, lambda me: self.consent.cancel(me, self.holder(name)), together)

    @rule(who=st.integers(0, 3), name=ANYBODY, lifts=st.booleans(), together=st.booleans())
    def block_or_unblock(self, who: int, name: str, lifts: bool, together: bool) -> None:
        request = (protocol.Unblock if lifts else protocol.Block)(Username=name)
        rule = self.consent.unblock if lifts else self.consent.block
        self.act(self.person(who), request, lambda me: rule(me, self.holder(name)), together)

    @precondition(lambda self: self.sessions)
    @rule(who=st.integers(0, 3), where=st.integers(0, 3), together=st.booleans())
    def close(self, who: int, where: int, together: bool) -> None:
        session_id = list(self.sessions)[where % len(self.sessions)]
        request = protocol.Close(SessionID=session_id)
        self.act(self.person(who), request, lambda me: self.consent.close(me, session_id), together)

    @rule(
        who=st.integers(0, 3),
        name=ANYBODY,
        accepted=st.sampled_from([1, 1, 0]),
        rev=st.sampled_from([None, None, 0, 1, 2]),
        together=st.booleans(),
    )
    def respond_to_anybody(self, who: int, name: str, accepted: int, rev: int | None, together: bool) -> None:
        self.answer(self.person(who), name, accepted, rev, together)

    @precondition(lambda self: self.unsettled())
    @rule(
        which=st.integers(0, 5),
        how=st.sampled_from(["no", "no", "tell", "yes"]),
        right=st.sampled_from([True, True, False]),
        together=st.booleans(),
    )
    def respond_to_what_was_asked(self, which: int, how: str, right: bool, together: bool) -> None:
        bond = self.unsettled()[which % len(self.unsettled())]
        asked, asker = self.people[bond.asked], self.people[bond.asker]
        rev = bond.rev if right else None
        self.answer(asked, asker.name, int(how == "yes"), rev, together, tell=how == "tell")

    @precondition(lambda self: self.unsettled())
    @rule(which=st.integers(0, 5), what=st.sampled_from(["cancel", "again", "back", "block"]), together=st.booleans())
    def act_on_what_was_asked(self, which: int, what: str, together: bool) -> None:
        """The asker takes it back or asks again; the other one asks back, or blocks."""
        bond = self.unsettled()[which % len(self.unsettled())]
        asked, asker = list(self.people).index(bond.asked), list(self.people).index(bond.asker)
        if {bond.asked, bond.asker} & self.gone:
            return
        people = list(self.people.values())
        if what == "cancel":
            request: Any = protocol.Cancel(Username=people[asked].name)
            self.act(people[asker], request, lambda me: self.consent.cancel(me, bond.asked), together)
        elif what == "block":
            request = protocol.Block(Username=people[asker].name)
            self.act(people[asked], request, lambda me: self.consent.block(me, bond.asker), together)
        else:
            one, other = (asker, asked) if what == "again" else (asked, asker)
            request = protocol.Search(Username=people[other].name)
            other_id = people[other].user_id
            self.act(people[one], request, lambda me: self.consent.search(me, other_id, None), together)

    def answer(self, me: Person, name: str, accepted: int, rev: int | None, together: bool, tell: bool = False) -> None:
        request = protocol.Request(username=name, Accepted=accepted, Rev=rev, Tell=tell)

        def rule(user_id: str) -> Outcome:
            bond = self.consent.between(user_id, self.holder(name) or "")
            before = bond and bond.state
            outcome = self.consent.answer(user_id, self.holder(name), accepted, tell, rev)
            if rejects(request) and outcome.told:
                self.decliners.add(user_id)
            if tell and outcome.told and before == "declined":
                self.has_twin = False  # Its pause would begin now, and this one's has begun before.
            return outcome

        self.act(me, request, rule, together)

    @rule(who=st.integers(0, 3), together=st.booleans())
    def make_link(self, who: int, together: bool) -> None:
        self.settle()

        def rule(me: str) -> Outcome:
            return self.consent.make_link(me)

        self.act(self.person(who), protocol.Link(), rule, together)

    @rule(who=st.integers(0, 3), which=st.integers(0, 3), what=st.sampled_from(LINKED), together=st.booleans())
    def use_link(self, who: int, which: int, what: str, together: bool) -> None:
        """Redeem a link, or take it back by its secret or its name; one of those that there were, or none."""
        self.settle()
        secret = [*self.secrets, "no.link"][which % (len(self.secrets) + 1)]
        text = secret.partition(".")[0] if what == "unlink by name" else secret
        request = (protocol.Redeem if what == "redeem" else protocol.Unlink)(Link=text)
        rule = self.consent.redeem if what == "redeem" else self.consent.unlink
        self.act(self.person(who), request, lambda me: rule(me, self.consent.links.get(secret)), together)

    def act(self, me: Person, request: Any, rule: Callable[[str], Outcome], together: bool) -> None:
        """Something that the rules of consent say the outcome of, once it is its turn."""

        def check(ran: Ran) -> None:
            if me.user_id in self.gone:
                assert ran.refusal == ("unauthorized", None)
                return
            self.check_outcome(ran, me, rule(me.user_id))

        self.do(request, me.caller, check, together)

    def check_outcome(self, ran: Ran, me: Person, outcome: Outcome) -> None:
        bond = outcome.bond
        other = self.people[me.user_id if bond is None else bond.asked if bond.asker == me.user_id else bond.asker]
        if isinstance(ran.outcome, Refused):
            assert (outcome.answer, outcome.field) == ran.refusal
            assert ran.outcome.retry_after == outcome.wait
        elif outcome.answer == "asked":
            assert bond
            assert ran.result == protocol.Asked(other.name, "sent", stamp_of(bond.lapses))
        elif outcome.answer == "begun":
            assert bond
            self.check_begun(ran, bond, other)
        elif outcome.answer == "again":
            assert bond
            assert ran.result == protocol.Begun(bond.session or "", {other.user_id: other.name})
            assert ran.answer.instead
        elif outcome.answer == "link":
            self.secrets.append(ran.result.Link)
            self.consent.links[ran.result.Link] = Link(me.user_id, self.world.clock.moment + timedelta(days=7))
        else:
            assert (outcome.answer, ran.result) == ("nothing", protocol.Nothing())
        self.check_told(ran, outcome)
        self.count(ran)

    def check_told(self, ran: Ran, outcome: Outcome) -> None:
        """Everybody hears what the rules say, and whatever is hidden costs as much as if it were not."""
        for user_id in self.people:
            frames = [frame for frame in ran.to(user_id) if "Seq" in frame]
            wanted = [told for told in outcome.told if told.to == user_id]
            assert [frame["type"] for frame in frames] == [told.kind for told in wanted]
            for frame, told in zip(frames, wanted, strict=True):
                assert {name: frame.get(name) for name in told.says} == told.says
        asks = any(told.kind == "Invite" and told.says["State"] != "declined" for told in outcome.told)
        numbered = [event for event in ran.published if event.number]
        if asks and not any(told.kind in ("Blocked", "Closed") for told in outcome.told):
            assert len(numbered) == 2

    def check_begun(self, ran: Ran, bond: Bond, other: Person) -> None:
        """Both have said yes: one session, for ever."""
        assert bond.session in (None, ran.result.SessionID)
        bond.session = session_id = ran.result.SessionID
        self.sessions.setdefault(session_id, [])
        assert ran.result.Users == {other.user_id: other.name}
        pair = (bond.asker, bond.asked)
        signals = [
            (to, "Status")
            for to, of in (pair, pair[::-1])
            if of in self.online and self.set_by(of, session_id, "Presence") in (None, True)
        ]
        assert sorted(kind for kind in ran.kinds() if kind[1] == "Status") == sorted(signals)

    def unsettled(self) -> list[Bond]:
        return [bond for bond in self.consent.bonds.values() if bond.state not in ("active", "closed")]

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
        self.consent.now = self.world.clock.moment
        me, mine = person.snapshot()["Me"], person.user_id
        asking = {
            (self.people[of].name, state, stamp_of(lapses))
            for (asker, of), (state, lapses) in self.consent.asking.items()
            if asker == mine and self.consent.now < lapses + bonds.LAPSE
        }
        invited = {(self.people[b.asker].name, b.rev, b.state == "held") for b in self.consent.waiting_for(mine)}
        assert {(one["Username"], one["State"], one["Lapses"]) for one in me["Asking"]} == asking
        assert {(one["UserName"], one["Rev"], one.get("Quiet", False)) for one in me["Invitations"]} == invited
        assert set(me["Blocks"]) == {self.people[of].name for user_id, of in self.consent.blocks if user_id == mine}
        links = sorted(stamp_of(one.lapses) for one in self.consent.links_of(mine))
        assert [one["Lapses"] for one in me["Links"]] == links
        self.look_into_ledger(person)

    def look_into_ledger(self, person: Person) -> None:
        mine = person.user_id
        said = self.consent.ledgers[mine][::-1]
        lines = person.ledger()
        assert [
            (line["By"], line["Did"], line.get("UserName"), line.get("How"), line.get("Note")) for line in lines
        ] == [(e.by, e.did, self.known_as(mine, e.other), e.how, e.note) for e in said]
        undoable = [e.other for e in said if (e.by, e.did) == ("me", "declined")]
        last = {other: undoable.index(other) for other in set(undoable) if other and self.consent.can_undo(mine, other)}
        marked = [line.get("Undo", False) for line in lines if (line["By"], line["Did"]) == ("me", "declined")]
        assert [i for i, undo in enumerate(marked) if undo] == sorted(last.values())
        assert sum(line.get("Undo", False) for line in lines) == len(last)

    def known_as(self, user_id: str, other: str | None) -> str | None:
        """What somebody is called in another one's ledger."""
        bond = self.consent.between(user_id, other) if other else None
        return self.shown(other) if other and bond and bond.session else other and self.people[other].name

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
        if not self.waiting and self.has_twin:
            for user_id in self.people.keys() - self.decliners - self.gone:
                assert self.people[user_id].snapshot_bytes() == self.twins[user_id].snapshot_bytes()

    @invariant()
    def one_record_and_one_session_for_each_two_and_none_is_active_beside_a_block(self) -> None:
        if self.waiting:
            return
        pairs = self.world.read(lambda tx: tx.find(Pair, {}))
        assert len({frozenset((pair.First, pair.Second)) for pair in pairs}) == len(pairs)
        begun = [pair.SessionID for pair in pairs if pair.SessionID]
        sessions = self.world.read(lambda tx: tx.count(SessionRow, {}))
        assert sessions == len(begun) == len(set(begun)) == len(self.sessions)
        active = {frozenset((pair.First, pair.Second)) for pair in pairs if pair.State == "active"}
        blocked = {frozenset((row.UserID, row.Of)) for row in self.world.read(lambda tx: tx.find(Block, {}))}
        assert not active & blocked

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
        found = {frozenset((p.First, p.Second)): (p.State, p.Asker, p.Rev, p.SessionID) for p in pairs}
        assert found == {both: (b.state, b.asker, b.rev, b.session) for both, b in self.consent.bonds.items()}
        self.whole_consent()
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

    def whole_consent(self) -> None:
        """Blocks, pauses, links and budgets as the rules left them."""
        read, consent = self.world.read, self.consent
        assert {(row.UserID, row.Of) for row in read(lambda tx: tx.find(Block, {}))} == consent.blocks
        ever = {bonds.FOR_EVER: FOR_EVER}
        assert {((row.UserID, row.Of), row.Until, row.Times) for row in read(lambda tx: tx.find(Pause, {}))} == {
            (both, ever.get(until) or stamp_of(until), times) for both, (until, times) in consent.pauses.items()
        }
        assert {(row.LinkID, row.State, row.UsedBy) for row in read(lambda tx: tx.find(LinkRow, {}))} == {
            (secret.partition(".")[0], link.state, link.used_by) for secret, link in consent.links.items()
        }
        rows, now = read(lambda tx: tx.find(Budget, {})), self.world.stamp
        full = {(row.UserID.replace("~", "hidden "), row.Kind): row.Full for row in rows}
        for key, moment in consent.full.items():
            assert max(full[key], now) == max(stamp_of(moment), now)

    # ------------------------------------------------------------------------------------------------------ look-ups

    def person(self, who: int) -> Person:
        """Somebody who has an account still."""
        here = [person for user_id, person in self.people.items() if user_id not in self.gone]
        return here[who % len(here)]

    def shown(self, user_id: str) -> str:
        return "Deleted account" if user_id in self.gone else self.people[user_id].name

    def named(self, name: str) -> Person | None:
        return next((person for person in self.people.values() if person.name.lower() == name.lower()), None)

    def holder(self, name: str) -> str | None:
        """Whose name this is, or was."""
        person = self.named(name)
        return person.user_id if person else None

    def is_closed(self, session_id: str) -> bool:
        return any(bond.session == session_id and bond.state != "active" for bond in self.consent.bonds.values())

    def shown_again(self, user_id: str, session_id: str) -> bool:
        """A session is open again: whether this user had hidden it."""
        hidden = bool(self.set_by(user_id, session_id, "Hidden"))
        if hidden:
            self.chosen[user_id, session_id]["Hidden"] = False
        return hidden

    def set_by(self, user_id: str, session_id: str, what: str) -> Any:
        """What somebody has set for a session, else for all; None: nothing."""
        here, everywhere = (self.chosen.get((user_id, where), {}).get(what) for where in (session_id, ""))
        return everywhere if here is None else here

    def members(self, session_id: str) -> frozenset[str]:
        return next((pair for pair, bond in self.consent.bonds.items() if bond.session == session_id), frozenset())

    def talks(self, user_id: str) -> dict[str, str]:
        """With whom somebody can talk, by session."""
        mine = [(pair, b) for pair, b in self.consent.bonds.items() if user_id in pair and b.state == "active"]
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
    """Whether this says no, and to nobody but the server."""
    return isinstance(request, protocol.Request) and not request.Accepted and not request.Tell


def seen(ran: Ran) -> bytes:
    """What the one who asked sees of an outcome."""
    outcome = ran.outcome
    if isinstance(outcome, Answer):
        return protocol.encode([outcome.result, outcome.repeat, outcome.instead])
    return protocol.encode(protocol.error(outcome.code, None, outcome.field, outcome.retry_after))
