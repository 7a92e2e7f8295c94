"""`python -m parlour`."""

from .cli import main

main(prog_name="parlour")
