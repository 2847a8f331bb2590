"""Lowers `chromium_experimental_subgroup_matrix` to plain WGSL that runs wherever subgroups do.

Left and right matrices are held whole by every invocation, packed four along the common dimension K; a result
matrix is spread over the lanes of the subgroup in groups of four columns, so that every element is computed
and stored once and no lane writes what another one owns. WGSL cannot pass a pointer to a buffer into a
function, so loads and stores become functions generated per (variable, matrix type), appended to the text:
no line moves, and every character of the original keeps its place in a map.

Semantics from Tint's documentation of the extension: `subgroup_matrix_*<T, columns, rows>`, offsets and
strides in array elements, products summed in the component type of the result. What is not covered (8-bit
components, pointers that cannot be traced to a module variable) is named in `Lowered.problems`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from wgsl_ls.engines.matrix_facts import Scan
from wgsl_ls.engines.matrix_functions import LANE, LANES, ONE, Edit, FunctionGenerator
from wgsl_ls.engines.matrix_source import scan_matrices
from wgsl_ls.text.span import Span

EXTENSION = "chromium_experimental_subgroup_matrix"


@dataclass(frozen=True, slots=True)
class Lowered:
    """`text`: plain WGSL with the same number of lines in front of the generated part.
    `problems`: (offset in the original, why) of what could not be lowered; then `text` must not be judged."""

    text: str
    original_length: int
    problems: tuple[tuple[int, str], ...]
    starts: tuple[int, ...]
    """Start of every piece in `text`, ascending, with `pieces` beside it."""
    pieces: tuple[tuple[int, bool], ...]
    """(offset in the original, whether the piece is an unchanged copy)."""

    def to_original(self, offset: int) -> int:
        """Offset in the original for one in `text`; inside replaced text the start of what was replaced."""
        index = bisect_right(self.starts, max(0, offset)) - 1
        original, copied = self.pieces[index]
        return min(original + (offset - self.starts[index] if copied else 0), self.original_length)


def lower_matrices(text: str) -> Lowered | None:
    """None when `text` has no subgroup matrices."""
    if "subgroup_matrix" not in text and "subgroupMatrix" not in text:
        return None
    scan = scan_matrices(text)
    generator = FunctionGenerator()
    edits = [Edit(Span(directive.start, directive.end), replacement) for directive, replacement in scan.directives]
    edits += [generator.type_edit(use) for use in scan.type_uses]
    for call in scan.calls:
        edits += generator.call_edits(call)
    edits += [generator.copy_edit(copy) for copy in scan.copies]
    edits += [Edit(span, "var") for span in scan.lets]
    edits += _lane_edits(scan)
    return _apply(text, edits, generator.source(), tuple(scan.problems))


def _lane_edits(scan: Scan) -> list[Edit]:
    """Lets every compute entry point note its lane and the subgroup's size in two private variables."""
    edits = []
    for entry in scan.entry_points:
        parameters = []
        lane, lanes = entry.lane_expression, entry.lanes_expression
        if lane is None:
            lane = LANE + "_input"
            parameters.append(f"@builtin(subgroup_invocation_id) {lane}: u32")
        if lanes is None:
            lanes = LANES + "_input"
            parameters.append(f"@builtin(subgroup_size) {lanes}: u32")
        if parameters:
            comma = "" if entry.parameters_empty or entry.trailing_comma else ", "
            edits.append(Edit(Span(entry.parameters_end, entry.parameters_end), comma + ", ".join(parameters)))
        edits.append(
            Edit(
                Span(entry.body_start, entry.body_start),
                f" {LANE} = {lane}; {LANES} = {lanes}; {ONE} = 1u + ({lane} >> 16u);",
            )
        )
    return edits


def _apply(text: str, edits: Sequence[Edit], appended: str, problems: tuple[tuple[int, str], ...]) -> Lowered:
    """Newlines inside a replaced span are kept behind its replacement, so that no line moves."""
    out: list[str] = []
    starts: list[int] = []
    pieces: list[tuple[int, bool]] = []
    position = length = 0

    def add(piece: str, original: int, copied: bool) -> None:
        nonlocal length
        if piece:
            starts.append(length)
            pieces.append((original, copied))
            out.append(piece)
            length += len(piece)

    # Of edits that begin at the same place the widest counts, except that insertions come first.
    for edit in sorted(edits, key=lambda edit: (edit.span.start, len(edit.span) > 0, -edit.span.end)):
        if edit.span.start < position:
            continue  # a type inside something that was already replaced
        add(text[position : edit.span.start], position, True)
        kept = "\n" * text.count("\n", edit.span.start, edit.span.end)
        add(edit.text + kept, edit.span.start, False)
        position = edit.span.end
    add(text[position:], position, True)
    add(appended, len(text), False)
    if not starts:
        starts, pieces = [0], [(0, True)]
    return Lowered("".join(out), len(text), problems, tuple(starts), tuple(pieces))
