"""wgsl/explain, wgsl/inactiveRegions: why a line is active or not."""

from __future__ import annotations

from wgsl_ls.analysis.presence import LinePresence, explain_line
from wgsl_ls.server import messages
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.messages import DocumentParams, Explanation, PlaceParams, RegionList, VariantPresence
from wgsl_ls.text.harmless import inline_code, markdown_text
from wgsl_ls.text.listing import first_of


def register(server: WgslServer) -> None:
    server.serve(messages.EXPLAIN, explain)
    server.serve(messages.INACTIVE, inactive_regions)


def explain(server: WgslServer, params: PlaceParams) -> Explanation:
    cursor = server.session.cursor(params.text_document.uri, params.position)
    found = explain_line(server.session.snapshot, cursor.view, cursor.path, params.position.line)
    variants = tuple(VariantPresence(name, active, reason) for name, active, reason in found.by_variant())
    return Explanation(as_markdown(found), variants, found.condition)


def inactive_regions(server: WgslServer, params: DocumentParams) -> RegionList:
    source = server.session.source(params.text_document.uri)
    return RegionList(server.publisher.regions(source, server.publisher.inactive(source.path)))


def as_markdown(found: LinePresence) -> str:
    """A short text for a person."""
    name = found.root.rsplit("/", 1)[-1]
    lines = [f"**{markdown_text(name)}**: active in {found.active.bit_count()} of {len(found.names)} variants"]
    if found.condition:
        lines.append(f"\nActive when {inline_code(found.condition)}")
    for reason, variants in found.reasons:
        shown = first_of([inline_code(name) for name in found.names_of(variants)], 3)
        lines.append(f"\n- {'active' if variants & found.active else 'inactive'}: {markdown_text(reason)} ({shown})")
    return "\n".join(lines)
