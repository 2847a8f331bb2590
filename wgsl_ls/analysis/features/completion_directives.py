"""Completion on `#` lines: directives, macro names, values that macros have in some variant, include paths."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wgsl_ls.analysis.across import across
from wgsl_ls.analysis.features.completion_code import name_items
from wgsl_ls.analysis.features.completion_items import Suggestion
from wgsl_ls.analysis.features.completion_macros import macro_items
from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.rich_text import shortened
from wgsl_ls.project.file_kind import FileKind, kind_of
from wgsl_ls.text.words import word_at

_KEYWORD = re.compile(r"\s*#[ \t]*(\w*)\Z")
_NAME = re.compile(r"\s*#[ \t]*(ifdef|ifndef|undef)[ \t]+(\w*)\Z")
_CONDITION = re.compile(r"\s*#[ \t]*(?:if|elif)\b(.*)\Z", re.DOTALL)
_COMPARED = re.compile(r"\b(\w++)[ \t]*+(?:==|!=|<=?|>=?)[ \t]*(\w*)\Z")
_INCLUDE = re.compile(r"\s*#[ \t]*include[ \t]+(\"?)([^\"]*)\Z")
_DEFINE_NAME = re.compile(r"\s*#[ \t]*define[ \t]+(\w*)\Z")
_DEFINE_VALUE = re.compile(r"\s*#[ \t]*define[ \t]+\w+[ \t]+(.*)\Z", re.DOTALL)

_DIRECTIVES = {
    "if": ("#if ... #endif", "if ${1:condition}\n$0\n#endif"),
    "ifdef": ("#ifdef ... #endif", "ifdef ${1:NAME}\n$0\n#endif"),
    "ifndef": ("#ifndef ... #endif", "ifndef ${1:NAME}\n$0\n#endif"),
    "elif": ("another branch", "elif ${1:condition}"),
    "else": ("the last branch", "else"),
    "endif": ("end of #if", "endif"),
    "define": ("a macro", "define ${1:NAME} ${2:value}"),
    "undef": ("forget a macro", "undef ${1:NAME}"),
    "include": ("another file", 'include "$1"'),
}


def directive_items(cursor: Cursor, line: str) -> tuple[str, Iterator[Suggestion]] | None:
    """(what is typed so far of the word, items) at the end of `line`, the logical line up to the cursor."""
    found = _KEYWORD.match(line)
    if found is not None:
        return found[1], _keywords(cursor)
    found = _NAME.match(line)
    if found is not None:
        return found[2], macro_items(cursor)
    found = _INCLUDE.match(line)
    if found is not None:
        return found[2], _includes(cursor, not found[1])
    found = _DEFINE_NAME.match(line)
    if found is not None:
        return found[1], macro_items(cursor)
    found = _CONDITION.match(line)
    if found is not None:
        return _condition(cursor, found[1])
    found = _DEFINE_VALUE.match(line)
    if found is not None:
        return found[1][word_at(found[1], len(found[1])).start :], name_items(cursor)
    return None


def _keywords(cursor: Cursor) -> Iterator[Suggestion]:
    known = cursor.view.settings.dialect.directives
    for name, (detail, text) in _DIRECTIVES.items():
        if name in known:
            yield Suggestion(name, "keyword", detail, "directive", text, "$" in text, 1)


def _condition(cursor: Cursor, written: str) -> tuple[str, Iterator[Suggestion]]:
    compared = _COMPARED.search(written)
    prefix = written[word_at(written, len(written)).start :]
    if compared is not None and not compared[1].isdigit():
        return prefix, _values(cursor, compared[1])
    return prefix, _condition_names(cursor, written)


def _condition_names(cursor: Cursor, written: str) -> Iterator[Suggestion]:
    if not re.search(r"defined\s*\(?\s*\w*\Z", written) or re.search(r"\bd\w*\Z", written):
        yield Suggestion("defined", "keyword", "whether a macro is defined", "", "defined(${1:NAME})", True, 0)
    yield from macro_items(cursor)


def _values(cursor: Cursor, name: str) -> Iterator[Suggestion]:
    """What a macro is in the variants, the most frequent first; then macros to compare with."""
    total = len(cursor.view.variants)
    variants: dict[str, int] = {}
    for one in across(cursor.view).values(cursor.path, cursor.offset, name):
        if one.value:
            variants[one.value] = variants.get(one.value, 0) | one.variants  # given, and by a #define
    for value, mask in variants.items():
        detail = f"{name} in {mask.bit_count():,} of {total:,} variants"
        yield Suggestion(shortened(value, 60), "value", detail, "", value, order=0, rank=total - mask.bit_count())
    yield from macro_items(cursor)


def _includes(cursor: Cursor, with_quotes: bool) -> Iterator[Suggestion]:
    """Files that an #include of this root can name; a closing quote is there already when the opening one is."""
    end_of_line = cursor.source.text[cursor.offset : cursor.source.text.find("\n", cursor.offset) % (1 << 60)]
    closing = "" if '"' in end_of_line else '"'
    for name in cursor.snapshot.include_names(cursor.view.path):
        if not cursor.path.endswith(f"/{name}"):
            text = f'"{name}"' if with_quotes else name + closing
            order = 1 if kind_of(name) is FileKind.HEADER else 2
            yield Suggestion(name, "file", insert=text, order=order)
