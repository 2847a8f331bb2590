"""Reports of whole roots in the cache: what was said of a root is said again while nothing it rests on has changed."""

from __future__ import annotations

from wgsl_ls.analysis.kept_report import from_plain, is_final, report_key, to_plain
from wgsl_ls.analysis.report import RootReport
from wgsl_ls.analysis.root_view import RootView
from wgsl_ls.cli.composition import Session
from wgsl_ls.project.own_code import code_digest
from wgsl_ls.workers.engine_versions import remembered_versions


def kept_report(session: Session, root: str, engines: tuple[str, ...]) -> RootReport | None:
    """What an earlier run said of `root`. `engines`: those that some variant of the run shall pass."""
    report = None
    if session.cache is not None:
        session.store.versions.update(remembered_versions(session.cache.path, engines))
        with session.boundary(root):
            view = session.snapshot.root(root)
            key = _key(session, view, engines) if view is not None else None
            if view is not None and key is not None:
                report = from_plain(session.cache.get_note(key), root, view.variants)
    return report


def keep_report(session: Session, report: RootReport, engines: tuple[str, ...]) -> None:
    """For later runs."""
    if session.cache is None or not is_final(report):
        return
    with session.boundary(report.root):
        view = session.snapshot.root(report.root)
        key = _key(session, view, engines) if view is not None else None
        if view is not None and key is not None:
            session.cache.put_note(key, to_plain(report, view.variants))


def _key(session: Session, view: RootView, engines: tuple[str, ...]) -> str | None:
    """None while the version of an engine is not known."""
    versions = session.store.versions
    if not versions.keys() >= set(engines):
        return None
    judges = [*session.reporter.engines, *(f"{name} {versions[name]}" for name in engines)]
    return report_key(session.snapshot, view, (code_digest(), str(session.reporter.exhaustive), *judges))
