"""VariantList: the variants of a root with their verdicts, as `wgsl/variants` and `wgsl/verdictsChanged` send it."""

from __future__ import annotations

from collections.abc import Mapping

from wgsl_ls.analysis.report import RootReport
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.project.variant_labels import VariantLabel, variant_labels
from wgsl_ls.project.variants import Variant
from wgsl_ls.server.messages import VariantCounts, VariantEntry, VariantList
from wgsl_ls.server.session import ServerSession
from wgsl_ls.server.uris import uri_of
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.memo import Memo
from wgsl_ls.wire.verdicts import State, Verdict, no_counts

_LABELS: Memo[int, tuple[tuple[Variant, ...], tuple[VariantLabel, ...]]] = Memo(256)
"""By the identity of the list, which is kept beside its labels; edits of a shader keep the list."""


def variant_list(
    session: ServerSession, view: RootView, report: RootReport | None, with_defines: bool = True
) -> VariantList:
    """Without a report every verdict is pending."""
    verdicts = {entry.name: entry for entry in report.verdicts} if report is not None else {}
    reasons = _reasons(report) if report is not None else {}
    root = uri_of(view.path)
    entries = []
    for variant, label in zip(view.variants, _labels(view.variants), strict=True):
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
                else {name: Verdict.PENDING for name in session.settings.engines if name in variant.engines},
                known.n_errors if known else 0,
                known.why_not_judged or None if known else None,
                reasons.get(variant.name),
                variant.asked_with or None,
                variant.define_list if with_defines else None,
            )
        )
    active = view.variants[session.host.active_variant(view)].name if view.variants else ""
    counts = report.counts if report else {**no_counts(), "total": len(entries), State.PENDING: len(entries)}
    config = view.settings.config_path
    return VariantList(root, active, tuple(entries), variant_counts(counts), uri_of(config) if config else None)


def _labels(variants: tuple[Variant, ...]) -> tuple[VariantLabel, ...]:
    return _LABELS.get_or(id(variants), lambda: (variants, variant_labels(variants)))[1]


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
