"""Formatting: what it does, what it leaves alone, and that it settles."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wgsl_ls
from wgsl_ls.analysis.features.format_check import edited
from wgsl_ls.analysis.features.formatting import _AT_ONCE, format_steps, same_tokens
from wgsl_ls.preprocess.dialect import GGML
from wgsl_ls.preprocess.directives import parse_directives
from wgsl_ls.text.line_index import LineIndex
from wgsl_ls.text.steps import finished

SHADERS = sorted((Path(__file__).parents[1] / "shaders").glob("*.*l"))


def formatted(text: str, indent: int = 4) -> str:
    return edited(text, finished(format_steps(parse_directives(text, GGML), LineIndex(text), indent)))


UGLY = """\
  #ifdef A
fn f( a:u32,b : vec4<f32> )->f32{
let x=a+ 1u ;  // keep me
  if(x>2u){
return -b.x*vec2< f32 >( 1.0 , 2.0 ).y;
        }
    #else
fn f(a : u32) -> f32 {
    #endif
/* a comment
      stays as it is */
  for (var i=0u;i<4u;i++) { g( i ) ; }
      let long = a
        + b;
let call = f(1,
             2);
let other = f(
1,
2
);
let i0    = 1;
return x[ 0 ];
}
   #define KEEP   1   +   2   \t
"""

NEAT = """\
#ifdef A
fn f(a: u32, b: vec4<f32>) -> f32 {
    let x = a + 1u;  // keep me
    if (x > 2u) {
        return -b.x * vec2<f32>(1.0, 2.0).y;
    }
#else
fn f(a: u32) -> f32 {
#endif
/* a comment
      stays as it is */
    for (var i = 0u; i < 4u; i++) { g(i); }
    let long = a
      + b;
    let call = f(1,
                 2);
    let other = f(
        1,
        2
    );
    let i0    = 1;
    return x[0];
}
#define KEEP   1   +   2
"""


def test_what_it_does() -> None:
    assert formatted(UGLY) == NEAT


def test_it_settles() -> None:
    assert formatted(NEAT) == NEAT


def test_crlf_and_continuations_stay() -> None:
    text = "#define A \\\r\n   1\r\nlet x=A;\r\n"
    assert formatted(text) == "#define A \\\r\n   1\r\nlet x = A;\r\n"


OPERATORS = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "<", ">", "<=", ">=", "==", "!=", "&&", "||"]
ASSIGNING = ["=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="]
"""Those of https://www.w3.org/TR/WGSL/#syntactic-token."""
LINES = {
    "a binary operator at the very beginning": ("a-b;", "a - b;"),
    "operators": ("x=a*b+c/d%e&f|g^h<<i>>j;", "x = a * b + c / d % e & f | g ^ h << i >> j;"),
    "comparisons": ("x=a<b&&c>=d||e==f;", "x = a < b && c >= d || e == f;"),
    "assignments": ("a+=1;\nb<<=2;", "a += 1;\nb <<= 2;"),
    "signs": ("x = a- - b+ -c;\ny = (-1)*f(-2, ! d, ~ e);", "x = a - -b + -c;\ny = (-1) * f(-2, !d, ~e);"),
    "a sign before a sign or a number": ("x = - - a * - 1;", "x = - -a * -1;"),
    "pointers": ("let p =& a;\n* p = * q* * r;", "let p = &a;\n*p = *q * *r;"),
    "a sign behind a word": (
        "return-1;\nif-a>b{}\nwhile-a>b{}\nswitch-a{case-1:{}}\nbreak if!a;\nconst_assert-1<0;\nlet a=~b;\nf(~b);",
        "return -1;\nif -a > b {}\nwhile -a > b {}\nswitch -a { case -1: {} }\nbreak if !a;\nconst_assert -1 < 0;\n"
        "let a = ~b;\nf(~b);",
    ),
    "every operator": (
        "".join(f"x=a{one}b;" for one in OPERATORS) + "".join(f"x{one}a;" for one in ASSIGNING),
        " ".join([*(f"x = a {one} b;" for one in OPERATORS), *(f"x {one} a;" for one in ASSIGNING)]),
    ),
    "a sign behind every operator": (
        "".join(f"x=a{one} -b;" for one in OPERATORS), " ".join(f"x = a {one} -b;" for one in OPERATORS),
    ),
    "a sign behind every bracket": ("x = (-a)[-b] + c < - d; {-e; }", "x = (-a)[-b] + c < -d; { -e; }"),
    "steps": ("i ++ ;\nj -- ;", "i++;\nj--;"),
    "brackets": ("x = f (a) [ 0 ] . b;", "x = f(a)[0].b;"),
    "what a gap keeps apart": (
        "x = 1 . b;\ny = a -- b;\nz = a. 5;\nw = & & a;\nv = ! = a;",
        "x = 1 .b;\ny = a-- b;\nz = a. 5;\nw = & &a;\nv = ! = a;",
    ),
    "templates": ("x = vec2 < f32 > (1) < y;", "x = vec2<f32>(1) < y;"),
    "attributes": (
        "@group( 0 )@binding(1)var<storage,read_write>a:u32;",
        "@group(0) @binding(1) var<storage, read_write> a: u32;",
    ),
    "words before brackets": (
        "if(a){ } else if(b){ }\nfor(;;){}\nwhile(a){}\nswitch(a){default:{}}",
        "if (a) {} else if (b) {}\nfor (;;) {}\nwhile (a) {}\nswitch (a) { default: {} }",
    ),
    "a bracket behind a bracket": ("x = (a)(b) + (c) (d);", "x = (a)(b) + (c) (d);"),
    "blocks on one line": ("fn f()->u32{}\nstruct S{a:u32,}", "fn f() -> u32 {}\nstruct S { a: u32, }"),
    "comments": ("x = a/* c */-1;\n/* d */ -1;", "x = a /* c */ - 1;\n/* d */ -1;"),
    "the distance of comments": ("f(1,\t/* a */\t2);\t// b  ", "f(1,\t/* a */\t2);\t// b"),
    "columns": ("x    = 1;\nlong = 2;", "x    = 1;\nlong = 2;"),
}  # fmt: skip


INDENTS = {
    "code behind a comment of several lines": (
        "/* a\n  b */ if(x){\ny=1;\n}\n", "/* a\n  b */ if(x){\n      y = 1;\n  }\n",
    ),
    "behind a line that is no WGSL": ("{\n    if \\ {\ny;\n}\n}\n", "{\n    if \\ {\n        y;\n    }\n}\n"),
    "branches in branches": (
        "#if A\nif (a) {\n#if B\n#endif\n#else\n  x;\n#endif\n", "#if A\nif (a) {\n#if B\n#endif\n#else\nx;\n#endif\n",
    ),
    "every branch begins as the first": (
        "#if A\nif (a) {\n#elif B\n  x;\n#endif\n", "#if A\nif (a) {\n#elif B\nx;\n#endif\n",
    ),
    "a statement that goes on": ("const a = 1\n+ 2\n  + 3;\n", "const a = 1\n    + 2\n  + 3;\n"),
    "behind a block": ("{\nif a {\n}\nx = 1;\n}\n", "{\n    if a {\n    }\n    x = 1;\n}\n"),
    "a macro alone on its line": (
        "{\nMACRO\nx = 1;\nMACRO y\nz;\n}\n", "{\n    MACRO\n    x = 1;\n    MACRO y\n        z;\n}\n",
    ),
    "a bracket that its block does not close": (
        "fn f() {\nlet a = (1;\nb();\n}\nconst c = 1;\n",
        "fn f() {\n    let a = (1;\n    b();\n    }\nconst c = 1;\n",
    ),
    "brackets that close others": (
        "fn f() {\nlet a = b[(1];\nlet c = d);\n}\nconst e = 1;\n",
        "fn f() {\n    let a = b[(1];\n    let c = d);\n}\nconst e = 1;\n",
    ),
    "a continuation without anything": ("#define A \\\n  \nx;\n", "#define A \\\n\nx;\n"),
    "nesting that no compiler takes": ("{\n" * 258, "".join(f"{' ' * 4 * n}{{\n" for n in range(257)) + "{\n"),
}  # fmt: skip


@pytest.mark.parametrize(("written", "expected"), INDENTS.values(), ids=INDENTS)
def test_where_a_line_begins(written: str, expected: str) -> None:
    assert formatted(written) == formatted(expected) == expected


@pytest.mark.parametrize(("written", "expected"), LINES.values(), ids=LINES)
def test_spaces_of_a_line(written: str, expected: str) -> None:
    assert formatted(written + "\n") == expected + "\n"


def test_many_lines_take_steps_in_proportion() -> None:
    n_lines = 40 * _AT_ONCE
    text = "a = 1;\n" * n_lines
    found = sum(1 for _ in format_steps(parse_directives(text, GGML), LineIndex(text), 4))
    assert n_lines // _AT_ONCE <= found <= 4 * n_lines // _AT_ONCE


@pytest.mark.parametrize("path", SHADERS, ids=[path.name for path in SHADERS])
def test_our_family_settles_and_keeps_its_tokens(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    once = formatted(text)
    assert formatted(once) == once
    assert text.count("\n") == once.count("\n")
    files = {other.name: other.read_text(encoding="utf-8") for other in SHADERS}
    for defines in (["K_F16", "V_F16", "MASK"], ["K_Q8_0", "V_Q4_0", "SINKS", "K_DIRECT"]):
        before = wgsl_ls.expand(path.name, files=files, defines=defines).text
        after = wgsl_ls.expand(path.name, files={**files, path.name: once}, defines=defines).text
        assert same_tokens(before, after)


def _squeezed(line: str) -> str:
    """Without the spaces round operators and brackets, where there is no comment."""
    if line.lstrip().startswith("#") or "//" in line or "/*" in line:
        return line
    code = line.lstrip()
    return line[: len(line) - len(code)] + re.sub(r" ?([=+*/%<>&|!-]+|[{}(),:;]) ?", r"\1", code)


@pytest.mark.parametrize("path", [path for path in SHADERS if path.suffix != ".toml"], ids=lambda path: path.name)
@pytest.mark.parametrize("spoil", [lambda line: line.lstrip(" \t"), _squeezed], ids=["indentation", "spaces"])
def test_what_our_family_looks_like_follows_from_its_tokens(path: Path, spoil: Callable[[str], str]) -> None:
    text = path.read_text(encoding="utf-8")
    spoiled = "\n".join(map(spoil, text.split("\n")))
    assert formatted(spoiled) == text


@settings(max_examples=150)
@given(st.text(alphabet="#ifel nd{}()[]<>/*\n\t a1=+-.,;:@!", max_size=150))
def test_any_text_keeps_its_tokens_and_settles(text: str) -> None:
    once = formatted(text)
    assert once.count("\n") == text.count("\n")
    assert formatted(once) == once
    before = wgsl_ls.expand("a", files={"a": text})
    after = wgsl_ls.expand("a", files={"a": once})
    assert before.failed == after.failed
    assert same_tokens(before.text, after.text)
