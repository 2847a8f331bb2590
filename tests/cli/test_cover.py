"""`validate --changed REV --cover`: few variants in which all changed lines are active."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.fixture import Project
from tests.cli.conftest import Engines, Say, git, write
from tests.cli.test_host_findings import HOST, TONE
from wgsl_ls.analysis.cover import cover
from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.cli.impact import changed_lines

CONFIG = """\
[[shader]]
files = ["a.wgsl"]
axes = { A = ["", "A"], B = ["", "B"], N = ["N=1", "N=2", "N=3"] }
"""
OLD = """\
#if A
const a = 1;
#else
const a = 0;
#endif
#if B
const b = 1;
#endif
#if A && B && N == 9
const never = 1;
#endif
@compute @workgroup_size(N) fn main() {}
"""


def covered(say: Say, *words: str, code: int = 0) -> tuple[list[str], dict[str, Any]]:
    """The variants that were judged, and what is said of the cover."""
    found, out, err = say("validate", "--engine=dawn", "--changed=HEAD", "--cover", "--format=json", *words)
    assert found == code, out + err
    report = json.loads(out)
    return [one["name"] for one in report["variants"] if one["state"] != "pending"], report["summary"]["cover"]


def committed(**changed: str) -> None:
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": OLD})
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")


def test_what_a_change_does_not_touch_is_not_read_here_either(
    say: Say, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    steps = FrontEnd.reading_steps
    monkeypatch.setattr(FrontEnd, "reading_steps", lambda self, text: (read.append(text.text), steps(self, text))[1])
    committed()
    write({"a.wgsl": OLD.replace("N == 9", "N == 2")})
    git("commit", "-qam", "two")
    write({"a.wgsl": OLD.replace("A && B && N == 9", "A && !B && N == 2")})
    code, out, _ = say("validate", "--engine=dawn", "--changed=HEAD", "--format=json")
    # That with B was touched, too, for it has lost a line.
    judged = [one["name"] for one in json.loads(out)["variants"] if one["state"] != "pending"]
    assert judged == ["A+N=2", "A+B+N=2"] and len(set(read)) == len(engines.jobs) == 2 and code == 0


def test_a_line_of_an_include_is_active_in_every_shader_that_reaches_it(say: Say, engines: Engines) -> None:
    """What it needs may be missing in one of them."""
    tables = "const table = 1;\n"
    uses = "#ifdef A\nconst a = 0;\n#endif\n"
    write(
        {"h.tmpl": uses, "wgsl-ls.toml": CONFIG.replace("a.wgsl", "*.wgsl").replace(', N = ["N=1", "N=2", "N=3"]', "")}
    )
    write(
        {"a.wgsl": f'{tables}#include "h.tmpl"\n', "b.wgsl": '#include "h.tmpl"\n', "c.wgsl": "#define A\n#undef A\n"}
    )
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    write({"h.tmpl": uses.replace("= 0", "= table")})
    names, said = covered(say)
    assert names == ["A", "A"] and (said["variants"], said["lines"], said["unreached"]) == (2, 1, [])


@pytest.mark.parametrize(
    ("what", "change", "n_variants", "n_lines", "unreached"),
    [
        ("nothing", ("const a = 1;", "const a = 1;"), 0, 0, []),
        ("a line of every variant", ("fn main() {}", "fn main() { }"), 1, 1, []),
        ("lines that one variant has", ("= 1;", "= 2u;"), 1, 3, [9]),
        ("two branches that exclude each other", ("const a =", "const aa ="), 2, 2, []),
        ("a condition", ("#if B\n", "#if !B\n"), 1, 1, []),
        ("a comment in a line of its own", ("#if B", "// b\n#if B"), 0, 0, []),
        ("a line that is gone", ("const b = 1;\n", ""), 1, 1, []),
    ],
)
def test_every_changed_line_is_active_in_one_of_few(
    what: str, change: tuple[str, str], n_variants: int, n_lines: int, unreached: list[int], say: Say, engines: Engines
) -> None:
    committed()
    write({"a.wgsl": OLD.replace(*change)})
    _, said = covered(say)
    assert (len(engines.jobs), said["variants"], said["lines"]) == (n_variants, n_variants, n_lines), what
    assert [one["range"]["start"]["line"] for one in said["unreached"]] == unreached, what


def test_new_values_of_macros_are_covered_too(say: Say, engines: Engines) -> None:
    committed()
    write({"wgsl-ls.toml": CONFIG.replace("N=3", "N=4")})
    names, said = covered(say)
    assert [one.rpartition("N=")[2] for one in names] == ["4"] and said["values"] == 1


VARIANT = '[[shader.variant]]\nname = "{}"\ndefines = {}\n'
NEEDS = "#ifdef TABLE\nconst table = 1;\n#endif\n#if defined(X) && !defined(TABLE)\n//! reject 1:1 no table\n#endif\n"


@pytest.mark.parametrize(
    ("before", "after", "chosen"),
    [
        # The host leaves out what one of them needs: no line and no value is new.
        ({"x": ["X", "TABLE"], "y": ["Y"]}, {"x": ["X"], "y": ["Y"]}, ["x"]),
        ({"x": ["X", "TABLE"], "y": ["TABLE"]}, {"x": ["X"], "y": ["TABLE"]}, ["x"]),
        ({"x": ["X", "TABLE"], "y": ["Y", "TABLE"]}, {"x": ["X"], "y": ["Y"]}, ["x"]),
        # Numbers meet numbers all the time.
        ({"x": ["N=1", "M=1"], "y": ["N=2", "M=2"]}, {"x": ["N=1", "M=2"], "y": ["N=2", "M=1"]}, []),
        ({"x": ["Z"], "y": ["Y"]}, {"y": ["Z"], "x": ["Y"]}, []),
    ],
)
def test_macros_that_were_never_together_are_covered(
    before: dict[str, list[str]], after: dict[str, list[str]], chosen: list[str], say: Say, engines: Engines
) -> None:
    def config(variants: dict[str, list[str]]) -> str:
        listed = "".join(VARIANT.format(name, json.dumps(defines)) for name, defines in variants.items())
        return f'[[shader]]\nfiles = ["a.wgsl"]\n{listed}'

    write({"wgsl-ls.toml": config(before), "a.wgsl": NEEDS})
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    write({"wgsl-ls.toml": config(after)})
    assert covered(say, code=1 if chosen else 0)[0] == chosen


def test_people_are_told_which_lines_nobody_reaches(say: Say, engines: Engines) -> None:
    committed()
    write({"a.wgsl": OLD.replace("= 1;", "= 2u;")})
    code, out, _ = say("validate", "--engine=dawn", "--changed=HEAD", "--cover")
    assert code == 0 and "2 of 3 changed lines: covered by judging 1 variant, no others" in out
    assert "a.wgsl:10:1: no variant reaches this changed line" in out
    assert say("validate", "--cover")[0] == 2


@pytest.mark.parametrize("n_more", [0, 1, 3])
def test_of_many_lines_that_nobody_reaches_the_first_are_listed(say: Say, engines: Engines, n_more: int) -> None:
    committed()
    n_lines = 12 + n_more
    never = "#ifdef NEVER\n" + "".join(f"const n{number} = 1;\n" for number in range(n_lines)) + "#endif\n"
    write({"a.wgsl": OLD + never})
    _, out, _ = say("validate", "--engine=dawn", "--changed=HEAD", "--cover")
    assert out.count("no variant reaches this changed line") == 12
    assert ("more changed line" in out) == (f"and {n_more} more changed lines" in out) == bool(n_more)


def test_what_was_there_with_other_names_is_not_touched(say: Say, engines: Engines) -> None:
    config = '[[shader]]\nfiles = ["a.wgsl"]\n[[shader.variant]]\nname = "one"\ndefines = ["N=1"]\n'
    committed()
    write({"wgsl-ls.toml": config})
    git("commit", "-qam", "two")
    Path("wgsl-ls.toml").write_text(config.replace("one", "two"), encoding="utf-8")
    assert covered(say)[0] == []


def test_of_variants_with_the_same_lines_one_is_taken_that_has_changed() -> None:
    project = Project.of("const a = N;\n", variants={"x": ["N=1"], "y": ["N=2"], "z": ["N=3"]})
    view = project.view()
    assert cover(project.snapshot, [view], {view.path: [0]}, {}, {(view.path, "y")}).chosen == {view.path: ["y"]}


ALL = [f"A={a} B={b} C={c}" for a in range(2) for b in range(3) for c in range(2)]


@pytest.mark.parametrize(
    ("conditions", "variants"),
    [
        (["A", "!A", "B == 0", "B == 1", "B == 2", "C && A", "A && !A", "!C && B == 1"], ALL),
        (["B != 2", "B > 0", "A && !A"], ["B=0", "B=2", "B=1"]),
        # The largest class is taken first, and is superfluous in the end.
        (["B < 2", "B < 2", "B != 1", "B != 1", "B == 1", "B == 2", "A && !A"], ["B=0", "B=1", "B=2"]),
    ],
)
def test_no_fewer_variants_would_do(conditions: list[str], variants: list[str]) -> None:
    """Against all subsets, for texts with small conditionals."""
    text = "".join(f"#if {condition}\nconst c{n} = {n};\n#endif\n" for n, condition in enumerate(conditions))
    project = Project.of(text, variants={name: name.split() for name in variants})
    view = project.view()
    lines = range(text.count("\n"))
    found = cover(project.snapshot, [view], {view.path: lines}, {}, ())
    active = [
        {n for n, _ in enumerate(conditions) if f"const c{n} =" in view.expansion(index).text}
        for index in range(len(variants))
    ]
    wanted = set[int]().union(*active)
    fewest = next(
        n for n in range(1, len(active)) if any(set[int]().union(*some) == wanted for some in combinations(active, n))
    )
    chosen = [active[view.index_by_name[name]] for name in found.chosen[view.path]]
    assert set[int]().union(*chosen) == wanted and len(chosen) == fewest
    never = conditions.index("A && !A")
    assert [text[one.span.start : one.span.end] for one in found.unreached] == [f"const c{never} = {never};"]


def test_changed_lines() -> None:
    assert changed_lines("a\nb\nc\n", "a\nx\nc\n") == [1]
    assert changed_lines("a\nb\nc\n", "a\nc\n") == [1]
    assert changed_lines("", "a\n") == [0] and changed_lines("a\nb", "a") == [0]
    assert changed_lines("a\n", "a\nb\n") == [1]


def test_variants_that_the_host_asks_for_are_compared_with_those_it_asked_for(say: Say, engines: Engines) -> None:
    write({"host.cpp": HOST, "tone.wgsl": TONE})
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    assert covered(say) == ([], {"lines": 0, "values": 0, "variants": 0, "unreached": []})
    write({"tone.wgsl": TONE.replace("const a = 1", "const a = 2")})
    _, said = covered(say)
    assert (len(engines.jobs), said["lines"], said["variants"]) == (1, 1, 1)
    write({"tone.wgsl": TONE, "host.cpp": HOST.replace('"UNREAD"', '"READ"')})
    assert covered(say)[1]["values"] == 2, "one is given now, one no more"
