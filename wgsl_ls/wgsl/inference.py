"""Names and types of one declaration: what every identifier means and what type every expression has.

The result (Facts) is relative to the declaration's start and depends on other declarations only through the
GlobalInfos it asked for, which are recorded, so that it can be kept until one of them changes. Wrong programs
get as many answers as possible and no judgement: a type may be None, an identifier may stay unresolved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from wgsl_ls.wgsl import types
from wgsl_ls.wgsl.builtins import CONSTRUCTORS, FUNCTIONS, TYPES
from wgsl_ls.wgsl.facts import Facts
from wgsl_ls.wgsl.names import PREDECLARED_NAMES, Field, GlobalInfo, Local, Predeclared, Target
from wgsl_ls.wgsl.operators import binary_type, index_type, member_type, unary_type
from wgsl_ls.wgsl.overloads import predeclared_alias, resolve
from wgsl_ls.wgsl.syntax import (
    Attribute,
    Binary,
    Call,
    Expression,
    Identifier,
    Index,
    Literal,
    Member,
    Missing,
    Node,
    Parenthesized,
    Unary,
)
from wgsl_ls.wgsl.types import ABSTRACT_FLOAT, ABSTRACT_INT, BOOL, F16, F32, I32, U32, Type, concrete

Lookup = Callable[[str], GlobalInfo | None]

_INTEGER_TYPES = {"i": I32, "u": U32}
_FLOAT_TYPES = {"f": F32, "h": F16}


class ExpressionInference:
    """Expressions and types. `text`: of the declaration; `lookup`: what a name means at module scope."""

    def __init__(self, text: str, lookup: Lookup) -> None:
        self.text = text
        self.lookup_global = lookup
        self.facts = Facts()
        self.types = self.facts.types
        self.targets = self.facts.targets
        self.scopes: list[dict[str, Local]] = []

    # Names

    def target(self, node: Identifier) -> Target | None:
        """What the name means; recorded, also when it means nothing."""
        name = node.name
        found: Target | None = None
        for scope in reversed(self.scopes):
            found = scope.get(name)
            if found is not None:
                self.targets[node] = found
                return found
        reads = self.facts.reads
        if name in reads:
            found = reads[name]
        else:
            found = reads[name] = self.lookup_global(name)
        if found is None:
            found = PREDECLARED_NAMES.get(name)
            if found is None:
                self.facts.unresolved.append(node)
                return None
        self.targets[node] = found
        return found

    # Types

    def type_specifier(self, node: Expression) -> Type | None:
        """The type that `node` names, recorded; None when it names none."""
        kind = self.named_type(node)
        if kind is not None:
            self.facts.named[node] = kind
        return kind

    def named_type(self, node: Expression) -> Type | None:
        if not isinstance(node, Identifier):
            return None
        target = self.target(node)
        if isinstance(target, GlobalInfo):
            if node.arguments:
                self.template_terms(node)
            return target.type if target.kind in ("struct", "alias") else None
        if not isinstance(target, Predeclared) or target.kind != "builtin type":
            if node.arguments:
                self.template_terms(node)
            return None
        if node.arguments is None:
            return _plain_type(node.name)
        terms = self.template_terms(node)
        if None in terms:
            return None
        return _generated_type(node.name, tuple(term for term in terms if term is not None))

    def template_terms(self, node: Identifier) -> list[Type | int | str | None]:
        return [self.template_term(argument) for argument in node.arguments or ()]

    def template_term(self, node: Expression) -> Type | int | str | None:
        """A template argument: a type, the name of an enumerant, or a count (its text when it has no value)."""
        if isinstance(node, Identifier):
            target = self.peek(node.name)
            if isinstance(target, Predeclared):
                if target.kind == "enumerant":
                    self.targets[node] = target
                    return node.name
                if target.kind == "builtin type":
                    return self.type_specifier(node)
            elif isinstance(target, GlobalInfo) and target.kind in ("struct", "alias"):
                return self.type_specifier(node)
        self.expression(node)
        value = self.facts.evaluate(node)
        if value is not None and isinstance(value.data, int):
            return int(value.data)
        return " ".join(self.text[node.start : node.end].split())

    def peek(self, name: str) -> Target | None:
        """Like target, without recording a use."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        reads = self.facts.reads
        if name not in reads:
            reads[name] = self.lookup_global(name)
        return reads[name] or PREDECLARED_NAMES.get(name)

    # Expressions

    def expression(self, node: Expression) -> Type | None:
        """The type of the value of `node`, recorded; None when unknown."""
        kind = self.handlers[type(node)](self, node)
        if kind is not None:
            self.types[node] = kind
        return kind

    def missing(self, node: Expression) -> Type | None:
        return None

    def literal(self, node: Literal) -> Type | None:
        if node.kind == "integer":
            # The last digit of a hexadecimal number may be an f.
            return _INTEGER_TYPES.get(node.text[-1], ABSTRACT_INT)
        if node.kind == "bool":
            return BOOL
        text = node.text
        if text[:2] in ("0x", "0X") and "p" not in text.lower():
            return ABSTRACT_FLOAT
        return _FLOAT_TYPES.get(text[-1], ABSTRACT_FLOAT)

    def identifier(self, node: Identifier) -> Type | None:
        target = self.target(node)
        if node.arguments:
            self.template_terms(node)
        if isinstance(target, Local):
            return target.type
        if isinstance(target, GlobalInfo) and target.kind in ("var", "const", "override"):
            return target.type
        return None

    def parenthesized(self, node: Parenthesized) -> Type | None:
        return self.expression(node.inner)

    def unary(self, node: Unary) -> Type | None:
        operand = self.expression(node.operand)
        if operand is None:
            return None
        if node.operator == "&":
            space, access = self.memory(node.operand)
            return types.pointer(space, operand, access)
        if node.operator == "*":
            parts = operand.pointer_parts
            return parts[1] if parts else None
        return unary_type(node.operator, operand)

    def memory(self, node: Expression) -> tuple[str, str]:
        """(address space, access mode) of the variable that `node` is a part of."""
        while True:
            if isinstance(node, Parenthesized):
                node = node.inner
                continue
            if isinstance(node, (Index, Member)):
                node = node.base
                kind = self.types.get(node)
            elif isinstance(node, Unary) and node.operator == "*":
                kind = self.types.get(node.operand)
            else:
                break
            parts = kind.pointer_parts if kind else None
            if parts:
                return parts[0], parts[2]
        target = self.targets.get(node)
        if isinstance(target, GlobalInfo) and target.space:
            return target.space, target.access
        return "function", "read_write"

    def binary(self, node: Binary) -> Type | None:
        # Long sums are deep on the left: go down in a loop, not by recursion.
        below: list[Binary] = []
        first: Expression = node.left
        while isinstance(first, Binary):
            below.append(first)
            first = first.left
        self.expression(first)
        for part in reversed(below):
            kind = self.binary_of(part)
            if kind is not None:
                self.types[part] = kind
        return self.binary_of(node)

    def binary_of(self, node: Binary) -> Type | None:
        """The type of `node` when its left operand has been visited."""
        left = self.types.get(node.left)
        right = self.expression(node.right)
        if left is None or right is None:
            if node.operator in ("==", "!=", "<", "<=", ">", ">="):
                # The comparison of something unknown with a scalar is a bool, whatever it is.
                known = left or right
                return BOOL if known is None or known.is_scalar else None
            return BOOL if node.operator in ("&&", "||") else None
        kind = binary_type(node.operator, left, right)
        if kind is not None and node.operator in ("<<", ">>") and kind.is_abstract and not self.is_const(node.right):
            return concrete(kind)
        return kind

    def index(self, node: Index) -> Type | None:
        base = self.expression(node.base)
        self.expression(node.index)
        if base is None:
            return None
        kind = index_type(base)
        if kind is not None and kind.is_abstract and not self.is_const(node.index):
            return concrete(kind)
        return kind

    def member(self, node: Member) -> Type | None:
        self.facts.members.append(node)
        base = self.expression(node.base)
        if base is None or not node.name:
            return None
        kind = member_type(base, node.name)
        if kind is not None:
            parts = base.pointer_parts
            holder = parts[1] if parts else base
            if holder.is_struct:
                self.targets[node] = Field(holder.name, node.name, kind)
        return kind

    def call(self, node: Call) -> Type | None:
        self.facts.calls.append(node)
        callee = node.callee
        target = self.target(callee)
        if isinstance(target, GlobalInfo):
            for argument in node.arguments:
                self.expression(argument)
            if callee.arguments:
                self.template_terms(callee)
            if target.kind == "function":
                return target.type
            if target.kind in ("struct", "alias") and target.type is not None:
                if not target.type.is_struct:
                    self.facts.called[node] = target.type.name
                return target.type
            return None
        template = self.template_terms(callee) if callee.arguments else None
        arguments = [self.expression(argument) for argument in node.arguments]
        if not isinstance(target, Predeclared):
            return None
        if target.kind == "builtin type":
            return self.construct(node, template, arguments)
        function = FUNCTIONS.get(callee.name)
        if function is None:
            return None
        self.facts.called[node] = callee.name
        terms = None if template is None else tuple(term for term in template if term is not None)
        known = tuple(kind for kind in arguments if kind is not None)
        if len(known) != len(arguments):
            return self.guess(callee.name, known)
        found = resolve(callee.name, terms, known)
        if found is None:
            return self.guess(callee.name, known)
        self.facts.chosen[node] = found.index
        kind = found.result
        if kind is not None and kind.is_abstract and not (function.is_const and self.all_const(node.arguments)):
            return concrete(kind)
        return kind

    def guess(self, name: str, known: tuple[Type, ...]) -> Type | None:
        """The result of a call that fits no overload (yet): known when it is the same in all of them."""
        overloads = FUNCTIONS[name].overloads
        if len(overloads) == 1:
            plain = overloads[0].rsplit("-> ", 1)[-1]
            if plain in types.SCALARS:
                return types.SCALARS[plain]
        return None

    def construct(
        self, node: Call, template: list[Type | int | str | None] | None, arguments: list[Type | None]
    ) -> Type | None:
        """A call of a predeclared type's name."""
        name = node.callee.name
        self.facts.called[node] = name
        if template is not None:
            if None in template:
                return None
            terms = tuple(term for term in template if term is not None)
            if name == "array" and len(terms) == 1:
                element = terms[0]
                return types.array(element, len(arguments)) if isinstance(element, Type) else None
            return _generated_type(name, terms)
        plain = _plain_type(name)
        if plain is not None:
            self.facts.called[node] = plain.name
            return plain
        known = tuple(kind for kind in arguments if kind is not None)
        if len(known) != len(arguments) or name not in CONSTRUCTORS:
            return None
        if name == "array":
            return self.inferred_array(node, known)
        found = resolve(name, None, known)
        if found is None or found.result is None:
            return None
        self.facts.chosen[node] = found.index
        kind = found.result
        return kind if not kind.is_abstract or self.all_const(node.arguments) else concrete(kind)

    def inferred_array(self, node: Call, known: tuple[Type, ...]) -> Type | None:
        element: Type | None = known[0] if known else None
        for kind in known[1:]:
            element = types.common(element, kind) if element else None
        if element is None:
            return None
        found = types.array(element, len(known))
        return found if not found.is_abstract or self.all_const(node.arguments) else concrete(found)

    # Constness, asked only when a result would be abstract

    def all_const(self, nodes: tuple[Expression, ...]) -> bool:
        return all(map(self.is_const, nodes))

    def is_const(self, node: Expression) -> bool:
        kind = self.types.get(node)
        if isinstance(node, Literal) or (kind is not None and kind.is_abstract):
            return True
        if isinstance(node, Parenthesized):
            return self.is_const(node.inner)
        if isinstance(node, Identifier):
            target = self.targets.get(node)
            return isinstance(target, (Local, GlobalInfo)) and target.kind == "const"
        if isinstance(node, Unary):
            return node.operator not in ("*", "&") and self.is_const(node.operand)
        if isinstance(node, Binary):
            return self.is_const(node.left) and self.is_const(node.right)
        if isinstance(node, Index):
            return self.is_const(node.base) and self.is_const(node.index)
        if isinstance(node, Member):
            return self.is_const(node.base)
        if isinstance(node, Call):
            name = self.facts.called.get(node)
            function = FUNCTIONS.get(name) if name else None
            if name is None or (function is not None and not function.is_const):
                return False
            return self.all_const(node.arguments)
        return False

    def attributes(self, attributes: tuple[Attribute, ...]) -> None:
        for attribute in attributes:
            if attribute.name not in ("builtin", "interpolate", "diagnostic"):
                for argument in attribute.arguments:
                    self.expression(argument)

    handlers: ClassVar[dict[type[Node], Callable[..., Type | None]]] = {
        Missing: missing,
        Literal: literal,
        Identifier: identifier,
        Parenthesized: parenthesized,
        Unary: unary,
        Binary: binary,
        Index: index,
        Member: member,
        Call: call,
    }


_PLAIN: dict[str, Type | None] = {}


def _plain_type(name: str) -> Type | None:
    """A predeclared type without template arguments, aliases resolved; None for generators."""
    if name not in _PLAIN:
        builtin = TYPES[name]
        found = predeclared_alias(name)
        if found is None and not builtin.template:
            found = types.make(name)
        if name == "buffer":
            found = types.make(name)
        _PLAIN[name] = found
    return _PLAIN[name]


def _generated_type(name: str, terms: tuple[Type | int | str, ...]) -> Type | None:
    first = terms[0] if terms else None
    if name == "ptr":
        if len(terms) < 2 or not isinstance(first, str) or not isinstance(terms[1], Type):
            return None
        access = terms[2] if len(terms) > 2 else None
        return types.pointer(first, terms[1], access if isinstance(access, str) else None)
    if name.startswith(("vec", "mat", "array", "atomic", "subgroup_matrix", "binding_array")) and (
        not isinstance(first, Type)
    ):
        return None
    return types.make(name, *terms)
