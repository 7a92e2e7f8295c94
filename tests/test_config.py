"""Settings: where they come from, which wins, and the one sentence that refuses what cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from parlour import config


def read(folder: Path, environment: dict[str, str] | None = None, **arguments: object) -> config.Settings:
    return config.read({"data": str(folder), **arguments}, environment or {})


def test_nothing_given_serves_on_this_machine_alone(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert (settings.host, settings.port, settings.limits, settings.origins) == ("127.0.0.1", 8080, "on", ())


def test_the_command_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "parlour.toml").write_text('port = 1\nhost = "::1"\nheartbeat = 5\n')
    settings = read(tmp_path, {"PARLOUR_PORT": "2", "PARLOUR_HOST": "localhost"}, port=3)
    assert (settings.port, settings.host, settings.heartbeat) == (3, "localhost", 5.0)


def test_origins_stand_in_the_environment_with_commas(tmp_path: Path) -> None:
    settings = read(tmp_path, {"PARLOUR_ORIGINS": "https://chat.example.org, http://localhost:8080"})
    assert settings.origins == ("https://chat.example.org", "http://localhost:8080")


@pytest.mark.parametrize(
    ("file", "environment", "named"),
    [
        ("port = 'often'", {}, "port"),
        ("colour = 'green'", {}, "colour"),
        ("port = ", {}, "parlour.toml"),
        ("data = 'elsewhere'", {}, "data folder"),
        ("", {"PARLOUR_PORT": "70000"}, "port"),
        ("", {"PARLOUR_ORIGIN": "https://chat.example.org"}, "PARLOUR_ORIGIN"),
        ("", {"PARLOUR_ORIGINS": "chat.example.org"}, "origins"),
        ("", {"PARLOUR_LIMITS": "sometimes"}, "limits"),
    ],
)
def test_what_cannot_be_used_is_told_by_name(
    tmp_path: Path, file: str, environment: dict[str, str], named: str
) -> None:
    (tmp_path / "parlour.toml").write_text(file)
    with pytest.raises(config.Unset, match=named):
        read(tmp_path, environment)
