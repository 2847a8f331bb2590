"""VariantList: the variants of a root with their verdicts, as `wgsl/variants` and `wgsl/verdictsChanged` send it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wgsl_ls.analysis.features.lenses import verdict_title
from wgsl_ls.analysis.report import RootReport
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.variant_labels import labels_of
from wgsl_ls.analysis.variant_verdict import VariantVerdict, pending_verdict
from wgsl_ls.server.messages import VariantCounts, VariantEntry, VariantList
from wgsl_ls.server.session import ServerSession
from wgsl_ls.server.uris import uri_of
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.wire.verdicts import State, Verdict, no_counts


def variant_list(session: ServerSession, view: RootView, report: RootReport | None) -> VariantList:
    """Without a report every verdict is pending."""
    return _list(session, view, report, range(len(view.variants)), with_defines=True)


def changed_variants(
    session: ServerSession, view: RootView, before: RootReport | None, report: RootReport
) -> VariantList | None:
    """Those of which something else is known than `before` (None: than nothing), without macros; None when nothing is.
    A client that has another list asks for all of it, by itself: it sees so by `counts.total`, or by the one name sent
    that it does not know."""
    known: dict[str, VariantVerdict] = {
        one.name: one
        for one in (
            before.verdicts
            if before is not None
            else (pending_verdict(variant, session.settings.engines) for variant in view.variants)
        )
    }
    unknown = [row for row, one in enumerate(report.verdicts) if one.name not in known]
    if unknown or len(known) != len(report.verdicts):
        return _list(session, view, report, unknown[:1], with_defines=False)
    reasons, now = _reasons(before) if before is not None else {}, _reasons(report)
    changed = [
        row
        for row, one in enumerate(report.verdicts)
        if known[one.name] != one or reasons.get(one.name) != now.get(one.name)
    ]
    return _list(session, view, report, changed, with_defines=False) if changed or before is None else None


def _list(
    session: ServerSession, view: RootView, report: RootReport | None, rows: Iterable[int], with_defines: bool
) -> VariantList:
    verdicts = {entry.name: entry for entry in report.verdicts} if report is not None else {}
    reasons = _reasons(report) if report is not None else {}
    root = uri_of(view.path)
    entries = []
    labels = labels_of(view.variants)
    for row in rows:
        variant, label = view.variants[row], labels[row]
        known = verdicts.get(variant.name)
        entries.append(
            VariantEntry(
                variant.name,
                root,
                variant.origin,
                label.text,
                dict(label.axes),
                known.state if known else State.PENDING,
                dict(known.verdicts)
                if known
                else {name: Verdict.PENDING for name in session.settings.judges if name in variant.judges},
                known.n_errors if known else 0,
                known.why_not_judged or None if known else None,
                reasons.get(variant.name),
                variant.asked_with or None,
                variant.define_list if with_defines else None,
            )
        )
    active = view.variants[session.host.active_variant(view)].name
    counts = (
        report.counts if report else {**no_counts(), "total": len(view.variants), State.PENDING: len(view.variants)}
    )
    config = view.settings.config_path
    summary = verdict_title(view, report)
    return VariantList(
        root, active, tuple(entries), variant_counts(counts), summary, uri_of(config) if config else None
    )


def _reasons(report: RootReport) -> dict[str, str]:
    """The first error of each variant that has one, by its name."""
    found: dict[str, str] = {}
    for item in report.diagnostics:
        if item.severity == Severity.ERROR:
            for name in item.variants:
                found.setdefault(name, item.message.partition("\n")[0])
    return found


def variant_counts(counts: Mapping[str, int]) -> VariantCounts:
    """From the counts of reports."""
    return VariantCounts(
        counts["total"],
        counts[State.PASS],
        counts[State.FAIL],
        counts[State.PENDING],
        counts[State.NOT_JUDGED],
    )
