"""What WGSL itself says: functions, types, attributes, @builtin values, enumerants, extensions and keywords as
pages. The texts are those of the table of builtins."""

from __future__ import annotations

from wgsl_ls.analysis.features.rich_text import Page
from wgsl_ls.wgsl.builtins import (
    ATTRIBUTES,
    BUILTIN_VALUES,
    CONSTRUCTORS,
    ENABLE_EXTENSIONS,
    ENUMERANTS,
    FUNCTIONS,
    LANGUAGE_FEATURES,
    TYPES,
    Attribute,
    BuiltinFunction,
    BuiltinType,
    BuiltinValue,
    Enumerant,
)
from wgsl_ls.wgsl.layout import layout
from wgsl_ls.wgsl.overloads import overloads_of, predeclared_alias
from wgsl_ls.wgsl.signatures import Overload
from wgsl_ls.wgsl.types import Type, make

_MOST_OVERLOADS = 6

KEYWORD_DOCS = {
    "alias": ("Another name for a type.", "type-alias-decl"),
    "break": ("Leaves the innermost loop or switch; `break if` ends a continuing block.", "break-statement"),
    "case": ("A clause of a switch: its selectors are constants; there is no fall-through.", "switch-statement"),
    "const": ("A constant known when the shader is compiled.", "const-decls"),
    "const_assert": ("Stops compilation when its constant condition is false.", "const-assert-statement"),
    "continue": ("Goes on with the next round of the innermost loop.", "continue-statement"),
    "continuing": ("The block at the end of a loop that runs before each next round.", "continuing-statement"),
    "default": ("The clause of a switch for every other value.", "switch-statement"),
    "diagnostic": ("Sets the severity of a diagnostic rule, for all of the module or a part.", "diagnostics"),
    "discard": ("Makes the fragment invocation a helper: its outputs are dropped.", "discard-statement"),
    "else": ("The other branch of an if.", "if-statement"),
    "enable": ("Turns on an optional extension; stands before every declaration.", "enable-directive-section"),
    "false": ("A bool.", "boolean-literals"),
    "fn": ("A function. Recursion is not allowed.", "function-declaration-sec"),
    "for": ("A loop with initialiser, condition and update.", "for-statement"),
    "if": ("Runs a block when its condition, a bool, is true.", "if-statement"),
    "let": ("A value computed when it is reached; it never changes.", "let-decls"),
    "loop": ("A loop without condition: ends with break or return.", "loop-statement"),
    "override": ("A constant that the host sets when it creates the pipeline.", "override-decls"),
    "requires": ("Says which language features the shader needs.", "requires-directive-section"),
    "return": ("Leaves the function with a value if it has a result.", "return-statement"),
    "struct": ("A type with named members.", "struct-types"),
    "switch": ("Picks one clause by an integer.", "switch-statement"),
    "true": ("A bool.", "boolean-literals"),
    "var": ("A variable: memory with an address space, a store type and an access mode.", "var-decls"),
    "while": ("A loop that runs as long as its condition is true.", "while-statement"),
}  # fmt: skip

_SPECIFICATION = "https://www.w3.org/TR/WGSL/#"


def function_page(name: str, chosen: int | None = None) -> Page:
    """A builtin function or constructor; `chosen`: the overload that a call means comes first."""
    page = Page()
    function = FUNCTIONS.get(name) or CONSTRUCTORS.get(name)
    if function is None:
        return page
    overloads = list(overloads_of(name))
    if chosen is not None and chosen < len(overloads):
        overloads.insert(0, overloads.pop(chosen))
    shown = overloads[: 1 if chosen is not None else _MOST_OVERLOADS]
    lines = [f"fn {overload_text(overload)}" for overload in shown]
    hidden = len(overloads) - len(shown)
    if hidden:
        lines.append(f"// and {hidden} more overload{'s' if hidden > 1 else ''}")
    page.code("\n".join(lines))
    page.add(function.doc)
    _needs(page, function)
    page.add(f"[WGSL specification]({function.url})")
    return page


def overload_text(overload: Overload) -> str:
    """The overload with what its type variables may be."""
    domains = [f"{name}: {' or '.join(map(str, alternatives))}" for name, alternatives in overload.domains]
    return overload.label + (f"  // {'; '.join(domains)}" if domains else "")


def _needs(page: Page, function: BuiltinFunction) -> None:
    notes = []
    if function.enable:
        notes.append(f"needs `enable {function.enable};`")
    if function.requires:
        notes.append(f"needs the language feature `{function.requires}`")
    if len(function.stages) < 3:
        notes.append(f"in {' and '.join(function.stages)} shaders only")
    if function.uniformity == "workgroup":
        notes.append("must be called in uniform control flow")
    elif function.uniformity is not None:
        notes.append(f"must be called in uniform control flow (rule `{function.uniformity}_uniformity`)")
    if notes:
        page.add("; ".join(notes).capitalize() + ".")


def type_page(name: str, kind: Type | None = None) -> Page:
    """A predeclared type; `kind`: with its arguments, as it stands in the text."""
    page = Page()
    found = TYPES.get(name)
    if found is None:
        return page
    kind = kind or predeclared_alias(name) or (make(name) if not found.template else None)
    shown = f"{name}<{', '.join(found.template)}>" if found.template else name
    if found.alias_of is not None:
        shown = f"alias {name} = {found.alias_of}"
    elif kind is not None:
        shown = str(kind)
    page.code(shown)
    return _documented(page, found, layout_line(kind))


def layout_line(kind: Type | None) -> str:
    """`size 16, align 16` of a type in memory; "" when it has no layout."""
    found = layout(kind) if kind is not None else None
    if found is None:
        return ""
    line = f"size {found.size}, align {found.align}"
    if found.stride:
        line += f", stride {found.stride}"
    if found.is_runtime_sized:
        line = f"runtime-sized: {line.replace('size', 'size of one element' if kind and kind.is_array else 'size')}"
    return line + " bytes"


def attribute_page(name: str) -> Page:
    found = ATTRIBUTES.get(name)
    if found is None:
        return Page()
    page = Page()
    page.code("\n".join(found.forms))
    return _documented(page, found, f"Stands on: {', '.join(found.places)}.")


def builtin_value_page(name: str) -> Page:
    found = BUILTIN_VALUES.get(name)
    if found is None:
        return Page()
    page = Page()
    page.code(f"@builtin({name}): {found.type}")
    uses = ", ".join(f"{stage} {direction}" for stage, direction in found.uses)
    return _documented(page, found, f"{uses.capitalize()}.")


def enumerant_page(name: str) -> Page:
    found = ENUMERANTS.get(name)
    if found is None:
        return Page()
    page = Page()
    page.add(f"`{name}` ({found.kind.replace('_', ' ')})")
    return _documented(page, found)


def _documented(page: Page, found: Attribute | BuiltinType | BuiltinValue | Enumerant, more: str = "") -> Page:
    """What stands below the head of every page: documentation, `more`, the extension it needs, where to read on."""
    page.add(found.doc)
    page.add(more)
    if found.enable:
        page.add(f"Needs `enable {found.enable};`.")
    if found.requires:
        page.add(f"Needs the language feature `{found.requires}`.")
    page.add(f"[WGSL specification]({found.url})")
    return page


def extension_page(name: str, keyword: str = "enable") -> Page:
    page = Page()
    found = (ENABLE_EXTENSIONS if keyword == "enable" else LANGUAGE_FEATURES).get(name)
    if found is not None:
        page.code(f"{keyword} {name};")
        page.add(found.doc)
        if found.feature:
            page.add(f"Needs the device feature `{found.feature}`.")
        if found.implied:
            page.add(f"Turns on {', '.join(f'`{one}`' for one in found.implied)} too.")
        if not found.standard:
            page.add("Not part of WGSL: known to Dawn only.")
        page.add(f"[documentation]({found.url})")
    return page


def keyword_page(word: str) -> Page:
    page = Page()
    known = KEYWORD_DOCS.get(word)
    if known is not None:
        page.add(f"`{word}`: {known[0]}")
        page.add(f"[WGSL specification]({_SPECIFICATION}{known[1]})")
    return page


def name_page(name: str) -> Page:
    """Whatever WGSL predeclares under a name, without regard to its place."""
    if name in FUNCTIONS:
        return function_page(name)
    if name in TYPES:
        return type_page(name)
    if name in ENUMERANTS:
        return enumerant_page(name)
    return keyword_page(name)
