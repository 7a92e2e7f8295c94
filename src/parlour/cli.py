"""The command line: `parlour serve`.

1. What is not given here is a setting (config.py).
2. Exit codes: 0 stopped, 70 the storage broke, 78 what an operator must change; each with one sentence.
"""

from __future__ import annotations

import sys

import click

from . import __version__, config
from .server import app


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
    try:
        settings = config.read({"host": host, "port": port, "data": data})
    except config.Unset as unset:
        click.echo(str(unset), err=True)
        sys.exit(app.CONFIGURATION)
    sys.exit(app.run(settings))
