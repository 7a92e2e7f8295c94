"""What nobody may see: no frame, reply or result can hold a secret, wherever it is put."""

from __future__ import annotations

import inspect
import typing
from typing import Any

import msgspec
import pytest

from parlour import protocol
from parlour.core import accounts, links, logins
from parlour.core.ports import KEYS, Record, Secret
from parlour.protocol import encode

HIDDEN = "argon2id-and-nobody-may-see-it"
TYPES: list[type[msgspec.Struct]] = [
    found
    for _, found in inspect.getmembers(protocol, inspect.isclass)
    if issubclass(found, msgspec.Struct) and found.__module__ == protocol.__name__
]
FIELDS = [(kind, field) for kind in TYPES for field in kind.__struct_fields__]
WITH_SECRETS: list[msgspec.Struct] = [
    accounts.User("id", "nanda", "nanda", Secret(HIDDEN), "Online", "now"),
    accounts.Register("nanda", Secret(HIDDEN)),
    logins.Login("id", "nanda", Secret(HIDDEN), "now", "now"),
    links.Link("id", "nanda", Secret(HIDDEN), "open", "now", "later"),
    logins.LogIn("id", Secret(HIDDEN), Secret(HIDDEN), Secret(HIDDEN)),
]
HIDDEN_THINGS: list[Any] = [
    Secret(HIDDEN), *WITH_SECRETS, [Secret(HIDDEN)], {"Password": Secret(HIDDEN)}, (1, {"x": [Secret(HIDDEN)]}),
]  # fmt: skip


def is_refused(thing: Any) -> bool:
    """Whether the encoder refuses, and tells nothing in doing so."""
    with pytest.raises(TypeError) as raised:
        encode(thing)
    return HIDDEN not in str(raised.value)


@pytest.mark.parametrize("thing", HIDDEN_THINGS, ids=lambda thing: type(thing).__name__)
def test_the_encoder_refuses_it(thing: Any) -> None:
    assert is_refused(thing)


def made_with(kind: type[msgspec.Struct], field: str, thing: Any) -> msgspec.Struct:
    """An object of the definition, with one field that holds something else."""
    return kind(**dict.fromkeys(kind.__struct_fields__, "x") | {field: thing})


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=[f"{kind.__name__}.{field}" for kind, field in FIELDS])
def test_no_field_of_the_protocol_lets_it_through(kind: type[msgspec.Struct], field: str) -> None:
    assert HIDDEN.encode() in encode(made_with(kind, field, HIDDEN)), "the field is not sent at all: this test is blind"
    for thing in HIDDEN_THINGS:
        assert is_refused(made_with(kind, field, thing))


def test_the_other_ways_to_bytes_refuse_it_too() -> None:
    for thing in HIDDEN_THINGS:
        with pytest.raises(TypeError):
            protocol.done("ref", protocol.Sent(thing, "1"))
        with pytest.raises(TypeError):
            protocol.delivery("s", 1, protocol.StoredMessage(thing, "", "", ""))


def test_the_definition_names_no_secret_and_nothing_vague() -> None:
    """A field of a frame or reply says what it holds: then the encoder needs not to be asked."""
    for kind in TYPES:
        for hint in typing.get_type_hints(kind).values():
            assert Secret not in walk(hint)
            assert Any not in walk(hint)


def walk(hint: Any) -> list[Any]:
    """A type with all types in it."""
    return [hint] + [inner for part in typing.get_args(hint) for inner in walk(part)]


def test_every_record_that_has_a_secret_is_tried_here() -> None:
    def hides(record: type[Record]) -> bool:
        return any(Secret in walk(hint) for hint in typing.get_type_hints(record).values())

    tried = {type(thing) for thing in WITH_SECRETS}
    assert {record for record in KEYS if hides(record)} == {accounts.User, links.Link, logins.Login} <= tried


def test_no_column_with_a_telling_name_is_plain() -> None:
    for record in KEYS:
        for name, hint in typing.get_type_hints(record).items():
            if any(word in name.lower() for word in ("password", "token", "hash", "secret")):
                assert hint is Secret


@pytest.mark.parametrize("thing", HIDDEN_THINGS, ids=lambda thing: type(thing).__name__)
def test_it_does_not_print_itself(thing: Any) -> None:
    assert HIDDEN not in repr(thing) + str(thing) + f"{thing}" + f"{thing!r:>80}"


def test_a_secret_is_equal_to_its_like_alone() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert hash(Secret("a")) == hash(Secret("a"))
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
