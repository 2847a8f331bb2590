"""Symbols of one file by itself: outline and workspace symbols. All branches at once: directive lines are blanked and
the rest is parsed as one text, so inactive code is there too, and no variant is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from wgsl_ls.preprocess.directives import CodeChunk, Directive, DirectiveTree
from wgsl_ls.text.span import Span
from wgsl_ls.text.steps import Steps, finished
from wgsl_ls.wgsl.parser import parse_steps
from wgsl_ls.wgsl.syntax import (
    AliasDeclaration,
    ConstAssert,
    Declaration,
    FunctionDeclaration,
    StructDeclaration,
    VariableDeclaration,
)

SymbolKind = Literal["function", "struct", "member", "alias", "variable", "constant", "macro", "include"]
_NOT_NEWLINE = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True)
class FileSymbol:
    """`span`: the whole declaration; `name_span`: its name, inside; `detail`: what stands behind it in an outline."""

    name: str
    kind: SymbolKind
    detail: str
    span: Span
    name_span: Span
    children: tuple[FileSymbol, ...] = ()


def file_symbols(tree: DirectiveTree) -> list[FileSymbol]:
    """Macros, includes and declarations in written order."""
    return finished(file_symbol_steps(tree))


def file_symbol_steps(tree: DirectiveTree) -> Steps[list[FileSymbol]]:
    """`file_symbols` with a pause behind each declaration."""
    found = _directive_symbols(tree)
    yield
    module = yield from parse_steps(blanked(tree))
    for start, node in module.declarations:
        symbol = _declaration(tree.text, start, node)
        if symbol is not None:
            found.append(symbol)
    return sorted(found, key=lambda symbol: symbol.span)


def blanked(tree: DirectiveTree) -> str:
    """The text with every directive replaced by spaces: same length, same lines."""
    parts: list[str] = []
    position = 0
    for offset, node, _ in tree.walk():
        if isinstance(node, CodeChunk):
            parts.append(_NOT_NEWLINE.sub(" ", tree.text[position:offset]))
            parts.append(node.text)
            position = offset + len(node.text)
    parts.append(_NOT_NEWLINE.sub(" ", tree.text[position:]))
    return "".join(parts)


def _directive_symbols(tree: DirectiveTree) -> list[FileSymbol]:
    found = []
    for offset, directive in tree.directives():
        if directive.kind in ("define", "include") and directive.name:
            kind: SymbolKind = "macro" if directive.kind == "define" else "include"
            detail = _shortened(directive.value) if kind == "macro" else ""
            name_span = directive.name_span.shifted(offset)
            found.append(FileSymbol(directive.name, kind, detail, _whole(directive, offset), name_span))
    return found


def _whole(directive: Directive, offset: int) -> Span:
    return directive.head_span.shifted(offset)


def _declaration(text: str, start: int, node: Declaration) -> FileSymbol | None:
    if isinstance(node, ConstAssert) or not node.name:
        return None
    span = Span(start, start + node.end)
    name_span = Span(start + node.name_start, start + node.name_start + len(node.name))
    if isinstance(node, FunctionDeclaration):
        names = ", ".join(parameter.name for parameter in node.parameters)
        return FileSymbol(node.name, "function", f"({names})", span, name_span)
    if isinstance(node, StructDeclaration):
        members = tuple(
            FileSymbol(
                member.name,
                "member",
                _shortened(text[start + member.type.start : start + member.type.end]),
                Span(start + member.name_start, start + member.end),
                Span(start + member.name_start, start + member.name_start + len(member.name)),
            )
            for member in node.members
            if member.name
        )
        return FileSymbol(node.name, "struct", "", span, name_span, members)
    if isinstance(node, AliasDeclaration):
        detail = _shortened(text[start + node.type.start : start + node.type.end])
        return FileSymbol(node.name, "alias", detail, span, name_span)
    assert isinstance(node, VariableDeclaration)
    kind: SymbolKind = "variable" if node.keyword == "var" else "constant"
    return FileSymbol(node.name, kind, node.keyword, span, name_span)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def matches_query(name: str, query: str) -> bool:
    """Fuzzy as editors do it: the letters of the query in order, upper and lower case alike."""
    position = 0
    lowered = name.lower()
    for character in query.lower():
        position = lowered.find(character, position) + 1
        if position == 0:
            return False
    return True
