"""Caches: maps in which a function keeps what it made of a shader, and the keys under which it looks there first.

Two keys that are equal give one pipeline, whatever macros the second one would have been made with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import partial
from typing import Any, Final

from wgsl_ls.host.cpp_types import base_name
from wgsl_ls.host.program import Function
from wgsl_ls.host.slicing import own_names, static_names
from wgsl_ls.host.syntax import Node
from wgsl_ls.host.terms import Input, Term, evaluate, inputs_of, is_symbolic
from wgsl_ls.host.values import UNSET

_LOOKS: Final = frozenset(("find", "count", "contains"))
"""Methods of a map that ask whether a key is in it."""
_KEEPS: Final = frozenset(("emplace", "insert", "try_emplace", "insert_or_assign"))
_STORE: Final = re.compile(r"\]\s*=[^=]|\b(?:emplace|insert|try_emplace|insert_or_assign)\b")
_WHOLE: Final = frozenset(("bool", "u32", "u64", "i32"))
_WORD: Final = re.compile(r"[A-Za-z_]\w*")


class Caches:
    """`leading`: names of the calls that lead to a shader; `of_text`: see memory.py."""

    def __init__(
        self,
        functions: Iterable[Function],
        leading: Set[str],
        of_text: Callable[[str, str, Callable[[], Any]], Any],
    ) -> None:
        self._found: dict[Function, frozenset[str]] = {}
        for function in functions:
            text = function.body.text
            if _STORE.search(text) is not None:
                kind = f"caches {sorted(leading & frozenset(_WORD.findall(text)))}"
                self._found[function] = of_text(kind, text, partial(_caches, function, leading))
        self.names: frozenset[str] = frozenset().union(*self._found.values())

    def of(self, function: Function | None) -> frozenset[str]:
        """The maps in which a function keeps what it made of a shader."""
        return self._found.get(function, frozenset()) if function is not None else frozenset()


def _caches(function: Function, leading: Set[str]) -> frozenset[str]:
    statements = [node for node in function.body.walk() if node.kind in ("declaration", "expression_statement")]
    fresh = own_names(function) - static_names(function)
    made: set[str] = set()
    grown = True
    while grown:
        n_made = len(made)
        for node in statements:
            for target, value in _assigned(node):
                if target.kind == "identifier" and _is_made(value, leading, made):
                    made.add(target.text)
        grown = len(made) > n_made
    return frozenset(
        of.text
        for node in statements
        for of, value in _kept(node)
        if of.text not in fresh and _is_made(value, leading, made)
    )


def _assigned(node: Node) -> Iterator[tuple[Node, Node]]:
    for one in node.walk():
        target = one.field("declarator") if one.kind == "init_declarator" else one.field("left")
        value = one.field("value") if one.kind == "init_declarator" else one.field("right")
        if one.kind in ("init_declarator", "assignment_expression") and target is not None and value is not None:
            yield target, value


def looked_in(call: Node) -> str:
    """The name of the map that a call `map.find(key)` asks, "" for other calls."""
    function = call.field("function")
    method, of = (function.field("field"), function.field("argument")) if function is not None else (None, None)
    return _member(of).text if method is not None and of is not None and method.text in _LOOKS else ""


def _kept(node: Node) -> Iterator[tuple[Node, Node]]:
    """(map, what is put into it)."""
    for target, value in _assigned(node):
        of = target.field("argument") if target.kind == "subscript_expression" else None
        if of is not None:
            yield _member(of), value
    for one in node.walk():
        function, arguments = one.field("function"), one.field("arguments")
        if one.kind != "call_expression" or function is None or arguments is None:
            continue
        method, of = function.field("field"), function.field("argument")
        if function.kind == "field_expression" and method is not None and of is not None and method.text in _KEEPS:
            yield _member(of), arguments


def _member(of: Node) -> Node:
    return of.field("field") or of


def _is_made(value: Node, leading: Set[str], made: Set[str]) -> bool:
    for one in value.walk():
        if one.kind == "identifier" and one.text in made:
            return True
        function = one.field("function") if one.kind == "call_expression" else None
        if function is not None and base_name(function.field("field") or function) in leading:
            return True
    return False


def inputs_of_key(leaves: tuple[object, ...]) -> tuple[Input, ...]:
    return tuple(dict.fromkeys(one for leaf in leaves for one in inputs_of(leaf)))


def leaves_of(key: object) -> tuple[object, ...] | None:
    """What a key is made of; None where that is not numbers, texts and what rests on inputs alone."""
    leaves = tuple(_leaves(key))
    return leaves if all(isinstance(leaf, (str, int, float, bool, Term, Input)) for leaf in leaves) else None


def worked_out(leaves: tuple[object, ...], assignment: Mapping[Input, object]) -> object:
    """What a key is for an assignment. Raises Undefined."""
    return tuple([evaluate(leaf, assignment) if isinstance(leaf, (Term, Input)) else leaf for leaf in leaves])


class Telling:
    """What a key tells that is made of `leaves`."""

    def __init__(self, leaves: tuple[object, ...]) -> None:
        self._bare = {_bare(leaf) for leaf in leaves if is_symbolic(leaf)}
        self._told: dict[object, bool] = {}

    def of(self, value: object) -> bool:
        """Can the value not differ where the key is the same?"""
        if not is_symbolic(value):
            return True
        found = self._told.get(value)
        if found is None:
            found = self._told[value] = self._is_told(value)
        return found

    def _is_told(self, value: object) -> bool:
        if value in self._bare or _bare(value) in self._bare:
            return True
        if isinstance(value, Input) and value.domain and isinstance(value.domain[0], tuple):  # values that go together
            items = (leaf.args for leaf in self._bare if isinstance(leaf, Term) and leaf.op == "item")
            return len({index for of, index in items if of is value}) == len(value.domain[0])
        return isinstance(value, Term) and all(map(self.of, value.args))


def _bare(value: object) -> object:
    """Without what makes no two values one: a negation; a conversion of yes or no, or of what is no large number."""
    while isinstance(value, Term) and (
        value.op == "!" or (value.op in ("bool", "u32", "u64", "i32") and _is_named(value))
    ):
        value = value.args[0]
    return value


def _is_named(value: Term) -> bool:
    inner = value.args[0]
    values: Iterable[object] = inner.domain if isinstance(inner, Input) else (None,)
    if isinstance(inner, Term) and inner.op == "item" and isinstance(inner.args[0], Input):
        values = [each[inner.args[1]] for each in inner.args[0].domain]  # type: ignore[index]  # values that go together
    return all(isinstance(each, int) and 0 <= each < (2 if value.op == "bool" else 2**31) for each in values)


def _leaves(key: object) -> Iterator[object]:
    if isinstance(key, tuple):
        for one in key:
            yield from _leaves(one)
    elif key is UNSET:
        yield None
    else:
        yield key
