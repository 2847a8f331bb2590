"""Lowers `chromium_experimental_subgroup_matrix` to plain WGSL that runs wherever subgroups do.

Left and right matrices are held whole by every invocation, packed four along the common dimension K; a result
matrix is spread over the lanes of the subgroup in groups of four columns, so that every element is computed
and stored once and no lane writes what another one owns. WGSL cannot pass a pointer to a buffer into a
function, so loads and stores become functions generated per (variable, matrix type), appended to the text.

Semantics from Tint's documentation of the extension: `subgroup_matrix_*<T, columns, rows>`, offsets and
strides in array elements, products summed in the component type of the result. What is not covered (8-bit
components, pointers that cannot be traced to a module variable) is named in `MatrixEdits.problems`.
The `enable` line is not this file's: see directives.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from wgsl_ls.wgsl.entry_inputs import compute_entries
from wgsl_ls.wgsl.matrix_functions import LANE, LANES, ONE, FunctionGenerator
from wgsl_ls.wgsl.matrix_source import matrix_uses
from wgsl_ls.wgsl.rewriting import Edit
from wgsl_ls.wgsl.symbols import Analysis

_LANE, _LANES = "subgroup_invocation_id", "subgroup_size"


@dataclass(frozen=True, slots=True)
class MatrixEdits:
    """`problems`: (offset, why) of what cannot be lowered; with any, the edited text must not be judged."""

    edits: tuple[Edit, ...]
    problems: tuple[tuple[int, str], ...]


def matrix_edits(analysis: Analysis) -> MatrixEdits:
    """The edits that leave no subgroup matrix in the text of `analysis`."""
    uses = matrix_uses(analysis)
    generator = FunctionGenerator()
    edits = [generator.type_edit(use) for use in uses.type_uses]
    for call in uses.calls:
        edits += generator.call_edits(call)
    edits += [generator.copy_edit(copy) for copy in uses.copies]
    edits += [Edit(span.start, span.end, "var") for span in uses.lets]
    functions = generator.source()
    if functions:
        end = len(analysis.module.text)
        # Every compute entry point notes its lane and the subgroup's size in private variables.
        wanted = [(_LANE, "u32", LANE + "_input"), (_LANES, "u32", LANES + "_input")]
        note = f"{LANE} = {{{_LANE}}}; {LANES} = {{{_LANES}}}; {ONE} = 1u + ({{{_LANE}}} >> 16u);"
        edits += [edit for entry in compute_entries(analysis) for edit in entry.edits(wanted, note)]
        edits.append(Edit(end, end, functions))
    return MatrixEdits(tuple(edits), tuple(uses.problems))
