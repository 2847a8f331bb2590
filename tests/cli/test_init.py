"""`wgsl-ls init` with a compiler that refuses what contains "bad": what it writes, and what it leaves alone."""

from __future__ import annotations

import contextlib
import shlex
from pathlib import Path

import pytest

from wgsl_ls.cli import init
from wgsl_ls.cli.check import Checked
from wgsl_ls.cli.composition import Session, open_session
from wgsl_ls.cli.main import main
from wgsl_ls.wire.engine_specs import engine_names
from wgsl_ls.wire.jobs import Accepted, EngineMessage, MessageSpan, Rejected, Unavailable
from wgsl_ls.wire.verdicts import State

REFUSED = Rejected((EngineMessage("error", "bad", (MessageSpan(0, 1),), "module", "type"),))
CODE = "@compute @workgroup_size(1) fn main() {}\n"
HOST = """
struct Args { bool wide; };
std::string get(Args & args) {
    std::vector<std::string> defines;
    if (args.wide) { defines.push_back("WIDE"); }
    return preprocess(wgsl_hosted, defines);
}
"""


async def scripted(session: Session, roots: list[str], engines: tuple[str, ...]) -> Checked:
    for root in roots:
        view = session.snapshot.root(root)
        assert view is not None
        for planned in session.reporter.jobs(view, list(range(len(view.variants))), set()):
            if planned is not None:
                result = REFUSED if "bad" in planned.job.text else Accepted()
                session.store.put(planned.job, planned.digest, result)
        for _ in session.reporter.local_steps(view):
            pass
    return Checked(0, 0.0, {})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(init, "check", scripted)
    monkeypatch.setenv("WGSL_LS_CACHE", str(tmp_path / "cache"))
    shaders = tmp_path / "shaders"
    shaders.mkdir()
    return shaders


def states(folder: Path) -> dict[str, list[tuple[str, State]]]:
    """What the written configuration declares, judged."""
    session = open_session([str(folder)])
    found: dict[str, list[tuple[str, State]]] = {}
    for root in session.workspace.roots():
        view = session.snapshot.root(root)
        assert view is not None
        if view.settings.declared:
            with contextlib.suppress(StopIteration):
                scripted(session, [root], ()).send(None)
            report = session.reporter.report(session.snapshot, view)
            found[Path(root).name] = [(entry.name, entry.state) for entry in report.verdicts]
    return found


@pytest.mark.parametrize(
    ("shader", "declared"),
    [
        (CODE, ["default"]),
        ("#ifdef MASK\nconst m = 1;\n#endif\n" + CODE, ["default", "MASK"]),
        ("#ifdef A\nconst a = 1;\n#else\nconst bad = 1;\n#endif\n" + CODE, ["A"]),
        ("#ifdef A\nconst bad = 1;\n#endif\n" + CODE, ["default"]),
        # Each alone is fine; together they are not, which only trying tells.
        (
            "#ifdef A\nconst a = 1;\n#ifdef A2\nconst bad = 1;\n#endif\n#endif\n"
            "#ifdef A2\nconst b = 1;\n#else\nconst c = 1;\n#endif\n" + CODE,
            None,
        ),
        ("const bad = 1;\n", []),
    ],
)
def test_nothing_that_fails_is_declared(folder: Path, shader: str, declared: list[str] | None) -> None:
    (folder / "a.wgsl").write_text(shader, encoding="utf-8")
    assert main(["init", str(folder)]) == 0
    found = states(folder).get("a.wgsl", [])
    assert {state for _, state in found} <= {State.PASS}
    if declared is not None:
        assert [name for name, _ in found] == declared
    else:
        assert found


def test_axes_whose_combinations_fail_become_variants(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"#ifdef {name}\nconst {name.lower()} = 1;\n#endif\n" for name in ("A", "B"))
    (folder / "a.wgsl").write_text(text + "#if A + B == 2\nconst bad = 1;\n#endif\n" + CODE, encoding="utf-8")
    real = init.first_config
    asked: list[frozenset[str]] = []

    def noted(drafts: list[init.ShaderDraft], explicit: frozenset[str] = frozenset()) -> str:
        named = (("default", ()), ("A", (("A", ""),)), ("B", (("B", ""),)))
        asked.append(explicit)
        return real([init.ShaderDraft("a.wgsl", named)], explicit)

    monkeypatch.setattr(init, "first_config", noted)
    assert main(["init", str(folder)]) == 0
    assert asked == [frozenset(), frozenset({"a.wgsl"})]
    assert [name for name, _ in states(folder)["a.wgsl"]] == ["default", "A", "B"]


def test_what_a_host_asks_for_needs_no_entry(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "hosted.wgsl").write_text("#ifdef WIDE\nconst bad = 1;\n#endif\n" + CODE, encoding="utf-8")
    (folder / "host.cpp").write_text(HOST, encoding="utf-8")
    assert main(["init", str(folder)]) == 0
    text = (folder / "wgsl-ls.toml").read_text(encoding="utf-8")
    assert "[[shader]]" not in text and "1 shader here: 2 variants, read from the host" in text
    out = capsys.readouterr().out
    assert "no entry is needed for 1 shader: the host's code asks for 2 variants" in out
    assert "not declared" not in out
    session = open_session([str(folder)])
    assert {one.origin for one in session.workspace.settings(str(folder / "hosted.wgsl")).variants} == {"host"}


def test_nothing_is_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.wgsl").write_text(CODE, encoding="utf-8")
    assert main(["init", str(folder), "--print"]) == 0
    assert 'files = ["a.wgsl"]' in capsys.readouterr().out
    assert not (folder / "wgsl-ls.toml").exists()
    above = folder.parent / "wgsl-ls.toml"
    above.write_text('dialect = "ggml"\n', encoding="utf-8")
    assert main(["init", str(folder)]) == 2
    assert "rules shaders here already" in capsys.readouterr().err
    above.rename(folder / "wgsl-ls.toml")
    assert main(["init", str(folder)]) == 2
    assert (folder / "wgsl-ls.toml").read_text(encoding="utf-8") == 'dialect = "ggml"\n'


def test_without_a_compiler_nothing_is_known_to_pass(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def nobody(session: Session, roots: list[str], engines: tuple[str, ...]) -> Checked:
        return Checked(0, 0.0, {name: Unavailable("not installed", "install it") for name in engine_names()})

    monkeypatch.setattr(init, "check", nobody)
    (folder / "a.wgsl").write_text(CODE, encoding="utf-8")
    assert main(["init", str(folder)]) == 2
    assert "no compiler can judge" in capsys.readouterr().err
    assert not (folder / "wgsl-ls.toml").exists()


def test_the_next_command_can_be_pasted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = folder / "two words"
    odd.mkdir()
    (odd / "a.wgsl").write_text(CODE, encoding="utf-8")
    assert main(["init", str(odd)]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].endswith("two words/wgsl-ls.toml: written")
    (line,) = (one for one in out.splitlines() if "next:" in one)
    words = shlex.split(line.partition("next:")[2])
    assert words[:2] == ["wgsl-ls", "validate"] and Path(words[2]).samefile(odd) and len(words) == 3


def test_what_passes_in_no_variant_is_told_by_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "good.wgsl").write_text(CODE, encoding="utf-8")
    (folder / "broken.wgsl").write_text("const bad = 1;\n" + CODE, encoding="utf-8")
    assert main(["init", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "  1 shader declared, with variants that pass\n" in out
    assert "  1 shader not declared, no variant passes yet: broken.wgsl\n" in out
