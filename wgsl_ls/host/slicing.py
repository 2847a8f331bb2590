"""Which functions lead to the preprocessor, and which statements of those that only lead there have a say in it.

A function that hands work out does much that decides nothing (buffers, sizes of a dispatch). Of such a function
the calls that lead on are kept, the statements around them, and by names all that may change what these read.
Functions that call the preprocessor themselves, and functions that do not lead to it, are run as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import Any

from wgsl_ls.host.cpp_types import base_name, declared_name
from wgsl_ls.host.declarations import method_as_comparison
from wgsl_ls.host.library import HostLibrary
from wgsl_ls.host.machine import STRINGS
from wgsl_ls.host.program import Function, Program
from wgsl_ls.host.syntax import Node

_CONTROL = frozenset(
    (
        "if_statement", "switch_statement", "for_statement", "while_statement", "do_statement", "for_range_loop",
        "else_clause", "case_statement", "compound_statement", "preproc_ifdef", "preproc_if", "preproc_else",
        "labeled_statement", "try_statement",
    )
)  # fmt: skip  # one line a kind
_JUMPS = frozenset(("return_statement", "break_statement", "continue_statement", "throw_statement"))
_LOOPS = frozenset(("for_statement", "while_statement", "do_statement", "for_range_loop"))
_LEAVES = frozenset(("declaration", "expression_statement", *_JUMPS))


class CallGraph:
    """`direct`: functions that call one of the library's `preprocess`; `reaching`: names of all that lead to one of
    these. `of_text`: keeps what a text alone decides (memory.py)."""

    def __init__(
        self,
        program: Program,
        library: HostLibrary,
        of_text: Callable[[str, str, Callable[[], Any]], Any],
    ) -> None:
        preprocess = frozenset(library.preprocess)
        self._program = program
        self._aborts = frozenset(library.aborts)
        self._ends_host = self._aborts.union(library.asserts)
        self._pure = library.pure
        self._of_text = of_text
        self.calls: dict[Function, frozenset[str]] = {}
        for function in program.all_functions():
            if not function.is_macro:
                body = function.body
                self.calls[function] = of_text("calls", body.text, partial(_calls, body))
        self.direct = [
            function
            for function, called in self.calls.items()
            if called & preprocess and function.name not in preprocess
        ]
        self._direct = frozenset(self.direct)
        reaching = {function.name for function in self.direct}
        grown = True
        while grown:
            grown = False
            for function, called in self.calls.items():
                if function.name not in reaching and called & reaching and function.name not in preprocess:
                    reaching.add(function.name)
                    grown = True
        self.reaching = frozenset(reaching)
        self._relevant: dict[Function, frozenset[int] | None] = {}

    def reached_from(self, function: Function) -> frozenset[Function]:
        """The direct functions that a function leads to."""
        seen: set[str] = set()
        waiting = [function.name]
        found: set[Function] = set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for one in self._program.functions.get(name, ()):
                if one in self._direct:
                    found.add(one)
                waiting.extend(self.calls.get(one, frozenset()) & self.reaching)
        return frozenset(found)

    def entries(self) -> list[Function]:
        """For each direct function those that lead to it, and that none of those calls."""
        reached = {one: self.reached_from(one) for one in self.calls if one.name in self.reaching}
        found: dict[Function, None] = {}
        for function in self.direct:
            leading = [one for one, led_to in reached.items() if one is not function and function in led_to]
            called = frozenset[str]().union(*(self.calls[one] for one in leading))
            found.update(dict.fromkeys(one for one in leading if one.name not in called))
        return list(found)

    def relevant(self, function: Function) -> frozenset[int] | None:
        """Where the statements start that matter; None: all do."""
        if function in self._direct or function.is_macro:
            return None
        if function not in self._relevant:
            reaches = not self.reaching.isdisjoint(self.calls.get(function, ()))  # others may have its name
            self._relevant[function] = self._slice(function) if reaches else self._with_read_fields(function)
        return self._relevant[function]

    @cached_property
    def _read_fields(self) -> frozenset[str]:
        """Names of the members that anything that matters reads."""
        found = set(self._program.key_fields())
        waiting: list[Function] = []
        for function in self.calls:
            if function.name in self.reaching:
                waiting.append(function)
        seen = set(waiting)
        while waiting:
            function = waiting.pop()
            kept = self.relevant(function) if function.name in self.reaching else None
            called, fields = self._read_in(function, kept)
            found.update(fields)
            for name in called:
                for one in self._program.functions.get(name, ()):
                    if one not in seen and one in self.calls:
                        seen.add(one)
                        waiting.append(one)
        return frozenset(found)

    def _read_in(self, function: Function, kept: frozenset[int] | None) -> tuple[frozenset[str], frozenset[str]]:
        """The functions that the kept statements call, and the members that they read."""
        start = function.body.start
        relative = None if kept is None else sorted(one - start for one in kept)

        def find() -> tuple[frozenset[str], frozenset[str]]:
            called: set[str] = set()
            fields: set[str] = set()
            for node in _kept_nodes(function.body, kept):
                if node.kind == "call_expression":
                    called.update(_called_by(node))
                elif node.kind == "field_expression":
                    field = node.field("field")
                    fields.add(field.text if field is not None else "")
            return frozenset(called), frozenset(fields)

        found: tuple[frozenset[str], frozenset[str]] = self._of_text(f"read in {relative}", function.body.text, find)
        return found

    def _with_read_fields(self, function: Function) -> frozenset[int] | None:
        """All statements, but those that only set members which nothing that matters reads, and those that only set
        variables which what is left does not read."""
        statements = [node for node in function.body.walk() if node.kind in _LEAVES]
        shared = {one.name for one in function.parameters if one.type.is_pointer or one.type.is_reference}
        declared = own_names(function)
        dropped: set[Node] = set()
        for node in statements:
            if node.kind == "expression_statement" and node.children:
                field = _only_written(node.children[0])
                if field is not None and field not in self._read_fields and self._has_no_say(node):
                    dropped.add(node)
        grown = True
        while grown:
            read: Counter[str] = Counter()
            for node in _kept_statements(function.body, dropped):
                read.update(_names(node))
            grown = False
            for node in statements:
                variable = _only_set(node)
                is_own = variable in declared and variable not in shared
                if node in dropped or not variable or not is_own or not self._has_no_say(node):
                    continue
                own = sum(
                    name == variable
                    for other in statements
                    if other not in dropped and _only_set(other) == variable
                    for name in _names(other)
                )
                if read[variable] == own:
                    dropped.add(node)
                    grown = True
        if not dropped:
            return None
        starts = {node.start for node in dropped}
        return frozenset(node.start for node in function.body.walk() if node.start not in starts)

    def _has_no_say(self, node: Node) -> bool:
        """Can nothing end, and nothing else change, where the statement runs?"""
        waiting, seen = list(_called(node)), set[str]()
        while waiting:
            name = waiting.pop()
            if name in self._ends_host:
                return False
            if name not in seen and name not in self._pure:
                seen.add(name)
                for one in self._program.functions.get(name, ()):
                    if not one.is_macro and _changes_argument(one):
                        return False
                    waiting.extend(self.calls.get(one) or (_called(one.body) if one.is_macro else ()))
        return True

    def _slice(self, function: Function) -> frozenset[int]:
        leaves: list[tuple[Node, tuple[Node, ...]]] = []
        controls: list[tuple[Node, tuple[Node, ...]]] = []
        waiting: list[tuple[Node, tuple[Node, ...]]] = [(function.body, ())]
        while waiting:
            node, above = waiting.pop()
            if node.kind in _LEAVES:
                leaves.append((node, above))
                continue
            if node.kind in _CONTROL:
                controls.append((node, above))
                waiting.extend((child, (*above, node)) for child in node.children)
        shared = {one.name for one in function.parameters if one.type.is_pointer or one.type.is_reference}
        interesting = {leaf.start for leaf, _ in leaves if any(name in self.reaching for name in _called(leaf))}
        texts = {name for leaf, _ in leaves if self._gives_text(leaf) for name in self._written(leaf, shared)}
        if texts:  # whoever is given one makes something of it, by a label
            interesting.update(leaf.start for leaf, _ in leaves if not texts.isdisjoint(_given(leaf)))
        if function.owner is not None:  # members that it sets may be read where it leads to
            declared = own_names(function)
            for leaf, _ in leaves:
                written = self._written(leaf, shared) if leaf.kind == "expression_statement" else set()
                if any(name not in declared for name in written):
                    interesting.add(leaf.start)
        in_conditions = [
            node
            for node, _ in controls
            if any(name in self.reaching for part in _heads(node) for name in _called(part))
        ]
        last = max([*interesting, *(node.start for node in in_conditions)], default=-1)
        loops = [
            node for node, _ in controls if node.kind in _LOOPS and any(name in self.reaching for name in _called(node))
        ]
        last = max([last, *(node.end for node in loops)])
        leaves = [(leaf, above) for leaf, above in leaves if leaf.start <= last]
        kept: set[int] = set()
        names: set[str] = set()

        def keep(node: Node, above: tuple[Node, ...]) -> None:
            kept.add(node.start)
            names.update(_names(node) if node.kind in _LEAVES else ())
            for one in above:
                kept.add(one.start)
                for head in _heads(one):
                    names.update(_names(head))

        for node, above in controls:
            if node in in_conditions:
                keep(node, above)
                for head in _heads(node):
                    names.update(_names(head))
        writes = {leaf.start: self._written(leaf, shared) for leaf, _ in leaves}
        grown = True
        while grown:
            before = (len(kept), len(names))
            for leaf, above in leaves:
                if leaf.start in kept:
                    continue
                jumps = leaf.kind in _JUMPS or self._ends(leaf)
                if leaf.start in interesting or jumps or writes[leaf.start] & names:
                    if leaf.kind == "return_statement" and leaf.start not in interesting:
                        kept.add(leaf.start)
                        for one in above:
                            keep(one, ())
                            for head in _heads(one):
                                names.update(_names(head))
                        continue
                    keep(leaf, above)
                    if leaf.kind == "return_statement" and leaf.children:
                        kept.add(leaf.children[0].start)
            grown = before != (len(kept), len(names))
        return frozenset(kept)

    def _gives_text(self, leaf: Node) -> bool:
        """Does it call a function that leads to the preprocessor and gives a text?"""
        found = (self._program.functions.get(name, ()) for name in _called(leaf) if name in self.reaching)
        return any(one.returns.name in STRINGS for overloads in found for one in overloads)

    def _ends(self, leaf: Node) -> bool:
        return any(name in self._aborts for name in _called(leaf))

    def _written(self, leaf: Node, shared: set[str]) -> set[str]:
        """Names of variables that a statement may change; objects that came in as pointers or references only by
        plain assignment."""
        found: set[str] = set()
        if leaf.kind == "declaration":
            for declarator in leaf.fields("declarator"):
                inner = declarator.field("declarator") if declarator.kind == "init_declarator" else declarator
                found.update(
                    one.text for one in inner.walk() if one.kind == "identifier"
                ) if inner is not None else None
                found.add(declared_name(inner))
        for node in leaf.walk():
            if node.kind == "assignment_expression":
                left = node.field("left")
                found.add(_root(left))
            elif node.kind in ("update_expression",):
                found.add(_root(node.field("argument")))
            elif node.kind == "call_expression":
                function, arguments = node.field("function"), node.field("arguments")
                touched: set[str] = set()
                if function is not None and function.kind == "field_expression":
                    touched.add(_root(function.field("argument")))
                name = base_name(function.field("field") or function) if function is not None else ""
                for index, argument in enumerate(arguments.children if arguments is not None else ()):
                    if argument.kind in (
                        "identifier",
                        "field_expression",
                        "subscript_expression",
                        "pointer_expression",
                    ) and self._may_change(name, index):
                        touched.add(_root(argument))
                found.update(touched - shared)
        found.discard("")
        return found

    def _may_change(self, name: str, index: int) -> bool:
        overloads = self._program.functions.get(name)
        if not overloads:
            return name in ("swap", "memcpy", "transform", "sort", "exchange")
        for one in overloads:
            if index < len(one.parameters):
                type_ = one.parameters[index].type
                if (type_.is_reference or type_.is_pointer) and not type_.is_const:
                    return True
        return False


def own_names(function: Function) -> frozenset[str]:
    """The variables that a function declares, its parameters among them."""
    found = {one.name for one in function.parameters}
    for node in function.body.walk():
        if node.kind in ("declaration", "for_range_loop", "parameter_declaration", "optional_parameter_declaration"):
            for declarator in node.fields("declarator"):
                inner = declarator.field("declarator") if declarator.kind == "init_declarator" else declarator
                found.update(one.text for one in (inner or declarator).walk() if one.kind == "identifier")
    return frozenset(found)


def static_names(function: Function) -> frozenset[str]:
    """Those of them that outlive a call."""
    return frozenset(
        declared_name(one)
        for node in function.body.walk()
        if node.kind == "declaration" and node.text.startswith("static ")
        for one in node.fields("declarator")
    )


def _kept_nodes(body: Node, kept: frozenset[int] | None) -> Iterator[Node]:
    """The nodes of the statements that are kept, without those that are only written to."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        can_drop = node.kind in (_LEAVES | _CONTROL) - {"compound_statement", "case_statement"}
        if kept is not None and can_drop and node.start not in kept:
            continue
        if node.kind == "expression_statement" and node.children and _only_written(node.children[0]) is not None:
            waiting.extend(_sources(node.children[0]))
            continue
        yield node
        waiting.extend(node.children)


def _changes_argument(function: Function) -> bool:
    """Does it write, itself, to what a reference or pointer among its parameters leads to?"""
    passed = {
        one.name
        for one in function.parameters
        if (one.type.is_reference or one.type.is_pointer) and not one.type.is_const
    }
    for node in function.body.walk() if passed else ():
        target = None
        if node.kind == "assignment_expression":
            target = node.field("left")
        elif node.kind == "update_expression":
            target = node.field("argument")
        elif node.kind == "call_expression":
            called = node.field("function")
            target = called.field("argument") if called is not None and called.kind == "field_expression" else None
        if _root(target) in passed:
            return True
    return False


def _kept_statements(body: Node, dropped: set[Node]) -> Iterator[Node]:
    """What is evaluated where `dropped` are left out: other simple statements, and the conditions of those around
    them."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if node.kind in _LEAVES:
            if node not in dropped:
                yield node
        elif node.kind in ("if_statement", "else_clause", "compound_statement"):
            inside = [child for child in node.children if child not in node.fields("condition")]
            if node.kind == "if_statement" and all(
                leaf in dropped for child in inside for leaf in child.walk() if leaf.kind in _LEAVES
            ):
                continue  # it is left out with them
            yield from node.fields("condition")
            waiting.extend(inside)
        else:
            yield from _heads(node)
            waiting.extend(child for child in node.children if child not in _heads(node))


def _only_set(node: Node) -> str:
    """The variable that a statement only gives a value to, "" for other statements."""
    if node.kind == "declaration":
        declarators = node.fields("declarator")
        if len(declarators) != 1:
            return ""
        inner = declarators[0]
        if inner.kind == "init_declarator":
            named = inner.field("declarator")
            return named.text if named is not None and named.kind == "identifier" else ""
        return inner.text if inner.kind == "identifier" else ""
    if node.kind == "expression_statement" and node.children and node.children[0].kind == "assignment_expression":
        left = node.children[0].field("left")
        return left.text if left is not None and left.kind == "identifier" else ""
    return ""


def _only_written(node: Node) -> str | None:
    """The member that `x.member = ...` or `x.member.push_back(...)` sets."""
    target = None
    if node.kind == "assignment_expression" and node.operator == "=":
        target = node.field("left")
    elif node.kind == "call_expression":
        function = node.field("function")
        if function is not None and function.kind == "field_expression":
            method = function.field("field")
            if method is not None and method.text in ("push_back", "emplace_back", "reserve"):
                target = function.field("argument")
    field = target.field("field") if target is not None and target.kind == "field_expression" else None
    return field.text if field is not None else None


def _sources(node: Node) -> list[Node]:
    right = node.field("right") or node.field("arguments")
    left = node.field("left")
    inner = left.field("argument") if left is not None else None
    return [one for one in (right, inner) if one is not None]


def _called_by(node: Node) -> Iterator[str]:
    function = node.field("function")
    if function is not None:
        yield (
            base_name(function.field("field") or function)
            if function.kind == "field_expression"
            else base_name(function)
        )


def _calls(body: Node) -> frozenset[str]:
    return frozenset(_called(body))


def _called(node: Node) -> Iterator[str]:
    for one in node.walk():
        if one.kind == "call_expression":
            yield from _called_by(one)
        elif one.kind == "binary_expression" and (called := method_as_comparison(one)) is not None:
            yield base_name(called[0].field("field") or called[0])


def _names(node: Node) -> Iterator[str]:
    return (one.text for one in node.walk() if one.kind == "identifier")


def _given(leaf: Node) -> Iterator[str]:
    """The variables that calls in it are given, or a part of them."""
    for node in leaf.walk():
        if node.kind == "argument_list":
            yield from map(_root, node.children)


def _heads(node: Node) -> list[Node]:
    """What a control statement evaluates itself."""
    wanted = ("condition", "initializer", "update", "right", "value")
    found = [one for name in wanted for one in node.fields(name)]
    if node.kind == "for_range_loop":
        found.extend(node.fields("declarator"))
    return found


def _root(node: Node | None) -> str:
    """The variable that a place is a part of."""
    while node is not None and node.kind != "identifier":
        inner = node.field("argument")
        if inner is None and node.kind in ("parenthesized_expression", "cast_expression"):
            inner = node.field("value") or (node.children[0] if node.children else None)
        if inner is None and node.kind == "call_expression":
            function = node.field("function")
            inner = function.field("argument") if function is not None else None
        node = inner
    return node.text if node is not None else ""
