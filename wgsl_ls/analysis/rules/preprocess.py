"""Rules of the preprocessor: what its reference stops at (or, once, lets pass in silence), with their fixes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wgsl_ls.analysis.fix import Edit, Fix, FixRequest
from wgsl_ls.analysis.rule import Rule
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.wgsl.spelling import near_names

_OTHER_LANGUAGES = {"elseif": "elif", "elsif": "elif", "elseifdef": "elif", "fi": "endif", "end": "endif"}


def _close_at_the_end(request: FixRequest) -> Iterator[Fix]:
    if request.placed_directive is None:
        return
    _, directive = request.placed_directive
    subject = directive.condition.text if directive.condition else directive.name
    text = request.source.text
    newline = "" if text.endswith("\n") or not text else "\n"
    edit = Edit(request.place(len(text), len(text)), f"{newline}#endif // {subject}\n")
    yield Fix("Add #endif at the end of the file", (edit,), preferred=True)


def _remove(request: FixRequest) -> Iterable[Fix]:
    found = request.placed_directive
    return request.remove_directive(f"Remove this #{found[1].keyword}") if found is not None else ()


def _known_directive(request: FixRequest) -> Iterator[Fix]:
    if request.placed_directive is None:
        return
    start, directive = request.placed_directive
    span = directive.keyword_span.shifted(start)
    written = request.source.text[span.start : span.end]
    if directive.keyword.startswith("if("):
        behind = span.start + written.index("if") + 2
        yield Fix("Put a space behind #if", (Edit(request.place(behind, behind), " "),), preferred=True)
        return
    known = sorted(request.snapshot.tree(request.source.path).dialect.directives)
    word = directive.keyword.split("(")[0]
    meant = _OTHER_LANGUAGES.get(word)
    for number, near in enumerate([meant] if meant in known else near_names(word, known, 2, 0.6)):
        edit = Edit(request.place(span.start, span.end), written.replace(directive.keyword, near))
        yield Fix(f"Change to #{near}", (edit,), preferred=number == 0)


def _near_include(request: FixRequest) -> Iterator[Fix]:
    if request.placed_directive is None:
        return
    start, directive = request.placed_directive
    span = directive.name_span.shifted(start)
    names = request.snapshot.include_names(request.view.path)
    tail = directive.name.rpartition("/")[2]
    likely = [name for name in names if name.rpartition("/")[2] == tail]
    likely += near_names(directive.name, names, 3, 0.75)
    for near in dict.fromkeys(likely):
        edit = Edit(request.place(span.start, span.end), near)
        yield Fix(f'Include "{near}" instead', (edit,), preferred=near == likely[0])
    yield from request.remove_directive("Remove this #include")


RULES = (
    Rule(
        id="preprocess/unclosed-conditional",
        title="A conditional has no #endif",
        meaning="An `#if`, `#ifdef` or `#ifndef` has no `#endif`; it is marked at its opening line.",
        remedy=(
            "Add the `#endif`. Indentation often shows which block it belongs to; the outline and folding show how "
            "far the block reaches now."
        ),
        certain=True,
        fixes=_close_at_the_end,
    ),
    Rule(
        id="preprocess/elif-without-if",
        title="#elif outside of every conditional",
        meaning="An `#elif` stands outside of every conditional.",
        remedy="Remove it, or look above for an `#endif` too many.",
        certain=True,
        fixes=_remove,
    ),
    Rule(
        id="preprocess/else-without-if",
        title="#else outside of every conditional",
        meaning="An `#else` stands outside of every conditional.",
        remedy="Remove it, or look above for an `#endif` too many.",
        certain=True,
        fixes=_remove,
    ),
    Rule(
        id="preprocess/endif-without-if",
        title="#endif closes nothing",
        meaning="An `#endif` closes nothing.",
        remedy="Remove it, or restore the `#if` it belonged to.",
        certain=True,
        fixes=_remove,
    ),
    Rule(
        id="preprocess/branch-after-else",
        title="A branch behind #else is never taken",
        meaning=(
            "An `#elif` or `#else` follows an `#else` of the same conditional and is never taken. The preprocessor "
            "accepts it in silence, so it is a warning."
        ),
        remedy="Move it above the `#else`, or close the conditional first.",
        severity=Severity.WARNING,
    ),
    Rule(
        id="preprocess/unknown-directive",
        title="A directive that the dialect does not know",
        meaning=(
            "A line begins with `#` and a word that this dialect does not know: a misspelling (`#endfi`), `#if(X)` "
            "without the space, or `#undef` in the `pre-wgsl` dialect."
        ),
        remedy="Write a directive of the dialect; choose the dialect with `dialect` in the configuration.",
        certain=True,
        fixes=_known_directive,
    ),
    Rule(
        id="preprocess/old-template",
        title="A template of ggml's former embed_wgsl.py",
        meaning=(
            "The file is one of ggml's older templates, which a script cut at `#define(VARIANTS)`, `#end(VARIANTS)`, "
            "`#decl(...)` and such before anything was preprocessed. No preprocessor reads these lines. Said once per "
            "file."
        ),
        remedy="Write its parts as `#ifdef` blocks and includes, or keep the file out of the workspace's shaders.",
        certain=True,
    ),
    Rule(
        id="preprocess/condition",
        title="A condition that cannot be evaluated",
        meaning=(
            "A condition cannot be evaluated: a `)` is missing, a macro in it leads back to itself, a number does not"
            " fit in 32 bits, or, in the `pre-wgsl` dialect, a macro whose value it needs has none that begins with a"
            " number. Other slips do not stop the preprocessor: a name that is no macro counts as 0, and so does the "
            "rest behind `#if A &&`."
        ),
        remedy="Correct the expression, or give the macro a numeric value; `defined(X)` asks only whether it exists.",
    ),
    Rule(
        id="preprocess/recursive-macro",
        title="A macro leads back to itself",
        meaning=(
            "The value of a macro leads back to the macro itself: `#define A B` and `#define B A`. The message shows "
            "the chain."
        ),
        remedy="Break the cycle. Unlike C, this preprocessor does not leave the inner name as it stands.",
    ),
    Rule(
        id="preprocess/long-macro",
        title="A macro expands to too much text",
        meaning=(
            "A macro expands to more than a million characters, usually because each of many macros uses the one "
            "before it twice."
        ),
        remedy="Shorten the chain.",
    ),
    Rule(
        id="preprocess/include-not-found",
        title="The file of an #include was not found",
        meaning="The file of an `#include` was not found; the message names the folders that were searched.",
        remedy="Correct the name, or add the folder to `include-dirs`.",
        certain=True,
        fixes=_near_include,
    ),
    Rule(
        id="preprocess/include-cycle",
        title="A file includes itself",
        meaning=(
            "A file includes itself, directly or through others. The message shows the chain; there are no include "
            "guards that could stop it."
        ),
        remedy="Move what both need into a third file.",
        certain=True,
    ),
    Rule(
        id="preprocess/include-depth",
        title="Includes are nested too deep",
        meaning="Includes are nested deeper than any real shader nests them.",
        remedy="Flatten them; look for a cycle through different names of one file.",
    ),
    Rule(
        id="preprocess/too-many-includes",
        title="A variant reads too many files",
        meaning="A variant reads more files than any real shader reads.",
        remedy="Look for includes that double at each level.",
    ),
    Rule(
        id="preprocess/text-too-long",
        title="The text or its expansion is too long",
        meaning="The expansion is longer than any compiler would take, or a file has more directives than are read.",
        remedy="Look for macros or includes that double at each level; cut a generated file into parts.",
    ),
)
