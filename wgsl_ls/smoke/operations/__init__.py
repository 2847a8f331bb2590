"""The cases of all operations: every module of this folder has a function `cases` that gives its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from wgsl_ls.smoke.operation import OperationCase


@cache
def all_cases() -> tuple[OperationCase, ...]:
    found: list[OperationCase] = []
    for module in iter_modules(__path__):
        made: Iterator[OperationCase] = import_module(f"{__name__}.{module.name}").cases()
        found.extend(made)
    return tuple(found)
