"""What became of every branch, and which code a variant does not use."""

from __future__ import annotations

from typing import Any

import pytest


def decisions(files: Any) -> list[str]:
    """file:line directive state, with the reading of a file that is read several times behind a slash."""
    return [
        f"{files.line(one.location)}{f'/{one.instance}' if one.instance else ''} "
        f"{files.written(one.location).split('//')[0].strip()} {one.state}"
        for one in files.expansion.replay.decisions
    ]


def inactive(files: Any) -> list[tuple[str, str, str]]:
    """(file, the text, the directive that decided)."""
    return [
        (one.location.path, files.written(one.location), files.written(one.decided_by))
        for one in files.expansion.replay.inactive
    ]


TEXT = "#if A == 1\none\n#elif A == 2\ntwo\n#else\nother\n#endif\n"


@pytest.mark.parametrize(
    ("define", "states", "unused"),
    [
        ("A=1", ["taken", "skipped", "skipped"], ["two\n", "other\n"]),
        ("A=2", ["false", "taken", "skipped"], ["one\n", "other\n"]),
        ("A=3", ["false", "false", "taken"], ["one\n", "two\n"]),
    ],
)
def test_branches(project: Any, define: str, states: list[str], unused: list[str]) -> None:
    files = project(TEXT, define)
    heads = ["main:1 #if A == 1", "main:3 #elif A == 2", "main:5 #else"]
    assert decisions(files) == [f"{head} {state}" for head, state in zip(heads, states, strict=True)]
    assert [text for _, text, _ in inactive(files)] == unused


def test_no_branch_is_taken(project: Any) -> None:
    files = project("#ifdef A // why\nx\n#endif\n")
    assert decisions(files) == ["main:1 #ifdef A false"]
    assert inactive(files) == [("main", "x\n", "#ifdef A // why")]


def test_conditionals_in_unused_code_are_inactive(project: Any) -> None:
    files = project("#if 0\n#ifdef X\n#else\n#if (\n#endif\n#endif\n#else\n#ifndef X\n#endif\n#endif\n")
    assert decisions(files) == [
        "main:1 #if 0 false",
        "main:2 #ifdef X inactive",
        "main:3 #else inactive",
        "main:4 #if ( inactive",
        "main:7 #else taken",
        "main:8 #ifndef X taken",
    ]
    assert [text for _, text, _ in inactive(files)] == ["#ifdef X\n#else\n#if (\n#endif\n#endif\n"]
    assert not files.expansion.failed


def test_decisions_stand_in_reading_order(project: Any) -> None:
    files = project("#if 1\n#define A\n#ifdef A\n#endif\n#elif 1\n#endif\n")
    assert decisions(files) == ["main:1 #if 1 taken", "main:3 #ifdef A taken", "main:5 #elif 1 skipped"]
    orders = [decision.order for decision in files.expansion.replay.decisions]
    assert orders == [0, 1, 1]
    assert "A" in files.expansion.replay.table_at_order(orders[1])


def test_a_branch_without_code_has_no_inactive_span(project: Any) -> None:
    assert inactive(project("#if 0\n#else\n#endif\n#if 0\n#endif")) == []


def test_an_open_conditional_reaches_the_end(project: Any) -> None:
    files = project("#if 0\nx\ny")
    assert inactive(files) == [("main", "x\ny", "#if 0")]
    assert files.expansion.failed


def test_decisions_per_reading_of_an_include(project: Any) -> None:
    files = project(
        '#define K 1\n#include "part"\n#define K 2\n#include "part"\n', part="#if K == 1\nx\n#else\ny\n#endif\n"
    )
    assert decisions(files) == [
        "part:1/1 #if K == 1 taken",
        "part:3/1 #else skipped",
        "part:1/2 #if K == 1 false",
        "part:3/2 #else taken",
    ]
    assert inactive(files) == [("part", "y\n", "#else"), ("part", "x\n", "#if K == 1")]
    assert [(files.line(site), instance) for site, instance in files.expansion.replay.includes] == [
        ("main:2", 1),
        ("main:4", 2),
    ]


def test_unused_code_that_spans_files(project: Any) -> None:
    files = project(
        '#include "open"\na\n\n#include "part"\n\nb\n#endif\nc\n',
        open="#if 0\nin open\n",
        part="in part\n",
        includes="textual",
    )
    assert files.expansion.text == "c\n"
    assert decisions(files) == ["open:1/1 #if 0 false"]
    assert inactive(files) == [
        ("open", "in open\n", "#if 0"),
        ("main", '\na\n\n#include "part"\n\nb\n', "#if 0"),
        ("part", "in part\n", "#if 0"),
    ]


def test_an_unused_include_line_is_inactive_however_it_is_included(project: Any) -> None:
    for includes in ("native", "textual"):
        files = project('#if 0\n#include "part"\n#endif\n', part="", includes=includes)
        assert inactive(files) == [("main", '#include "part"\n', "#if 0")]


def test_unused_code_with_carriage_returns_is_one_span(project: Any) -> None:
    files = project("#if 0\r\na\r\nb\r\n#endif\r\n", includes="textual")
    assert inactive(files) == [("main", "a\r\nb\r\n", "#if 0")]


def test_macro_uses(project: Any) -> None:
    files = project('A\n#define A 1\nA b A\n#include "part"\n#undef A\nA\n', part="(A)\n")
    uses = files.expansion.replay.uses
    assert [(files.line(use.location), use.name, use.order, use.instance) for use in uses] == [
        ("main:3", "A", 1, 0),
        ("main:3", "A", 1, 0),
        ("part:1", "A", 1, 1),
    ]
    assert all(files.written(use.location) == "A" for use in uses)


# Diagnostics


def told(files: Any) -> list[str]:
    return [
        f"{files.line(one.location)} {one.code.removeprefix('preprocess/')} [{files.written(one.location)}]"
        + "".join(f" < {files.line(related.location)}" for related in one.related)
        for one in files.expansion.diagnostics
    ]


@pytest.mark.parametrize("includes", ["native", "textual"])
def test_problems_in_includes_name_the_way(project: Any, includes: str) -> None:
    files = project(
        'x\n#include "outer"\n', outer='y\n#include "inner"\n', inner="z\n#if (1\n#endif\n", includes=includes
    )
    assert told(files) == ["inner:2 condition [(1] < outer:2 < main:2"]
    assert files.expansion.failed and files.expansion.has_problems


@pytest.mark.parametrize("includes", ["native", "textual"])
def test_includes_that_cannot_be_read(project: Any, includes: str) -> None:
    files = project('#include "self"\n#include "none"\n', self='a\n#include "self"\n', includes=includes)
    assert sorted(told(files)) == [
        "main:2 include-not-found [none]",
        "self:2 include-cycle [self] < main:1",
    ]
    assert "self -> self" in next(one.message for one in files.expansion.diagnostics if "cycle" in one.code)


def test_a_cycle_through_the_root(project: Any) -> None:
    files = project('#include "part"\n', part='#include "main"\n')
    assert told(files) == ["part:1 include-cycle [main] < main:1"]


def test_an_include_that_the_build_does_not_paste(project: Any) -> None:
    files = project('#include "part" // why\n', part="", includes="textual")
    assert told(files) == ["main:1 include-not-found [part]"]


def test_a_recursive_macro_is_told_where_it_is_used(project: Any) -> None:
    files = project("#define A B\n#define B A\nok\n  A\n")
    assert told(files) == ["main:4 recursive-macro [A]"]
    assert files.expansion.text == "ok\n  B\n"  # readable, although the reference gives nothing


def test_a_problem_in_a_file_read_twice_is_told_with_each_way(project: Any) -> None:
    files = project('#include "part"\n#include "part"\n', part="#pragma\n")
    assert told(files) == ["part:1 unknown-directive [#pragma] < main:1", "part:1 unknown-directive [#pragma] < main:2"]


def test_nothing_to_tell(project: Any) -> None:
    files = project("#if A\n#endif\n")
    assert told(files) == [] and not files.expansion.has_problems and not files.expansion.failed
