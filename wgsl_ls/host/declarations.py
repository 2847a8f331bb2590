"""Declarations of some C++ files: functions, structs, enums, constants and macros, found without reading bodies.

Conditional compilation takes the branch that a build without special options takes: a name is defined only where
one of the files defines it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from wgsl_ls.host.cpp_types import MAPS, RECORDS, CppType, base_name, declared_name, inner_declarator, is_const, type_of
from wgsl_ls.host.enumerations import read_enum
from wgsl_ls.host.integers import COMPARISONS, integer
from wgsl_ls.host.macros import ExpandedMacros, expanded, read_macros
from wgsl_ls.host.program import Field, Function, Parameter, Program, Record
from wgsl_ls.host.split_blocks import compiled, defined_macros
from wgsl_ls.host.syntax import Node, SourceTree

_INHERITS: Final = re.compile(r"using\s+(?:\w+::)*(\w+)::\1\s*;")
_BASES: Final = ("type_identifier", "template_type", "qualified_identifier")


def read_program(
    texts: Iterable[tuple[str, str]], trees: dict[str, SourceTree] | None = None, opaque: frozenset[str] = frozenset()
) -> Program:
    """`trees`: of files read before, by path; it holds those of these files afterwards. `opaque`: macros of which it is
    known what they mean."""
    program = Program()
    trees = {} if trees is None else trees
    listed = list(texts)
    defined = defined_macros(text for _, text in listed)
    settled = {path: compiled(text, defined) for path, text in listed}
    macros = read_macros(settled.values(), opaque)
    for path, text in listed:
        tree = trees.get(path)
        whole = settled[path]
        if tree is None or tree.written != text or tree.made_of != (whole, macros):
            made = expanded(whole, macros) or (ExpandedMacros(whole.text, ()) if whole.text != text else None)
            if tree is None or tree.written != text or tree.text != (made.text if made is not None else text):
                tree = trees[path] = SourceTree(path, text, made)
            tree.made_of = whole, macros
        program.trees[tree.path] = tree
        _items(program, tree.root)
    for path in trees.keys() - program.trees.keys():
        del trees[path]
    return program


def method_as_comparison(node: Node) -> tuple[Node, Node, list[Node]] | None:
    """`a.f<true>(1)`, which the grammar takes for two comparisons: method, template argument and arguments."""
    left, right = node.field("left"), node.field("right")
    if node.kind != "binary_expression" or node.operator != ">" or left is None or right is None:
        return None
    method, argument = left.field("left"), left.field("right")
    if left.kind != "binary_expression" or left.operator != "<" or right.kind != "parenthesized_expression":
        return None
    if method is None or argument is None or method.kind != "field_expression":
        return None
    listed = list(right.children)
    while listed and listed[0].kind == "comma_expression":
        listed[:1] = listed[0].children
    return method, argument, listed


def parameters_of(declarator: Node | None) -> tuple[Parameter, ...]:
    """The parameters of a function declarator, or of a lambda's."""
    listed = declarator.field("parameters") if declarator is not None else None
    found = []
    for child in listed.children if listed is not None else ():
        if child.kind in ("parameter_declaration", "optional_parameter_declaration"):
            inner = child.field("declarator")
            type_ = type_of(child.field("type"), inner, is_const(child))
            found.append(Parameter(declared_name(inner), type_, _plain_braces(child.field("default_value"))))
    return tuple(found)


def _plain_braces(node: Node | None) -> Node | None:
    """The grammar reads the `{}` in `T a = {}` of a parameter as a literal whose type is missing."""
    if node is None or node.kind != "compound_literal_expression":
        return node
    type_, braces = node.field("type"), node.field("value")
    return braces if type_ is not None and not type_.text else node


def active_branch(program: Program, node: Node) -> list[Node]:
    """The children of an `#ifdef`, `#if` or `#else` that are compiled."""
    if node.kind == "preproc_else":
        return list(node.children)
    alternative = node.field("alternative")
    name, condition = node.field("name"), node.field("condition")
    if name is not None:
        taken = (name.text in program.macros) is not node.has_token("#ifndef")
    else:
        taken = condition is not None and bool(_condition(program, condition))
    if taken:
        return [child for child in node.children if child not in (name, condition, alternative)]
    return active_branch(program, alternative) if alternative is not None else []


def _condition(program: Program, node: Node) -> int:
    """The value of an #if expression, in which every other name is 0."""
    kind = node.kind
    if kind == "preproc_defined":
        return int(any(child.text in program.macros for child in node.children))
    if kind == "number_literal":
        return integer(node.text) or 0
    if kind == "identifier":
        constant = program.constants.get(node.text)
        return _condition(program, constant[1]) if constant is not None and constant[1].kind != "identifier" else 0
    if kind == "parenthesized_expression":
        return _condition(program, node.children[0]) if node.children else 0
    if kind == "unary_expression":
        argument = node.field("argument")
        value = _condition(program, argument) if argument is not None else 0
        return {"!": int(not value), "-": -value, "~": ~value}.get(node.operator, value)
    left, right = node.field("left"), node.field("right")
    if kind == "binary_expression" and left is not None and right is not None:
        a, b = _condition(program, left), _condition(program, right)
        return int(COMPARISONS[node.operator](a, b)) if node.operator in COMPARISONS else 0
    return 0


def add_record(program: Program, node: Node | None) -> bool:
    """Add a struct or class that is declared within a function; False where its name has another meaning already."""
    if node is None or node.kind not in RECORDS or node.field("body") is None:
        return True
    name = base_name(node)
    if name not in program.records:
        _walk_items(program, [_Item(node)])
        program.local_records[name] = node
        return True
    return program.local_records.get(name) is node or node.field("name") is None


def add_enum(program: Program, node: Node) -> bool:
    """Add an enum that is declared within a function; False where its names have another meaning already."""
    before = dict(program.enumerators)
    read_enum(program, node)
    if any(program.enumerators[name] != value for name, value in before.items()):
        program.enumerators.update(before)
        return False
    return True


def add_alias(program: Program, node: Node) -> bool:
    """Add a type's name that is declared within a function; False where it has another meaning already."""
    before = dict(program.aliases)
    _alias(program, node)
    if any(program.aliases[name] != type_ for name, type_ in before.items()):
        program.aliases.update(before)
        return False
    return True


def _items(program: Program, root: Node) -> None:
    _walk_items(program, [_Item(child) for child in reversed(root.children)])


@dataclass(frozen=True, slots=True)
class _Item:
    """A node that may declare something, and what is around it."""

    node: Node
    owner: str | None = None
    scope: tuple[str, ...] = ()
    template: tuple[str, ...] = ()

    def below(self, nodes: Iterable[Node], name: str = "") -> list[_Item]:
        scope = (*self.scope, *filter(None, name.split("::")))
        return [replace(self, node=node, scope=scope, template=()) for node in reversed(list(nodes))]


def _walk_items(program: Program, waiting: list[_Item]) -> None:
    while waiting:
        item = waiting.pop()
        node = item.node
        kind = node.kind
        if kind in ("namespace_definition", "linkage_specification"):
            body, name = node.field("body"), node.field("name")
            if body is not None:
                waiting.extend(item.below(body.children, name.text if name is not None else ""))
        elif kind in ("preproc_ifdef", "preproc_if", "preproc_else", "preproc_elif"):
            waiting.extend(item.below(active_branch(program, node)))
        elif kind == "template_declaration":
            listed = node.field("parameters")
            names = _template_names(listed) if listed is not None else ()
            waiting.extend(replace(one, template=names) for one in item.below(node.children))
        elif kind in ("declaration_list", "ERROR"):
            waiting.extend(item.below(node.children))
        elif kind == "function_definition":
            _function(program, item)
        elif kind in ("preproc_def", "preproc_function_def"):
            _macro(program, node)
        elif kind in ("declaration", "field_declaration"):
            inside = [child for child in node.children if child.kind in (*RECORDS, "enum_specifier")]
            waiting.extend(item.below(inside))
            _declaration(program, item)
        elif kind in ("type_definition", "alias_declaration"):
            _alias(program, node)
            waiting.extend(item.below(child for child in node.children if child.kind in (*RECORDS, "enum_specifier")))
        elif kind == "enum_specifier":
            read_enum(program, node)
        elif kind in RECORDS:
            if kind == "union_specifier":
                program.unions.add(base_name(node))
            body = node.field("body")
            if body is not None:
                record_name = base_name(node)
                bases = node.child("base_class_clause")
                if program.record_texts.setdefault(record_name, node.text) != node.text:
                    program.ambiguous.add(record_name)
                record = program.records.setdefault(record_name, Record(record_name))
                record.bases = tuple(
                    base_name(one) for one in (bases.children if bases is not None else ()) if one.kind in _BASES
                )
                using = (_INHERITS.fullmatch(one.text) for one in body.children if one.kind == "using_declaration")
                record.inherits = tuple(found[1] for found in using if found is not None and found[1] in record.bases)
                written = node.field("name")
                around = item.below(body.children, written.text.replace(" ", "") if written is not None else "")
                waiting.extend(replace(one, owner=record_name) for one in around)


def _template_names(listed: Node) -> tuple[str, ...]:
    found = []
    for one in listed.children:
        named = one.field("name") or one.field("declarator") or (one.children[-1] if one.children else None)
        found.append(declared_name(named) if one.kind.endswith("declaration") else "...")
    return tuple(found)


def _function(program: Program, item: _Item) -> None:
    node, owner, scope = item.node, item.owner, item.scope
    declarator, body = node.field("declarator"), node.field("body")
    if declarator is not None and declarator.kind == "operator_cast" and body is not None:
        into = type_of(declarator.field("type"))
        conversion = Function(f"operator {into.name}", (), into, body, owner, node, scope=scope, template=item.template)
        program.functions.setdefault(conversion.name, []).append(conversion)
        return
    returns = type_of(node.field("type"), declarator, is_const(node))
    while declarator is not None and declarator.kind != "function_declarator":
        declarator = inner_declarator(declarator)
    if declarator is None or body is None:
        return
    named = declarator.field("declarator")
    name = named.text.replace(" ", "") if named is not None else ""
    if "::" in name:
        before, _, name = name.rpartition("::")
        scope = (*scope, *before.split("::"))
        owner = before.rpartition("::")[2].partition("<")[0]
    function = Function(
        name, parameters_of(declarator), returns, body, owner, node, scope=scope, template=item.template
    )
    program.functions.setdefault(name, []).append(function)


def _macro(program: Program, node: Node) -> None:
    name, value = node.field("name"), node.field("value")
    if name is None:
        return
    program.macros.add(name.text)
    if value is None:
        return
    text = value.text.replace("\\\n", "  ")
    tree = SourceTree(node.tree.path, f"auto _ = {text};")
    initialiser = next((found for found in tree.root.walk() if found.kind == "init_declarator"), None)
    expression = initialiser.field("value") if initialiser is not None else None
    if expression is None or any(found.kind == "ERROR" for found in tree.root.walk()):
        program.unread_macros.add(name.text)
        return
    if node.kind == "preproc_def":
        program.constants[name.text] = (CppType("auto"), expression)
        return
    listed = node.field("parameters")
    names = [child.text for child in listed.children] if listed is not None else []
    parameters = tuple(Parameter(one, CppType("auto")) for one in names)
    macro = Function(name.text, parameters, CppType("auto"), expression, None, node, is_macro=True)
    program.functions[name.text] = [macro]


def _declaration(program: Program, item: _Item) -> None:
    node, owner = item.node, item.owner
    type_node = node.field("type")
    constant = is_const(node)
    for declarator in node.fields("declarator"):
        initialiser = declarator.field("value") if declarator.kind == "init_declarator" else None
        inner = declarator.field("declarator") if declarator.kind == "init_declarator" else declarator
        if inner is None or inner.kind == "function_declarator":
            continue
        type_ = type_of(type_node, inner, constant)
        name = declared_name(inner)
        if (
            owner is not None
            and not node.has_token("static")
            and not any(child.kind == "storage_class_specifier" and child.text == "static" for child in node.children)
        ):
            clause = node.child("bitfield_clause")
            bits = integer(clause.children[-1].text) if clause is not None and clause.children else None
            member = Field(type_, node.field("default_value"), bits or 0)
            program.records.setdefault(owner, Record(owner)).fields[name] = member
            continue
        value = initialiser or node.field("default_value")
        if value is None and program.resolved(type_).name in MAPS:
            program.maps[name] = type_
        if value is not None:
            if item.scope:
                for scope in dict.fromkeys((item.scope[-1], item.scope[-1].partition("<")[0])):
                    key = f"{scope}::{name}"
                    if key in program.constants and program.constants[key][1].text != value.text:
                        program.ambiguous.add(key)
                    program.constants[key] = (type_, value)
            known = program.constants.setdefault(name, (type_, value))
            if known[1].text != value.text:
                program.ambiguous.add(name)


def _alias(program: Program, node: Node) -> None:
    type_node = node.field("type")
    for declarator in node.fields("declarator") or node.fields("name"):
        name = declared_name(declarator)
        if name and type_node is not None:
            program.aliases[name] = type_of(type_node, declarator)
