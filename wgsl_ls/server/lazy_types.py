"""LSP's types with methods that are made when a class is first used.

lsprotocol declares more than five hundred classes with attrs, which compiles methods for each of them: a third of the
server's start, for some sixty that a session ever uses. Loaded by `load`, the module is the same, and so are its
classes from their first use on; until then a class knows only how to complete itself. It has no slots, for these would
need another class. Where lsprotocol was imported before, it stays as it is. Our own messages are made in the same way.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform, get_origin, get_type_hints

import attrs

_MODULE = "lsprotocol.types"

T = TypeVar("T")


class _Later:
    """Stands for an attribute of a class that is not complete: asked for it, it completes the class and passes on."""

    __slots__ = ("_complete", "_name", "_owner")

    def __init__(self, owner: type, name: str, complete: Callable[[type], None]) -> None:
        self._owner = owner
        self._name = name
        self._complete = complete

    def __get__(self, instance: object, owner: type) -> Any:
        self._complete(self._owner)
        return getattr(owner if instance is None else instance, self._name)


_AWAITED = ("__init__", "__attrs_attrs__")
"""No instance is made, and no field is looked at, without one of these."""
_incomplete: set[type] = set()


def load() -> None:
    """Import lsprotocol's types in this way, before anybody else does."""
    if _MODULE in sys.modules:
        return
    define = attrs.define
    attrs.define = _postponed  # type: ignore[assignment]
    try:
        from lsprotocol import types
    finally:
        attrs.define = define
    from lsprotocol import _hooks

    _hooks._resolved_forward_references = True  # of all classes at once; `complete` does it for each
    # Unions by name are no classes. What they hold is looked up by whoever meets them, and kept in them.
    unions = {name: one for name, one in vars(types).items() if get_origin(one) is not None}
    get_type_hints(type("Unions", (), {"__annotations__": unions}), types.ALL_TYPES_MAP, {})


def _postponed(owner: type) -> type:
    _incomplete.add(owner)
    for name in _AWAITED:
        setattr(owner, name, _Later(owner, name, complete))
    return owner


def complete(owner: type) -> None:
    """Make of a class what attrs makes of it. Nothing when that was done."""
    if owner not in _incomplete:
        return
    _incomplete.discard(owner)
    for name in _AWAITED:
        delattr(owner, name)
    attrs.define(owner, slots=False)
    attrs.resolve_types(owner, sys.modules[_MODULE].ALL_TYPES_MAP, {})


def n_incomplete() -> int:
    return len(_incomplete)


_AWAITED_OF_OURS = ("__init__", "__dataclass_fields__")


@dataclass_transform(frozen_default=True)
def message(owner: type[T]) -> type[T]:
    """A frozen dataclass, of which only those that somebody sends are ever made."""
    _incomplete.add(owner)
    for name in _AWAITED_OF_OURS:
        setattr(owner, name, _Later(owner, name, _complete_ours))
    return owner


def _complete_ours(owner: type) -> None:
    _incomplete.discard(owner)
    for name in _AWAITED_OF_OURS:
        delattr(owner, name)
    dataclass(frozen=True)(owner)
