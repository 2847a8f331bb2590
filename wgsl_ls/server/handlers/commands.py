"""workspace/executeCommand: wgsl.doctor, wgsl.checkAll, wgsl.restartEngines, wgsl.statistics."""

from __future__ import annotations

from dataclasses import replace

from wgsl_ls.server import messages
from wgsl_ls.server.app import WgslServer
from wgsl_ls.server.messages import CheckAllArgument, CheckedCounts, DoctorReport, Statistics
from wgsl_ls.server.uris import path_of
from wgsl_ls.server.variant_list import variant_counts
from wgsl_ls.text.harmless import code_block
from wgsl_ls.wire.verdicts import no_counts
from wgsl_ls.workers.examine import as_text, examine


def register(server: WgslServer) -> None:
    server.serve(messages.DOCTOR, doctor)
    server.serve(messages.RESTART_ENGINES, restart_engines)
    server.serve(messages.STATISTICS, statistics)
    server.serve(messages.CHECK_ALL, check_all)


async def doctor(server: WgslServer, argument: None) -> DoctorReport:
    found = await examine()
    return DoctorReport(code_block(as_text(found)), found)


async def restart_engines(server: WgslServer, argument: None) -> None:
    server.host_watch.forget_failures()
    await server.checker.restart_engines()


def statistics(server: WgslServer, argument: None) -> Statistics:
    found = server.checker.statistics()
    return replace(found, idle=found.idle and server.host_watch.is_idle)


async def check_all(server: WgslServer, argument: CheckAllArgument | None) -> CheckedCounts:
    await server.host_watch.settled()
    snapshot = server.session.snapshot
    uri = argument.uri if argument is not None else None
    roots = list(snapshot.roots_of(path_of(uri) or "")) if uri else list(snapshot.roots())
    if uri:
        await server.checker.check(roots)  # others may take minutes
    else:
        server.checker.want(roots)
        await server.checker.idle.wait()
    counts = no_counts()
    for root in roots:
        report = server.publisher.reports.get(root)
        for key, value in (report.counts if report is not None else {}).items():
            counts[key] += value
    return CheckedCounts(variant_counts(counts))
