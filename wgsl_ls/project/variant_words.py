"""A variant by words in any order: what a person remembers of its name and macros."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wgsl_ls.project.variants import Variant

_BETWEEN = re.compile(r"[\s+,]+")


def words_of(text: str) -> tuple[str, ...]:
    return tuple(word for word in _BETWEEN.split(text.casefold()) if word)


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
