"""Jumps out of statements."""

from __future__ import annotations

from typing import Any


class Returned(Exception):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Broken(Exception):
    """`break`."""


class Continued(Exception):
    """`continue`."""
