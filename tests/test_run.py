"""The launcher, as it is typed: what it says, and that it makes what is missing, whatever happened before.

1. Set-ups are real ones, in a copy of this folder, with no home and nothing on PATH but python3.
2. What is waited for is a line or an end, never a while.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ("serve", "backup", "restore", "test", "check", "generate", "soak", "bench", "pictures")
COPIED = ("run", "pyproject.toml", "requirements.lock", "requirements-dev.lock", "src")
INSTALLING = "run: installing requirements.lock into .venv\n"
OLDER = "import sys\nsys.version_info, sys.version = (3, 10, 9), '3.10.9 (main)'\n"


def run(*arguments: str, cwd: Path = ROOT) -> subprocess.Popen[str]:
    return started_from(ROOT, *arguments, cwd=cwd)


def bare(copy: Path) -> subprocess.Popen[str]:
    """From a fresh clone, where there is nothing but python3."""
    return started_from(copy, "serve", "--help", environment={"PATH": str(copy.parent / "bin"), "HOME": "/dev/null"})


def started_from(
    folder: Path, *arguments: str, cwd: Path = ROOT, environment: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [folder / "run", *arguments],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def interpreted(
    before: str, folder: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The launcher in a Python that `before` has made a different one."""
    script = f"{before}\nimport runpy\nrunpy.run_path('run', run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("asking", ["--help", "-h"])
def test_help_names_every_command(asking: str) -> None:
    started = run(asking)
    said, _ = started.communicate()
    assert started.returncode == 0
    assert tuple(re.findall(r"^(\w+)  ", said, re.MULTILINE)) == COMMANDS


@pytest.mark.parametrize("name", ["srve", "", "Usage:"])
def test_an_unknown_command_is_told_which_there_are(name: str) -> None:
    started = run(name)
    said, complaint = started.communicate()
    assert (started.returncode, said) == (2, "")
    assert "pictures" in complaint


def test_an_older_python_is_told_in_one_line() -> None:
    started = interpreted(OLDER, ROOT)
    assert started.returncode != 0
    assert started.stderr == "run: Python 3.11 or newer is needed, and this is 3.10.9\n"


def test_the_end_is_the_commands_own(tmp_path: Path) -> None:
    started = run("serve", "--port", "many", cwd=tmp_path)
    _, complaint = started.communicate()
    assert started.returncode == 2
    assert "'many' is not a valid integer" in complaint


def test_signals_reach_the_server_itself(tmp_path: Path) -> None:
    started = run("serve", "--port", "0", "--data", "kept/here", cwd=tmp_path)
    assert started.stderr
    assert any("serves on" in line for line in started.stderr)
    started.send_signal(signal.SIGTERM)
    started.communicate()
    assert started.returncode == 0
    assert (tmp_path / "kept" / "here").is_dir()


def test_backup_and_restore_work_where_one_stands(tmp_path: Path) -> None:
    for command, code in (("backup", 78), ("restore", 78)):
        started = run(command, "copy.db", "--data", "kept", cwd=tmp_path)
        said, complaint = started.communicate()
        assert (started.returncode, said) == (code, "")
        assert re.fullmatch(r"There is no (database in kept|file copy\.db)\..*\n", complaint)


@pytest.mark.full
def test_quick_leaves_out_what_takes_long() -> None:
    here = str(Path(__file__).relative_to(ROOT))
    quick, whole = (run("test", *given, "--collect-only", "-q", here).communicate()[0] for given in (["--quick"], []))
    assert "test_a_set_up" not in quick
    assert "test_signals_reach_the_server_itself" in quick
    assert "test_a_set_up" in whole


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What a fresh clone has of this folder, and a PATH beside it that holds python3 alone."""
    folder = tmp_path / "copy of it"
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(Path(sys.base_prefix, "bin", "python3"))
    return folder


@pytest.mark.full
def test_a_set_up_over_that_of_another_lock_survives_being_killed_and_begun_twice(copy: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", copy / ".venv"], check=True)
    (copy / ".venv" / "stamp").write_text("of another lock")
    (copy / ".venv" / "left over").touch()
    killed = bare(copy)
    assert killed.stderr
    assert killed.stderr.readline() == INSTALLING
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()

    both = [bare(copy) for _ in range(2)]
    ends = [one.communicate() for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sorted(said for _, said in ends) == ["", INSTALLING]
    assert not (copy / ".venv" / "left over").exists()


def test_a_python_without_venv_is_told_which_package_is_missing(copy: Path) -> None:
    """Debian's python3 has no ensurepip beside its library."""
    elsewhere = f"import os\nos.__file__ = {str(copy / 'os.py')!r}\n"
    started = interpreted(elsewhere, copy, {"PATH": ""})
    assert started.returncode == 78
    assert started.stderr == "run: a part of Python is missing; as administrator: apt install python3-venv\n"
    assert not (copy / ".venv").exists()
