"""Properties that hold for any text: parsing and mapping never raise, segments tile the text, round trips hold for
copied text, and a warm Expander gives what a cold one gives."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wgsl_ls.preprocess.dialect import GGML, PRE_WGSL, Dialect
from wgsl_ls.preprocess.directives import Conditional, parse_directives
from wgsl_ls.preprocess.expansion import Expander, Expansion, IncludeMode, parse_defines
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Span

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

NAME = st.sampled_from(["A", "B", "C", "_x", "u32", "10", "é", "", "defined"])
VALUE = st.sampled_from(["", "1", "2", "A", "B + 1", "(A) * C", "x // y", "defined(A)", "x \\\n  B", "@", "\\"])
CODE = st.sampled_from(
    [
        "A",
        "B C;",
        "let x = A + 1u; // B",
        "",
        "  ",
        "é A é",
        "\U0001f600B",
        "A\tB",
        "x#A",
        "\x00A",
        "\u2028A",
        "\\",
        "A\r",
    ]
)
CONDITION = st.sampled_from(
    ["A", "A == 1", "B > C", "defined(A) && !defined(B)", "(A", "1 / 0", "", "!A || (B + 2) % 2", "é", "A \\\n == 1"]
)


def _directive(keyword: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda words: " ".join([f"#{keyword}", *words]))


OPEN = st.one_of(_directive("if", CONDITION), _directive("ifdef", NAME), _directive("ifndef", NAME))
LINE = st.one_of(
    CODE,
    CODE,
    _directive("define", NAME, VALUE),
    _directive("define", NAME, VALUE),
    _directive("undef", NAME),
    st.sampled_from(['#include "p"', '#include "q"', "#include q // x", '#include "none"', '#include ""']),
    st.sampled_from(["#", "#pragma", "#endif", "#else", "#elif 1", "#if(A)"]),
)


def _group(inner: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    middle = st.one_of(st.just([]), st.tuples(st.sampled_from(["#else", "#elif A", "#elif B == 2"]), inner).map(
        lambda pair: [pair[0], *pair[1]]
    ))  # fmt: skip
    return st.tuples(OPEN, inner, middle, inner).map(
        lambda parts: [parts[0], *parts[1], *parts[2], "#endif // end", *parts[3]]
    )


LINES = st.recursive(st.lists(LINE, max_size=5), _group, max_leaves=8)
TEXT = st.tuples(LINES, st.sampled_from(["\n", "\n", "\n", "\r\n"]), st.booleans()).map(
    lambda parts: parts[1].join(parts[0]) + (parts[1] if parts[2] else "")
)
DEFINES = st.lists(st.sampled_from(["A", "A=1", "A=B", "B=2", "C", "C=A + B", "_x=", "u32=f32", "10=11"]), max_size=3)
FILES = st.fixed_dictionaries({"main": TEXT, "p": TEXT, "q": TEXT})
MODES = st.sampled_from(["native", "textual"])
DIALECTS = st.sampled_from([GGML, PRE_WGSL])


def expander_of(files: dict[str, str], dialect: Dialect, includes: IncludeMode) -> Expander:
    def load(name: str) -> SourceFile | str:
        return SourceFile(name, files[name]) if name in files else f"no {name}"

    return Expander(load, dialect, includes)


def expand(files: dict[str, str], defines: list[str], dialect: Dialect, includes: IncludeMode) -> Expansion:
    expander = expander_of(files, dialect, includes)
    return expander.expand(SourceFile("main", files["main"]), parse_defines(defines), "main")


@given(st.one_of(st.text(), st.text(alphabet="#\\\n \rifdelsn A(1"), TEXT), DIALECTS)
def test_parsing_never_raises_and_keeps_every_character(text: str, dialect: Dialect) -> None:
    tree = parse_directives(text, dialect)
    parts = [(offset, node.text) for offset, node, _ in tree.walk() if not isinstance(node, Conditional)]
    assert "".join(part for _, part in parts) == text
    position = 0
    for offset, part in parts:
        assert offset == position
        position += len(part)
    for problem in tree.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text) and problem.message


@QUICK
@given(FILES, DEFINES, DIALECTS, MODES)
def test_segments_tile_the_text_and_say_what_is_written(
    files: dict[str, str], defines: list[str], dialect: Dialect, includes: IncludeMode
) -> None:
    expansion = expand(files, defines, dialect, includes)
    text, source_map = expansion.text, expansion.source_map
    position = 0
    last_written: dict[int, int] = {}
    for segment in source_map.segments:
        assert segment.start == position <= segment.end
        position = segment.end
        written = files[source_map.instances[segment.instance].path][segment.source_start : segment.source_end]
        assert segment.source_start >= last_written.get(segment.instance, 0)
        last_written[segment.instance] = segment.source_end
        if segment.macro:
            assert written == segment.macro
        elif segment.source_start == segment.source_end:
            assert text[segment.start : segment.end] == "\n"
        else:
            copied = text[segment.start : segment.end]
            assert written == copied or (includes == "textual" and written.replace("\r", "\n") == copied)
    assert position == len(text)


@QUICK
@given(FILES, DEFINES, DIALECTS, MODES, st.integers(-5, 200), st.integers(-5, 200))
def test_round_trips(
    files: dict[str, str], defines: list[str], dialect: Dialect, includes: IncludeMode, start: int, length: int
) -> None:
    expansion = expand(files, defines, dialect, includes)
    source_map = expansion.source_map
    for offset in range(len(expansion.text)):
        origin = source_map.origin(offset)
        segment = source_map.segment_at(offset)
        assert origin is not None and segment is not None
        assert segment in source_map.segments and segment.start <= offset < segment.end
        place = origin.location.span
        written = files[origin.location.path][place.start : place.end]
        if origin.macro:
            assert written == origin.macro
            table = expansion.macro_table(place.start, origin.instance)
            expanded = table.expanded(origin.macro)
            assert expanded is None or expanded[origin.segment_offset] == expansion.text[offset]
            assert expansion.macro_steps(offset)[0].definition == table[origin.macro]
        elif written:
            assert written == expansion.text[offset] or (written == "\r" and includes == "textual")
        if written:
            again = source_map.expanded(origin.location.path, place, origin.instance)
            assert any(span.start <= offset < span.end for span in again)
    # Any range: what comes out lies in the text, in order, and nowhere else than where its characters say
    for path in files:
        found = source_map.expanded(path, Span(start, start + length))
        assert found == sorted(found)
        for span in found:
            assert 0 <= span.start <= span.end <= len(expansion.text)
            for offset in range(span.start, span.end):
                origin = source_map.origin(offset)
                assert origin is not None and origin.location.path == path
                assert origin.location.span.start < start + max(length, 1) and start < max(
                    origin.location.span.end, start + 1
                )


@QUICK
@given(FILES, DEFINES, DIALECTS, MODES)
def test_uses_decisions_and_tables_agree(
    files: dict[str, str], defines: list[str], dialect: Dialect, includes: IncludeMode
) -> None:
    expansion = expand(files, defines, dialect, includes)
    replay = expansion.replay
    given_names = {name for name, _ in parse_defines(defines)}
    for use in replay.uses:
        table = replay.table_at(use.instance, use.location.span.start)
        assert use.name in table and dict(table) == dict(replay.table_at_order(use.order))
    for name, definition in replay.table_at_end().items():
        assert definition.name == name and definition.locked == (name in given_names)
        if definition.location is not None:
            span = definition.location.span
            assert files[definition.location.path][span.start : span.end] == name
    for decision in replay.decisions:
        span = decision.location.span
        assert files[decision.location.path][span.start] == "#"
    for unused in replay.inactive:
        assert 0 <= unused.location.span.start < unused.location.span.end <= len(files[unused.location.path])
        assert replay.source_map.expanded(unused.location.path, unused.location.span, unused.instance) == []
    assert expansion.failed == any(diagnostic.severity == 1 for diagnostic in expansion.diagnostics)
    assert expansion.has_problems == bool(expansion.diagnostics)
    for diagnostic in expansion.diagnostics:
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(files[diagnostic.path])


@QUICK
@given(FILES, FILES, st.lists(DEFINES, min_size=2, max_size=6), DIALECTS, MODES)
def test_warm_is_cold(
    files: dict[str, str],
    edited: dict[str, str],
    variants: list[list[str]],
    dialect: Dialect,
    includes: IncludeMode,
) -> None:
    current = dict(files)
    warm = expander_of(current, dialect, includes)
    for index, defines in enumerate(variants * 2):
        if index == len(variants):
            current["p"] = edited["p"]
            warm.forget_files()
        one = warm.expand(SourceFile("main", current["main"]), parse_defines(defines), "main")
        other = expand(current, defines, dialect, includes)
        assert (one.text, one.failed, one.diagnostics) == (other.text, other.failed, other.diagnostics)
        assert one.source_map.segments == other.source_map.segments


@QUICK
@given(FILES, DEFINES, MODES, st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15))
def test_mapping_never_raises(
    files: dict[str, str], defines: list[str], includes: IncludeMode, first: int, second: int
) -> None:
    expansion = expand(files, defines, GGML, includes)
    for offset in (first, second, -1, 0, len(expansion.text)):
        inside = 0 <= offset <= len(expansion.text) and expansion.text != ""
        assert (expansion.origin(offset) is not None) == inside
        assert isinstance(expansion.macro_steps(offset), tuple)
        assert (expansion.source_map.written(offset, second) is not None) == inside
        assert isinstance(expansion.macro_table(offset, second % 7 - 3).bodies, dict)
    for path in (*files, "elsewhere"):
        assert isinstance(expansion.source_map.expanded(path, Span(first, second)), list)
        assert isinstance(expansion.source_map.expanded(path, Span(first, second), second % 5), list)
