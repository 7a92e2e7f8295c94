"""The README's bot, as it stands there, against a server that is started as an operator starts it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from parlour.client import Client, Message, Refused, SessionBegun
from tests.client.test_client import QUICK, until
from tests.docs import ROOT, blocks, reader
from tests.server.people import PASSWORD
from tests.server.process import served

LONGEST = 20


@pytest.mark.full
async def test_the_bot_of_the_readme_says_back_what_is_said_to_it(tmp_path: Path) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    [section] = re.findall(r"^## Write a bot\n.*?(?=^## )", page, re.MULTILINE | re.DOTALL)
    [program] = [block.text for block in blocks(section) if block.words[0] == "python"]
    assert len([line for line in program.splitlines() if line]) <= LONGEST
    async with served(tmp_path / "data") as server, reader(tmp_path, server.port) as somebody:
        (tmp_path / "src").symlink_to(ROOT / "src")
        base = f"http://127.0.0.1:{server.port}"
        await somebody.follow(section)
        assert len(somebody.did) == 2
        await Client.register(base, "nanda", PASSWORD)
        async with await Client.log_in(base, "nanda", PASSWORD, timing=QUICK) as nanda:
            session = await _found(nanda)
            await nanda.send(session, "Hello")
            said = await until(nanda, lambda event: isinstance(event, Message) and not event.mine)
    assert [event.data for event in said if isinstance(event, Message)] == ["Hello", "You said: Hello"]


async def _found(client: Client) -> str:
    """Invite the bot; the session, once it has said yes."""
    async with asyncio.timeout(20):
        while not await _invited(client):  # noqa: ASYNC110  # Nothing tells when it has made its account.
            await asyncio.sleep(0.05)
    begun = (await until(client, lambda event: isinstance(event, SessionBegun)))[-1]
    assert isinstance(begun, SessionBegun)
    return begun.session


async def _invited(client: Client) -> bool:
    """Whether the bot has made its account and is invited."""
    try:
        await client.invite("echo")
    except Refused:
        return False
    return True
