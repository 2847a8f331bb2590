"""Cases drawn out of others: the reference still fits, and a host either does not take them or keeps its rules."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.cli.composition import chosen_roots, open_session
from wgsl_ls.cli.smoke_host import host_folders
from wgsl_ls.host_smoke import HostSmoke, device_facts_of, host_smoke
from wgsl_ls.smoke.operation import OperationCase
from wgsl_ls.smoke.operations import all_cases
from wgsl_ls.smoke.variation import variation
from wgsl_ls.smoke_session import PlannedRun, Target
from wgsl_ls.wire.jobs import EngineInfo

HOST = Path(__file__).parent / "host"
PLAIN = [case for case in all_cases() if case.is_run and not case.device and case.then is None]


@cache
def toy() -> HostSmoke:
    session = open_session([str(HOST)])
    (host,) = host_folders(session, chosen_roots(session, [str(HOST)]))
    made = host_smoke(host.asked, host.roots, host.expand, device_facts_of(EngineInfo("wgpu", "1", 1)), host.directory)
    assert made is not None
    return made


def drawn(data: st.DataObject, ops: frozenset[str]) -> OperationCase:
    case = data.draw(st.sampled_from([case for case in PLAIN if case.op in ops]))
    return variation(case, lambda choices: data.draw(st.sampled_from(choices)))


@given(st.data())
def test_a_host_does_not_take_a_drawn_case_or_plans_it(data: st.DataObject) -> None:
    run = toy().run(drawn(data, frozenset(("ADD", "MUL", "SCALE"))), Target("wgpu"))
    if run != "the host does not take it":
        assert isinstance(run, PlannedRun)
        assert (run.problem, run.checks) == ("", ())
        assert run.plan is not None


@given(st.data())
def test_a_reference_does_not_care_where_operands_lie(data: st.DataObject) -> None:
    case = drawn(data, frozenset(case.op for case in PLAIN) - {"SET", "SET_ROWS"})
    sources = [one.content(str(index)) for index, one in enumerate(case.sources) if one is not None and one.kind.dtype]
    if len(sources) == len([one for one in case.sources if one is not None]):
        assert case.reference(case, sources).shape == case.output.ne[::-1]


def test_a_case_varies() -> None:
    case = next(case for case in PLAIN if case.label == "ADD F32 1031x3")
    last = variation(case, lambda choices: choices[-1], 3)
    first = variation(case, lambda choices: choices[0], 3)
    assert first.name == last.name == "F32 1031x3, drawn 3"
    assert [one.offset for one in last.sources if one is not None] == [64, 64]
    assert first.output.ne == (1, 1, 1, 1) and last.output.ne == (1031, 5, 5, 5)
    shared = next(case for case in PLAIN if case.label == "ADD F32 with itself")
    assert variation(shared, lambda choices: choices[-1]).sources == shared.sources
