"""Backup and restore of a folder: what is copied, what is refused, and that there is one whole database at any moment.

1. Processes that are killed are real ones; a kill comes before each line of the file in turn.
2. What a folder holds is asked of the store that a server would open.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from parlour.core.messages import Message
from parlour.core.ports import StorageBroken, Tx
from parlour.core.snapshot import Fact
from parlour.store import backup as copies
from parlour.store.backup import backup, restore
from parlour.store.folder import Unusable
from parlour.store.sqlite import Database, SqliteStore
from tests.store.mortal import Mortal


def said(tx: Tx, text: str, count: int = 40) -> None:
    for _ in range(count):
        number = tx.next("s")
        tx.add(Message("s", number, "nanda", f"{text} {number}", "then", "now", None))


def filled(folder: Path, text: str) -> Path:
    """A folder with a database in which these words were said, all in one file."""
    folder.mkdir()
    database = Database(folder / "parlour.db")
    database.write(lambda tx: said(tx, text))
    database.write(lambda tx: tx.add(Fact("Epoch", "of " + text)))
    database.writer.close()
    return folder


def left_by_a_kill(folder: Path, text: str) -> Path:
    """A folder as a server leaves it that was killed: what was said last stands in the log alone."""
    running = filled(folder.with_name(folder.name + " running"), text)
    database = Database(running / "parlour.db")
    database.write(lambda tx: said(tx, "last of " + text, 5))
    shutil.copytree(running, folder)
    database.writer.close()
    assert (folder / "parlour.db-wal").stat().st_size > 0
    return folder


def words(folder: Path) -> list[str]:
    """What was said, as the store tells that a server would open."""
    database = Database(folder / "parlour.db")
    with closing(database.writer):
        rows = database.read(lambda tx: tx.find(Message, {"SessionID": "s"}, order="MessageID"), database.writer)
    return [row.Data.rpartition(" ")[0] for row in rows]


def asked(path: Path, question: str) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(str(path))
    rows = connection.execute(question).fetchall()
    connection.close()
    return rows


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return filled(tmp_path / "old", "old")


# --------------------------------------------------------------------------------------------------------- backing up


def test_a_backup_is_one_private_file_with_everything_but_the_epoch(tmp_path: Path, old: Path) -> None:
    file = tmp_path / "copies" / "backup.db"
    file.parent.mkdir()
    before = os.umask(0)
    try:
        backup(old, file)
    finally:
        os.umask(before)
    assert names_in(file.parent) == ["backup.db"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert asked(file, "PRAGMA journal_mode") == [("delete",)], "no log will stand beside it"
    assert asked(file, "PRAGMA integrity_check") == [("ok",)]
    assert asked(file, "SELECT Data FROM Messages ORDER BY MessageID") == [(f"old {n}",) for n in range(1, 41)]
    assert asked(file, "SELECT Name FROM Facts") == []
    assert asked(old / "parlour.db", "SELECT Value FROM Facts") == [("of old",)], "the database keeps its own"
    assert names_in(old) == ["parlour.db"], "and nothing is left beside it"


def test_a_backup_holds_what_was_committed_when_it_began_whoever_writes(tmp_path: Path, old: Path) -> None:
    store = SqliteStore(old)
    database = store.database
    database.write(lambda tx: said(tx, "committed", 1))
    database.writer.execute("BEGIN IMMEDIATE")
    database.writer.execute("UPDATE Messages SET Data = 'not yet committed'")
    backup(old, tmp_path / "backup.db")
    database.writer.execute("ROLLBACK")
    store.close()
    assert asked(tmp_path / "backup.db", "SELECT Data FROM Messages ORDER BY MessageID DESC LIMIT 1") == [
        ("committed 41",)
    ]


def test_a_backup_of_what_a_killed_server_left(tmp_path: Path) -> None:
    backup(left_by_a_kill(tmp_path / "killed", "old"), tmp_path / "backup.db")
    assert asked(tmp_path / "backup.db", "SELECT count(*) FROM Messages") == [(45,)]


def test_no_file_is_overwritten(tmp_path: Path, old: Path) -> None:
    file = tmp_path / "backup.db"
    file.write_text("a letter")
    with pytest.raises(Unusable, match=r"backup\.db is there already\. Name another file\."):
        backup(old, file)
    assert file.read_text() == "a letter"


def test_a_file_that_appears_meanwhile_is_not_overwritten(
    tmp_path: Path, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, copy = tmp_path / "backup.db", copies._copy

    def slow(*given: Any) -> None:
        copy(*given)
        file.write_text("a letter")

    monkeypatch.setattr(copies, "_copy", slow)
    with pytest.raises(Unusable, match="is there already"):
        backup(old, file)
    assert file.read_text() == "a letter"
    assert names_in(tmp_path) == ["backup.db", "old"]


def test_what_cannot_be_backed_up(tmp_path: Path, old: Path) -> None:
    with pytest.raises(Unusable, match="There is no database in"):
        backup(tmp_path, tmp_path / "backup.db")
    with pytest.raises(Unusable, match=r"Nothing can be written into .*missing: No such file"):
        backup(old, tmp_path / "missing" / "backup.db")
    (old / "parlour.db").write_text("Dear diary, " * 1_000)
    with pytest.raises(Unusable, match="not a database of Parlour"):
        backup(old, tmp_path / "backup.db")
    assert names_in(tmp_path) == ["old"]


def spoiled(path: Path, root_of: str) -> None:
    """Overwrite the first page of a table or an index."""
    [(page,)] = asked(path, f"SELECT rootpage FROM sqlite_schema WHERE name = '{root_of}'")
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)


def test_a_damaged_database_gives_no_backup(tmp_path: Path, old: Path) -> None:
    spoiled(old / "parlour.db", "Messages")
    with pytest.raises(StorageBroken, match="damaged"):
        backup(old, tmp_path / "backup.db")
    assert names_in(tmp_path) == ["old"]


# ---------------------------------------------------------------------------------------------------------- restoring


def test_a_backup_is_restored_into_an_empty_folder(tmp_path: Path, old: Path) -> None:
    backup(old, tmp_path / "backup.db")
    (tmp_path / "new").mkdir()
    assert restore(tmp_path / "new", tmp_path / "backup.db") is None
    assert names_in(tmp_path / "new") == ["parlour.db", "parlour.lock"]
    assert words(tmp_path / "new") == ["old"] * 40
    assert asked(tmp_path / "new" / "parlour.db", "SELECT * FROM Facts") == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only an administrator gives files away")
def test_what_an_administrator_restores_belongs_to_the_owner_of_the_folder(tmp_path: Path, old: Path) -> None:
    os.chown(old, 12_345, 54_321)
    backup(old, tmp_path / "backup.db")
    restore(old, tmp_path / "backup.db")
    assert (old / "parlour.db").stat().st_uid == 12_345
    assert (old / "parlour.db").stat().st_gid == 54_321
    assert (tmp_path / "backup.db").stat().st_uid == 0


def test_any_whole_copy_can_be_restored_and_gets_a_new_epoch(tmp_path: Path, old: Path) -> None:
    (tmp_path / "new").mkdir()
    restore(tmp_path / "new", old / "parlour.db")
    assert asked(tmp_path / "new" / "parlour.db", "SELECT * FROM Facts") == []
    assert asked(old / "parlour.db", "SELECT Value FROM Facts") == [("of old",)], "the file itself is only read"


def test_what_was_there_is_kept_with_its_log_and_the_log_goes_nowhere_else(tmp_path: Path, old: Path) -> None:
    backup(old, tmp_path / "backup.db")
    present = left_by_a_kill(tmp_path / "present", "present")
    kept = restore(present, tmp_path / "backup.db")
    assert kept
    assert names_in(present) == ["parlour.db", kept.name, "parlour.lock"]
    assert words(present) == ["old"] * 40
    (tmp_path / "again").mkdir()
    kept.rename(tmp_path / "again" / "parlour.db")
    assert words(tmp_path / "again") == ["present"] * 40 + ["last of present"] * 5


def test_a_log_without_its_database_is_not_given_to_another(tmp_path: Path, old: Path) -> None:
    backup(old, tmp_path / "backup.db")
    present = left_by_a_kill(tmp_path / "present", "present")
    (present / "parlour.db").unlink()
    assert restore(present, tmp_path / "backup.db") is None
    assert not (present / "parlour.db-wal").exists()
    assert [name for name in names_in(present) if ".until-" in name and name.endswith("-wal")], "it is kept"
    assert words(present) == ["old"] * 40


def test_a_log_that_stays_behind_would_do_harm(tmp_path: Path, old: Path) -> None:
    """Why it is moved: the self-test of the two above."""
    present = left_by_a_kill(tmp_path / "present", "present")
    shutil.copy(old / "parlour.db", present / "parlour.db")
    with pytest.raises((AssertionError, StorageBroken, Unusable, apsw.Error)):
        assert words(present) == ["old"] * 40


def test_a_damaged_database_is_replaced_and_kept_as_it_is(tmp_path: Path, old: Path) -> None:
    backup(old, tmp_path / "backup.db")
    present = left_by_a_kill(tmp_path / "present", "present")
    for file in (present / "parlour.db", present / "parlour.db-wal"):
        file.write_bytes(b"\xa5" * file.stat().st_size)
    before = (present / "parlour.db").read_bytes()
    kept = restore(present, tmp_path / "backup.db")
    assert kept
    assert kept.read_bytes() == before
    assert words(present) == ["old"] * 40


def test_a_database_with_damaged_pages_is_replaced(tmp_path: Path, old: Path) -> None:
    backup(old, tmp_path / "backup.db")
    present = filled(tmp_path / "present", "present")
    for root in ("Messages", "Facts", "Migrations"):
        spoiled(present / "parlour.db", root)
    before = (present / "parlour.db").read_bytes()[100:]
    kept = restore(present, tmp_path / "backup.db")
    assert kept
    assert kept.read_bytes()[100:] == before, "but for the header, which tells that it has no log"
    assert words(present) == ["old"] * 40


def unusable_files(folder: Path, old: Path) -> Iterator[tuple[Path, type[Exception], str]]:
    """Files that are no backups, and what is said."""
    yield folder / "missing", Unusable, "There is no file"
    (folder / "letter").write_text("Dear diary, " * 1_000)
    yield folder / "letter", Unusable, "not a database of Parlour"
    (folder / "empty").touch()
    yield folder / "empty", Unusable, "it is empty"
    asked(folder / "foreign", "CREATE TABLE Bookmarks (URL TEXT)")
    yield folder / "foreign", Unusable, "another program's database"
    backup(old, folder / "newer")
    asked(folder / "newer", "INSERT INTO Migrations SELECT max(Number) + 1, 'later', 'x' FROM Migrations")
    yield folder / "newer", Unusable, "newer version"
    for root in ("Messages", "Tokens"):
        backup(old, folder / f"spoiled {root}")
        spoiled(folder / f"spoiled {root}", root)
        yield folder / f"spoiled {root}", StorageBroken, "is damaged"
    backup(old, folder / "cut")
    os.truncate(folder / "cut", 5 * 4096)
    yield folder / "cut", StorageBroken, "is damaged"


def test_what_is_no_whole_backup_is_refused_and_nothing_changes(tmp_path: Path, old: Path) -> None:
    present = filled(tmp_path / "present", "present")
    before = (present / "parlour.db").read_bytes()
    for file, refusal, text in unusable_files(tmp_path, old):
        with pytest.raises(refusal, match=text):
            restore(present, file)
        assert (present / "parlour.db").read_bytes() == before
        assert names_in(present) == ["parlour.db", "parlour.lock"]


def test_nothing_is_restored_under_a_running_server(tmp_path: Path, old: Path) -> None:
    backup(old, tmp_path / "backup.db")
    store = SqliteStore(filled(tmp_path / "present", "present"))
    with pytest.raises(Unusable, match="Another server runs"):
        restore(tmp_path / "present", tmp_path / "backup.db")
    store.close()
    assert words(tmp_path / "present") == ["present"] * 40


def test_nothing_is_restored_under_another_program(tmp_path: Path, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup(old, tmp_path / "backup.db")
    present = filled(tmp_path / "present", "present")
    other = apsw.Connection(str(present / "parlour.db"))
    other.execute("SELECT * FROM Facts").fetchall()
    monkeypatch.setattr(copies, "PATIENCE", 0)
    with pytest.raises(Unusable, match="Another program is at work on"):
        restore(present, tmp_path / "backup.db")
    other.close()
    assert words(present) == ["present"] * 40
    assert names_in(present) == ["parlour.db", "parlour.lock"]


# ------------------------------------------------------------------------------------------------------------- killed

DIES = """
import os, signal, sys
from pathlib import Path
from parlour.store import backup as copies
def run(command, folder, file, last):
    passed = 0
    def line(frame, event, argument):
        nonlocal passed
        if event == "line":
            if passed == int(last):
                os.kill(os.getpid(), signal.SIGKILL)
            passed += 1
        return line
    sys.settrace(lambda frame, event, argument: line if frame.f_code.co_filename == copies.__file__ else None)
    getattr(copies, command)(Path(folder), Path(file))
"""


"""A command that is killed before so many of its lines are run."""


@pytest.fixture
def mortal() -> Iterator[Mortal]:
    with Mortal(DIES) as made:
        yield made


@pytest.mark.full
def test_a_kill_at_any_line_of_a_restore_leaves_the_old_or_the_new(tmp_path: Path, old: Path, mortal: Mortal) -> None:
    backup(old, tmp_path / "backup.db")
    template = left_by_a_kill(tmp_path / "template", "present")
    present, line, outcomes = tmp_path / "present", 0, list[str]()
    while True:
        shutil.copytree(template, present)
        killed = mortal.dies("restore", present, tmp_path / "backup.db", line)
        shutil.copytree(present, tmp_path / "looked at")
        found = words(tmp_path / "looked at")
        assert found in (["old"] * 40, ["present"] * 40 + ["last of present"] * 5), line
        outcomes.append(found[0])
        restore(present, tmp_path / "backup.db")
        assert not [name for name in names_in(present) if name.endswith(".unfinished")], "it tidies up behind the kill"
        assert words(present) == ["old"] * 40
        if not killed:
            break
        for folder in (present, tmp_path / "looked at"):
            shutil.rmtree(folder)
        line += 1
    assert outcomes == sorted(outcomes, reverse=True), "first the old one, then the new one"
    assert outcomes.count("present") > 20
    assert outcomes.count("old") > 2


@pytest.mark.full
def test_a_kill_at_any_line_of_a_backup_leaves_no_half_file(tmp_path: Path, old: Path, mortal: Mortal) -> None:
    line = 0
    while mortal.dies("backup", old, tmp_path / f"backup {line}.db", line):
        whole = tmp_path / f"backup {line}.db"
        assert not whole.exists() or asked(whole, "SELECT count(*) FROM Messages") == [(40,)], line
        line += 1
    assert line > 20
    assert words(old) == ["old"] * 40
