"""The wire between a page and the server: what passes is seen, and may be kept back or changed.

1. It lies between one page's sockets and the server; everything else of the page goes its own way.
2. What a judge gives back goes on; `None` goes nowhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import WebSocketRoute, expect

from tests.web.pages import Company, Visitor

Json = dict[str, Any]


class Wire:
    """Between a page and the server: what passes is seen, and may be kept back or changed."""

    def __init__(self, visitor: Visitor) -> None:
        self.sent: list[Json] = []
        self.sockets: list[WebSocketRoute] = []
        self.refuses = False
        self.up: Callable[[Json], Json | None] = lambda frame: frame
        self.down: Callable[[Json], Json | None] = lambda frame: frame
        visitor.page.route_web_socket(re.compile("/ws$"), self._route)

    def _route(self, socket: WebSocketRoute) -> None:
        if self.refuses:
            socket.close(code=4000)
            return
        server = socket.connect_to_server()
        self.sockets.append(socket)
        socket.on_message(lambda text: self._pass(text, self.up, server))
        server.on_message(lambda text: self._pass(text, self.down, socket))

    def _pass(self, text: str | bytes, judge: Callable[[Json], Json | None], to: WebSocketRoute) -> None:
        frame = json.loads(text)
        if judge is self.up:
            self.sent.append(frame)
        if (judged := judge(frame)) is not None:
            to.send(json.dumps(judged))

    def cut(self, code: int = 4000) -> None:
        """End the newest socket."""
        self.sockets[-1].close(code=code)

    def messages(self) -> list[Json]:
        return [frame for frame in self.sent if frame["type"] == "Message"]


def wired(company: Company, **options: Any) -> tuple[Visitor, Visitor, Wire]:
    """Two who talk; the wire of the first one."""
    one = company.stranger("one", **options)
    wire = Wire(one)
    one.register()
    one.log_in()
    other = company.person("other")
    other.invite(one.name)
    one.answer("Accept")
    expect(one.heading(other.name)).to_be_visible()
    expect(other.heading(one.name)).to_be_visible()
    return one, other, wire
