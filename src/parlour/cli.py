"""The command line: `parlour serve`, `parlour backup`, `parlour restore`.

1. What is not given here is a setting (config.py).
2. Exit codes: 0 stopped or done, 70 the storage broke, 78 what an operator must change; each with one sentence.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from . import __version__, config
from .server import app

data_folder = click.option("--data", help="Folder of the database [./data].")


@click.group()
@click.version_option(__version__, prog_name="parlour")
def main() -> None:
    """A chat server where nobody can write to you until you say yes."""


@main.command()
@click.option("--host", help="Address to listen on [127.0.0.1].")
@click.option("--port", type=int, help="Port to listen on [8080].")
@click.option("--data", help="Folder of the database; made if missing [./data].")
def serve(host: str | None, port: int | None, data: str | None) -> None:
    """Serve until stopped (Ctrl-C or SIGTERM)."""
    _end(app.run, {"host": host, "port": port, "data": data})


@main.command()
@click.argument("file", type=Path)
@data_folder
def backup(file: Path, data: str | None) -> None:
    """Copy the whole database into a new FILE, also while the server serves."""
    _end(lambda settings: app.backup(settings, file), {"data": data})


@main.command()
@click.argument("file", type=Path)
@data_folder
def restore(file: Path, data: str | None) -> None:
    """Put a backup, FILE, into the data folder. What was there is kept beside it. Stop the server first."""
    _end(lambda settings: app.restore(settings, file), {"data": data})


def _end(work: Callable[[config.Settings], int], given: dict[str, str | int | None]) -> None:
    try:
        settings = config.read(given)
    except config.Unset as unset:
        click.echo(str(unset), err=True)
        sys.exit(app.CONFIGURATION)
    sys.exit(work(settings))
