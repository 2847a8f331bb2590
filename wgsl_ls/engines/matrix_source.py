"""Finds what matrix_emulation rewrites: matrix types, builtin calls with argument types, entry points.

A scan over tokens with scopes, not a WGSL front end: it follows only values that are matrices (or arrays,
structs and function results that hold them), because the generated functions must be chosen by type and WGSL
has no overloading. It judges nothing; a text that is wrong elsewhere is lowered as far as it can be read.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from wgsl_ls.engines.matrix_facts import (
    ArrayOf,
    Call,
    Copy,
    EntryPoint,
    MatrixType,
    Operand,
    PointerTo,
    Scan,
    StructOf,
    Target,
    TypeUse,
    ValueType,
)
from wgsl_ls.engines.matrix_tokens import TokenStream, Unreadable
from wgsl_ls.text.span import Span

_KINDS: dict[str, Literal["left", "right", "result"]] = {
    "subgroup_matrix_left": "left",
    "subgroup_matrix_right": "right",
    "subgroup_matrix_result": "result",
}
_SCALAR_CALLS = ("subgroupMatrixScalarAdd", "subgroupMatrixScalarSubtract", "subgroupMatrixScalarMultiply")
_CALLS = (
    "subgroupMatrixLoad",
    "subgroupMatrixStore",
    "subgroupMatrixMultiply",
    "subgroupMatrixMultiplyAccumulate",
    *_SCALAR_CALLS,
)


def scan_matrices(text: str) -> Scan:
    return _Scanner(text).run()


class _Scanner(TokenStream):
    def __init__(self, text: str) -> None:
        super().__init__(text, (*_KINDS, *_CALLS, "array", "vec2", "vec3", "vec4"))
        self.scan = Scan()
        self.aliases: dict[str, ValueType] = {}
        self.members: dict[str, dict[str, ValueType]] = {}
        self.builtins: dict[str, dict[str, str]] = {}
        self.returns: dict[str, ValueType] = {}
        self.scopes: list[dict[str, ValueType]] = [{}]
        self.variables: list[set[str]] = [set()]
        self.pointers: list[dict[str, str]] = [{}]
        self.parameters: dict[str, ValueType] = {}

    def run(self) -> Scan:
        self._module_pass()
        self._body_pass()
        return self.scan

    # -- module scope: constants, aliases, structs, function results, directives

    def _module_pass(self) -> None:
        index = 0
        while index < len(self.tokens):
            word = self.at(index)
            if word in ("enable", "diagnostic") and self.at(index + 1) != ":":
                index = self._directive(index)
            elif word == "const":
                index = self._constant(index)
            elif word == "alias" and self.at(index + 2) == "=":
                self.aliases[self.at(index + 1)] = self._type_or_none(index + 3)
                index += 3
            elif word == "struct" and self.at(index + 2) == "{":
                self._struct(index)
                index = self.close.get(index + 2, index + 2) + 1
            elif word == "fn":
                index = self._signature(index)
            elif word == "{":
                index = self.close.get(index, index) + 1
            else:
                index += 1

    def _directive(self, index: int) -> int:
        end = index
        while end < len(self.tokens) and self.at(end) != ";":
            end += 1
        words = [token.text for token in self.tokens[index:end]]
        span = Span(self.tokens[index].start, self.tokens[min(end, len(self.tokens) - 1)].end)
        if words[0] == "enable" and "chromium_experimental_subgroup_matrix" in words:
            others = [w for w in words[1:] if w not in (",", "chromium_experimental_subgroup_matrix")]
            self.scan.directives.append((span, f"enable {', '.join(others)};" if others else ""))
        elif words[0] == "diagnostic" and "subgroup_matrix_uniformity" in words:
            self.scan.directives.append((span, ""))
        return end + 1

    def _constant(self, index: int) -> int:
        equals = index + 2
        while equals < len(self.tokens) and self.at(equals) not in ("=", ";"):
            equals += 1
        end = self.statement_end(equals)
        with suppress(Unreadable):  # a constant that is no plain integer cannot be a matrix size
            self.constants[self.at(index + 1)] = self.integer(equals + 1, end)
        return end + 1

    def _struct(self, index: int) -> None:
        name, end = self.at(index + 1), self.close.get(index + 2, index + 2)
        members: dict[str, ValueType] = {}
        builtins: dict[str, str] = {}
        pending = ""
        position = index + 3
        while position < end:
            word = self.at(position)
            if word == "@":
                if self.at(position + 1) == "builtin":
                    pending = self.at(position + 3)
                position = (
                    self.close.get(position + 2, position + 2) + 1 if self.at(position + 2) == "(" else position + 2
                )
            elif self.at(position + 1) == ":":
                members[word] = self._type_or_none(position + 2)
                if pending:
                    builtins[pending] = word
                    pending = ""
                position = self.type_end(position + 2)
            else:
                position += 1
        self.members[name], self.builtins[name] = members, builtins

    def _signature(self, index: int) -> int:
        close = self.close.get(index + 2, index + 2)
        if self.at(close + 1) == "->":
            position = close + 2
            while self.at(position) == "@":
                position = (
                    self.close.get(position + 2, position + 2) + 1 if self.at(position + 2) == "(" else position + 2
                )
            self.returns[self.at(index + 1)] = self._type_or_none(position)
        return close + 1

    # -- bodies

    def _body_pass(self) -> None:
        attributes: list[str] = []
        for index in range(len(self.tokens)):
            word = self.at(index)
            if word == "@":
                attributes.append(self.at(index + 1))
            elif word == "fn":
                self._function(index, "compute" in attributes)
                attributes = []
            elif word == "{":
                # Variables of a for header live in the scope around the loop: enough to choose overloads.
                self.scopes.append(self.parameters)
                self.pointers.append({})
                self.variables.append(set())
                self.parameters = {}
            elif word == "}" and len(self.scopes) > 1:
                self.scopes.pop()
                self.pointers.pop()
                self.variables.pop()
            elif word == ";" and len(self.scopes) == 1:
                attributes = []
            elif word in ("var", "let", "const"):
                self._declaration(index)
            elif word == "=" and len(self.scopes) > 1:
                self._assignment(index)
            elif word in _KINDS:
                self._type_use(index)
            elif self.at(index + 1) == "(" and isinstance(alias := self.aliases.get(word), MatrixType):
                if self.at(index + 2) != ")":
                    span = Span(self.tokens[index].start, self.tokens[index].end)
                    self.scan.type_uses.append(TypeUse(span, alias, splat=True))
            elif word in _CALLS and self.at(index + 1) in ("<", "("):
                self._call_at(index)

    def _function(self, index: int, entry_point: bool) -> None:
        opening = index + 2
        close = self.close.get(opening, opening)
        parameters: dict[str, ValueType] = {}
        lane = lanes = None
        pending = ""
        position = opening + 1
        while position < close:
            word = self.at(position)
            if word == "@":
                if self.at(position + 1) == "builtin":
                    pending = self.at(position + 3)
                position = (
                    self.close.get(position + 2, position + 2) + 1 if self.at(position + 2) == "(" else position + 2
                )
            elif self.at(position + 1) == ":":
                declared = self._type_or_none(position + 2)
                parameters[word] = declared
                if pending == "subgroup_invocation_id":
                    lane = word
                elif pending == "subgroup_size":
                    lanes = word
                elif isinstance(declared, StructOf):
                    inner = self.builtins.get(declared.name, {})
                    if "subgroup_invocation_id" in inner:
                        lane = f"{word}.{inner['subgroup_invocation_id']}"
                    if "subgroup_size" in inner:
                        lanes = f"{word}.{inner['subgroup_size']}"
                pending = ""
                position = self.type_end(position + 2)
            else:
                position += 1
        self.parameters = parameters
        body = close + 1
        while body < len(self.tokens) and self.at(body) not in ("{", ";"):
            body += 1
        if entry_point and self.at(body) == "{" and close < len(self.tokens):
            self.scan.entry_points.append(
                EntryPoint(
                    self.tokens[close].start,
                    close == opening + 1,
                    self.at(close - 1) == ",",
                    self.tokens[body].end,
                    lane,
                    lanes,
                )
            )

    def _declaration(self, index: int) -> None:
        position = index + 1
        if self.at(position) == "<":
            while position < len(self.tokens) and self.at(position) != ">":
                position += 1
            position += 1
        name = self.at(position)
        position += 1
        declared: ValueType = None
        if self.at(position) == ":":
            declared = self._type_or_none(position + 1)
            position = self.type_end(position + 1)
        if self.at(position) == "=":
            end = self.statement_end(position)
            self.pointers[-1].pop(name, None)
            if self.at(position + 1) == "&":
                path = self._path(position + 1, end)
                if path:
                    self.pointers[-1][name] = path
            if declared is None:
                try:
                    declared = self._value_type(position + 1, end)
                except Unreadable:
                    declared = None
        self.scopes[-1][name] = declared
        self.variables[-1].discard(name)
        if len(self.scopes) > 1 and _holds_matrix(declared):
            self.variables[-1].add(name)
            if self.at(index) == "let":
                self.scan.lets.append(Span(self.tokens[index].start, self.tokens[index].end))

    def _assignment(self, equals: int) -> None:
        """Copies of whole matrices, which generated functions do element by element: compilers unroll them."""
        end = self.statement_end(equals)
        target = self._target_before(equals)
        if self.at(end) != ";" or target is None:
            return
        operand = self._operand(equals + 1, end)
        try:
            matrix = self._value_type(equals + 1, end)
        except Unreadable:
            return
        if isinstance(matrix, MatrixType) and operand.root and operand.root != target.root:
            span = Span(target.span.start, self.tokens[end - 1].end)
            self.scan.copies.append(Copy(span, matrix, target.text, operand.text, target.declares))

    def _target_before(self, equals: int) -> Target | None:
        """What the statement around the `=` at `equals` assigns to, if that has an address."""
        start = equals
        while start > 0 and self.at(start - 1) not in (";", "{", "}"):
            start -= 1
        declares = self.at(start) in ("var", "let")
        if declares:
            name = self.at(start + 1)
            end_of_name = start + 2
        else:
            name = self.at(start)
            end_of_name = equals
        if not name.isidentifier() or name == "_" or self.at(start + 1) == "<" or self.at(equals + 1) == "=":
            return None
        if self.at(equals - 1) in ("=", "<", ">", "!", "+", "-", "*", "/", "%", "&", "|", "^"):
            return None
        path = self._operand(start + declares, end_of_name)
        if not path.root:
            return None
        return Target(Span(self.tokens[start].start, self.tokens[equals].end), path.text, declares, path.root)

    def _operand(self, first: int, end: int) -> Operand:
        span = Span(self.tokens[first].start, self.tokens[end - 1].end)
        text = self.text[span.start : span.end]
        # Whole variables only: drivers (Mesa 22) crash on pointers to elements as arguments.
        name = self.at(first)
        return Operand(span, text, name if end == first + 1 and self._is_variable(name) else "")

    def _is_variable(self, name: str) -> bool:
        for scope, variables in zip(reversed(self.scopes), reversed(self.variables), strict=True):
            if name in scope:
                return name in variables
        return False

    def _type_use(self, index: int) -> None:
        try:
            matrix, end = self._matrix(index)
        except Unreadable as unreadable:
            self.scan.problems.append((unreadable.offset, unreadable.why))
            return
        splat = self.at(end) == "(" and self.at(end + 1) != ")"
        self.scan.type_uses.append(TypeUse(Span(self.tokens[index].start, self.tokens[end - 1].end), matrix, splat))

    def _call_at(self, index: int) -> None:
        try:
            call = self._call(index)
            if self.at(index - 1) == "=" and self.text[call.end :].lstrip().startswith(";"):
                target = self._target_before(index - 1)
                if target is not None:
                    span = Span(target.span.start, call.head.end + 1)
                    call = replace(call, target=replace(target, span=span))
            self.scan.calls.append(call)
        except Unreadable as unreadable:
            self.scan.problems.append((unreadable.offset, unreadable.why))

    def _call(self, index: int) -> Call:
        name, start = self.at(index), self.tokens[index].start
        template: ValueType = None
        opening = index + 1
        if self.at(opening) == "<":
            template = self._type(opening + 1)
            opening = self.type_end(opening + 1)
            while self.at(opening) == ">" or self.at(opening) == ",":
                opening += 1
        if self.at(opening) != "(" or opening not in self.close:
            raise Unreadable(start, f"call of {name} is not closed")
        head = Span(start, self.tokens[opening].start)
        end = self.tokens[self.close[opening]].end
        arguments = self.arguments(opening)
        nowhere = Span(head.end, head.end)
        if name in ("subgroupMatrixLoad", "subgroupMatrixStore"):
            n_arguments = 4 if name == "subgroupMatrixLoad" else 5
            if len(arguments) != n_arguments:
                raise Unreadable(start, f"{name} takes {n_arguments} arguments")
            first, last = arguments[0]
            variable = self._path(first, last)
            if not variable:
                raise Unreadable(self.tokens[first].start, "the pointer does not name a module variable")
            pointer = Span(self.tokens[first].start, self.tokens[last].end)
            if name == "subgroupMatrixLoad":
                if not isinstance(template, MatrixType):
                    raise Unreadable(start, "the matrix type of the load is unknown")
                return Call(name, head, pointer, variable, (), template, (), end)
            operands = (self._operand(*arguments[2]),)
            return Call(name, head, pointer, variable, (self._matrix_argument(arguments[2]),), None, operands, end)
        n_matrices = {"subgroupMatrixMultiply": 2, "subgroupMatrixMultiplyAccumulate": 3}.get(name, 1)
        if len(arguments) < n_matrices:
            raise Unreadable(start, f"{name} has too few arguments")
        matrices = tuple(self._matrix_argument(argument) for argument in arguments[:n_matrices])
        result: ValueType = matrices[-1]
        if name == "subgroupMatrixMultiply":
            result = template
            if not isinstance(result, MatrixType):
                component = _template_component(self, index)
                if component is None:
                    raise Unreadable(start, "the result type of the product is unknown")
                result = MatrixType("result", component, matrices[1].columns, matrices[0].rows)
        if n_matrices == 3 and matrices[2].kind != "result":
            raise Unreadable(start, "the accumulator is no result matrix")
        if n_matrices >= 2:
            left, right = matrices[0], matrices[1]
            fits = isinstance(result, MatrixType) and (left.rows, right.columns) == (
                result.rows,
                result.columns,
            )
            if (left.kind, right.kind) != ("left", "right") or left.columns != right.rows or not fits:
                raise Unreadable(start, "the shapes of the matrices do not fit each other")
        read = tuple(self._operand(*argument) for argument in arguments[:n_matrices])
        return Call(name, head, nowhere, "", matrices, result, read, end)

    def _matrix_argument(self, argument: tuple[int, int]) -> MatrixType:
        found = self._value_type(*argument)
        if not isinstance(found, MatrixType):
            raise Unreadable(self.tokens[argument[0]].start, "the matrix type of this argument is unknown")
        return found

    # -- types of values

    def _lookup(self, name: str) -> ValueType:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def _value_type(self, first: int, end: int) -> ValueType:
        word = self.at(first)
        if word == "(" and first in self.close:
            inner = self._value_type(first + 1, self.close[first])
            return self._postfix(inner, self.close[first] + 1, end)
        if word == "*":
            target = self._value_type(first + 1, end)
            return target.target if isinstance(target, PointerTo) else None
        if word == "&":
            return PointerTo(self._value_type(first + 1, end))
        if word in _KINDS or word == "array":
            return self._type(first)
        if word in _CALLS:
            return self._call(first).result
        if self.at(first + 1) == "(":
            result = self.returns.get(word, self.aliases.get(word))
            return self._postfix(result, self.close.get(first + 1, first + 1) + 1, end)
        return self._postfix(self._lookup(word), first + 1, end)

    def _postfix(self, value: ValueType, position: int, end: int) -> ValueType:
        while position < end:
            if isinstance(value, PointerTo):
                value = value.target
            if self.at(position) == "[" and isinstance(value, ArrayOf):
                value = value.element
                position = self.close.get(position, position) + 1
            elif self.at(position) == "." and isinstance(value, StructOf):
                value = self.members.get(value.name, {}).get(self.at(position + 1))
                position += 2
            else:
                return None
        return value

    def _path(self, first: int, end: int) -> str:
        """The module variable behind a pointer argument, with constant members and indices; "" if unknown."""
        words = [token.text for token in self.tokens[first:end]]
        while len(words) > 2 and words[0] == "(" and self.close.get(first) == end - 1:
            first, end = first + 1, end - 1
            words = words[1:-1]
        if words and words[0] == "&":
            rest = words[1:]
            name = rest[0] if rest else ""
            local = any(name in scope for scope in self.scopes[1:])
            plain = all(word in (".", "[", "]") or word.isidentifier() or word.isdigit() for word in rest)
            indexed = any(
                word.isidentifier() and before == "[" and word not in self.constants for before, word in pairwise(rest)
            )
            return "" if not plain or indexed or local else "".join(rest)
        if len(words) == 1:
            for pointers in reversed(self.pointers):
                if words[0] in pointers:
                    return pointers[words[0]]
        return ""

    # -- types as written

    def _type_or_none(self, index: int) -> ValueType:
        try:
            return self._type(index)
        except Unreadable:
            return None

    def _type(self, index: int) -> ValueType:
        word = self.at(index)
        if word in _KINDS:
            return self._matrix(index)[0]
        if word == "array" and self.at(index + 1) == "<":
            element = self._type(index + 2)
            return ArrayOf(element) if element is not None else None
        if word == "ptr" and self.at(index + 1) == "<":
            target = self._type(index + 4)
            return PointerTo(target) if target is not None else None
        if word in self.members:
            return StructOf(word)
        return self.aliases.get(word)

    def _matrix(self, index: int) -> tuple[MatrixType, int]:
        """The matrix type at `index` and the token behind it."""
        start = self.tokens[index].start
        end = self.type_end(index)
        parts: list[tuple[int, int]] = []
        first = index + 2
        for position in range(index + 2, end):
            if self.at(position) == "," or position == end - 1:
                if first < position:
                    parts.append((first, position))
                first = position + 1
        if self.at(index + 1) != "<" or len(parts) != 3:
            raise Unreadable(start, "a matrix type has a component type, columns and rows")
        component = self.at(parts[0][0])
        if component not in ("f16", "f32", "i32", "u32"):
            raise Unreadable(start, f"matrices of {component} are not emulated")
        columns, rows = self.integer(*parts[1]), self.integer(*parts[2])
        if columns < 1 or rows < 1:
            raise Unreadable(start, "a matrix has at least one row and one column")
        return MatrixType(_KINDS[self.at(index)], component, columns, rows), end


def _holds_matrix(value: ValueType) -> bool:
    return isinstance(value, MatrixType) or (isinstance(value, ArrayOf) and _holds_matrix(value.element))


def _template_component(scanner: _Scanner, index: int) -> str | None:
    """`subgroupMatrixMultiply<f32>(…)`: the component of the result."""
    word = scanner.at(index + 2)
    return word if scanner.at(index + 1) == "<" and word in ("f16", "f32", "i32", "u32") else None
