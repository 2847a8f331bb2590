"""Declarations of some C++ files: functions, structs, enums, constants and macros, found without reading bodies.

Conditional compilation takes the branch that a build without special options takes: a name is defined only where
one of the files defines it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from wgsl_ls.host.syntax import Node, SourceTree

_RECORDS: Final = ("struct_specifier", "class_specifier", "union_specifier")
_NAMED: Final = (
    "qualified_identifier", "template_type", "template_function", "template_method", "enum_specifier", *_RECORDS,
)  # fmt: skip  # kinds of what has a name and more
_INTEGER: Final = re.compile(r"(0[xX][0-9a-fA-F']+|0[bB][01']+|[0-9][0-9']*)[uUlLzZ]*")
_SUFFIXES: Final = frozenset("uUlLzZ")


@dataclass(frozen=True, slots=True)
class CppType:
    """`name`: without qualifiers, template arguments and `std::`, e.g. "vector"; `spelled`: as written."""

    name: str
    spelled: str = ""
    is_pointer: bool = False
    is_reference: bool = False
    is_const: bool = False
    is_array: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    type: CppType
    default: Node | None


@dataclass(slots=True)
class Record:
    name: str
    fields: dict[str, Field] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: CppType
    default: Node | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """`owner`: the class it is a member of; `scope`: that, or the namespace. For a function-like macro `body` is its
    expression. `template`: the names of its template parameters."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: CppType
    body: Node
    owner: str | None
    node: Node
    is_macro: bool = False
    scope: str | None = None
    template: tuple[Parameter, ...] = ()


@dataclass(slots=True)
class Program:
    """What some files declare. `constants`: initialisers of global constants and texts of macros, by name and by
    "scope::name"; `local_records`: the nodes of those records that stand within a function. `several`: names of
    constants and records that mean several things, with the place of one of them; `unread`: macros with parameters
    that cannot be run."""

    trees: dict[str, SourceTree] = field(default_factory=dict)
    functions: dict[str, list[Function]] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    local_records: dict[str, Node] = field(default_factory=dict)
    enums: dict[str, dict[str, int]] = field(default_factory=dict)
    enumerators: dict[str, int] = field(default_factory=dict)
    constants: dict[str, tuple[CppType, Node]] = field(default_factory=dict)
    macros: set[str] = field(default_factory=set)
    aliases: dict[str, CppType] = field(default_factory=dict)
    several: dict[str, Node] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    _changing: dict[str, bool] = field(default_factory=dict)

    def all_functions(self) -> Iterator[Function]:
        for overloads in self.functions.values():
            yield from overloads

    def add(self, tree: SourceTree) -> None:
        self.trees[tree.path] = tree
        _walk_items(self, [(child, _Where()) for child in reversed(tree.root.children)])

    def add_enums(self, enums: Mapping[str, Mapping[str, int]]) -> None:
        """Those of a library whose headers may not be there; what a text declares stays."""
        for name, values in enums.items():
            self.enums.setdefault(name, dict(values))
            for one, value in values.items():
                self.enumerators.setdefault(one, value)

    def is_statement(self, name: str) -> bool:
        """Is that a macro that stands for more than a value or a type?"""
        is_call = name in self.macros and name in self.constants and self.constants[name][1].kind == "call_expression"
        return is_call or name in self.unread

    def may_change(self, name: str) -> bool:
        """Is there something that assigns to a global variable, or to another of that name?"""
        known = self._changing.get(name)
        if known is None:
            word = re.escape(name.rpartition("::")[2])
            written = re.compile(
                rf"(?<![\w.]){word}\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)|(?:\+\+|--)\s*{word}\b|\b{word}\s*(?:\+\+|--)|&{word}\b"
            )
            n_most = 1  # its own initialiser
            found = (len(written.findall(tree.text)) for tree in self.trees.values() if word in tree.text)
            known = self._changing[name] = sum(found) > n_most
        return known

    def resolved(self, type_: CppType) -> CppType:
        """A type behind its aliases."""
        if type_.name not in self.aliases:
            return type_
        for _ in range(8):
            target = self.aliases.get(type_.name)
            if target is None or target.name == type_.name:
                break
            type_ = CppType(target.name, target.spelled, target.is_pointer or type_.is_pointer, type_.is_reference)
        return type_


def read_program(texts: Iterable[tuple[str, str]], trees: dict[str, SourceTree] | None = None) -> Program:
    """`trees`: of files read before, by path; it holds those of these files afterwards."""
    program = Program()
    trees = {} if trees is None else trees
    for path, text in texts:
        tree = trees.get(path)
        if tree is None or tree.text != text:
            tree = trees[path] = SourceTree(path, text)
        program.add(tree)
    for path in trees.keys() - program.trees.keys():
        del trees[path]
    return program


def integer(text: str) -> int | None:
    """The value of an integer literal."""
    match = _INTEGER.fullmatch(text.removeprefix("-"))
    if match is None:
        return None
    if text.startswith("-"):
        return -(integer(text[1:]) or 0)
    digits = match.group(1).replace("'", "")
    if digits[:2].lower() in ("0x", "0b"):
        return int(digits, 0)
    return (
        int(digits, 8)
        if len(digits) > 1 and digits[0] == "0" and digits.isdigit() and "8" not in digits
        else int(digits)
    )


def type_of(node: Node | None, declarator: Node | None = None, is_const: bool = False) -> CppType:
    """The type that a type node and the declarator around a name spell."""
    spelled = node.text if node is not None else ""
    name = base_name(node) if node is not None else ""
    is_pointer = is_reference = is_array = False
    while declarator is not None:
        if declarator.kind in ("pointer_declarator", "abstract_pointer_declarator"):
            is_pointer = True
        elif declarator.kind in ("reference_declarator", "abstract_reference_declarator"):
            is_reference = True
        elif declarator.kind == "array_declarator":
            is_array = True
        elif declarator.kind == "function_declarator":
            break
        declarator = inner_declarator(declarator)
    if name in ("shared_ptr", "unique_ptr"):
        is_pointer, name = True, template_argument(node) or name
    return CppType(name, spelled, is_pointer, is_reference, is_const, is_array)


def base_name(node: Node) -> str:
    """ "vector" of `std::vector<int>`, "ggml_tensor" of `struct ggml_tensor`."""
    while True:
        if node.kind in _NAMED:
            name = node.field("name")
            if name is None:
                return node.text
            node = name
        elif node.kind == "type_descriptor":
            inner = node.field("type")
            if inner is None:
                return node.text
            node = inner
        else:
            return node.text


def template_arguments(function: Node | None) -> tuple[Node, ...]:
    """What a call gives in `<...>`."""
    while function is not None and function.kind in ("qualified_identifier", "field_expression"):
        function = function.field("name") or function.field("field")
    listed = function.field("arguments") if function is not None and function.kind.startswith("template_") else None
    return listed.children if listed is not None else ()


def scope_of(name: Node) -> str:
    """ "A" of `x::A::y`, "" of a plain name."""
    parts = name.text.split("::") if name.kind == "qualified_identifier" else []
    return parts[-2].partition("<")[0].strip() if len(parts) > 1 else ""


def template_argument_type(type_: CppType) -> str:
    """ "string" of `std::vector<std::string>`; "auto" when not plain."""
    inner = type_.spelled.partition("<")[2].rpartition(">")[0].replace("const ", "").strip()
    outer, _, rest = inner.partition("<")
    name = outer.rpartition("::")[2].strip(" &")
    return name if name and "*" not in outer + rest.rpartition(">")[2] and "," not in outer else "auto"


def template_argument(node: Node | None) -> str | None:
    """The first template argument's name of `shared_ptr<T>`."""
    while node is not None and node.kind == "qualified_identifier":
        node = node.field("name")
    arguments = node.field("arguments") if node is not None else None
    return base_name(arguments.children[0]) if arguments is not None and arguments.children else None


def inner_declarator(declarator: Node) -> Node | None:
    inner = declarator.field("declarator")
    if inner is not None:
        return inner
    for child in declarator.children:
        if child.kind.endswith("declarator") or child.kind in ("identifier", "field_identifier"):
            return child
    return None


def declared_name(declarator: Node | None) -> str:
    while declarator is not None and declarator.kind.endswith("declarator"):
        declarator = inner_declarator(declarator)
    return declarator.text if declarator is not None else ""


def is_const(node: Node) -> bool:
    return any(child.kind == "type_qualifier" and child.text in ("const", "constexpr") for child in node.children)


def parameters_of(declarator: Node | None) -> tuple[Parameter, ...]:
    """The parameters of a function declarator, or of a lambda's."""
    listed = declarator.field("parameters") if declarator is not None else None
    found = []
    for child in listed.children if listed is not None else ():
        if child.kind in ("parameter_declaration", "optional_parameter_declaration"):
            inner = child.field("declarator")
            type_ = type_of(child.field("type"), inner, is_const(child))
            found.append(Parameter(declared_name(inner), type_, child.field("default_value")))
    return tuple(found)


def _template_parameters(node: Node) -> tuple[Parameter, ...]:
    """Those that stand for a type have none."""
    listed = node.field("parameters")
    found = []
    for child in listed.children if listed is not None else ():
        if child.kind in ("parameter_declaration", "optional_parameter_declaration"):
            inner, type_ = child.field("declarator"), type_of(child.field("type"))
            found.append(Parameter(declared_name(inner), type_, child.field("default_value")))
        else:
            found.append(Parameter(child.text.split()[-1], CppType("")))
    return tuple(found)


def active_branch(program: Program, node: Node) -> list[Node]:
    """The children of an `#ifdef`, `#if` or `#else` that are compiled."""
    if node.kind == "preproc_else":
        return list(node.children)
    alternative = node.field("alternative")
    name, condition = node.field("name"), node.field("condition")
    if name is not None:
        taken = (name.text in program.macros) is not node.has_token("#ifndef")
    else:
        taken = condition is not None and _condition(program, condition)
    if taken:
        return [child for child in node.children if child not in (name, condition, alternative)]
    return active_branch(program, alternative) if alternative is not None else []


def _condition(program: Program, node: Node) -> bool:
    if node.kind == "preproc_defined":
        return any(child.text in program.macros for child in node.children)
    if node.kind == "number_literal":
        return bool(integer(node.text))
    if node.kind == "identifier" and node.text in program.macros and node.text in program.constants:
        return _condition(program, program.constants[node.text][1])
    if node.kind == "parenthesized_expression":
        return any(_condition(program, child) for child in node.children)
    if node.kind == "unary_expression":
        argument = node.field("argument")
        return argument is not None and not _condition(program, argument)
    if node.kind == "binary_expression":
        sides = [side for side in (node.field("left"), node.field("right")) if side is not None]
        answers = [_condition(program, side) for side in sides]
        return all(answers) if node.operator == "&&" else any(answers) if node.operator == "||" else False
    return False


def add_record(program: Program, node: Node | None) -> bool:
    """Add a struct or class that is declared within a function; False where its name has another meaning already."""
    name = node.field("name") if node is not None and node.kind in _RECORDS and node.field("body") is not None else None
    if node is None or name is None:
        return True
    known = program.records.get(base_name(name))
    if known is None:
        _walk_items(program, [(node, _Where())])
        program.local_records[base_name(name)] = node
        return True
    return program.local_records.get(base_name(name)) is node


@dataclass(frozen=True, slots=True)
class _Where:
    """What a declaration stands in: `owner`, a class; `scope`, that or a namespace; the parameters of a template."""

    owner: str | None = None
    scope: str | None = None
    template: tuple[Parameter, ...] = ()


def _walk_items(program: Program, waiting: list[tuple[Node, _Where]]) -> None:
    while waiting:
        node, where = waiting.pop()
        kind = node.kind
        if kind in ("namespace_definition", "linkage_specification"):
            body, name = node.field("body"), node.field("name")
            if body is not None:
                within = where if name is None else replace(where, scope=name.text.rpartition("::")[2])
                waiting.extend((child, within) for child in reversed(body.children))
        elif kind in ("preproc_ifdef", "preproc_if", "preproc_else", "preproc_elif"):
            waiting.extend((child, where) for child in reversed(active_branch(program, node)))
        elif kind in ("template_declaration", "declaration_list", "ERROR"):
            within = replace(where, template=_template_parameters(node)) if kind == "template_declaration" else where
            waiting.extend((child, within) for child in reversed(node.children))
        elif kind == "function_definition":
            _function(program, node, where)
        elif kind in ("preproc_def", "preproc_function_def"):
            _macro(program, node)
        elif kind in ("declaration", "field_declaration"):
            _declaration(program, node, where)
            waiting.extend((child, where) for child in node.children if child.kind in (*_RECORDS, "enum_specifier"))
        elif kind in ("type_definition", "alias_declaration"):
            _alias(program, node)
            waiting.extend((child, where) for child in node.children if child.kind in (*_RECORDS, "enum_specifier"))
        elif kind == "enum_specifier":
            _enum(program, node)
        elif kind in _RECORDS:
            body, name = node.field("body"), node.field("name")
            if body is not None:
                record_name = base_name(name) if name is not None else ""
                known = program.records.setdefault(record_name, Record(record_name))
                if record_name and known.fields and known.text != node.text:
                    program.several[record_name] = node
                known.text = node.text
                within = _Where(record_name, record_name)
                waiting.extend((child, within) for child in reversed(body.children))


def _function(program: Program, node: Node, where: _Where) -> None:
    owner, scope = where.owner, where.scope
    declarator, body = node.field("declarator"), node.field("body")
    returns = type_of(node.field("type"), declarator, is_const(node))
    while declarator is not None and declarator.kind != "function_declarator":
        declarator = inner_declarator(declarator)
    if declarator is None or body is None:
        return
    named = declarator.field("declarator")
    name = named.text if named is not None else ""
    if "::" in name:
        owner, _, name = name.rpartition("::")
        owner = scope = owner.rpartition("::")[2]
    function = Function(
        name, parameters_of(declarator), returns, body, owner, node, scope=scope, template=where.template
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
        program.unread.add(name.text)
        return
    if node.kind == "preproc_def":
        program.constants[name.text] = (CppType("auto"), expression)
        return
    listed = node.field("parameters")
    names = [child.text for child in listed.children] if listed is not None else []
    parameters = tuple(Parameter(one, CppType("auto")) for one in names)
    macro = Function(name.text, parameters, CppType("auto"), expression, None, node, is_macro=True)
    program.functions[name.text] = [macro]


def _declaration(program: Program, node: Node, where: _Where) -> None:
    owner = where.owner
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
            program.records.setdefault(owner, Record(owner)).fields[name] = Field(type_, node.field("default_value"))
            continue
        value = initialiser or node.field("default_value")
        if value is not None:
            for key in (name, *((f"{where.scope}::{name}",) if where.scope else ())):
                known = program.constants.get(key)
                if known is not None and known[1].text != value.text:
                    program.several[key] = value
                program.constants[key] = (type_, value)


def _alias(program: Program, node: Node) -> None:
    type_node = node.field("type")
    for declarator in node.fields("declarator") or node.fields("name"):
        name = declared_name(declarator)
        if name and type_node is not None:
            program.aliases[name] = type_of(type_node, declarator)


def _enum(program: Program, node: Node) -> None:
    name, body = node.field("name"), node.field("body")
    if body is None:
        return
    values: dict[str, int] = {}
    following = 0
    for enumerator in body.children:
        if enumerator.kind != "enumerator":
            continue
        named, written = enumerator.field("name"), enumerator.field("value")
        if named is None:
            continue
        value = following if written is None else _enumerator_value(program, written, values)
        values[named.text] = value
        following = value + 1
    enum_name = base_name(name) if name is not None else f"enum@{node.start}"
    program.enums[enum_name] = values
    program.enumerators.update(values)
    for one, value in values.items():
        program.enumerators[f"{enum_name}::{one}"] = value


def _enumerator_value(program: Program, node: Node, values: dict[str, int]) -> int:
    kind = node.kind
    if kind == "number_literal":
        return integer(node.text) or 0
    if kind == "identifier":
        return values.get(node.text, program.enumerators.get(node.text, 0))
    if kind == "parenthesized_expression" and node.children:
        return _enumerator_value(program, node.children[0], values)
    if kind == "unary_expression" and node.children:
        value = _enumerator_value(program, node.children[0], values)
        return -value if node.operator == "-" else ~value
    left, right = node.field("left"), node.field("right")
    if kind == "binary_expression" and left is not None and right is not None:
        a, b = _enumerator_value(program, left, values), _enumerator_value(program, right, values)
        if node.operator == "<<":
            return a << min(b, 63)
        return {"+": a + b, "-": a - b, "|": a | b, "&": a & b}.get(node.operator, 0)
    return 0
