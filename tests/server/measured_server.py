"""A server that tells what it holds, for tests: `python measured_server.py --data … --port …`.

1. The product is run as it is, with Python's own account of its memory (tracemalloc) kept from the start.
2. SIGUSR1 asks: a line on standard error tells the bytes that are held. SQLite's cache of pages is not among them.
3. `CARELESS` names a guard that is taken out (tests/faults/careless.py).
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import tracemalloc
from types import FrameType

from parlour.cli import main
from tests.faults import careless


def tell(number: int, frame: FrameType | None) -> None:
    gc.collect()
    print(f"holds {tracemalloc.get_traced_memory()[0]}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, tell)
    careless.become(os.environ.get("CARELESS", ""))
    tracemalloc.start()
    sys.exit(main(["serve", *sys.argv[1:]], prog_name="parlour"))
