"""Guesses: what to say about a variant that nobody declared.

A shader whose macros come from a host program cannot compile by itself, and a combination of macros that no host
gives may leave out a declaration. Complaining about each would be a page of false errors. So in default and inferred
variants every name without a meaning (by name resolution over the tree) is one of these: misspelt, when a declared
name is a slip away; declared in another branch of the same files, so that this combination of branches is not meant
to be; a macro of the host program; or plainly unknown. Engines get the text with stand-ins for what the host gives
(stand_ins.py; bare_names.py where no name can stand), so that they judge the rest; of what they say, what rests on a
stand-in is left out, and everything where branches do not fit each other. What our own front end is sure of stays (it
knows nothing of a name without a meaning, and says nothing of what depends on one), and one piece of information stands
at the first macro.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from wgsl_ls.analysis.bare_names import Bare, bare_steps
from wgsl_ls.analysis.features.symbols import blanked
from wgsl_ls.analysis.findings import Finding, problem_findings
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.stand_ins import rests_on_steps, stand_in_steps
from wgsl_ls.preprocess.directives import Conditional, DirectiveTree
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.span import Location, Span
from wgsl_ls.text.steps import Steps, finished
from wgsl_ls.wgsl.lexer import trivia_end

if TYPE_CHECKING:
    from wgsl_ls.wgsl.problems import Problem
    from wgsl_ls.wgsl.symbols import Analysis

UNDECLARED = "variants/undeclared"
_MOST_ROUNDS = 3
_OF_THE_LINE = ("name", "syntax", "arity", "few", "condition", "flow")
"""Problems that do not depend on what names declared elsewhere mean."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Names without a meaning that are no mistake: (name, place in the expanded text) each. `host_macros`: what the
    host program defines; `elsewhere`: what another branch of the same files declares, or two of these."""

    host_macros: tuple[tuple[str, Span], ...] = ()
    elsewhere: tuple[tuple[str, Span], ...] = ()


def is_guessed(variant: Variant) -> bool:
    """Nobody declared it."""
    return variant.origin in ("inferred", "default")


def readable(view: RootView, index: int, front_end: FrontEnd) -> Expansion:
    """What our own front end gets of a variant: its expansion, in one that nobody declared without the macros of the
    host that stand where no name can."""
    return finished(readable_steps(view, index, front_end))


def readable_steps(view: RootView, index: int, front_end: FrontEnd) -> Steps[Expansion]:
    return (yield from _bare_steps(view, index, front_end)).expansion


def _bare_steps(view: RootView, index: int, front_end: FrontEnd) -> Steps[Bare]:
    """Kept with the expansion."""
    expansion = view.expansion(index)
    if not is_guessed(view.variants[index]) or expansion.failed:
        return Bare(expansion, front_end)
    known: Bare | None = expansion.__dict__.get("_bare")
    if known is None:
        may_be = _may_be_hosts(view, expansion, front_end)
        known = expansion.__dict__["_bare"] = yield from bare_steps(view, index, front_end, may_be)
    return known


def _may_be_hosts(view: RootView, expansion: Expansion, front_end: FrontEnd) -> Callable[[str], bool]:
    from wgsl_ls.wgsl.spelling import Slips

    @cache
    def written() -> tuple[_WrittenNames, Slips, Slips]:
        names = finished(_WrittenNames.steps(view, expansion, front_end))
        return names, Slips(names.macros), Slips(names.declared)

    def may_be(name: str) -> bool:
        if not _is_macro_like(name) or name in expansion.replay.undefined() or name in expansion.replay.table_at_end():
            return False
        names, *slips = written()
        if name in names.macros:
            return True
        is_slip = any(one.of(name) is not None for one in slips)
        return not (name in names.declared or name in names.with_parameters or is_slip)

    return may_be


def stood_in(view: RootView, index: int, front_end: FrontEnd) -> Expansion:
    """See stood_in_steps."""
    return finished(stood_in_steps(view, index, front_end))


def stood_in_steps(view: RootView, index: int, front_end: FrontEnd) -> Steps[Expansion]:
    """What an engine gets of a variant: its expansion, in one that nobody declared with stand-ins for the macros of
    the host. Kept with the expansion."""
    expansion, variant = view.expansion(index), view.variants[index]
    if not is_guessed(variant) or expansion.failed:
        return expansion
    known: Expansion | None = expansion.__dict__.get("_stood_in")
    if known is None:
        analysis = yield from front_end.analysis_steps(expansion)
        if analysis.module.errors:
            yield from _WrittenNames.steps(view, expansion, front_end)
        without = yield from _bare_steps(view, index, front_end)
        known = without.expansion
        defines = dict(without.defines)
        for _ in range(_MOST_ROUNDS):  # a macro that is given may open a branch that needs another
            yield from front_end.analysis_steps(known)
            missing = yield from _missing_steps(view, known, front_end, inferred=variant.origin == "inferred")
            names = [name for name, _ in missing.host_macros if name not in defines]
            if not names or missing.elsewhere:
                break
            defines.update((yield from stand_in_steps(front_end.analysis(known), names)).defines)
            known = view.expansion_with(index, [f"{name}={value}" for name, value in defines.items()])
        yield from front_end.reading_steps(known)  # whoever reports a variant asks for it
        expansion.__dict__["_stood_in"] = known
    return known


def without_guesswork(
    view: RootView, index: int, front_end: FrontEnd, findings: Sequence[Finding]
) -> Steps[tuple[tuple[Finding, ...], bool]]:
    """`findings` of an undeclared variant, less those that a missing name explains, and whether there may be mistakes
    that were left out with them."""
    variant, without = view.variants[index], (yield from _bare_steps(view, index, front_end))
    expansion = without.expansion
    missing = yield from _missing_steps(view, expansion, front_end, inferred=variant.origin == "inferred")
    if not missing.host_macros and not missing.elsewhere and not without.defines:
        return tuple(findings), False
    explained = {span for _, span in (*missing.host_macros, *missing.elsewhere)}
    problems = (yield from front_end.reading_steps(expansion)).problems
    macros = sorted(span.start for _, span in missing.host_macros)
    by_a_piece = {
        problem
        for problem in problems
        if without.explains(problem) or (problem.kind == "few" and _may_be_several(expansion.text, problem, macros))
    }
    analysis = front_end.analysis(expansion)
    names = {name for name, _ in (*missing.host_macros, *missing.elsewhere)}
    if missing.elsewhere:  # then what is declared at module scope in some branch may be that of another combination
        yield
        texts = {source.path: source.text for source in view.files_of(expansion)}
        for symbol in analysis.global_symbols:
            yield
            if _is_in_a_branch(view, expansion, texts, symbol.start):
                names.add(symbol.name)
    yield
    depends = yield from rests_on_steps(analysis, names, without.anchors)
    yield
    own = []
    for problem in problems:
        span = Span(problem.start, problem.end)
        # The branches of a function that return are often those of macros that are not given.
        if span in explained or problem.kind == "return" or problem in by_a_piece:
            continue
        if (
            problem.kind in _OF_THE_LINE
            or not missing.elsewhere
            or not depends(span)
            or _is_one_branch(view, expansion, analysis, problem)
        ):
            own.append(problem)
        yield
    given = [place for _, place in without.uses]
    kept = [finding for finding in findings if not finding.judges]
    kept.extend(problem_findings(expansion, own))
    stood = yield from stood_in_steps(view, index, front_end)
    if stood is not expansion:  # whatever stands for a component, the vector has no others
        selections = (problem for problem in front_end.reading(stood).problems if problem.kind == "selection")
        kept.extend(problem_findings(stood, selections))
    for finding in findings:
        yield
        if finding.engines and finding.places and not _is_at(finding.location, given):
            there = expansion.source_map.expanded(finding.location.path, finding.location.span)
            is_explained = any(place.covers(span) for place in there for span in explained) or any(
                place.intersects(Span(one.start, one.end)) for place in there for one in by_a_piece
            )
            if finding.code == "wgsl/name" and any(without.is_beside(place.start) for place in there):
                continue
            if finding.code == "wgsl/parse" and not without.is_whole:
                continue
            if there and not is_explained and not any(map(depends, there)):
                kept.append(finding)
    information = _information(expansion, missing, without.uses)
    kept.extend([information] if information is not None else [])
    return tuple(dict.fromkeys(kept)), bool(missing.elsewhere)


def _may_be_several(text: str, call: Problem, macros: Sequence[int]) -> bool:
    """Whether a macro of the host (`macros`: where they stand, sorted) is among the arguments of a call itself: it may
    be more than one of them."""
    first, behind = bisect_left(macros, call.start), bisect_left(macros, call.end)
    inside = (text[call.start : at] for at in macros[first:behind])
    return any(before.count("(") - before.count(")") == 1 for before in inside)


def _is_in_a_branch(view: RootView, expansion: Expansion, texts: Mapping[str, str], at: int) -> bool:
    """Whether a directive decides if what stands at a place of an expanded text is there at all. `texts`: of its files,
    by path."""
    origin = expansion.origin(at)
    if origin is None:
        return True
    instance, offset = expansion.replay.instances[origin.instance], origin.location.span.start
    while True:
        items = view.tree(texts.get(instance.path, "")).items
        if any(isinstance(item, Conditional) and 0 <= offset - start < item.length for start, item in items):
            return True
        parent, site = instance.parent, instance.site
        if parent is None or site is None:
            return False
        instance, offset = expansion.replay.instances[parent], site.start


def _is_at(place: Location, given: Sequence[Location]) -> bool:
    """What is told there is about a stand-in of ours."""
    return any(one.path == place.path and one.span.intersects(place.span) for one in given)


def _information(expansion: Expansion, missing: Missing, uses: Sequence[tuple[str, Location]]) -> Finding | None:
    of_host = bool(missing.host_macros or uses)
    places = list(uses)
    for name, span in missing.host_macros if of_host else missing.elsewhere:
        origin = expansion.source_map.written(span.start, span.end)
        places.extend([(name, origin.location)] if origin is not None else [])
    if not places:
        return None
    first = places[0][1].path
    places = sorted(places, key=lambda one: (one[1].path != first, one[1]))
    names = list(dict.fromkeys(name for name, _ in places))
    message = undeclared_words(names, are_hosts=of_host)
    subject = " ".join(names) if of_host else ""
    return Finding(places[0][1], Severity.INFORMATION, UNDECLARED, message, subject=subject)


def undeclared_words(names: Sequence[str], are_hosts: bool) -> str:
    """What is said of names that variants which nobody declared lack."""
    shown = ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
    if are_hosts:
        what = f"nothing here defines {shown}: the host program does"
    else:
        what = (
            f"these macros take branches that do not fit each other: {shown} would be declared by another one, or is "
            "declared twice"
        )
    return f"{what}. Declare the variants in wgsl-ls.toml (or import them) to have every one of them compiled"


def _missing_steps(view: RootView, expansion: Expansion, front_end: FrontEnd, *, inferred: bool) -> Steps[Missing]:
    """What the names without a meaning in an expansion are; kept with it. `inferred`: its macros are our own idea, so
    that a name declared twice comes from branches that were never meant to be active together."""
    cached: Missing | None = expansion.__dict__.get("_missing_names")
    if cached is None:
        cached = yield from _missing_names(view, expansion, front_end, inferred)
        expansion.__dict__["_missing_names"] = cached
    return cached


def _missing_names(view: RootView, expansion: Expansion, front_end: FrontEnd, inferred: bool) -> Steps[Missing]:
    from wgsl_ls.wgsl.spelling import Slips, slip_of

    analysis = yield from front_end.analysis_steps(expansion)
    problems = (yield from front_end.reading_steps(expansion)).problems
    yield
    twice = [
        (expansion.text[problem.start : problem.end], Span(problem.start, problem.end))
        for problem in problems
        if inferred and problem.kind == "redeclaration" and not _is_one_branch(view, expansion, analysis, problem)
    ]
    members = [
        (name, Span(problem.start, problem.end))
        for problem in problems
        if problem.kind in ("member", "selection")
        and _is_macro_like(name := expansion.text[problem.start : problem.end])
        and name not in expansion.replay.table_at_end()
    ]
    if not analysis.unresolved:
        return Missing(tuple(members), tuple(twice))
    written = yield from _WrittenNames.steps(view, expansion, front_end)
    yield
    here = {symbol.name for symbol in analysis.global_symbols}
    slips = Slips(written.declared)
    macro_slips = Slips(written.macros)
    locals_of: dict[str, set[str]] = {}
    for symbol in analysis.locals:
        locals_of.setdefault(symbol.owner, set()).add(symbol.name)
    host: list[tuple[str, Span]] = members
    elsewhere: list[tuple[str, Span]] = []
    no_macros = expansion.replay.undefined() | front_end.lost_names(expansion)
    for number, unresolved in enumerate(analysis.unresolved):
        if not number % 8:
            yield
        name, span = unresolved.name, Span(unresolved.start, unresolved.end)
        if name in no_macros:
            continue  # the files define it, and end that before this use; or declare it behind an error of syntax
        owner = analysis.function_at(span.start)
        is_local = name in written.locals_at(expansion, span) and name not in locals_of.get(owner, ())
        if is_local or (name in written.declared and name not in here):
            elsewhere.append((name, span))
            continue
        if name in written.with_parameters:
            continue  # it was meant here, and the dialect does not have it
        later = expansion.replay.table_at_end().get(name)
        if later is not None and later.location is not None:
            continue  # the files define it, behind this use
        if name in written.macros:
            host.append((name, span))
        elif (
            slip_of(name, unresolved.candidates) is not None
            or slips.of(name) is not None
            or (_is_macro_like(name) and macro_slips.of(name) is not None)
        ):
            continue
        elif _is_macro_like(name):
            host.append((name, span))
        elif inferred and _is_included(view, expansion, span):
            elsewhere.append((name, span))
    return Missing(tuple(host), (*elsewhere, *twice))


def _is_one_branch(view: RootView, expansion: Expansion, analysis: Analysis, problem: Problem) -> bool:
    """Of a name that is declared twice, or cannot be assigned to: its declaration and the place of the problem stand in
    one piece of code without a directive, so that whoever has one has the other."""
    declared = [start for start, _, _ in problem.related]
    symbol = analysis.symbol_at(problem.start) if problem.kind == "assignment" else None
    if symbol is not None:
        declared.append(symbol.start)
    elif problem.kind != "redeclaration":
        return False
    place = expansion.origin(problem.start)
    for start in declared:
        earlier = expansion.origin(start)
        if place is None or earlier is None or earlier.instance != place.instance:
            return False
        between = earlier.location.span.start, place.location.span.start
        source = next((one for one in view.files_of(expansion) if one.path == place.location.path), None)
        if source is None or any(between[0] < at < between[1] for at, _ in view.tree(source.text).directives()):
            return False
    return bool(declared)


def _is_included(view: RootView, expansion: Expansion, span: Span) -> bool:
    """In a file that other roots include with other macros, where other names are declared."""
    origin = expansion.source_map.written(span.start, span.end)
    return origin is not None and origin.location.path != view.path


def _is_macro_like(name: str) -> bool:
    """By the convention of everybody who writes macros. A name with small letters that no directive mentions and
    nobody declares is a mistake in every combination of macros."""
    return name.isupper()


@dataclass(frozen=True, slots=True)
class _OfFile:
    """Names written in any branch of one file; `locals`: sorted (start, end, names) of each function."""

    macros: frozenset[str]
    with_parameters: frozenset[str]
    declared: frozenset[str]
    locals: tuple[tuple[int, int, set[str]], ...]

    @classmethod
    def steps(cls, tree: DirectiveTree, front_end: FrontEnd) -> Steps[_OfFile]:
        macros = set(tree.defined_names)
        for _, directive in tree.directives():
            if directive.condition is not None:
                macros.update(directive.condition.names)
            elif directive.kind in ("ifdef", "ifndef", "undef"):
                macros.add(directive.name)
        with_parameters = {name.partition("(")[0] for name in tree.defined_names if "(" in name}
        analysis = yield from front_end.analyse_steps(blanked(tree))
        functions: dict[tuple[int, int], set[str]] = {}
        for symbol in analysis.locals:
            placed = analysis.module.placed_at(symbol.start)
            if placed is not None:
                functions.setdefault((placed.start, placed.end), set()).add(symbol.name)
        # What breaks off at its name may be no name: a piece of text that the host gives (bare_names.py).
        broken = {error.start for error in analysis.module.errors}
        declared = frozenset(
            symbol.name
            for symbol in analysis.global_symbols
            if broken.isdisjoint((symbol.end - 1, symbol.end, trivia_end(tree.text, symbol.end)))
        )
        found = tuple(sorted((*place, names) for place, names in functions.items()))
        return cls(frozenset(macros), frozenset(with_parameters), declared, found)


@dataclass(frozen=True, slots=True)
class _WrittenNames:
    """`macros`: names that directives of the files speak of; `with_parameters`: F of each `#define F(x)`; `declared`:
    at module scope in any branch; `locals`: of each function of a file, in any branch."""

    macros: set[str]
    with_parameters: set[str]
    declared: set[str]
    locals: dict[str, tuple[tuple[int, int, set[str]], ...]]

    @classmethod
    def steps(cls, view: RootView, expansion: Expansion, front_end: FrontEnd) -> Steps[_WrittenNames]:
        found = cls(set(), set(), set(), {})
        for source in view.files_of(expansion):
            tree = view.tree(source.text)
            key = tree.dialect.name, tree.text
            known: _OfFile | None = front_end.written.get(key)
            if known is None:
                known = front_end.written.put(key, (yield from _OfFile.steps(tree, front_end)))
            found.macros.update(known.macros)
            found.with_parameters.update(known.with_parameters)
            found.declared.update(known.declared)
            found.locals[source.path] = known.locals
        return found

    def locals_at(self, expansion: Expansion, span: Span) -> set[str]:
        """Of the function in which a name of the expanded text is written."""
        origin = expansion.source_map.written(span.start, span.end)
        if origin is None:
            return set()
        functions, place = self.locals.get(origin.location.path, ()), origin.location.span
        index = bisect_right(functions, place.start, key=lambda function: function[0]) - 1
        return functions[index][2] if index >= 0 and place.end <= functions[index][1] else set()
