"""The `axes` of a `[[shader]]`: read from the TOML into Axis and Alternative, with their labels.

Forms of an axis: a list of alternatives, each a macro ("MASK", "B=2"), "" for absent, a list of macros, or a
table of macros. Under a name that is itself a macro, numbers and booleans speak of that macro: `HEAD_DIM =
[64, 128]`, `MASK = [false, true]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wgsl_ls.project.macro_fields import MACRO_NAME, read_define, read_define_value, read_defines
from wgsl_ls.project.model import Alternative, Axis, Define
from wgsl_ls.project.problems import Problems
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.located import Located


def read_axes(problems: Problems, item: Located) -> tuple[Axis, ...]:
    """A table of axes by name, or a list of axes."""
    axes: list[Axis] = []
    if item.is_table:
        for name, value in item.entries():
            axis = _axis(problems, name, value)
            if axis is not None:
                axes.append(axis)
    elif item.is_list:
        taken: set[str] = set()
        for value in item.elements():
            axis = _axis(problems, "", value)
            if axis is None:
                continue
            labels = [alternative.label for alternative in axis.alternatives if alternative.label]
            name = labels[0].partition("=")[0] if len(labels) == 1 else f"axis{len(axes) + 1}"
            while name in taken:
                name += "'"
            taken.add(name)
            axes.append(replace(axis, name=name))
    else:
        problems.wrong_type(item, "a table of axes (NAME = [alternatives]) or a list of lists")
    return tuple(axes)


def _axis(problems: Problems, name: str, item: Located) -> Axis | None:
    if not item.is_list:
        problems.wrong_type(item, "a list of alternatives")
        return None
    alternatives: list[Alternative] = []
    seen: dict[tuple[tuple[Define, ...], tuple[str, ...]], str] = {}
    for element in item.elements():
        alternative = _alternative(problems, name, element)
        if alternative is None:
            continue
        content = (tuple(sorted(alternative.define)), tuple(sorted(alternative.undefine)))
        if content in seen:
            message = "this alternative stands in the axis already"
            problems.add(element.span, "duplicate-alternative", message, Severity.WARNING)
            continue
        seen[content] = alternative.label
        alternatives.append(alternative)
    if not alternatives:
        if not item.elements():
            problems.add(item.span, "value", "an axis needs at least one alternative")
        return None
    return Axis(name, _labelled(alternatives), item.key_span)


def _alternative(problems: Problems, name: str, element: Located) -> Alternative | None:
    value = element.value
    if isinstance(value, str):
        if not value.strip():
            return Alternative("", (), (), element.span)
        pair = read_define(problems, element)
        return None if pair is None else Alternative("", (pair,), (), element.span)
    if isinstance(value, bool | int | float):
        if not MACRO_NAME.fullmatch(name):
            what = "true or false" if isinstance(value, bool) else "a number"
            hint = 'axes = { HEAD_DIM = [64, 128] }; or write "HEAD_DIM=64"'
            message = f"{what} needs an axis that is named like its macro: {hint}"
            problems.add(element.span, "type", message)
            return None
        written = read_define_value(problems, element)
        if written is None or written is False:
            return Alternative("", (), (name,) if written is False else (), element.span)
        return Alternative("", ((name, "" if written is True else str(written)),), (), element.span)
    if isinstance(value, tuple | dict):
        define, undefine = read_defines(problems, element)
        if value and not define and not undefine:
            return None
        return Alternative("", define, undefine, element.span)
    problems.wrong_type(element, "a macro, a list of macros or a table of macros")
    return None


def _labelled(alternatives: Sequence[Alternative]) -> tuple[Alternative, ...]:
    """With labels that are unique in the axis: the first macro of each alternative, and as many more as it
    takes."""
    labels: list[str] = []
    for alternative in alternatives:
        for n_macros in range(1, max(1, len(alternative.define)) + 1):
            label = _label(alternative, n_macros)
            others = [_label(other, n_macros) for other in alternatives if other is not alternative]
            if label not in others:
                break
        labels.append(label)
    for index, label in enumerate(labels):
        if label in labels[:index] or (not label and alternatives[index].undefine and labels.count("") > 1):
            labels[index] = "+".join((label, *(f"!{name}" for name in alternatives[index].undefine))).strip("+")
    return tuple(replace(alternative, label=label) for alternative, label in zip(alternatives, labels, strict=True))


def _label(alternative: Alternative, n_macros: int) -> str:
    return "+".join(define_text(define) for define in alternative.define[:n_macros])


def define_text(define: Define) -> str:
    """`NAME` or `NAME=VALUE`, as host programs and command lines write it."""
    name, value = define
    return f"{name}={value}" if value else name
