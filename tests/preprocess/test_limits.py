"""Texts that nobody writes and that must not harm: nothing recurses, nothing grows without bound."""

from __future__ import annotations

import gc
import sys
from typing import Any

import pytest

from tests.steps import growth, is_linear
from wgsl_ls.preprocess.chunks import LONGEST_TEXT
from wgsl_ls.preprocess.dialect import GGML
from wgsl_ls.preprocess.directives import MOST_PROBLEMS, NodeStore, parse_directives
from wgsl_ls.preprocess.expansion import Expander, Expansion, _Holding, parse_defines
from wgsl_ls.preprocess.replay import Replay
from wgsl_ls.text.source_file import SourceFile

DEEP = 3_000


def test_of_a_million_mistakes_a_thousand_are_told() -> None:
    mistakes = "#\n" * (3 * MOST_PROBLEMS)
    tree = parse_directives(mistakes, GGML)
    assert len(tree.problems) == MOST_PROBLEMS + 1
    assert tree.problems[-1].message.endswith("behind this is not told") and tree.problems[-1].fatal
    assert Expander(lambda name: f"no {name}").expand(SourceFile("/a.wgsl", mistakes)).failed


def test_directives_beyond_number_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wgsl_ls.preprocess.directives.MOST_DIRECTIVES", 1000)
    text = "#if A\n" + "#define M 1\n" * 998
    assert not parse_directives(f"{text}#endif\n", GGML).problems
    for rest in ("#bogus\n#bogus\n", "#bogus\n" * 100_000):
        tree = parse_directives(f"{text}{rest}", GGML)
        last = tree.problems[-1]
        assert [one.code.partition("/")[2] for one in tree.problems] == ["unknown-directive", "text-too-long"]
        assert last.fatal and last.span.start == len(text) + len("#bogus\n")
        assert len(tree.directives()) == 1000


def test_conditions_that_ask_through_long_chains_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    def text(n: int) -> str:
        return "#define D0 1\n" + "".join(f"#define D{i} D{i - 1}\n#if D{i} == 1\n#endif\n" for i in range(1, n))

    def problems(n: int) -> list[str]:
        found = Expander(lambda name: name).expand(SourceFile("/a.wgsl", text(n)))
        return [problem.code for _, _, problem in found.replay.problems]

    monkeypatch.setattr("wgsl_ls.preprocess.resolution._ASKED", LONGEST_TEXT // 6000)
    assert problems(100) == [] and problems(200) == ["preprocess/text-too-long"]
    assert is_linear(growth(problems, 300))


def test_positions_of_thousands_of_variants_are_kept_for_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wgsl_ls.preprocess.expansion._REPLAYS", _Holding(20, Expansion.forget_replay))
    gc.collect()
    others = {id(one) for one in gc.get_objects() if isinstance(one, Replay)}
    root = SourceFile("/a.wgsl", "#define N M\n#if M > 3\nconst a = N;\n#endif\nconst b = M;\n")
    expander = Expander(lambda name: f"no {name}")
    variants = [expander.expand(root, [("M", str(number))]) for number in range(200)]
    tables = [len(one.replay.table_at_end()) for one in variants]
    gc.collect()
    assert sum(isinstance(one, Replay) and id(one) not in others for one in gc.get_objects()) < 20
    assert tables == [len(one.replay.table_at_end()) for one in variants] == [2] * 200
    kept = variants[-1].replay
    assert kept is variants[-1].replay


def use_everything(expansion: Any) -> None:
    replay = expansion.replay
    assert len(replay.decisions) >= 0 and len(replay.inactive) >= 0 and len(replay.uses) >= 0
    assert expansion.source_map.segments is not None and expansion.diagnostics is not None
    assert expansion.origin(len(expansion.text) // 2) is not None or not expansion.text
    assert expansion.macro_table(10**6) is not None


@pytest.mark.parametrize("value", ["0", "1"])
def test_deep_nesting(project: Any, value: str) -> None:
    assert sys.getrecursionlimit() < DEEP
    expansion = project("#if A\nx\n" * DEEP + "#endif\n" * DEEP, f"A={value}").expansion
    use_everything(expansion)
    assert not expansion.failed
    assert expansion.text == ("x\n" * DEEP if value == "1" else "")
    states = [decision.state for decision in expansion.replay.decisions]
    assert states == (["taken"] * DEEP if value == "1" else ["false"] + ["inactive"] * (DEEP - 1))


def test_deep_nesting_without_an_end(project: Any) -> None:
    files = project("#if 1\n" * DEEP + "x")
    use_everything(files.expansion)
    assert files.expansion.text == "x\n" and len(files.expansion.diagnostics) == MOST_PROBLEMS + 1


def test_deep_includes_end_in_an_error(project: Any) -> None:
    files = {f"f{index}": f'#include "f{index + 1}"\nx\n' for index in range(220)}
    expansion = project('#include "f0"\n', f220="end\n", **files).expansion
    use_everything(expansion)
    assert [one.code for one in expansion.diagnostics] == ["preprocess/include-depth"]
    fine = project('#include "f50"\n', f220="end\n", **files).expansion
    assert not fine.failed and fine.text == "end\n" + "x\n" * 170


def test_includes_that_double_at_every_level(project: Any) -> None:
    files = {f"f{index}": f'#include "f{index + 1}"\n#include "f{index + 1}"\n' for index in range(60)}
    expansion = project('#include "f0"\n', f60="x\n", **files).expansion
    assert expansion.failed
    assert {one.code for one in expansion.diagnostics} == {"preprocess/too-many-includes"}
    use_everything(expansion)


def test_text_that_doubles_at_every_level(project: Any) -> None:
    files = {f"f{index}": f'#include "f{index + 1}"\n#include "f{index + 1}"\n' for index in range(12)}
    expansion = project('#include "f0"\n', f12="x" * 100_000 + "\n", **files).expansion
    assert expansion.failed and len(expansion.text) <= LONGEST_TEXT
    assert {one.code for one in expansion.diagnostics} == {"preprocess/text-too-long"}


DOUBLED = "#define A0 0123456789\n" + "".join(f"#define A{i} A{i - 1} A{i - 1}\n" for i in range(1, 16))


def test_code_that_grows_by_its_macros_in_many_places(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each place is within the limit, all of them together are not: in code, in conditionals side by side, nested."""
    monkeypatch.setattr("wgsl_ls.preprocess.resolution.LONGEST_TEXT", 2_000_000)
    many = DOUBLED + "".join(f"{'// x' * (n % 7)} A12\n#if 1\nA13 {n}\n#endif\n" for n in range(300))
    nested = DOUBLED + "".join(f"#if 1\nA13 {n}\n" for n in range(300)) + "#endif\n" * 300
    for text in (many, nested):
        expansion = project(text).expansion
        assert expansion.failed and len(expansion.text) < 2_100_000
        assert {one.code for one in expansion.diagnostics} == {"preprocess/text-too-long"}
        use_everything(expansion)
    # What was refused in one text is not refused in the next one that has it.
    expander = Expander(lambda name: name, GGML)
    assert expander.expand(SourceFile("a", many)).failed
    rest = DOUBLED + "#if 1\nA13 299\n#endif\n"
    fine = expander.expand(SourceFile("a", rest))
    assert not fine.failed and len(fine.text) > 80_000


def test_many_long_macros_in_one_place(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wgsl_ls.preprocess.values.MOST_CHARACTERS", 3_000_000)
    more = "".join(f"#define B{n} A15 {n}\n" for n in range(40))
    expansion = project(DOUBLED + more + "\n#if 0\n#endif\n" + " ".join(f"B{n}" for n in range(40)) + "\n").expansion
    assert {one.code for one in expansion.diagnostics} == {"preprocess/long-macro"}
    assert len(expansion.text) < 5_000_000


def test_macros_that_double_each_other(project: Any) -> None:
    defines = "".join(f"#define D{index} D{index + 1} D{index + 1}\n" for index in range(60))
    files = project(f"{defines}#define D60 x\n#if 1\n  D0\n#endif\n$0D50\n")
    assert [(one.code, files.written(one.location)) for one in files.expansion.diagnostics] == [
        ("preprocess/long-macro", "D0")
    ]
    assert files.expansion.text.endswith(" ".join(["x"] * 1024) + "\n")
    assert files.table().expanded("D0") is None
    assert files.expansion.macro_steps(len(files.expansion.text) - 2)[-1].definition.name == "D60"


def test_a_long_chain_of_macros(project: Any) -> None:
    defines = "".join(f"#define D{index} D{index + 1}\n" for index in range(2_000))
    files = project(f"{defines}#define D2000 1\n#if D0\nD0\n#endif\n")
    assert files.expansion.text == "1\n"
    use_everything(files.expansion)


def test_many_continued_lines(project: Any) -> None:
    files = project("#define A \\\n" + "x + \\\n" * 20_000 + "y\nA\n")
    assert files.expansion.text.count("x +") == 20_000


def test_a_large_chunk(project: Any) -> None:
    expansion = project("let a = A + b;\n" * 40_000, "A=12").expansion
    assert expansion.text == "let a = 12 + b;\n" * 40_000
    origin = expansion.origin(16 * 20_000 + 8)
    assert origin is not None and origin.macro == "A" and origin.location.span.start == 15 * 20_000 + 8
    start = 15 * 30_000 + 8
    assert [
        (span.start, span.end)
        for span in expansion.source_map.expanded("main", type(origin.location.span)(start, start + 1))
    ] == [(16 * 30_000 + 8, 16 * 30_000 + 10)]


def test_many_directives(project: Any) -> None:
    text = "".join(f"#if A == {index}\nx{index}\n#endif\n" for index in range(3_000))
    expansion = project(text, "A=77").expansion
    assert expansion.text == "x77\n"
    assert len(expansion.replay.inactive) == 2_999


def test_edits_and_variants_do_not_pile_up() -> None:
    """500 edits of one file with 20 variants each: the store stays below its limit, and so does what it holds."""
    store = NodeStore(limit=400_000)
    expander = Expander(lambda name: SourceFile(name, "part A\n#if A == 3\nthree\n#endif\n"), GGML, "native", store)
    body = "".join(f"#if A == {index}\nvalue {index} A\n#endif\ncode {index}\n" for index in range(20))
    heaviest = 0
    for edit in range(500):
        root = SourceFile("main", body.replace("code 7", f"code {edit}") + '#include "part"\n')
        expander.forget_files()
        for index in range(0, 20, 4):
            expansion = expander.expand(root, parse_defines([f"A={index}"]))
            assert f"value {index} {index}\n" in expansion.text and f"code {edit}\n" in expansion.text
        heaviest = max(heaviest, store.weight)
        assert len(store) < 3_000
    assert heaviest <= store.limit


def test_misspelt_directives_are_matched_without_looking_through_all() -> None:
    """What looks through those before for each would not come to its end here."""
    n = 10_000
    tree = parse_directives("#iff A\n" * n + "#endif\n" * n, GGML, NodeStore())
    assert len(tree.items) == 2 * n
    assert {one.code for one in tree.problems} == {"preprocess/unknown-directive"}


def test_macros_through_a_long_chain_are_worked_out_once() -> None:
    def ask(n: int) -> None:
        table = tables[n]
        for index in range(n):
            assert table.expanded(f"D{index}") == "1"

    tables = {}
    for n in (100, 200, 400):
        text = "#define D0 1\n" + "".join(f"#define D{index} D{index - 1}\n" for index in range(1, n)) + "D1\n"
        tables[n] = Expander(lambda name: name, GGML).expand(SourceFile("/p/a.wgsl", text)).macro_table(len(text))
    assert is_linear(growth(ask, 100))


def test_a_tree_that_outlives_its_store() -> None:
    store = NodeStore(limit=2_000)
    tree = parse_directives("#if A\nx A\n#endif\n", GGML, store)
    for index in range(50):
        parse_directives(f"code {index}\n" * 10, GGML, store)
    again = parse_directives(tree.text, GGML, store)
    assert again is not tree and again.items[0][1] is not tree.items[0][1]
