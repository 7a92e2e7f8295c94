"""As much of `curl` as the papers use, for a machine that has none: the examples are run there too.

Takes -s, -X, -H, -d and -w with %{http_code}; anything else is refused, so that no example goes by unread.
"""

from __future__ import annotations

import argparse
import sys
import urllib.error
import urllib.request


def main() -> None:
    """Ask, and print what is answered."""
    parser = argparse.ArgumentParser(prog="curl", allow_abbrev=False)
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-X")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-d")
    parser.add_argument("-w", default="")
    parser.add_argument("url")
    given = parser.parse_args()
    headers = {name: value.strip() for name, _, value in (header.partition(":") for header in given.H)}
    method = given.X or ("POST" if given.d else "GET")
    asked = urllib.request.Request(given.url, given.d.encode() if given.d else None, headers, method=method)
    try:
        answer = urllib.request.urlopen(asked, timeout=20)
    except urllib.error.HTTPError as refused:
        answer = refused
    sys.stdout.write(answer.read().decode() + given.w.replace("\\n", "\n").replace("%{http_code}", str(answer.status)))


if __name__ == "__main__":
    main()
