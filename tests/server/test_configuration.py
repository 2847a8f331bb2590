"""wgsl-ls.toml in an editor: its own features, none of WGSL's. `|` is the cursor in the text that replaces the file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from wgsl_ls.project.keys import FILE, RULE_SETTING, Key, Kind, TableSpec
from wgsl_ls.server.app import WgslServer, make_server
from wgsl_ls.smoke.references import REFERENCES

CONFIG = """\
dialect = "ggml"

[[shader]]
files = ["a.wgsl"]
rules = [{ when = "K_F16", define = ["HALF"] }]

[shader.axes]
K = ["K_F16", "K_Q8_0"]
N = [{ N = 1 }, { N = 2 }]
"""
SHADER = '#include "h.tmpl"\n#ifdef K_F16\nconst a = N;\n#endif\n#define SIZE 4\nconst b = SIZE;\n'
HEADER = "#if defined(K_F16) && N > 1\nconst h = 1;\n#endif\n"


@pytest.fixture
def server(tmp_path: Path) -> WgslServer:
    for name, text in (("wgsl-ls.toml", CONFIG), ("a.wgsl", SHADER), ("h.tmpl", HEADER)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    made = make_server()
    made.protocol.client_capabilities = types.ClientCapabilities()
    made.session.set_folders([str(tmp_path)])
    return made


class Editor:
    """Asks as a client does: through the registered features."""

    def __init__(self, server: WgslServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.path = folder / "wgsl-ls.toml"
        self.uri = self.path.as_uri()

    def write(self, marked: str) -> types.Position:
        text, offset = marked.replace("|", "", 1), max(marked.find("|"), 0)
        self.server.session.files.open_text(str(self.path), text, 1)
        self.server.session.changed()
        line = text.count("\n", 0, offset)
        return types.Position(line, offset - (text.rfind("\n", 0, offset) + 1))

    def ask(self, method: str, **params: Any) -> Any:
        feature = self.server.protocol.fm.features[method]
        kind = types.METHOD_TO_TYPES[method][2]
        made = kind(text_document=types.TextDocumentIdentifier(self.uri), **params)
        answer = feature(made)
        return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer

    def labels(self, marked: str) -> list[str]:
        found = self.ask(types.TEXT_DOCUMENT_COMPLETION, position=self.write(marked))
        return [item.label for item in found.items]

    def completed(self, marked: str, label: str) -> str:
        """The text after the item is chosen."""
        position = self.write(marked)
        found = self.ask(types.TEXT_DOCUMENT_COMPLETION, position=position)
        (item,) = [one for one in found.items if one.label == label]
        lines = marked.replace("|", "", 1).split("\n")
        line = lines[position.line]
        edit = item.text_edit
        assert edit is not None and edit.range.start.line == position.line
        return line[: edit.range.start.character] + edit.new_text + line[edit.range.end.character :]

    def hover(self, marked: str) -> str | None:
        found = self.ask(types.TEXT_DOCUMENT_HOVER, position=self.write(marked))
        return found.contents.value if found is not None else None


@pytest.fixture
def editor(server: WgslServer, tmp_path: Path) -> Editor:
    return Editor(server, tmp_path)


WHOLE = types.Range(types.Position(0, 0), types.Position(99, 0))
OPTIONS = types.FormattingOptions(4, True)
OF_WGSL = [
    (types.TEXT_DOCUMENT_FORMATTING, {"options": OPTIONS}),
    (types.TEXT_DOCUMENT_RANGE_FORMATTING, {"options": OPTIONS, "range": WHOLE}),
    (types.TEXT_DOCUMENT_CODE_LENS, {}),
    (types.TEXT_DOCUMENT_INLAY_HINT, {"range": WHOLE}),
    (types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, {}),
    (types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, {"range": WHOLE}),
    (types.TEXT_DOCUMENT_DOCUMENT_LINK, {}),
    (types.TEXT_DOCUMENT_SELECTION_RANGE, {"positions": [types.Position(0, 0)]}),
    (types.TEXT_DOCUMENT_SIGNATURE_HELP, {"position": types.Position(0, 0)}),
    (types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, {"position": types.Position(0, 0)}),
    (types.TEXT_DOCUMENT_RENAME, {"position": types.Position(3, 3), "new_name": "x"}),
    (types.TEXT_DOCUMENT_PREPARE_RENAME, {"position": types.Position(3, 3)}),
    (types.TEXT_DOCUMENT_TYPE_DEFINITION, {"position": types.Position(3, 3)}),
    (types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY, {"position": types.Position(3, 3)}),
]


@pytest.mark.parametrize(("method", "params"), OF_WGSL, ids=lambda one: one if isinstance(one, str) else "")
@pytest.mark.parametrize("name", ["wgsl-ls.toml", "pyproject.toml", "host.cpp", "list.jsonl"])
def test_no_feature_of_wgsl_answers_elsewhere(editor: Editor, method: str, params: dict[str, Any], name: str) -> None:
    if name != "wgsl-ls.toml":
        (editor.folder / name).write_text("{ a = 1 }\n   {\n   }\n", encoding="utf-8")
        editor.uri = (editor.folder / name).as_uri()
    assert editor.ask(method, **params) is None


@pytest.mark.parametrize("name", ["pyproject.toml", "list.jsonl"])
def test_no_feature_of_the_configuration_answers_elsewhere(editor: Editor, name: str) -> None:
    (editor.folder / name).write_text(CONFIG, encoding="utf-8")
    editor.uri = (editor.folder / name).as_uri()
    context = types.CodeActionContext(diagnostics=[])
    more: dict[str, dict[str, Any]] = {
        types.TEXT_DOCUMENT_REFERENCES: {"context": types.ReferenceContext(True)},
        types.TEXT_DOCUMENT_CODE_ACTION: {"range": WHOLE, "context": context},
        types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: {},
        types.TEXT_DOCUMENT_FOLDING_RANGE: {},
    }
    for method in editor.server.in_configuration:
        params = more.get(method, {})
        if method not in more or method == types.TEXT_DOCUMENT_REFERENCES:
            params = {"position": types.Position(6, 6), **params}
        assert editor.ask(method, **params) is None, method


def test_every_language_feature_is_among_those_tested(server: WgslServer) -> None:
    language = {name for name in server.protocol.fm.features if name.startswith("textDocument/")}
    own = set(server.in_configuration)
    others = {name for name, _ in OF_WGSL} | {
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA,
        types.TEXT_DOCUMENT_DECLARATION,
    }
    everywhere = {f"textDocument/{word}" for word in ("didOpen", "didChange", "didSave", "didClose", "diagnostic")}
    assert language - everywhere == own | others


COMPLETIONS = [
    ("dia|", ["dialect"], ["files", "ggml"]),
    ('dialect = "|"', ["ggml", "pre-wgsl"], ["dialect"]),
    ("dialect = |", ["ggml", "pre-wgsl"], []),
    ("[[shader]]\n|", ["files", "axes", "pick"], ["dialect", "shader"]),
    ('[[shader]]\nfiles = ["|"]', ["a.wgsl", "h.tmpl"], []),
    ('[[shader]]\npick = "|', ["all", "pairwise", "structures", "branches", "most-enabled"], []),
    ('[shader.axes]\nK = ["|', ["K_F16", "N", "SIZE"], ["files"]),
    ("[shader.axes]\n|", [], ["K_F16", "files"]),
    ("[shader.axes]\nK = [{ |", ["K_F16", "N"], ["when"]),
    ('[[shader]]\nrules = [{ when = "K_F16 && |" }]', ["N", "defined"], ["when"]),
    ("[[shader]]\nrules = [{ | }]", ["when", "define", "forbid"], ["files"]),
    ('[[shader]]\ndefines = ["|"]', ["K_F16"], []),
    ('profiles = ["|"]\n[profile.mine]\nf16 = true\n', ["nvidia", "apple-m", "mine"], []),
    ('engines = ["|"]', ["wgpu", "dawn"], []),
    ("[profile.x]\nf16 = |", ["true", "false"], []),
    ("[rules]\n|", ['"lint/unused-macro"'], []),
    ('[rules]\n"lint/unused-macro" = "|"', ["off", "error"], []),
    ('[rules]\n"lint/unused-macro" = { | }', ["severity", "targets", "reason"], ["wgpu"]),
    ('[rules]\n"wgsl/name" = { targets = { | } }', ["wgpu", "dawn", "nvidia"], ["severity"]),
    ('[rules]\n"wgsl/name" = { targets = { wgpu = "|" } }', ["off", "error"], ["dawn"]),
    ("[|", ["host", "rules", "profile.NAME", "shader.axes"], ["shader"]),
    ("[[|", ["shader", "shader.rules", "shader.variant"], ["host"]),
    ("[shader.|", ["axes", "smoke"], ["host"]),
    ('[[shader]]\nname = "one"\n[[shader]]\nextends = "|"', ["one"], []),
    ("[host]\nlibrary = |", ["ggml", "none"], []),
    ("host = |", ["false"], []),
    ("[shader.smoke]\n|", ["values", "buffers", "tolerance"], ["files"]),
    # What is there already is not offered again, but what is being written is.
    ('dialect = "ggml"\ndia|', [], ["dialect"]),
    ('[[shader]]\nfiles = ["a"]\n|', ["axes"], ["files"]),
    ("[shader.axes]\nK = [1]\nN = [{ N = 1, | }]", ["K_F16"], ["N"]),
    ('host = "|"', [], ["false"]),
    ("[profile.|", ["nvidia"], []),
    ('include-dirs = ["|"]', ["."], ["a.wgsl"]),
    ('[[shader]]\ndefines = ["N|"]', ["N"], []),
    ("[[shader]]\nforbid = |", ["N"], ["defined"]),
    ("# |", [], ["dialect"]),
    ('[shader.smoke]\nreference = "|"', list(REFERENCES), ["a.wgsl"]),
    ("[smoke]\nreference = |", list(REFERENCES), []),
    ('[profile.x]\nlacks = ["|"]', ["subgroups", "f16", "packed_4x8_integer_dot_product"], ["x"]),
    ('[host]\ndevice = { limit = "|" }', ["invocations", "subgroup_max", "f16"], ["limit"]),
    ('import = ["|"]', ["list.jsonl"], ["a.wgsl", "host.cpp"]),
    ('[host]\nfiles = ["|"]', ["host.cpp"], ["a.wgsl", "list.jsonl"]),
    ('[[shader]]\n[[shader.variant]]\nname = "one"\n[[shader.variant]]\nextends = "|"', ["one"], []),
]


def keys(spec: TableSpec, header: str = "") -> Iterator[tuple[str, Key]]:
    """Every key of ours, with the header of its table."""
    for key in spec:
        yield header, key
        if key.table is not None:
            name = f"{header.strip('[]')}.{key.name}".strip(".")
            inner = {Kind.TABLES: f"[[{name}]]", Kind.NAMED: f"[{name}.x]"}.get(key.kind, f"[{name}]")
            yield from keys(key.table, inner)


EVERY_KEY = [(header, key) for header, key in keys(FILE)] + [('[rules]\n"wgsl/name".', key) for key in RULE_SETTING]
FREE = {
    Kind.TEXTS: "names of the host's code", Kind.WHOLE: "a number", Kind.RANGE: "numbers", Kind.SIZES: "numbers",
    Kind.SHAPES: "sizes and types", Kind.NUMBERS: "a table of names of ours", Kind.VALUES: "a table of inputs",
    Kind.TABLE: "it has a header", Kind.TABLES: "it has a header", Kind.NAMED: "it has a header",
    Kind.ANY: "expressions",
}  # fmt: skip
"""Kinds of values for which there is nothing to offer."""
AROUND = '[[shader]]\nname = "one"\n[[shader.variant]]\nname = "two"\n'


@pytest.mark.parametrize(("header", "key"), EVERY_KEY, ids=[f"{header} {key.name}" for header, key in EVERY_KEY])
def test_every_key_has_words_and_offers_values_where_there_are_any(editor: Editor, header: str, key: Key) -> None:
    for name in ("host.cpp", "list.jsonl"):
        (editor.folder / name).touch()
    before = f"{AROUND if header else ''}{header}{'' if header.endswith('.') else chr(10)}"
    labels = editor.labels(f"{before}{key.name} = |")
    is_free = key.kind in FREE or (key.kind in (Kind.TEXT, Kind.PAIRS) and not key.choices)
    # Another one, or none, is what a key that is free offers: `host = false`.
    assert bool(labels) != is_free or labels == ["false"]
    assert (editor.hover(f"{before}|{key.name} = 1") or "").startswith(f"**{key.name}**\n\n{key.words}")


@pytest.mark.parametrize(("marked", "there", "absent"), COMPLETIONS)
def test_completion(editor: Editor, marked: str, there: list[str], absent: list[str]) -> None:
    for name in ("host.cpp", "list.jsonl"):
        (editor.folder / name).touch()
    labels = editor.labels(marked)
    assert set(there) <= set(labels)
    assert not set(absent) & set(labels)


@pytest.mark.parametrize(
    ("marked", "label", "line"),
    [
        ("dia|", "dialect", "dialect = "),
        ("dia| = 1", "dialect", "dialect = 1"),
        ("sha|", "shader", "[[shader]]"),
        ('dialect = "g|"', "pre-wgsl", 'dialect = "pre-wgsl"'),
        ("dialect = |", "ggml", 'dialect = "ggml"'),
        ("[shader.axes]\nK = |", "K_F16", 'K = ["K_F16"]'),
        ("[shader.axes]\nK = [|]", "K_F16", 'K = ["K_F16"]'),
        ('[shader.axes]\nK = ["SIZE=|"]', "N", 'K = ["SIZE=N"]'),
        ('[[shader]]\nforbid = "K_F16 && S|"', "SIZE", 'forbid = "K_F16 && SIZE"'),
        (
            '[rules]\n"wgsl/name" = { targets = { fire| } }',
            "firefox-141",
            '"wgsl/name" = { targets = { firefox-141 =  } }',
        ),
        ("[rules]\nlint|", '"lint/unused-macro"', '"lint/unused-macro" = '),
    ],
)
def test_what_a_chosen_item_writes(editor: Editor, marked: str, label: str, line: str) -> None:
    assert editor.completed(marked, label) == line


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("dia|lect = 1", "recursive macros"),
        ("[[sha|der]]", "the variants of some files"),
        ("[shader.ax|es]", "what varies"),
        ('[[shader]]\nfiles = ["*.w|gsl"]', "1 file: `a.wgsl`"),
        ('[shader.axes]\nK = ["K_F|16"]', "2 directives"),
        ('[shader.axes]\nK = ["NOWHE|RE"]', "No directive of the shaders"),
        ('profiles = ["nvi|dia"]', "workgroup-storage: 49152"),
        ('profiles = ["safari|-26"]', "beyond that: "),
        ('[rules]\n"lint/unused-ma|cro" = "off"', "What to do"),
        ('[rules]\n"wgsl/name" = { tar|gets = { wgpu = "off" } }', "engine or device profile"),
        ('[[shader]]\nforbid = "N|"', "macro `N`"),
        ("[shader.smoke]\ntol|erance = 1", "mean squared error"),
        ("# dia|lect", None),
        ("nonsen|se = 1", None),
        ("a = 1|", None),
    ],
)
def test_hover(editor: Editor, marked: str, words: str | None) -> None:
    found = editor.hover(marked)
    assert found is None if words is None else found is not None and words in found
    assert found is None or "see below" not in found


def places(locations: list[types.Location]) -> list[tuple[str, int]]:
    return [(one.uri.rsplit("/", 1)[-1], one.range.start.line) for one in locations]


def test_a_macro_leads_to_the_shaders(editor: Editor) -> None:
    at = editor.write(CONFIG.replace('K = ["K_F16"', 'K = ["K_|F16"'))
    assert places(editor.ask(types.TEXT_DOCUMENT_DEFINITION, position=at)) == [("a.wgsl", 1), ("h.tmpl", 0)]
    context = types.ReferenceContext(include_declaration=True)
    found = places(editor.ask(types.TEXT_DOCUMENT_REFERENCES, position=at, context=context))
    assert found == [("a.wgsl", 1), ("h.tmpl", 0), ("wgsl-ls.toml", 4), ("wgsl-ls.toml", 7)]
    at = editor.write('[[shader]]\ndefines = ["SI|ZE=1"]')
    assert places(editor.ask(types.TEXT_DOCUMENT_DEFINITION, position=at)) == [("a.wgsl", 4)]
    at = editor.write(CONFIG.replace("[shader.axes]\nK", "[shader.axes]\nK|"))
    assert editor.ask(types.TEXT_DOCUMENT_DEFINITION, position=at) == []  # an axis is no macro


def test_a_macro_leads_to_its_defines_else_to_the_first_that_asks_in_each_file(editor: Editor) -> None:
    (editor.folder / "a.wgsl").write_text(
        "#ifdef WIDE\n#endif\n#ifdef WIDE\n#endif\n#ifdef FAST\n#define FAST\n#endif\n"
    )
    (editor.folder / "h.tmpl").write_text("#if 1 && WIDE\n#endif\n#undef FAST\n#define FAST 2\n")
    for word, found in (("WIDE", [("a.wgsl", 0), ("h.tmpl", 0)]), ("FAST", [("a.wgsl", 5), ("h.tmpl", 3)])):
        at = editor.write(f'[[shader]]\ndefines = ["{word}|"]')
        assert places(editor.ask(types.TEXT_DOCUMENT_DEFINITION, position=at)) == found
    found = editor.ask(types.TEXT_DOCUMENT_COMPLETION, position=editor.write('[[shader]]\ndefines = ["|"]'))
    counted = {item.label: item.detail for item in found.items}
    assert [counted[name] for name in ("WIDE", "FAST")] == [f"in {n} directives of the shaders" for n in (3, 4)]


def test_a_name_that_is_no_text_is_not_offered(editor: Editor) -> None:
    assert editor.labels('[[shader]]\nname = 3\n[[shader]]\nname = "one"\n[[shader]]\nextends = "|"') == ["one"]


def test_a_glob_leads_to_its_files(editor: Editor) -> None:
    for glob, names in (("*.wg|sl", ["a.wgsl"]), ("|*", ["a.wgsl", "h.tmpl"]), ("!h.t|mpl", ["h.tmpl"]), ("no|ne", [])):
        at = editor.write(f'[[shader]]\nfiles = ["{glob}"]\n')
        assert places(editor.ask(types.TEXT_DOCUMENT_DEFINITION, position=at)) == [(name, 0) for name in names]
        beginning = types.Range(types.Position(0, 0), types.Position(0, 0))
        assert all(one.range == beginning for one in editor.ask(types.TEXT_DOCUMENT_DEFINITION, position=at))
    for text in ('dialect = "a.w|gsl"\n', '[[shader]]\nname = "a.w|gsl"\n', '[[shader]]\nfi|les = ["a.wgsl"]\n'):
        assert editor.ask(types.TEXT_DOCUMENT_DEFINITION, position=editor.write(text)) == []


def test_the_outline_and_its_folds(editor: Editor) -> None:
    editor.write(CONFIG)
    first, shader = editor.ask(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    assert (first.name, first.detail) == ("dialect", "ggml")
    assert (shader.name, shader.range.start.line, shader.range.end.line) == ("a.wgsl", 2, 8)
    rules, axes = shader.children
    assert rules.name == "K_F16"
    assert [(one.name, one.detail) for one in axes.children] == [("K", "2 alternatives"), ("N", "2 alternatives")]
    folds = editor.ask(types.TEXT_DOCUMENT_FOLDING_RANGE)
    assert [(one.start_line, one.end_line) for one in folds] == [(2, 8), (6, 8)]


@pytest.mark.parametrize(
    ("text", "word", "line"),
    [
        ('[[shader]]\nfils = ["a.wgsl"]\n', "fils", 'files = ["a.wgsl"]'),
        ('dialekt = "ggml"\n[[shader]]\nfiles = ["a.wgsl"]\n', "dialekt", 'dialect = "ggml"'),
        ('dialect = "gggml"\n[[shader]]\nfiles = ["a.wgsl"]\n', "gggml", 'dialect = "ggml"'),
        ('[rules]\n"lint/unused-macros" = "off"\n', "unused", '"lint/unused-macro" = "off"'),
        (CONFIG.replace('when = "K_F16"', 'when = "K_F1"'), "K_F1", 'rules = [{ when = "K_F16", define = ["HALF"] }]'),
        (
            CONFIG.replace('when = "K_F16"', 'when = "N && K_F1"'),
            "K_F1",
            'rules = [{ when = "N && K_F16", define = ["HALF"] }]',
        ),
    ],
)
def test_a_wrong_word_becomes_the_near_one(editor: Editor, text: str, word: str, line: str) -> None:
    at = editor.write(text.replace(word, f"|{word}", 1))
    place = types.Range(at, at)
    found = editor.ask(types.TEXT_DOCUMENT_CODE_ACTION, range=place, context=types.CodeActionContext([]))
    assert [bool(one.is_preferred) for one in found] == [True, *[False] * (len(found) - 1)], "the nearest"
    edit = found[0].edit.changes[editor.uri][0]
    before = text.split("\n")[edit.range.start.line]
    assert before[: edit.range.start.character] + edit.new_text + before[edit.range.end.character :] == line


def test_what_another_configuration_rules_is_no_part_of_this_one(editor: Editor) -> None:
    below = editor.folder / "below"
    below.mkdir()
    (below / "wgsl-ls.toml").write_text('[[shader]]\nfiles = ["c.wgsl"]\n', encoding="utf-8")
    (below / "c.wgsl").write_text("#ifdef K_F16\n#endif\n", encoding="utf-8")
    editor.server.session.changed()
    position = editor.write(CONFIG.replace('["K_F16"', '["K_F|16"', 1))
    found = editor.ask(
        types.TEXT_DOCUMENT_REFERENCES, position=position, context=types.ReferenceContext(include_declaration=True)
    )
    assert {one.uri.rsplit("/", 1)[-1] for one in found} == {"a.wgsl", "h.tmpl", "wgsl-ls.toml"}
