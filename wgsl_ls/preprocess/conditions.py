"""One #if expression: parsed once, evaluated per macro table, with the names it read (the "why").

The grammar is that of ExprParser in the reference preprocessor, its quirks included: numbers are decimal digits
only; the first character it does not know ends the expression; what follows a complete expression is ignored; a
missing operand is 0; both sides of && and || are always evaluated, so an error in either is an error; arithmetic is
that of a 32-bit int, x / 0 and x % 0 are 0. Parsing is iterative, so nesting has no limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from wgsl_ls.preprocess.dialect import WHITE_SPACE, Dialect

_TOKEN = re.compile(
    r"[ \t\n\v\f\r]*(?:(?P<number>[0-9]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<op>==|!=|<=|>=|&&|\|\||<<|>>|[-+*/%<>!])|(?P<open>\()|(?P<close>\)))"
)
_COMMENT = re.compile(r"//|/\*")
_STOI = re.compile(r"[ \t\n\v\f\r]*([-+]?)([0-9]+)")
_PRECEDENCE: Final = {
    **dict.fromkeys(["||"], 1),
    **dict.fromkeys(["&&"], 2),
    **dict.fromkeys(["==", "!="], 3),
    **dict.fromkeys(["<", ">", "<=", ">="], 4),
    **dict.fromkeys(["<<", ">>"], 5),
    **dict.fromkeys(["+", "-"], 6),
    **dict.fromkeys(["*", "/", "%"], 7),
}
_INT_MAX: Final = 2**31 - 1

Step = tuple[str, object]
"""One step of a postfix program: ("number", int), ("name", str), ("defined", str), ("unary", op), ("binary", op)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`text` as written (trimmed); `steps`: its postfix program; `names`: every name it mentions, in order, once;
    `valued`: those whose value matters, not only their being defined; `name_spans`: (name, start, end) in `text`;
    `used`: how many characters of `text` the reference reads. `error` with `error_at` (offset in `text`) when it
    does not parse: evaluating it then fails."""

    text: str
    steps: tuple[Step, ...]
    names: tuple[str, ...]
    valued: tuple[str, ...]
    name_spans: tuple[tuple[str, int, int], ...]
    used: int
    error: str | None = None
    error_at: int | None = None

    @property
    def comment_start(self) -> int:
        """Where in `text` a comment begins as WGSL has them, its length when there is none. The reference knows none:
        it reads on."""
        match = _COMMENT.search(self.text)
        return match.start() if match is not None else len(self.text)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`value` is meaningless when `error` is set. `reads`: the names looked up, nested values included, in order."""

    value: int
    error: str | None
    reads: tuple[str, ...]


@lru_cache(maxsize=4096)
def parse_condition(text: str) -> Condition:
    """Parse the expression behind #if or #elif. Never raises; see Condition.error."""
    steps: list[Step] = []
    names: dict[str, None] = {}
    valued: dict[str, None] = {}
    spans: list[tuple[str, int, int]] = []
    pending: list[str] = []  # operators and "(" not yet written to `steps`; unary ones as "u!", "u-", "u+"
    opened: list[int] = []
    position = 0

    def finish(used: int, error: str | None = None, error_at: int | None = None) -> Condition:
        return Condition(text, tuple(steps), tuple(names), tuple(valued), tuple(spans), used, error, error_at)

    def pop_unary() -> None:
        while pending and pending[-1][0] == "u":
            steps.append(("unary", pending.pop()[1]))

    want_operand = True
    while True:
        match = _TOKEN.match(text, position)
        kind = match.lastgroup if match else None
        if want_operand:
            if kind == "op" and match is not None and match["op"] in ("!", "-", "+"):
                pending.append("u" + match["op"])
                position = match.end()
                continue
            if kind == "open" and match is not None:
                pending.append("(")
                opened.append(match.start("open"))
                position = match.end()
                continue
            if kind == "number" and match is not None:
                value = _number(match["number"])
                if value > _INT_MAX:
                    error = f"the number {match['number'][:20]} does not fit in 32 bits"
                    return finish(position, error, match.start("number"))
                steps.append(("number", value))
                position = match.end()
            elif kind == "name" and match is not None and match["name"] == "defined":
                position = match.end()
                inner = _TOKEN.match(text, position)
                parenthesised = inner is not None and inner.lastgroup == "open"
                if parenthesised and inner is not None:
                    position = inner.end()
                    inner = _TOKEN.match(text, position)
                if inner is None or inner.lastgroup != "name":
                    return finish(position, "expected a macro name after 'defined'", position)
                name = inner["name"]
                position = inner.end()
                names[name] = None
                spans.append((name, inner.start("name"), inner.end("name")))
                if parenthesised:
                    close = _TOKEN.match(text, position)
                    if close is None or close.lastgroup != "close":
                        return finish(position, "missing ')' after 'defined('", position)
                    position = close.end()
                steps.append(("defined", name))
            elif kind == "name" and match is not None:
                name = match["name"]
                names[name] = None
                valued[name] = None
                spans.append((name, match.start("name"), match.end("name")))
                steps.append(("name", name))
                position = match.end()
            else:
                steps.append(("number", 0))  # the reference takes a missing operand as 0 and reads on
            pop_unary()
            want_operand = False
            continue
        if kind == "op" and match is not None and match["op"] in _PRECEDENCE:
            precedence = _PRECEDENCE[match["op"]]
            while pending and pending[-1] != "(" and _PRECEDENCE[pending[-1]] >= precedence:
                steps.append(("binary", pending.pop()))
            pending.append(match["op"])
            position = match.end()
            want_operand = True
            continue
        while pending and pending[-1] != "(":
            steps.append(("binary", pending.pop()))
        if kind == "close" and pending and match is not None:
            pending.pop()
            opened.pop()
            position = match.end()
            pop_unary()
            continue
        if pending:
            return finish(position, "missing ')'", opened[-1])
        return finish(position)


def evaluate(condition: Condition, macros: Mapping[str, str], dialect: Dialect) -> Evaluation:
    """Value of `condition` under `macros` (name -> value). Source: ExprParser of the reference preprocessors."""
    reads: dict[str, None] = {}
    try:
        value = _evaluate(condition, macros, dialect, reads)
    except _ConditionError as problem:
        return Evaluation(0, str(problem), tuple(reads))
    return Evaluation(value, None, tuple(reads))


def names_of_value(value: str, dialect: Dialect) -> tuple[str, ...]:
    """The names that evaluating a macro with this value looks up next."""
    return parse_condition(value).names if dialect.recursive and value else ()


class _ConditionError(Exception):
    pass


def _evaluate(condition: Condition, macros: Mapping[str, str], dialect: Dialect, reads: dict[str, None]) -> int:
    """Macros in the expression first, each once, and those in their values before them; without recursion."""
    values: dict[str, int] = {}
    # What is being evaluated, innermost last; "" is the expression itself, which no macro is called
    open_macros: dict[str, tuple[Condition, Iterator[Step]]] = {"": _begin(condition, "")}
    while True:
        name = next(reversed(open_macros))
        current, steps = open_macros[name]
        for kind, operand in steps:
            if kind != "name" and kind != "defined":
                continue
            inner = str(operand)
            reads[inner] = None
            if kind == "defined" or inner in values:
                continue
            body = macros.get(inner)
            if not body:
                values[inner] = 0 if body is None else 1
            elif not dialect.recursive:
                values[inner] = _leading_number(inner, body)
            elif inner in open_macros:
                chain = list(open_macros)
                chain = [*chain[chain.index(inner) :], inner]
                raise _ConditionError(f"macro {inner} is defined by itself ({' -> '.join(chain)})")
            else:
                open_macros[inner] = _begin(parse_condition(body.strip(WHITE_SPACE)), inner)
                break
        else:
            values[name] = _calculate(current, macros, values)
            del open_macros[name]
            if not open_macros:
                return values[name]


def _begin(condition: Condition, macro: str) -> tuple[Condition, Iterator[Step]]:
    if condition.error is not None:
        where = f"the value of {macro}, '{condition.text}': " if macro else ""
        raise _ConditionError(where + condition.error)
    return condition, iter(condition.steps)


def _calculate(condition: Condition, macros: Mapping[str, str], values: dict[str, int]) -> int:
    stack: list[int] = []
    for kind, operand in condition.steps:
        if kind == "number":
            assert isinstance(operand, int)
            stack.append(operand)
        elif kind == "binary":
            right = stack.pop()
            stack[-1] = _binary(str(operand), stack[-1], right)
        elif kind == "unary":
            if operand == "!":
                stack[-1] = int(not stack[-1])
            elif operand == "-":
                stack[-1] = _wrap(-stack[-1])
        elif kind == "defined":
            stack.append(int(operand in macros))
        else:
            stack.append(values[str(operand)])
    return stack[-1]


def _leading_number(name: str, body: str) -> int:
    """As C's stoi."""
    match = _STOI.match(body)
    if match is None:
        raise _ConditionError(f"the value of {name}, '{body}', does not begin with a number")
    value = _number(match[2]) * (-1 if match[1] == "-" else 1)
    if not -_INT_MAX - 1 <= value <= _INT_MAX:
        raise _ConditionError(f"the value of {name}, '{body}', does not fit in 32 bits")
    return value


def _number(digits: str) -> int:
    """Decimal digits, however many (Python refuses to convert thousands of them)."""
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= 10 else 10**10


def _wrap(value: int) -> int:
    """As a 32-bit int that wraps round, which is what the reference's compiled code does."""
    return (value + 2**31) % 2**32 - 2**31


def _binary(op: str, left: int, right: int) -> int:
    match op:
        case "||":
            return int(bool(left) or bool(right))
        case "&&":
            return int(bool(left) and bool(right))
        case "==":
            return int(left == right)
        case "!=":
            return int(left != right)
        case "<":
            return int(left < right)
        case ">":
            return int(left > right)
        case "<=":
            return int(left <= right)
        case ">=":
            return int(left >= right)
        case "<<":
            return _wrap(left << (right & 31))
        case ">>":
            return left >> (right & 31)
        case "+":
            return _wrap(left + right)
        case "-":
            return _wrap(left - right)
        case "*":
            return _wrap(left * right)
    if right == 0:
        return 0
    quotient = abs(left) // abs(right)
    quotient = quotient if (left < 0) == (right < 0) else -quotient
    return _wrap(quotient) if op == "/" else left - quotient * right
