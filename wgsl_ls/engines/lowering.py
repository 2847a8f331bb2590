"""What naga's language lacks is rewritten before compiling, with a map back for positions.

Each gap is probed on the engine that is here and never assumed from its version:
- `enable` and `requires` lines for things naga does without them: blanked with spaces, so that nothing moves;
- `diagnostic` lines with a rule of WGSL that naga warns about: blanked too, for it prints the warning on
  standard error, where a crash's last words should stand;
- subgroup matrices: replaced by ordinary functions (matrix_emulation.py);
- bitcasts between 32-bit types and vectors of f16 (f16_bitcasts.py).
What cannot be bridged becomes Unsupported. A rewrite must not hide a mistake: it stands for an expression of
the same type with the same operand types, or it is not made.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from wgsl_ls.engines import matrix_emulation
from wgsl_ls.engines.entry_points import without_comments
from wgsl_ls.engines.f16_bitcasts import bridge_from_bits
from wgsl_ls.engines.rewriting import Lowered, ToOriginal, same_offset
from wgsl_ls.wire.jobs import Unsupported

SUBGROUP_MATRIX = "chromium_experimental_subgroup_matrix"
MATRICES_SAID = "subgroup matrices emulated"

_GLOBAL_DIRECTIVE = re.compile(
    r"\b(enable|requires)\s+([^;]*);|\bdiagnostic\s*\(\s*\w+\s*,\s*(?P<rule>[\w.]+)\s*,?\s*\)\s*;|(?P<other>\S)"
)
# The triggering rules of WGSL (section 12.1): a name that is none of them is left to naga.
_RULES = ("derivative_uniformity", "subgroup_uniformity")
_NAME = re.compile(r"[A-Za-z_]\w*")

# Modules that use an extension without enabling it: if naga takes them, it does not need the line.
_WITHOUT_THE_LINE = {
    "subgroups": "@compute @workgroup_size(1) fn main(@builtin(subgroup_size) s: u32) { _ = subgroupAdd(s); }",
    "subgroup_id": "@compute @workgroup_size(1) fn main(@builtin(subgroup_id) s: u32) { _ = s; }",
    "subgroup_uniformity": "fn f() {}",
    "unrestricted_pointer_parameters": "var<workgroup> w: array<u32, 4>; fn g(p: ptr<workgroup, u32>) -> u32 "
    "{ return *p; } @compute @workgroup_size(1) fn main() { _ = g(&w[1]); }",
    "packed_4x8_integer_dot_product": "fn f(x: u32) -> u32 { return dot4U8Packed(x, x); }",
    "pointer_composite_access": "fn f(p: ptr<function, vec2<u32>>) -> u32 { return p.x; }",
    "readonly_and_readwrite_storage_textures": "@group(0) @binding(0) var t: texture_storage_2d<r32uint, "
    "read>; fn f() -> u32 { return textureLoad(t, vec2<u32>(0u)).x; }",
    "linear_indexing": "@compute @workgroup_size(1) fn main(@builtin(global_invocation_index) i: u32) { _ = i; }",
    "uniform_buffer_standard_layout": "@group(0) @binding(0) var<uniform> u: array<f32, 4>; fn f() -> f32 "
    "{ return u[1]; }",
}
# Extensions of WGSL and of Dawn that are no spelling mistake when naga does not know them.
_KNOWN_ELSEWHERE = frozenset(
    (
        *_WITHOUT_THE_LINE,
        *("f16", "clip_distances", "dual_source_blending", "primitive_index", "subgroup_size_control"),
        *("immediate_address_space", "sized_binding_array", "texture_and_sampler_let", "buffer_view"),
        *("swizzle_assignment", "texture_formats_tier1", "filtering_parameters", "fragment_depth"),
        *("atomic_vec2u_min_max", "view_instancing"),
    )
)


class NagaGaps:
    """What the naga at hand lacks; each question is asked of it once. `accepts` compiles a tiny module, `prints`
    says whether naga prints something while it does."""

    def __init__(self, accepts: Callable[[str], bool], prints: Callable[[str], bool] = lambda _: False) -> None:
        self._accepts = accepts
        self._prints = prints
        self._ignored_rules: dict[str, bool] = {}
        self._answers: dict[str, bool] = {}

    def takes(self, text: str) -> bool:
        if text not in self._answers:
            self._answers[text] = self._accepts(text)
        return self._answers[text]

    def ignores_rule(self, rule: str) -> bool:
        """Naga takes a `diagnostic` directive with this rule, but only warns about it."""
        if rule not in self._ignored_rules:
            text = f"diagnostic(off, {rule});"
            self._ignored_rules[rule] = self.takes(text) and self._prints(text)
        return self._ignored_rules[rule]

    def needs_no_line(self, extension: str) -> bool:
        """Naga refuses the line and does without it."""
        probe = _WITHOUT_THE_LINE.get(extension)
        return probe is not None and self.takes(probe)


def lower_for_naga(text: str, gaps: NagaGaps) -> Lowered | Unsupported:
    """`text` in naga's language, or what naga lacks for it."""
    said: list[str] = []
    to_original: ToOriginal = same_offset
    # A cheap look first: most texts need nothing.
    if "subgroup_matrix" in text and not gaps.takes(f"enable {SUBGROUP_MATRIX};"):
        matrix = _lower_matrices(text)
        if isinstance(matrix, Unsupported):
            return matrix
        if matrix is not None:
            text, to_original = matrix.text, matrix.to_original
            said.extend(matrix.said)
    if "enable" in text or "requires" in text or "diagnostic" in text:
        blanked = _blank_directives(text, gaps)
        if isinstance(blanked, Unsupported):
            return blanked
        text = blanked.text
        said.extend(blanked.said)
    return bridge_from_bits(Lowered(text, to_original, tuple(said)), gaps.takes)


def _lower_matrices(text: str) -> Lowered | Unsupported | None:
    emulated = matrix_emulation.lower_matrices(text)
    if emulated is None:
        return None
    if emulated.problems:
        return Unsupported(SUBGROUP_MATRIX, emulated.problems[0][1])
    n_characters = len(text)

    def to_original(offset: int) -> int | None:
        original = emulated.to_original(offset)
        return original if original < n_characters else None

    return Lowered(emulated.text, to_original, (MATRICES_SAID,))


# ---- enable and requires ----


def _blank_directives(text: str, gaps: NagaGaps) -> Lowered | Unsupported:
    """Blank the names naga refuses but does not need. A line of which only some names are blanked keeps the
    others. A name nobody knows stays, so that naga complains about it at its place."""
    pieces = list(text)
    said: list[str] = []
    bare = without_comments(text)
    for match in _GLOBAL_DIRECTIVE.finditer(bare):
        if match["other"] is not None:
            if match["other"] == ";":
                continue  # an empty declaration may stand between directives
            break  # directives come before everything else (WGSL 4)
        if (rule := match["rule"]) is not None:
            # Twice the same rule may be a contradiction, which is naga's to find.
            if rule in _RULES and bare.count(rule) == 1 and gaps.ignores_rule(rule):
                _keep_only(pieces, match.start(), match.end(), match.start(), [])
            continue
        kept: list[tuple[int, int]] = []
        blanked = False
        for name in _NAME.finditer(match[2]):
            start = match.start(2) + name.start()
            extension = name[0]
            if gaps.takes(f"{match[1]} {extension};"):
                kept.append((start, start + len(extension)))
            elif gaps.needs_no_line(extension):
                blanked = True
                said.append(f"`{match[1]} {extension}` left out: not needed by naga")
            elif extension.startswith("chromium_") or extension in _KNOWN_ELSEWHERE:
                return Unsupported(extension, f"naga does not know `{match[1]} {extension}`")
            else:
                kept.append((start, start + len(extension)))
        if blanked:
            _keep_only(pieces, match.start(), match.end(), match.start() + len(match[1]), kept)
    return Lowered("".join(pieces), same_offset, tuple(dict.fromkeys(said)))


def _keep_only(pieces: list[str], start: int, end: int, word_end: int, kept: list[tuple[int, int]]) -> None:
    """Blank [start, end) except line ends and, if names are kept, the directive's word, those names, commas
    between them and the semicolon."""
    keep: set[int] = set()
    if kept:
        keep.update(range(start, word_end))
        keep.add(end - 1)
        for name_start, name_end in kept:
            keep.update(range(name_start, name_end))
    for offset in range(start, end):
        if offset not in keep and pieces[offset] not in "\r\n":
            pieces[offset] = " "
    for _, before_end in kept[:-1]:
        pieces[before_end] = ","
