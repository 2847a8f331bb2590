"""What was found, after an edit: where it stands now, or gone when its own place was edited."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wgsl_ls.analysis.findings import Finding
from wgsl_ls.analysis.relocate import relocated, replacement_of
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.span import Location, Span

PATH = "/p/a.wgsl"


def marked(text: str) -> tuple[str, Span]:
    start, end = text.index("["), text.index("]") - 1
    return text.replace("[", "").replace("]", ""), Span(start, end)


def after(before: str, text: str) -> str:
    """`text` with the marks where a finding in `before` stands now; `text` alone when it is gone."""
    old, span = marked(before)
    finding = Finding(Location(PATH, span), Severity.ERROR, "wgsl/name", "words", places=(Location(PATH, span),))
    moved = relocated(finding, replacement_of(PATH, old, text))
    if moved is None:
        return text
    assert moved.places == (moved.location,)
    at = moved.location.span
    return f"{text[: at.start]}[{text[at.start : at.end]}]{text[at.end :]}"


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        ("let a = [bad];", "let a = bad; // more", "let a = [bad]; // more"),
        ("let a = [bad];", "let abc = bad;", "let abc = [bad];"),
        ("let abc = [bad];", "let a = bad;", "let a = [bad];"),
        ("a\n[bad]\nb\n", "bad\nb\n", "[bad]\nb\n"),
        # Edited inside: it grows or shrinks.
        ("x [one two] y", "x one and two y", "x [one and two] y"),
        ("x [one two] y", "x one t y", "x [one t] y"),
        # Its own place is gone or half gone.
        ("x [bad] y", "x  y", "x  y"),
        ("x [bad] y", "x 1", "x 1"),
        ("xx [bad] y", "d y", "d y"),
        ("x [one two] y", "x one thing", "x one thing"),
    ],
)
def test_relocated(before: str, text: str, expected: str) -> None:
    assert after(before, text) == expected


@pytest.mark.parametrize("n_behind", [0, 1, 4095, 4096, 4097, 8191, 8192, 9000])
@pytest.mark.parametrize(("old", "new"), [("a", "bcd"), ("bcd", "a"), ("", "x"), ("x", "")])
def test_of_a_long_text_the_smallest_part_is_replaced(n_behind: int, old: str, new: str) -> None:
    before, behind = "let one = ", "".join(f"{n} " for n in range(n_behind))[:n_behind]
    found = replacement_of(PATH, f"{before}{old};{behind}", f"{before}{new};{behind}")
    assert (found.start, found.old_end, found.shift) == (len(before), len(before) + len(old), len(new) - len(old))


def test_related_places_move_too_and_other_files_stay() -> None:
    there = Location("/p/b.tmpl", Span(3, 5))
    gone = Related(Location(PATH, Span(1, 3)), "cut through")
    related = (Related(Location(PATH, Span(4, 5)), "here"), Related(there, "there"), gone)
    finding = Finding(Location("/p/b.tmpl", Span(0, 1)), Severity.ERROR, "wgsl/name", "words", related=related)
    moved = relocated(finding, replacement_of(PATH, "x = y;", "x y;"))
    assert moved is not None and moved.location == finding.location
    assert moved.related == (Related(Location(PATH, Span(2, 3)), "here"), Related(there, "there"))


@given(st.text("ab\n", max_size=30), st.text("ab\n", max_size=30))
def test_a_replacement_makes_the_new_text_and_is_the_smallest(old: str, new: str) -> None:
    edit = replacement_of(PATH, old, new)
    inserted = new[edit.start : edit.old_end + edit.shift]
    assert old[: edit.start] + inserted + old[edit.old_end :] == new
    removed = old[edit.start : edit.old_end]
    assert not (removed and inserted) or (removed[0] != inserted[0] and removed[-1] != inserted[-1])
