"""wgsl/explain, wgsl/inactiveRegions, wgsl/coverage: where and why a line is active or not."""

from __future__ import annotations

from wgsl_ls.analysis.across import across_steps
from wgsl_ls.analysis.features.rich_text import place
from wgsl_ls.analysis.presence import LinePresence, coverage, explain_line
from wgsl_ls.server import messages
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.markdown import markdown
from wgsl_ls.server.messages import (
    CoverageReport,
    CoveredFile,
    DocumentParams,
    Explanation,
    PlaceParams,
    RegionList,
    VariantPresence,
)
from wgsl_ls.server.uris import uri_of
from wgsl_ls.text.harmless import inline_code, markdown_text, plain
from wgsl_ls.text.listing import counted


def register(server: WgslServer) -> None:
    server.serve(messages.EXPLAIN, explain)
    server.serve(messages.INACTIVE, inactive_regions)
    server.serve(messages.COVERAGE, covered)


def explain(server: WgslServer, params: PlaceParams) -> Explanation:
    cursor = server.session.cursor(params.text_document.uri, params.position)
    line = cursor.source.lines.line_of(cursor.offset)
    found = explain_line(server.session.snapshot, cursor.view, cursor.path, line)
    variants = tuple(VariantPresence(name, active, plain(reason)) for name, active, reason in found.by_variant())
    read = server.session.snapshot.read
    links = ", ".join(markdown(read, (place(read, one),)) for one in found.deciders)
    return Explanation(as_markdown(found) + (f"\n\nDecided at {links}" if links else ""), variants, found.condition)


def inactive_regions(server: WgslServer, params: DocumentParams) -> RegionList:
    source = server.session.source(params.text_document.uri)
    return RegionList(server.publisher.regions(source, server.publisher.inactive(source.path)))


async def covered(server: WgslServer, params: DocumentParams) -> CoverageReport:
    session = server.session
    view = session.view(params.text_document.uri)
    await session.finish(across_steps(view))
    files = []
    for one in coverage(session.snapshot, view):
        lines = tuple((number, used.bit_count()) for number, used in enumerate(one.lines) if used is not None)
        files.append(CoveredFile(uri_of(one.path), lines))
    return CoverageReport(uri_of(view.path), len(view.variants), tuple(files))


def as_markdown(found: LinePresence) -> str:
    """A short text for a person."""
    name = found.root.rsplit("/", 1)[-1]
    of = counted(len(found.names), "variant")
    lines = [f"**{markdown_text(name)}**: active in {found.active.bit_count():,} of {of}"]
    if found.condition:
        lines.append(f"\nActive when {inline_code(found.condition)}")
    for reason, variants in found.reasons:
        shown = found.named(variants, inline_code)
        lines.append(f"\n- {'active' if variants & found.active else 'inactive'}: {markdown_text(reason)} ({shown})")
    return "\n".join(lines)
