"""wgsl-ls.toml: what is read, and where each mistake is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from wgsl_ls.preprocess.dialect import GGML, PRE_WGSL
from wgsl_ls.project.config import find_config, load_config, no_config
from wgsl_ls.project.profiles import parse_matrix_shape
from wgsl_ls.project.variants import variants_for
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.wire.engine_specs import default_engines

PATH = "/srv/project/wgsl-ls.toml"
TRIPLE = '"' * 3 + "\n"

COMPLETE = """
dialect = "pre-wgsl"
includes = "textual"
include-dirs = ["shaders", "../common"]
defines = ["A", "B=2"]
engines = ["dawn"]
profiles = ["nvidia", "mine"]
import = ["variants.jsonl"]
overrides = { wg = 64, fast = true }
pick = "pairwise"
max-variants = 500

[smoke]
seed = 1

[profile.mine]
extends = "apple-m"
workgroup-storage = 65536
invocations = 512
workgroup-size = [512, 512, 64]
workgroups-per-dimension = 1000
storage-buffers = 10
subgroups = true
subgroup-size = [16, 64]
subgroup-matrix = ["16x8x16 f16 f32", "8x8x8 f32"]
f16 = false

[[shader]]
name = "base"
defines = { G = true, H = "x y", N = 3, OFF = false }
locals = ["LIMIT"]
axes.LIMIT = [16384, 32768]

[[shader]]
files = ["a/*.wgsl", "!a/skip.wgsl"]
extends = "base"
rules = [
  { when = "K_Q4 && LIMIT > 20000", define = ["QUANT"], undefine = ["X"], compute = { T = "LIMIT / 64" } },
  { forbid = "defined(MASK) && OPT" },
]
forbid = "K_F16 && K_Q8"
pick = 10
engines = ["wgpu", "dawn"]
profiles = []
includes = "native"
include-dirs = []
overrides = { wg = 128 }

[shader.axes]
K = ["K_F16", "K_Q8=1", { K_Q4 = true, NE = 32 }, ["X", "Y=2"]]
MASK = [false, true]
OPT = ["", "OPT"]

[[shader.variant]]
name = "one"
defines = ["K_F16", "Z=1"]
undefine = ["G"]

[[shader.variant]]
name = "two"
extends = "one"
defines = ["Z=2"]
engines = ["dawn"]
profiles = ["apple-m"]
overrides = { wg = 1 }

[shader.smoke]
size = 64
[[shader.smoke.agree]]
with = "two"

[[shader]]
files = ["b"]
[[shader.rules]]
when = "QUANT"
define = { QUANT = 1 }
require = ["T > 0", "T < 9999"]
profiles = ["nvidia"]
engines = ["wgpu"]
overrides = { o = 1.5 }
[[shader.rules]]
compute.T = "4"
"""


def test_every_key_is_read() -> None:
    config, diagnostics = load_config(PATH, COMPLETE)
    assert [one.message for one in diagnostics] == []
    assert (config.dialect, config.includes) == (PRE_WGSL, "textual")
    assert config.include_dirs == ("/srv/project/shaders", "/srv/common")
    assert config.define == (("A", ""), ("B", "2"))
    assert (config.engines, config.profiles) == (("dawn",), ("nvidia", "mine"))
    assert [one.text for one in config.imports] == ["variants.jsonl"]
    assert config.overrides == (("wg", 64.0), ("fast", 1.0))
    assert (config.pick, config.max_variants) == ("pairwise", 500)
    assert config.smoke is not None and config.smoke.plain() == {"seed": 1}
    mine = config.device_profile("mine")
    assert mine is not None
    assert (mine.workgroup_storage, mine.invocations, mine.workgroup_size) == (65536, 512, (512, 512, 64))
    assert (mine.workgroups_per_dimension, mine.storage_buffers) == (1000, 10)
    assert (mine.subgroups, mine.subgroup_size, mine.f16) == (True, (16, 64), False)
    assert mine.subgroup_matrix == (parse_matrix_shape("16x8x16 f16 f32"), parse_matrix_shape("8x8x8 f32 f32"))
    shader, other = config.shaders
    assert [one.text for one in shader.files] == ["a/*.wgsl", "!a/skip.wgsl"]
    assert shader.define == (("G", ""), ("H", "x y"), ("N", "3"))
    assert shader.undefine == ("OFF",)
    assert shader.locals == ("LIMIT",)
    assert [axis.name for axis in shader.axes] == ["LIMIT", "K", "MASK", "OPT"]
    assert [one.label for one in shader.axes[1].alternatives] == ["K_F16", "K_Q8=1", "K_Q4", "X"]
    assert [one.define for one in shader.axes[1].alternatives][2:] == [
        (("K_Q4", ""), ("NE", "32")),
        (("X", ""), ("Y", "2")),
    ]
    assert [(one.label, one.define, one.undefine) for one in shader.axes[2].alternatives] == [
        ("", (), ("MASK",)),
        ("MASK", (("MASK", ""),), ()),
    ]
    first, second, last = shader.rules
    third, _ = other.rules
    assert first.when is not None and first.when.text == "K_Q4 && LIMIT > 20000"
    assert (first.define, first.undefine) == ((("QUANT", ""),), ("X",))
    assert [(name, one.text) for name, one in first.compute] == [("T", "LIMIT / 64")]
    assert [one.text for one in second.forbid] == ["defined(MASK) && OPT"]
    assert [one.text for one in third.require] == ["T > 0", "T < 9999"]
    assert (third.profiles, third.engines, third.overrides) == (("nvidia",), ("wgpu",), (("o", 1.5),))
    assert [one.text for one in last.forbid] == ["K_F16 && K_Q8"]
    assert (shader.pick, shader.engines, shader.profiles) == (10, ("wgpu", "dawn"), ())
    assert (shader.includes, shader.include_dirs, shader.overrides) == ("native", (), (("wg", 128.0),))
    one, two = shader.variants
    assert (one.name, one.define, one.undefine) == ("one", (("K_F16", ""), ("Z", "1")), ("G",))
    assert (two.define, two.undefine) == ((("K_F16", ""), ("Z", "2")), ("G",))
    assert (two.engines, two.profiles, two.overrides) == (("dawn",), ("apple-m",), (("wg", 1.0),))
    assert shader.smoke is not None
    assert shader.smoke.plain() == {"size": 64, "agree": [{"with": "two"}]}


def test_an_empty_text_is_a_usable_configuration() -> None:
    config, diagnostics = load_config(PATH, "")
    assert diagnostics == ()
    assert (config.dialect, config.includes, config.engines) == (GGML, "native", default_engines())
    assert config.directory == "/srv/project"
    assert no_config("/x").shaders == ()


# What is wrong is marked with «»; the marks are taken out before reading.
MISTAKES = [
    ("«dialec» = 'ggml'", "config/unknown-key", '"dialect"'),
    ("dialect = «'glsl'»", "config/value", "ggml"),
    ("dialect = «3»", "config/type", "a string"),
    ("includes = «'nativ'»", "config/value", '"native"'),
    ("«include_dirs» = []", "config/unknown-key", '"include-dirs"'),
    ("include-dirs = «7»", "config/type", "a list of strings"),
    ("include-dirs = ['a', «7»]", "config/type", "a string"),
    ("defines = ['A', «7»]", "config/type", "NAME=VALUE"),
    ("defines = ['«A B»=2']", "config/define", "not the name of a macro"),
    ("defines = «''»", "config/define", "not the name of a macro"),
    ("defines = { «'2A'» = 1 }", "config/define", "not the name of a macro"),
    ("defines = { A = «[]» }", "config/type", "a macro's value"),
    ("defines = «2020-01-01»", "config/type", "a list of macros"),
    ("defines = ['A=1', «'A=2'»]", "config/define", "already"),
    ("engines = ['wgpu', «'down'»]", "config/value", '"dawn"'),
    ("engines = [«1»]", "config/type", "a name"),
    ("profiles = [«'nvidea'»]", "config/value", '"nvidia"'),
    ("import = «{}»", "config/type", "a list of strings"),
    ("overrides = { a = «'x'» }", "config/type", "a number"),
    ("overrides = «[]»", "config/type", "a table of numbers"),
    ("pick = «'some'»", "config/type", "pairwise"),
    ("pick = «0»", "config/type", "pairwise"),
    ("max-variants = «0»", "config/value", "at least 1"),
    ("max-variants = «true»", "config/type", "a whole number"),
    ("smoke = «1»", "config/type", "a table"),
    ("profile = «1»", "config/type", "[profile.NAME]"),
    ("profile.x = «1»", "config/type", "a table"),
    ("[profile.x]\n«f_16» = true", "config/unknown-key", '"f16"'),
    ("[profile.x]\nf16 = «1»", "config/type", "true or false"),
    ("[profile.x]\nsubgroup-size = «[64, 32]»", "config/value", "smallest"),
    ("[profile.x]\nsubgroup-size = «[64]»", "config/type", "2 whole numbers"),
    ("[profile.x]\nsubgroup-matrix = [«'16x16 f16'»]", "config/value", "16x16x16 f16 f32"),
    ("[profile.x]\nextends = «'y'»", "config/value", '"y"'),
    ("[profile.x]\nworkgroup-storage = «-1»", "config/value", "at least 0"),
    ("shader = «1»", "config/type", "a list of tables"),
    ("shader = [«1»]", "config/type", "a table"),
    ("«[shader]»\nfiles = ['a']", "config/type", "[[shader]]"),
    ("«[[shader]]»\ndefines = []", "config/value", '"files"'),
    ("[[shader]]\nfiles = ['a']\n«file» = 1", "config/unknown-key", '"files"'),
    ("[[shader]]\nfiles = ['a']\n«zzzz» = 1", "config/unknown-key", "known here"),
    ("[[shader]]\nfiles = ['a']\n«max-variants» = 5", "config/unknown-key", "a key of the whole file"),
    ("[[shader]]\nfiles = ['a']\naxes = «'K'»", "config/type", "a table of axes"),
    ("[[shader]]\nfiles = ['a']\naxes = { K = «'A'» }", "config/type", "a list of alternatives"),
    ("[[shader]]\nfiles = ['a']\naxes = { K = «[]» }", "config/value", "at least one"),
    ("[[shader]]\nfiles = ['a']\naxes = { K = ['A', «'A'»] }", "config/duplicate-alternative", "already"),
    ("[[shader]]\nfiles = ['a']\naxes = { K-1 = [«64»] }", "config/type", "HEAD_DIM=64"),
    ("[[shader]]\nfiles = ['a']\naxes = { K = [{ «'A-B'» = 1 }] }", "config/define", "not the name"),
    ("[[shader]]\nfiles = ['a']\naxes = { K = [«1979-05-27»] }", "config/type", "a macro"),
    ("[[shader]]\nfiles = ['a']\n[[shader.rules]]\n«whem» = 'A'\ndefine = 'B'", "config/unknown-key", '"when"'),
    ("[[shader]]\nfiles = ['a']\n«[[shader.rules]]»\nwhen = '1'", "config/value", "does nothing"),
    ("[[shader]]\nfiles = ['a']\nrules = [{ define = 'B', compute = «'T'» }]", "config/type", "a table"),
    ("[[shader]]\nfiles = ['a']\nlocals = [«'X Y'»]", "config/define", "not the name"),
    ("[[shader]]\nfiles = ['a']\nextends = «'b'»", "config/extends", "no [[shader]]"),
    ("[[shader]]\nname = 'base'\n[[shader]]\nfiles = ['a']\nextends = «'bse'»", "config/extends", '"base"'),
    ("[[shader]]\nfiles = ['a']\nname = 'x'\nextends = «'x'»", "config/extends", "x extends x"),
    ("[[shader]]\nname = 'x'\n«[[shader]]»\nname = 'x'", "config/duplicate-name", "too"),
    ("[[shader]]\nfiles = ['a']\n[[shader.variant]]\nname = 'x'\n[[shader.variant]]\nname = «'x'»",
     "config/duplicate-name", "already"),
    ("[[shader]]\nfiles = ['a']\n«[[shader.variant]]»\nname = 'x'\nextends = 'x'", "config/extends", "itself"),
    ("[[shader]]\nfiles = ['a']\n«[[shader.variant]]»\nname = 'x'\nextends = 'y'", "config/extends", "no variant"),
    ("[[shader]]\nfiles = ['a']\nvariant = [{ name = 'x', «define» = [] }]", "config/unknown-key", '"defines"'),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "code", "words"), MISTAKES)
def test_a_mistake_is_shown_where_it_is(marked: str, code: str, words: str) -> None:
    start, end = marked.index("«"), marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")
    config, diagnostics = load_config(PATH, text)
    (diagnostic,) = [one for one in diagnostics if one.code == code]
    assert len(diagnostics) == 1
    assert text[diagnostic.span.start : diagnostic.span.end] == text[start:end]
    assert words in diagnostic.message
    assert diagnostic.path == PATH
    assert config.engines  # usable all the same


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("A", None),
        ("!defined A && (B + -1) % 3 == C || defined( D )", None),
        ("«(»A || B", "missing ')'"),
        ("A &&«»", "missing at the end"),
        ("A «B»", "expected an operator before 'B'"),
        ("A «@» B", "unexpected '@'"),
        ("A == 1«.»5", "unexpected '.'"),
        ("A «(»B)", "expected an operator before '('"),
        ("defined(A) «d»efined(B)", "expected an operator"),
        ("«&&» A", "an operand is missing before '&&'"),
        ("A || «)»", "before ')'"),
        ("A«)»", "closes nothing"),
        ("A «!»B", "expected an operator before '!'"),
        ("A && -«»", "missing at the end"),
        ("defined(«3»)", "expected a macro name"),
        ("A > «9»9999999999", "32 bits"),
    ],
)
@pytest.mark.parametrize("quotes", ["'", TRIPLE, '"\\t\\u0020'])
def test_an_expression_that_does_not_parse_is_shown_inside_its_string(
    expression: str, message: str | None, quotes: str
) -> None:
    closing = {"'": "'", TRIPLE: TRIPLE.strip()}.get(quotes, '"')
    head = "[[shader]]\nfiles = ['a']\ndefines = ['A', 'B', 'C', 'D']\n"
    marked = f"{head}forbid = {quotes}{expression}{closing}\n"
    text = marked.replace("«", "").replace("»", "")
    config, diagnostics = load_config(PATH, text)
    if message is None:
        assert diagnostics == ()
        assert len(config.shaders[0].rules) == 1
        return
    (diagnostic,) = diagnostics
    assert diagnostic.code == "config/expression"
    assert message in diagnostic.message
    assert diagnostic.span.start == marked.index("«")
    assert config.shaders[0].rules == ()


def test_a_rule_whose_condition_is_broken_applies_nowhere() -> None:
    text = "[[shader]]\nfiles = ['a']\nrules = [{ when = 'A &&', define = ['B'] }]"
    config, diagnostics = load_config(PATH, text)
    assert [one.code for one in diagnostics] == ["config/expression"]
    assert config.shaders[0].rules[0].define == ()


def test_a_macro_that_nothing_sets_is_a_warning_in_rules() -> None:
    text = "[[shader]]\nfiles = ['a']\ndefines = ['K_Q8_0']\nforbid = 'defined(K_Q80) && K_Q8_0'"
    _, (diagnostic,) = load_config(PATH, text)
    assert (diagnostic.code, diagnostic.severity) == ("config/unknown-macro", Severity.WARNING)
    assert text[diagnostic.span.start : diagnostic.span.end] == "K_Q80"
    assert 'did you mean "K_Q8_0"' in diagnostic.message


def test_a_template_is_judged_over_all_shaders_that_extend_it() -> None:
    text = """
[[shader]]
name = "t"
forbid = "ONLY_B"
[[shader]]
files = ["a"]
extends = "t"
[[shader]]
files = ["b"]
extends = "t"
axes = [["", "ONLY_B"]]
"""
    config, diagnostics = load_config(PATH, text)
    assert diagnostics == ()
    assert [len(one.rules) for one in config.shaders] == [1, 1]


def test_a_cycle_of_extends_names_its_members_and_keeps_the_rest() -> None:
    text = """
[[shader]]
name = "a"
files = ["a"]
extends = "b"
defines = ["A"]
[[shader]]
name = "b"
files = ["b"]
extends = ["c"]
[[shader]]
name = "c"
files = ["c"]
extends = "a"
defines = ["C"]
"""
    config, diagnostics = load_config(PATH, text)
    (diagnostic,) = diagnostics
    assert diagnostic.code == "config/extends"
    assert "a extends b extends c extends a" in diagnostic.message
    assert text[diagnostic.span.start : diagnostic.span.end] == '"a"'
    assert len(diagnostic.related) == 3
    assert [one.define for one in config.shaders] == [(("C", ""), ("A", "")), (("C", ""),), (("C", ""),)]


def test_what_extends_takes_over() -> None:
    text = """
[[shader]]
name = "one"
defines = ["A=1", "B"]
axes = { X = ["X1", "X2"], Y = ["Y1"] }
rules = [{ define = ["R1"] }]
pick = 3
overrides = { a = 1, b = 1 }
smoke = { seed = 1, size = 2 }
[[shader]]
name = "two"
files = ["f"]
extends = "one"
defines = { A = 2, B = false }
axes = { X = ["X3"], Z = ["Z1"] }
rules = [{ define = ["R2"] }]
overrides = { b = 2 }
smoke = { size = 3 }
"""
    config, diagnostics = load_config(PATH, text)
    assert diagnostics == ()
    (shader,) = config.shaders
    assert shader.define == (("A", "2"),)
    assert [(axis.name, [one.label for one in axis.alternatives]) for axis in shader.axes] == [
        ("X", ["X3"]),
        ("Y", ["Y1"]),
        ("Z", ["Z1"]),
    ]
    assert [rule.define for rule in shader.rules] == [(("R1", ""),), (("R2", ""),)]
    assert (shader.pick, shader.overrides) == (3, (("a", 1.0), ("b", 2.0)))
    assert shader.smoke is not None and shader.smoke.plain() == {"seed": 1, "size": 3}


def test_syntax_errors_leave_the_rest_in_force() -> None:
    config, diagnostics = load_config(PATH, "dialect = 'pre-wgsl'\nengines = [\n[[shader]]\nfiles = ['a']\n")
    assert {one.code for one in diagnostics} == {"config/syntax"}
    assert config.dialect is PRE_WGSL


def test_what_follows_a_broken_head_of_a_table_is_not_called_a_wrong_key() -> None:
    _, diagnostics = load_config(PATH, "engins = []\n[[shader]\nfiles = ['a']\n")
    assert {one.code for one in diagnostics} == {"config/syntax", "config/unknown-key"}
    assert ["engins" in one.message for one in diagnostics if one.code == "config/unknown-key"] == [True]


def test_the_configuration_is_found_upwards(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    shader = deep / "x.wgsl"
    shader.write_text("")
    (tmp_path / "wgsl-ls.toml").write_text("")
    assert find_config(str(shader)) == str(tmp_path / "wgsl-ls.toml")
    (deep / "wgsl-ls.toml").mkdir()  # a directory of that name is none
    assert find_config(str(shader)) == str(tmp_path / "wgsl-ls.toml")
    nearer = str(tmp_path / "a" / "wgsl-ls.toml")
    assert find_config(str(shader), lambda path: path == nearer) == nearer


@pytest.mark.parametrize("pick", ['"al"', "0", "true", "[]"])
@pytest.mark.parametrize("where", ["file", "shader"])
def test_a_wrong_pick_is_the_cheap_choice(pick: str, where: str) -> None:
    axes = "".join(f"{letter} = [false, true]\n" for letter in "ABCDEFGH")
    line = f"pick = {pick}\n"
    text = f'{line if where == "file" else ""}[[shader]]\nfiles = ["a.wgsl"]\n{line if where == "shader" else ""}'
    config, problems = load_config("/p/wgsl-ls.toml", f"{text}[shader.axes]\n{axes}")
    (problem,) = problems
    assert problem.code == "config/type" and problem.message.endswith('"pairwise" is used')
    assert 0 < len(variants_for(config, "/p/a.wgsl")[0].variants) < 32
