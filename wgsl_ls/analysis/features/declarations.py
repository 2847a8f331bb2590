"""What a declared symbol is, as a page: its declaration with types filled in, layout, binding, value, and the
comment above it. For hover, and for the documentation of completion items."""

from __future__ import annotations

import re
from bisect import bisect_right

from wgsl_ls.analysis.features.cursor import Cursor
from wgsl_ls.analysis.features.predeclared import layout_line
from wgsl_ls.analysis.features.rich_text import Page
from wgsl_ls.text.harmless import inline_code, markdown_prose
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span
from wgsl_ls.wgsl.layout import layout, round_up
from wgsl_ls.wgsl.lexer import comment_spans
from wgsl_ls.wgsl.reflection import EntryPoint, Reflection
from wgsl_ls.wgsl.symbols import Symbol
from wgsl_ls.wgsl.syntax import Attribute, FunctionDeclaration, VariableDeclaration
from wgsl_ls.wgsl.types import Type

_MOST_MEMBERS = 60
_LONGEST_LINE = 90


def symbol_page(cursor: Cursor, symbol: Symbol) -> Page:
    """Everything about a declared symbol of the cursor's expansion."""
    page = Page()
    page.code(declaration_text(cursor, symbol))
    for line in facts(cursor, symbol):
        page.add(line)
    page.add(documentation(cursor, symbol))
    return page


# Declarations


def declaration_text(cursor: Cursor, symbol: Symbol) -> str:
    """The symbol as WGSL would declare it, with inferred types written out."""
    kind = symbol.kind
    if kind == "function":
        return _function_text(cursor, symbol)
    if kind == "struct":
        return struct_text(symbol.type) if symbol.type is not None else f"struct {symbol.name}"
    if kind == "alias":
        return f"alias {symbol.name} = {symbol.type or '?'};"
    if kind == "member":
        return f"{symbol.owner}.{symbol.name}: {symbol.type or '?'}"
    if kind == "parameter":
        return f"{symbol.name}: {symbol.type or '?'}  // parameter of {symbol.owner}"
    keyword = kind
    if kind == "var" and symbol.space and symbol.space != "handle":
        access = f", {symbol.access}" if symbol.space == "storage" else ""
        keyword = f"var<{symbol.space}{access}>"
    prefix = "".join(f"{attribute} " for attribute in _evaluated_attributes(cursor, symbol))
    return f"{prefix}{keyword} {symbol.name}: {symbol.type or '?'}{value_text(symbol)}"


def value_text(symbol: Symbol) -> str:
    if symbol.value is None:
        return ""
    shown = str(symbol.value)
    return f" = {shown}" if len(shown) <= 80 else " = ..."


def _function_text(cursor: Cursor, symbol: Symbol) -> str:
    attributes = _attributes(cursor, symbol)
    head = "".join(f"{attribute} " for attribute in attributes if not attribute.startswith("@builtin"))
    parameters = [f"{name}: {kind or '?'}" for name, kind in symbol.parameters]
    result = f" -> {symbol.type}" if symbol.type is not None else ""
    text = f"{head}fn {symbol.name}({', '.join(parameters)}){result}"
    if len(text) <= _LONGEST_LINE or len(parameters) < 2:
        return text
    inner = "".join(f"\n    {parameter}," for parameter in parameters)
    return f"{head.rstrip()}{chr(10) if head else ''}fn {symbol.name}({inner}\n){result}"


def _attributes(cursor: Cursor, symbol: Symbol) -> list[str]:
    """The attributes of a module-scope declaration, as the expansion has them."""
    placed = cursor.analysis.globals.declared.get(symbol.name)
    if placed is None or symbol.is_local:
        return []
    node = placed.chunk.node
    attributes: tuple[Attribute, ...] = ()
    if isinstance(node, FunctionDeclaration | VariableDeclaration):
        attributes = node.attributes
    return [" ".join(placed.chunk.text[one.start : one.end].split()) for one in attributes]


def _evaluated_attributes(cursor: Cursor, symbol: Symbol) -> list[str]:
    """Like _attributes, with the numbers of a binding computed."""
    for binding in reflection(cursor).bindings if symbol.space in ("storage", "uniform", "handle") else ():
        if binding.start == symbol.start and binding.group is not None and binding.binding is not None:
            return [f"@group({binding.group})", f"@binding({binding.binding})"]
    return _attributes(cursor, symbol)


def struct_text(kind: Type) -> str:
    """A struct with the place of each member in memory."""
    found = layout(kind)
    lines = [f"struct {kind.name} {{"]
    members = kind.members or ()
    rows = [f"    {member.name}: {member.type}," for member in members[:_MOST_MEMBERS]]
    width = min(48, max(map(len, rows), default=0))
    for number, row in enumerate(rows):
        if found is not None:
            place = found.members[number]
            row = f"{row:<{width}}  // offset {place.offset}, size {place.size}, align {place.align}"
        lines.append(row)
    if len(members) > _MOST_MEMBERS:
        lines.append(f"    // ... {len(members) - _MOST_MEMBERS} more")
    lines.append("}")
    return "\n".join(lines)


# Facts


def facts(cursor: Cursor, symbol: Symbol) -> list[str]:
    """Sentences about size, binding, value and use."""
    kind = symbol.type
    if symbol.kind == "function":
        return _entry_point_facts(cursor, symbol)
    if symbol.kind == "member":
        return _member_facts(cursor, symbol)
    if symbol.kind in ("struct", "alias"):
        return [layout_line(kind).capitalize(), *_space_facts(cursor, symbol)]
    if symbol.kind == "var" and not symbol.is_local:
        return _variable_facts(cursor, symbol)
    if symbol.kind == "override":
        return _override_facts(cursor, symbol)
    if symbol.kind == "var" and kind is not None and not kind.is_scalar:
        return [layout_line(kind).capitalize()]
    return []


def reflection(cursor: Cursor) -> Reflection:
    overrides = cursor.view.variants[cursor.context.variant_index].overrides
    return cursor.front_end.reflection(cursor.expansion, overrides)


def _variable_facts(cursor: Cursor, symbol: Symbol) -> list[str]:
    found: list[str] = []
    if symbol.space == "workgroup":
        line = layout_line(symbol.type)
        found.extend([f"Workgroup memory: {line}"] if line else [])
        return found
    for binding in reflection(cursor).bindings:
        if binding.start == symbol.start:
            where = f"group {binding.group}, binding {binding.binding}"
            size = f"; a bound buffer has at least {binding.minimal_size} bytes" if binding.minimal_size else ""
            found.append(f"Binding: {where}{size}")
    return found or [layout_line(symbol.type).capitalize()]


def _override_facts(cursor: Cursor, symbol: Symbol) -> list[str]:
    for constant in reflection(cursor).overrides:
        if constant.name == symbol.name:
            now = f"Set by the pipeline as {inline_code(str(constant.key))}"
            if constant.value is not None:
                return [f"{now}; {constant.value} in this variant"]
            return [now + ("" if constant.has_default else "; it must be given")]
    return []


def _entry_point_facts(cursor: Cursor, symbol: Symbol) -> list[str]:
    for entry in reflection(cursor).entry_points:
        if entry.name == symbol.name:
            return _entry_lines(entry)
    return []


def _entry_lines(entry: EntryPoint) -> list[str]:
    words = [f"{entry.stage.capitalize()} entry point"]
    if entry.workgroup_size is not None:
        shown = " x ".join("?" if number is None else str(number) for number in entry.workgroup_size)
        words.append(f"workgroup size {shown}" + (f" = {entry.invocations}" if entry.invocations else ""))
    if entry.workgroup_variables:
        amount = "of unknown size" if entry.workgroup_storage is None else f"{entry.workgroup_storage} bytes"
        words.append(f"workgroup storage {amount} in {len(entry.workgroup_variables)} variables")
    if entry.bindings:
        words.append(f"{len(entry.bindings)} bindings")
    return ["; ".join(words)]


def _member_facts(cursor: Cursor, symbol: Symbol) -> list[str]:
    owner = cursor.analysis.global_symbol(symbol.owner)
    found = layout(owner.type) if owner is not None and owner.type is not None else None
    for member in found.members if found is not None else ():
        if member.name == symbol.name:
            return [f"Offset {member.offset}, size {member.size}, align {member.align} bytes in {symbol.owner}"]
    return []


def _space_facts(cursor: Cursor, symbol: Symbol) -> list[str]:
    """In which address spaces a struct is used, and what `uniform` would not allow."""
    spaces = dict.fromkeys(
        one.space
        for one in cursor.analysis.global_symbols
        if one.kind == "var" and one.space and one.type is not None and contains(one.type, symbol.name)
    )
    found = [f"Used in {', '.join(f'`{space}`' for space in spaces)}"] if spaces else []
    if "uniform" in spaces and symbol.type is not None:
        found.extend(uniform_problems(symbol.type))
    return found


def contains(kind: Type, name: str, depth: int = 8) -> bool:
    """Whether a type is, or has in it, the struct called `name`."""
    if kind.name == name:
        return True
    if depth == 0:
        return False
    inner = [argument for argument in kind.arguments if isinstance(argument, Type)]
    inner += [member.type for member in kind.members or ()]
    return any(contains(one, name, depth - 1) for one in inner)


def uniform_problems(kind: Type) -> list[str]:
    """Members whose place the uniform address space forbids (without uniform_buffer_standard_layout)."""
    found = layout(kind)
    problems = []
    for member in found.members if found is not None else ():
        inner = layout(member.type)
        if member.type.is_array and inner is not None and inner.stride % 16:
            problems.append(f"In `uniform`, the stride {inner.stride} of `{member.name}` must be a multiple of 16")
        elif (member.type.is_array or member.type.is_struct) and member.offset % 16:
            wanted = round_up(16, member.offset)
            problems.append(f"In `uniform`, `{member.name}` must begin at a multiple of 16 such as {wanted}")
    return problems


# Comments


def documentation(cursor: Cursor, symbol: Symbol) -> str:
    """The comment directly above a declaration, or behind it on its line."""
    return documentation_at(cursor, cursor.written(Span(symbol.start, symbol.end)))


def documentation_at(cursor: Cursor, location: Location | None) -> str:
    return comment_above(cursor.snapshot.text(location.path), location.span.start) if location is not None else ""


_ATTRIBUTE_LINE = re.compile(r"[ \t]*@[^;{]*$")


def comment_above(source: SourceFile, offset: int) -> str:
    """What the comments directly above `offset`, or else behind it on its line, say."""
    lines, text = source.lines, source.text
    comments = comment_spans(text)
    ends = [comment.end for comment in comments]
    above = lines.line_of(offset) - 1
    while above >= 0 and _ATTRIBUTE_LINE.match(text[lines.line_start(above) : lines.line_end(above)]):
        above -= 1
    words: list[str] = []
    index = bisect_right(ends, lines.line_end(above)) - 1 if above >= 0 else -1
    while index >= 0:
        comment = comments[index]
        first = lines.line_of(comment.start)
        alone = not text[lines.line_start(first) : comment.start].strip()
        if not alone or text[comment.end : lines.line_end(above)].strip() or lines.line_of(comment.end) != above:
            break
        if text.startswith("/*", comment.start):
            return _as_markdown(words[::-1]) if words else _block_comment(text[comment.start : comment.end])
        words.append(_line_comment(text[comment.start : comment.end]))
        above, index = first - 1, index - 1
    if words:
        return _as_markdown(words[::-1])
    line = lines.line_of(offset)
    behind = next((one for one in comments if offset <= one.start and lines.line_of(one.start) == line), None)
    if behind is None or not text[offset : behind.start].rstrip(" \t").endswith((";", ",")):
        return ""
    if not text.startswith("//", behind.start):
        return ""
    return markdown_prose(_line_comment(text[behind.start : behind.end]).strip())


def _line_comment(comment: str) -> str:
    return comment[2:].lstrip("/!<").removeprefix(" ").rstrip(" \t\r")


def _block_comment(comment: str) -> str:
    inner = comment[2:].removesuffix("*/").lstrip("*!")
    return _as_markdown([line.strip().removeprefix("*").strip() for line in inner.strip().split("\n")])


def _as_markdown(lines: list[str]) -> str:
    """Comment lines as one paragraph each; rulers such as `-----` are left out."""
    kept = [line for line in lines if not line or re.search(r"\w", line)]
    return "\n".join(f"{markdown_prose(line)}  " if line else "" for line in kept).strip()
