"""Words that no declaration may use as its name: the keywords and reserved words of WGSL.

Predeclared names (types, functions, enumerants) are not here: they may be shadowed, see builtins.py.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEYWORDS = _words(
    "alias break case const const_assert continue continuing default diagnostic discard else enable false fn for "
    "if let loop override requires return struct switch true var while"
)

STAGES = ("compute", "vertex", "fragment")
"""Attributes that make a function an entry point."""

# https://www.w3.org/TR/WGSL/#reserved-words
RESERVED_WORDS = _words(
    """
    NULL Self abstract active alignas alignof as asm asm_fragment async attribute auto await become cast catch
    class co_await co_return co_yield coherent column_major common compile compile_fragment concept const_cast
    consteval constexpr constinit crate debugger decltype delete demote demote_to_helper do dynamic_cast enum
    explicit export extends extern external fallthrough filter final finally friend from fxgroup get goto
    groupshared highp impl implements import inline instanceof interface layout lowp macro macro_rules match
    mediump meta mod module move mut mutable namespace new nil noexcept noinline nointerpolation non_coherent
    noncoherent noperspective null nullptr of operator package packoffset partition pass patch pixelfragment
    precise precision premerge priv protected pub public readonly ref regardless register reinterpret_cast require
    resource restrict self set shared sizeof smooth snorm static static_assert static_cast std subroutine super
    target template this thread_local throw trait try type typedef typeid typename typeof union unless unorm
    unsafe unsized use using varying virtual volatile wgsl where with writeonly yield
    """
)

# Keywords that begin a statement and can stand nowhere inside an expression: safe places to resume parsing.
STATEMENT_KEYWORDS = _words(
    "break case const const_assert continue continuing default discard for if let loop return switch var while"
)

# Keywords that begin a module-scope declaration and never stand inside a function.
DECLARATION_KEYWORDS = _words("alias enable fn override requires struct")
