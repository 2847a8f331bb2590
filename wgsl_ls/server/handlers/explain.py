"""wgsl/explain, wgsl/inactiveRegions: why a line is active or not."""

from __future__ import annotations

from typing import Any

from wgsl_ls.analysis.features.rich_text import inline_code
from wgsl_ls.analysis.presence import LinePresence, explain_line
from wgsl_ls.server.app import WgslServer
from wgsl_ls.text.listing import first_of


def register(server: WgslServer) -> None:
    session = server.session

    @server.feature("wgsl/explain")
    def explain(params: Any) -> dict[str, Any]:
        cursor = session.cursor(params.textDocument.uri, params.position)
        found = explain_line(session.snapshot, cursor.view, cursor.path, params.position.line)
        return {
            "markdown": as_markdown(found),
            "presence": found.condition,
            "variants": [
                {"name": name, "active": active, "reason": reason} for name, active, reason in found.by_variant()
            ],
        }

    @server.feature("wgsl/inactiveRegions")
    def inactive_regions(params: Any) -> dict[str, Any]:
        source = session.source(params.textDocument.uri)
        spans = server.publisher.inactive(source.path)
        return {"regions": server.publisher.regions(source, spans)}


def as_markdown(found: LinePresence) -> str:
    """A short text for a person."""
    name = found.root.rsplit("/", 1)[-1]
    lines = [f"**{name}**: active in {found.active.bit_count()} of {len(found.names)} variants"]
    if found.condition:
        lines.append(f"\nActive when `{found.condition}`")
    for reason, variants in found.reasons:
        shown = first_of([inline_code(name) for name in found.names_of(variants)], 3)
        lines.append(f"\n- {'active' if variants & found.active else 'inactive'}: {reason} ({shown})")
    return "\n".join(lines)
