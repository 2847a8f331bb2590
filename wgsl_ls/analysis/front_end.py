"""FrontEnd: the WGSL front end's answers for expansions, kept by content.

The front end is imported when it is first asked, so that what needs no WGSL (expanding, listing) starts fast.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wgsl_ls.preprocess.expansion import Expansion

if TYPE_CHECKING:
    from wgsl_ls.wgsl.expression_parser import SyntaxProblem
    from wgsl_ls.wgsl.parser import ParseCache
    from wgsl_ls.wgsl.reflection import Reflection
    from wgsl_ls.wgsl.symbols import Analysis

_KEPT = 24


class FrontEnd:
    """Memo of syntax trees, analyses and reflections. One thread."""

    def __init__(self) -> None:
        self._parsed: ParseCache | None = None
        self._analyses: OrderedDict[str, Analysis] = OrderedDict()
        self._reflections: OrderedDict[tuple[str, tuple[tuple[str, float], ...]], Reflection] = OrderedDict()

    def analysis(self, expansion: Expansion) -> Analysis:
        """Tree, symbols and types of an expansion, in expanded offsets."""
        found = self._analyses.get(expansion.digest)
        if found is None:
            from wgsl_ls.wgsl.parser import ParseCache, parse
            from wgsl_ls.wgsl.symbols import analyze

            self._parsed = self._parsed or ParseCache()
            found = analyze(parse(expansion.text, self._parsed))
            self._analyses[expansion.digest] = found
            if len(self._analyses) > _KEPT:
                self._analyses.popitem(last=False)
        else:
            self._analyses.move_to_end(expansion.digest)
        return found

    def analyse_text(self, text: str) -> Analysis:
        """Of a text that is no variant's expansion: not kept."""
        from wgsl_ls.wgsl.parser import ParseCache, parse
        from wgsl_ls.wgsl.symbols import analyze

        self._parsed = self._parsed or ParseCache()
        return analyze(parse(text, self._parsed))

    def syntax_problems(self, expansion: Expansion) -> Sequence[SyntaxProblem]:
        """What our parser cannot read in an expansion."""
        return self.analysis(expansion).module.errors

    def reflection(self, expansion: Expansion, overrides: tuple[tuple[str, float], ...] = ()) -> Reflection:
        """Entry points, bindings, workgroup storage and features of an expansion."""
        key = (expansion.digest, overrides)
        found = self._reflections.get(key)
        if found is None:
            from wgsl_ls.wgsl.reflection import reflect

            found = reflect(self.analysis(expansion), dict(overrides))
            self._reflections[key] = found
            if len(self._reflections) > 4000:
                self._reflections.popitem(last=False)
        return found
