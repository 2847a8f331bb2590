"""`wgsl-ls identify` and `wgsl-ls host --compare` over the second host project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Say, write
from wgsl_ls.cli.main import main

SECOND = Path(__file__).parents[1] / "host" / "second"
TONE = SECOND / "kernels" / "tone.wgsl"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WGSL_LS_CACHE", str(tmp_path / "cache"))


def variants(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    assert main(["variants", str(SECOND), "--format", "json"]) == 0
    listed: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return listed


def identified(text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> list[dict[str, object]]:
    (tmp_path / "log.txt").write_text(text, "utf-8")
    code = main(["identify", str(tmp_path / "log.txt"), str(SECOND), "--format", "json"])
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    assert code == (0 if found else 1)
    return found


def test_dumped_wgsl_is_its_variant(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    name = next(str(one["name"]) for one in variants(capsys) if "PACKED" in one["defines"])  # type: ignore[operator]
    assert main(["expand", str(TONE), "--variant", name]) == 0
    found = identified(capsys.readouterr().out, capsys, tmp_path)
    assert [(one["variant"], one["by"]) for one in found] == [(name, "text")]


@pytest.mark.parametrize(
    "log",
    [
        ":{line}:19 error: no matching overload\n{code}\n                  ^^^^^^^\n",
        "error: wrong\n  ┌─ wgsl:{line}:19\n  │\n{line} │ {code}\n  │       ^ here\n",
    ],
)
def test_a_message_leads_to_the_written_line(log: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    name = next(str(one["name"]) for one in variants(capsys) if "PACKED" in one["defines"])  # type: ignore[operator]
    assert main(["expand", str(TONE), "--variant", name]) == 0
    lines = capsys.readouterr().out.split("\n")
    line = next(number for number, text in enumerate(lines, 1) if "let place" in text)
    found = identified(log.format(line=line, code=lines[line - 1]), capsys, tmp_path)
    written = next(n for n, text in enumerate(TONE.read_text().split("\n"), 1) if "let place" in text)
    column = max(19, len(lines[line - 1]) - len(lines[line - 1].lstrip()) + 1)
    assert len(found) > 1, "other variants have the same line, and nothing says which it was"
    assert name in {one["variant"] for one in found}
    for one in found:
        (place,) = one["places"]  # type: ignore[misc]
        assert str(place).partition("tone.wgsl")[2].split(":")[1:] == [str(written), str(column)]
    assert identified(log.format(line=line, code=lines[line - 1] + " // other"), capsys, tmp_path) == []
    named = identified(f'in ShaderModule "{name}":\n' + log.format(line=line, code=lines[line - 1]), capsys, tmp_path)
    assert [one["variant"] for one in named] == [name]


def test_for_people(say: Say) -> None:
    write({
        "wgsl-ls.toml": '[[shader]]\nfiles = ["a.wgsl"]\naxes = { A = ["", "A"] }\n',
        "a.wgsl": "const same = 1;\n#ifdef A\nconst a = 1;\n#endif\n",
        "line": "error: wrong\n  ┌─ wgsl:1:7\n  │\n1 │ const same = 1;\n  │       ^ here\n",
        "text": "const same = 1;\nconst a = 1;\n",
    })  # fmt: skip
    assert say("identify", "text", ".") == (0, "a.wgsl: A (the whole text)\n", "")
    code, out, err = say("identify", "line", ".")
    assert (code, out) == (0, "a.wgsl:1:7: default\na.wgsl:1:7: A\n")
    assert err.startswith("wgsl-ls: more than one variant has this text")
    numbers = ", ".join(map(str, range(10)))
    write({"wgsl-ls.toml": f'[[shader]]\nfiles = ["a.wgsl"]\naxes = {{ N = [{numbers}] }}\n'})
    lines = say("identify", "line", ".")[1].splitlines()
    assert len(lines) == 9 and lines[-1] == "a.wgsl:1:7: and 2 more variants of a.wgsl"


def test_the_host_of_one_shader(capsys: pytest.CaptureFixture[str]) -> None:
    def shown(*paths: str) -> str:
        main(["host", *paths])
        return capsys.readouterr().out

    whole, one = shown(str(SECOND)), shown(str(TONE))
    other = next(path for path in TONE.parent.glob("*.wgsl") if path != TONE).stem
    assert f"\n{other}: " in whole and "\ntone: " in whole
    assert "\ntone: " in one and f"\n{other}: " not in one and len(one) < len(whole)


def test_what_was_seen_against_what_was_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    listed = variants(capsys)
    lines = [{"shader": one["shader"], "defines": one["defines"]} for one in listed]
    grain = next(one for one in lines if str(one["shader"]).endswith("grain.wgsl"))
    other = {**grain, "defines": ["RADIUS=7", *(d for d in grain["defines"] if not d.startswith("RADIUS"))]}  # type: ignore[attr-defined]
    strange = {**grain, "defines": [*grain["defines"], "STRANGE"]}  # type: ignore[misc]
    left_out = lines.pop(0)
    trace = tmp_path / "variants.jsonl"
    trace.write_text("\n".join(map(json.dumps, [*lines, other, strange])))
    assert main(["host", str(SECOND), "--compare", str(trace), "--format", "json"]) == 1
    found = {one["shader"]: one for one in json.loads(capsys.readouterr().out)}
    assert sum(one["both"] for one in found.values()) == len(lines)
    assert found["grain"]["other_numbers"] == [sorted(other["defines"])]
    assert found["grain"]["not_read"] == [sorted(strange["defines"])]
    (never,) = [defines for one in found.values() for defines in one["never_seen"]]
    assert never == sorted(left_out["defines"])  # type: ignore[call-overload]
    trace.write_text("\n".join(map(json.dumps, lines)))
    assert main(["host", str(SECOND), "--compare", str(trace)]) == 0
    rows = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    words = "{} seen and read, 0 seen with other numbers than were chosen, 0 seen but not read, {} read but never seen"
    assert rows == {name: words.format(one["both"], len(one["never_seen"])) for name, one in found.items()}
    assert main(["host", str(SECOND), "--compare", str(tmp_path / "none.jsonl")]) == 2
