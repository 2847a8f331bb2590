"""Everything that the features say of one small shader, of one with every kind of declaration, of an odd one and of
what WGSL brings, as one text: whatever is said otherwise is seen here. After a
change that is meant, `python -m tests.analysis.features.test_all_of_a_shader` writes it anew; read the difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from tests.analysis.features.test_completion import KINDS, OFFERED
from tests.analysis.fixture import CONFIG, Project, absolute
from wgsl_ls.analysis.across import indices
from wgsl_ls.analysis.cover import cover
from wgsl_ls.analysis.features.call_hierarchy import function_at, incoming, outgoing
from wgsl_ls.analysis.features.completion import complete
from wgsl_ls.analysis.features.completion_items import (
    Suggestion,
    attributes,
    builtin_functions,
    builtin_types,
    builtin_values,
    enumerants,
    extensions,
    keywords,
    snippets,
)
from wgsl_ls.analysis.features.config_completion import complete as config_complete
from wgsl_ls.analysis.features.config_hover import hover as config_hover
from wgsl_ls.analysis.features.config_macros import ConfigFiles, files_at, macro_at, macro_definitions, may_be_macro
from wgsl_ls.analysis.features.config_outline import outline
from wgsl_ls.analysis.features.config_place import config_place
from wgsl_ls.analysis.features.define_state import define_state
from wgsl_ls.analysis.features.fixes import fixes_for
from wgsl_ls.analysis.features.folding import folding_ranges
from wgsl_ls.analysis.features.hover import hover
from wgsl_ls.analysis.features.inlay_hints import inlay_hints
from wgsl_ls.analysis.features.lenses import entry_point_lenses, include_lens, root_lenses
from wgsl_ls.analysis.features.navigation import (
    definitions,
    matching_directives,
    references,
    sharing_roots,
    type_definitions,
)
from wgsl_ls.analysis.features.predeclared import (
    attribute_page,
    builtin_value_page,
    extension_page,
    name_page,
)
from wgsl_ls.analysis.features.rename import Refusal, rename_steps
from wgsl_ls.analysis.features.rich_text import plain
from wgsl_ls.analysis.features.selection import selection_spans
from wgsl_ls.analysis.features.semantic_tokens import semantic_tokens
from wgsl_ls.analysis.features.signature_help import signature_help
from wgsl_ls.analysis.features.symbols import FileSymbol, file_symbols
from wgsl_ls.analysis.identify import identify
from wgsl_ls.analysis.index import NameIndex
from wgsl_ls.analysis.name_classes import representatives, variant_classes
from wgsl_ls.analysis.presence import coverage, explain_line, macros_at_line
from wgsl_ls.analysis.variant_labels import labels_of
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import finished
from wgsl_ls.wgsl.builtins import ENABLE_EXTENSIONS, ENUMERANTS, LANGUAGE_FEATURES

SAID = Path(__file__).with_name("all_of_a_shader.txt")
FILES = {
    CONFIG: """\
profiles = ["small"]
[profile.small]
workgroup-storage = 512
invocations = 64
f16 = false
[[shader]]
files = ["kernel.wgsl"]
defines = ["WG_SIZE=64"]
axes = { TYPE = ["F32", "F16"], MODE = [{}, { SCALED = "" }], TILE = [{ TILE = 8 }, { TILE = 16 }] }
""",
    "kernel.wgsl": """\
// Multiplies rows.
#ifdef F16
enable f16;
#endif
#include "tile.tmpl"
struct Params {
    n_rows: u32, // how many
    factor: f32,
}
@group(0) @binding(0) var<storage, read> source: array<ELEMENT>;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;
var<workgroup> tile: array<f32, TILE * TILE>;
override limit: u32 = 8u;

/* What is made of one value.
 * It may be scaled. */
fn scaled(value: f32, by: f32) -> f32 {
#if defined(SCALED) && TILE > 8
    return value * by * 2.0;
#elif defined(SCALED)
    return value * by;
#else
    return value;
#endif
}

#ifdef DEBUG
fn trace(index: u32) {
    result[index] = 0.0;
}
#endif

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (id.x >= params.n_rows) {
        return;
    }
    let row = id.x * TILE;
    for (var step = 0u; step < min(TILE, limit); step++) {
        tile[local % (TILE * TILE)] = READ(row + step);
        workgroupBarrier();
        result[row] += scaled(tile[0], params.factor);
    }
}
""",
    "tile.tmpl": """\
// Elements and how they are read.
#ifdef F16
#define ELEMENT f16
#else
#define ELEMENT f32
#endif
#define READ read_element
fn read_element(at: u32) -> f32 {
    return f32(source[at]);
}
""",
}
COMPLETED = (
    "    return value;\n", "}\n\n", "defined(", "vec3<", "id.", "#el", "// Mult", "params.n", "#include", "@builtin(",
    "#ifdef D", "let row = ", "params.", "scaled(", "@compute @work", "array<", '#include "t', "for (var step = 0u; ",
)  # fmt: skip
"""Behind these."""
EVERY_KIND = {
    CONFIG: """\
[[shader]]
files = ["every.wgsl"]
axes = { KIND = [{}, { WIDE = "", N = 8 }, { WIDE = "", N = 4 }] }
""",
    "every.wgsl": """\
enable f16, subgroups;
requires pointer_composite_access;
diagnostic(off, derivative_uniformity);
#ifndef WIDE
#define STEP 2u
#elif N == 8
#define STEP min(4u, 0x1fu) | FAR
#else
#undef FAR
#define STEP 1u
#endif

/* Rows.
 *
 * In order. */
alias Row = array<vec4<f32>, 4>;
alias Other = Pair;
/// Two of them.
// -----
struct Pair { one: f32, /* none */ @size(16) two: vec2<u32>, } // both
struct Drawn {
    @builtin(position) place: vec4<f32>,
    @location(0) @interpolate(flat, either) tint: u32,
    @location(1) @interpolate(perspective, centroid) glow: vec3<f32>,
}
const SIDE = 4;
const ROW_LENGTH: u32 = 1u << 3;
const_assert SIDE > 2;
override width: u32 = 8;
@id(7) override depth: f32;
var<private> counter: i32 = -1;
var<workgroup> line_of: array<atomic<u32>, ROW_LENGTH>;
var<workgroup> wide: array<f32, width>;
@group(0) @binding(0) var<storage, read_write> pairs: array<Pair>;
@group(0) @binding(1) var<uniform> rows: Row;
@group(0) @binding(2) var image: texture_2d<f32>;
@group(0) @binding(3) var how: sampler;
@group(0) @binding(4) var made: texture_storage_2d<rgba8unorm, write>;

@must_use fn pick(at: ptr<function, f32>, chosen: Other) -> f32 {
    return *at + chosen.one;
}
fn everything(n: i32, is_on: bool) -> i32 {
    var a = n;
    let b = vec2<f16>(1.5h, 2.0h);
    const c = 1e3f;
    var inner: f32 = c;
    a += 1; a -= 1; a *= 2; a /= 2; a %= 7; a &= 5; a |= 8; a ^= 1; a <<= 1u; a >>= 1u; a++; a--; _ = b.yx;
    if is_on && !is_on { a = ~a; } else if a != 3 || a >= 4 { a = -a; } else { return 1; }
    for (var i = 0; i < n; i++) { continue; }
    while (a > 0) { break; }
    loop { continuing { a--; break if a <= 0; } }
    switch a { case 0, 1: { return 2; } default: {} }
    pairs[STEP].one = pick(&inner, Other(f32(SIDE), vec2u(STEP, 3))) + select(1.0, 2.0, a == 3);
    {
        let a = pairs[1]; inner = a.one;
    }
    return i32(atomicAdd(&line_of[0], 1u)) + i32(wide[1]);
}
@vertex fn corner(@builtin(vertex_index) number: u32) -> Drawn {
    return Drawn(vec4f(f32(number)), 1u, vec3f());
}
@fragment fn colour(drawn: Drawn) -> @location(0) vec4<f32> {
    if drawn.tint == 0u { discard; }
    return textureSample(image, how, drawn.place.xy) * rows[1];
}
@compute @workgroup_size(ROW_LENGTH, 2) fn compute(@builtin(subgroup_size) size: u32) {
    textureStore(made, vec2u(1, size), vec4f(depth));
    counter = everything(counter, true) + i32(subgroupAdd(1u));
    workgroupBarrier();
}
""",
}


ODD = {
    CONFIG: """\
[[shader]]
files = ["odd.wgsl"]
overrides = { required = 4 }
axes = { A = ["", "A=1"], B = ["B=1", "B=2", "B=3"] }
rules = [{ when = "A == 1", define = ["GIVEN=rest_of(1u)"] }]
""",
    "odd.wgsl": """\
#define SELF SELF + 1
#define LONG 1.0 + 2.0 + 3.0 + 4.0 + 5.0 + 6.0 + 7.0 + 8.0 + 9.0
#define PICK values[0]
#define EMPTY
#define B 7
#ifdef NEVER
fn never(p: Uniforms) -> f32 {
    let q = p.row;
    return q.x + SELF + LONG;
}
#include "unread.tmpl"
#endif
#if !A && B == 2
#include "gone.tmpl"
#endif
#if B == 1 || \\
    B > 3
#define ONE vec4
#elif B == 2 && defined(A)
#define ONE vec3
#elif B
#define ONE vec2
#else
#define ONE f32
#endif
// #region layout
struct Inner { a: f32 }
struct Uniforms {
    row: vec4<f32>, // the first
    list: array<f32, 4>,
    one: f32,
    inner: Inner,
    @align(16) last: array<Inner, 2>,
}
struct Rest { n: u32, rest: array<vec2<u32>> }
// #endregion
@group(0) @binding(0) var<uniform> uniforms: Uniforms;
@group(0) @binding(1) var<storage, read_write> rest: Rest;
@id(3) override required: u32;
override both = required * 2u;
const values = array(1.5, 2.5, 3.5);
const BIG = 0xffffffffu; const LOW = -7;
const part = ONE(1.0);
/** What is pointed at.
 */
fn pointers(p: ptr<function, Uniforms>, q: ptr<storage, Rest, read_write>) -> f32 {
    let row = &(*p).row;
    (*p).row.xy = vec2f(PICK);
    var m = mat2x3<f32>(1, 2, 3, 4, 5, 6);
    m[0] = m[1].zyx;
    return (*row).wzyx.x + (*p).one + f32(q.rest[0].y) + m[0][1] + LONG;
}
fn rest_of(n: u32) -> u32 { return rest.n - n; }
#ifdef GIVEN
fn given() -> u32 { return GIVEN + BIG EMPTY; }
#endif
#if A
#if B == 3
fn deep() { let a = given(); let b = deeper(a, a); }
fn deeper(one: u32, other: u32) -> u32 { return select(one, other, one < other); }
#endif
#endif
@compute @workgroup_size(both, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u) {
    var here = uniforms;
    loop {
        if group.x > BIG { break; } else if group.y == 0u { continue; }
        rest.rest[group.x] = vec2u(u32(pointers(&here, &rest)), u32(LOW + 8));
        return;
    }
}
""",
    "unread.tmpl": "#ifdef LOST\nconst lost = 1;\n#endif\n",
}


def project() -> Project:
    return Project.of(FILES)


def said_of_files(shader: Project, root: str, *headers: str) -> Iterator[str]:
    """Of each of their lines, names and calls, and of their root's variants."""
    index = NameIndex(shader.front_end)
    snapshot, view = shader.snapshot, shader.view(root)

    def at(location: Location) -> str:
        return shader.shown(location).replace("\n", "\\n")

    yield "== variants and findings"
    report = shader.check(root)
    for verdict in report.verdicts:
        yield f"{verdict.name}: {verdict.state} {verdict.verdicts}"
    for item in report.diagnostics:
        yield f"{at(item.location)} {item.severity.name} {item.code}: {item.message} ({item.summary})"
        yield from (f"  {at(one.location)} {one.message}" for one in item.related)
        yield f"  fixes: {[fix.title for fix in fixes_for(snapshot, shader.front_end, view, item)]}"
    for name in (root, *headers):
        text, path = shader.text(name), absolute(name)
        source = snapshot.source(path)
        tree = snapshot.tree(path)
        assert isinstance(source, SourceFile)
        here = shader.cursor_in(name, 0)

        yield f"== hints of {name}"
        hinted = text
        for hint in reversed(inlay_hints(here, Span(0, len(text)))):
            tooltip = f" ({hint.tooltip})" if hint.tooltip else ""
            hinted = f"{hinted[: hint.offset]}«{hint.label}{tooltip}»{hinted[hint.offset :]}"
        yield from hinted.splitlines()
        yield f"== outline of {name}"
        yield from (line for symbol in file_symbols(tree) for line in _outline(text, symbol))
        yield f"== folds of {name}"
        yield from (str(fold) for fold in folding_ranges(tree, source.lines))
        yield f"== words of {name}"
        lines: dict[int, list[str]] = {}
        for token in semantic_tokens(here):
            word = text[token.start : token.start + token.length]
            shown = ".".join((f"{word}:{token.type}", *sorted(token.modifiers)))
            lines.setdefault(source.lines.line_of(token.start) + 1, []).append(shown)
        yield from (f"{line}: {' '.join(words)}" for line, words in lines.items())
        yield f"== lines of {name}"
        explained = []
        for line in range(source.lines.n_lines):
            found = explain_line(snapshot, view, path, line)
            reasons = [(words, found.labels_of(variants)) for words, variants in found.reasons]
            explained.append(f"{found.condition} {found.labels_of(found.active)} {reasons}")
        for words, group in groupby(range(source.lines.n_lines), explained.__getitem__):
            lines_of = list(group)
            yield f"{lines_of[0] + 1}-{lines_of[-1] + 1}: {words}"
        for line in (0, source.lines.n_lines - 1):
            for macro, values in macros_at_line(snapshot, view, path, line).items():
                yield f"{line + 1}: {macro} {[(one.value, one.variants) for one in values]}"
        yield f"{define_state(view, here.context, len(text) // 2)}"
        yield f"== selections of {name}"
        for offset in range(0, len(text), 31):
            spans = selection_spans(tree, source.lines, offset)
            yield f"{offset}: {[(span.start, span.end) for span in spans]}"
        yield f"== names of {name}"
        seen: set[str] = set()
        for match in re.finditer(r"[A-Za-z_]\w*", text):
            if match[0] in seen:
                continue
            seen.add(match[0])
            cursor = shader.cursor_in(name, match.start())
            yield f"-- {match[0]}"
            page = hover(cursor)
            if page is not None:
                yield from plain(page.text).splitlines()
            yield f"definitions {[at(one) for one in definitions(cursor, index)]}"
            yield f"types {[at(one) for one in type_definitions(cursor)]}"
            roots = sharing_roots(snapshot, cursor.path, match[0])
            yield f"references {[at(one) for one in references(cursor, index, roots)]}"
            try:
                edits = finished(rename_steps(cursor, index, roots, "renamed"))
                yield f"rename {[at(edit.location) for edit in edits]}"
            except Refusal as refusal:
                yield f"no rename: {refusal}"
            function = function_at(cursor, index)
            if function is not None:
                read_by = snapshot.roots_of(function.location.path)
                for what, calls in (
                    ("called by", incoming(snapshot, index, function, read_by)),
                    ("calls", outgoing(snapshot, index, function, read_by)),
                ):
                    yield f"{what} {[(one.item.name, [at(site) for site in one.sites]) for one in calls]}"
        yield f"== calls of {name}"
        for match in re.finditer(r"\w\(|, ", text):
            help_ = signature_help(shader.cursor_in(name, match.end()))
            if help_ is not None:
                shown = help_.signatures[help_.active]
                yield f"{match.end()}: {shown.label} {shown.parameters} {help_.parameter} of {len(help_.signatures)}"
    here = shader.cursor_in(root, 0)
    yield "== lenses"
    yield from map(str, root_lenses(view, report, 1))
    yield from map(str, entry_point_lenses(view, shader.front_end, here.context, here.path))


def said(shader: Project) -> Iterator[str]:
    """Of both files of this one: what they include, which variants differ in what, and what may be written where."""
    snapshot, view = shader.snapshot, shader.view("kernel.wgsl")

    def at(location: Location) -> str:
        return shader.shown(location).replace("\n", "\\n")

    here = shader.cursor_in("kernel.wgsl", 0)
    yield str(include_lens(view, shader.cursor_in("tile.tmpl", 0).context))
    for offset, directive in here.tree.directives():
        yield f"{offset} {directive.kind} matches {matching_directives(here, offset)}"
    yield "== names and variants"
    for covered in coverage(snapshot, view):
        yield f"{covered.path} {covered.lines}"
    for name in dict.fromkeys(re.findall(r"[A-Za-z_]\w*", shader.text("kernel.wgsl") + shader.text("tile.tmpl"))):
        classes = [
            [view.variants[one].name for one in indices(mask)] for mask in variant_classes(snapshot, view, [name])
        ]
        if len(classes) > 1:
            yield f"{name}: {classes} {representatives(snapshot, view, [name], 3)}"
    for label in labels_of(view.variants):
        yield str(label)
    text = view.expansion(2).text
    number = text.count("\n", 0, text.index("tile[local")) + 1
    line = text.splitlines()[number - 1]
    for asked in (
        text,
        text + "\n",
        f"{number} │ {line}\n",
        f":{number}:9 error: no\n{line}\n",
        f"in F16+TILE=8\n{number} │ {line}",
    ):
        yield f"{[(one.variant, one.by, list(map(at, one.places))) for one in identify([view], asked)]}"
    changed = {absolute("kernel.wgsl"): [2, 19, 21, 23, 28, 40], absolute("tile.tmpl"): [2, 4]}
    found_cover = cover(snapshot, [view], changed, {}, ())
    yield f"{found_cover.chosen} {list(map(at, found_cover.unreached))}"
    yield "== completions"
    for words in COMPLETED:
        offset = shader.text("kernel.wgsl").index(words) + len(words)
        found_items = complete(shader.cursor_in("kernel.wgsl", offset))
        if found_items is None:
            yield f"-- {words!r} nothing"
            continue
        yield f"-- {words!r} {found_items.span}"
        items = sorted(found_items.items, key=lambda one: (one.order, one.rank, one.label))
        yield from (f"{one.label} {one.kind} {one.detail!r} {one.text!r}" for one in items[:25])
        yield f"snippets {[one.label for one in items if one.kind == 'snippet']}"


CONFIGURED = """\
dialect = "ggml"
profiles = ["nvidia", "safari-26", "firefox-141", "mine"]
engines = ["dawn"]
[profile.mine]
extends = "apple-m"
workgroup-storage = 512
subgroup-matrix = ["8x8x8 f16 f16"]
lacks = ["f16"]
[rules]
"lint/unused-macro" = "off"
"wgsl/name" = { severity = "warning", targets = { wgpu = "off" } }
[host]
library = "ggml"
device = { limit = "invocations" }
[[shader]]
name = "all"
files = ["*.wgsl", "!none.wgsl"]
defines = ["WG_SIZE=64"]
axes = { TYPE = ["F32", "F16"], MODE = [{}, { SCALED = "" }] }
rules = [{ when = "F16 && TILE > 8", define = ["DEBUG"] }, { forbid = "SCALED" }, { require = "F16 || F32" },
  { compute = { N = "TILE * 2" } }, { undefine = ["SCALED"] }, { define = ["WIDE"] }]
[[shader.variant]]
name = "one"
extends = "two"
defines = { TILE = 8 }
[shader.smoke]
tolerance = 1
"""


def said_of_configuration(shader: Project) -> Iterator[str]:
    """Of every word of one, and what may stand behind every piece of it."""
    source = SourceFile(absolute(CONFIG), CONFIGURED)
    paths = (absolute("kernel.wgsl"), absolute("tile.tmpl"))
    files = ConfigFiles(shader.snapshot, absolute(CONFIG), paths, lambda kind: (absolute(f"some.{kind}"),))
    for symbol in outline(source):
        yield from _outline(CONFIGURED, symbol)
    for match in re.finditer(r"[\w-]+", CONFIGURED):
        place = config_place(source, match.start() + 1)
        yield f"-- {match[0]}: {may_be_macro(place)} {macro_at(place)!r}"
        page = config_hover(place, files)
        if page is not None:
            yield from (line[:40] for line in plain(page.text).splitlines())
        yield f"{[shader.shown(one) for one in macro_definitions(files, match[0])]}"
        yield f"{[one.path for one in files_at(place, files)]}"
    for match in re.finditer(r"[=\[{,\"\n]", CONFIGURED):
        text = CONFIGURED[: match.end()]
        found = config_complete(config_place(SourceFile(source.path, text), len(text)), files)
        items = [f"{one.label} {one.kind} {one.detail[:30]!r} {one.text!r} {one.order}" for one in found.items[:4]]
        yield f"-- {text.rsplit(chr(10), 1)[-1]!r} {found.span} {items}"


def said_of_language() -> Iterator[str]:
    """All that is predeclared: what is offered of it, and its page."""
    for table in (
        *(keywords(inside) for inside in (True, False)),
        *(snippets(inside) for inside in (True, False)),
        *(extensions(keyword) for keyword in ("enable", "requires")),
        builtin_functions(),
        builtin_types(),
        attributes(),
        builtin_values(),
        enumerants(*dict.fromkeys(one.kind for one in ENUMERANTS.values())),
    ):
        yield "--"
        for item in table:
            yield _item(item)
            page = attribute_page if item.kind == "attribute" else name_page
            if item.source == "builtin value":
                page = builtin_value_page
            if item.kind not in ("function", "type", "module", "snippet"):  # these have many lines, and rows elsewhere
                yield "  " + plain(page(item.label).text).replace("\n", " / ")
    for keyword, table in (("enable", ENABLE_EXTENSIONS), ("requires", LANGUAGE_FEATURES)):
        yield from (plain(extension_page(name, keyword).text).replace("\n", " / ") for name in table)


def _item(item: Suggestion) -> str:
    return f"{item.sort_text} {item.kind} {item.detail!r} {item.text!r} {item.source} {'$' if item.is_snippet else ''}"


def said_where_somebody_writes() -> Iterator[str]:
    """What is offered in small texts, without what is offered everywhere."""
    everywhere = {*builtin_functions(), *builtin_types(), *keywords(True), *keywords(False)}
    everywhere |= {*snippets(True), *snippets(False), *attributes()}
    for text, *_ in OFFERED:
        found = complete(Project.of(text, variants=KINDS).cursor())
        yield f"-- {text!r} {found and (found.span, found.prefix, len(found.items))}"
        for item in found.items if found is not None else ():
            if item not in everywhere:
                yield _item(item)


def _outline(text: str, symbol: FileSymbol, depth: int = 0) -> Iterator[str]:
    yield f"{'  ' * depth}{symbol.kind} {symbol.name} {symbol.detail} {symbol.span} {symbol.name_span}"
    for child in symbol.children:
        yield from _outline(text, child, depth + 1)


def everything() -> list[str]:
    return [
        *said_of_files(project(), "kernel.wgsl", "tile.tmpl"),
        *said(project()),
        *said_of_files(Project.of(EVERY_KIND), "every.wgsl"),
        *said_of_files(Project.of(ODD), "odd.wgsl"),
        "== where somebody writes",
        *said_where_somebody_writes(),
        "== what is predeclared",
        *said_of_language(),
        "== a configuration",
        *said_of_configuration(project()),
    ]


def test_all_that_is_said() -> None:
    assert everything() == SAID.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    SAID.write_text("\n".join(everything()) + "\n", encoding="utf-8")
