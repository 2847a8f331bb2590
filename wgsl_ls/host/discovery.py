"""Which of some C++ texts are the host's code, and which library it works with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from wgsl_ls.host.library import GGML, PLAIN, HostLibrary

_INCLUDE: Final = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^">\n]+)[">]', re.MULTILINE)
_GGML: Final = re.compile(r"\bggml_(?:tensor|backend|webgpu)\w*")


def library_of(texts: Iterable[str]) -> HostLibrary:
    return GGML if any(_GGML.search(text) for text in texts) else PLAIN


@dataclass(frozen=True, slots=True)
class TextFacts:
    """`is_asking`: it calls a preprocessor and names a shader; `includes`: last parts of the names;
    `is_preprocessor`: it is the preprocessor itself."""

    is_asking: bool
    is_preprocessor: bool
    includes: tuple[str, ...]


def facts_of(text: str, stems: Iterable[str], preprocess: Iterable[str]) -> TextFacts:
    """Of one C++ text; `stems`: of the shaders, `preprocess`: names of the calls."""
    is_preprocessor = _defines_preprocessor(text)
    is_asking = (
        not is_preprocessor
        and _any_of(tuple(preprocess), r"(?:\.|->|::|\b)", r"\s*\(").search(text) is not None
        and _any_of(tuple(sorted(stems)), "", r"(?![A-Za-z0-9_])").search(text) is not None
    )
    return TextFacts(is_asking, is_preprocessor, tuple(name.rsplit("/", 1)[-1] for name in _INCLUDE.findall(text)))


@lru_cache(maxsize=16)
def _any_of(words: tuple[str, ...], before: str, behind: str) -> re.Pattern[str]:
    return re.compile(f"{before}(?:{'|'.join(map(re.escape, words))}){behind}")


def host_files(facts: Mapping[str, TextFacts]) -> tuple[str, ...]:
    """Of the files `facts` (by path) those that ask for a shader, those that include them, and those that either
    include, as far as they are among the files. Empty: no host's code here."""
    found = [path for path, one in facts.items() if one.is_asking]
    if not found:
        return ()
    by_name: dict[str, list[str]] = {}
    for path in facts:
        by_name.setdefault(path.rsplit("/", 1)[-1], []).append(path)
    names = {path.rsplit("/", 1)[-1] for path in found}
    chosen = dict.fromkeys(found)
    chosen.update(dict.fromkeys(path for path, one in facts.items() if not names.isdisjoint(one.includes)))
    for path in list(chosen):
        for name in facts[path].includes:
            chosen.update(dict.fromkeys(one for one in by_name.get(name, ()) if not facts[one].is_preprocessor))
    return tuple(chosen)


def _defines_preprocessor(text: str) -> bool:
    """Is this the preprocessor itself? (It has a class of that name with the method.)"""
    return re.search(r"\bclass\s+Preprocessor\b", text) is not None
