"""What a compiler says of code that many variants share is made once, and stands in each where it was written."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis import findings
from wgsl_ls.analysis.findings import Finding, engine_findings
from wgsl_ls.preprocess.expansion import Expansion
from wgsl_ls.text.span import Location
from wgsl_ls.wire.jobs import Accepted, EngineMessage, MessageSpan

INCLUDED = "const before = WIDE;\nconst old_one = VALUE; const old_two = 1;\n#if A\n#define DEEP 1\n#endif\n"
TEXT = """\
#if A
const a = VALUE;
#endif
#if C
#define VALUE 1
#endif
#include "h.tmpl"
const old_three = VALUE;
#if B
const old_four = 1;
#else
const old_five = 2;
#endif
#if A
#define LATER 1
#endif
"""
VARIANTS = {
    "none": ["VALUE=1", "WIDE=1"],
    "A": ["A", "VALUE=2", "WIDE=1"],
    "B": ["B", "VALUE=2", "WIDE=(1 + 1)"],
    "C": ["C", "WIDE=1"],
    "B, as long": ["B", "VALUE=1", "WIDE=1"],
    "A+B": ["A", "B", "VALUE=1", "WIDE=(1 + 1)"],
}
EDITS = {
    "": ("", "", ""),
    "behind": ("", "", "#define OLD 1\n"),
    "before": ("const early = 1;\n", "", ""),
    "in the include": ("", "// a line\n", ""),
    "another name": ("#define VALUE 3\n", "#define OLD old_two\nconst c = OLD;\n", ""),
}

KINDS = (("deprecated", "LATER"), ("name", "LATER"), ("name", "DEEP"), ("name", "OLD"), ("name", "nowhere"))
"""With the name of which it is said, which may be that of a macro somewhere."""


def said(project: Project, index: int) -> list[Finding]:
    """Of every word that begins with "old": a warning there, and one from there to the word behind."""
    expansion = project.view().expansion(index)
    places = [match.span() for match in re.finditer(r"old\w*|\d+(?=;)", expansion.text)]
    messages = [
        EngineMessage("warning", "old", spans, kind=kind, subject=subject)
        for number, (start, end) in enumerate(places)
        for word, see in ((MessageSpan(start, end, ""), MessageSpan(*places[number - 1], "see")),)
        for line_end in (expansion.text.find("\n", start),)
        for spans in (
            (word,),
            (word, see),
            (word, replace(see, label="saw")),
            (word, MessageSpan(start, len(expansion.text), "all")),
            (MessageSpan(start, line_end, "over a macro"), word),
            (MessageSpan(start, line_end - 1, "to the end of one"),),
            (MessageSpan(line_end - 2, line_end, "out of one"),),
            (MessageSpan(line_end - 1, line_end, "behind one"),),
        )
        for kind, subject in KINDS
    ]
    return engine_findings(expansion, "dawn", Accepted(tuple(messages)))


@pytest.mark.parametrize("includes", ["native", "textual"])
def test_it_is_what_it_would_be_if_it_were_made_anew(monkeypatch: pytest.MonkeyPatch, includes: str) -> None:
    config = f'includes = "{includes}"\n[[shader]]\nfiles = ["a.wgsl"]\n' + "".join(
        f'[[shader.variant]]\nname = "{name}"\ndefines = {defines}\n' for name, defines in VARIANTS.items()
    )
    project = Project.of({"a.wgsl": TEXT, "h.tmpl": INCLUDED, "wgsl-ls.toml": config})
    n_made: Counter[str] = Counter()
    make = findings._from_message

    def counted(expansion: Expansion, engine: str, message: EngineMessage, root: Location) -> Finding:
        n_made[message.kind] += 1
        return make(expansion, engine, message, root)

    monkeypatch.setattr(findings, "_from_message", counted)
    for top, of_include, end in EDITS.values():
        project.edit("a.wgsl", top + TEXT + end)
        project.edit("h.tmpl", of_include + INCLUDED)
        n_made.clear()
        known = [said(project, index) for index in range(len(VARIANTS))]
        n_with_memo = Counter(n_made)
        n_made.clear()
        with monkeypatch.context() as anew:
            anew.setattr(findings, "_key_of", lambda *given: None)
            for index, one in enumerate(known):
                assert said(project, index) == one
        for kind, n_anew in n_made.items():
            assert n_with_memo[kind] < n_anew if includes == "native" else n_with_memo[kind] == n_anew
