"""Expressions: recursive descent for what is nested, operator precedence for what is flat.

WGSL forbids to mix certain operators without parentheses; such code is parsed as in C and reported.

How errors work in all three parser files: nothing is thrown. The first problem of a statement is recorded and
sets `failed`, which silences what follows from it; every function then returns what it has, and the statement
loop looks for a place to resume (see statement_parser.py).
"""

from __future__ import annotations

import math
import re
import struct
import sys
from dataclasses import dataclass
from functools import lru_cache

from wgsl_ls.wgsl import lexer
from wgsl_ls.wgsl.lexer import BAD, END, FLOAT, IDENTIFIER, INTEGER, RESERVED, TEMPLATE_CLOSE, TEMPLATE_OPEN
from wgsl_ls.wgsl.syntax import (
    Binary,
    Call,
    Expression,
    Identifier,
    Index,
    Literal,
    Member,
    Missing,
    Parenthesized,
    Unary,
)
from wgsl_ls.wgsl.words import KEYWORDS

_PRECEDENCE = {
    "||": 1,
    "&&": 2,
    "|": 3,
    "^": 4,
    "&": 5,
    "==": 6,
    "!=": 6,
    "<": 7,
    ">": 7,
    "<=": 7,
    ">=": 7,
    "<<": 8,
    ">>": 8,
    "+": 9,
    "-": 9,
    "--": 9,
    "*": 10,
    "/": 10,
    "%": 10,
}
_PREFIXES = frozenset("-!~*&")

# Which operators may stand without parentheses as the left and as the right operand of another.
_MULTIPLY = frozenset("*/%")
_ADD = frozenset("+-")
_SHIFT = frozenset(("<<", ">>"))
_COMPARE = frozenset(("==", "!=", "<", ">", "<=", ">="))
_ARITHMETIC = _MULTIPLY | _ADD
_BELOW_AND = _ARITHMETIC | _SHIFT | _COMPARE
_LEFT_OPERANDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(_MULTIPLY, _MULTIPLY),
    **dict.fromkeys(_ADD, _ARITHMETIC),
    **{operator: frozenset[str]() for operator in _SHIFT},
    **dict.fromkeys(_COMPARE, _ARITHMETIC | _SHIFT),
    "&&": _BELOW_AND | {"&&"},
    "||": _BELOW_AND | {"||"},
    "&": frozenset("&"),
    "|": frozenset("|"),
    "^": frozenset("^"),
}
_RIGHT_OPERANDS: dict[str, frozenset[str]] = {
    **{operator: frozenset[str]() for operator in (*_MULTIPLY, *_SHIFT, "&", "|", "^")},
    **dict.fromkeys(_ADD, _MULTIPLY),
    **dict.fromkeys(_COMPARE, _ARITHMETIC | _SHIFT),
    "&&": _BELOW_AND,
    "||": _BELOW_AND,
}

_INTEGER_LIMITS = {"i": (1 << 31, "i32"), "u": (1 << 32, "u32")}
_LARGEST = {"f": (3.4028234663852886e38, "f32", "f"), "h": (65504.0, "f16", "e")}


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Code points `start` to `end` of the text; `message` is a sentence without a final stop. `kind`: "syntax",
    "order" of what is right and stands in the wrong place of the module, or "unread" of what is beyond our limits.
    `follows`: it may be a consequence of an earlier one in the same declaration."""

    start: int
    end: int
    message: str
    kind: str = "syntax"
    follows: bool = False


class ExpressionParser:
    """The cursor over the tokens of one declaration, and the expressions."""

    def __init__(self, text: str) -> None:
        tokens = lexer.tokenize_blanked(text)
        self.text = text
        self.kinds = tokens.kinds
        self.texts = tokens.texts
        self.starts = tokens.starts
        self.position = 0
        self.problems: list[SyntaxProblem] = []
        self.n_left = 0
        """Of `problems`: those that parsing has left behind, so that what is found now is no consequence of them; -1
        where everything may be one."""
        self.failed = False

    # The cursor

    def end_of_previous(self) -> int:
        before = self.position - 1
        return self.starts[before] + len(self.texts[before]) if before >= 0 else 0

    def problem(self, message: str, index: int | None = None) -> None:
        """Records a problem at a token (default: the current one) unless this statement already has one."""
        if not self.failed:
            self.failed = True
            self.report(message, index)

    def missing(self, message: str) -> None:
        """As `problem`, of a token that is missing in front of the current one: on the line that lacks it."""
        behind = self.end_of_previous()
        if self.failed or not behind or "\n" not in self.text[behind : self.starts[self.position]]:
            self.problem(message)
            return
        self.failed = True
        if not self.problems or self.problems[-1].end != behind:
            self.record(behind - 1, behind, message)

    def report(self, message: str, index: int | None = None) -> None:
        """Records a problem that parsing survives. At the end of the declaration it lies behind the last token."""
        if index is None:
            index = self.position
        start = self.starts[index]
        end = start + len(self.texts[index])
        if self.kinds[index] == END and index:
            start = self.starts[index - 1] + len(self.texts[index - 1])
            end = start
        if not self.problems or self.problems[-1].start != start:
            self.record(start, end, message)

    def record(self, start: int, end: int, message: str) -> None:
        self.problems.append(SyntaxProblem(start, end, message, follows=0 < len(self.problems) != self.n_left))

    def expect(self, kind: str, where: str) -> bool:
        if self.kinds[self.position] == kind:
            self.position += 1
            return True
        self.missing(f"expected '{kind}' {where}, found {self.found()}")
        return False

    def found(self) -> str:
        kind = self.kinds[self.position]
        text = self.texts[self.position]
        if kind == END:
            return "the end of the declaration"
        if kind == RESERVED:
            return f"the reserved word '{text}'"
        if kind in KEYWORDS:
            return f"the keyword '{text}'"
        return f"'{text}'"

    def name(self, what: str) -> tuple[str, int]:
        """A declared name: (name, start); an empty name at the current place when there is none."""
        index = self.position
        kind = self.kinds[index]
        if kind == IDENTIFIER:
            self.position += 1
            return self.texts[index], self.starts[index]
        if kind == RESERVED or (kind in KEYWORDS and self.kinds[index + 1] in (":", "=", "(", "{", ",", ";")):
            self.problem(f"expected {what}, found {self.found()}")
            self.failed = False
            self.position += 1
            return self.texts[index], self.starts[index]
        self.problem(f"expected {what}, found {self.found()}")
        return "", self.end_of_previous() if kind == END else self.starts[index]

    # Expressions

    def expression(self) -> Expression:
        left = self.unary()
        if self.kinds[self.position] in _PRECEDENCE:
            return self.binary(left, 0)
        return left

    def binary(self, left: Expression, minimum: int) -> Expression:
        kinds = self.kinds
        while True:
            index = self.position
            operator = kinds[index]
            precedence = _PRECEDENCE.get(operator, 0)
            if precedence <= minimum:
                return left
            self.position = index + 1
            if operator == "--":
                # Two signs to Dawn, one token to the specification: the compilers may judge it.
                operator, operand = "-", self.unary()
                right: Expression = Unary(self.starts[index] + 1, operand.end, "-", operand)
            else:
                right = self.unary()
            while _PRECEDENCE.get(kinds[self.position], 0) > precedence:
                right = self.binary(right, precedence)
            if (type(left) is Binary and left.operator not in _LEFT_OPERANDS[operator]) or (
                type(right) is Binary and right.operator not in _RIGHT_OPERANDS[operator]
            ):
                self.mixing(operator, left, right, index)
            left = Binary(left.start, right.end, operator, left, right)

    def mixing(self, operator: str, left: Expression, right: Expression, index: int) -> None:
        other, legal = operator, _LEFT_OPERANDS[operator]
        if type(left) is Binary and left.operator not in legal:
            other = left.operator
        elif type(right) is Binary:
            other = right.operator
        if other == operator:
            self.report(f"'{operator}' cannot be chained: add parentheses", index)
        else:
            self.report(f"mixing '{other}' and '{operator}' requires parentheses", index)

    def unary(self) -> Expression:
        index = self.position
        kind = self.kinds[index]
        if kind == IDENTIFIER:
            self.position = index + 1
            node: Expression = self.identifier(index)
            if self.kinds[self.position] == "(":
                node = self.call(node)  # type: ignore[arg-type]
        elif kind in (INTEGER, FLOAT):
            self.position = index + 1
            text = self.texts[index]
            start = self.starts[index]
            wrong = literal_problem(text, kind)
            if wrong and not self.failed:
                self.report(wrong, index)
            node = Literal(start, start + len(text), text, kind)
        elif kind == "(":
            self.position = index + 1
            inner = self.expression()
            self.expect(")", "to close the parenthesis")
            node = Parenthesized(self.starts[index], self.end_of_previous(), inner)
        elif kind in _PREFIXES:
            self.position = index + 1
            operand = self.unary()
            return Unary(self.starts[index], operand.end, kind, operand)
        elif kind == "true" or kind == "false":
            self.position = index + 1
            start = self.starts[index]
            node = Literal(start, start + len(kind), kind, "bool")
        elif kind == "--":
            # Two signs to Dawn, one token to the specification: the compilers may judge it.
            self.position = index + 1
            operand = self.unary()
            start = self.starts[index]
            return Unary(start, operand.end, "-", Unary(start + 1, operand.end, "-", operand))
        else:
            return self.no_expression()
        if self.kinds[self.position] in _POSTFIXES:
            return self.postfix(node)
        return node

    def no_expression(self) -> Expression:
        index = self.position
        kind = self.kinds[index]
        if kind == BAD:
            self.problem(_bad_token(self.texts[index]))
        else:
            self.missing(f"expected an expression, found {self.found()}")
        start = self.end_of_previous()
        if kind in (RESERVED, BAD) or (kind in KEYWORDS and self.kinds[index + 1] in (".", ")", ",", "[", "+", "*")):
            # Take a word that cannot stand here as the operand it was meant to be.
            self.position = index + 1
            return Missing(self.starts[index], self.starts[index] + len(self.texts[index]))
        return Missing(start, start)

    def identifier(self, index: int) -> Identifier:
        """The identifier at `index`, already passed, with its template arguments."""
        name = self.texts[index]
        start = self.starts[index]
        if self.kinds[self.position] != TEMPLATE_OPEN:
            return Identifier(start, start + len(name), name)
        arguments = self.template_arguments()
        return Identifier(start, self.end_of_previous(), name, arguments)

    def template_arguments(self) -> tuple[Expression, ...]:
        """At the opening bracket of a template list; ends behind the closing one."""
        self.position += 1
        arguments: list[Expression] = []
        while self.kinds[self.position] != TEMPLATE_CLOSE:
            arguments.append(self.expression())
            if self.kinds[self.position] != ",":
                break
            self.position += 1
        if self.kinds[self.position] == TEMPLATE_CLOSE:
            if not arguments:
                self.problem("expected a template argument, found '>'")
            self.position += 1
        else:
            self.problem(f"expected '>' to close the template list, found {self.found()}")
            self.skip_to_template_close()
        return tuple(arguments)

    def skip_to_template_close(self) -> None:
        depth = 1
        for index in range(self.position, len(self.kinds)):
            kind = self.kinds[index]
            if kind in (";", "{", "}", END):
                return
            if kind == TEMPLATE_OPEN:
                depth += 1
            elif kind == TEMPLATE_CLOSE:
                depth -= 1
                if not depth:
                    self.position = index + 1
                    return

    def call(self, callee: Identifier) -> Call:
        arguments, separators, closed = self.arguments()
        return Call(callee.start, self.end_of_previous(), callee, arguments, separators, closed)

    def arguments(self) -> tuple[tuple[Expression, ...], tuple[int, ...], bool]:
        """At the opening parenthesis; ends behind the closing one."""
        kinds, starts = self.kinds, self.starts
        separators = [starts[self.position]]
        self.position += 1
        arguments: list[Expression] = []
        while kinds[self.position] != ")":
            arguments.append(self.expression())
            if kinds[self.position] != ",":
                break
            separators.append(starts[self.position])
            self.position += 1
        if kinds[self.position] == ")":
            separators.append(starts[self.position])
            self.position += 1
            return tuple(arguments), tuple(separators), True
        self.missing(f"expected ')' to close the argument list, found {self.found()}")
        return tuple(arguments), tuple(separators), False

    def postfix(self, node: Expression) -> Expression:
        kinds = self.kinds
        while True:
            index = self.position
            kind = kinds[index]
            if kind == ".":
                self.position = index + 1
                after = kinds[index + 1]
                if after == IDENTIFIER and not self.begins_statement(index + 1):
                    start = self.starts[index + 1]
                    name = self.texts[index + 1]
                    self.position = index + 2
                    node = Member(node.start, start + len(name), node, name, start)
                    continue
                dot_end = self.starts[index] + 1
                self.missing(f"expected a member name behind '.', found {self.found()}")
                node = Member(node.start, dot_end, node, "", dot_end)
                if (after == RESERVED or after in KEYWORDS) and self.starts[index + 1] == dot_end:
                    node = Member(node.start, self.ends(index + 1), node.base, self.texts[index + 1], dot_end)
                    self.position = index + 2
                    continue
                return node
            if kind != "[":
                return node
            self.position = index + 1
            inner = self.expression()
            self.expect("]", "to close the index")
            node = Index(node.start, self.end_of_previous(), node, inner)

    def begins_statement(self, index: int) -> bool:
        """A name behind a `.` that ends its line, and by the looks of it the target of an assignment or a call:
        somebody is typing above it."""
        if "\n" not in self.text[self.ends(index - 1) : self.starts[index]]:
            return False
        line = self.text[self.starts[index] :].partition("\n")[0]
        return _STATEMENT.match(line) is not None

    def ends(self, index: int) -> int:
        return self.starts[index] + len(self.texts[index])


_POSTFIXES = frozenset(".[")
_STATEMENT = re.compile(r"[^\W\d]\w*(?:\.\w+|\[[^\]]*\])*\s*(?:[-+*/%&|^]?=[^=]|\+\+|--|\(.*\)\s*;)")


def _bad_token(text: str) -> str:
    if text[:1].isdigit():
        return f"'{text}' is not a number: a decimal number must not begin with 0"
    if text == "/*":
        return "unterminated block comment"
    return f"invalid character {text!r}"


@lru_cache(maxsize=16_384)
def literal_problem(text: str, kind: str) -> str | None:
    """What is wrong with the value of a number, or None; https://www.w3.org/TR/WGSL/#numeric-literals."""
    return (_integer_problem(text) if kind == INTEGER else _float_problem(text)) or None


def _integer_problem(text: str) -> str:
    digits, suffix = (text[:-1], text[-1]) if text[-1] in "iu" else (text, "")
    limit, name = _INTEGER_LIMITS.get(suffix, (1 << 63, "an abstract integer"))
    if len(digits) > 400 or int(digits, 0) >= limit:
        return f"value cannot be represented as {name}: '{text}' is too large"
    return ""


def _float_problem(text: str) -> str:
    is_hexadecimal = text[:2] in ("0x", "0X")
    has_suffix = text[-1] in "fh" and not (is_hexadecimal and "p" not in text.lower())
    digits, suffix = (text[:-1], text[-1]) if has_suffix else (text, "")
    try:
        value = float.fromhex(digits) if is_hexadecimal else float(digits)
    except OverflowError:
        value = math.inf
    largest, name, code = _LARGEST.get(suffix, (sys.float_info.max, "an abstract float", ""))
    if value > largest:
        return f"value cannot be represented as {name}: '{text}' is too large"
    if code and is_hexadecimal and struct.unpack(f"<{code}", struct.pack(f"<{code}", value))[0] != value:
        return f"value cannot be exactly represented as {name}"
    return ""
