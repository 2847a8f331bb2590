"""What parts some of a host's text play: the function that hands work out, the names of the shaders' texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from typing import Final, Protocol

from wgsl_ls.host.program import Function, Program
from wgsl_ls.host.slicing import CallGraph

_CALLED: Final = re.compile(r"(?:_?(?i:wgsl|shader|source|src|code|text|str(?:ing)?))+$")


class Named(Protocol):
    @property
    def file(self) -> str: ...


def dispatch_function(graph: CallGraph, direct: Set[Function]) -> Function | None:
    """The function that hands out most work: the innermost one that leads to the most functions. `direct`: those
    that call the preprocessor themselves."""
    best: tuple[int, int, Function] | None = None
    for function in graph.calls:
        if function.name not in graph.reaching or function in direct:
            continue
        n_reached = len(graph.reached_from(function))
        if n_reached < 2 or re.search(r"\bswitch\b", function.body.text) is None:
            continue
        score = (n_reached, -len(function.body.text), function)
        if best is None or score[:2] > best[:2]:
            best = score
    return best[2] if best is not None else None


def shader_names(program: Program, shaders: Mapping[str, Named], pattern: str) -> dict[str, str]:
    """Identifier or string -> stem, for everything in the program that names one of `shaders` (by stem). `pattern`:
    the identifier of a shader's text, with "{stem}"; "" = any that ends in the stem."""
    names: dict[str, str] = {}
    for stem in shaders:
        if pattern:
            names[pattern.replace("{stem}", stem)] = stem
        if shaders[stem].file:
            names[shaders[stem].file] = stem
    for tree in program.trees.values():
        for word in set(re.findall(r"\b[A-Za-z_]\w*", tree.text)):
            if not pattern and word not in names:
                ending = _ending(word, shaders)
                if ending is not None and word != ending:
                    names[word] = ending
        for scope, word in set(re.findall(r"\b([A-Za-z_]\w*)::([A-Za-z_]\w*)", tree.text)):
            if not pattern and word in shaders:
                names[f"{scope}::{word}"] = word
        for text in set(re.findall(r'"([^"\n]{1,200})"', tree.text)):
            base = text.rsplit("/", 1)[-1]
            if base in names and "." in base:
                names[text] = names[base]
            elif not pattern and text in shaders:
                names[text] = text
    return names


def _ending(word: str, stems: Mapping[str, object]) -> str | None:
    """The longest stem that a word ends in, behind "_" or a change of case and before what a text is called."""
    best = None
    for one in dict.fromkeys((word, _CALLED.sub("", word))):
        for stem in stems if best is None else ():
            if one.lower().endswith(stem.lower()) and (best is None or len(stem) > len(best)):
                before = one[: len(one) - len(stem)]
                if not before or before.endswith("_") or (before[-1].islower() and one[len(before)].isupper()):
                    best = stem
    return best
