"""Variants by what a person says of them: a name, a glob, or words of name and macros in any order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from wgsl_ls.project.variants import Variant

_BETWEEN = re.compile(r"[\s+,]+")
_WILDCARDS = frozenset("*?[")


def words_of(text: str) -> tuple[str, ...]:
    return tuple(word for word in _BETWEEN.split(text.casefold()) if word)


def chosen_by(variants: Sequence[Variant], text: str) -> list[int]:
    """Indices of the variants that a person means by `text`: the one of that name, else those whose name it matches as
    a glob, or, where it is none, those that have its words."""
    named = [index for index, variant in enumerate(variants) if variant.name == text]
    matching = named or [index for index, variant in enumerate(variants) if fnmatchcase(variant.name, text)]
    return matching or ([] if _WILDCARDS.intersection(text) else variants_with(variants, text))


def variants_with(variants: Sequence[Variant], text: str) -> list[int]:
    """Indices of the variants that have all the words of `text` in their name or macros, whatever the case. Those of
    which the words are the whole name come alone; then those in which every word is one of theirs; else any in which
    the words occur as parts."""
    wanted = words_of(text)
    if not wanted:
        return []
    own = [(index, words_of(variant.name), _known(variant)) for index, variant in enumerate(variants)]
    whole = [index for index, name, _ in own if sorted(name) == sorted(wanted)]
    if whole:
        return whole
    exact = [index for index, _, known in own if all(word in known for word in wanted)]
    if exact:
        return exact
    return [index for index, _, known in own if all(any(word in one for one in known) for word in wanted)]


def _known(variant: Variant) -> frozenset[str]:
    """Words of its name, and its macros with and without their values."""
    words = {*words_of(variant.name), *(name.casefold() for name, _ in variant.defines)}
    return frozenset(words | {define.casefold() for define in variant.define_list})
