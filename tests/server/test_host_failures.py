"""What the host's gate lets through and fails, told at the gate. In process, with the scripted engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.server.in_process import Desk
from wgsl_ls.project.held_readings import Held
from wgsl_ls.server.host_failures import host_failures
from wgsl_ls.text.diagnostic import Severity

HOST = """
enum Op { OP_TONE, OP_EDGE };
enum Kind { KIND_A, KIND_B };
struct Node { Op op; Kind kind; };
bool supports_op(const Node * op) {
    switch (op->op) {
        case OP_TONE: return true;
        case OP_EDGE: return op->kind == KIND_A;
        default: return false;
    }
}
struct Library {
    pre::Preprocessor p;
    Pipeline tone(const Node * op) {
        std::vector<std::string> defs;
        if (op->kind == KIND_B) { defs.push_back("WIDE"); }
        return compile(p.preprocess(src_tone, defs), "tone");
    }
    Pipeline edge(const Node * op) {
        std::vector<std::string> defs;
        if (op->kind == KIND_B) { defs.push_back("WIDE"); }
        return compile(p.preprocess(src_edge, defs), "edge");
    }
};
Result run(Library & library, const Node * op) {
    switch (op->op) {
        case OP_TONE: library.tone(op); break;
        case OP_EDGE: library.edge(op); break;
        default: break;
    }
}
"""
SHADER = """#ifdef WIDE
//! reject 1:1 no missing
#endif
@compute @workgroup_size(1) fn main() {}
"""
CONFIG = 'profiles = ["nvidia"]\n[host]\nfiles = ["host.cpp"]\nsame = { op = "dst" }\n'


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, {"host.cpp": HOST, "tone.wgsl": SHADER, "edge.wgsl": SHADER, "wgsl-ls.toml": CONFIG})


def read(desk: Desk) -> None:
    """What host_watch.py does in another process."""
    request = desk.session.workspace.host_request(desk.path("tone.wgsl"))
    assert request is not None
    desk.session.workspace.host_reading(desk.path("tone.wgsl"))
    desk.session.readings.hold(str(desk.folder), Held(request.key, request.read(), request.texts))
    desk.session.changed(listing=False)


async def test_it_is_told_at_the_operation(desk: Desk) -> None:
    for name in ("tone.wgsl", "edge.wgsl", "host.cpp"):
        desk.open(name)
    read(desk)
    await desk.check()
    assert any("missing" in one for one in desk.shown("tone.wgsl"))
    line = HOST[: HOST.index("case OP_TONE: return")].count("\n") + 1
    (told,) = [one for one in desk.shown("host.cpp") if "host/lets-failing-through" in one]
    assert told.startswith(
        f"{line} host/lets-failing-through: supports_op lets this through, and tone.wgsl fails in 1 of 2"
    )
    assert "only when WIDE" in told and "(tone.wgsl:2)" in told and "kind" in told
    (shown,) = [one for one in desk.sent.shown[desk.uri("host.cpp")] if one.code == "host/lets-failing-through"]
    assert [desk.words(one.location) for one in shown.related_information or ()] == ["tone.wgsl:2 '/'"]


async def test_it_moves_with_the_text_and_goes_with_the_failure(desk: Desk) -> None:
    desk.open("tone.wgsl")
    desk.open("host.cpp")
    read(desk)
    await desk.check()
    (before,) = desk.shown("host.cpp")
    desk.change("\n\n" + HOST, "host.cpp")
    desk.server.publisher.publish()
    (now,) = desk.shown("host.cpp")
    assert int(now.split()[0]) == int(before.split()[0]) + 2
    desk.change(SHADER.replace("//! reject", "//"), "tone.wgsl")
    await desk.check()
    assert desk.shown("host.cpp") == []


async def test_only_what_is_wrong_with_variants_of_one_root_is_told(desk: Desk) -> None:
    desk.open("tone.wgsl")
    read(desk)
    await desk.check()
    snapshot, root = desk.session.snapshot, desk.path("tone.wgsl")
    (item,) = [one for one in desk.session.reporter.reports[root].diagnostics if "missing" in one.message]
    assert len(list(host_failures(snapshot, [item]))) == 1
    for other in (
        replace(item, severity=Severity.WARNING),
        replace(item, variants=()),
        replace(item, elsewhere=(item,)),
    ):
        assert list(host_failures(snapshot, [other])) == []


async def test_its_severity_is_the_configurations(desk: Desk) -> None:
    (desk.folder / "wgsl-ls.toml").write_text(f'rules = {{ "host/lets-failing-through" = "off" }}\n{CONFIG}')
    desk.open("tone.wgsl")
    desk.open("host.cpp")
    read(desk)
    await desk.check()
    assert any("missing" in one for one in desk.shown("tone.wgsl")) and desk.shown("host.cpp") == []


async def test_of_several_operations_those_that_let_a_failing_variant_through_are_told(desk: Desk) -> None:
    """Both are done by one shader, and only what one of them asks for fails."""
    text = HOST.replace("library.edge(op)", "library.tone(op)")
    desk.open("tone.wgsl")
    desk.open("host.cpp", text)
    read(desk)
    await desk.check()
    line = text[: text.index("case OP_TONE: return")].count("\n") + 1
    told = [one for one in desk.shown("host.cpp") if "host/lets-failing-through" in one]
    assert [one.split()[0] for one in told] == [str(line)]
