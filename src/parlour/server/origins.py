"""Origins: which names this server answers to, and which pages may speak to it.

1. Where no origins are set, `Host` is localhost or an IP literal, which nobody else's DNS can point here.
2. Where they are set, host and origin fit exactly.
3. The cookie's name tells whether it came under TLS.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from ..core.dispatch import Refused

_authority = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?")  # It stands in the policy as well.


class Origins:
    """Which names this server answers to, and which pages may speak to it."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._origins = tuple(o.lower() for o in origins)
        self._hosts = {urlsplit(o).netloc for o in self._origins}
        self.all_secure = bool(origins) and all(o.startswith("https://") for o in self._origins)
        """Whether the page is never opened but under TLS."""

    def judge_host(self, host: str) -> None:
        """Raises Refused `wrong_host`."""
        fits = host.lower() in self._hosts if self._origins else _cannot_be_rebound(host)
        if not fits:
            raise Refused("wrong_host")

    def own(self, origin: str | None, host: str) -> bool:
        """Whether this is the origin of our own page."""
        if origin is None:
            return False
        if self._origins:
            return origin in self._origins
        return origin in (f"http://{host}", f"https://{host}")

    def cookie(self, origin: str) -> tuple[str, bool]:
        """The cookie's name, and whether it is Secure, for a page of this origin."""
        secure = origin.startswith("https://")
        return ("__Host-parlour" if secure else "parlour"), secure


def _cannot_be_rebound(host: str) -> bool:
    """localhost or an IP literal: no name that somebody else's DNS could point here."""
    if not _authority.fullmatch(host):
        return False
    try:
        name = urlsplit(f"//{host}").hostname or ""
        _ = urlsplit(f"//{host}").port
        if name == "localhost":
            return True
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
