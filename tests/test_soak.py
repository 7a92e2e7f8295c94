"""`./run soak`: it runs the parts that there are, at full size, with the seed that is given."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.soak import PARTS, ROOT


def soak(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.soak", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def sizes(**settings: str) -> str:
    """The seed, and whether the sizes are full, as a run with these settings sees them."""
    told = "from tests.faults.sizes import SEED, SIZES, SOAK; print(SEED, SIZES == SOAK)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FAULTS")} | settings
    return subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_every_fault_test_is_a_part() -> None:
    assert {"kills", "power", "storage_errors", "full_disk", "restarts"} <= set(PARTS)
    assert set(PARTS.values()) == set(Path(ROOT, "tests", "faults").glob("test_*.py"))


def test_an_unknown_part_is_told_which_there_are() -> None:
    ended = soak("kils")
    assert ended.returncode == 2
    assert "there is no 'kils'" in ended.stderr
    assert "kills" in ended.stderr


@pytest.mark.full
def test_one_part_is_run_with_its_seed() -> None:
    ended = soak("disk", "--seed", "7")
    assert ended.returncode == 0
    assert "tests/faults/test_disk.py" in ended.stdout
    assert "tests/faults/test_kills.py" not in ended.stdout


@pytest.mark.full
def test_the_environment_chooses_size_and_seed() -> None:
    assert sizes(FAULTS="soak", FAULTS_SEED="7") == "7 True\n"
    assert sizes().endswith(" False\n")
    assert sizes() != sizes()
