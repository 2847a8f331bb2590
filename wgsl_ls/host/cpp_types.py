"""Types of C++, and the declarators that spell them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from wgsl_ls.host.effort import BadValue
from wgsl_ls.host.syntax import Node

MAPS: Final = frozenset(("map", "unordered_map", "multimap"))
RECORDS: Final = ("struct_specifier", "class_specifier", "union_specifier")
_NAMED: Final = (
    "qualified_identifier", "template_type", "template_function", "template_method", "enum_specifier", *RECORDS,
)  # fmt: skip  # kinds of what has a name and more
_QUALIFIER: Final = re.compile(r"\b(?:const|volatile|typename|struct|class|enum)\b")


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


def first_argument(type_: CppType) -> str:
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


def template_arguments(function: Node | None) -> tuple[Node, ...]:
    """What a call gives in `<...>`."""
    while function is not None and function.kind in ("qualified_identifier", "field_expression"):
        function = function.field("name") or function.field("field")
    listed = function.field("arguments") if function is not None and function.kind.startswith("template_") else None
    return listed.children if listed is not None else ()


def template_types(type_: CppType) -> tuple[CppType, ...]:
    """What a type's template is given: `int` and `vector<int>` of `map<int, vector<int>>`."""
    inside = type_.spelled.partition("<")[2].rpartition(">")[0]
    parts, depth = [""], 0
    for one in inside:
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(one, 0)
        if one == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += one
    return tuple(map(_spelled_type, parts)) if inside.strip() else ()


def order_of(type_: CppType, at: int) -> str:
    """The comparison that a map or set is given as a part of its template, "less" without. Raises BadValue for one of
    the host's own."""
    given = template_types(type_)[at:] if type_.spelled.count(",") >= at else ()
    if given and given[0].name not in ("less", "greater"):
        raise BadValue(f"a {type_.name} with a comparison of its own", is_size=False)
    return given[0].name if given else "less"


def set_kind(type_: CppType) -> str:
    """ "set" or "unordered_set", "" for another type. Raises BadValue for one with another order."""
    if type_.is_array or type_.is_pointer:
        return ""
    if type_.name == "set" and order_of(type_, 1) != "less":
        raise BadValue("a set with a comparison of its own", is_size=False)
    return type_.name if type_.name in ("set", "unordered_set") else ""


def _spelled_type(text: str) -> CppType:
    words = _QUALIFIER.sub(" ", text).strip()
    plain = words.rstrip("*& ")
    name = " ".join(plain.partition("<")[0].rpartition("::")[2].split())
    type_ = CppType(name, plain, "*" in words[len(plain) :], words.endswith("&"))
    if name in ("shared_ptr", "unique_ptr"):
        return replace(type_, name=next((one.name for one in template_types(type_)), name), is_pointer=True)
    return type_


def template_argument(node: Node | None) -> str | None:
    """The first template argument's name of `shared_ptr<T>`."""
    while node is not None and node.kind in ("qualified_identifier", "type_descriptor"):
        node = node.field("name") or node.field("type")
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
