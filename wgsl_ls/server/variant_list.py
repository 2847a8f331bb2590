"""VariantList: the variants of a root with their verdicts, as `wgsl/variants` and `wgsl/verdictsChanged` send it."""

from __future__ import annotations

from collections.abc import Mapping

from wgsl_ls.analysis.report import RootReport
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.server.messages import VariantCounts, VariantEntry, VariantList
from wgsl_ls.server.session import ServerSession
from wgsl_ls.server.uris import uri_of
from wgsl_ls.wire.verdicts import State, Verdict, no_counts


def variant_list(
    session: ServerSession, view: RootView, report: RootReport | None, with_defines: bool = True
) -> VariantList:
    """Without a report every verdict is pending."""
    verdicts = {entry.name: entry for entry in report.verdicts} if report is not None else {}
    root = uri_of(view.path)
    entries = []
    for variant in view.variants:
        known = verdicts.get(variant.name)
        entries.append(
            VariantEntry(
                variant.name,
                root,
                variant.origin,
                dict(variant.axes),
                known.state if known else State.PENDING,
                dict(known.verdicts)
                if known
                else {name: Verdict.PENDING for name in session.settings.engines if name in variant.engines},
                known.n_errors if known else 0,
                known.why_not_judged or None if known else None,
                variant.define_list if with_defines else None,
            )
        )
    active = view.variants[session.host.active_variant(view)].name if view.variants else ""
    counts = report.counts if report else {**no_counts(), "total": len(entries), State.PENDING: len(entries)}
    return VariantList(root, active, tuple(entries), variant_counts(counts))


def variant_counts(counts: Mapping[str, int]) -> VariantCounts:
    """From the counts of reports."""
    return VariantCounts(
        counts["total"],
        counts[State.PASS],
        counts[State.FAIL],
        counts[State.PENDING],
        counts[State.NOT_JUDGED],
    )
