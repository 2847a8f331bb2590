"""Macros in rules that nothing sets: `defined(K_Q80)` is silently false for ever. A rule that came from a
template is judged over all shaders that have it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from wgsl_ls.project.model import Define, Expression, ShaderEntry, VariantRule
from wgsl_ls.project.problems import Problems
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.span import Span


def report_unknown_macros(problems: Problems, define: tuple[Define, ...], shaders: tuple[ShaderEntry, ...]) -> None:
    """A warning (rule `config/unknown-macro`) at each such name."""
    unknown: dict[Span, tuple[str, Collection[str]]] = {}
    fine: set[Span] = set()
    for shader in shaders:
        known = {name for name, _ in define} | set(_macros(shader))
        for rule in shader.rules:
            for expression in _expressions(rule):
                for name, start, end in expression.condition.name_spans:
                    span = expression.located.span_of(start, end)
                    if name in known:
                        fine.add(span)
                    else:
                        unknown.setdefault(span, (name, known))
    for span, (name, known_names) in unknown.items():
        if span not in fine:
            hint = problems.suggestion(name, known_names)
            message = f"no define, axis or rule of this shader sets {name}, so it is never defined here{hint}"
            problems.add(span, "unknown-macro", message, Severity.WARNING)


def _macros(shader: ShaderEntry) -> Iterator[str]:
    yield from (name for name, _ in shader.define)
    for axis in shader.axes:
        for alternative in axis.alternatives:
            yield from (name for name, _ in alternative.define)
            yield from alternative.undefine
    for variant in shader.variants:
        yield from (name for name, _ in variant.define)
    for rule in shader.rules:
        yield from (name for name, _ in rule.define)
        yield from (name for name, _ in rule.compute)


def _expressions(rule: VariantRule) -> Iterator[Expression]:
    if rule.when is not None:
        yield rule.when
    yield from (expression for _, expression in rule.compute)
    yield from rule.forbid
    yield from rule.require
