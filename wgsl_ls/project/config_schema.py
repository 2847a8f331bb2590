"""The JSON schema (draft 7, which TOML editors read) of wgsl-ls.toml, made from keys.py.

It says what a schema can say; conditions, names of macros across tables and what rules leave are judged by the reader.
"""

from __future__ import annotations

from typing import Any, Final

from wgsl_ls.project.keys import FILE, RULE_SETTING, Key, Kind, TableSpec
from wgsl_ls.project.profiles import BUILT_IN

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_SCALAR: Final[Schema] = {"type": ["string", "number", "boolean"]}
_MACRO: Final[Schema] = {"type": "string", "pattern": r"^\s*[A-Za-z_][A-Za-z0-9_]*\s*(=|$)"}
_NAME: Final[Schema] = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
_MACRO_TABLE: Final[Schema] = {"type": "object", "propertyNames": _NAME, "additionalProperties": _SCALAR}
_MACROS: Final[Schema] = {"anyOf": [_MACRO, {"type": "array", "items": _MACRO}, _MACRO_TABLE]}
_ALTERNATIVE: Final[Schema] = {
    "anyOf": [{"const": ""}, _MACRO, {"type": ["number", "boolean"]}, {"type": "array", "items": _MACRO}, _MACRO_TABLE]
}
_ALTERNATIVES: Final[Schema] = {"type": "array", "items": _ALTERNATIVE}


def config_schema() -> Schema:
    """The whole schema. Profiles that a file adds are names too, so profile names are proposed, not required."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "wgsl-ls.toml",
        "description": "Which shaders a project has and in which variants they must compile.",
        **_object(FILE),
    }


def _object(spec: TableSpec) -> Schema:
    properties = {key.name: _described(key) for key in spec}
    rest = _of(spec.any_name) if spec.any_name is not None else False
    return {"type": "object", "properties": properties, "additionalProperties": rest}


def _described(key: Key) -> Schema:
    words = key.words + (f" (default: {key.default})" if key.default else "")
    return {"description": words, **_of(key)}


def _list(item: Schema) -> Schema:
    return {"anyOf": [item, {"type": "array", "items": item}]}


def _whole(length: int) -> Schema:
    number = {"type": "integer", "minimum": 0}
    return {"type": "array", "items": number, "minItems": length, "maxItems": length}


def _of(key: Key) -> Schema:
    found = _of_kind(key)
    return {"anyOf": [{"type": "boolean"}, found]} if key.or_false else found


def _of_kind(key: Key) -> Schema:
    choice: Schema = {"enum": list(key.choices)}
    profile: Schema = {"anyOf": [{"enum": list(BUILT_IN)}, _TEXT]}
    table = _object(key.table) if key.table is not None else {}
    match key.kind:
        case Kind.TEXT if key.choices:
            return {"anyOf": [choice, _TEXT]}
        case Kind.TEXT | Kind.CONDITION | Kind.VARIANT:
            return _TEXT
        case Kind.TEXTS | Kind.FILES | Kind.LISTS | Kind.SOURCES | Kind.FOLDERS | Kind.CONDITIONS | Kind.ENTRIES:
            return _list(_TEXT)
        case Kind.SHAPES:
            return _list({"type": "string", "pattern": r"^\s*\d+\s*x\s*\d+\s*x\s*\d+\s+\S+\s+\S+\s*$"})
        case Kind.CHOICE:
            return choice
        case Kind.CHOICES:
            return _list(choice)
        case Kind.PROFILE:
            return profile
        case Kind.PROFILES:
            return _list(profile)
        case Kind.MACROS:
            return _MACROS
        case Kind.NAMES:
            return _list(_NAME)
        case Kind.COMPUTE:
            return {"type": "object", "propertyNames": _NAME, "additionalProperties": _TEXT}
        case Kind.NUMBERS:
            return {"type": "object", "additionalProperties": {"type": ["number", "boolean"]}}
        case Kind.PICK:
            return {"anyOf": [choice, {"type": "integer", "minimum": 1}]}
        case Kind.WHOLE:
            return {"type": "integer", "minimum": key.least}
        case Kind.RANGE:
            return _whole(2)
        case Kind.SIZES:
            return _whole(3)
        case Kind.TRUTH:
            return {"type": "boolean"}
        case Kind.AXES:
            by_name = {"type": "object", "additionalProperties": _ALTERNATIVES}
            return {"anyOf": [by_name, {"type": "array", "items": _ALTERNATIVES}]}
        case Kind.PAIRS:
            return {"anyOf": [_list(_TEXT), {"type": "object", "additionalProperties": _TEXT}]}
        case Kind.VALUES:
            return {"type": "object"}
        case Kind.SEVERITY:
            says = [{"required": [name]} for name in ("severity", "targets")]
            return {"anyOf": [choice, {**_object(RULE_SETTING), "anyOf": says}]}
        case Kind.TABLE:
            return table
        case Kind.TABLES:
            return {"type": "array", "items": table}
        case Kind.NAMED:
            return {"type": "object", "additionalProperties": table}
        case Kind.ANY:
            return {}
