"""VariantNews: the variants of a root with their verdicts as `wgsl/variants` lists them, and what
`wgsl/verdictsChanged` tells of them later: no more than what the client does not know yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from wgsl_ls.analysis.features.lenses import verdict_title
from wgsl_ls.analysis.report import RootReport
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.analysis.variant_labels import labels_steps
from wgsl_ls.analysis.variant_verdict import VariantVerdict, pending_verdict
from wgsl_ls.project.variants import Variant
from wgsl_ls.server.messages import VariantCounts, VariantEntry, VariantList, VerdictChange, VerdictsChanged
from wgsl_ls.server.session import ServerSession
from wgsl_ls.server.uris import uri_of
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.harmless import one_line, plain
from wgsl_ls.text.steps import Steps, gathered
from wgsl_ls.wire.verdicts import State, Verdict, no_counts

_AT_ONCE = 256
_Told = tuple[State, tuple[tuple[str, Verdict], ...], int, str | None, str | None]
"""What a client is told of a variant: state, verdicts, errors, why it was not judged, the first error."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the client knows of a root. `verdicts`: of each of `variants`, none once forgotten; `reasons`: by name."""

    edition: int
    variants: tuple[Variant, ...]
    verdicts: tuple[VariantVerdict, ...]
    reasons: Mapping[str, str]


class VariantNews:
    """Of one client: it was told of an edition of each list, and of every verdict in it."""

    def __init__(self, session: ServerSession) -> None:
        self._session = session
        self._known: dict[str, _Known] = {}

    def whole_steps(self, view: RootView, report: RootReport | None) -> Steps[VariantList]:
        """Without a report every verdict is pending."""
        known = self._current(view, report)
        root = uri_of(view.path)
        labels = yield from labels_steps(view.variants)
        entries = yield from gathered(
            VariantEntry(
                variant.name,
                root,
                variant.origin,
                one_line(label.text),
                dict(label.axes),
                verdict.state,
                dict(verdict.verdicts),
                verdict.n_errors,
                variant.define_list,
                verdict.why_not_judged or None,
                known.reasons.get(variant.name),
                variant.asked_with or None,
            )
            for variant, label, verdict in zip(view.variants, labels, known.verdicts, strict=True)
        )
        self._known[view.path] = known
        return VariantList(root, self._active(view), known.edition, tuple(entries), *_summed_up(view, report))

    def changes_steps(self, view: RootView, report: RootReport) -> Steps[VerdictsChanged | None]:
        """What the client does not know; None when that is nothing."""
        before = self._known.get(view.path)
        known = self._current(view, report)
        yield from labels_steps(view.variants)
        rows: dict[_Told, list[int]] = {}
        if before is not None and before.edition == known.edition:
            told = before.verdicts or (None,) * len(known.verdicts)
            for row, (old, new) in enumerate(zip(told, known.verdicts, strict=True)):
                reason = known.reasons.get(new.name)
                if (old is not new and old != new) or before.reasons.get(new.name) != reason:
                    told_now = new.state, new.verdicts, new.n_errors, new.why_not_judged or None, reason
                    rows.setdefault(told_now, []).append(row)
                if not row % _AT_ONCE:
                    yield
        self._known[view.path] = known
        if before is not None and before.edition == known.edition and not rows:
            return None
        yield
        changes = (
            VerdictChange(
                tuple(_runs(found)),
                state,
                dict(verdicts),
                n_errors,
                why_not_judged,
                reason,
            )
            for (state, verdicts, n_errors, why_not_judged, reason), found in rows.items()
        )
        summed_up = _summed_up(view, report)
        return VerdictsChanged(uri_of(view.path), self._active(view), known.edition, tuple(changes), *summed_up)

    def forget(self, root: str) -> None:
        """The verdicts are not followed any more; the list is."""
        if (known := self._known.get(root)) is not None:
            self._known[root] = replace(known, verdicts=(), reasons={})

    def _current(self, view: RootView, report: RootReport | None) -> _Known:
        before = self._known.get(view.path)
        edition = before.edition if before is not None else 0
        if before is None or (before.variants is not view.variants and before.variants != view.variants):
            edition += 1
        verdicts = report.verdicts if report is not None else ()
        if len(verdicts) != len(view.variants) or any(
            one.name != variant.name for one, variant in zip(verdicts, view.variants, strict=True)
        ):
            by_name = {one.name: one for one in verdicts}
            engines = self._session.settings.judges
            verdicts = tuple(by_name.get(one.name) or pending_verdict(one, engines) for one in view.variants)
        return _Known(edition, view.variants, verdicts, _reasons(report) if report is not None else {})

    def _active(self, view: RootView) -> str:
        return view.variants[self._session.host.active_variant(view)].name


def _summed_up(view: RootView, report: RootReport | None) -> tuple[VariantCounts, str, str | None]:
    counts = (
        report.counts if report else {**no_counts(), "total": len(view.variants), State.PENDING: len(view.variants)}
    )
    config = view.settings.config_path
    return variant_counts(counts), one_line(verdict_title(view, report)), uri_of(config) if config else None


def _runs(rows: Iterable[int]) -> list[int]:
    """See VerdictChange. `rows`: ascending."""
    runs = [0, 0]
    end = 0
    for row in rows:
        if row > end:
            runs += [row - end, 0]
        runs[-1] += 1
        end = row + 1
    return runs if runs[1] else runs[2:]


def _reasons(report: RootReport) -> dict[str, str]:
    """The first error of each variant that has one, by its name."""
    found: dict[str, str] = {}
    for item in report.diagnostics:
        if item.severity == Severity.ERROR:
            words = plain(item.message.partition("\n")[0])
            for name in item.variants:
                found.setdefault(name, words)
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
