"""VariantList: the variants of a root with their verdicts, as `wgsl/variants` and `wgsl/verdictsChanged` send it."""

from __future__ import annotations

from typing import Any

from wgsl_ls.analysis.report import RootReport
from wgsl_ls.analysis.snapshot import RootView
from wgsl_ls.server.session import ServerSession
from wgsl_ls.server.uris import uri_of
from wgsl_ls.wire.verdicts import State, Verdict, no_counts


def variant_list(
    session: ServerSession, view: RootView, report: RootReport | None, with_defines: bool = True
) -> dict[str, Any]:
    """See PROTOCOL.md, VariantList. Without a report every verdict is pending."""
    verdicts = {entry.index: entry for entry in report.verdicts} if report is not None else {}
    entries = []
    for index, variant in enumerate(view.variants):
        known = verdicts.get(index)
        entry: dict[str, Any] = {
            "name": variant.name,
            "root": uri_of(view.path),
            "origin": variant.origin,
            "axes": dict(variant.axes),
            "verdicts": dict(known.verdicts)
            if known
            else {name: Verdict.PENDING for name in session.settings.engines if name in variant.engines},
            "problems": known.n_errors if known else 0,
            "state": known.state if known else State.PENDING,
        }
        if with_defines:
            entry["defines"] = list(variant.define_list)
        entries.append(entry)
    return {
        "root": uri_of(view.path),
        "active": view.variants[session.host.active_variant(view)].name if view.variants else "",
        "variants": entries,
        "counts": report.counts if report else {**no_counts(), "total": len(entries), State.PENDING: len(entries)},
    }
