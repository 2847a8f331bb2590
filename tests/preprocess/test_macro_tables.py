"""The macro table at any (root, variant, include instance, place): every macro, its value, where it comes from,
through which include, and what it hides. `project.told()` says all of it in one line per macro:
`[value] file:line < include site < include site`, `given` for macros from outside."""

from __future__ import annotations

from typing import Any

import pytest

from tests.steps import steps_of

BOTH = pytest.mark.parametrize("includes", ["native", "textual"])


def test_nothing_holds_at_the_beginning(project: Any) -> None:
    assert project("$0#define A 1\n").told() == {}


def test_a_define_holds_from_its_own_line_on(project: Any) -> None:
    files = project("#define A 1\n$0#$1define B$2 2$3\n$4x\n$5")
    assert files.told(0) == {"A": "[1] main:1"}
    for mark in (1, 2, 3, 4, 5):
        assert files.told(mark) == {"A": "[1] main:1", "B": "[2] main:2"}


def test_the_hash_of_an_indented_directive_decides(project: Any) -> None:
    files = project("$0  $1#$2define A 1\n")
    assert files.told(0) == files.told(1) == {}
    assert files.told(2) == {"A": "[1] main:1"}


def test_redefinition_hides_all_earlier_ones_newest_first(project: Any) -> None:
    files = project("#define A 1\n#define A 2\n$0#define A 3\n$1")
    assert files.told(0) == {"A": "[2] main:2 hides [1] main:1"}
    assert files.told(1) == {"A": "[3] main:3 hides [2] main:2 hides [1] main:1"}


def test_undef_removes_and_a_later_define_remembers(project: Any) -> None:
    files = project("#define A 1\n#undef A\n$0#define A 2\n$1#undef A\n$2")
    assert files.told(0) == {"A": "undefined hides [1] main:1"}
    assert "A" not in files.table(0)
    assert files.told(1) == {"A": "[2] main:3 hides [1] main:1"}
    assert files.told(2) == {"A": "undefined hides [2] main:3 hides [1] main:1"}


def test_undef_of_what_is_not_defined_changes_nothing(project: Any) -> None:
    assert project("#undef A\n$0").told() == {}


def test_macros_given_from_outside_are_locked(project: Any) -> None:
    files = project("$0#define A 1\n#undef A\n#define A 2\n$1x A\n", "A=7")
    assert files.told(0) == {"A": "[7] given"}
    assert files.told(1) == {"A": "[7] given hides [2] main:3 ignored hides [1] main:1 ignored"}
    assert files.table(1)["A"].locked
    assert files.expansion.text == "x 7\n"


def test_a_macro_given_without_value_is_locked_too(project: Any) -> None:
    files = project("#define A 1\n$0A|\n", "A")
    assert files.told() == {"A": "[] given hides [1] main:1 ignored"}
    assert files.expansion.text == "|\n"


def test_the_last_of_two_given_values_holds(project: Any) -> None:
    assert project("$0", "A=1", " A = 2 ").told() == {"A": "[2] given"}


def test_values_keep_comments_and_lose_the_space_round_them(project: Any) -> None:
    files = project("#define A   1 + 2   // three\t\n#define B\n$0")
    assert files.told() == {"A": "[1 + 2   // three] main:1", "B": "[] main:2"}
    location = files.table()["A"].value_location
    assert files.written(location) == "1 + 2   // three"


def test_a_value_over_several_lines(project: Any) -> None:
    files = project("#define A 1 + \\\n   2\n$0A\n")
    assert files.table()["A"].value == "1 + \n   2"
    assert files.written(files.table()["A"].value_location) == "1 + \\\n   2"
    assert files.expansion.text == "1 + \n   2\n"


def test_undef_is_no_directive_in_the_older_dialect(project: Any) -> None:
    files = project("#define A 1\n#undef A\n$0", dialect="pre-wgsl")
    assert files.told() == {"A": "[1] main:1"}
    assert files.expansion.failed


# Conditionals


@pytest.mark.parametrize(
    ("defines", "expected"),
    [((), "[3] main:6"), (("X",), "[1] main:2"), (("Y=2",), "[2] main:4"), (("X", "Y=2"), "[1] main:2")],
)
def test_only_the_taken_branch_defines(project: Any, defines: tuple[str, ...], expected: str) -> None:
    files = project("#ifdef X\n#define A 1\n#elif Y == 2\n#define A 2\n#else\n#define A 3\n#endif\n$0", *defines)
    assert files.told()["A"] == expected


def test_inside_a_branch_that_is_not_taken_the_table_is_that_of_before(project: Any) -> None:
    files = project("#define A 1\n#if 0\n#define A 2\n#define B 2\n$0x\n#endif\n#define C 1\n$1")
    assert files.told(0) == {"A": "[1] main:1"}
    assert files.told(1) == {"A": "[1] main:1", "C": "[1] main:7"}


def test_a_default_behind_ifndef(project: Any) -> None:
    text = "#ifndef A\n#define A 1\n#endif\n$0"
    assert project(text).told() == {"A": "[1] main:2"}
    assert project(text, "A=5").told() == {"A": "[5] given"}


# Includes


@BOTH
def test_before_inside_and_behind_an_include(project: Any, includes: str) -> None:
    files = project(
        '#define A 1\n$0#include "part"\n$1x\n$2',
        part="$3#define B 2\n$4y\n#define A 3\n$5",
        includes=includes,
    )
    at_start = {"A": "[1] main:1"}
    at_end = {"A": "[3] part:3 < main:2 hides [1] main:1", "B": "[2] part:1 < main:2"}
    assert files.told(0) == files.told(3) == at_start
    assert files.told(4) == {"A": "[1] main:1", "B": "[2] part:1 < main:2"}
    assert files.told(5) == files.told(1) == files.told(2) == at_end
    assert not files.expansion.failed


@BOTH
def test_on_the_include_line_itself(project: Any, includes: str) -> None:
    files = project('x\n\n$0  $1#$2include "part"$3\n\n$4y\n', part="#define B 2\n", includes=includes)
    assert files.told(0) == files.told(1) == {}
    for mark in (2, 3, 4):
        assert files.told(mark) == {"B": "[2] part:1 < main:3"}


@BOTH
def test_the_way_leads_through_all_includes(project: Any, includes: str) -> None:
    files = project(
        '\n#include "outer"\n$0',
        outer='\n\n#include "inner"\n$1',
        inner="#define DEEP 1\n$2",
        includes=includes,
    )
    for mark in (0, 1, 2):
        assert files.told(mark) == {"DEEP": "[1] inner:1 < outer:3 < main:2"}


@BOTH
def test_a_file_included_twice_has_two_tables(project: Any, includes: str) -> None:
    files = project(
        '#define TYPE f32\n#include "part"\n#define TYPE f16\n#include "part"\n#undef TYPE\n$9',
        part="$0var x: TYPE;$1\n#define SEEN TYPE\n$2",
        includes=includes,
    )
    assert files.told(1, reading=0) == {"TYPE": "[f32] main:1"}
    assert files.told(1, reading=1) == {
        "TYPE": "[f16] main:3 hides [f32] main:1",
        "SEEN": "[TYPE] part:2 < main:2",
    }
    assert files.told(2, reading=1)["SEEN"] == "[TYPE] part:2 < main:4 hides [TYPE] part:2 < main:2"
    assert files.table(1, reading=0).expanded("TYPE") == "f32"
    assert files.table(2, reading=0).expanded("SEEN") == "f32"
    assert files.table(2, reading=1).expanded("SEEN") == "f16"
    assert files.table(9).expanded("SEEN") == "TYPE"
    assert files.expansion.text.split() == ["var", "x:", "f32;", "var", "x:", "f16;"]


@BOTH
def test_an_include_guard(project: Any, includes: str) -> None:
    files = project(
        '#include "part"\n#include "part"\n$9',
        part="#ifndef GUARD\n#define GUARD\n#define A 1\n$0x\n#endif\n$1",
        includes=includes,
    )
    assert files.told(0, reading=0) == {"GUARD": "[] part:2 < main:1", "A": "[1] part:3 < main:1"}
    assert files.told(1, reading=1) == files.told(9) == files.told(0, reading=0)


@BOTH
def test_an_empty_include(project: Any, includes: str) -> None:
    files = project('#define A 1\n#include "part"\n#define B 1\n', part="$0", includes=includes)
    assert files.told(0) == {"A": "[1] main:1"}


@BOTH
def test_a_root_that_is_only_an_include(project: Any, includes: str) -> None:
    files = project('$0#include "part"$1', part="#define A 1", includes=includes)
    assert files.told(0) == {}
    assert files.told(1) == {"A": "[1] part:1 < main:1"}


def test_native_includes_in_inactive_code_are_not_read(project: Any) -> None:
    files = project('#if 0\n#include "part"\n#endif\n$0', part="#define A 1\n")
    assert files.told() == {}
    assert files.instances_of("part") == []


def test_pasted_includes_in_inactive_code_are_there_but_define_nothing(project: Any) -> None:
    files = project('#if 0\n#include "part"\n#endif\n$0', part="#define A 1\n$1", includes="textual")
    assert files.told(0) == files.told(1) == {}
    assert files.instances_of("part") == [1]


def test_a_conditional_that_spans_files(project: Any) -> None:
    def run(*defines: str) -> Any:
        return project(
            '#include "open"\n#define A 1\n$0#else\n#define A 2\n$1#include "close"\n$2',
            *defines,
            open="#ifdef X\n",
            close="#endif\n#define B A\n",
            includes="textual",
        )

    with_x, without = run("X"), run()
    assert not with_x.expansion.failed and not without.expansion.failed
    assert with_x.told(0)["A"] == with_x.told(1)["A"] == "[1] main:2"
    assert with_x.told(2)["B"] == "[A] close:2 < main:5"
    assert with_x.table(2).expanded("B") == "1"
    assert "A" not in without.told(0)
    assert without.told(2)["A"] == "[2] main:4"
    assert without.table(2).expanded("B") == "2"


@BOTH
def test_line_ends_with_carriage_returns(project: Any, includes: str) -> None:
    files = project(
        '#define A 1\r\nx A\r\n$0#include "part"\r\n$1y\r\n#define C 3\r\n$2',
        part="#define B 2\r\n$3",
        includes=includes,
    )
    assert files.told(0) == {"A": "[1] main:1"}
    assert files.told(1) == files.told(3) == {"A": "[1] main:1", "B": "[2] part:1 < main:3"}
    assert files.told(2)["C"] == "[3] main:5"
    assert files.written(files.table(2)["C"].value_location) == "3"


# What a use becomes


def test_expanded_follows_the_table_and_not_the_definition(project: Any) -> None:
    files = project("#define A B\n#define B 1\n$0#define B 2\n$1#undef B\n$2")
    assert [files.table(mark).expanded("A") for mark in (0, 1, 2)] == ["1", "2", "B"]
    assert files.table(0).expanded("MISSING") is None


def test_a_macro_that_leads_back_to_itself_has_no_expansion(project: Any) -> None:
    files = project("#define A B\n#define B A\n#define C 1\n$0")
    assert files.table().expanded("A") is None
    assert files.table().expanded("C") == "1"
    assert not files.expansion.failed  # nothing uses it


def test_the_older_dialect_inserts_values_as_they_are(project: Any) -> None:
    files = project("#define A B\n#define B 1\n$0A\n", dialect="pre-wgsl")
    assert files.table().expanded("A") == "B"
    assert files.expansion.text == "B\n"


def test_a_table_is_a_mapping(project: Any) -> None:
    table = project("#define A 1\n$0", "B=2").table()
    assert sorted(table) == ["A", "B"] and len(table) == 2
    assert [definition.value for definition in table.values()] == ["2", "1"]
    assert table.bodies == {"B": "2", "A": "1"}


@pytest.mark.parametrize("offset", [-(10**9), -1, 10**9])
@BOTH
def test_any_offset_and_instance_has_a_table(project: Any, includes: str, offset: int) -> None:
    files = project('#define A 1\n#include "part"\n', part="#define B 2\n", includes=includes)
    for instance in (-1, 0, 1, 2, 10**9):
        assert set(files.expansion.macro_table(offset, instance)) <= {"A", "B"}
    assert set(files.expansion.macro_table(10**9)) == {"A", "B"}


def test_every_macro_is_found_among_many(project: Any) -> None:
    lines = [f"#define M{index} {index}\n" for index in range(300)]
    files = project("".join(lines[:150]) + '#include "part"\n$0', "GIVEN=1", part="".join(lines[150:]))
    told = files.told()
    assert len(told) == 301
    assert told["M7"] == "[7] main:8" and told["M200"] == "[200] part:51 < main:151" and told["GIVEN"] == "[1] given"


# The way from a use to its text


def test_steps_through_nested_macros(project: Any) -> None:
    files = project("#define ONE 1\n#define TWO (ONE + ONE)\n#define FOUR TWO * TWO\nlet x = FOUR;\n")
    text = files.expansion.text
    assert text == "let x = (1 + 1) * (1 + 1);\n"

    def steps(offset: int) -> list[str]:
        return [
            f"{step.definition.name}@{files.line(step.use)}:{step.use.span.start}"
            for step in files.expansion.macro_steps(offset)
        ]

    use = files.files["main"].text.index("FOUR;")
    two = files.files["main"].text.index("TWO * TWO")
    one = files.files["main"].text.index("ONE + ONE")
    assert steps(text.index("(")) == [f"FOUR@main:4:{use}", f"TWO@main:3:{two}"]
    assert steps(text.index("1")) == [f"FOUR@main:4:{use}", f"TWO@main:3:{two}", f"ONE@main:2:{one}"]
    assert steps(text.index("1)")) == [f"FOUR@main:4:{use}", f"TWO@main:3:{two}", f"ONE@main:2:{one + 6}"]
    assert steps(text.rindex("1")) == [f"FOUR@main:4:{use}", f"TWO@main:3:{two + 6}", f"ONE@main:2:{one + 6}"]
    assert steps(text.index("*")) == [f"FOUR@main:4:{use}"]
    assert steps(0) == [] and steps(-1) == [] and steps(10**6) == []


def test_a_step_in_a_given_value_has_no_place(project: Any) -> None:
    files = project("#define B 2\nA\n", "A=x + B")
    steps = files.expansion.macro_steps(4)
    assert [(step.definition.name, step.use and files.line(step.use)) for step in steps] == [
        ("A", "main:2"),
        ("B", None),
    ]


def test_a_step_in_a_value_over_several_lines_points_at_its_word(project: Any) -> None:
    files = project("#define A x \\\n B\n#define B 2\nA\n")
    steps = files.expansion.macro_steps(files.expansion.text.index("2"))
    assert [step.definition.name for step in steps] == ["A", "B"]
    assert files.written(steps[1].use) == "B"


def test_steps_use_the_table_at_the_use(project: Any) -> None:
    files = project("#define A B\n#define B 1\nA\n#define B 2\nA\n")
    assert files.expansion.text == "1\n2\n"
    assert [files.expansion.macro_steps(offset)[1].definition.value for offset in (0, 2)] == ["1", "2"]


def test_tables_of_all_places_cost_steps_in_proportion(project: Any) -> None:
    def steps(n: int) -> int:
        files = project("".join(f"#define M{index} {index}\n" for index in range(n)))
        expansion = files.expansion
        return steps_of(lambda: [expansion.replay.table_at_order(i).expanded(f"M{i - 1}") for i in range(1, n + 1)])

    assert steps(800) < 6.5 * steps(200)
