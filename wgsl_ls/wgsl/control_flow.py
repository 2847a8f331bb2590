"""How statements end: the behaviors of https://www.w3.org/TR/WGSL/#behaviors, as far as they decide whether the end of
a function can be reached."""

from __future__ import annotations

from collections.abc import Iterable

from wgsl_ls.wgsl.syntax import (
    Block,
    Break,
    Continue,
    Continuing,
    For,
    If,
    Loop,
    Return,
    Statement,
    Switch,
    While,
)

Behaviors = frozenset[str]
"""Of "next", "return", "break" and "continue"."""

_NEXT = frozenset(("next",))


def falls_off_its_end(body: Block) -> bool:
    """Control can reach the closing brace of a function with this body."""
    return "next" in _sequence(body.statements)


def never_ends(loop: Statement) -> bool:
    """Nothing leaves this loop, which WGSL forbids."""
    return not _of(loop)


def _sequence(statements: Iterable[Statement]) -> Behaviors:
    found: Behaviors = _NEXT
    for statement in statements:
        if "next" not in found:
            break
        found = (found - _NEXT) | _of(statement)
    return found


def _of(node: Statement) -> Behaviors:
    if isinstance(node, Return):
        return frozenset(("return",))
    if isinstance(node, Break):
        return frozenset(("break",)) if node.condition is None else frozenset(("break", "next"))
    if isinstance(node, Continue):
        return frozenset(("continue",))
    if isinstance(node, Block):
        return _sequence(node.statements)
    if isinstance(node, If):
        found = _NEXT if node.otherwise is None else _sequence(node.otherwise.statements)
        for _, body in node.clauses:
            found |= _sequence(body.statements)
        return found
    if isinstance(node, Switch):
        found = frozenset[str]().union(*(_sequence(clause.body.statements) for clause in node.clauses))
        return (found - {"break"}) | _NEXT if "break" in found or not node.clauses else found
    if isinstance(node, Loop):
        return _loop(_sequence(node.body.statements))
    if isinstance(node, Continuing):
        return _sequence(node.body.statements)
    if isinstance(node, While):
        return _loop(_sequence(node.body.statements) | {"break"})
    if isinstance(node, For):
        found = _sequence(node.body.statements)
        return _loop(found | {"break"} if node.condition is not None else found)
    return _NEXT


def _loop(body: Behaviors) -> Behaviors:
    rest = body - {"break", "continue", "next"}
    return rest | _NEXT if "break" in body else rest
