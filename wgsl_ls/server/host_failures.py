"""Told in the host's code: what its gate lets through and no shader of it compiles for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wgsl_ls.analysis.features.rich_text import place
from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.analysis.snapshot import Snapshot
from wgsl_ls.host.model import HostGate
from wgsl_ls.project.host_findings import FAILING
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.diagnostic import Diagnostic, Related, Severity


def host_failures(snapshot: Snapshot, items: Iterable[MergedDiagnostic]) -> Iterator[Diagnostic]:
    """One for each error of each root and each place of a gate; places are those of the texts that were read."""
    for item in items:
        if item.severity != Severity.ERROR or not item.variants or item.elsewhere:
            continue
        for gate, variant in _let_through(snapshot, item).items():
            example = f"; for example with {variant.asked_with}" if variant.asked_with else ""
            yield Diagnostic(
                gate.location.path,
                gate.location.span,
                Severity.WARNING,
                FAILING,
                f"{gate.function} lets this through, and {_name(item.root)} fails {item.summary}: {item.message}"
                f" ({place(snapshot.read, item.location).label}){example}",
                related=(Related(item.location, item.message),),
            )


def _let_through(snapshot: Snapshot, item: MergedDiagnostic) -> dict[HostGate, Variant]:
    """The places of gates that let its variants through, with the first variant of each."""
    view = snapshot.root(item.root)
    names = frozenset(item.variants)
    found: dict[HostGate, Variant] = {}
    seen: set[int] = set()  # thousands of variants share some gates: those are compared once
    for variant in view.variants if view is not None else ():
        asked = variant.asked_by
        if asked is None or asked.gate is None or id(asked.gate) in seen or variant.name not in names:
            continue
        seen.add(id(asked.gate))
        found.setdefault(asked.gate, variant)
    return found


def _name(path: str) -> str:
    return path.rpartition("/")[2]
