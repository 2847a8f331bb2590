"""Subgroups of any size on any adapter: subgroup functions replaced by ordinary ones over workgroup memory.

Invocation `i` of a workgroup is lane `i % size` of subgroup `i / size`; the last subgroup of a workgroup may have fewer
lanes than its size. Every function writes, waits, reads and waits again, so its calls must stand where all
invocations of the workgroup come along: a compiler with uniformity analysis has to accept the text before it may run.
What cannot be replaced (subgroup matrices, which are emulated before, builtin values inside structs, an override as
workgroup size) is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wgsl_ls.wgsl.entry_inputs import builtin_of, compute_entries
from wgsl_ls.wgsl.lexer import trivia_end
from wgsl_ls.wgsl.memory_accesses import collectives
from wgsl_ls.wgsl.rewriting import Edit
from wgsl_ls.wgsl.symbols import Analysis
from wgsl_ls.wgsl.syntax import Call, FunctionDeclaration, Parameter, StructDeclaration
from wgsl_ls.wgsl.types import I32, Type, concrete

NO_SUBGROUPS: Final = "it has no subgroups"
_VALUES = {
    "subgroup_invocation_id": "lanes_thread % {size}u",
    "subgroup_size": "{size}u",
    "subgroup_id": "lanes_thread / {size}u",
    "num_subgroups": "{n_subgroups}u",
}
_FOLDS = {
    "Add": "r + w",
    "Mul": "r * w",
    "Max": "max(r, w)",
    "Min": "min(r, w)",
    "And": "r & w",
    "Or": "r | w",
    "Xor": "r ^ w",
}
_SOURCES = {
    # From which lane a value comes; `other` is the second argument of the call.
    "subgroupBroadcast": "u32(other)",
    "subgroupShuffle": "u32(other)",
    "subgroupShuffleXor": "lane ^ u32(other)",
    "subgroupShuffleUp": "lane - u32(other)",
    "subgroupShuffleDown": "lane + u32(other)",
    "quadBroadcast": "(lane / 4u) * 4u + u32(other)",
    "subgroupBroadcastFirst": "0u",
    "quadSwapX": "lane ^ 1u",
    "quadSwapY": "lane ^ 2u",
    "quadSwapDiagonal": "lane ^ 3u",
}


@dataclass(frozen=True, slots=True)
class Lanes:
    """The edits that give a text subgroups of `size` lanes."""

    size: int
    edits: tuple[Edit, ...]


def with_lanes(analysis: Analysis, size: int, n_invocations: int | None) -> Lanes | str:
    """`n_invocations`: of a workgroup. Or why the text cannot have them."""
    if n_invocations is None:
        return "the size of the workgroup is not known before the run"
    writer = _Writer(analysis, size, n_invocations)
    for start, node, facts in analysis.entries:
        if isinstance(node, StructDeclaration) and any(
            builtin_of(member.attributes) in _VALUES for member in node.members
        ):
            return f"subgroup values are members of {node.name}"
        if not isinstance(node, FunctionDeclaration):
            continue
        for call in collectives(node, facts):
            types = [facts.types.get(argument) for argument in call.arguments]
            why = writer.call(start, call, facts.called[call], [concrete(one) if one else None for one in types])
            if why:
                return why
        if any(attribute.name == "compute" for attribute in node.attributes):
            writer.parameters(start, node)
    if not writer.edits:
        return NO_SUBGROUPS
    wanted = [("local_invocation_index", "u32", "lanes_thread_input")]
    for entry in compute_entries(analysis):
        note = "lanes_thread = {local_invocation_index};" + writer.lets.get(entry.body_start, "")
        writer.edits += entry.edits(wanted, note)
    end = len(analysis.module.text)
    writer.edits.append(Edit(end, end, "\nvar<private> lanes_thread: u32;\n" + "".join(writer.functions.values())))
    return Lanes(size, tuple(writer.edits))


def collectives_in(analysis: Analysis) -> bool:
    """It calls functions of subgroups."""
    return any(
        True
        for _, node, facts in analysis.entries
        if isinstance(node, FunctionDeclaration)
        for _ in collectives(node, facts)
    )


class _Writer:
    """Collects edits, and the functions and memory that they need. `lets`: by the place of a body, its own names for
    the values of subgroups."""

    def __init__(self, analysis: Analysis, size: int, n_invocations: int) -> None:
        self.text = analysis.module.text
        self.size = size
        self.n_invocations = n_invocations
        self.edits: list[Edit] = []
        self.functions: dict[str, str] = {}
        self.lets: dict[int, str] = {}

    def parameters(self, start: int, node: FunctionDeclaration) -> None:
        """Builtin values of subgroups become local constants of the same names."""
        n_subgroups = -(-self.n_invocations // self.size)
        said = ""
        for parameter in node.parameters:
            builtin = builtin_of(parameter.attributes)
            if builtin in _VALUES:
                value = _VALUES[builtin].format(size=self.size, n_subgroups=n_subgroups)
                if builtin == "subgroup_id" and n_subgroups == 1:
                    value = "0u"  # so that a compiler sees that what rests on it is uniform
                said += f" let {parameter.name} = {value};"
                self.edits.append(self._without(start, parameter))
        self.lets[start + node.body.start + 1] = said

    def _without(self, start: int, parameter: Parameter) -> Edit:
        """With the comma behind it; a comma in front of a closing parenthesis is no mistake."""
        begin, end = start + parameter.start, start + parameter.end
        comma = trivia_end(self.text, end)
        if self.text[comma : comma + 1] == ",":
            end = comma + 1
        return Edit(begin, end, "")

    def call(self, start: int, call: Call, name: str, types: list[Type | None]) -> str:
        """Why it cannot be replaced; "" when it is. `types`: of its arguments."""
        kind, second = (*types, None, None)[:2]
        head = Edit(start + call.start, start + call.separators[0], "")
        if name == "subgroupElect":
            self.edits.append(Edit(start + call.start, start + call.end, f"(lanes_thread % {self.size}u == 0u)"))
            return ""
        if name.startswith(("subgroupMatrix", "subgroup_matrix")):
            return "its subgroup matrices cannot be emulated"
        if kind is None or not (kind.is_scalar or kind.is_vector):
            return f"{name} of a type that is not known"
        function = self._function(name, kind, "i32" if second is I32 and len(types) > 1 else "u32")
        if function is None:
            return f"{name} has no replacement"
        self.edits.append(Edit(head.start, head.end, function))
        return ""

    def _function(self, name: str, kind: Type, second: str) -> str | None:
        """`second`: the type of the second argument, of those that have one."""
        where = str(kind).replace("<", "_").replace(">", "").replace(", ", "_")
        memory = f"lanes_{where}"
        kept = str(kind).replace("bool", "u32")  # a driver of NVIDIA's loses a bool in workgroup memory
        self.functions.setdefault(memory, f"var<workgroup> {memory}: array<{kept}, {self.n_invocations}>;\n")
        made = f"lanes_{name}_{where}_{second}"
        body = self._body(name, kind, memory)
        if body is None:
            return None
        parameter = f", other: {second}" if "other" in _SOURCES.get(name, "") else ""
        result = "vec4<u32>" if name == "subgroupBallot" else str(kind)
        self.functions.setdefault(
            made,
            f"fn {made}(v: {kind}{parameter}) -> {result} {{\n"
            f"  {memory}[lanes_thread] = {kept}(v);\n  workgroupBarrier();\n"
            f"  let first = lanes_thread - lanes_thread % {self.size}u;\n"
            f"  let n = min({self.size}u, {self.n_invocations}u - first);\n"
            f"  let lane = lanes_thread - first;\n"
            f"{body}  workgroupBarrier();\n  return r;\n}}\n",
        )
        return made

    def _body(self, name: str, kind: Type, memory: str) -> str | None:
        """Statements that leave the result in `r`."""
        if name in _SOURCES:
            taken = f"if (source < n) {{ r = {kind}({memory}[first + source]); }}"
            return f"  let source = {_SOURCES[name]};\n  var r = v;\n  {taken}\n"
        each = f"    let w = {kind}({memory}[first + i]);\n"
        if name in ("subgroupAll", "subgroupAny"):
            sign, begin = ("&&", "true") if name == "subgroupAll" else ("||", "false")
            return f"  var r = {begin};\n  for (var i = 0u; i < n; i += 1u) {{\n{each}    r = r {sign} w;\n  }}\n"
        if name == "subgroupBallot":
            return (
                "  var r = vec4<u32>();\n  for (var i = 0u; i < n; i += 1u) {\n"
                f"{each}    if (w) {{ r[i / 32u] |= 1u << (i % 32u); }}\n  }}\n"
            )
        for prefix, last in (("subgroupInclusive", "lane + 1u"), ("subgroupExclusive", "lane")):
            if name.startswith(prefix):
                operation = name.removeprefix(prefix)
                neutral = f"{kind}({'0' if operation == 'Add' else '1'})"
                return (
                    f"  var r = {neutral};\n  for (var i = 0u; i < {last}; i += 1u) {{\n{each}"
                    f"    r = {_FOLDS[operation]};\n  }}\n"
                )
        fold = _FOLDS.get(name.removeprefix("subgroup"))
        if fold is None:
            return None
        return f"  var r = {memory}[first];\n  for (var i = 1u; i < n; i += 1u) {{\n{each}    r = {fold};\n  }}\n"
