"""FrontEnd: the WGSL front end's answers for expansions, kept by content.

The front end is imported when it is first asked, so that what needs no WGSL (expanding, listing) starts fast.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from wgsl_ls.text.memo import Memo
from wgsl_ls.text.steps import Steps

_DECLARED = re.compile(
    r"\b(?!(?:return|else|if|while|switch|case|loop|continuing|break)\b)[^\W\d]\w*+(?:\s*<[^<>;]*>)?(?=[ \t]+(\w+))"
    r"|\b(\w++)[ \t]*+:"
)
"""What a text may declare, the keyword well spelt or not; a parameter."""

UNREAD: Final = "unread"
"""The kind of the one problem of a reading that is none: the text is beyond the limits of our front end."""

if TYPE_CHECKING:
    from wgsl_ls.wgsl.feature_uses import FeatureUse
    from wgsl_ls.wgsl.problems import Problem
    from wgsl_ls.wgsl.reflection import Reflection
    from wgsl_ls.wgsl.symbols import Analysis


@dataclass(frozen=True, slots=True)
class Reading:
    """What our front end says of a text: all that it is sure is wrong, syntax errors (of kind "syntax") included, in
    text order. `unread`: declarations (start, end) that it could not read to their end, so that more may be wrong in
    there."""

    problems: Sequence[Problem] = ()
    unread: tuple[tuple[int, int], ...] = ()

    def as_json(self) -> list[Any]:
        return [[astuple(problem) for problem in self.problems], self.unread]

    @classmethod
    def from_json(cls, plain: Any) -> Reading:
        """Raises TypeError, ValueError or IndexError when it is none."""
        problems, unread = plain
        if not problems:
            return cls()
        from wgsl_ls.wgsl.problems import Problem

        found = tuple(
            Problem(str(kind), int(start), int(end), str(message), tuple(candidates), tuple(map(tuple, related)), meant)
            for kind, start, end, message, candidates, related, meant in problems
        )
        return cls(found, tuple((int(start), int(end)) for start, end in unread))


class Text(Protocol):
    """An expansion, or its text alone."""

    @property
    def text(self) -> str: ...

    @property
    def digest(self) -> str: ...


class Notes(Protocol):
    """Plain facts by content that outlive the process (results.py)."""

    def get_note(self, key: str) -> Any | None: ...

    def put_note(self, key: str, note: Any) -> None: ...


class NoNotes:
    def get_note(self, key: str) -> Any | None:
        return None

    def put_note(self, key: str, note: Any) -> None:
        pass


class FrontEnd:
    """Memo of syntax trees, analyses and reflections. One thread. `notes`: to keep what is made of them."""

    def __init__(self, notes: Notes | None = None) -> None:
        self.notes: Notes = notes if notes is not None else NoNotes()
        self._analyses: Memo[str, Analysis] = Memo(24)
        self._readings: Memo[str, Reading] = Memo(24)
        self.roles: Memo[str, Any] = Memo(4000)
        """Room for what structures.py found out: who represents whom."""
        self.written: Memo[tuple[str, str], Any] = Memo(64)
        """Of guesses.py: names in all branches of a file, by its text and dialect."""
        self._reflections: Memo[tuple[str, tuple[tuple[str, float], ...]], Reflection] = Memo(200)

    def analysis(self, expansion: Text) -> Analysis:
        """Tree, symbols and types of an expansion, in expanded offsets."""
        return self._analyses.get_or(expansion.digest, lambda: self.analyse_text(expansion.text))

    def analyse_text(self, text: str) -> Analysis:
        """Of any text; not kept."""
        from wgsl_ls.wgsl.parser import parse
        from wgsl_ls.wgsl.symbols import analyze

        return analyze(parse(text))

    def analysis_steps(self, expansion: Text) -> Steps[Analysis]:
        """`analysis` with a pause behind each declaration."""
        known = self._analyses.get(expansion.digest)
        return (
            known
            if known is not None
            else self._analyses.put(expansion.digest, (yield from self.analyse_steps(expansion.text)))
        )

    def analyse_steps(self, text: str) -> Steps[Analysis]:
        """`analyse_text` with a pause behind each declaration, of which everything is kept by its text."""
        from wgsl_ls.wgsl.globals import Globals
        from wgsl_ls.wgsl.parser import parse_steps
        from wgsl_ls.wgsl.symbols import analyze

        module = yield from parse_steps(text)
        known = Globals(module)
        yield
        for placed in module.placed:
            known.facts(placed)
            yield
        return analyze(module)

    def reading(self, expansion: Text) -> Reading:
        """What is wrong with an expansion as far as our front end is sure of it."""
        return self._readings.get_or(expansion.digest, lambda: self._read(expansion))

    def _read(self, expansion: Text) -> Reading:
        from wgsl_ls.wgsl.problems import Problem, problems

        analysis = self.analysis(expansion)
        unread = _unread(analysis)
        for error in analysis.module.errors:
            if error.kind == UNREAD:  # what is declared there nobody knows, so nothing is sure of the rest
                return Reading((Problem(UNREAD, error.start, error.end, error.message),), unread)
        errors = (one for one in analysis.module.errors if not one.follows)
        syntax = [Problem(one.kind, one.start, one.end, one.message) for one in errors]
        lost = self.lost_names(expansion)
        locals_read = analysis.locals if lost else ()
        read = {(one.name, placed.start) for one in locals_read if (placed := analysis.module.placed_at(one.start))}
        found = []
        told: set[tuple[str, int]] = set()
        for one in problems(analysis):
            placed = analysis.module.placed_at(one.start)
            name = (expansion.text[one.start : one.end], placed.start if placed is not None else -1)
            # That it is no function was found; that a local which was read cannot be assigned to, too.
            is_lost = name[0] in lost and one.kind != "call" and (one.kind == "name" or name not in read)
            if not is_lost and (one.kind != "name" or name not in told):  # a name once in each function
                told.add(name)
                found.append(one)
        return Reading(tuple(sorted([*syntax, *found], key=lambda one: one.start)), unread)

    def reading_steps(self, expansion: Text) -> Steps[Reading]:
        """`reading` with a pause behind each declaration, of which everything is kept by its text."""
        from wgsl_ls.wgsl.problems import check_steps

        known = self._readings.get(expansion.digest)
        if known is not None:
            return known
        analysis = yield from self.analysis_steps(expansion)
        yield from check_steps(analysis.globals)
        yield from analysis.unresolved_steps()
        return self.reading(expansion)

    def lost_names(self, expansion: Text) -> set[str]:
        """What is declared where an error of syntax keeps us from reading on."""
        return _declared_in([expansion.text[start:end] for start, end in _unread(self.analysis(expansion))])

    def feature_uses(self, expansion: Text) -> tuple[FeatureUse, ...]:
        """What an expansion asks of the language beyond what every WGSL has."""
        from wgsl_ls.wgsl.feature_uses import feature_uses

        return feature_uses(self.analysis(expansion))

    def reflection(self, expansion: Text, overrides: tuple[tuple[str, float], ...] = ()) -> Reflection:
        """Entry points, bindings, workgroup storage and features of an expansion."""
        from wgsl_ls.wgsl.reflection import reflect

        key = (expansion.digest, overrides)
        return self._reflections.get_or(key, lambda: reflect(self.analysis(expansion), dict(overrides)))


def _declared_in(texts: Sequence[str]) -> set[str]:
    """Names that code which could not be read seems to declare; that they are declared nowhere is not sure."""
    from wgsl_ls.wgsl.lexer import blank_comments

    return {match[1] or match[2] for text in texts for match in _DECLARED.finditer(blank_comments(text))}


def _unread(analysis: Analysis) -> tuple[tuple[int, int], ...]:
    return tuple((one.start, one.end) for one in analysis.module.placed if one.chunk.problems)
