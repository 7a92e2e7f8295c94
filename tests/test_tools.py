"""The tools see what they are there to see: each is shown one thing that is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools import check, npm, vendor


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what is vendored, which the tools take for the repository."""
    for folder in (*vendor.SHELVES, str(Path(vendor.PASSWORDS).parent)):
        shutil.copytree(vendor.ROOT / folder, tmp_path / folder)
    for tool in (check, vendor):
        monkeypatch.setattr(tool, "ROOT", tmp_path)
    return tmp_path


def test_vendored_files_are_as_they_were_made(copy: Path) -> None:
    assert list(vendor.faults()) == []


@pytest.mark.parametrize("place", [f"{vendor.LIBRARIES}/lit-html/lit-html.js", vendor.PASSWORDS])
def test_a_vendored_file_that_was_changed_is_found(copy: Path, place: str) -> None:
    with (copy / place).open("a") as file:
        file.write("\n")
    assert len(list(vendor.faults())) == 1


def test_a_vendored_file_that_was_removed_is_found(copy: Path) -> None:
    (copy / vendor.FONTS / "LICENSE-next").unlink()
    assert len(list(vendor.faults())) == 1


def test_another_pin_is_found(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(npm.PACKAGES, "lit-html", npm.PACKAGES["lit-html"]._replace(version="3.3.4"))
    assert len(list(vendor.faults())) == 1


def test_a_file_among_the_vendored_ones_is_found(copy: Path) -> None:
    (copy / vendor.LIBRARIES / "lit-html" / "ours.js").touch()
    assert list(vendor.faults()) == [f"{vendor.LIBRARIES}/lit-html/ours.js: not vendored, but lies among what is"]


@pytest.mark.full
def test_a_package_with_other_bytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npm, "CACHE", tmp_path)
    other = npm.PACKAGES["axe-core"].integrity
    monkeypatch.setitem(npm.PACKAGES, "@types/trusted-types", npm.Pin("2.0.7", other))
    with pytest.raises(npm.Unfetched, match=r"@types/trusted-types 2\.0\.7: the tarball is sha512-Sca.*, pinned is"):
        npm.package("@types/trusted-types")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["/" + "home/me/parlour", "see /" + "root/.cache", "https://py" + "pi.org/simple"])
def test_names_of_machines_are_found(copy: Path, text: str) -> None:
    (copy / "docs").mkdir()
    (copy / "docs" / "page.md").write_text(f"A page.\n{text}\n")
    assert check.places().startswith("docs/page.md: ")


@pytest.mark.parametrize(
    "text", ["https://example.org/home/page", "./home/it", "/web/root.js", "~/home/x", "/api/home"]
)
def test_addresses_are_not_taken_for_machines(copy: Path, text: str) -> None:
    (copy / "docs").mkdir()
    (copy / "docs" / "page.md").write_text(text)
    assert check.places() == ""


def test_a_long_launcher_is_found(copy: Path) -> None:
    (copy / "run").write_text("\n" * 59)
    assert check.launcher() == ""
    (copy / "run").write_text("\n" * 60)
    assert check.launcher() == "run: 60 lines, not below 60\n"


def test_a_lock_without_what_the_server_needs_is_found(copy: Path) -> None:
    (copy / "requirements.lock").write_text("aiohttp==3.14.5 \\\n    --hash=sha256:0\nclick==8.5.1 \\\n")
    (copy / "requirements-dev.lock").write_text("aiohttp==3.14.4 \\\nclick==8.5.1 \\\n")
    assert check.locks() == "requirements-dev.lock: lacks aiohttp==3.14.5\n"
