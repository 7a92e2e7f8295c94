"""`./run soak [part …] [--seed NUMBER]`: the fault tests at full size.

1. A part is a file `tests/faults/test_PART.py`; without one, all of them are run.
2. The sizes stand in `tests/faults/sizes.py`; what hit is told at the end, also of what failed; long ones say how far
   they are.
3. A seed that was told can be given again.
4. One test after the other: each has the whole machine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

LIMIT = "timeout=7200"
"""Seconds for one test: a soak takes its time."""
ROOT = Path(__file__).resolve().parents[1]
PARTS = {path.stem.removeprefix("test_"): path for path in sorted((ROOT / "tests" / "faults").glob("test_*.py"))}


def main() -> int:
    """The exit code of pytest."""
    parser = argparse.ArgumentParser(prog="./run soak", description=str(__doc__).partition(":")[2].split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of: {' '.join(PARTS)} [all]")
    parser.add_argument("--seed", type=int, help="the chance of an earlier run")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.parts) - set(PARTS)):
        parser.error(f"there is no {unknown[0]!r}: choose from {' '.join(PARTS)}")
    files = [str(PARTS[part]) for part in asked.parts or PARTS]
    seed = {"FAULTS_SEED": str(asked.seed)} if asked.seed is not None else {}
    pytest = [
        sys.executable,
        "-m",
        "pytest",
        "-v",
        "-s",
        "-n0",
        "-o",
        LIMIT,
        "--durations=0",
        "--durations-min=1",
        *files,
    ]
    return subprocess.call(pytest, cwd=ROOT, env={**os.environ, "FAULTS": "soak", **seed})


if __name__ == "__main__":
    sys.exit(main())
