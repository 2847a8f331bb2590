"""Quick fixes in wgsl-ls.toml: a word that means nothing there becomes the nearest one that does."""

from __future__ import annotations

from difflib import get_close_matches

from wgsl_ls.analysis.features.config_completion import suggestions
from wgsl_ls.analysis.features.config_macros import ConfigFiles, known_macros
from wgsl_ls.analysis.features.config_place import config_place
from wgsl_ls.analysis.fix import Edit, Fix
from wgsl_ls.text.diagnostic import Diagnostic
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span

_WORDS = frozenset({"config/unknown-key", "config/unknown-rule", "config/value", "config/unknown-macro"})
_MOST = 3


def fixes_for(source: SourceFile, item: Diagnostic, files: ConfigFiles) -> list[Fix]:
    """The nearest words first."""
    if item.code not in _WORDS:
        return []
    inside = item.span.start + (1 if source.text[item.span.start : item.span.start + 1] in ('"', "'") else 0)
    place = config_place(source, inside)
    if item.code == "config/unknown-macro":
        span, known = item.span, list(known_macros(files))
    else:
        span = place.toml.span
        known = [one.label.strip('"') for one in suggestions(place, files)]
        if place.toml.what == "key" and place.spec is not None:
            known = list(dict.fromkeys([*known, *place.spec.names]))
    word = source.text[span.start : span.end]
    folded = {name.lower().replace("_", "-"): name for name in known}
    near = get_close_matches(word.lower().replace("_", "-"), folded, n=_MOST, cutoff=0.6)
    return [_replacement(source.path, span, folded[one], number == 0) for number, one in enumerate(near)]


def _replacement(path: str, span: Span, name: str, preferred: bool) -> Fix:
    return Fix(f"Change to {name}", (Edit(Location(path, span), name),), preferred)
