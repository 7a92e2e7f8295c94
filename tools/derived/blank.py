"""src/parlour/web/blank.js: what nobody would see, for the field in which one writes.

1. The rule is the one by which the server refuses; its pattern is tried on every character that there is.
2. The characters stand there by their numbers: a file that shows nothing cannot be read.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator

from parlour.core.messages import BLANK

WIDTH = 100
HEAD = """\
// @ts-check
// Texts that show nothing: the server refuses them as `empty`.
//
// 1. Derived from BLANK in src/parlour/core/messages.py by `./run generate`; do not edit.

const CHARACTERS = [
%s
].join('');
const BLANK = new RegExp(`^[${CHARACTERS}]*$`, 'u');

/** Whether nobody would see anything of a text. @param {string} text */
export const isBlank = (text) => BLANK.test(text);
"""


def text() -> str:
    """The file."""
    parts = textwrap.wrap(" ".join(_part(first, last) for first, last in spans()), WIDTH)
    return HEAD % "\n".join(f"  String.raw`{part.replace(' ', '')}`," for part in parts)


def spans() -> Iterator[tuple[int, int]]:
    """The characters that show nothing, as runs of neighbours."""
    first = None
    for code in range(sys.maxunicode + 2):
        shows = code > sys.maxunicode or not BLANK.match(chr(code))
        if first is not None and shows:
            yield first, code - 1
        first = None if shows else code if first is None else first


def _part(first: int, last: int) -> str:
    return _code(first) if first == last else f"{_code(first)}-{_code(last)}"


def _code(code: int) -> str:
    return f"\\u{{{code:x}}}"
