"""`[shader.smoke]` of wgsl-ls.toml -> SmokeConfig: what to bind, which numbers, what to compare with.

Everything that can depend on the variant is kept as an expression (evaluator.py) and evaluated per variant. An
unknown key or a wrong type is a SmokeProblem at its place; the rest of the table is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from wgsl_ls.smoke.inputs import InputSpec
from wgsl_ls.text.located import Located
from wgsl_ls.text.span import Span

Expression = str | int | float
DEFAULT_TOLERANCE = 5e-4
"""That of llama.cpp's backend tests for attention."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SmokeProblem:
    """`span`: in the configuration file."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class TensorConfig:
    """A view: `buffer` is an expression or a buffer's name; `shape` None: the buffer's own."""

    buffer: str
    shape: tuple[Expression, ...] | None = None
    strides: tuple[Expression, ...] | None = None
    offset: Expression = 0
    when: Expression = 1


@dataclass(frozen=True, slots=True)
class BufferConfig:
    """`count`: elements of the whole buffer (default: what the shape needs). `codec`: expression or name; empty:
    the type in the shader. `output`: it is judged; `scratch`: written and read by the shaders, not judged."""

    shape: tuple[Expression, ...] | None = None
    strides: tuple[Expression, ...] | None = None
    offset: Expression = 0
    count: Expression | None = None
    codec: str = ""
    input: InputSpec | None = None
    output: bool = False
    scratch: bool = False


@dataclass(frozen=True, slots=True)
class StageConfig:
    """`file`: the shader, relative to the configuration; empty: the variant's own. `define`: macros for that
    file, as expressions over the variant's names; True: defined without a value, False: not. `bind`: the
    shader's variables that carry another buffer's name."""

    file: str = ""
    name: str = ""
    entry: str = ""
    dispatch: tuple[Expression, ...] = ()
    define: tuple[tuple[str, Expression | bool], ...] = ()
    uniforms: tuple[tuple[str, tuple[tuple[str, Expression], ...]], ...] = ()
    bind: tuple[tuple[str, str], ...] = ()
    when: Expression = 1


@dataclass(frozen=True, slots=True)
class CaseConfig:
    """`measured`: large enough for its time to mean something; runs in a campaign, or when named."""

    name: str
    values: tuple[tuple[str, Expression], ...] = ()
    when: Expression = 1
    measured: bool = False


@dataclass(frozen=True, slots=True)
class AgreeConfig:
    """Variants (globs over names, in the whole run) whose outputs of a case must agree within `tolerance`."""

    variants: tuple[str, ...]
    name: str = ""
    tolerance: float = DEFAULT_TOLERANCE


@dataclass(frozen=True, slots=True)
class SmokeConfig:
    """`values`: names for expressions, in order. `reference`: name of a built-in one, or empty; `arguments`:
    its scalar arguments; `tensors`: its array arguments (and "output"). `infinite`: infinities in outputs are
    no mistake. `deterministic`: runs that differ are."""

    values: tuple[tuple[str, Expression], ...] = ()
    cases: tuple[CaseConfig, ...] = (CaseConfig(""),)
    buffers: Mapping[str, BufferConfig] = field(default_factory=dict)
    uniforms: tuple[tuple[str, tuple[tuple[str, Expression], ...]], ...] = ()
    dispatch: tuple[Expression, ...] = ()
    entry: str = ""
    overrides: tuple[tuple[str, Expression], ...] = ()
    stages: tuple[StageConfig, ...] = ()
    bind: tuple[tuple[str, str], ...] = ()
    reference: str = ""
    arguments: tuple[tuple[str, Expression], ...] = ()
    tensors: Mapping[str, TensorConfig] = field(default_factory=dict)
    tolerance: float = DEFAULT_TOLERANCE
    deterministic: bool = True
    infinite: bool = False
    probe: bool = True
    agree: tuple[AgreeConfig, ...] = ()
    skip: str = ""


def read_smoke_config(table: Located | None) -> tuple[SmokeConfig, tuple[SmokeProblem, ...]]:
    """Never raises; None gives the configuration of guesses alone."""
    if table is None:
        return SmokeConfig(), ()
    reader = _Reader()
    config = reader.smoke(table)
    return config, tuple(reader.problems)


class _Reader:
    def __init__(self) -> None:
        self.problems: list[SmokeProblem] = []

    def wrong(self, item: Located, expected: str) -> None:
        self.problems.append(SmokeProblem(item.span, f"expected {expected}"))

    def smoke(self, table: Located) -> SmokeConfig:
        return self._build(
            table,
            SmokeConfig,
            {
                "values": self.expressions,
                "cases": lambda item: self.cases(item),
                "buffers": lambda item: self.named(item, self.buffer),
                "uniforms": self.uniforms,
                "dispatch": self.dispatch,
                "entry": self.text,
                "overrides": self.expressions,
                "stages": lambda item: tuple(self.stage(element) for element in item.elements()),
                "bind": self.texts,
                "reference": self.text,
                "arguments": self.expressions,
                "tensors": lambda item: self.named(item, self.tensor),
                "tolerance": self.number,
                "deterministic": self.flag,
                "infinite": self.flag,
                "probe": self.flag,
                "agree": lambda item: tuple(self.agree(element) for element in item.elements()),
                "skip": self.text,
            },
        )

    def _build(self, table: Located, kind: Callable[..., T], readers: Mapping[str, Callable[[Located], Any]]) -> T:
        values: dict[str, Any] = {}
        if not table.is_table:
            self.wrong(table, "a table")
        for key, item in table.entries():
            reader = readers.get(key)
            if reader is None:
                known = ", ".join(sorted(readers))
                self.problems.append(SmokeProblem(item.key_span, f"unknown key {key!r}; known: {known}"))
                continue
            value = reader(item)
            if value is not None:
                values[key] = value
        return kind(**values)

    def text(self, item: Located) -> str | None:
        if isinstance(item.value, str):
            return item.value
        self.wrong(item, "a text")
        return None

    def flag(self, item: Located) -> bool | None:
        if isinstance(item.value, bool):
            return item.value
        self.wrong(item, "true or false")
        return None

    def number(self, item: Located) -> float | None:
        if isinstance(item.value, int | float) and not isinstance(item.value, bool):
            return float(item.value)
        self.wrong(item, "a number")
        return None

    def expression(self, item: Located) -> Expression | None:
        if isinstance(item.value, str | int | float):
            return item.value
        self.wrong(item, "a number or an expression")
        return None

    def dispatch(self, item: Located) -> tuple[Expression, ...] | None:
        if not item.is_list:
            single = self.expression(item)
            return None if single is None else (single,)
        if not 1 <= len(item.elements()) <= 3:
            self.wrong(item, "one to three counts of workgroups")
            return None
        return self.shape(item)

    def shape(self, item: Located) -> tuple[Expression, ...] | None:
        if not item.is_list:
            self.wrong(item, "a list of numbers or expressions")
            return None
        read = [self.expression(element) for element in item.elements()]
        return tuple(value for value in read if value is not None) if None not in read else None

    def expressions(self, item: Located) -> tuple[tuple[str, Expression], ...]:
        if not item.is_table:
            self.wrong(item, "a table of numbers and expressions")
        read = [(key, self.expression(value)) for key, value in item.entries()]
        return tuple((key, value) for key, value in read if value is not None)

    def texts(self, item: Located) -> tuple[tuple[str, str], ...]:
        read = [(key, self.text(value)) for key, value in item.entries()]
        return tuple((key, value) for key, value in read if value is not None)

    def uniforms(self, item: Located) -> tuple[tuple[str, tuple[tuple[str, Expression], ...]], ...]:
        return tuple((key, self.expressions(value)) for key, value in item.entries())

    def named(self, item: Located, read: Callable[[Located], T]) -> dict[str, T]:
        if not item.is_table:
            self.wrong(item, "a table")
        return {key: read(value) for key, value in item.entries()}

    def tensor(self, item: Located) -> TensorConfig:
        if isinstance(item.value, str):
            return TensorConfig(item.value)
        if item.get("buffer") is None:
            self.wrong(item, "a buffer's name, or a table with the key `buffer`")
            return TensorConfig("")
        return self._build(
            item,
            TensorConfig,
            {
                "buffer": self.text,
                "shape": self.shape,
                "strides": self.shape,
                "offset": self.expression,
                "when": self.expression,
            },
        )

    def buffer(self, item: Located) -> BufferConfig:
        return self._build(
            item,
            BufferConfig,
            {
                "shape": self.shape,
                "strides": self.shape,
                "offset": self.expression,
                "count": self.expression,
                "codec": self.text,
                "input": self.input,
                "output": self.flag,
                "scratch": self.flag,
            },
        )

    def input(self, item: Located) -> InputSpec | None:
        if isinstance(item.value, str):
            return InputSpec("file", path=item.value) if item.value.endswith(".npy") else InputSpec(item.value)
        if isinstance(item.value, int | float):
            return InputSpec(str(item.value))
        return self._build(
            item,
            InputSpec,
            {
                "kind": self.text,
                "seed": lambda value: int(self.number(value) or 0),
                "scale": self.number,
                "low": self.number,
                "high": self.number,
                "path": self.text,
            },
        )

    def stage(self, item: Located) -> StageConfig:
        return self._build(
            item,
            StageConfig,
            {
                "file": self.text,
                "name": self.text,
                "entry": self.text,
                "dispatch": self.dispatch,
                "define": self.expressions,
                "uniforms": self.uniforms,
                "bind": self.texts,
                "when": self.expression,
            },
        )

    def cases(self, item: Located) -> tuple[CaseConfig, ...] | None:
        read = []
        for number, element in enumerate(item.elements()):
            readers = {
                "name": self.text,
                "values": self.expressions,
                "when": self.expression,
                "measured": self.flag,
            }
            case: CaseConfig = self._build(element, partial(_case, number), readers)
            read.append(case)
        return tuple(read) or None

    def agree(self, item: Located) -> AgreeConfig:
        return self._build(
            item,
            lambda **values: AgreeConfig(**{"variants": (), **values}),
            {
                "variants": lambda value: tuple(
                    element.value for element in value.elements() if isinstance(element.value, str)
                ),
                "name": self.text,
                "tolerance": self.number,
            },
        )


def _case(number: int, name: str = "", **values: Any) -> CaseConfig:
    return CaseConfig(name or f"case {number}", **values)


def files_of(config: SmokeConfig) -> tuple[str, ...]:
    """Paths of the arrays that the inputs come from, as written."""
    return tuple(
        dict.fromkeys(
            buffer.input.path
            for buffer in config.buffers.values()
            if buffer.input is not None and buffer.input.kind == "file"
        )
    )
