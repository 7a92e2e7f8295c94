"""Two doors, one definition: every frame but `Resume` is also a call, with the same results and the same refusals.

1. What is tried is taken from the definition, so that a new frame without its call, or its test, is noticed.
2. A refusal over HTTP is compared with the one that the same frame gets on a socket.
3. What came in by one door is known at the other: budgets and nonces are shared.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from parlour import protocol
from parlour.core.dispatch import NOBODY
from parlour.core.logins import LogIn
from parlour.core.ports import Secret
from parlour.server.access import make_token, token_hash
from parlour.server.gateway import Budgets
from parlour.server.limits import Budget, Unlimited
from tests.server.people import PASSWORD, Json, Person, Socket, Town, town
from tests.server.wire import ask, post, request

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.full]

FRAMES = {protocol.name_of(frame): frame for frame in protocol.CLIENT_FRAMES_OVER_HTTP}
NEW_PASSWORD = "four other plain words"


class Scene(NamedTuple):
    """Nanda, who has a session with Winston, was invited by Bea and has invited Dora; Chika has nothing to do with her.

    `link` is Nanda's own, `offer` Chika's.
    """

    nanda: Person
    winston: Person
    chika: Person
    bea: Person
    dora: Person
    session_id: str
    link: str
    offer: str

    @property
    def people(self) -> tuple[Person, ...]:
        return self.nanda, self.winston, self.chika, self.bea, self.dora


async def somebody(house: Town) -> Person:
    """Somebody who is logged in without any hashing: most of these tests would do nothing else."""
    person = await house.person(log_in=False)
    person.token = make_token(secrets.token_urlsafe(32))
    [[kept]] = house.sql("SELECT Password FROM Users WHERE UserID = ?", person.user_id)
    hashed = Secret(token_hash(person.token) or "")
    await house.server.gateway.write(LogIn(person.user_id, Secret(kept), hashed), NOBODY)
    house.server.floor.logged_in(person.user_id)
    return person


async def scene(house: Town) -> Scene:
    nanda, winston, chika, bea, dora = [await somebody(house) for _ in range(5)]
    session_id = await house.together(nanda, winston)
    await done(bea, "Search", Username=nanda.name)
    await done(nanda, "Search", Username=dora.name)
    link, offer = [(await done(maker, "Link"))["Link"] for maker in (nanda, chika)]
    return Scene(nanda, winston, chika, bea, dora, session_id, link, offer)


async def send(person: Person, kind: str, **frame: Any) -> tuple[int, Any]:
    """Send a frame over HTTP."""
    return await person.call("POST", f"/api/{kind.lower()}", json=frame)


async def done(person: Person, kind: str, **frame: Any) -> Json:
    """The body of `Done` for a frame over HTTP."""
    status, body = await send(person, kind, **frame)
    assert status == 200, body
    assert isinstance(body, dict)
    return body


async def answer(socket: Socket, kind: str, **frame: Any) -> Json:
    """The answer to a frame on a socket."""
    await socket.send(type=kind, Ref="answer", **frame)
    return await socket.next(lambda heard: heard.get("Ref") == "answer")


def message(s: Scene, data: str = "hello", **more: Any) -> Json:
    return {"SessionID": s.session_id, "Message": {"data": data}, **more}


BODIES: dict[str, Callable[[Scene], Json]] = {
    "Message": message,
    "Messgae": message,
    "Search": lambda s: {"Username": s.chika.name, "Note": "We met at the lake."},
    "request": lambda s: {"username": s.bea.name, "Accepted": 1},
    "Cancel": lambda s: {"Username": s.dora.name},
    "Block": lambda s: {"Username": s.bea.name},
    "Unblock": lambda s: {"Username": s.bea.name},
    "Close": lambda s: {"SessionID": s.session_id},
    "Link": lambda s: {},
    "Unlink": lambda s: {"Link": s.link},
    "Redeem": lambda s: {"Link": s.offer},
    "Delivered": lambda s: {"SessionID": s.session_id, "MessageID": "1"},
    "Read": lambda s: {"SessionID": s.session_id, "MessageID": "1"},
    "Typing": lambda s: {"SessionID": s.session_id},
    "Settings": lambda s: {"SessionID": s.session_id, "Muted": True},
    "Password": lambda s: {"Old": PASSWORD, "New": NEW_PASSWORD},
    "Revoke": lambda s: {"LoginID": "others"},
    "DeleteAccount": lambda s: {"Password": PASSWORD},
}
RESULTS = {"Message": {"SessionID", "MessageID"}, "Search": {"Username", "State", "Lapses"}}
RESULTS |= {"Messgae": RESULTS["Message"], "request": {"SessionID", "Users"}, "Redeem": {"SessionID", "Users"}}
RESULTS |= {"Link": {"Link", "Lapses"}}
CHANGING = {"request": ["SessionID"], "Redeem": ["SessionID"], "Link": ["Link"]}
"""What is another one each time."""
each_frame = pytest.mark.parametrize("kind", FRAMES)


async def test_every_frame_but_one_is_tried_here() -> None:
    assert BODIES.keys() == FRAMES.keys()
    assert set(protocol.CLIENT_FRAMES) - set(FRAMES.values()) == {protocol.Resume}


@each_frame
@pytest.mark.parametrize("ref", [None, "my own name"])
async def test_a_frame_over_http_is_answered_with_done(house: Town, kind: str, ref: str | None) -> None:
    s = await scene(house)
    named = {} if ref is None else {"Ref": ref}
    body = await done(s.nanda, kind, **BODIES[kind](s), **named)
    assert {"type": "Done", **named}.items() <= body.items()
    assert body.keys() - {"type", "Ref"} == RESULTS.get(kind, set())


@each_frame
async def test_both_doors_answer_alike(house: Town, kind: str) -> None:
    """The same story twice, by one door each; ids and names are the story's own."""

    def alike(s: Scene, body: Json) -> str:
        text = json.dumps(body)
        names = (f'"{person.name}"' for person in s.people)
        for position, one in enumerate((s.session_id, *(person.user_id for person in s.people), *names)):
            text = text.replace(one, f"<{position}>")
        return text

    told = []
    for by_http in (True, False):
        s = await scene(house)
        frame = BODIES[kind](s) | {"Ref": "answer"}
        socket = await s.nanda.v1()
        body = await (done(s.nanda, kind, **frame) if by_http else answer(socket, kind, **BODIES[kind](s)))
        for changing in ("Lapses", *CHANGING.get(kind, [])):
            body.pop(changing, None)
        told.append(alike(s, body))
    assert told[0] == told[1]


@each_frame
async def test_the_type_may_stand_in_the_body_but_must_fit(house: Town, kind: str) -> None:
    s = await scene(house)
    for wrong in ("Resume", "nonsense", kind + "x", "", None, 1):
        status, body = await send(s.nanda, kind, **BODIES[kind](s), type=wrong)
        assert (status, body["code"], body["field"]) == (422, "malformed", "type")
    assert (await done(s.nanda, kind, **BODIES[kind](s), type=kind))["type"] == "Done"


async def test_resume_has_no_call(house: Town) -> None:
    person = await house.person()
    status, body = await send(person, "Resume", Epoch="x", Me=0)
    assert (status, body["code"]) == (404, "not_found")


# ------------------------------------------------------------------------------------------------------------ refusals


async def left(s: Scene) -> None:
    await done(s.winston, "DeleteAccount", Password=PASSWORD)


async def lapsed(s: Scene) -> None:
    await done(s.bea, "DeleteAccount", Password=PASSWORD)


async def blocked(s: Scene) -> None:
    await done(s.nanda, "Block", Username=s.chika.name)


async def used(s: Scene) -> None:
    await done(s.bea, "Redeem", Link=s.offer)


async def said(s: Scene) -> None:
    await done(s.nanda, "Message", **message(s, Nonce="the-nonce"))


async def nothing(s: Scene) -> None:
    """Nothing happens before."""


class Case(NamedTuple):
    """A frame that is refused, after what happened before."""

    kind: str
    code: str
    status: int
    field: str | None
    body: Callable[[Scene], Json]
    before: Callable[[Scene], Awaitable[None]] = nothing


def elsewhere(body: Json) -> Json:
    return body | {"SessionID": "AAAAAAAAAAAAAAAA"}


CASES = [
    *(
        case
        for kind in ("Message", "Messgae")
        for case in (
            Case(kind, "not_found", 404, "SessionID", lambda s: elsewhere(message(s))),
            Case(kind, "closed", 409, "SessionID", message, left),
            Case(kind, "empty", 422, "Message.data", lambda s: message(s, " ")),
            Case(kind, "too_long", 422, "Message.data", lambda s: message(s, "x" * 8_001)),
            Case(kind, "nonce_reused", 409, "Nonce", lambda s: message(s, "other", Nonce="the-nonce"), said),
            Case(kind, "not_you", 403, "Message.Sender",
                 lambda s: message(s, Message={"data": "x", "Sender": s.winston.user_id})),
        )
    ),
    Case("Search", "self", 422, "Username", lambda s: {"Username": s.nanda.name}),
    Case("Search", "user_not_found", 404, "Username", lambda s: {"Username": "nobody-at-all"}),
    Case("Search", "you_blocked", 403, "Username", BODIES["Search"], blocked),
    Case("Search", "empty", 422, "Note", lambda s: BODIES["Search"](s) | {"Note": " \u200b"}),
    Case("Search", "malformed", 422, "Note", lambda s: BODIES["Search"](s) | {"Note": "x" * 141}),
    Case("request", "no_invitation", 404, "username", lambda s: {"username": s.chika.name, "Accepted": 1}),
    Case("request", "gone", 410, "username", lambda s: {"username": s.bea.name, "Accepted": 1}, lapsed),
    Case("request", "malformed", 422, "Tell", lambda s: {"username": s.bea.name, "Accepted": 0, "Tell": 1}),
    Case("Cancel", "no_invitation", 404, "Username", lambda s: {"Username": s.bea.name}),
    Case("Cancel", "gone", 410, "Username", lambda s: {"Username": s.winston.name}),
    Case("Block", "self", 422, "Username", lambda s: {"Username": s.nanda.name}),
    Case("Block", "user_not_found", 404, "Username", lambda s: {"Username": "nobody-at-all"}),
    Case("Unblock", "self", 422, "Username", lambda s: {"Username": s.nanda.name}),
    Case("Unblock", "user_not_found", 404, "Username", lambda s: {"Username": "nobody-at-all"}),
    Case("Close", "not_found", 404, "SessionID", lambda s: elsewhere({})),
    Case("Unlink", "not_found", 404, "Link", lambda s: {"Link": s.offer}),
    Case("Redeem", "self", 422, "Link", lambda s: {"Link": s.link}),
    Case("Redeem", "gone", 410, "Link", BODIES["Redeem"], used),
    Case("Delivered", "not_found", 404, "SessionID", lambda s: elsewhere(BODIES["Delivered"](s))),
    Case("Read", "not_found", 404, "SessionID", lambda s: elsewhere(BODIES["Read"](s))),
    Case("Typing", "not_found", 404, "SessionID", lambda s: elsewhere(BODIES["Typing"](s))),
    Case("Typing", "closed", 409, "SessionID", BODIES["Typing"], left),
    Case("Settings", "not_found", 404, "SessionID", lambda s: elsewhere(BODIES["Settings"](s))),
    Case("Settings", "open", 409, "Hidden", lambda s: {"SessionID": s.session_id, "Hidden": True}),
    Case("Settings", "malformed", 422, "Muted", lambda s: {"Muted": True}),
    Case("Password", "wrong_password", 422, "Old", lambda s: {"Old": "not the password", "New": NEW_PASSWORD}),
    Case("Password", "password_weak", 422, "New", lambda s: {"Old": PASSWORD, "New": "password"}),
    Case("Password", "malformed", 422, "New", lambda s: {"Old": PASSWORD, "New": "line\nline line"}),
    Case("Revoke", "not_found", 404, "LoginID", lambda s: {"LoginID": "nowhere"}),
    Case("DeleteAccount", "wrong_password", 422, "Password", lambda s: {"Password": "not the password"}),
    *(Case(kind, "unknown_field", 422, "Extra", lambda s, k=kind: BODIES[k](s) | {"Extra": 1}) for kind in FRAMES),  # type: ignore[misc]
]  # fmt: skip


async def test_every_refusal_of_the_definition_is_tried_here() -> None:
    tried = {(case.kind, case.code) for case in CASES if case.code not in protocol.ANY_FRAME}
    told = {(kind, code) for kind, frame in FRAMES.items() for code in protocol.REFUSALS[protocol.base_of(frame)]}
    assert tried == told


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.code}")
async def test_a_refusal_is_the_same_at_both_doors(house: Town, case: Case) -> None:
    s = await scene(house)
    await case.before(s)
    body = case.body(s)
    status, problem = await send(s.nanda, case.kind, **body)
    assert (status, problem["status"], problem["code"], problem.get("field")) == (
        case.status, case.status, case.code, case.field,
    )  # fmt: skip
    error = await answer(await s.nanda.v1(), case.kind, **body)
    assert (error["type"], error["Code"], error.get("Field")) == ("Error", case.code, case.field)
    assert problem["title"] == error["Reason"]


async def told_no(s: Scene) -> None:
    await done(s.dora, "request", username=s.nanda.name, Accepted=0, Tell=True)


async def closed(s: Scene) -> None:
    await done(s.winston, "Close", SessionID=s.session_id)


OVER = [
    ("request", lambda s: {"username": s.bea.name, "Accepted": 1}, lapsed, "This invitation was taken back."),
    ("request", lambda s: {"username": s.winston.name, "Accepted": 1}, closed,
     "This conversation is closed. A new invitation opens it again."),
    ("request", lambda s: {"username": s.bea.name, "Accepted": 1, "Rev": 7}, nothing,
     "This invitation is over; another one stands in its place."),
    ("Cancel", lambda s: {"Username": s.winston.name}, nothing, "This invitation was accepted."),
    ("Cancel", lambda s: {"Username": s.dora.name}, told_no, "This invitation was declined."),
    ("Cancel", lambda s: {"Username": s.winston.name}, closed,
     "This conversation is closed. A new invitation opens it again."),
    ("Redeem", BODIES["Redeem"], used, "This invitation is over."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "body", "before", "why"), OVER)
async def test_what_is_gone_says_why_at_both_doors_and_a_link_never_does(
    house: Town, kind: str, body: Callable[[Scene], Json], before: Callable[[Scene], Awaitable[None]], why: str
) -> None:
    s = await scene(house)
    await before(s)
    status, problem = await send(s.nanda, kind, **body(s))
    error = await answer(await s.nanda.v1(), kind, **body(s))
    assert (status, problem["code"], problem["title"]) == (410, "gone", why)
    assert (error["Code"], error["Reason"]) == ("gone", why)


async def test_what_has_lapsed_says_so(house: Town) -> None:
    s = await scene(house)
    past = "2001-01-01T00:00:00.000Z"
    house.sql("UPDATE Pairs SET Lapses = ? WHERE ? IN (Asker, Asked) AND State = 'pending'", past, s.nanda.user_id)
    for kind, body in (("request", BODIES["request"](s)), ("Cancel", BODIES["Cancel"](s))):
        status, problem = await send(s.nanda, kind, **body)
        assert (status, problem["title"]) == (410, "This invitation has lapsed.")


@each_frame
async def test_nothing_is_taken_from_the_query(house: Town, kind: str) -> None:
    """A secret in an address is known to every proxy on the way."""
    s = await scene(house)
    _, before = await s.nanda.call("GET", "/api/snapshot")
    for params, body in ((BODIES[kind](s), {}), ({"Link": s.offer}, BODIES[kind](s))):
        words = {name: str(value) for name, value in params.items()}
        if words:
            status, problem = await s.nanda.call("POST", f"/api/{kind.lower()}", params=words, json=body)
            assert (status, problem["code"], problem["field"]) == (422, "unknown_field", next(iter(words)))
    assert (await s.nanda.call("GET", "/api/snapshot"))[1] == before


@each_frame
async def test_without_a_login_nothing_is_done(house: Town, kind: str) -> None:
    s = await scene(house)
    _, before = await s.nanda.call("GET", "/api/snapshot")
    for token in ("", "parlour_", s.nanda.token[:-1]):
        stranger = Person(house.http, house.base, s.nanda.name)
        stranger.token = token
        status, body = await send(stranger, kind, **BODIES[kind](s))
        assert (status, body["code"]) == (401, "unauthorized")
    assert (await s.nanda.call("GET", "/api/snapshot"))[1] == before


@each_frame
async def test_a_cookie_serves_our_own_page_alone(house: Town, kind: str) -> None:
    s = await scene(house)
    body, cookie = json.dumps(BODIES[kind](s)).encode(), f"Cookie: parlour={s.nanda.token}"
    path, own = f"/api/{kind.lower()}", f"http://localhost:{house.port}"
    host = f"Host: localhost:{house.port}"

    def request(*headers: str) -> bytes:
        return post(path, body, *headers, cookie).replace(b"Host: localhost\r\n", host.encode() + b"\r\n")

    refused = [
        (),
        ("Origin: http://elsewhere.test",),
        ("Origin: null",),
        (f"Origin: {own}", "Sec-Fetch-Site: cross-site"),
        (f"Origin: {own}", "Sec-Fetch-Site: same-site"),
    ]
    for headers in refused:
        reply = await ask(house.port, request(*headers))
        assert (reply.status, reply.json["code"]) == (403, "csrf"), headers
    reply = await ask(house.port, request(f"Origin: {own}", "Content-Type: text/plain"))
    assert (reply.status, reply.json["code"]) == (415, "not_json")
    reply = await ask(house.port, request(f"Origin: {own}", "Sec-Fetch-Site: same-origin"))
    assert (reply.status, reply.json["type"]) == (200, "Done")


# ------------------------------------------------------------------------------------------------------------- budgets


async def test_messages_of_both_doors_come_from_one_budget(tmp_path: Path) -> None:
    async with town(tmp_path, limits="on", message_burst=3, message_each_second=0.001) as small:
        nanda, winston, session_id = await small.pair()
        socket = await nanda.v1()
        body = {"SessionID": session_id, "Message": {"data": "x"}}
        assert (await answer(socket, "Message", **body))["type"] == "Done"
        await done(nanda, "Message", **body)
        await done(nanda, "Messgae", **body)
        status, problem = await send(nanda, "Message", **body)
        assert (status, problem["code"]) == (429, "slow_down")
        error = await answer(socket, "Message", **body)
        assert (error["Code"], error["RetryAfter"] > 0) == ("slow_down", True)
        await done(nanda, "Typing", SessionID=session_id)
        await done(winston, "Message", **body)


async def test_other_frames_of_both_doors_come_from_one_budget(tmp_path: Path) -> None:
    async with town(tmp_path) as small:
        nanda, _, session_id = await small.pair()
        socket = await nanda.v1()
        slow = Budget(2, 0.001, asyncio.get_running_loop().time)  # Its setting is a whole number: too fast for a test.
        small.server.floor.budgets = Budgets(Unlimited(), slow, Unlimited(), Unlimited())
        assert (await answer(socket, "Typing", SessionID=session_id))["type"] == "Done"
        await done(nanda, "Settings", Typing=True)
        status, problem = await send(nanda, "Search", Username="nobody-at-all")
        assert (status, problem["code"]) == (429, "slow_down")
        assert (await answer(socket, "Settings", Typing=False))["Code"] == "slow_down"
        await done(nanda, "Message", SessionID=session_id, Message={"data": "x"})


async def test_questions_have_a_budget_of_their_own(tmp_path: Path) -> None:
    async with town(tmp_path) as small:
        nanda, winston, session_id = await small.pair()
        paths = ["load", "snapshot", f"sessions/{session_id}/messages", "logins", "consent", "export"]
        slow = Budget(len(paths), 0.001, asyncio.get_running_loop().time)
        small.server.floor.budgets = Budgets(Unlimited(), Unlimited(), slow, Unlimited())
        for path in paths:
            assert (await nanda.call("GET", f"/api/{path}"))[0] == 200
        for path in paths:
            reply = await ask(small.port, request("GET", f"/api/{path}", f"Authorization: Bearer {nanda.token}"))
            assert (reply.status, reply.json["code"]) == (429, "slow_down")
            assert int(reply.headers["retry-after"]) > 100
        assert (await winston.call("GET", "/api/load"))[0] == 200
        await done(nanda, "Message", SessionID=session_id, Message={"data": "x"})


async def test_a_password_can_be_guessed_by_neither_door(tmp_path: Path) -> None:
    """With a stolen login: ten tries a minute, of both doors and both frames together."""
    async with town(tmp_path, limits="on") as small:
        nanda = await small.person()
        socket = await nanda.v1()
        for number in range(10):
            frame = {"Old": f"guess {number}", "New": NEW_PASSWORD}
            if number % 2:
                assert (await answer(socket, "Password", **frame))["Code"] == "wrong_password"
            else:
                assert (await send(nanda, "Password", **frame))[1]["code"] == "wrong_password"
        status, problem = await send(nanda, "DeleteAccount", Password=PASSWORD)
        assert (status, problem["code"]) == (429, "slow_down")
        assert (await answer(socket, "Password", Old=PASSWORD, New=NEW_PASSWORD))["Code"] == "slow_down"


# --------------------------------------------------------------------------------------------------------------- nonces


@pytest.mark.parametrize("first_by_http", [True, False])
async def test_a_nonce_is_known_at_both_doors(house: Town, first_by_http: bool) -> None:
    nanda, _, session_id = await house.pair()
    socket = await nanda.v1(sessions={session_id: 0})
    body = {"SessionID": session_id, "Message": {"data": "once"}, "Nonce": "known-at-both"}
    if first_by_http:
        first = await done(nanda, "Message", **body)
        _, number, stored = await socket.message()
        again = await answer(socket, "Message", **body)
        assert socket.frames[-2] == {session_id: {number: stored}}, "the first delivery comes once more"
    else:
        first = await answer(socket, "Message", **body)
        again = await done(nanda, "Message", **body)
    assert first["MessageID"] == again["MessageID"] == "1"
    other = body | {"Message": {"data": "another"}}
    status, problem = await send(nanda, "Message", **other)
    assert (status, problem["code"], problem["field"]) == (409, "nonce_reused", "Nonce")
    assert (await answer(socket, "Message", **other))["Code"] == "nonce_reused"
    _, page = await nanda.call("GET", f"/api/sessions/{session_id}/messages")
    assert [m["data"] for m in page["Messages"].values()] == ["once"]


async def test_a_nonce_sent_by_all_doors_at_once_makes_one_row(house: Town) -> None:
    nanda, winston, session_id = await house.pair()
    sockets = [await nanda.v1(), await nanda.v1(), await nanda.core()]
    listening = await winston.v1(sessions={session_id: 0})
    body = {"SessionID": session_id, "Message": {"data": "once"}, "Nonce": "by-all-doors"}
    calls = [done(nanda, "Message", **body) for _ in range(4)]
    told = [answer(socket, "Message", **body) for socket in sockets[:2]]
    await sockets[2].send(type="Message", **body)
    answers = await asyncio.gather(*calls, *told)
    assert [one["MessageID"] for one in answers] == ["1"] * 6
    assert (await sockets[2].message())[1] == "1"
    await done(nanda, "Message", SessionID=session_id, Message={"data": "then"})
    heard = [(await listening.message())[1:] for _ in range(2)]
    assert [(number, said["data"]) for number, said in heard] == [("1", "once"), ("2", "then")]


async def test_a_nonce_belongs_to_its_sender_and_session(house: Town) -> None:
    nanda, winston, session_id = await house.pair()
    chika = await house.person()
    other = await house.together(nanda, chika)
    for person, where in ((nanda, session_id), (winston, session_id), (nanda, other), (chika, other)):
        body = {"SessionID": where, "Message": {"data": f"of {person.name}"}, "Nonce": "the-same-one"}
        first, again = await done(person, "Message", **body), await done(person, "Message", **body)
        assert first == again
    for where in (session_id, other):
        _, page = await nanda.call("GET", f"/api/sessions/{where}/messages")
        assert list(page["Messages"]) == ["1", "2"]


# ----------------------------------------------------------------------------------------------------------- on screens


async def test_what_comes_by_http_is_heard_on_sockets(house: Town) -> None:
    nanda, winston, session_id = await house.pair()
    own, others = await nanda.v1(), await winston.v1()
    sent = await done(nanda, "Message", SessionID=session_id, Message={"data": "by the other door"})
    for socket in (own, others):
        assert (await socket.message())[:2] == (session_id, sent["MessageID"])
    await done(winston, "Delivered", SessionID=session_id, MessageID="1")
    assert await own.of_type("Mark") == {
        "type": "Mark", "SessionID": session_id, "UserID": winston.user_id, "Delivered": "1",
    }  # fmt: skip
    await done(nanda, "Settings", Receipts=True)
    assert (await own.of_type("Settings"))["Receipts"] is True


async def test_my_logins_are_shown_by_device(house: Town) -> None:
    person = await house.person()
    phone = Person(house.http, house.base, person.name)
    _, made = await phone.call("POST", "/api/login", json={"Username": person.name, "Password": PASSWORD},
                               headers={"User-Agent": "a telephone"})  # fmt: skip
    phone.token = made["Token"]
    status, body = await phone.call("GET", "/api/logins")
    assert status == 200
    own, other = sorted(body["Logins"], key=lambda one: not one["Current"])
    assert (own["Agent"], own["Current"], other["Current"]) == ("a telephone", True, False)
    assert own.keys() == {"LoginID", "CreatedAt", "UsedAt", "Agent", "Current"}
    await done(phone, "Revoke", LoginID=other["LoginID"])
    assert (await person.call("GET", "/api/load"))[0] == 401
    assert [one["LoginID"] for one in (await phone.call("GET", "/api/logins"))[1]["Logins"]] == [own["LoginID"]]
    status, problem = await phone.call("GET", "/api/logins?all=1")
    assert (status, problem["code"]) == (422, "unknown_field")


async def test_a_new_password_opens_and_the_old_one_does_not(house: Town) -> None:
    person = await house.person()
    await done(person, "Password", Old=PASSWORD, New=NEW_PASSWORD)
    tried = [
        (await person.call("POST", "/api/login", json={"Username": person.name, "Password": password}))[0]
        for password in (PASSWORD, NEW_PASSWORD)
    ]
    assert tried == [401, 200]


async def test_a_deleted_account_is_no_account_and_its_name_stays_taken(house: Town) -> None:
    person, other = await house.person(), await house.person()
    who = {"Username": person.name, "Password": PASSWORD}
    await done(person, "DeleteAccount", Password=PASSWORD)
    status, problem = await person.call("POST", "/api/login", json=who)
    assert (status, problem["code"]) == (400, "user_not_found")
    status, problem = await person.call("POST", "/api/register", json=who)
    assert (status, problem["code"]) == (409, "username_taken")
    assert (await send(other, "Search", Username=person.name))[1]["code"] == "user_not_found"
    assert (await person.call("GET", "/api/load"))[0] == 401
