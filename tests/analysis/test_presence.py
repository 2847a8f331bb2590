"""Why a line is active or not, and coverage: against the replay of every variant, and in words for small cases."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import Project, absolute
from tests.analysis.test_across import SHADER, VARIANTS, project
from wgsl_ls.analysis.presence import coverage, explain_line, macros_at_line


@pytest.mark.parametrize("includes", ["native", "textual"])
def test_every_line_in_every_variant_is_as_its_replay_says(includes: str) -> None:
    small = project(includes)
    view = small.view()
    counted = {covered.path: covered.lines for covered in coverage(small.snapshot, view)}
    assert set(counted) == {absolute(name) for name in SHADER}
    for name, text in SHADER.items():
        path = absolute(name)
        offset = 0
        for line, written in enumerate(text.splitlines(keepends=True)):
            found = explain_line(small.snapshot, view, path, line)
            macros = macros_at_line(small.snapshot, view, path, line)
            for index, (variant, active, reason) in enumerate(found.by_variant()):
                assert variant == view.variants[index].name
                replay = view.replay(index)
                readings = [one.index for one in replay.instances if one.path == path]
                kept_out = [
                    [one for one in replay.inactive if one.instance == reading and one.location.span.contains(offset)]
                    for reading in readings
                ]
                assert active == (not all(kept_out)), (name, line, variant)
                for entries in kept_out if not active else ():
                    at = entries[0].decided_by
                    number = SHADER[at.path.rpartition("/")[2]].count("\n", 0, at.span.start) + 1
                    assert f"({at.path.rpartition('/')[2]}:{number}) was not taken" in reason
                table = replay.table_at(readings[0], offset)
                here = {
                    macro: value.value
                    for macro, values in macros.items()
                    for value in values
                    if value.variants >> index & 1
                }
                assert here == {macro: table[macro].value for macro in table}, (name, line, variant)
                covered = counted[path][line]
                assert (covered is None) == written.startswith("#")
                assert covered is None or covered >> index & 1 == active
            offset += len(written)


def test_a_file_that_not_all_variants_read() -> None:
    files = {"a.wgsl": '#ifdef A\n#include "c.tmpl"\n#endif\n', "c.tmpl": "const c = 1;\n", "d.tmpl": "const d = 1;\n"}
    small = Project.of(files, {"none": [], "a": ["A"]})
    found = explain_line(small.snapshot, small.view(), absolute("c.tmpl"), 0)
    assert (found.labels_of(found.active), found.condition) == (["a"], "A")
    assert [reason for reason, _ in found.reasons] == ["no condition is in its way", "c.tmpl is not included"]
    found = explain_line(small.snapshot, small.view(), absolute("d.tmpl"), 0)
    assert found.active == 0
    assert [(why, found.labels_of(mask)) for why, mask in found.reasons] == [("d.tmpl is not included", ["none", "a"])]


def test_reasons_in_words() -> None:
    small = Project(SHADER, VARIANTS)
    found = explain_line(small.snapshot, small.view(), absolute("a.wgsl"), 9)
    assert found.active == 0 and found.condition is None
    assert [(reason, found.labels_of(variants)) for reason, variants in found.reasons] == [
        ("'#elif B == 2' (a.wgsl:5) was not taken", ["none", "a", "b", "ab", "given"]),
        ("'#ifdef NEVER' (a.wgsl:8) was not taken", ["b2", "low"]),
    ], "most variants first"
    found = explain_line(small.snapshot, small.view(), absolute("a.wgsl"), 6)
    assert found.labels_of(found.active) == ["b2", "low"] and found.condition == "B == 2"
    assert len(found.names) == len(VARIANTS)


def test_a_file_read_nowhere_and_one_read_under_a_condition() -> None:
    small = Project(SHADER, VARIANTS)
    small.edit("b.tmpl", '#ifdef B\n#include "c.tmpl"\n#endif\n')
    small.edit("c.tmpl", "const c = 1; /* #if */\n\n// words\n/* more\n words */ const d = 2;\n")
    found = explain_line(small.snapshot, small.view(), absolute("c.tmpl"), 0)
    assert {reason: found.labels_of(variants) for reason, variants in found.reasons} == {
        "no condition is in its way": ["b", "b2", "ab", "low"],
        "c.tmpl is not included": ["none", "a", "given"],
    }
    lines = next(one.lines for one in coverage(small.snapshot, small.view()) if one.path == absolute("c.tmpl"))
    everything = 0b1011100 & ((1 << len(VARIANTS)) - 1)
    assert lines[1:4] == (None, None, None) and lines[0] == lines[4] == found.active == everything


def test_macros_of_variants_that_do_not_read_the_file_are_none_of_its() -> None:
    files = {"a.wgsl": '#ifdef B\n#include "c.tmpl"\n#endif\n', "c.tmpl": "const c = 1;\n"}
    small = Project.of(files, {"b": ["B", "NEAR=1"], "far": ["FAR"]})
    assert set(macros_at_line(small.snapshot, small.view(), absolute("c.tmpl"), 0)) == {"B", "NEAR"}
    assert set(macros_at_line(small.snapshot, small.view(), absolute("a.wgsl"), 0)) == {"B", "NEAR", "FAR"}
