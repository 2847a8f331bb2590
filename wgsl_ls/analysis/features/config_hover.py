"""Hover in wgsl-ls.toml: what a key means, what a macro is to the shaders, which files a glob names."""

from __future__ import annotations

from dataclasses import fields

from wgsl_ls.analysis.features.config_macros import (
    ConfigFiles,
    known_macros,
    macro_at,
    macro_definitions,
)
from wgsl_ls.analysis.features.config_place import ConfigPlace
from wgsl_ls.analysis.features.rich_text import Hover, Page, place
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.analysis.rules_page import rule_words
from wgsl_ls.project.baselines import baseline
from wgsl_ls.project.keys import RULES, Key, Kind
from wgsl_ls.project.paths import relative
from wgsl_ls.project.profiles import BUILT_IN
from wgsl_ls.text.harmless import inline_code
from wgsl_ls.text.listing import first_of

_SHOWN = 8


def hover(at: ConfigPlace, files: ConfigFiles) -> Hover | None:
    """What stands under the cursor; None for what needs no words."""
    span, word = at.toml.span, at.word
    if at.toml.what == "nothing" or not span.start <= at.offset <= span.end or span.start == span.end:
        return None
    page = Page()
    macro = macro_at(at)
    if at.toml.what == "key" and at.spec is RULES and word in all_rules():
        page.add(rule_words(all_rules()[word]))
    elif macro and (macro in known_macros(files) or at.spec is None):
        _macro(page, macro, files)
    elif (key := at.named) is not None:
        if at.toml.what == "value":
            _value(page, key, word, files)
        _key(page, key)
    return Hover(span, page.text) if page else None


def _key(page: Page, key: Key) -> None:
    page.add(f"**{key.name}**")
    page.add(key.words)
    if key.default:
        page.add(f"Default: {key.default}")


def _macro(page: Page, name: str, files: ConfigFiles) -> None:
    count = known_macros(files).get(name, 0)
    page.add(f"macro {inline_code(name)}")
    if not count:
        page.add("No directive of the shaders here asks for it.")
        return
    found = macro_definitions(files, name)
    page.add(f"In {count} directive{'s' if count != 1 else ''} of the shaders here:")
    page.items([(place(files.snapshot.read, location),) for location in found[:_SHOWN]])
    if len(found) > _SHOWN:
        page.add(f"and in {len(found) - _SHOWN} more files")


def _value(page: Page, key: Key, word: str, files: ConfigFiles) -> None:
    if key.kind is Kind.FILES:
        named = [relative(path, files.directory) for path in files.named(word)]
        shown = first_of([inline_code(name) for name in named], _SHOWN)
        page.add(f"{len(named)} file{'s' if len(named) != 1 else ''}{': ' if named else ''}{shown}")
    elif key.kind in (Kind.PROFILE, Kind.PROFILES) and (known := BUILT_IN.get(word) or baseline(word)) is not None:
        said = [(field.name.replace("_", "-"), getattr(known, field.name)) for field in fields(known)[1:]]
        page.items([(f"{name}: {_said(value)}",) for name, value in said if value is not None and name != "language"])
        if (language := known.language) is not None:
            page.items(
                [
                    (f"{what}: {', '.join(map(inline_code, names))}",)
                    for what, names in (("has", language.offered), ("lacks", language.lacked))
                    if names
                ]
            )
            rest = "nothing else" if language.rest is False else "everything else" if language.rest else "unknown"
            page.add(f"beyond that: {rest}")


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
