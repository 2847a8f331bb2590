"""Workgroup memory that is zero when a workgroup begins, as WGSL has it (https://www.w3.org/TR/WGSL/#address-space,
"initial value"), written into the text: wgpu-native makes pipelines that leave there what others left. Browsers do it
themselves. For running only: whether a text compiles does not rest on it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from wgsl_ls.wgsl.entry_inputs import compute_entries
from wgsl_ls.wgsl.parser import outline
from wgsl_ls.wgsl.rewriting import rewrite
from wgsl_ls.wgsl.symbols import analyze
from wgsl_ls.wgsl.syntax import Attribute, FunctionDeclaration, Identifier, VariableDeclaration
from wgsl_ls.wgsl.types import Type

_INDEX: Final = "local_invocation_index of this entry point"


@lru_cache(maxsize=64)
def zeroed(text: str) -> str:
    """`text` with statements in front of each compute entry point's own. A variable of a type that is not known, or
    whose size an override decides, stays as it is."""
    if "workgroup>" not in text:
        return text
    analysis = analyze(outline(text))
    cleared = ""
    sizes = []
    for start, node, facts in analysis.entries:
        if isinstance(node, VariableDeclaration) and _is_workgroup(node) and facts.info is not None:
            kind = facts.info.type
            if kind is not None and len(re.findall(rf"\b{re.escape(node.name)}\b", text)) > 1:
                cleared += _cleared(node.name, kind)
        elif isinstance(node, FunctionDeclaration):
            sizes += [_size(text, start, one) for one in node.attributes if one.name == "workgroup_size"]
    if not cleared:
        return text
    edits = []
    for entry, size in zip(compute_entries(analysis), sizes, strict=True):
        note = f"{{ let zero_thread = {_INDEX}; let zero_step = {size}; {cleared}workgroupBarrier(); }}"
        braces = note.replace("{", "{{").replace("}", "}}").replace(_INDEX, "{local_invocation_index}")
        edits += entry.edits([("local_invocation_index", "u32", "zero_index")], braces)
    return rewrite(text, edits).text


def _is_workgroup(node: VariableDeclaration) -> bool:
    return any(isinstance(one, Identifier) and one.name == "workgroup" for one in node.template)


def _size(text: str, start: int, attribute: Attribute) -> str:
    """The number of invocations, as an expression."""
    return " * ".join(f"u32({text[start + one.start : start + one.end]})" for one in attribute.arguments)


def _cleared(place: str, kind: Type) -> str:
    """Statements that make a variable zero: an array's elements by all invocations, anything else by the first one."""
    count, element = kind.count, kind.element
    if kind.is_array and element is not None:
        inner = _zero(f"{place}[zero_i]", element)
        loop = f"for (var zero_i = zero_thread; zero_i < {count}u; zero_i += zero_step) {{ {inner} }} "
        return loop if inner and isinstance(count, int) else ""
    inner = _zero(place, kind)
    return f"if (zero_thread == 0u) {{ {inner} }} " if inner else ""


def _zero(place: str, kind: Type, depth: int = 0) -> str:
    """Statements for one invocation; "" where a type has no zero value and no parts of known number."""
    if kind.name == "atomic":
        return f"atomicStore(&{place}, {kind.arguments[0]}());"
    if kind.is_array and kind.element is not None:
        index = f"zero_{depth}"
        inner = _zero(f"{place}[{index}]", kind.element, depth + 1)
        loop = f"for (var {index} = 0u; {index} < {kind.count}u; {index} += 1u) {{ {inner} }}"
        return loop if inner and isinstance(kind.count, int) else ""
    if kind.is_struct:
        return " ".join(_zero(f"{place}.{one.name}", one.type, depth) for one in kind.members or ())
    return f"{place} = {kind}();" if kind.is_scalar or kind.is_vector or kind.is_matrix else ""
