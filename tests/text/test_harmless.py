"""The workspace's words where text is interpreted: each function against a reader that does interpret."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt

from tests.analysis.fixture import Project
from wgsl_ls.analysis.features.hover import hover
from wgsl_ls.analysis.presence import explain_line
from wgsl_ls.server.handlers.explain import as_markdown
from wgsl_ls.server.markdown import markdown
from wgsl_ls.text.harmless import (
    code_block,
    inline_code,
    json_text,
    label,
    lines,
    markdown_prose,
    markdown_text,
    notice,
    one_line,
    plain,
    uri_reference,
    without_commands,
)

HOSTILE = [
    "![b](https://e.example/b.png) [go](command:evil) <img src=x> <https://e.example> `code` ``` ~~~ | &lt; *a* _b_",
    "`",
    "``` `` `",
    "\\",
    "\\`<img src=x>`",
    "`unclosed <img src=x> ![b](https://e.example/b.png)",
    "``a` <img src=x>``` [go](command:evil)",
    "# heading",
    "> quote",
    "\n\n<img src=x>\n```\n<script>",
    "\x1b[31m\x9b\u202e\u2028\r\0\ufffe\udcff",
]


def rendered(text: str) -> str:
    """As a client does that lets HTML through."""
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def tags(html: str) -> set[str]:
    return set(re.findall(r"<(\w+)", html))


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_of_words_is_only_words(text: str) -> None:
    shown = MarkdownIt("commonmark").render
    assert tags(rendered(f"x {markdown_text(text)} y")) == {"p"}
    assert tags(rendered(markdown_text(text))) <= {"p"}
    assert tags(rendered(inline_code(text))) == {"p"} | ({"code"} if text.strip() else set())
    assert tags(rendered(f"| a |\n| --- |\n| {inline_code(text).replace('|', chr(92) + '|')} |")) <= {
        *("table", "thead", "tr", "th", "tbody", "td", "code"),
    }
    assert tags(rendered(code_block(text, "wgsl") + "\n\nbehind")) == {"pre", "code", "p"}
    assert not tags(rendered(f"x {markdown_prose(text)}")) & {"img", "a", "script"}
    for function in (markdown_text, inline_code, code_block, markdown_prose, plain, one_line, lines):
        function(text).encode("utf-8")
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\ufffe]", function(text))
    assert "\n" not in markdown_text(text) + inline_code(text) + one_line(text)
    assert shown(markdown_text("a_b*c")) == "<p>a_b*c</p>\n"


def test_comments_keep_their_markdown() -> None:
    html = rendered(markdown_prose("of *rows*, see `a[1] < b` and ``c`d``"))
    assert "<em>rows</em>" in html and "<code>a[1] &lt; b</code>" in html and "<code>c`d</code>" in html


@pytest.mark.parametrize("text", HOSTILE)
def test_places_stay(text: str) -> None:
    assert len(plain(text)) == len(one_line(text)) == len(text)
    assert json.loads(json_text({"a": text}).encode("utf-8")) == {"a": text}
    assert unquote(uri_reference(text), errors="surrogateescape").endswith(text)


def test_a_reference_names_no_host_and_no_scheme() -> None:
    assert uri_reference("//host/x") == "/.//host/x"
    assert ":" not in uri_reference("javascript:x")


@pytest.mark.parametrize("text", ["::error::x", "a\n  ::error::x", "a\n\t::stop-commands::x", "x ##[error]y"])
def test_lines_of_a_log_are_no_commands(text: str) -> None:
    assert not re.search(r"^\s*::|##\[", without_commands(text), re.M)


def test_without_commands_leaves_what_is_none() -> None:
    for text in ("a::b", "x: ::error", "# [x]"):
        assert without_commands(text) == text


BEACON = "` ![b](https://e.example/b.png) [go](command:evil) <img src=x> | \x1b[31m"


def test_hover_and_explain_show_words_only() -> None:
    text = (
        f"#define EVIL {BEACON}\n// doc {BEACON}\nfn f() {{}}\n"
        "#ifdef Q <img src=x>\n#define T 1\n#endif\n#if EVIL\n#endif\n"
        '#include "![b](https://e.example/b.png)<img>"\nconst a = EVIL + T;\n'
    )
    places = [match.start() for match in re.finditer(r"EVIL|f\(\)|#ifdef|#if|#endif|#include|\bT\b|Q", text)]
    for place in places:
        project = Project.of(f"{text[:place]}$0{text[place:]}", variants={BEACON: ["Q"], f"{BEACON}2": []})
        found = hover(project.cursor())
        if found is not None:
            html = rendered(markdown(project.host.snapshot().read, found.text))
            html = re.sub(r'<a href="file:///[^"<>]*">[^<>]*</a>', "", html)
            assert not tags(html) & {"img", "a", "script"}, html
    project = Project.of(text, variants={BEACON: ["Q"], f"{BEACON}2": []})
    snapshot = project.host.snapshot()
    (root,) = snapshot.roots()
    view = snapshot.root(root)
    assert view is not None
    for line in range(text.count("\n")):
        html = rendered(as_markdown(explain_line(snapshot, view, root, line)))
        assert not tags(html) & {"img", "a", "script"}, html


def test_notifications_have_no_links_and_labels_no_icons() -> None:
    assert notice("run of [click](command:evil) and\n[a] (b)") == "run of [click] (command:evil) and [a] (b)"
    assert label("$(pass) good \x1b $5 (x)") == "$ (pass) good ␛ $5 (x)"
