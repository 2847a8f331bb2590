"""What our own front end reads of texts, in another process: plain data in and out.

It takes half the time of a compiler, so who compiles on many machines has to let them read too. Reporter.learn takes
the answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wgsl_ls.analysis.front_end import FrontEnd
from wgsl_ls.analysis.judges import facts_of
from wgsl_ls.text.source_file import SourceFile


def read_texts(texts: Sequence[tuple[str, tuple[tuple[str, float], ...]]]) -> list[tuple[Any, Any]]:
    """`texts`: with their overrides. Of each its Reading and its LimitFacts, as JSON."""
    front_end = FrontEnd()
    found = []
    for text, overrides in texts:
        source = SourceFile("", text)
        found.append((front_end.reading(source).as_json(), facts_of(front_end, source, overrides).as_json()))
    return found
