"""The rules. No I/O here: no clock, no chance, no SQL, no sockets; every handler is a plain function in a transaction.

Importing this package loads every feature, so that all records and handlers are known.
"""

from . import (
    accounts,
    blocks,
    budgets,
    choices,
    deletion,
    export,
    filters,
    invitations,
    ledger,
    links,
    logins,
    marks,
    messages,
    pairs,
    passwords,
    presence,
    sessions,
    settings,
    snapshot,
)

__all__ = [
    "accounts",
    "blocks",
    "budgets",
    "choices",
    "deletion",
    "export",
    "filters",
    "invitations",
    "ledger",
    "links",
    "logins",
    "marks",
    "messages",
    "pairs",
    "passwords",
    "presence",
    "sessions",
    "settings",
    "snapshot",
]
