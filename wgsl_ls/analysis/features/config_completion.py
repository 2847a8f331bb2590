"""Completion in wgsl-ls.toml: keys of the table, and the values that a key takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wgsl_ls.analysis.features.completion_items import Completions, Suggestion
from wgsl_ls.analysis.features.config_macros import ConfigFiles, known_macros, may_be_macro
from wgsl_ls.analysis.features.config_place import ConfigPlace
from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.project.baselines import baseline_names
from wgsl_ls.project.file_kind import FileKind
from wgsl_ls.project.keys import FILE, RULES, TARGETS, Key, Kind, TableSpec
from wgsl_ls.project.paths import relative
from wgsl_ls.project.profiles import BUILT_IN
from wgsl_ls.project.toml_document import is_bare_key, read_toml
from wgsl_ls.text.located import Located
from wgsl_ls.text.span import Span
from wgsl_ls.text.words import word_at
from wgsl_ls.wire.engine_specs import engine_names

_TABLES = (Kind.TABLE, Kind.TABLES, Kind.NAMED)


def complete(place: ConfigPlace, files: ConfigFiles) -> Completions:
    items = tuple(suggestions(place, files))
    return Completions(items, _replaced(place), place.word)


def suggestions(place: ConfigPlace, files: ConfigFiles) -> Iterator[Suggestion]:
    """Everything that may stand here, whatever was typed of it."""
    match place.toml.what:
        case "header":
            yield from _headers(place)
        case "key":
            yield from _keys(place, files)
        case "value" if place.key is not None:
            yield from _values(place, place.key, files)


def _replaced(place: ConfigPlace) -> Span:
    """The word; of a string that holds more than a name (a condition, NAME=VALUE), the name under the cursor."""
    span = place.toml.span
    if place.toml.what != "value" or not may_be_macro(place):
        return span
    return word_at(place.source.text, place.offset, span)


def _headers(place: ConfigPlace) -> Iterator[Suggestion]:
    before = place.toml.header
    if not before:
        for path, key in _table_keys(FILE, ()):
            if (key.kind is Kind.TABLES) is place.toml.is_list_header:
                yield Suggestion(".".join(path), "attribute", key.words, order=2)
    elif place.spec is not None:
        for key in place.spec:
            if key.kind in _TABLES or key.kind is Kind.AXES:
                yield Suggestion(key.name, "attribute", key.words, order=2)
    elif place.key is not None and place.key.kind is Kind.NAMED:
        yield from (Suggestion(name, "value", "built in", order=3) for name in BUILT_IN)


def _table_keys(spec: TableSpec, before: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Key]]:
    """Every table that may have a header of its own, the smoke tables' own ones apart."""
    for key in spec:
        path = (*before, key.name)
        if key.kind is Kind.NAMED:
            yield (*path, "NAME"), key
        elif key.kind in _TABLES or key.kind in (Kind.AXES, Kind.VALUES):
            yield path, key
        if key.kind in (Kind.TABLE, Kind.TABLES) and key.table is not None:
            yield from _table_keys(key.table, path)


def _keys(place: ConfigPlace, files: ConfigFiles) -> Iterator[Suggestion]:
    behind = place.source.text[place.toml.span.end :].lstrip(" \t")
    equals = "" if behind.startswith("=") else " = "
    if place.spec is TARGETS:
        for name, detail in _targets(files, place.source.text):
            if name not in place.toml.siblings:
                label = name if place.toml.quoted or is_bare_key(name) else f'"{name}"'
                yield Suggestion(label, "enum", detail, insert=f"{label}{'' if place.toml.quoted else equals}")
    elif place.spec is RULES:
        for name, rule in all_rules().items():
            label = name if place.toml.quoted else f'"{name}"'
            yield Suggestion(label, "value", rule.title, insert=f"{label}{'' if place.toml.quoted else equals}")
    elif place.spec is not None:
        for key in place.spec:
            if key.name not in place.toml.siblings or key.name == place.word:
                own = key.kind in _TABLES and place.spec is FILE
                text = _header_of(key) if own else f"{key.name}{equals}"
                yield Suggestion(key.name, "attribute", key.words, insert=text, order=4 if own else 3)
    elif may_be_macro(place):
        for name, count in known_macros(files).items():
            if name not in place.toml.siblings:
                yield Suggestion(name, "macro", _times(count), insert=f"{name}{equals}")
    elif place.key is not None and place.key.kind is Kind.NAMED:
        yield from (Suggestion(name, "value", "built in", order=3) for name in BUILT_IN)


def _header_of(key: Key) -> str:
    if key.kind is Kind.TABLES:
        return f"[[{key.name}]]"
    return f"[{key.name}.NAME]" if key.kind is Kind.NAMED else f"[{key.name}]"


def _times(count: int) -> str:
    return f"in {count} directive{'s' if count != 1 else ''} of the shaders"


def _values(place: ConfigPlace, key: Key, files: ConfigFiles) -> Iterator[Suggestion]:
    text = place.source.text
    match key.kind:
        case Kind.CHOICE | Kind.CHOICES | Kind.PICK | Kind.SEVERITY | Kind.TEXT | Kind.PAIRS:
            yield from _quoted(place, key.choices, "enum", "")
        case Kind.PROFILE | Kind.PROFILES:
            yield from _quoted(place, _profile_names(files, text), "enum", "device profile")
        case Kind.FILES:
            yield from _files(place, files, files.paths)
        case Kind.LISTS:
            yield from _files(place, files, files.others(FileKind.LIST))
        case Kind.SOURCES:
            yield from _files(place, files, files.others(FileKind.HOST))
        case Kind.FOLDERS:
            folders = dict.fromkeys(path.rpartition("/")[0] for path in files.paths)
            yield from _quoted(place, (relative(folder, files.directory) for folder in folders), "file", "")
        case Kind.ENTRIES:
            yield from _quoted(place, _entry_names(files.config, text), "value", "[[shader]]")
        case Kind.VARIANT:
            yield from _quoted(place, _variant_names(files.config, text), "value", "[[shader.variant]]")
        case Kind.TRUTH:
            yield from (Suggestion(word, "keyword") for word in ("true", "false"))
        case Kind.AXES if None not in place.toml.steps:
            yield from _macro_values(place, files, in_list=False)
        case kind if kind in (Kind.MACROS, Kind.AXES, Kind.NAMES, Kind.CONDITION, Kind.CONDITIONS, Kind.COMPUTE):
            if not (kind is Kind.MACROS and place.below and place.below[-1] is not None):
                yield from _macro_values(place, files, in_list=True)
            if kind in (Kind.CONDITION, Kind.CONDITIONS) and place.toml.quoted:
                yield Suggestion("defined", "keyword", insert="defined(", order=6)
    if key.or_false and not place.toml.quoted:
        yield Suggestion("false", "keyword")


def _macro_values(place: ConfigPlace, files: ConfigFiles, in_list: bool) -> Iterator[Suggestion]:
    for name, count in known_macros(files).items():
        text = name if place.toml.quoted else f'"{name}"' if in_list else f'["{name}"]'
        yield Suggestion(name, "macro", _times(count), insert=text)


def _files(place: ConfigPlace, files: ConfigFiles, paths: Iterable[str]) -> Iterator[Suggestion]:
    yield from _quoted(place, (relative(path, files.directory) for path in paths), "file", "")


def _quoted(place: ConfigPlace, words: Iterable[str], kind: str, detail: str) -> Iterator[Suggestion]:
    for word in words:
        yield Suggestion(word, kind, detail, insert=word if place.toml.quoted else f'"{word}"')


def _profile_names(files: ConfigFiles, text: str) -> tuple[str, ...]:
    return (*BUILT_IN, *baseline_names(), *_own_profiles(files.config, text))


def _targets(files: ConfigFiles, text: str) -> Iterator[tuple[str, str]]:
    yield from ((name, "engine") for name in engine_names())
    yield from ((name, "device profile") for name in _profile_names(files, text))


def _own_profiles(path: str, text: str) -> list[str]:
    profiles = read_toml(path, text)[0].get("profile")
    return [name for name, _ in profiles.entries() if name not in BUILT_IN] if profiles is not None else []


def _entry_names(path: str, text: str) -> list[str]:
    return _names_in(read_toml(path, text)[0].get("shader"))


def _variant_names(path: str, text: str) -> list[str]:
    shaders = read_toml(path, text)[0].get("shader")
    found = (_names_in(entry.get("variant")) for entry in (shaders.elements() if shaders is not None else ()))
    return [name for names in found for name in names]


def _names_in(tables: Located | None) -> list[str]:
    names = [entry.get("name") for entry in (tables.elements() if tables is not None else ())]
    return [str(name.value) for name in names if isinstance(name, Located) and isinstance(name.value, str)]
