"""Completion items as plain data, and the makers of those that need no cursor: builtins, keywords, snippets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from wgsl_ls.text.span import Span
from wgsl_ls.wgsl.builtins import (
    ATTRIBUTES,
    BUILTIN_VALUES,
    ENABLE_EXTENSIONS,
    FUNCTIONS,
    LANGUAGE_FEATURES,
    TYPES,
    enumerants_of_kind,
)
from wgsl_ls.wgsl.overloads import overloads_of


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`kind`: "function", "variable", "constant", "parameter", "field", "struct", "type", "keyword", "snippet",
    "macro", "file", "enum", "attribute", "module" or "value". `source`: what documents it: "builtin", "symbol",
    "macro", "attribute", "builtin value", "enable", "requires", "directive", or "" for nothing. `insert`: the text
    put in, a snippet (`$1`, `${1:name}`, `$0`) when `is_snippet`. `order`: smaller comes first, at most 9; then by
    `rank`, at most 9999, and by name."""

    label: str
    kind: str
    detail: str = ""
    source: str = ""
    insert: str = ""
    is_snippet: bool = False
    order: int = 5
    rank: int = 0

    @property
    def sort_text(self) -> str:
        return f"{self.order}{min(self.rank, 9999):04}{self.label}"

    @property
    def text(self) -> str:
        return self.insert or self.label


@dataclass(frozen=True, slots=True)
class Completions:
    """`span`: what an item replaces, in the written file: from the start of the word (or path) to the cursor's word
    end. `prefix`: what was typed of it."""

    items: tuple[Suggestion, ...]
    span: Span
    prefix: str


def fits(prefix: str, label: str) -> bool:
    """Whether the letters of `prefix` stand in `label` in this order, the first one at a word's beginning: what an
    editor's own fuzzy filter would keep."""
    if not prefix:
        return True
    low, wanted = label.lower(), prefix.lower()
    at = 0
    for letter in wanted:
        at = low.find(letter, at) + 1
        if not at:
            return False
    return True


def call_item(name: str, detail: str, source: str, has_arguments: bool, order: int) -> Suggestion:
    """A function: its name with parentheses, the cursor between them."""
    text = f"{name}($0)" if has_arguments else f"{name}()"
    return Suggestion(name, "function", detail, source, text, has_arguments, order)


def function_steps() -> Iterator[None]:
    """Read the signatures that `builtin_functions` rests on, which all at once take a while when it is asked first."""
    if not builtin_functions.cache_info().currsize:
        for name in FUNCTIONS:
            overloads_of(name)
            yield


@cache
def builtin_functions() -> tuple[Suggestion, ...]:
    found = []
    for name in FUNCTIONS:
        overloads = overloads_of(name)
        more = f"  (+{len(overloads) - 1})" if len(overloads) > 1 else ""
        has_arguments = any(overload.parameters for overload in overloads)
        found.append(call_item(name, overloads[0].label + more, "builtin", has_arguments, 5))
    return tuple(found)


@cache
def builtin_types() -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(name, "type", builtin.alias_of or builtin.category, "builtin", order=6)
        for name, builtin in TYPES.items()
    )


@cache
def attributes() -> tuple[Suggestion, ...]:
    found = []
    for name, attribute in ATTRIBUTES.items():
        takes = attribute.min_arguments > 0
        text = f"{name}($0)" if takes else name
        found.append(Suggestion(name, "attribute", attribute.forms[0], "attribute", text, takes, 4))
    return tuple(found)


@cache
def builtin_values() -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(name, "enum", f"{value.type}, {value.uses[0][0]} {value.uses[0][1]}", "builtin value", order=4)
        for name, value in BUILTIN_VALUES.items()
    )


@cache
def enumerants(*kinds: str) -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(one.name, "enum", one.kind.replace("_", " "), "builtin", order=order)
        for order, kind in enumerate(kinds)
        for one in enumerants_of_kind(kind)
    )


@cache
def extensions(keyword: str) -> tuple[Suggestion, ...]:
    table = ENABLE_EXTENSIONS if keyword == "enable" else LANGUAGE_FEATURES
    return tuple(
        Suggestion(name, "module", "" if one.standard else "Dawn only", keyword, order=4 if one.standard else 5)
        for name, one in table.items()
    )


_MODULE_KEYWORDS = (
    "alias",
    "const",
    "const_assert",
    "enable",
    "fn",
    "override",
    "requires",
    "struct",
    "var",
    "diagnostic",
)
_FUNCTION_KEYWORDS = (
    "break", "case", "const", "const_assert", "continue", "continuing", "default", "discard", "else", "for", "if",
    "let", "loop", "return", "switch", "var", "while",
)  # fmt: skip
_EXPRESSION_KEYWORDS = ("true", "false")


@cache
def keywords(in_function: bool) -> tuple[Suggestion, ...]:
    names = _FUNCTION_KEYWORDS + _EXPRESSION_KEYWORDS if in_function else _MODULE_KEYWORDS
    return tuple(Suggestion(name, "keyword", source="builtin", order=7) for name in names)


_MODULE_SNIPPETS = {
    "fn": ("function", "fn ${1:name}(${2:parameters}) -> ${3:f32} {\n\t$0\n}"),
    "compute": (
        "compute entry point",
        "@compute @workgroup_size(${1:64})\nfn ${2:main}(@builtin(global_invocation_id) ${3:id}: vec3<u32>) {\n\t$0\n}",
    ),
    "struct": ("struct", "struct ${1:Name} {\n\t${2:member}: ${3:f32},$0\n}"),
    "storage": (
        "storage buffer",
        "@group(${1:0}) @binding(${2:0}) var<storage, ${3|read,read_write|}> ${4:name}: array<${5:f32}>;$0",
    ),
    "uniform": ("uniform buffer", "@group(${1:0}) @binding(${2:0}) var<uniform> ${3:params}: ${4:Params};$0"),
    "workgroup": ("workgroup variable", "var<workgroup> ${1:name}: array<${2:f32}, ${3:64}>;$0"),
}
_FUNCTION_SNIPPETS = {
    "for": ("for loop", "for (var ${1:i} = ${2:0u}; ${1:i} < ${3:count}; ${1:i} += ${4:1u}) {\n\t$0\n}"),
    "if": ("if", "if (${1:condition}) {\n\t$0\n}"),
    "ifelse": ("if, else", "if (${1:condition}) {\n\t$2\n} else {\n\t$0\n}"),
    "while": ("while loop", "while (${1:condition}) {\n\t$0\n}"),
    "loop": ("loop", "loop {\n\t$0\n\n\tcontinuing {\n\t\tbreak if ${1:condition};\n\t}\n}"),
    "switch": ("switch", "switch (${1:value}) {\n\tcase ${2:0}: {\n\t\t$0\n\t}\n\tdefault: {}\n}"),
}


@cache
def snippets(in_function: bool) -> tuple[Suggestion, ...]:
    table = _FUNCTION_SNIPPETS if in_function else _MODULE_SNIPPETS
    return tuple(Suggestion(name, "snippet", detail, "", text, True, 8) for name, (detail, text) in table.items())


def without_doubles(items: Iterator[Suggestion]) -> tuple[Suggestion, ...]:
    """The first item of each label and kind of text."""
    seen: set[tuple[str, bool]] = set()
    found = []
    for item in items:
        key = (item.label, item.kind == "snippet")
        if key not in seen:
            seen.add(key)
            found.append(item)
    return tuple(found)
