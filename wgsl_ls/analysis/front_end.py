"""FrontEnd: the WGSL front end's answers for expansions, kept by content.

The front end is imported when it is first asked, so that what needs no WGSL (expanding, listing) starts fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.text.memo import Memo

if TYPE_CHECKING:
    from wgsl_ls.wgsl.expression_parser import SyntaxProblem
    from wgsl_ls.wgsl.parser import ParseCache
    from wgsl_ls.wgsl.problems import Problem
    from wgsl_ls.wgsl.reflection import Reflection
    from wgsl_ls.wgsl.symbols import Analysis


class FrontEnd:
    """Memo of syntax trees, analyses and reflections. One thread."""

    def __init__(self) -> None:
        self._parsed: ParseCache | None = None
        self._analyses: Memo[str, Analysis] = Memo(24)
        self._reflections: Memo[tuple[str, tuple[tuple[str, float], ...]], Reflection] = Memo(4000)

    def analysis(self, expansion: Expansion) -> Analysis:
        """Tree, symbols and types of an expansion, in expanded offsets."""
        return self._analyses.get_or(expansion.digest, lambda: self.analyse_text(expansion.text))

    def analyse_text(self, text: str) -> Analysis:
        """Of any text; not kept."""
        from wgsl_ls.wgsl.parser import ParseCache, parse
        from wgsl_ls.wgsl.symbols import analyze

        self._parsed = self._parsed or ParseCache()
        return analyze(parse(text, self._parsed))

    def syntax_problems(self, expansion: Expansion) -> Sequence[SyntaxProblem]:
        """What our parser cannot read in an expansion."""
        return self.analysis(expansion).module.errors

    def problems(self, expansion: Expansion) -> list[Problem]:
        """What is wrong with an expansion as far as our front end is sure of it."""
        from wgsl_ls.wgsl.problems import problems

        return problems(self.analysis(expansion))

    def reflection(self, expansion: Expansion, overrides: tuple[tuple[str, float], ...] = ()) -> Reflection:
        """Entry points, bindings, workgroup storage and features of an expansion."""
        from wgsl_ls.wgsl.reflection import reflect

        key = (expansion.digest, overrides)
        return self._reflections.get_or(key, lambda: reflect(self.analysis(expansion), dict(overrides)))
