"""Term: a value that rests on inputs nobody knows, kept as the operations that lead to it.

Equal terms are one object (Terms.make), so facts about them can be looked up by identity. A term is worked out
(`evaluate`) for an assignment of values to its inputs; what C++ leaves undefined raises Undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from wgsl_ls.host.effort import LONGEST_TEXT, MOST_OPERATIONS, BadValue
from wgsl_ls.host.fractions import FRACTIONAL, MATHEMATICS, Single
from wgsl_ls.host.integers import COMPARISONS

_MOST_REMEMBERED: Final = 20_000  # values of one term


class Undefined(Exception):
    """The host itself would fail here (division by zero, no such entry of a table)."""


class Input:
    """Something outside of the host's text. `domain`: the values it may have, most likely ones first;
    `labels`: how the host spells them; `chosen`: `domain` is a sample of what is possible, of
    which one value will do; `guessed`: all of `domain` is used, but it is not all there is; `limits`: of a sample that
    may be made wider (see witnesses.py)."""

    __slots__ = ("bits", "chosen", "domain", "guessed", "labels", "largest", "limits", "name")

    def __init__(
        self,
        name: str,
        domain: tuple[object, ...],
        labels: Mapping[object, str] | None = None,
        chosen: bool = False,
        guessed: bool = False,
        limits: tuple[int, int] | type | None = None,
    ) -> None:
        self.name = name
        self.domain = domain
        self.bits: dict[object, int] = {value: 1 << index for index, value in enumerate(domain)}
        self.labels = labels or {}
        self.largest = max(domain, default=None) if chosen else None  # type: ignore[type-var]  # all are of one type
        self.chosen = chosen
        self.guessed = guessed
        self.limits = limits

    def label(self, value: object) -> str:
        found = self.labels.get(value)
        if found is not None:
            return found
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, tuple):
            return "/".join(map(str, value))
        return str(value)

    def __repr__(self) -> str:
        return f"Input({self.name})"


class Term:
    """`op` applied to `args` (terms, inputs or known values). `inputs`: all that it rests on, in order; `chooses`:
    a "?:" in it asks about an input of which one value would do, so that both of its sides are to be looked at;
    `is_float`: it may be a number with a fraction; `is_text`: it is a text (a number becomes one through "str");
    `depth`: how many operations follow each other in it."""

    __slots__ = ("args", "chooses", "depth", "inputs", "is_float", "is_text", "masks", "memo", "op")

    def __init__(self, op: str, args: tuple[object, ...], inputs: tuple[Input, ...]) -> None:
        self.op = op
        self.args = args
        self.inputs = inputs
        self.chooses: bool = (op == "?:" and any(one.chosen for one in inputs_of(args[0]))) or any(
            isinstance(arg, Term) and arg.chooses for arg in args
        )
        self.is_float: bool = op in _FRACTIONAL or (op in _FRACTIONS and any(map(may_be_float, args)))
        self.is_text: bool = op in _TEXTS or _is_text_of(op, args)
        self.depth: int = 1 + max((arg.depth for arg in args if isinstance(arg, Term)), default=0)
        self.memo: dict[object, object] = {}  # by the values of the inputs
        self.masks: dict[object, tuple[int, int]] = {}  # by one input and the values of the others

    def __repr__(self) -> str:
        return spelled(self)


def inputs_of(value: object) -> tuple[Input, ...]:
    if isinstance(value, Term):
        return value.inputs
    return (value,) if isinstance(value, Input) else ()


def may_be_float(value: object) -> bool:
    if isinstance(value, Term):
        return value.is_float
    return isinstance(value, float) or (
        isinstance(value, Input) and any(isinstance(one, float) for one in value.domain)
    )


def is_text(value: object) -> bool:
    return value.is_text if isinstance(value, Term) else isinstance(value, str)


def _is_text_of(op: str, args: tuple[object, ...]) -> bool:
    if op == "lookup":
        return isinstance(args[0], Table) and any(isinstance(one, str) for one in args[0].values())
    return op in ("+", "?:") and any(map(is_text, args if op == "+" else args[1:]))


def _is_text_unseen(first: object, second: object) -> bool:
    """Is one a text and the other an input that was taken for a number?"""
    texts = [is_text(one) or (isinstance(one, Input) and one.limits is str) for one in (first, second)]
    return texts[0] is not texts[1] and isinstance((second, first)[texts[1]], Input)


def is_truth(value: object) -> bool:
    """Is it yes or no, and no number?"""
    if isinstance(value, Term):
        return value.op in _BOOLEAN or (value.op == "?:" and all(map(is_truth, value.args[1:])))
    return isinstance(value, bool) or (isinstance(value, Input) and all(isinstance(one, bool) for one in value.domain))


def is_symbolic(value: object) -> bool:
    return isinstance(value, (Term, Input))


class Terms:
    """The terms and inputs of one reading. `wider`: values that samples get besides, by the name of the input; `found`:
    those that they lack."""

    def __init__(self) -> None:
        self.wider: Mapping[str, tuple[object, ...]] = {}
        self.found: dict[str, dict[object, None]] = {}
        self._applied: dict[tuple[object, ...], object] = {}
        self.masks: dict[tuple[Input, tuple[object, ...]], int] = {}
        self.inputs: dict[str, Input] = {}
        self._tables: dict[object, Table] = {}

    def __len__(self) -> int:
        return len(self._applied)

    def input(self, name: str, make: Callable[[str], Input]) -> Input:
        known = self.inputs.get(name)
        if known is None:
            known = self.inputs[name] = make(name)
        return known

    def table(self, cells: Mapping[object, object], words: str) -> Table:
        """Equal tables of plain values are one, too."""
        key = (words, *((type(one), one) for cell in cells.items() for one in cell))
        return self._tables.setdefault(key, Table(cells, words))

    def apply(self, op: str, *args: object) -> object:
        """The value of `op` on `args`: worked out when all are known, else a term."""
        for arg in args:
            if isinstance(arg, (Term, Input)):
                break
        else:
            try:
                return OPERATIONS[op](*args)
            except (TypeError, AttributeError, ValueError, OverflowError, ZeroDivisionError, LookupError):
                raise BadValue(f"{op} of what is no value for it", is_size=False) from None
        key = (op, args, *map(type, args))  # 1, 1.0 and true are equal
        known = self._applied.get(key)
        if known is None:
            known = self._applied[key] = self._simplified(op, args)
        return known

    def order(self, first: object, second: object) -> object:
        """-1, 0 or 1: which of two comes first."""
        before = self.apply("?:", self.apply("<", first, second), -1, 1)
        return self.apply("?:", self.apply("==", first, second), 0, before)

    def _simplified(self, op: str, args: tuple[object, ...]) -> object:
        if op == "&&" or op == "||":
            stop = op == "||"
            first, second = args
            if not is_symbolic(first):
                return stop if bool(first) is stop else self.apply("bool", second)
            if not is_symbolic(second):
                return stop if bool(second) is stop else self.apply("bool", first)
        elif op == "?:" and not is_symbolic(args[0]):
            return args[1] if args[0] else args[2]
        elif op == "?:" and type(args[1]) is type(args[2]) and args[1] == args[2]:
            return args[1]
        elif op == "?:" and args[1] is True and args[2] is False:
            return self.apply("bool", args[0])
        elif op == "!" and isinstance(args[0], Term) and args[0].op == "!":
            return self.apply("bool", args[0].args[0])
        elif _is_idle(op, args[0]):
            return args[0]
        elif op in _WHOLE and isinstance(args[0], Term) and _is_known_choice(args[0]):
            return self.apply("?:", args[0].args[0], *(self.apply(op, side) for side in args[0].args[1:]))
        if op in _THROUGH_CHOICES and len(args) == 2:
            for index in (0, 1):
                one, other = args[index], args[1 - index]
                if isinstance(one, Term) and one.op == "?:" and not is_symbolic(other) and _is_known_choice(one):
                    sides = ((side, other) if index == 0 else (other, side) for side in one.args[1:])
                    return self.apply("?:", one.args[0], *(self.apply(op, *side) for side in sides))
        if op in _COMPARES and _is_text_unseen(*args):
            if op == "!=":
                return self.apply("!", self.apply("==", *args))
            # What a call gives whose type nobody knows is a number, until it is compared with a text.
            name = f"{spelled(args[0])} {op} {spelled(args[1])}"
            return self.input(name, lambda one: Input(one, (True, False)))
        made = Term(op, args, tuple(dict.fromkeys(one for arg in args for one in inputs_of(arg))))
        if made.depth > MOST_OPERATIONS:
            raise BadValue(f"a value made by more than {MOST_OPERATIONS:,} operations in a row on what is not known")
        return made


def _is_idle(op: str, value: object) -> bool:
    """Does a conversion make nothing else of the value?"""
    if op == "bool" or op in _WHOLE:
        return isinstance(value, Term) and value.op in _BOOLEAN
    if op not in ("f32", "f64"):
        return False
    if isinstance(value, Input):
        return type(value.domain[0]) is (Single if op == "f32" else float)
    return isinstance(value, Term) and value.op == op


def _is_known_choice(value: object) -> bool:
    """Does only a condition stand between the value and a known one?"""
    if isinstance(value, Term) and value.op == "?:":
        return _is_known_choice(value.args[1]) and _is_known_choice(value.args[2])
    return not is_symbolic(value)


def evaluate(value: object, assignment: Mapping[Input, object]) -> object:
    """The value for an assignment that has every input. Raises Undefined."""
    if isinstance(value, Input):
        return assignment[value]
    if not isinstance(value, Term):
        return value
    inputs = value.inputs
    key = assignment[inputs[0]] if len(inputs) == 1 else tuple([assignment[one] for one in inputs])
    memo = value.memo
    found = memo.get(key, memo)
    if found is memo:
        try:
            found = _worked_out(value, assignment)
        except Undefined as problem:
            found = problem
        if len(memo) >= _MOST_REMEMBERED:
            memo.clear()
        memo[key] = found
    if isinstance(found, Undefined):
        raise found.with_traceback(None)
    return found


def allowed(term: Term, expected: bool, one: Input, assignment: Mapping[Input, object]) -> int:
    """The values of `one` (as `one.bits`) with which `term` is what is expected; the assignment has its other
    inputs."""
    inputs = term.inputs
    key: object = one
    if len(inputs) > 1:
        key = (one, *[assignment[other] for other in inputs if other is not one])
    found = term.masks.get(key)
    if found is None:
        yes = no = 0
        whole = dict(assignment)
        for value, bit in one.bits.items():
            whole[one] = value
            try:
                if evaluate(term, whole):
                    yes |= bit
                else:
                    no |= bit
            except Undefined:
                continue
        found = yes, no
        if len(term.masks) >= _MOST_REMEMBERED:
            term.masks.clear()
        term.masks[key] = found
    return found[0] if expected else found[1]


def _worked_out(value: Term, assignment: Mapping[Input, object]) -> object:
    op, args = value.op, value.args
    if op == "&&":
        return bool(evaluate(args[0], assignment)) and bool(evaluate(args[1], assignment))
    if op == "||":
        return bool(evaluate(args[0], assignment)) or bool(evaluate(args[1], assignment))
    if op == "?:":
        return evaluate(args[1] if evaluate(args[0], assignment) else args[2], assignment)
    try:
        return OPERATIONS[op](*[evaluate(arg, assignment) for arg in args])
    except (TypeError, ValueError, OverflowError, ZeroDivisionError, LookupError, AttributeError) as error:
        raise Undefined(f"{op}: {error}") from None


def spelled(value: object, depth: int = 6) -> str:
    """The term as a C++ reader would write it, shortened."""
    if isinstance(value, Input):
        return value.name
    if not isinstance(value, Term):
        return "nullptr" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    if depth == 0:
        return "..."
    if value.op == "lookup" and isinstance(value.args[0], Table):
        return value.args[0].words.format(spelled(value.args[1], depth - 1))
    args = [spelled(arg, depth - 1) for arg in value.args]
    if value.op == "in" and isinstance(value.args[1], frozenset):
        source = value.args[0]
        names = sorted(map(str, value.args[1]))
        if isinstance(source, Input):
            names = [source.label(one) for one in source.domain if one in value.args[1]]
        return f"{args[0]} in {{{', '.join(names)}}}"
    if value.op in _INFIX:
        if isinstance(value.args[0], Input) and not is_symbolic(value.args[1]):
            args[1] = value.args[0].label(value.args[1])
        return f"{_bracketed(args[0])} {value.op} {_bracketed(args[1])}"
    if value.op == "!":
        return f"!{_bracketed(args[0])}"
    if value.op in _CONVERSIONS or value.op == "str":
        return args[0]
    if value.op == "?:":
        return f"{_bracketed(args[0])} ? {args[1]} : {args[2]}"
    return f"{value.op}({', '.join(args)})"


def _bracketed(text: str) -> str:
    return f"({text})" if " " in text else text


def _whole(value: Any) -> Any:
    """A number that no whole number type of C++ holds goes round, as the widest unsigned one does."""
    return value % 2**64 if isinstance(value, int) and not -(2**63) <= value < 2**64 else value


def _sum(a: Any, b: Any) -> Any:
    whole = a + b
    if isinstance(whole, str):
        if len(whole) > LONGEST_TEXT:
            raise BadValue(f"a text of more than {LONGEST_TEXT:,} characters")
        return whole
    return _whole(whole)


def _product(a: Any, b: Any) -> Any:
    if isinstance(a, str) or isinstance(b, str):
        raise TypeError("no number")
    return _whole(a * b)


def _power(a: Any, b: Any) -> Any:
    try:
        return float(a) ** float(b) if isinstance(a, float) or isinstance(b, float) or abs(b) > 64 else a**b
    except (OverflowError, ZeroDivisionError) as error:
        raise Undefined(str(error)) from None


def _divide(a: Any, b: Any) -> Any:
    if b == 0:
        raise Undefined("division by zero")
    if isinstance(a, float) or isinstance(b, float):
        return a / b
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _remainder(a: Any, b: Any) -> Any:
    if b == 0:
        raise Undefined("division by zero")
    return a - b * _divide(a, b)


def _shift(left: bool) -> Callable[[int, int], int]:
    def shift(a: int, b: int) -> int:
        if not 0 <= b < 64:
            raise Undefined("shift out of range")
        return (a << b) & 0xFFFFFFFFFFFFFFFF if left else a >> b

    return shift


def _signed(value: object) -> object:
    if isinstance(value, float):
        value = int(value)
    if isinstance(value, int) and not -(2**31) <= value < 2**63:
        return (value + 2**31) % 2**32 - 2**31
    return value


def _unsigned(value: object) -> object:
    return int(value) & 0xFFFFFFFF if isinstance(value, (int, float)) else value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.6f}"
    return str(value)


def _prefix(text: str, length: int) -> str:
    return text[: max(0, length)]


def _position(found: int) -> int:
    return found if found >= 0 else NO_POSITION


def _lookup(table: Mapping[object, object], key: object) -> object:
    if key not in table:
        raise Undefined("no such entry")
    return table[key]


NO_POSITION: Final = 2**32 - 1
"""std::string::npos, as far as hosts look at it."""

OPERATIONS: Final[dict[str, Callable[..., object]]] = {
    **COMPARISONS,
    "+": _sum,
    "-": lambda a, b: _whole(a - b),
    "*": _product,
    "/": _divide,
    "%": _remainder,
    "<<": _shift(True),
    ">>": _shift(False),
    "^": lambda a, b: a ^ b,
    "!": lambda a: not a,
    "~": lambda a: ~a,
    "neg": lambda a: -a,
    "bool": bool,
    "u32": _unsigned,
    "u64": lambda a: int(a) % 2**64 if isinstance(a, (int, float)) else a,
    "i32": _signed,
    "u8": lambda a: int(a) % 2**8,
    "u16": lambda a: int(a) % 2**16,
    "i8": lambda a: (int(a) + 2**7) % 2**8 - 2**7,
    "i16": lambda a: (int(a) + 2**15) % 2**16 - 2**15,
    "f32": Single,
    "f64": float,
    "str": _text,
    "upper": lambda a: a.upper(),
    "lower": lambda a: a.lower(),
    "min": min,
    "max": max,
    "abs": abs,
    "len": len,
    "prefix": _prefix,
    "from": lambda text, start: text[start:],
    "find": lambda text, part: _position(text.find(part)),
    "rfind": lambda text, part: _position(text.rfind(part)),
    "starts_with": lambda text, part: text.startswith(part),
    "ends_with": lambda text, part: text.endswith(part),
    "item": lambda values, index: values[index],
    "in": lambda a, values: a in values,
    "lookup": _lookup,
    "?:": lambda a, b, c: b if a else c,
    "power": _power,
    **MATHEMATICS,
}
_FRACTIONS: Final = frozenset(("+", "-", "*", "/", "neg", "min", "max", "abs", "?:", "power", "item", "lookup"))
_FRACTIONAL: Final = frozenset(("f32", "f64", *FRACTIONAL))
_COMPARES: Final = frozenset(("==", "!=", "<", "<=", ">", ">="))
_THROUGH_CHOICES: Final = _COMPARES | {"min", "max"}
_WHOLE: Final = frozenset(("u8", "u16", "u32", "u64", "i8", "i16", "i32"))
_CONVERSIONS: Final = _WHOLE | {"bool", "f32", "f64"}
_TEXTS: Final = frozenset(("str", "upper", "lower", "prefix", "from"))
_BOOLEAN: Final = frozenset(
    ("==", "!=", "<", "<=", ">", ">=", "&&", "||", "!", "bool", "in", "starts_with", "ends_with")
)
_INFIX: Final = frozenset(
    ("==", "!=", "<", "<=", ">", ">=", "&&", "||", "+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^")
)


class Table(dict[object, object]):
    """A table that a "lookup" term may hold: hashed by identity. `words`: how to say an entry of it, with "{}" for the
    index."""

    __hash__ = object.__hash__  # type: ignore[assignment]

    def __init__(self, cells: Mapping[object, object], words: str) -> None:
        super().__init__(cells)
        self.words = words

    def __eq__(self, other: object) -> bool:
        return self is other
