"""What an engine's language lacks is rewritten before compiling, on the tree of the text and with a map back.

Each gap is probed on the engine that is here and never assumed from its version:
- `enable` and `requires` lines for things naga does without them, and `diagnostic` lines with a rule of WGSL that
  naga only warns about (it prints the warning on standard error, where a crash's last words should stand): blanked;
- subgroup matrices: replaced by ordinary functions (wgsl/matrix_emulation.py);
- bitcasts between 32-bit types and vectors of f16 (f16_bitcasts.py).
What cannot be bridged becomes Unsupported. A rewrite must not hide a mistake: it stands for an expression of
the same type with the same operand types, or it is not made. And an engine that refuses what was inserted says
nothing about the user's text: that is Unsupported, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from wgsl_ls.engines import directives
from wgsl_ls.wgsl.module import Module
from wgsl_ls.wgsl.parser import outline, parse
from wgsl_ls.wgsl.rewriting import Edit, Rewritten, blanked, rewrite
from wgsl_ls.wgsl.symbols import analyze
from wgsl_ls.wgsl.syntax import Attribute, FunctionDeclaration, walk
from wgsl_ls.wire.jobs import Bridged, BridgedKind, EngineMessage, MessageSpan, Unsupported

SUBGROUP_MATRIX = "chromium_experimental_subgroup_matrix"
MATRICES_SAID = "subgroup matrices emulated"
_BITCASTS_SAID = "bitcasts between 32-bit types and vectors of f16 spelled otherwise"

_NO_WORDS = re.compile("non-WGSL Naga scalar")

# The triggering rules of WGSL (section 12.1): a name that is none of them is left to naga.
_RULES = ("derivative_uniformity", "subgroup_uniformity")
_STATEMENT_ATTRIBUTE = "fn f() @diagnostic(off, derivative_uniformity) { @diagnostic(off, derivative_uniformity) {} }"
_MATRIX_RULE = "subgroup_matrix_uniformity"

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


@dataclass(frozen=True, slots=True)
class Lowered:
    """A text in the language of an engine. `outline`: of that text; `said`: the rewrites in words, for the
    report; `bridged`: at their places."""

    rewritten: Rewritten
    outline: Module
    said: tuple[str, ...] = ()
    bridged: tuple[Bridged, ...] = ()
    wrong_casts: tuple[EngineMessage, ...] = ()
    """What to say instead of naga where it does not find words for a bitcast that WGSL does not have."""

    @property
    def text(self) -> str:
        return self.rewritten.text

    def blames_inserted_text(self, message: EngineMessage) -> bool:
        """`message`, as the engine said it about `text`, is about what was inserted, or about no place at all in a
        text that is not quite the user's: it does not tell whether the user's text is wrong."""
        if self.rewritten.is_same:
            return False
        if not message.spans:
            return any(one.kind in ("subgroup-matrix", "f16-bitcast") for one in self.bridged)
        first = message.spans[0]
        edit = self.rewritten.inserted_by(first.start)
        return edit is not None and bool(edit.replacement.strip())

    def mapped(self, message: EngineMessage) -> EngineMessage:
        """`message` with its spans in the user's text; those of appended text are dropped."""
        if self.wrong_casts and _NO_WORDS.search(message.text):
            return self.wrong_casts[0]
        if self.rewritten.is_same or not message.spans:
            return message
        spans: list[MessageSpan] = []
        for span in message.spans:
            place = self.rewritten.span_in_original(span.start, span.end)
            if place is not None:
                spans.append(MessageSpan(place.start, place.end, span.label))
        return replace(message, spans=tuple(spans))


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


def lower(text: str, *, emulate_matrices: bool, gaps: NagaGaps | None = None) -> Lowered | Unsupported:
    """`text` without subgroup matrices if `emulate_matrices`, and in naga's language if its `gaps` are given; or what
    the engine lacks for it."""
    module = outline(text)
    edits: list[Edit] = []
    said: list[str] = []
    bridged: list[Bridged] = []
    wrong_casts: tuple[EngineMessage, ...] = ()
    unwanted: set[directives.Named] = set()
    # A cheap look first: most texts need nothing.
    matrices = emulate_matrices and ("subgroup_matrix" in text or "subgroupMatrix" in text)
    bitcasts = gaps is not None and "bitcast" in text and "f16" in module.enabled
    if matrices or bitcasts:
        # Matrix values travel everywhere; bitcasts are where the word is.
        analysis = analyze(parse(text) if matrices else outline(text, word="bitcast"))
    if matrices:
        from wgsl_ls.wgsl.matrix_emulation import matrix_edits

        emulation = matrix_edits(analysis)
        if emulation.problems:
            return Unsupported(SUBGROUP_MATRIX, emulation.problems[0][1])
        edits += emulation.edits
        said.append(MATRICES_SAID)
        for item in directives.named(module):
            if item.name == SUBGROUP_MATRIX or item.name.rpartition(".")[2] == _MATRIX_RULE:
                unwanted.add(item)
                if item.name == SUBGROUP_MATRIX:
                    bridged.append(_bridge("subgroup-matrix", item, "subgroup matrices: compiled with an emulation"))
    if gaps is not None:
        lacking = _unwanted_directives(module, gaps, unwanted, said, bridged)
        if lacking is not None:
            return lacking
    if bitcasts and gaps is not None:
        from wgsl_ls.engines.f16_bitcasts import bitcast_edits

        found = bitcast_edits(analysis, gaps.takes)
        edits += found.edits
        if found.places:
            said.append(_BITCASTS_SAID)
        bridged += [
            Bridged("f16-bitcast", span.start, span.end, f"a bitcast from {what}: compiled in another spelling")
            for span, what in found.places
        ]
        wrong_casts = tuple(
            EngineMessage(
                "error", f"there is no bitcast from {what}", (MessageSpan(span.start, span.end),), kind="type"
            )
            for span, what in found.wrong
        )
    if gaps is not None and "diagnostic" in text:
        edits += _statement_attributes(text, gaps, bridged)
    if unwanted:
        edits += directives.without(module, unwanted.__contains__)
    rewritten = rewrite(text, edits)
    if matrices or bitcasts:
        module = outline(rewritten.text)
    return Lowered(rewritten, module, tuple(dict.fromkeys(said)), tuple(bridged), wrong_casts)


def lower_for_naga(text: str, gaps: NagaGaps) -> Lowered | Unsupported:
    """As `lower`, with the matrices emulated if this naga lacks them."""
    emulate = "subgroup_matrix" in text and not gaps.takes(f"enable {SUBGROUP_MATRIX};")
    return lower(text, emulate_matrices=emulate, gaps=gaps)


def _unwanted_directives(
    module: Module, gaps: NagaGaps, unwanted: set[directives.Named], said: list[str], bridged: list[Bridged]
) -> Unsupported | None:
    """Add the names naga refuses but does not need. A name nobody knows stays, so that naga complains about it at
    its place."""
    names = list(directives.named(module))
    for item in names:
        if item in unwanted:
            continue
        if item.keyword == "diagnostic":
            # Twice the same rule may be a contradiction, which is naga's to find.
            if item.name in _RULES and _count(names, item) == 1 and gaps.ignores_rule(item.name):
                unwanted.add(item)
                text = f"the diagnostic rule {item.name}: compiled without it"
                bridged.append(_bridge("diagnostic-rule", item, text))
        elif not gaps.takes(f"{item.keyword} {item.name};"):
            if gaps.needs_no_line(item.name):
                unwanted.add(item)
                said.append(f"`{item.keyword} {item.name}` left out: not needed by naga")
                bridged.append(_bridge("enable", item, f"`{item.keyword} {item.name}`: compiled without this name"))
            elif item.name.startswith("chromium_") or item.name in _KNOWN_ELSEWHERE:
                return Unsupported(item.name, f"naga does not know `{item.keyword} {item.name}`")
    return None


def _statement_attributes(text: str, gaps: NagaGaps, bridged: list[Bridged]) -> Iterable[Edit]:
    """Attributes inside functions and between a function's header and its body, where naga has no place for them;
    all they can be is @diagnostic."""
    for start, declaration in outline(text, word="diagnostic").declarations:
        if not isinstance(declaration, FunctionDeclaration):
            continue
        of_body = declaration.body.attributes if declaration.body is not None else ()
        for node in walk(declaration.body):
            if not isinstance(node, Attribute) or gaps.takes(_STATEMENT_ATTRIBUTE):
                continue
            begin, end = start + node.start, start + node.end
            place = "before a function's body" if node in of_body else "on a statement"
            what = f"`{' '.join(text[begin:end].split())}` {place}: compiled without it"
            bridged.append(Bridged("diagnostic-rule", begin, end, what))
            yield blanked(text, begin, end)


def _count(names: Iterable[directives.Named], item: directives.Named) -> int:
    return sum(other.keyword == item.keyword and other.name == item.name for other in names)


def _bridge(kind: BridgedKind, item: directives.Named, text: str) -> Bridged:
    return Bridged(kind, item.span.start, item.span.end, text)
