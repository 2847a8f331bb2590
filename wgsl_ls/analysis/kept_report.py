"""A root's report as plain data, and the key of everything that it rests on: a second run over the same root says the
same without expanding anything.

Only what can say nothing else the next time is kept: a report in which every judge has spoken (`is_final`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.analysis.report import RootReport
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.analysis.variant_verdict import VariantVerdict
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.source_file import SourceFile, text_digest
from wgsl_ls.text.span import Location, Span
from wgsl_ls.wire.verdicts import Verdict

_FORMAT: Final = 2
_MAY_CHANGE: Final = frozenset(
    {Verdict.PENDING, Verdict.CRASHED, Verdict.TIMED_OUT, Verdict.DEVICE_LOST, Verdict.UNAVAILABLE}
)
"""What the next run may see otherwise."""


def report_key(snapshot: Snapshot, view: RootView, judged_by: Iterable[str]) -> str:
    """`judged_by`: the engines with their versions, and whatever else decides what is said. Of the root: every file
    that it may read and where its includes lead, its settings, and its variants with what they were read from. Of the
    other roots that read one of those files, or are given one of its override constants: their files, and the macros
    that are given to them (lints ask)."""
    settings = view.settings
    digest = hashlib.blake2b(digest_size=16)
    parts: list[str] = [f"report {_FORMAT}", *judged_by, view.path, settings.dialect.name, settings.includes]
    parts += [repr((settings.include_dirs, settings.rules, settings.complete, settings.search, settings.profiles))]
    files = snapshot.included_files(view.path)
    parts += _files(snapshot, view.path)
    names = {name for path in files for name in _includes(snapshot, path)}
    for name in sorted(names):
        target = snapshot.include(name, view.path)
        parts.append(f"{name} {target.path if isinstance(target, SourceFile) else target}")
    for other in snapshot.views(sorted({root for path in files for root in snapshot.roots_of(path)} - {view.path})):
        given = {name for variant in other.variants for name, _ in variant.defines}
        parts += [other.path, *_files(snapshot, other.path), *sorted(given)]
    parts += _sharing_overrides(snapshot, view)
    digest.update("\0".join(parts).encode("utf-8", "surrogatepass"))
    for part in _variants(view.variants):
        digest.update(part.encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return f"report {digest.hexdigest()}"


def _sharing_overrides(snapshot: Snapshot, view: RootView) -> Iterator[str]:
    given = {one for variant in view.variants for one in variant.overrides}
    for other in snapshot.views(snapshot.roots() if given else ()):
        if any(given.intersection(variant.overrides) for variant in other.variants):
            yield from _files(snapshot, other.path)
    config = snapshot.read(view.settings.config_path) if given and view.settings.config_path is not None else None
    if isinstance(config, SourceFile):
        yield config.digest  # the finding stands in it


def _files(snapshot: Snapshot, root: str) -> Iterator[str]:
    for path in sorted(snapshot.included_files(root)):
        source = snapshot.read(path)
        yield f"{path} {source.digest if isinstance(source, SourceFile) else text_digest(source)}"


def _includes(snapshot: Snapshot, path: str) -> Iterator[str]:
    for _, directive in snapshot.tree(path).directives():
        if directive.kind == "include":
            yield directive.name


def _variants(variants: Sequence[Variant]) -> Iterator[str]:
    """Everything about each; what thousands of them share is written once."""
    numbers: dict[object, str] = {}
    known: dict[int, str] = {}
    """By identity of what lives as long as the variants: comparing places takes longer."""

    def by_value(value: object) -> str:
        number = numbers.get(value)
        if number is None:
            number = numbers[value] = f"#{len(numbers)}"
            return f"{number}={value!r}"
        return number

    def shared(parts: Iterable[object]) -> str:
        found = []
        for one in parts:
            number = known.get(id(one))
            if number is None:
                number = by_value(one)
                known[id(one)] = number.partition("=")[0]
            found.append(number)
        return " ".join(found)

    for one in variants:
        yield one.name
        yield " ".join(map(by_value, one.defines))
        yield by_value((one.engines, one.profiles, one.overrides, one.origin, one.declared_at, one.entry))
        asked = one.asked_by
        if asked is None:
            yield " ".join(map(by_value, one.axes))
        else:  # whose inputs are the axes
            yield by_value((asked.shader, asked.label, asked.profile, asked.function, asked.op, asked.gate))
            yield shared(asked.defines)
            yield shared(asked.inputs)


def is_final(report: RootReport) -> bool:
    """Nobody was missing, died, was too slow or has not answered."""
    return not any(word in _MAY_CHANGE for one in report.verdicts for _, word in one.verdicts) and not any(
        one.code.startswith(("engine/crashed", "engine/timed-out")) for one in report.diagnostics
    )


def to_plain(report: RootReport, variants: Sequence[Variant]) -> Any:
    """Names of variants are left out: whoever reads it has the same ones."""
    files: dict[str, int] = {}
    rows: dict[tuple[Any, ...], int] = {}
    index_of = {variant.name: index for index, variant in enumerate(variants)}
    verdicts = [
        rows.setdefault((one.verdicts, one.n_errors, one.lowered, one.obstacles, one.undeclared, one.waived), len(rows))
        for one in report.verdicts
    ]

    def place(location: Location) -> list[int]:
        return [files.setdefault(location.path, len(files)), location.span.start, location.span.end]

    diagnostics = [
        {
            "at": place(one.location),
            "severity": int(one.severity),
            "code": one.code,
            "message": one.message,
            "engines": one.engines,
            "related": [[*place(each.location), each.message] for each in one.related],
            "holds": f"{sum(1 << index_of[name] for name in one.variants):x}",
            "of": one.n_variants,
            "condition": one.condition,
            "accepted": one.accepted_by,
            "once": one.accepted_once,
            "unnecessary": one.unnecessary,
            "subject": one.subject,
            "judged": one.n_judged,
            "sampled": one.sampled,
            "fits": one.fits,
            "mistake": None if one.mistake is None else [*place(one.mistake[0]), *one.mistake[1:]],
            "device": one.device,
        }
        for one in report.diagnostics
    ]
    return {
        "diagnostics": diagnostics,
        "rows": list(rows),
        "verdicts": verdicts,
        "structures": report.n_structures,
        "files": list(files),
    }


def from_plain(plain: Any, root: str, variants: Sequence[Variant]) -> RootReport | None:
    """What `to_plain` wrote; None for anything else."""
    try:
        return _from_plain(plain, root, variants) if len(plain["verdicts"]) == len(variants) else None
    except (TypeError, KeyError, ValueError, IndexError):
        return None


def _from_plain(plain: Mapping[str, Any], root: str, variants: Sequence[Variant]) -> RootReport:
    files = plain["files"]

    def place(file: int, start: int, end: int) -> Location:
        return Location(files[file], Span(start, end))

    rows = [
        (
            tuple((str(engine), Verdict(word)) for engine, word in words),
            int(n_errors),
            tuple(lowered),
            tuple(obstacles),
            bool(undeclared),
            bool(waived),
        )
        for words, n_errors, lowered, obstacles, undeclared, waived in plain["rows"]
    ]
    return RootReport(
        root,
        tuple(
            MergedDiagnostic(
                place(*one["at"]),
                Severity(one["severity"]),
                one["code"],
                one["message"],
                tuple(one["engines"]),
                tuple(Related(place(*at), message) for *at, message in one["related"]),
                root,
                tuple(_names(int(one["holds"], 16), variants)),
                one["of"],
                one["condition"],
                tuple(one["accepted"]),
                one["unnecessary"],
                one["subject"],
                one["judged"],
                one["sampled"],
                one["fits"],
                None if one["mistake"] is None else (place(*one["mistake"][:3]), *one["mistake"][3:]),
                device=one["device"],
                accepted_once=tuple(one["once"]),
            )
            for one in plain["diagnostics"]
        ),
        tuple(
            VariantVerdict(variant.name, *rows[row]) for variant, row in zip(variants, plain["verdicts"], strict=True)
        ),
        plain["structures"],
    )


def _names(mask: int, variants: Sequence[Variant]) -> Iterator[str]:
    for index, bit in enumerate(reversed(f"{mask:b}")):
        if bit == "1":
            yield variants[index].name
