"""wgsl/explain, wgsl/inactiveRegions: why a line is active or not."""

from __future__ import annotations

from typing import Any

from wgsl_ls.analysis.presence import LinePresence, explain_line
from wgsl_ls.server.app import WgslServer


def register(server: WgslServer) -> None:
    session = server.session

    @server.feature("wgsl/explain")
    def explain(params: Any) -> dict[str, Any]:
        cursor = session.cursor(params.textDocument.uri, params.position)
        found = explain_line(session.snapshot, cursor.view, cursor.path, params.position.line)
        return {
            "markdown": as_markdown(found),
            "presence": found.presence,
            "variants": [
                {"name": entry.name, "active": entry.active, "reason": entry.reason} for entry in found.variants
            ],
        }

    @server.feature("wgsl/inactiveRegions")
    def inactive_regions(params: Any) -> dict[str, Any]:
        source = session.source(params.textDocument.uri)
        spans = server.publisher.inactive(source.path)
        return {"regions": server.publisher.regions(source, spans)}


def as_markdown(found: LinePresence) -> str:
    """A short text for a person."""
    n_active = sum(1 for entry in found.variants if entry.active)
    name = found.root.rsplit("/", 1)[-1]
    lines = [f"**{name}**: active in {n_active} of {len(found.variants)} variants"]
    if found.presence:
        lines.append(f"\nActive when `{found.presence}`")
    reasons: dict[tuple[bool, str], list[str]] = {}
    for entry in found.variants:
        reasons.setdefault((entry.active, entry.reason), []).append(entry.name)
    for (active, reason), names in reasons.items():
        shown = ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        lines.append(f"\n- {'active' if active else 'inactive'}: {reason} ({shown})")
    return "\n".join(lines)
