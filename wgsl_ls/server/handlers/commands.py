"""workspace/executeCommand: wgsl.doctor, wgsl.checkAll, wgsl.restartEngines, wgsl.statistics."""

from __future__ import annotations

from typing import Any

from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.uris import path_of
from wgsl_ls.workers.examine import as_text, examine


def register(server: WgslServer) -> None:
    session = server.session

    @server.command("wgsl.doctor")
    async def doctor(*arguments: Any) -> dict[str, Any]:
        found = await examine()
        return {"markdown": f"```\n{as_text(found)}```", "json": found}

    @server.command("wgsl.restartEngines")
    async def restart_engines(*arguments: Any) -> None:
        await server.checker.restart_engines()

    @server.command("wgsl.statistics")
    def statistics(*arguments: Any) -> dict[str, Any]:
        return server.checker.statistics()

    @server.command("wgsl.checkAll")
    async def check_all(*arguments: Any) -> dict[str, Any]:
        roots = list(session.snapshot.roots())
        first = arguments[0] if arguments else None
        uri = first.get("uri") if isinstance(first, dict) else getattr(first, "uri", None)
        if uri:
            roots = list(session.snapshot.roots_of(path_of(uri) or ""))
        server.checker.want(roots)
        await server.checker.idle.wait()
        counts: dict[str, int] = {}
        for root in roots:
            report = server.publisher.reports.get(root)
            for key, value in (report.counts if report is not None else {}).items():
                counts[key] = counts.get(key, 0) + value
        return {"counts": counts}
