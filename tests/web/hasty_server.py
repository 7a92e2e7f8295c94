"""A server that hashes in no time, for tests that set people up by the hundred: `hasty_server.py --data … --port …`.

The product is run as it is, but for the costs of a password: 40 ms for everybody who registers and logs in.
"""

from __future__ import annotations

import sys

from argon2 import PasswordHasher

from parlour.cli import main
from parlour.core import passwords

if __name__ == "__main__":
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    sys.exit(main(["serve", *sys.argv[1:]], prog_name="parlour"))
