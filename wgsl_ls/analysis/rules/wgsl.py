"""Rules for what compilers, and our own parser, say about an expansion, with their fixes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wgsl_ls.analysis.features.symbols import blanked
from wgsl_ls.analysis.fix import Edit, Fix, FixRequest
from wgsl_ls.analysis.rule import Rule
from wgsl_ls.preprocess.directives import Directive
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span
from wgsl_ls.wgsl.lexer import blank_block_comments, trivia_end
from wgsl_ls.wgsl.spelling import near_names

_NEAR_ENOUGH = 200
_MOST_MACROS = 1000
"""Characters between an unresolved name of ours and the engine's place for it in one expansion."""
_ENABLES = re.compile(r"^[ \t]*(?:enable|requires|diagnostic)\b[^;\n]*;[ \t]*\n", re.MULTILINE)


def _enable(request: FixRequest) -> Iterator[Fix]:
    """`enable X;` at the top of the root: behind leading comments and earlier enables."""
    name = request.subject
    text = request.view.source.text
    at = _behind_enables(text)
    if not name or (re.search(rf"\benable\b[^;]*\b{name}\b", text[: at + 200]) and not request.condition):
        return
    place = Location(request.view.path, Span(at, at))
    yield Fix(f"Add 'enable {name};'", (Edit(place, f"enable {name};\n"),), preferred=True)
    if request.condition and " is " not in request.condition:  # a value that no `#if` can ask for
        guarded = f"#if {request.condition}\nenable {name};\n#endif\n"
        yield Fix(f"Add 'enable {name};' where {request.condition}", (Edit(place, guarded),))


def _behind_enables(text: str) -> int:
    at = trivia_end(blank_block_comments(text)[0], 0)
    at = text.rfind("\n", 0, at) + 1
    for match in _ENABLES.finditer(text):
        if "#" in text[at : match.start()]:
            break
        at = match.end()
    return at


def _near_name(request: FixRequest) -> Iterator[Fix]:
    """Names in scope, and macros, that are spelt nearly like the unresolved one."""
    name = request.subject
    if not name or not request.variants:
        return
    expansion = request.view.expansion(request.view.index_by_name.get(request.variants[0], 0))
    offsets = [one.start for one in expansion.source_map.expanded(request.source.path, request.location.span)]
    candidates: list[str] = []
    for unresolved in request.front_end.analysis(expansion).unresolved:
        near = not offsets or any(abs(unresolved.start - at) < _NEAR_ENOUGH for at in offsets)
        if unresolved.name == name and near:
            candidates.extend(unresolved.candidates)
    macros = [macro for macro in expansion.replay.table_at_end() if macro]
    candidates.extend(near_names(name, macros[:_MOST_MACROS], 2, 0.75))
    candidates = [one for one in dict.fromkeys(candidates) if one not in (name, request.written)]
    if request.written == name:
        for position, candidate in enumerate(candidates):
            yield request.replace(f"Change to {candidate}", candidate, preferred=position == 0)
        return
    if not offsets:
        return
    for step in expansion.macro_steps(offsets[0]):
        definition = step.definition
        place = definition.value_location
        if definition.value == name and place is not None:
            source = request.snapshot.read(place.path)
            if isinstance(source, SourceFile) and source.text[place.span.start : place.span.end] == name:
                for candidate in candidates:
                    title = f"Change the value of {definition.name} to {candidate}"
                    yield Fix(title, (Edit(place, candidate),))


def _near_member(request: FixRequest) -> Iterator[Fix]:
    """Members spelt nearly like one that its struct does not have; our own front end knows the place of the name."""
    if not request.variants:
        return
    expansion = request.view.expansion(request.view.index_by_name.get(request.variants[0], 0))
    for problem in request.front_end.reading(expansion).problems:
        place = expansion.source_map.written(problem.start, problem.end) if problem.kind == "member" else None
        if place is None or place.location.path != request.source.path:
            continue
        span, lines = place.location.span, request.source.lines
        same_line = lines.line_of(span.start) == lines.line_of(request.location.span.start)
        name = request.source.text[span.start : span.end]
        if (same_line or request.location.span.covers(span)) and name == expansion.text[problem.start : problem.end]:
            for position, candidate in enumerate(problem.candidates):
                yield Fix(f"Change to {candidate}", (Edit(place.location, candidate),), preferred=position == 0)


def _name(request: FixRequest) -> Iterator[Fix]:
    yield from _near_name(request)
    yield from _near_member(request)
    yield from _unincluded(request)


def _unincluded(request: FixRequest) -> Iterator[Fix]:
    """`#include` of a file that declares the name, which the root does not read yet."""
    name, snapshot, root = request.subject, request.snapshot, request.view.path
    if not name:
        return
    for include_name in snapshot.include_names(root):
        source = snapshot.include(include_name, root)
        if not isinstance(source, SourceFile) or source.path in snapshot.included_files(root):
            continue
        tree = snapshot.tree(source.path)
        if source.path in snapshot.roots() or name not in tree.words | tree.defined_names:
            continue
        declares = name in tree.defined_names
        if declares or request.front_end.analyse_text(blanked(tree)).global_symbol(name) is not None:
            at = _behind_includes(request)
            place = Location(root, Span(at, at))
            yield Fix(
                f'Include "{include_name}", which declares {name}', (Edit(place, f'#include "{include_name}"\n'),)
            )


def _behind_includes(request: FixRequest) -> int:
    """Behind the last #include of the root that stands in no conditional, else behind its `enable` directives."""
    items = request.snapshot.tree(request.view.path).items
    ends = [at + node.length for at, node in items if isinstance(node, Directive) and node.kind == "include"]
    return ends[-1] if ends else _behind_enables(request.view.source.text)


_PLAIN_EQUALS = re.compile(r"\s*(?<![=<>!+\-*/%&|^])=(?!=)")


def _comparison(request: FixRequest) -> Iterator[Fix]:
    """`=` where no assignment can stand."""
    found = _PLAIN_EQUALS.match(request.source.text, request.location.span.start)
    if found is not None:
        place = Location(request.source.path, Span(found.end() - 1, found.end()))
        yield Fix("Change = to ==", (Edit(place, "=="),), preferred=True)


RULES = (
    Rule(
        id="wgsl/syntax",
        title="Our own parser cannot read the expansion",
        meaning=(
            "Our own parser cannot read the expansion. Said at once, and beside what the compilers say: they read no "
            "further than to the first such place."
        ),
        remedy="Correct the syntax. Through a macro, the related places lead to its definition.",
        fixes=_comparison,
    ),
    Rule(
        id="wgsl/unread",
        title="Our own front end did not read the text to its end",
        meaning=(
            "The expansion is longer, or nested more deeply, than our own front end reads. It judges nothing of it: "
            "what it would find, device profiles and lints may be missing. Compilers are given the text all the same; "
            "the command line ends with 2 if nothing worse is found."
        ),
        severity=Severity.WARNING,
        remedy="Look for macros that grow when they are expanded, or split the shader.",
    ),
    Rule(
        id="wgsl/parse",
        title="A compiler cannot read the expansion",
        meaning="A compiler cannot read the expansion: `expected ';'`, an invalid token, a missing `enable`.",
        remedy="Correct the syntax; `wgsl-ls expand` shows the text that the compiler got.",
        fixes=_comparison,
    ),
    Rule(
        id="wgsl/extension",
        title="An extension that the text does not enable",
        meaning="The expansion uses what belongs to an extension, and has no `enable` directive for it.",
        remedy=(
            "Write `enable f16;` (the message names the extension) in front of every declaration, within the same "
            "conditions as its use."
        ),
        fixes=_enable,
    ),
    Rule(
        id="wgsl/name",
        title="A name is declared nowhere",
        meaning=(
            "A name is declared nowhere in the expansion of these variants. Often the declaration stands in a branch "
            "that they do not take, or a macro has no value there."
        ),
        remedy=(
            "Define the macro or declare the name for those variants; `wgsl-ls explain FILE:LINE` says which branches"
            " are taken."
        ),
        fixes=_name,
    ),
    Rule(
        id="wgsl/type",
        title="Types do not fit",
        meaning="Types do not fit: an argument, an operand, an initial value (`let n : u32 = 1.0;`).",
        remedy="Convert, or choose the type by the same macro that chooses the value.",
        fixes=_near_member,
    ),
    Rule(
        id="wgsl/validation",
        title="A rule of WGSL forbids it",
        meaning=(
            "The text parses and its types fit, and a rule of WGSL forbids it: a barrier in non-uniform control flow,"
            " two resources at one binding, an index outside of an array."
        ),
        remedy="The message names the rule.",
        fixes=_near_member,
    ),
    Rule(
        id="wgsl/pipeline",
        title="The entry point cannot become a pipeline",
        meaning=(
            "The module is right, and the entry point cannot become a compute pipeline, for instance because its "
            "workgroup size is zero under these override values."
        ),
        remedy="Look at the related places; set `overrides` of the variant.",
    ),
    Rule(
        id="wgsl/override-value",
        title="An override has no value",
        meaning="An `override` has no default, and the variant gives it no value.",
        remedy="Give it a default, or set it in `overrides` of the shader or the variant.",
    ),
    Rule(
        id="wgsl/lint",
        title="A compiler's warning",
        meaning="A compiler's warning, such as unreachable code or a uniformity rule that was switched off.",
        remedy="As the message says; a `diagnostic` directive in the shader switches the rule.",
        severity=Severity.WARNING,
    ),
    Rule(
        id="wgsl/deprecated",
        title="A compiler calls this deprecated",
        meaning="A compiler calls a name or a form deprecated. A hint only.",
        remedy="Use what the message names instead.",
        severity=Severity.HINT,
    ),
)
