"""Analysis: the symbols of one module with their places in its text, and every question an editor asks of them.

Offsets here are absolute. The work is done per declaration (globals.py); answers are put together when asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from wgsl_ls.text.span import Span
from wgsl_ls.text.steps import Steps, finished
from wgsl_ls.wgsl.builtins import PREDECLARED
from wgsl_ls.wgsl.declaration_inference import Overrides
from wgsl_ls.wgsl.facts import Facts
from wgsl_ls.wgsl.globals import Globals
from wgsl_ls.wgsl.lexer import blank_block_comments, trivia_end
from wgsl_ls.wgsl.module import Module, Placed
from wgsl_ls.wgsl.names import Field, GlobalInfo, Local, Predeclared, Target
from wgsl_ls.wgsl.spelling import MOST_COMPARED, near_names
from wgsl_ls.wgsl.syntax import (
    Call,
    ConstAssert,
    Declaration,
    Expression,
    FunctionDeclaration,
    Identifier,
    Member,
    Node,
    StructDeclaration,
    VariableDeclaration,
    children,
)
from wgsl_ls.wgsl.types import Type
from wgsl_ls.wgsl.values import Value


@dataclass(frozen=True, slots=True)
class Symbol:
    """What a name stands for. `kind`: "function", "struct", "alias", "var", "const", "override", "let",
    "parameter", "member", "builtin function", "builtin type" or "enumerant". `start`, `end`: the name where it is
    declared, -1 for what is predeclared. `type`: of the value, or what a function returns, or a type itself.
    `owner`: the function of a local, the struct of a member, else "". `parameters`: of a function. `space`,
    `access`: of a module-scope variable. `has_written_type`: False when the type is inferred."""

    kind: str
    name: str
    start: int
    end: int
    type: Type | None = None
    owner: str = ""
    parameters: tuple[tuple[str, Type | None], ...] = ()
    value: Value | None = None
    space: str = ""
    access: str = ""
    has_written_type: bool = True

    @property
    def is_predeclared(self) -> bool:
        return self.start < 0

    @property
    def is_local(self) -> bool:
        return self.kind in ("let", "parameter") or (self.kind in ("var", "const") and bool(self.owner))


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A name in the text at `start` to `end`, with what it means (None: unresolved)."""

    start: int
    end: int
    name: str
    symbol: Symbol | None
    is_declaration: bool = False


@dataclass(frozen=True, slots=True)
class Unresolved:
    """An identifier without a meaning; `candidates`: visible names that look like it, best first."""

    start: int
    end: int
    name: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallSite:
    """A call. `symbol`: what is called, None when unknown. `arguments`: their spans. `separators`: offsets of the
    opening parenthesis, the commas and, when `closed`, the closing parenthesis. `caller`: the function that it
    stands in, else "". `overload`: for a builtin whose arguments fit, the index in `overloads_of(name)`."""

    start: int
    end: int
    name: str
    symbol: Symbol | None
    arguments: tuple[Span, ...]
    separators: tuple[int, ...]
    closed: bool
    caller: str
    type: Type | None
    overload: int | None = None


def analyze(module: Module, overrides: Overrides | None = None) -> Analysis:
    """Names and types of `module`. Never raises. With `overrides` (by name, or by the number of an `@id`) the
    override constants have values, their defaults if not given."""
    return Analysis(module, overrides)


class Analysis:
    """Immutable from outside; lazily filled. `entries`: (start, tree, facts) of each declaration in text order."""

    def __init__(self, module: Module, overrides: Overrides | None = None) -> None:
        self.module = module
        self.globals = Globals(module, overrides)
        self._n_compared = 0
        self._unresolved: list[Unresolved] | None = None
        self.entries: list[tuple[int, Declaration, Facts]] = []
        for placed in module.placed:
            node = placed.chunk.node
            if isinstance(node, Declaration):
                self.entries.append((placed.start, node, self.globals.facts(placed)))

    # Symbols

    def symbol(self, start: int, target: Target, owner: str = "") -> Symbol | None:
        """The symbol of a target found in the declaration that begins at `start`."""
        if isinstance(target, Local):
            where = start + target.start
            return Symbol(
                target.kind,
                target.name,
                where,
                where + len(target.name),
                target.type,
                owner,
                value=target.value,
                has_written_type=target.has_written_type,
            )
        if isinstance(target, GlobalInfo):
            return self.global_symbol(target.name)
        if isinstance(target, Field):
            return self.member_symbol(target.struct, target.name)
        return _predeclared_symbol(target)

    def global_symbol(self, name: str) -> Symbol | None:
        """The module-scope declaration called `name`."""
        found = self._global_symbols.get(name)
        if found is None:
            placed, info = self.globals.declared.get(name), self.globals.info(name)
            if placed is None or info is None:
                return None
            found = self._global_symbols[name] = _global_symbol(placed, info)
        return found

    @cached_property
    def _global_symbols(self) -> dict[str, Symbol]:
        return {}

    @property
    def global_symbols(self) -> list[Symbol]:
        """All module-scope declarations, in text order."""
        found = (self.global_symbol(name) for name in self.globals.declared)
        return [symbol for symbol in found if symbol is not None]

    def member_symbol(self, struct_name: str, name: str) -> Symbol | None:
        """The member `name` of the module's struct `struct_name`."""
        found = self._member_symbols.get(struct_name)
        if found is None:
            found = self._member_symbols[struct_name] = dict(self._members_of(struct_name))
        return found.get(name)

    @cached_property
    def _member_symbols(self) -> dict[str, dict[str, Symbol]]:
        return {}

    def _members_of(self, struct_name: str) -> Iterator[tuple[str, Symbol]]:
        """Of several with one name, the first counts."""
        placed, info = self.globals.declared.get(struct_name), self.globals.info(struct_name)
        if placed is None or info is None or info.type is None or not isinstance(placed.chunk.node, StructDeclaration):
            return
        for member in reversed(placed.chunk.node.members):
            where = placed.start + member.name_start
            field = info.type.field(member.name)
            kind = field.type if field else None
            yield member.name, Symbol("member", member.name, where, where + len(member.name), kind, struct_name)

    # Occurrences

    @cached_property
    def occurrences(self) -> list[Occurrence]:
        """Every declared and used name, resolved or not, in text order."""
        found: list[Occurrence] = []
        for start, node, facts in self.entries:
            owner = node.name if isinstance(node, FunctionDeclaration) else ""
            found.extend(self._declared_in(start, node, facts, owner))
            for used, target in facts.targets.items():
                symbol = self.symbol(start, target, owner)
                if isinstance(used, Identifier):
                    where = start + used.start
                    found.append(Occurrence(where, where + len(used.name), used.name, symbol))
                elif isinstance(used, Member):
                    where = start + used.name_start
                    found.append(Occurrence(where, where + len(used.name), used.name, symbol))
            for unknown in facts.unresolved:
                where = start + unknown.start
                found.append(Occurrence(where, where + len(unknown.name), unknown.name, None))
        found.sort(key=lambda occurrence: occurrence.start)
        return found

    def _declared_in(self, start: int, node: Declaration, facts: Facts, owner: str) -> Iterator[Occurrence]:
        if not isinstance(node, ConstAssert) and node.name:
            symbol = self.global_symbol(node.name)
            where = start + node.name_start
            yield Occurrence(where, where + len(node.name), node.name, symbol, True)
            if isinstance(node, StructDeclaration):
                for member in node.members:
                    if member.name:
                        where = start + member.name_start
                        field = self.member_symbol(node.name, member.name)
                        yield Occurrence(where, where + len(member.name), member.name, field, True)
        for local in facts.locals:
            if local.name:
                symbol = self.symbol(start, local, owner)
                where = start + local.start
                yield Occurrence(where, where + len(local.name), local.name, symbol, True)

    @cached_property
    def _occurrence_starts(self) -> list[int]:
        return [occurrence.start for occurrence in self.occurrences]

    def occurrence_at(self, offset: int) -> Occurrence | None:
        """The name under or just before `offset`."""
        index = bisect_right(self._occurrence_starts, offset) - 1
        if index >= 0 and offset <= self.occurrences[index].end:
            return self.occurrences[index]
        return None

    def symbol_at(self, offset: int) -> Symbol | None:
        found = self.occurrence_at(offset)
        return found.symbol if found else None

    @property
    def unresolved(self) -> list[Unresolved]:
        """Identifiers that mean nothing, with candidates for what was meant."""
        return finished(self.unresolved_steps())

    def unresolved_steps(self) -> Steps[list[Unresolved]]:
        """`unresolved` with a pause behind each name, which is compared with what is declared."""
        if self._unresolved is not None:
            return self._unresolved
        found: list[Unresolved] = []
        for start, _, facts in self.entries:
            for node in facts.unresolved:
                where = start + node.start
                candidates = self._similar(node.name, where)
                found.append(Unresolved(where, where + len(node.name), node.name, candidates))
                yield
        self._unresolved = found
        return found

    def _similar(self, name: str, offset: int) -> tuple[str, ...]:
        if self._n_compared > MOST_COMPARED:
            return ()
        visible = tuple(dict.fromkeys(symbol.name for symbol in self.scope_at(offset)))
        self._n_compared += len(visible) + len(PREDECLARED)
        return _similar(name, visible)

    # Scopes

    def scope_at(self, offset: int) -> list[Symbol]:
        """The declared names visible at `offset`, inner ones first; predeclared names are not listed."""
        found: dict[str, Symbol] = {}
        entry = self.entry_at(offset)
        if entry is not None:
            start, node, facts = entry
            owner = node.name if isinstance(node, FunctionDeclaration) else ""
            for local in reversed(facts.locals):
                is_visible = local.visible_from <= offset - start < local.visible_to
                if is_visible and local.name and local.name not in found:
                    symbol = self.symbol(start, local, owner)
                    if symbol is not None:
                        found[local.name] = symbol
        for symbol in self.global_symbols:
            found.setdefault(symbol.name, symbol)
        return list(found.values())

    # Trees and types

    @cached_property
    def _entry_starts(self) -> list[int]:
        return [entry[0] for entry in self.entries]

    def entry_at(self, offset: int) -> tuple[int, Declaration, Facts] | None:
        """(start, tree, facts) of the declaration around `offset`."""
        index = bisect_right(self._entry_starts, offset) - 1
        if index < 0:
            return None
        entry = self.entries[index]
        placed = self.module.placed_at(offset)
        if placed is None or (placed.start != entry[0] and offset > entry[0] + entry[1].end):
            return None
        return entry

    def function_at(self, offset: int) -> str:
        """The name of the function around `offset`, "" outside of any."""
        entry = self.entry_at(offset)
        return entry[1].name if entry is not None and isinstance(entry[1], FunctionDeclaration) else ""

    def nodes_at(self, offset: int) -> tuple[int, list[Node]]:
        """(start of the declaration, the nodes around `offset` from the outermost to the innermost)."""
        entry = self.entry_at(offset)
        if entry is None:
            return 0, []
        start, declaration, _ = entry
        path: list[Node] = []
        node: Node | None = declaration
        while node is not None:
            path.append(node)
            node = next((child for child in children(node) if start + child.start <= offset <= start + child.end), None)
        return start, path

    def type_of(self, node: Expression) -> Type | None:
        """The type of an expression node of this module's trees."""
        for _, _, facts in self.entries:
            found = facts.types.get(node)
            if found is not None:
                return found
        return None

    def type_at(self, offset: int) -> tuple[Span, Type] | None:
        """The innermost expression around `offset` that has a type."""
        entry = self.entry_at(offset)
        if entry is None:
            return None
        start, path = self.nodes_at(offset)
        for node in reversed(path):
            found = entry[2].types.get(node)
            if found is not None:
                return Span(start + node.start, start + node.end), found
        return None

    # Lists

    @cached_property
    def calls(self) -> list[CallSite]:
        """Every call, in text order."""
        found: list[CallSite] = []
        for start, node, facts in self.entries:
            caller = node.name if isinstance(node, FunctionDeclaration) else ""
            found.extend(self._call_site(start, caller, facts, call) for call in facts.calls)
        found.sort(key=lambda call: (call.start, -call.end))
        return found

    def _call_site(self, start: int, caller: str, facts: Facts, call: Call) -> CallSite:
        target = facts.targets.get(call.callee)
        return CallSite(
            start + call.start,
            start + call.end,
            call.callee.name,
            self.symbol(start, target, caller) if target else None,
            tuple(Span(start + argument.start, start + argument.end) for argument in call.arguments),
            tuple(start + separator for separator in call.separators),
            call.closed,
            caller,
            facts.types.get(call),
            facts.chosen.get(call),
        )

    def call_at(self, offset: int) -> tuple[CallSite, int] | None:
        """The innermost call whose argument list contains `offset`, with the argument's number from 0."""
        best: CallSite | None = None
        for call in self.calls:
            last = call.separators[-1] if call.closed else self._end_of_open(call)
            if call.separators[0] < offset <= last:
                best = call
        if best is None:
            return None
        commas = best.separators[1:-1] if best.closed else best.separators[1:]
        return best, sum(comma < offset for comma in commas)

    def _end_of_open(self, call: CallSite) -> int:
        """Up to where an argument of a call without its `)` may be meant: the line; behind `(` or a comma the next
        token, on whatever line it stands."""
        text = self.module.text
        end = text.find("\n", call.end)
        line_end = len(text) if end < 0 else end
        if call.end != call.separators[-1] + 1:
            return max(call.end, line_end)
        return max(line_end, trivia_end(blank_block_comments(text)[0], call.end))

    @cached_property
    def locals(self) -> list[Symbol]:
        """Parameters and declarations inside functions, in text order."""
        found: list[Symbol] = []
        for start, node, facts in self.entries:
            owner = node.name if isinstance(node, FunctionDeclaration) else ""
            for local in facts.locals:
                symbol = self.symbol(start, local, owner)
                if symbol is not None and local.name:
                    found.append(symbol)
        return found

    @property
    def redeclared(self) -> list[Occurrence]:
        """Names at module scope that were declared before."""
        found: list[Occurrence] = []
        for placed in self.globals.duplicates:
            node = placed.chunk.node
            if isinstance(node, Declaration) and not isinstance(node, ConstAssert):
                where = placed.start + node.name_start
                symbol = self.global_symbol(node.name)
                found.append(Occurrence(where, where + len(node.name), node.name, symbol, True))
        return found


@lru_cache(maxsize=128)
def _similar(name: str, visible: tuple[str, ...]) -> tuple[str, ...]:
    """Variants of one text ask the same again and again."""
    near = near_names(name, visible, 3, 0.7)
    return (*near, *(one for one in near_predeclared(name) if one not in near))[:3]


@lru_cache(maxsize=4096)
def near_predeclared(name: str) -> list[str]:
    """Other texts ask for the same names of the host."""
    near = near_names(name, sorted(PREDECLARED), 6, 0.75)
    # `f23`: too short to be near by its letters
    swapped = _BY_LETTERS.get("".join(sorted(name)), ())
    return [*near, *(one for one in swapped if one not in near and one != name)]


_BY_LETTERS: dict[str, list[str]] = {}
for _name in sorted(PREDECLARED):
    _BY_LETTERS.setdefault("".join(sorted(_name)), []).append(_name)


def _global_symbol(placed: Placed, info: GlobalInfo) -> Symbol:
    node = placed.chunk.node
    assert isinstance(node, Declaration) and not isinstance(node, ConstAssert)
    where = placed.start + node.name_start
    written = not isinstance(node, VariableDeclaration) or node.type is not None
    return Symbol(
        info.kind,
        info.name,
        where,
        where + len(info.name),
        info.type,
        "",
        info.parameters,
        info.value,
        info.space,
        info.access,
        written,
    )


def _predeclared_symbol(target: Predeclared) -> Symbol:
    return Symbol(target.kind, target.name, -1, -1)
