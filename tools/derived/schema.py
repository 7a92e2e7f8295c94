"""docs/schema.sql: the database as the records make it."""

from __future__ import annotations

import parlour.core  # noqa: F401 - every feature is loaded, so every record is known
from parlour.store import migrations

HEAD = """\
-- The database, derived from the records in src/parlour/core by `./run generate`. Do not edit.
-- Users, Sessions and Messages hold the columns that the protocol names; a session's members are rows of Members.
"""


def text() -> str:
    """The file."""
    return HEAD + "".join(f"\n{statement};\n" for statement in migrations.schema())
