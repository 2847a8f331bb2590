"""Statements and declarations: scopes, locals, and what a declaration tells the rest of the module."""

from __future__ import annotations

from collections.abc import Mapping

from wgsl_ls.wgsl.facts import Facts
from wgsl_ls.wgsl.inference import ExpressionInference, Lookup
from wgsl_ls.wgsl.names import GlobalInfo, Local
from wgsl_ls.wgsl.statement_walk import StatementWalk
from wgsl_ls.wgsl.syntax import (
    AliasDeclaration,
    Attribute,
    Declaration,
    FunctionDeclaration,
    StructDeclaration,
    VariableDeclaration,
)
from wgsl_ls.wgsl.types import DEFAULT_ACCESS, SCALARS, StructField, Type, concrete, struct
from wgsl_ls.wgsl.values import Value, cast, convert

Overrides = Mapping[str, bool | int | float]


def analyze_declaration(text: str, node: Declaration, lookup: Lookup, overrides: Overrides | None) -> Facts:
    """Everything about one declaration. `overrides`: values of override constants by name or by the number of
    their `@id`; with None they are unknown, otherwise those not given take their default."""
    inference = DeclarationInference(text, lookup, overrides)
    try:
        inference.declaration(node)
    except RecursionError:
        inference.facts.is_complete = False
    return inference.facts


def function_signature(text: str, node: FunctionDeclaration, lookup: Lookup) -> Facts:
    """Only what others may know of a function: its parameters' types and its result."""
    inference = DeclarationInference(text, lookup, None)
    try:
        inference.signature(node)
    except RecursionError:
        inference.facts.is_complete = False
    return inference.facts


class DeclarationInference(ExpressionInference, StatementWalk[Local]):
    def __init__(self, text: str, lookup: Lookup, overrides: Overrides | None) -> None:
        super().__init__(text, lookup)
        self.overrides = overrides

    # Module scope

    def declaration(self, node: Declaration) -> None:
        if isinstance(node, FunctionDeclaration):
            self.function(node)
        elif isinstance(node, VariableDeclaration):
            self.facts.info = self.global_variable(node)
        elif isinstance(node, StructDeclaration):
            self.facts.info = GlobalInfo("struct", node.name, self.struct(node))
        elif isinstance(node, AliasDeclaration):
            self.facts.info = GlobalInfo("alias", node.name, self.type_specifier(node.type))
        else:
            self.expression(node.condition)

    def signature(self, node: FunctionDeclaration) -> list[Type | None]:
        parameters = [self.type_specifier(parameter.type) for parameter in node.parameters]
        result = self.type_specifier(node.return_type) if node.return_type else None
        named = tuple((item.name, kind) for item, kind in zip(node.parameters, parameters, strict=True))
        self.facts.info = GlobalInfo("function", node.name, result, named)
        return parameters

    def function(self, node: FunctionDeclaration) -> None:
        self.attributes(node.attributes)
        kinds = self.signature(node)
        self.attributes(node.return_attributes)
        # Parameters and the body share one scope.
        scope: dict[str, Local] = {}
        body = node.body
        for parameter, kind in zip(node.parameters, kinds, strict=True):
            self.attributes(parameter.attributes)
            local = Local(
                "parameter", parameter.name, parameter.name_start, kind, parameter, body.start, max(body.end, node.end)
            )
            self.facts.locals.append(local)
            scope[parameter.name] = local
        self.scopes.append(scope)
        self.statements(body.statements, max(body.end, node.end))
        self.scopes.pop()

    def global_variable(self, node: VariableDeclaration) -> GlobalInfo:
        self.attributes(node.attributes)
        declared = self.type_specifier(node.type) if node.type else None
        inferred = self.expression(node.initializer) if node.initializer else None
        kind = declared if node.type else inferred
        if kind is not None and node.keyword != "const":
            kind = concrete(kind)
        if node.keyword == "var":
            space, access = self.memory_of_variable(node, kind)
            return GlobalInfo("var", node.name, kind, space=space, access=access)
        value = self.facts.evaluate(node.initializer) if node.initializer else None
        if value is not None and kind is not None:
            value = convert(value, kind)
        if node.keyword == "override":
            value = self.override_value(node, kind, value)
        return GlobalInfo("const" if node.keyword == "let" else node.keyword, node.name, kind, value=value)

    def override_value(self, node: VariableDeclaration, kind: Type | None, default: Value | None) -> Value | None:
        if self.overrides is None:
            return None
        keys = [node.name]
        for attribute in node.attributes:
            if attribute.name == "id" and attribute.arguments:
                number = self.facts.evaluate(attribute.arguments[0])
                # With an @id, only the number names the constant for the pipeline.
                keys = [str(number.data)] if number else []
        for key in keys:
            if key in self.overrides and kind is not None:
                given = self.overrides[key]
                source = "bool" if isinstance(given, bool) else "AbstractInt" if isinstance(given, int) else "f32"
                return cast(Value(SCALARS[source], given), kind)
        return default

    def memory_of_variable(self, node: VariableDeclaration, kind: Type | None) -> tuple[str, str]:
        names = [term for argument in node.template if isinstance(term := self.template_term(argument), str)]
        if not names:
            return "handle" if kind is None or kind.is_texture_or_sampler or not node.template else "private", "read"
        space = names[0]
        return space, names[1] if len(names) > 1 else DEFAULT_ACCESS.get(space, "read_write")

    def struct(self, node: StructDeclaration) -> Type:
        fields: list[StructField] = []
        for member in node.members:
            self.attributes(member.attributes)
            kind = self.type_specifier(member.type)
            if kind is not None and member.name:
                align = self.attribute_number(member.attributes, "align")
                size = self.attribute_number(member.attributes, "size")
                fields.append(StructField(member.name, kind, align, size))
        return struct(node.name, tuple(fields))

    def attribute_number(self, attributes: tuple[Attribute, ...], name: str) -> int | None:
        for attribute in attributes:
            if attribute.name == name and attribute.arguments:
                value = self.facts.evaluate(attribute.arguments[0])
                if value is not None and isinstance(value.data, int):
                    return int(value.data)
        return None

    # Statements

    def variable(self, node: VariableDeclaration, end: int) -> None:
        for argument in node.template:
            self.template_term(argument)
        declared = self.type_specifier(node.type) if node.type else None
        inferred = self.expression(node.initializer) if node.initializer else None
        kind = declared if node.type else inferred
        value: Value | None = None
        if node.keyword == "const":
            value = self.facts.evaluate(node.initializer) if node.initializer else None
            if value is not None and kind is not None:
                value = convert(value, kind)
        elif kind is not None:
            kind = concrete(kind)
        local = Local(node.keyword, node.name, node.name_start, kind, node, node.end, end, value, node.type is not None)
        self.facts.locals.append(local)
        if node.name:
            self.scopes[-1][node.name] = local
