"""Constructs of C++ (constructs.txt): the macros that a host written with them gives, or the gap."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.host.host_fixture import read

_TYPES = """enum Kind { KIND_A, KIND_B = 4, KIND_C };
struct Ctx { Kind kind; bool fast; bool wide; int n; std::vector<std::string> extras; };
"""


@dataclass(frozen=True, slots=True)
class Construct:
    title: str
    parts: dict[str, str]

    @property
    def text(self) -> str:
        return f"""{_TYPES}{self.parts.get("before", "")}
struct Library {{
    pre::Preprocessor p;
    Pipeline make(const Ctx & ctx) {{
        std::vector<std::string> defs;
        {self.parts["code"]}
        return compile(p.preprocess(src_blur, defs), "blur");
    }}
}};
"""


def constructs() -> list[Construct]:
    found = []
    text = Path(__file__).with_name("constructs.txt").read_text("utf-8")
    for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        title, *parts = re.split(r"^--- (\w+)\n", block, flags=re.MULTILINE)
        named = dict(zip(parts[::2], (one.strip() for one in parts[1::2]), strict=True))
        found.append(Construct(title.strip(), named))
    return found


@pytest.mark.parametrize("construct", constructs(), ids=lambda one: one.title)
def test_a_construct_gives_what_a_compiler_makes_of_it(construct: Construct) -> None:
    reading = read(construct.text)
    found = {frozenset(one.text for one in variant.defines if one.text) for variant in reading.variants}
    gap = construct.parts.get("gap")
    if gap is not None:
        assert gap in [one.what for one in reading.gaps]
        return
    wanted = {
        frozenset(line.split(" | ")) if line != "(none)" else frozenset[str]()
        for line in construct.parts["gives"].splitlines()
    }
    assert reading.gaps == ()
    assert found == wanted


def test_a_method_of_an_unknown_object_may_be_that_of_a_derived_class() -> None:
    shapes = "struct Shape { virtual int sides() const { return 1; } }; "
    code = 'if (shape.sides() == 4) defs.push_back("BOX");'
    box = "struct Box : Shape { int sides() const override { return 4; } };"
    for derived, gaps in ("", []), (box, ["sides of shape, which may be of a class that has its own"]):
        text = Construct("", {"before": shapes + derived, "code": code}).text
        reading = read(text.replace("make(const Ctx & ctx)", "make(const Ctx & ctx, const Shape & shape)"))
        assert [one.what for one in reading.gaps] == gaps
