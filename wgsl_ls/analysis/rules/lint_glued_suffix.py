"""lint/glued-suffix: TILEu is one word, and TILE in it is no macro."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wgsl_ls.analysis.fix import FixRequest
from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule

_NUMBER = re.compile(r"[-(\s]*(?:\d|\.\d)")
_TYPES = {"u": "u32", "i": "i32", "f": "f32", "h": "f16"}


def _check(root: LintSubject) -> Iterator[Found | None]:
    glued = {
        word: word[:-1] for word in root.code_words - root.defined if word[-1] in _TYPES and word[:-1] in root.defined
    }
    wanted = {word for word, name in glued.items() if all(map(_NUMBER.match, root.values(name)))}
    if wanted:
        yield from root.reading()
        wanted -= root.declared_names
    for path in root.trees:
        for word, start, end in root.words(path, 0, len(root.trees[path].text), wanted):
            name = glued[word]
            message = f"{word} is one word to the preprocessor: {name} in it is not replaced"
            yield Found(root.location(path, start, end), message, f"{_TYPES[word[-1]]}({name})")


RULES = (
    Rule(
        id="lint/glued-suffix",
        title="A suffix glued to a macro",
        meaning=(
            "In `TILEu` the preprocessor sees one word, so the macro `TILE` is not replaced, and WGSL knows no "
            "`TILEu`. Found where `TILE` is always a number and nothing defines or declares `TILEu`."
        ),
        remedy="Write `u32(TILE)`, or give the macro the value `8u`.",
        certain=True,
        check=_check,
        explains="wgsl/name",
        fixes=FixRequest.change_to_subject,
    ),
)
