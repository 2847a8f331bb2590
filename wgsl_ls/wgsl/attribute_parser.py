"""Attributes: `@name` with or without arguments, checked against the table of attributes."""

from __future__ import annotations

from wgsl_ls.wgsl.builtins import ATTRIBUTES, BUILTIN_VALUES
from wgsl_ls.wgsl.expression_parser import ExpressionParser
from wgsl_ls.wgsl.lexer import IDENTIFIER
from wgsl_ls.wgsl.syntax import Attribute, Expression, Identifier


class AttributeParser(ExpressionParser):
    """Attributes."""

    def attributes(self) -> tuple[Attribute, ...]:
        found: list[Attribute] = []
        while self.kinds[self.position] == "@":
            found.append(self.attribute())
        return tuple(found)

    def attribute(self) -> Attribute:
        start = self.starts[self.position]
        self.position += 1
        index = self.position
        kind = self.kinds[index]
        name = self.texts[index]
        if kind != IDENTIFIER and kind not in ("const", "diagnostic"):
            self.problem(f"expected an attribute name, found {self.found()}")
            return Attribute(start, self.end_of_previous(), "", ())
        self.position += 1
        known = ATTRIBUTES.get(name)
        limits = (known.min_arguments, known.max_arguments) if known else None
        if limits is None or name == "const":
            why = "is reserved for the specification" if limits else "is unknown"
            self.report(f"attribute '{name}' {why}", index)
        arguments: tuple[Expression, ...] = ()
        listed = self.position
        if self.kinds[listed] == "(":
            arguments, _, _ = self.arguments()
        elif limits and limits[0] > 0:
            self.problem(f"attribute '{name}' needs arguments: expected '(', found {self.found()}")
        attribute = Attribute(start, self.end_of_previous(), name, arguments)
        wrong = _attribute_problem(attribute, limits) if not self.failed else None
        if wrong:
            self.report(wrong, listed)
        return attribute


def _attribute_problem(attribute: Attribute, limits: tuple[int, int] | None) -> str | None:
    """What is wrong with the arguments of a known attribute, or None."""
    name, arguments = attribute.name, attribute.arguments
    if limits is None:
        return None
    least, most = limits
    if not least <= len(arguments) <= most:
        if not most:
            return f"attribute '{name}' takes no arguments"
        wanted = str(least) if least == most else f"{least} to {most}"
        return f"attribute '{name}' takes {wanted} argument{'s'[: most != 1]}, found {len(arguments)}"
    if name in ("builtin", "interpolate"):
        for argument in arguments:
            if not isinstance(argument, Identifier):
                return f"expected a name in '@{name}'"
    first = arguments[0] if arguments else None
    if name == "builtin" and isinstance(first, Identifier) and first.name not in BUILTIN_VALUES:
        return f"unknown builtin value '{first.name}'"
    return None
