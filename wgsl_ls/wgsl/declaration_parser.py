"""Module scope: directives, and one declaration per chunk of text."""

from __future__ import annotations

from wgsl_ls.wgsl.lexer import END, IDENTIFIER
from wgsl_ls.wgsl.statement_parser import StatementParser
from wgsl_ls.wgsl.syntax import (
    AliasDeclaration,
    Attribute,
    Declaration,
    DiagnosticDirective,
    Expression,
    FunctionDeclaration,
    Identifier,
    Member,
    ModuleDirective,
    NameDirective,
    Parameter,
    StructDeclaration,
    StructMember,
)
from wgsl_ls.wgsl.words import DECLARATION_KEYWORDS

_DECLARATION_STARTS = DECLARATION_KEYWORDS | {"const", "const_assert", "diagnostic", "let", "var", "@"}
_SEVERITIES = frozenset(("error", "warning", "info", "off"))


class DeclarationParser(StatementParser):
    """One chunk of text that holds one declaration or directive (or, when broken, something else)."""

    def chunk(self) -> Declaration | ModuleDirective | None:
        node = self.declaration()
        while self.kinds[self.position] == ";":
            self.position += 1
        self.n_left = -1
        if not self.failed and self.kinds[self.position] != END:
            self.problem(f"expected a declaration, found {self.found()}")
        return node

    def declaration(self) -> Declaration | ModuleDirective | None:
        kind = self.kinds[self.position]
        at = self.position
        attributes = self.attributes() if kind == "@" else ()
        kind = self.kinds[self.position]
        if kind == "fn":
            return self.function(attributes)
        if kind in ("var", "override", "const", "let"):
            if kind == "let":
                self.problem("a module-scope 'let' is invalid: use 'const', 'override' or 'var<private>'")
                self.failed = False
            elif kind == "const" and attributes:
                self.problem("attributes are not allowed on 'const'", at)
                self.failed = False
            variable = self.variable(attributes)
            self.end_of_declaration()
            return variable
        if attributes and kind != END:
            self.problem(
                f"expected a declaration behind attributes, found {self.found()}",
                at if kind in _DECLARATION_STARTS else None,
            )
            self.failed = kind not in _DECLARATION_STARTS
        if kind == "struct":
            return self.struct()
        if kind == "alias":
            return self.alias()
        if kind == "const_assert":
            node = self.const_assert()
            self.end_of_declaration()
            return node
        if kind == "enable" or kind == "requires":
            return self.names_directive()
        if kind == "diagnostic":
            return self.diagnostic_directive()
        if kind == END:
            if attributes:
                self.problem("expected a declaration behind attributes")
            return None
        if kind != ";":
            self.problem(f"expected a declaration, found {self.found()}")
        return None

    def end_of_declaration(self) -> None:
        if self.kinds[self.position] == ";":
            self.position += 1
        else:
            self.missing(f"expected ';' behind the declaration, found {self.found()}")

    # Functions

    def function(self, attributes: tuple[Attribute, ...]) -> FunctionDeclaration:
        start = attributes[0].start if attributes else self.starts[self.position]
        self.position += 1
        name, name_start = self.name("a function name")
        parameters: list[Parameter] = []
        if self.expect("(", "behind the function name"):
            while self.kinds[self.position] not in (")", END, "{", "->"):
                parameters.append(self.parameter())
                if self.failed or self.kinds[self.position] != ",":
                    break
                self.position += 1
            self.expect(")", "to close the parameter list")
        return_attributes: tuple[Attribute, ...] = ()
        return_type: Expression | None = None
        if self.failed:
            self.skip_to(("->", "{"))
        if self.kinds[self.position] == "->":
            self.position += 1
            return_attributes = self.attributes()
            return_type = self.type_specifier()
        if not self.failed:
            self.n_left = len(self.problems)
        body = self.block()
        end = self.end_of_previous()
        return FunctionDeclaration(
            start, end, attributes, name, name_start, tuple(parameters), return_attributes, return_type, body
        )

    def skip_to(self, wanted: tuple[str, ...]) -> None:
        for index in range(self.position, len(self.kinds)):
            kind = self.kinds[index]
            if kind in wanted:
                self.position = index
                return
            if kind in (";", "}", END):
                return

    def parameter(self) -> Parameter:
        start = self.starts[self.position]
        attributes = self.attributes()
        name, name_start = self.name("a parameter name")
        self.expect(":", "behind the parameter name")
        kind = self.type_specifier()
        return Parameter(start, max(self.end_of_previous(), start), attributes, name, name_start, kind)

    # Types

    def struct(self) -> StructDeclaration:
        start = self.starts[self.position]
        self.position += 1
        name, name_start = self.name("a struct name")
        members: list[StructMember] = []
        if self.expect("{", "behind the struct name"):
            if self.kinds[self.position] == "}":
                self.report("a struct needs at least one member")
            while self.kinds[self.position] not in ("}", END):
                if self.kinds[self.position] in DECLARATION_KEYWORDS:
                    break
                members.append(self.struct_member())
                if self.kinds[self.position] == ",":
                    self.position += 1
                    self.failed = False
                elif self.kinds[self.position] != "}":
                    self.missing(f"expected ',' or '}}' behind the struct member, found {self.found()}")
                    self.resume_members()
            self.expect("}", "to close the struct")
        return StructDeclaration(start, self.end_of_previous(), name, name_start, tuple(members))

    def struct_member(self) -> StructMember:
        start = self.starts[self.position]
        attributes = self.attributes()
        name, name_start = self.name("a member name")
        if self.expect(":", "behind the member name"):
            kind = self.type_specifier()
        else:
            self.failed = True
            kind = self.type_specifier() if self.kinds[self.position] == IDENTIFIER else _missing(self)
        return StructMember(start, max(self.end_of_previous(), start), attributes, name, name_start, kind)

    def resume_members(self) -> None:
        """Behind the separator that ends a failed member, or at what looks like the next one (`name :`)."""
        kinds = self.kinds
        index = self.position
        while kinds[index] not in ("}", END, ",", ";"):
            if kinds[index] == IDENTIFIER and kinds[index + 1] == ":":
                break
            index += 1
        if kinds[index] in (",", ";"):
            index += 1
        self.position = index
        if kinds[index] != END:
            self.failed = False

    def alias(self) -> AliasDeclaration:
        start = self.starts[self.position]
        self.position += 1
        name, name_start = self.name("a type name")
        self.expect("=", "behind the name of the alias")
        kind = self.type_specifier()
        self.end_of_declaration()
        return AliasDeclaration(start, self.end_of_previous(), name, name_start, kind)

    # Directives

    def names_directive(self) -> NameDirective:
        start = self.starts[self.position]
        keyword = self.kinds[self.position]
        self.position += 1
        names: list[tuple[str, int]] = []
        while True:
            if names and self.kinds[self.position] == ";":
                break
            names.append(self.name("an extension name"))
            if self.failed or self.kinds[self.position] != ",":
                break
            self.position += 1
        self.end_of_declaration()
        return NameDirective(start, self.end_of_previous(), keyword, tuple(names))

    def diagnostic_directive(self) -> DiagnosticDirective:
        start = self.starts[self.position]
        self.position += 1
        severity = rule = ""
        listed = self.position
        if self.kinds[self.position] == "(":
            arguments, _, _ = self.arguments()
            if len(arguments) != 2:
                self.problem("'diagnostic' takes a severity and a rule", listed)
            else:
                severity, rule = _dotted(arguments[0]), _dotted(arguments[1])
                if severity not in _SEVERITIES:
                    self.problem("expected 'error', 'warning', 'info' or 'off'", listed + 1)
        else:
            self.expect("(", "behind 'diagnostic'")
        self.end_of_declaration()
        return DiagnosticDirective(start, self.end_of_previous(), severity, rule)


def _dotted(expression: Expression) -> str:
    if isinstance(expression, Identifier):
        return expression.name
    if isinstance(expression, Member) and isinstance(expression.base, Identifier):
        return f"{expression.base.name}.{expression.name}"
    return ""


def _missing(parser: DeclarationParser) -> Expression:
    failed, parser.failed = parser.failed, True
    kind = parser.type_specifier()
    parser.failed = failed
    return kind
