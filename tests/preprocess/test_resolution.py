"""One Expander for many variants: whatever it remembers, the result is that of a fresh one."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from wgsl_ls.preprocess.dialect import GGML
from wgsl_ls.preprocess.directives import NodeStore
from wgsl_ls.preprocess.expansion import Expander, IncludeMode, parse_defines
from wgsl_ls.text.source_file import SourceFile


def expander_of(files: Mapping[str, str], includes: IncludeMode = "native", store: NodeStore | None = None) -> Expander:
    def load(name: str) -> SourceFile | str:
        return SourceFile(name, files[name]) if name in files else f"no {name}"

    return Expander(load, GGML, includes, store)


def text_of(expander: Expander, text: str, *defines: str) -> str:
    return expander.expand(SourceFile("main", text), parse_defines(defines), "main").text


def test_a_macro_that_an_include_brings_late() -> None:
    """The second variant is the first to read the file that makes X a macro."""
    expander = expander_of({"part": "#define X 5\n"})
    text = '#if A\n#include "part"\n#endif\nX\n'
    assert text_of(expander, text, "A=0") == "X\n"
    assert text_of(expander, text, "A=1") == "5\n"
    assert text_of(expander, text, "A=0") == "X\n"


def test_a_macro_that_a_value_brings_late() -> None:
    expander = expander_of({})
    assert text_of(expander, "A\n", "A=B") == "B\n"
    assert text_of(expander, "A\n", "A=B", "B=2") == "2\n"
    assert text_of(expander, "A\n", "A=C", "B=2", "C=3") == "3\n"
    assert text_of(expander, "A\n", "A=B") == "B\n"


def test_a_condition_that_reads_through_values() -> None:
    expander = expander_of({})
    text = "#if A\nyes\n#else\nno\n#endif\n"
    for defines, expected in [
        (["A=B"], "no\n"), (["A=B", "B=1"], "yes\n"), (["A=B", "B=C"], "no\n"), (["A=B", "B=C", "C"], "yes\n"),
        (["A=defined(D)"], "no\n"), (["A=defined(D)", "D"], "yes\n"), ([], "no\n"), (["A"], "yes\n"),
    ] * 2:  # fmt: skip
        assert text_of(expander, text, *defines) == expected


def test_a_lock_is_more_than_a_value() -> None:
    """In both variants A is 1 before the include; only in the second one it may be changed."""
    expander = expander_of({"part": "#define A 2\nA\n#undef A\n"})
    text = '#ifndef A\n#define A 1\n#endif\n#include "part"\nA\n'
    assert text_of(expander, text, "A=1") == "1\n1\n"
    assert text_of(expander, text) == "2\nA\n"
    assert text_of(expander, text, "A=1") == "1\n1\n"


def test_names_that_look_like_the_tables_own() -> None:
    for mark in "\x00\x01\x02\x03":
        text = f'#define {mark}A 1\n#define A 2\nA\n#include "part"\n'
        assert text_of(expander_of({"part": f"#define {mark}part\nx\n"}), text) == "2\nx\n"


def test_expanders_that_share_a_store_do_not_share_their_macros() -> None:
    store = NodeStore()
    first = expander_of({"part": "X Y\n"}, store=store)
    second = expander_of({"part": "X Y\n"}, store=store)
    text = '#include "part"\nX Y\n'
    assert text_of(first, text, "X=1") == "1 Y\n1 Y\n"
    assert text_of(second, text, "Y=2") == "X 2\nX 2\n"
    assert text_of(first, text, "Y=3") == "X 3\nX 3\n"


def test_expanders_that_share_a_store_do_not_share_their_files() -> None:
    store = NodeStore()
    first = expander_of({"part": "one\n"}, store=store)
    second = expander_of({"part": "two\n"}, store=store)
    text = '#if 1\n#include "part"\n#endif\n'
    for _ in range(2):
        assert text_of(first, text) == "one\n"
        assert text_of(second, text) == "two\n"


def test_a_file_that_changed() -> None:
    files = {"part": "#define A 1\n"}
    expander = expander_of(files)
    text = '#if 1\n#include "part"\n#endif\nA\n'
    assert text_of(expander, text) == "1\n"
    files["part"] = "#define A 2\n"
    assert text_of(expander, text) == "1\n"
    expander.forget_files()
    assert text_of(expander, text) == "2\n"
    del files["part"]
    expander.forget_files()
    gone = expander.expand(SourceFile("main", text))
    assert gone.failed and gone.text == "A\n"


def test_positions_survive_a_changed_include_path() -> None:
    moved = {"part": SourceFile("old/part", "x\n")}
    expander = Expander(lambda name: moved[name])
    root = SourceFile("main", '#if 1\n#include "part"\n#endif\n')
    before = expander.expand(root)
    moved["part"] = SourceFile("new/part", "x\n")
    expander.forget_files()
    after = expander.expand(root)
    origins = [expansion.origin(0) for expansion in (before, after)]
    assert [origin and origin.location.path for origin in origins] == ["old/part", "new/part"]


def test_a_cycle_under_one_name_only() -> None:
    files = {"a": '#include "b"\n', "b": 'b\n#ifdef BACK\n#include "a"\n#endif\n'}
    expander = expander_of(files)
    for text, defines, failed in [
        ('#include "b"\n', ["BACK"], True),
        ('#include "a"\n', ["BACK"], True),
        ('#include "a"\n', [], False),
        ('#include "b"\n', [], False),
        ('#include "b"\n', ["BACK"], True),
    ]:
        assert expander.expand(SourceFile("main", text), parse_defines(defines)).failed is failed


def test_a_file_that_is_in_its_own_memo_while_macros_are_learnt() -> None:
    """The same tree runs inside itself under another name, and learns a macro name on the way."""
    files = {
        "a": 'X\n#ifdef ONCE\n#undef ONCE\n#define NOW\n#include "c"\n#include "./a"\n#endif\nX\n',
        "c": "#define X 1\n",
    }
    files["./a"] = files["a"]
    expander = expander_of(files)
    text = '#define ONCE\n#include "a"\n#include "./a"\n'
    expected = text_of(expander_of(files), text)
    assert expected == "X\n1\n1\n1\n1\n1\n"
    for _ in range(3):
        assert text_of(expander, text) == expected


def test_an_include_without_a_name_is_no_cycle_through_a_nameless_root() -> None:
    expander = Expander(lambda name: SourceFile("directory", ""))
    expansion = expander.expand(SourceFile("main", "#include\nx\n"))
    assert (expansion.text, expansion.failed) == ("x\n", False)


NAMES = ["A", "B", "C", "D"]
FAMILY = {
    "main": (
        '#include "types"\n#if A == 1 && !defined(B)\n#define D A + 1\nint A D;\n#elif defined(C)\n#include "body"\n'
        '#else\n#undef D\n#endif\n#define C 2\n#include "body"\n#if D\nD C B A\n#endif\n'
    ),
    "types": '#ifndef B\n#define B C\n#endif\n#if B > 1\n#define BIG\n#include "body"\n#endif\n',
    "body": "body A B C D\n#ifdef BIG\nbig(D)\n#define D (C)\n#endif\n#if C == 2\n#undef BIG\n#endif\n",
}


@pytest.mark.parametrize("includes", ["native", "textual"])
@pytest.mark.parametrize("limit", [10_000, 64_000_000])
def test_warm_is_cold_in_any_order(includes: IncludeMode, limit: int) -> None:
    """300 variants of a family in random order through one Expander, also while its store is emptied again and
    again; every text, table, decision and inactive span as from a fresh one."""
    chance = random.Random(7)
    warm = expander_of(FAMILY, includes, NodeStore(limit))
    root = SourceFile("main", FAMILY["main"])
    texts = set()
    for _ in range(300):
        defines = parse_defines(
            f"{name}={chance.choice(['', '0', '1', '2', 'A', 'C', 'D', 'B + 1'])}"
            for name in chance.sample(NAMES, chance.randint(0, 4))
        )
        one = warm.expand(root, defines, "main")
        other = expander_of(FAMILY, includes).expand(root, defines, "main")
        texts.add(one.text)
        assert (one.text, one.failed, one.diagnostics) == (other.text, other.failed, other.diagnostics)
        assert dict(one.replay.table_at_end()) == dict(other.replay.table_at_end())
        assert one.source_map.segments == other.source_map.segments
        assert one.replay.inactive == other.replay.inactive
        assert [(decision.location, decision.state) for decision in one.replay.decisions] == [
            (decision.location, decision.state) for decision in other.replay.decisions
        ]
    assert len(texts) > 100


def test_a_further_variant_runs_only_what_reads_a_new_value() -> None:
    expander = expander_of({})
    root = SourceFile("main", "A\n#if B\nx B\n#endif\n#if C\ny C\n#endif\n")
    first = expander.expand(root, parse_defines(["A=1", "B=1", "C=1"]))
    second = expander.expand(root, parse_defines(["A=1", "B=2", "C=1"]))
    same = [left[2] is right[2] for left, right in zip(first.raw.children, second.raw.children, strict=True)]
    assert same == [True, False, True]
    assert not second.same_outcome(first)
    assert expander.expand(root, parse_defines(["A=1", "B=2", "C=1", "UNUSED"])).same_outcome(second)


def test_an_edit_elsewhere_keeps_outcomes() -> None:
    expander = expander_of({})
    text = "#if A\nx\n#endif\n#if B\ny A\n#endif\n"
    before = expander.expand(SourceFile("main", text), parse_defines(["A=1", "B=1"]))
    after = expander.expand(SourceFile("main", "new\n" + text.replace("x", "z")), parse_defines(["A=1", "B=1"]))
    assert before.raw.children[1][2] is after.raw.children[2][2]
