"""Parlour: a chat server where nobody can write to you until you say yes."""

__version__ = "0.2.0"
