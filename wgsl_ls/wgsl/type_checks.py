"""What is wrong inside one declaration: types that do not fit, calls that do not, members that are not there.

Works on Facts alone, so that the result is kept with them. Only what is sure is said: a type that contains something
unknown (the count of an array that depends on an override, say) fits everything.
"""

from __future__ import annotations

from wgsl_ls.wgsl.builtins import BUILTIN_VALUES, CONSTRUCTORS, FUNCTIONS, TYPES
from wgsl_ls.wgsl.control_flow import falls_off_its_end, never_ends
from wgsl_ls.wgsl.facts import Check, Facts
from wgsl_ls.wgsl.names import Field, GlobalInfo, Local, Predeclared
from wgsl_ls.wgsl.operators import binary_type, index_type, member_type, unary_type
from wgsl_ls.wgsl.overloads import overloads_of, resolve
from wgsl_ls.wgsl.signatures import Overload
from wgsl_ls.wgsl.spelling import near_names
from wgsl_ls.wgsl.statement_walk import StatementWalk
from wgsl_ls.wgsl.syntax import (
    AliasDeclaration,
    Assignment,
    Attribute,
    Binary,
    Break,
    Call,
    CallStatement,
    ConstAssert,
    Continue,
    Continuing,
    Declaration,
    Expression,
    For,
    FunctionDeclaration,
    Identifier,
    Increment,
    Index,
    Loop,
    Member,
    Missing,
    Node,
    Parenthesized,
    Return,
    Statement,
    StructDeclaration,
    Switch,
    Unary,
    VariableDeclaration,
    While,
    children,
    walk,
)
from wgsl_ls.wgsl.types import ABSTRACT_INT, BOOL, I32, U32, Type, concrete, conversion_rank
from wgsl_ls.wgsl.values import convert

_INTEGERS = (I32, U32, ABSTRACT_INT)
_MOST_FIELDS = 40
"""Members of a struct that a wrong one is compared with."""
_FIXED = ("bool", "f32", "u32", "vec3<u32>", "vec4<f32>")
"""Types of builtin values that are one type."""
_NUMBERED = ("align", "binding", "group", "id", "location", "size", "workgroup_size")


def checks(node: Declaration, facts: Facts, *, is_whole: bool) -> list[Check]:
    """`is_whole`: the declaration was parsed without errors."""
    checker = _Checker(facts)
    checker.declaration(node, is_whole)
    return checker.found


class _Checker(StatementWalk[tuple[int, int]]):
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.types = facts.types
        self.found: list[Check] = []
        self.scopes: list[dict[str, tuple[int, int]]] = []
        self.result: Type | None = None
        self.has_result: bool | None = None
        self.is_whole = False
        """The function was parsed without errors."""
        self.may_leave: tuple[str, ...] = ()
        """Which of these statements may stand here."""
        self.alone: Expression | None = None
        """The call that is a statement, whose value nobody wants."""

    def say(self, kind: str, node: Node, message: str, candidates: tuple[str, ...] = ()) -> None:
        self.found.append(Check(kind, node.start, node.end, message, candidates))

    # Declarations

    def declaration(self, node: Declaration, is_whole: bool) -> None:
        if isinstance(node, FunctionDeclaration):
            self.function(node, is_whole)
        elif isinstance(node, VariableDeclaration):
            self.variable(node, node.end)
            if is_whole:
                self.resource(node)
        elif isinstance(node, StructDeclaration):
            members: dict[str, tuple[int, int]] = {}
            for member in node.members:
                self.declare(members, member.name, member.name_start)
                self.attributes(member.attributes, member.type)
                self.type(member.type)
        elif isinstance(node, AliasDeclaration):
            self.type(node.type)
        elif isinstance(node, ConstAssert):
            self.condition(node.condition)
            self.asserted(node)

    def function(self, node: FunctionDeclaration, is_whole: bool) -> None:
        stages = [attribute for attribute in node.attributes if attribute.name == "compute"]
        if is_whole and stages and not any(attribute.name == "workgroup_size" for attribute in node.attributes):
            start, end = node.name_start, node.name_end
            self.found.append(
                Check("attribute", start, end, f"'{node.name}' is a compute shader without @workgroup_size")
            )
        self.is_whole = is_whole
        self.result = self.facts.named.get(node.return_type) if node.return_type is not None else None
        self.has_result = node.return_type is not None
        self.attributes(node.attributes)
        if node.return_type is not None:
            self.attributes(node.return_attributes, node.return_type)
            self.type(node.return_type)
        scope: dict[str, tuple[int, int]] = {}
        for parameter in node.parameters:
            self.declare(scope, parameter.name, parameter.name_start)
            self.attributes(parameter.attributes, parameter.type)
            self.type(parameter.type)
        self.scopes.append(scope)
        self.may_leave = () if is_whole else ("break", "continue")  # the head of a loop may have been lost
        self.statements(node.body.statements, node.body.end)
        self.scopes.pop()
        if is_whole and node.return_type is not None and falls_off_its_end(node.body):
            end = node.body.end
            message = f"'{node.name}' can end without returning a value"
            self.found.append(Check("return", max(end - 1, node.body.start), end, message))

    def declare(self, scope: dict[str, tuple[int, int]], name: str, start: int) -> None:
        if not name:
            return
        place = (start, start + len(name))
        if name in scope:
            message = f"'{name}' is declared a second time in this scope"
            self.found.append(Check("redeclaration", *place, message, earlier=scope[name]))
        else:
            scope[name] = place

    def attributes(self, attributes: tuple[Attribute, ...], carrier: Expression | None = None) -> None:
        """`carrier`: the type of what they stand at."""
        kind = self.facts.named.get(carrier) if carrier is not None else None
        for attribute in attributes:
            name = attribute.arguments[0] if attribute.name == "builtin" and attribute.arguments else None
            wanted = BUILTIN_VALUES.get(name.name) if isinstance(name, Identifier) else None
            if wanted is not None and wanted.type in _FIXED and kind is not None and str(kind) != wanted.type:
                self.say("type", attribute, f"the builtin value '{wanted.name}' is a {wanted.type}, not {_a(kind)}")
            if attribute.name in _NUMBERED:
                for argument in attribute.arguments:
                    self.expression(argument)
                    kind, value = self.types.get(argument), self.facts.evaluate(argument)
                    least = 1 if attribute.name in ("align", "size", "workgroup_size") else 0
                    if kind is not None and kind not in _INTEGERS:
                        self.say("type", argument, f"'@{attribute.name}' needs an i32 or u32, this is {_a(kind)}")
                    elif value is not None and isinstance(value.data, int) and value.data < least:
                        self.say(
                            "type", argument, f"'@{attribute.name}' must be at least {least}, this is {value.data}"
                        )

    def resource(self, node: VariableDeclaration) -> None:
        """A variable at module scope that the host binds says where."""
        lacking = [f"@{name}" for name in ("group", "binding") if all(one.name != name for one in node.attributes)]
        if lacking and self.facts.info is not None and self.facts.info.space in ("storage", "uniform", "handle"):
            message = f"'{node.name}' is bound by the host and lacks {' and '.join(lacking)}"
            self.found.append(Check("attribute", node.name_start, node.name_end, message))

    def variable(self, node: VariableDeclaration, end: int) -> None:
        self.attributes(node.attributes)
        if node.type is not None:
            self.type(node.type)
        if node.initializer is not None:
            self.expression(node.initializer)
            declared = self.facts.named.get(node.type) if node.type is not None else None
            self.fits(node.initializer, declared, f"'{node.name}' is declared as")
            if node.keyword == "const":
                self.constant(node.initializer)
        if self.scopes:
            self.declare(self.scopes[-1], node.name, node.name_start)

    def constant(self, node: Expression) -> None:
        """Says what `node` needs that is known only later, if anything."""
        for part in walk(node):
            target = self.facts.targets.get(part) if isinstance(part, Identifier) else None
            if isinstance(target, (Local, GlobalInfo)) and target.kind in ("var", "let", "parameter", "override"):
                what = _article(target.kind) + " " + target.kind
                self.say("constant", part, f"a 'const' needs a constant expression, '{target.name}' is {what}")
                return

    # Statements

    def statement(self, node: Statement, end: int) -> None:
        outside = self.may_leave
        if isinstance(node, CallStatement):
            self.alone = node.call
        elif isinstance(node, (For, While, Loop)):
            self.may_leave = ("break", "continue")
            if self.is_whole and never_ends(node):
                length = len("while" if isinstance(node, While) else "for" if isinstance(node, For) else "loop")
                start = node.start
                self.found.append(Check("flow", start, start + length, "this loop never ends: no break, no return"))
        elif isinstance(node, Switch):
            self.may_leave = ("break", *outside)
        elif isinstance(node, Continuing):
            self.may_leave = ()
        elif isinstance(node, Break) and node.condition is None and "break" not in outside:
            self.say("flow", node, "'break' stands in no loop and no switch")
        elif isinstance(node, Continue) and "continue" not in outside:
            self.say("flow", node, "'continue' stands in no loop")
        super().statement(node, end)
        if isinstance(node, ConstAssert):
            self.asserted(node)
        self.may_leave = outside

    def asserted(self, node: ConstAssert) -> None:
        value = self.facts.evaluate(node.condition)
        if value is not None and value.data is False:
            self.say("constant", node.condition, "this const_assert fails: its condition is false")

    def condition(self, node: Expression) -> None:
        self.expression(node)
        kind = self.types.get(node)
        if _is_arithmetic(node):
            self.say("condition", node, f"a condition must be a bool, this is {_a(kind) if kind else 'a number'}")
        elif kind is not None and kind is not BOOL:
            self.say("type", node, f"a condition must be a bool, this is {_a(kind)}")

    def switch(self, node: Switch) -> None:
        super().switch(node)
        kind = self.types.get(node.selector)
        if kind is not None and kind not in _INTEGERS:
            self.say("type", node.selector, f"a switch needs an i32 or u32, this is {_a(kind)}")
        seen: set[object] = set()
        for selector in (one for clause in node.clauses for one in clause.selectors if one is not None):
            value = self.facts.evaluate(selector)
            if value is not None and value.data in seen:
                self.say("type", selector, f"there is a case for {value.data} already")
            elif value is not None:
                seen.add(value.data)

    def returned(self, node: Return) -> None:
        super().returned(node)
        if self.has_result and node.value is None:
            self.say("return", node, f"a value must be returned{f' ({self.result})' if self.result else ''}")
        elif not self.has_result and node.value is not None:
            if self.types.get(node.value) is None:
                return  # what nobody declares may be nothing: a macro that is given without a value
            self.say("type", node, "a function without a result type returns no value")
        elif node.value is not None:
            self.fits(node.value, self.result, "the function returns")

    def increment(self, node: Increment) -> None:
        super().increment(node)
        kind = self.types.get(node.target)
        if kind is not None and kind not in (I32, U32):
            self.say("type", node, f"'{node.operator}' needs an i32 or u32, this is {_a(kind)}")
        self.assignable(node.target)

    def assignment(self, node: Assignment) -> None:
        super().assignment(node)
        if node.target is None:
            return
        if self.assignable(node.target):
            target, value = self.types.get(node.target), self.types.get(node.value)
            if node.operator == "=":
                self.fits(node.value, target, "what it is assigned to is")
            elif target is not None and value is not None and _is_plain(target) and _is_plain(value):
                result = binary_type(node.operator[:-1], target, value)
                if result is None:
                    self.say("type", node, f"there is no '{node.operator}' for {target} and {value}")
                elif conversion_rank(result, target) is None:
                    self.say("type", node, f"'{node.operator}' gives {_a(result)}, which does not fit into {target}")

    def assignable(self, node: Expression) -> bool:
        """Says why `node` cannot be assigned to, if it cannot."""
        root = self.root(node)
        target = self.facts.targets.get(root) if root is not None else None
        if isinstance(target, Local) and target.kind != "var":
            what = "a parameter" if target.kind == "parameter" else f"a '{target.kind}'"
            self.say("assignment", node, f"'{target.name}' is {what} and cannot be assigned to")
        elif isinstance(target, GlobalInfo) and target.kind in ("const", "override", "function", "struct", "alias"):
            self.say("assignment", node, f"'{target.name}' is no variable ({target.kind}) and cannot be assigned to")
        elif isinstance(target, GlobalInfo) and target.space in ("uniform", "storage") and target.access == "read":
            where = "uniform" if target.space == "uniform" else "storage with access 'read'"
            self.say("assignment", node, f"'{target.name}' is in {where} and cannot be written")
        else:
            return True
        return False

    def root(self, node: Expression) -> Identifier | None:
        """The variable that `node` is part of; None behind a pointer or when that is unknown."""
        whole = node
        while not isinstance(node, Identifier):
            if isinstance(node, Parenthesized):
                node = node.inner
            elif isinstance(node, (Index, Member)):
                node = node.base
            else:
                return None
        kind = self.types.get(node)
        if kind is None:
            target = self.facts.targets.get(node)
            return node if node is whole or (isinstance(target, GlobalInfo) and target.space) else None
        return None if kind.is_pointer else node

    def fits(self, node: Expression, wanted: Type | None, why: str) -> None:
        kind = self.types.get(node)
        if kind is not None and wanted is not None:
            if not fits(kind, wanted):
                self.say("type", node, f"{why} {wanted}, this is {_a(kind)}")
            elif wanted.is_scalar:
                self.represented(node, kind, wanted)

    # Types

    def type(self, node: Expression) -> None:
        """`node`, where a type has to stand."""
        if not isinstance(node, Identifier):
            return
        target = self.facts.targets.get(node)
        if isinstance(target, Predeclared) and target.kind == "builtin type":
            self.template(node)
            return
        if target is None or (isinstance(target, GlobalInfo) and target.kind in ("struct", "alias")):
            return
        if not isinstance(target, Field):
            self.say("type", node, f"'{node.name}' is no type but {_article(target.kind)} {target.kind}")

    def template(self, node: Identifier) -> None:
        arguments = node.arguments or ()
        if node.name == "ptr":
            arguments = arguments[1:2]
        elif not node.name.startswith(("array", "vec", "mat", "atomic", "subgroup_matrix")):
            return
        if not arguments:
            return
        self.type(arguments[0])
        for count in arguments[1:3]:
            self.expression(count)
            kind, value = self.types.get(count), self.facts.evaluate(count)
            if kind is not None and kind not in _INTEGERS:
                self.say("type", count, f"a count must be an i32 or u32, this is {_a(kind)}")
            elif value is not None and isinstance(value.data, int) and value.data < 1:
                self.say("type", count, f"a count must be at least 1, this is {value.data}")

    # Expressions

    def expression(self, node: Expression) -> None:
        """`node` and what is below it, as values."""
        stack: list[Node] = [node]
        while stack:
            part = stack.pop()
            if isinstance(part, Call):
                self.call(part)
                if isinstance(self.facts.targets.get(part.callee), Predeclared) and part.callee.name in TYPES:
                    self.template(part.callee)
                stack.extend(part.arguments)
                continue
            if isinstance(part, Identifier):
                self.value(part)
                continue
            if isinstance(part, Binary):
                self.binary(part)
                if part.operator in ("&&", "||") and self.decides(part):
                    # What is not evaluated may have values that would not do.
                    stack.append(part.left)
                    continue
            elif isinstance(part, Unary):
                self.unary(part)
            elif isinstance(part, Index):
                self.index(part)
            elif isinstance(part, Member):
                self.member(part)
            stack.extend(children(part))

    def decides(self, node: Binary) -> bool:
        """The left operand is a constant that makes the right one superfluous."""
        left = self.facts.evaluate(node.left)
        return left is not None and left.data is (node.operator == "||")

    def value(self, node: Identifier) -> None:
        target = self.facts.targets.get(node)
        if isinstance(target, GlobalInfo) and target.kind in ("function", "struct", "alias"):
            what = "a function" if target.kind == "function" else "a type"
            self.say("type", node, f"'{node.name}' is {what} and no value")
        elif isinstance(target, Predeclared):
            self.say("type", node, f"'{node.name}' is a {target.kind} and no value")

    def binary(self, node: Binary) -> None:
        left, right = self.types.get(node.left), self.types.get(node.right)
        if left is None or right is None or not (_is_known(left) and _is_known(right)):
            return
        kind = binary_type(node.operator, left, right)
        if kind is None:
            self.say("type", node, f"there is no '{node.operator}' for {left} and {right}")
        elif node.operator in ("<<", ">>"):
            self.shift(node, left)
        else:
            self.represented(node.left, left, right)
            self.represented(node.right, right, left)

    def shift(self, node: Binary, left: Type) -> None:
        amount = self.facts.evaluate(node.right)
        if left.component not in (I32, U32) or amount is None or not isinstance(amount.data, int):
            return
        if not 0 <= amount.data < 32:
            self.say("type", node.right, f"a shift of {left} must be by 0 to 31, this is {amount.data}")

    def represented(self, node: Expression, kind: Type, wanted: Type) -> bool:
        """Says that a constant does not fit into the type that it becomes, if so."""
        if kind is not ABSTRACT_INT or wanted.component not in (I32, U32):
            return True
        value = self.facts.evaluate(node)
        if value is None or convert(value, wanted.component) is not None:
            return True
        self.say("type", node, f"{value.data} cannot be represented as {wanted.component}")
        return False

    def unary(self, node: Unary) -> None:
        kind = self.types.get(node.operand)
        if kind is None:
            return
        if node.operator == "*":
            if not kind.is_pointer:
                self.say("type", node, f"'*' needs a pointer, this is {_a(kind)}")
        elif node.operator == "&":
            root = self.root(node.operand)
            target = self.facts.targets.get(root) if root is not None else None
            if isinstance(target, Local) and target.kind != "var":
                self.say("type", node, f"'{target.name}' is no variable and has no address")
        elif _is_known(kind) and unary_type(node.operator, kind) is None:
            self.say("type", node, f"there is no '{node.operator}' for {kind}")

    def index(self, node: Index) -> None:
        base, index = self.types.get(node.base), self.types.get(node.index)
        if index is not None and index not in _INTEGERS:
            self.say("type", node.index, f"an index must be an i32 or u32, this is {_a(index)}")
        if base is None:
            return
        if index_type(base) is None:
            if _is_known(base):
                self.say("type", node, f"{base} cannot be indexed")
            return
        value = self.facts.evaluate(node.index)
        limit = _n_elements(base)
        # An array without elements is a mistake of its declaration.
        if value is not None and limit and limit > 0 and isinstance(value.data, int) and not 0 <= value.data < limit:
            self.say("type", node.index, f"index {value.data} is outside of {base}: it has {limit} elements")

    def member(self, node: Member) -> None:
        base = self.types.get(node.base)
        if base is None or not node.name or member_type(base, node.name) is not None:
            return
        parts = base.pointer_parts
        base = parts[1] if parts else base
        start, end = node.name_start, node.name_start + len(node.name)
        if base.members is not None:
            fields = [field.name for field in base.members[:_MOST_FIELDS]]
            names = tuple(near_names(node.name, fields, 3, 0.6))
            question = f"; did you mean '{names[0]}'?" if names else ""
            message = f"{base.name} has no member '{node.name}'{question}"
            self.found.append(Check("member", start, end, message, names, member=(base.name, node.name)))
        elif base.is_vector:
            self.found.append(Check("selection", start, end, f"'{node.name}' is no selection from a {base.name}"))
        elif _is_known(base):
            self.found.append(Check("member", start, end, f"{base} has no members"))

    # Calls

    def call(self, node: Call) -> None:
        if not node.closed or any(isinstance(argument, Missing) for argument in node.arguments):
            return
        target = self.facts.targets.get(node.callee)
        if isinstance(target, GlobalInfo) and target.kind == "function":
            self.function_call(node, target)
        elif isinstance(target, GlobalInfo) and target.kind == "struct" and target.type is not None:
            self.struct_value(node, target.type)
        elif isinstance(target, Predeclared) and target.kind == "builtin function":
            self.builtin_call(node)
        elif isinstance(target, Predeclared) and target.kind == "builtin type":
            self.construction(node)
        elif isinstance(target, (Local, GlobalInfo)) and target.kind in (
            "var",
            "let",
            "const",
            "override",
            "parameter",
        ):
            self.say("call", node.callee, f"'{target.name}' is no function")

    def function_call(self, node: Call, target: GlobalInfo) -> None:
        wanted = len(target.parameters)
        if len(node.arguments) != wanted:
            problem = "few" if len(node.arguments) < wanted else "call"
            self.say(problem, node, f"'{target.name}' takes {_n(wanted, 'argument')}, {len(node.arguments)} given")
            return
        for argument, (name, kind) in zip(node.arguments, target.parameters, strict=True):
            self.fits(argument, kind, f"parameter '{name}' of '{target.name}' is")

    def struct_value(self, node: Call, kind: Type) -> None:
        members = kind.members or ()
        # Members of an unknown type are missing from the type: it has those, and may have more.
        if 0 < len(node.arguments) < len(members):
            self.say("few", node, f"{kind.name} has more members than the {len(node.arguments)} given")
        if not node.arguments or len(node.arguments) != len(members):
            return
        for argument, member in zip(node.arguments, members, strict=True):
            self.fits(argument, member.type, f"member '{member.name}' of {kind.name} is")

    def builtin_call(self, node: Call) -> None:
        name = node.callee.name
        shapes = overloads_of(name) if name in FUNCTIONS else ()
        if node is not self.alone and shapes and all(shape.result is None for shape in shapes):
            self.say("call", node, f"'{name}' returns no value")
            return
        if node in self.facts.chosen or name not in FUNCTIONS:
            return
        least = min((len(shape.parameters) for shape in shapes), default=0)
        most = max(map(_most_arguments, shapes), default=1 << 30)
        if not least <= len(node.arguments) <= most:
            wanted = _n(least, "argument") if least == most else f"{least} to {most} arguments"
            problem = "few" if len(node.arguments) < least else "arity"
            self.say(problem, node, f"'{name}' takes {wanted}, {len(node.arguments)} given")
            return
        kinds = [self.types.get(argument) for argument in node.arguments]
        if node.callee.arguments or any(kind is None or not _is_known(kind) for kind in kinds):
            return
        self.say("call", node, f"there is no {name}({', '.join(map(str, kinds))})")

    def construction(self, node: Call) -> None:
        kind = self.types.get(node)
        kinds = [self.types.get(argument) for argument in node.arguments]
        known = tuple(one for one in kinds if one is not None and _is_known(one))
        if kind is None or len(known) != len(kinds):
            return
        if kind.is_scalar or kind.is_vector or kind.is_matrix:
            if kind.name not in CONSTRUCTORS or node in self.facts.chosen:
                return
            terms = None if kind.is_scalar else (kind.component,)
            if resolve(kind.name, terms, known) is None:
                self.say("call", node, f"there is no {kind}({', '.join(map(str, known))})")
        elif kind.is_array and kind.element is not None and isinstance(kind.count, int) and known:
            if len(known) != kind.count:
                self.say("call", node, f"{kind} has {_n(kind.count, 'element')}, {len(known)} given")
                return
            for argument in node.arguments:
                self.fits(argument, kind.element, "the elements are")


def fits(kind: Type, wanted: Type) -> bool:
    """A value of type `kind` can stand where `wanted` is asked for, or it is not sure that it cannot."""
    if kind is wanted or conversion_rank(kind, wanted) is not None:
        return True
    if kind.is_struct or wanted.is_struct:
        return kind.name == wanted.name or concrete(kind) is wanted
    ours, theirs = kind.pointer_parts, wanted.pointer_parts
    if ours and theirs:
        # Space and access of an address are not always known here.
        return fits(ours[1], theirs[1])
    if kind.name != wanted.name:
        return False
    if kind.is_array and len(kind.arguments) != len(wanted.arguments):
        return False
    for one, other in zip(kind.arguments, wanted.arguments, strict=False):
        if isinstance(one, Type) and isinstance(other, Type):
            if not fits(one, other):
                return False
        elif isinstance(one, int) and isinstance(other, int) and one != other:
            return False
    return True


def _is_arithmetic(node: Expression) -> bool:
    """Its value is no bool, whatever the operands are."""
    while isinstance(node, Parenthesized):
        node = node.inner
    return (
        isinstance(node, Binary)
        and node.operator in ("+", "-", "*", "/", "%", "<<", ">>")
        and not isinstance(node.left, Missing)
        and not isinstance(node.right, Missing)
    )


def _is_known(kind: Type) -> bool:
    """Without parts that only have a text."""
    return all(
        _is_known(argument) if isinstance(argument, Type) else isinstance(argument, int) or kind.name != "array"
        for argument in kind.arguments
    )


def _is_plain(kind: Type) -> bool:
    return kind.is_scalar or kind.is_vector or kind.is_matrix


def _n_elements(kind: Type) -> int | None:
    if kind.is_vector:
        return kind.width
    if kind.is_matrix:
        return kind.columns_and_rows[0]
    return kind.count if isinstance(kind.count, int) else None


def _most_arguments(overload: Overload) -> int:
    parameters = overload.parameters
    return 1 << 30 if parameters and parameters[-1].is_variadic else len(parameters)


def _a(kind: Type) -> str:
    return f"{_article(str(kind))} {kind}"


def _article(word: str) -> str:
    return "an" if word[0] in "aeioAEIO" else "a"


def _n(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"
