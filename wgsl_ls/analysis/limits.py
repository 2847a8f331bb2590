"""Limits: is a variant within the device profiles it must pass? Told from the expansion alone, without a device.

What cannot be evaluated is not reported: a profile check says "exceeds" only when it knows. A limit of the entry point
as a whole is told by the record of its rule (`Rule.exceeds`); here stand those that mark another place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wgsl_ls.analysis.findings import PROFILE, Finding
from wgsl_ls.analysis.limit_facts import EntryFacts, LimitFacts
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.project.profiles import DeviceProfile, LanguageSupport, MatrixShape
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.span import Location, Span
from wgsl_ls.wgsl.lexer import tokenize


def limit_findings(expansion: Expansion, facts: LimitFacts, profiles: Sequence[DeviceProfile]) -> list[Finding]:
    found: list[Finding] = []
    for profile in profiles:
        for entry in facts.entry_points:
            found.extend(_of_entry_point(expansion, entry, profile))
        found.extend(_of_features(expansion, facts, profile))
        if profile.language is not None:
            found.extend(_of_language(expansion, facts, profile, profile.language))
    return list(dict.fromkeys(found))


def _finding(
    expansion: Expansion,
    span: Span,
    code: str,
    message: str,
    profile: DeviceProfile,
    related: tuple[Related, ...] = (),
    severity: Severity = Severity.ERROR,
) -> Finding:
    origin = expansion.source_map.written(span.start, span.end)
    location = origin.location if origin is not None else Location(expansion.root.path, Span(0, 0))
    includes = origin.includes if origin is not None else ()
    name = location.path.rpartition("/")[2]
    sites = tuple(Related(site, f"{name} is included here") for site in includes)
    judge = f"{PROFILE}{profile.name}"
    return Finding(location, severity, f"profile/{code}", message, related=related + sites, judge=judge)


def _of_entry_point(expansion: Expansion, entry: EntryFacts, profile: DeviceProfile) -> list[Finding]:
    found: list[Finding] = []
    name_span = Span(entry.start, entry.end)
    used, limit = entry.storage, profile.workgroup_storage
    if used is not None and limit is not None and used > limit:
        related = []
        for name, size, start, end in entry.variables[1:]:
            origin = expansion.source_map.written(start, end)
            if origin is not None:
                related.append(Related(origin.location, f"{name}: {size} bytes"))
        span, largest = name_span, ""
        if entry.variables:
            first = entry.variables[0]
            span, largest = Span(first[2], first[3]), f" ({first[0]} alone {first[1]})"
        message = (
            f"{entry.name} uses {used} bytes of workgroup storage{largest}; this exceeds profile {profile.name} "
            f"({limit} bytes) by {used - limit} bytes"
        )
        found.append(_finding(expansion, span, "workgroup-storage", message, profile, tuple(related)))
    for rule in all_rules().values():
        for message in rule.exceeds(entry, profile) if rule.exceeds is not None else ():
            found.append(_finding(expansion, name_span, rule.id.removeprefix("profile/"), message, profile))
    if profile.subgroup_matrix is not None:
        found.extend(_of_matrices(expansion, entry, profile, profile.subgroup_matrix))
    return found


def _of_matrices(
    expansion: Expansion, entry: EntryFacts, profile: DeviceProfile, offered: Sequence[MatrixShape]
) -> list[Finding]:
    found = []
    for shape in entry.shapes:
        if any((one.m, one.n, one.k, one.component, one.result) == shape for one in offered):
            continue
        span = _first_word(expansion.text, "subgroupMatrixMultiply")
        m, n, k, component, result = shape
        message = (
            f"profile {profile.name} has no subgroup matrix {m}x{n}x{k} {component} {result} (M x N x K, operands, "
            f"result); it has: {', '.join(map(str, offered)) or 'none'}"
        )
        found.append(_finding(expansion, span, "subgroup-matrix", message, profile))
    return found


def _of_features(expansion: Expansion, facts: LimitFacts, profile: DeviceProfile) -> list[Finding]:
    found: list[Finding] = []
    needs = (("f16", profile.f16, "16-bit floats"), ("subgroups", profile.subgroups, "subgroups"))
    for extension, offered, what in needs:
        if offered is False and extension in facts.enabled:
            # The first time its name stands in the code is in the directive.
            span = _first_word(expansion.text, extension)
            message = f"this needs {what}; profile {profile.name} has none"
            found.append(_finding(expansion, span, extension, message, profile))
    return found


_MOST_PLACES = 5


def _of_language(
    expansion: Expansion, facts: LimitFacts, profile: DeviceProfile, language: LanguageSupport
) -> Iterator[Finding]:
    named = {use.name for use in facts.uses if use.kind == "requires"}
    for use in facts.uses:
        related = []
        for start, end in use.more[:_MOST_PLACES]:
            origin = expansion.source_map.written(start, end)
            if origin is not None:
                related.append(Related(origin.location, "here, too"))
        span, where = Span(use.start, use.end), tuple(related)
        what = f"{'WGSL extension' if use.kind == 'enable' else 'language feature'} {use.name}"
        needs = f", which {use.what} needs" if use.kind == "language" else ""
        refused = use.name if use.kind == "form" else f"{use.kind} {use.name}"
        source = language.source_of(use.name)
        said = f" ({source})" if source else ""
        has = True if use.kind == "form" else language.has(use.name)
        if refused in language.refusals:
            message = f"{profile.name} refuses {use.what}{f' ({language.source})' if language.source else ''}"
            yield _finding(expansion, span, "refused", message, profile, where)
        elif has is False and use.kind == "enable":
            yield _finding(expansion, span, "extension", f"{profile.name} has no {what}{said}", profile, where)
        elif has is False:
            message = f"{profile.name} has no {what}{needs}{said}"
            yield _finding(expansion, span, "language-feature", message, profile, where)
        elif has is None and not (use.kind == "language" and use.name in named):
            message = f"not known whether {profile.name} has the {what}{needs}{said}"
            yield _finding(expansion, span, "not-known", message, profile, where, Severity.INFORMATION)


def _first_word(text: str, beginning: str) -> Span:
    """The first word of the code that begins so; there is one."""
    tokens = tokenize(text)
    return next(
        Span(start, start + len(word))
        for start, word in zip(tokens.starts, tokens.texts, strict=True)
        if word.startswith(beginning)
    )
