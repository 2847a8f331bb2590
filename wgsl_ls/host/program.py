"""Program: the functions, records, enums, constants and macros of the files read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from wgsl_ls.host.cpp_types import MAPS, CppType, declared_name, first_argument, is_const, type_of
from wgsl_ls.host.syntax import Node, SourceTree

_WORD: Final = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Field:
    """`bits`: of a bit field, how many it has; 0 for others."""

    type: CppType
    default: Node | None
    bits: int = 0


@dataclass(slots=True)
class Record:
    """`inherits`: bases whose constructors it has."""

    name: str
    fields: dict[str, Field] = field(default_factory=dict)
    bases: tuple[str, ...] = ()
    inherits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: CppType
    default: Node | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """`owner`: the class it is a member of; `scope`: the namespaces and classes around it, and `template`: the names of
    its template's parameters. For a function-like macro `body` is its expression."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: CppType
    body: Node
    owner: str | None
    node: Node
    is_macro: bool = False
    scope: tuple[str, ...] = ()
    template: tuple[str, ...] = ()


@dataclass(slots=True)
class Program:
    """What some files declare. `constants`: initialisers of global constants and texts of macros; `maps`: global ones
    that begin empty; `local_records`: the nodes of those records that stand within a function."""

    trees: dict[str, SourceTree] = field(default_factory=dict)
    functions: dict[str, list[Function]] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    local_records: dict[str, Node] = field(default_factory=dict)
    unions: set[str] = field(default_factory=set)
    enums: dict[str, dict[str, int]] = field(default_factory=dict)
    enumerators: dict[str, int] = field(default_factory=dict)
    constants: dict[str, tuple[CppType, Node]] = field(default_factory=dict)
    maps: dict[str, CppType] = field(default_factory=dict)
    macros: set[str] = field(default_factory=set)
    unread_macros: set[str] = field(default_factory=set)  # that are no expressions
    ambiguous: set[str] = field(default_factory=set)  # constants and classes of one name with several meanings
    record_texts: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, CppType] = field(default_factory=dict)
    _changing: dict[str, bool] = field(default_factory=dict)
    _of_name: dict[str, list[tuple[CppType, Node]]] = field(default_factory=dict)
    _virtual: dict[str, bool] = field(default_factory=dict)

    def all_functions(self) -> Iterator[Function]:
        for overloads in self.functions.values():
            yield from overloads

    def key_fields(self) -> Iterator[str]:
        """The members of all that is a key of a map outside of functions: looking there reads them."""
        members = (one.type for record in self.records.values() for one in record.fields.values())
        names = [first_argument(type_) for type_ in (*members, *self.maps.values()) if type_.name in MAPS]
        seen: set[str] = set()
        while names:
            name = names.pop()
            if name in seen or name not in self.records:
                continue
            seen.add(name)
            for field_, one in self.fields_of(name).items():
                yield field_
                names.append(self.resolved(one.type).name)

    def add_enums(self, enums: Mapping[str, Mapping[str, int]]) -> None:
        """Those of a library whose headers may not be there; what a text declares stays."""
        for name, values in enums.items():
            self.enums.setdefault(name, dict(values))
            for one, value in values.items():
                self.enumerators.setdefault(one, value)

    def may_change(self, name: str) -> bool:
        """Is there something that writes to a global or static variable, or to another of that name?"""
        known = self._changing.get(name)
        if known is None:
            word = re.escape(name.rpartition("::")[2])
            written = re.compile(
                rf"(?<![\w.]){word}\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)|(?:\+\+|--)\s*{word}\b|\b{word}\s*(?:\+\+|--)|&{word}\b"
                rf"|\b{word}\s*\[[^\]]*\]\s*=(?!=)|\b{word}\s*(?:\.|->)\s*(?:push|emplace|insert|erase|clear|pop|try_emplace)"
            )
            n_most = 1  # its own initialiser
            found = (len(written.findall(tree.text)) for tree in self.trees.values() if word in tree.text)
            known = self._changing[name] = sum(found) > n_most
        return known

    def changing(self, names: Iterable[str]) -> list[str]:
        """The variables outside of functions, behind some names, that something writes to; those that the constants
        among them are made of, too."""
        if not self._of_name:
            for name, (type_, initialiser) in self.constants.items():
                self._of_name.setdefault(name.rpartition("::")[2], []).append((type_, initialiser))
        waiting, seen, found = list(names), set[str](), list[str]()
        while waiting:
            name = waiting.pop()
            if name in seen or name not in self._of_name:
                continue
            seen.add(name)
            for type_, initialiser in self._of_name[name]:
                if not type_.is_const and name not in self.macros and self.may_change(name):
                    found.append(name)
                waiting.extend(_WORD.findall(initialiser.text))
        return sorted(set(found))

    def lineage(self, name: str) -> tuple[str, ...]:
        """A class and those it is derived from, nearest first."""
        found = [name]
        for one in found:
            record = self.records.get(one)
            found.extend(base for base in (record.bases if record is not None else ()) if base not in found)
        return tuple(found)

    def is_virtual(self, name: str) -> bool:
        """Is a method of that name said to be virtual anywhere?"""
        known = self._virtual.get(name)
        if known is None:
            word = rf"\b{re.escape(name)}\s*\("
            said = re.compile(rf"\bvirtual\b[^;{{}}()]{{0,200}}{word}|{word}[^;{{}}]{{0,500}}\boverride\b")
            known = self._virtual[name] = any(said.search(tree.text) for tree in self.trees.values())
        return known

    def fields_of(self, name: str) -> dict[str, Field]:
        """The members of a class, those of the classes it is derived from first."""
        records = [self.records[one] for one in reversed(self.lineage(name)) if one in self.records]
        return {field_name: one for record in records for field_name, one in record.fields.items()}

    def constructors(self, name: str) -> list[Function]:
        """Those of a class, and those of its base that it says it has, too."""
        found = [one for one in self.functions.get(name, ()) if one.owner == name and not one.is_macro]
        record = self.records.get(name)
        for base in record.inherits if record is not None else ():
            found += self.constructors(base) if base != name else []
        return found

    def resolved(self, type_: CppType) -> CppType:
        """A type behind its aliases."""
        if type_.name not in self.aliases:
            return type_
        for _ in range(8):
            target = self.aliases.get(type_.name)
            if target is None or target.name == type_.name:
                break
            is_pointer, is_array = target.is_pointer or type_.is_pointer, target.is_array or type_.is_array
            sizes = (*type_.sizes, *target.sizes)
            type_ = CppType(
                target.name, target.spelled, is_pointer, type_.is_reference, type_.is_const, is_array, sizes
            )
        return type_


def declared_type(function: Function, name: str) -> CppType | None:
    """The type of a variable of a function."""
    for parameter in function.parameters:
        if parameter.name == name:
            return parameter.type
    for node in function.body.walk():
        if node.kind == "declaration":
            for declarator in node.fields("declarator"):
                inner = declarator.field("declarator") if declarator.kind == "init_declarator" else declarator
                if declared_name(declarator) == name:
                    return type_of(node.field("type"), inner, is_const(node))
    return None
