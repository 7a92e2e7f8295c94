"""A process in which one and the same work is begun again and again, and killed wherever one wants.

1. Each try is a fork: what the work needs is loaded once, and a kill takes nothing but that try.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from types import TracebackType
from typing import Self

FORKS = """
import json, os, sys, traceback
for asked in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            run(*json.loads(asked))
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Mortal:
    """Runs `run(*texts)` of a script, which kills itself with SIGKILL where it was told to."""

    def __init__(self, script: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", script + FORKS],
            env={"PYTHONPATH": os.pathsep.join(sys.path)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()

    def dies(self, *given: object) -> bool:
        """Whether it was killed; not, if it was done before."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps([str(one) for one in given]), file=self._process.stdin, flush=True)
        code = int(self._process.stdout.readline())
        assert code in (0, -signal.SIGKILL)
        return code != 0
