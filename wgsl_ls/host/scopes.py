"""Scopes: the variables that statements declare, for as long as these are run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wgsl_ls.host.cpp_types import declared_name
from wgsl_ls.host.machine import Frame, NotUnderstood
from wgsl_ls.host.syntax import Node

Run = Callable[[Frame], None]


def declared_in(nodes: Iterable[Node | None]) -> tuple[str, ...]:
    """The variables that statements of one block declare."""
    names: list[str] = []
    for node in nodes:
        if node is not None and node.kind == "init_statement":
            names.extend(declared_in(node.children))
        for declarator in node.fields("declarator") if node is not None and node.kind == "declaration" else ():
            binding = next((one for one in declarator.walk() if one.kind == "structured_binding_declarator"), None)
            listed = binding.children if binding is not None else ()
            names.extend([one.text for one in listed] or [declared_name(declarator)])
    return tuple(dict.fromkeys(names))


def declared_by(clause: Node | None) -> tuple[str, ...]:
    """The variables that the head of an `if`, `while` or `switch` declares."""
    if clause is None:
        return ()
    initialiser = clause.field("initializer")
    return declared_in((clause.field("value"), *(initialiser.children if initialiser is not None else ()), clause))


def scoped(names: tuple[str, ...], runs: list[Run]) -> Run:
    """Run statements; the variables `names` that they declare are gone afterwards, those that these hid are back."""
    if not names and len(runs) == 1:
        return runs[0]

    def scope(frame: Frame) -> None:
        variables = frame.variables
        if any(name in variables for name in names):  # what hides another has a frame of its own
            hidden = frame
            frame = Frame(hidden.machine, hidden.function, hidden.this, hidden.depth, hidden)
            frame.returns = hidden.returns
            for run in runs:
                run(frame)
            return
        try:
            for run in runs:
                run(frame)
        finally:
            for name in names:
                variables.pop(name, None)
                frame.bits.pop(name, None)

    return scope


def no_effect(frame: Frame) -> None:
    return None


def discard(value: Any) -> None:
    return None


def not_understood(node: Node, what: str) -> Callable[[Frame], Any]:
    def run(frame: Frame) -> Any:
        raise NotUnderstood(node, what)

    return run
