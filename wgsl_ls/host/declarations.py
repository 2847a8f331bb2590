"""Declarations of some C++ files: functions, structs, enums, constants and macros, found without reading bodies.

Conditional compilation takes the branch that a build without special options takes: a name is defined only where
one of the files defines it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from wgsl_ls.host.macros import ExpandedMacros, expanded, statement_macros
from wgsl_ls.host.split_blocks import defined_names, whole_blocks
from wgsl_ls.host.syntax import Node, SourceTree

MAPS: Final = frozenset(("map", "unordered_map", "multimap"))
_RECORDS: Final = ("struct_specifier", "class_specifier", "union_specifier")
_NAMED: Final = (
    "qualified_identifier", "template_type", "template_function", "template_method", "enum_specifier", *_RECORDS,
)  # fmt: skip  # kinds of what has a name and more
_BASES: Final = ("type_identifier", "template_type", "qualified_identifier")
_COMPARED: Final[dict[str, Callable[[int, int], int]]] = {
    "&&": lambda a, b: bool(a) and bool(b),
    "||": lambda a, b: bool(a) or bool(b),
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
}
_INTEGER: Final = re.compile(r"(0[xX][0-9a-fA-F']+|0[bB][01']+|[0-9][0-9']*)[uUlLzZ]*")
_SUFFIXES: Final = frozenset("uUlLzZ")


@dataclass(frozen=True, slots=True)
class CppType:
    """`name`: without qualifiers, template arguments and `std::`, e.g. "vector"; `spelled`: as written; `sizes`: of an
    array, from the outermost on, None where it is as large as what it is given."""

    name: str
    spelled: str = ""
    is_pointer: bool = False
    is_reference: bool = False
    is_const: bool = False
    is_array: bool = False
    sizes: tuple[Node | None, ...] = ()

    @property
    def element(self) -> CppType:
        """Of an array: the type of its elements."""
        return replace(self, is_array=len(self.sizes) > 1, sizes=self.sizes[1:])


@dataclass(frozen=True, slots=True)
class Field:
    """`bits`: of a bit field, how many it has; 0 for others."""

    type: CppType
    default: Node | None
    bits: int = 0


@dataclass(slots=True)
class Record:
    name: str
    fields: dict[str, Field] = field(default_factory=dict)
    bases: tuple[str, ...] = ()


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

    def all_functions(self) -> Iterator[Function]:
        for overloads in self.functions.values():
            yield from overloads

    def add(self, tree: SourceTree) -> None:
        self.trees[tree.path] = tree
        _items(self, tree.root)

    def key_fields(self) -> Iterator[str]:
        """The members of all that is a key of a map outside of functions: looking there reads them."""
        members = (one.type for record in self.records.values() for one in record.fields.values())
        names = [_first_argument(type_) for type_ in (*members, *self.maps.values()) if type_.name in MAPS]
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

    def lineage(self, name: str) -> tuple[str, ...]:
        """A class and those it is derived from, nearest first."""
        found = [name]
        for one in found:
            record = self.records.get(one)
            found.extend(base for base in (record.bases if record is not None else ()) if base not in found)
        return tuple(found)

    def fields_of(self, name: str) -> dict[str, Field]:
        """The members of a class, those of the classes it is derived from first."""
        records = [self.records[one] for one in reversed(self.lineage(name)) if one in self.records]
        return {field_name: one for record in records for field_name, one in record.fields.items()}

    def constructors(self, name: str) -> list[Function]:
        return [one for one in self.functions.get(name, ()) if one.owner == name and not one.is_macro]

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


def read_program(
    texts: Iterable[tuple[str, str]], trees: dict[str, SourceTree] | None = None, opaque: frozenset[str] = frozenset()
) -> Program:
    """`trees`: of files read before, by path; it holds those of these files afterwards. `opaque`: macros of which it is
    known what they mean."""
    program = Program()
    trees = {} if trees is None else trees
    listed = list(texts)
    macros = statement_macros((text for _, text in listed), opaque)
    defined = defined_names(text for _, text in listed)
    for path, text in listed:
        tree = trees.get(path)
        whole = whole_blocks(text, defined)
        made = expanded(whole, macros) or (ExpandedMacros(whole, ()) if whole != text else None)
        if tree is None or tree.written != text or tree.text != (made.text if made is not None else text):
            tree = trees[path] = SourceTree(path, text, made)
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
    sizes: list[Node | None] = []
    while declarator is not None:
        if declarator.kind in ("pointer_declarator", "abstract_pointer_declarator"):
            is_pointer = True
        elif declarator.kind in ("reference_declarator", "abstract_reference_declarator"):
            is_reference = True
        elif declarator.kind == "array_declarator":
            is_array = True
            sizes.insert(0, declarator.field("size"))
        elif declarator.kind == "function_declarator":
            break
        declarator = inner_declarator(declarator)
    if name in ("shared_ptr", "unique_ptr"):
        is_pointer, name = True, template_argument(node) or name
    return CppType(name, spelled, is_pointer, is_reference, is_const, is_array, tuple(sizes))


def _first_argument(type_: CppType) -> str:
    """The name of the class that a template is first given."""
    inside = type_.spelled.partition("<")[2]
    return re.split("[,<>]", inside)[0].replace("const ", "").rpartition("::")[2].strip()


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


def template_arguments(function: Node | None) -> tuple[Node, ...]:
    """What a call gives in `<...>`."""
    while function is not None and function.kind in ("qualified_identifier", "field_expression"):
        function = function.field("name") or function.field("field")
    listed = function.field("arguments") if function is not None and function.kind.startswith("template_") else None
    return listed.children if listed is not None else ()


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
        return int(_COMPARED[node.operator](a, b)) if node.operator in _COMPARED else 0
    return 0


def add_record(program: Program, node: Node | None) -> bool:
    """Add a struct or class that is declared within a function; False where its name has another meaning already."""
    if node is None or node.kind not in _RECORDS or node.field("body") is None:
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
    _enum(program, node)
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
            inside = [child for child in node.children if child.kind in (*_RECORDS, "enum_specifier")]
            waiting.extend(item.below(inside))
            _declaration(program, item)
        elif kind in ("type_definition", "alias_declaration"):
            _alias(program, node)
            waiting.extend(item.below(child for child in node.children if child.kind in (*_RECORDS, "enum_specifier")))
        elif kind == "enum_specifier":
            _enum(program, node)
        elif kind in _RECORDS:
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


_DEEPEST_VALUE: Final = 100


@dataclass(slots=True)
class _Work:
    """What one enumerator's value may still cost: constants made of constants would double without end."""

    steps: int = 2_000
    depth: int = 0


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
        value = following if written is None else _enumerator_value(program, written, values, _Work())
        values[named.text] = value
        following = value + 1
    enum_name = base_name(name) if name is not None else f"enum@{node.start}"
    program.enums[enum_name] = values
    program.enumerators.update(values)
    for one, value in values.items():
        program.enumerators[f"{enum_name}::{one}"] = value


def _enumerator_value(program: Program, node: Node, values: dict[str, int], work: _Work) -> int:
    if work.steps <= 0 or work.depth >= _DEEPEST_VALUE:
        return 0
    work.steps -= 1
    work.depth += 1
    value = _computed(program, node, values, work)
    work.depth -= 1
    return value if -(1 << 63) <= value < 1 << 64 else value & ((1 << 64) - 1)


def _computed(program: Program, node: Node, values: dict[str, int], work: _Work) -> int:
    kind = node.kind
    if kind == "number_literal":
        return integer(node.text) or 0
    if kind == "identifier":
        known = values.get(node.text, program.enumerators.get(node.text))
        constant = program.constants.get(node.text)
        if known is None and constant is not None and constant[1] is not node:
            return _enumerator_value(program, constant[1], values, work)
        return known or 0
    if kind == "parenthesized_expression" and node.children:
        return _enumerator_value(program, node.children[0], values, work)
    if kind == "unary_expression" and node.children:
        value = _enumerator_value(program, node.children[0], values, work)
        return -value if node.operator == "-" else ~value
    if kind == "char_literal":
        return ord(node.text.strip("'")[-1:] or "\0")
    inner = node.field("value") if kind == "cast_expression" else None
    if inner is not None:
        return _enumerator_value(program, inner, values, work)
    left, right = node.field("left"), node.field("right")
    if kind == "binary_expression" and left is not None and right is not None:
        a, b = _enumerator_value(program, left, values, work), _enumerator_value(program, right, values, work)
        if node.operator in ("<<", ">>"):
            by = min(max(b, 0), 63)
            return a << by if node.operator == "<<" else a >> by
        if node.operator in ("/", "%"):
            return 0 if b == 0 else a // b if node.operator == "/" else a % b
        return {"+": a + b, "-": a - b, "*": a * b, "|": a | b, "&": a & b, "^": a ^ b}.get(node.operator, 0)
    return 0
