"""Exit codes of `validate`: 0 all is well, 1 something is wrong, 2 not everything could be judged."""

from __future__ import annotations

import json
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.analysis.fixture import refusing
from tests.cli.conftest import Engines, Say, git, write
from wgsl_ls.cli.render import FORMATS
from wgsl_ls.engines.scripted import obey
from wgsl_ls.project.files import NOT_LOOKED_INTO
from wgsl_ls.wire.jobs import CompileJob, CompileResult, Crashed, DeviceLost, TimedOut, Unavailable

CONFIG = '[[shader]]\nfiles = ["a.wgsl"]\naxes = { BAD = ["", "BAD"], M = [{ M = 1 }, { M = 2 }] }\n'
GOOD = "const m = M;\n"
BAD = "const m = M;\n#ifdef BAD\n//! reject 1:1 wrong\n#endif\n"
ACTIVE = "#ifdef A\nconst a = 1;\n#endif\n#ifdef B\nconst b = 1;\n#endif\n"
WARNS = "const m = M;\n//! warn 1:1 not so good\n"
LACKS = "const m = M;\n//! unsupported f16\n"
HOST = "const m = ROWS;\n"

BASELINES = {
    "number.json": '{"findings": 5}',
    "deep.json": "[" * 100_000,
    "odd.json": '{"findings": [{"path": [], "rule": {}}, {}]}',
    "zipped.json.gz": "{}",
}
CASES: dict[str, tuple[str, tuple[str, ...], int]] = {
    "all is well": (GOOD, (), 0),
    "an error": (BAD, (), 1),
    "an error elsewhere": (BAD, ("--variant", "M=*"), 0),
    "a warning": (WARNS, (), 0),
    "a warning, strictly": (WARNS, ("--strict",), 1),
    "what no engine can judge": (LACKS, (), 2),
    "a directive that cannot be read": ("#if\n#endif\n#elif\n", (), 1),
    "no such variant": (GOOD, ("--variant", "none"), 2),
    "no such file": (GOOD, ("nowhere.wgsl",), 2),
    "no such profile": (GOOD, ("--profile", "none"), 2),
    "a profile that it passes": (GOOD, ("--profile", "apple-m"), 0),
    "a profile that it does not pass": ("enable f16;\n", ("--profile", "webgpu-default"), 1),
    "a shard that is none": (GOOD, ("--shard", "2"), 2),
    "a shard behind the last": (GOOD, ("--shard", "3/2"), 2),
    "a shard from 0": (GOOD, ("--shard", "0/2"), 2),
    "no baseline": (GOOD, ("--baseline", "none.json"), 2),
    "a baseline that is none": (GOOD, ("--baseline", "a.wgsl"), 2),
    "a baseline of other findings": (GOOD, ("--baseline", "number.json"), 2),
    "a baseline that is nested": (GOOD, ("--baseline", "deep.json"), 2),
    "a baseline of odd findings": (BAD, ("--baseline", "odd.json"), 1),
    "a packed baseline that is none": (GOOD, ("--baseline", "zipped.json.gz"), 2),
}


@pytest.mark.parametrize(("text", "words", "code"), CASES.values(), ids=CASES)
def test_validate(say: Say, engines: Engines, text: str, words: tuple[str, ...], code: int) -> None:
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": text, **BASELINES})
    found, out, err = say("validate", *words)
    assert found == code, out + err


@pytest.mark.parametrize(("text", "code"), [("", 2), ("//! reject 1:1 wrong\n", 1), ("#endif\n", 1)])
def test_a_text_beyond_our_own_limits_is_compiled_and_said_not_to_be_read(
    say: Say, engines: Engines, monkeypatch: pytest.MonkeyPatch, text: str, code: int
) -> None:
    monkeypatch.setattr("wgsl_ls.wgsl.parser.LONGEST_READ", 100)
    write({"a.wgsl": text + "const a = 1;\n" * 20, "b.wgsl": "const b = 1;\n"})
    found, out, err = say("validate", "--format=gcc")
    assert found == code, out + err
    if text != "#endif\n":
        assert len({job.text for job in engines.jobs}) == 2
        assert "a.wgsl:8:1: warning: not judged by our own front end" in out
    assert "a second time" not in out and "b.wgsl" not in out


@pytest.mark.parametrize(("words", "code"), [((), 0), (("--strict",), 2)])
def test_what_only_the_host_gives(say: Say, engines: Engines, words: tuple[str, ...], code: int) -> None:
    engines.compile = refusing("ROWS")
    write({"a.wgsl": HOST})
    assert say("validate", *words)[0] == code


@pytest.mark.parametrize(("result", "code"), [(Crashed("SIGSEGV"), 1), (TimedOut(1.0), 2), (DeviceLost("gone"), 2)])
def test_an_engine_that_dies_has_judged_nothing(say: Say, engines: Engines, result: CompileResult, code: int) -> None:
    def compile(job: CompileJob) -> CompileResult:
        return result if job.engine == "dawn" else obey(job)

    engines.compile = compile
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": GOOD})
    found, out, _ = say("validate")
    assert found == code, out
    write({"wgsl-ls.toml": "", "a.wgsl": HOST})
    assert say("validate")[0] == 2


@pytest.mark.parametrize(
    "words",
    [
        "validate --jobs=-1", "validate --jobs=9999999999", "validate --deadline=0", "validate --deadline=nan",
        "validate --deadline=inf", "smoke --jobs=0", "smoke --draw=-1", "smoke --timed=-1", "smoke --deadline=-1",
        "diff a.wgsl a b --context=-1", "explain a.wgsl:0", "explain a.wgsl:" + "9" * 5000, "explain a.wgsl:\u00b2",
    ],
)  # fmt: skip
def test_a_number_that_means_nothing_is_refused(say: Say, engines: Engines, words: str) -> None:
    write({"a.wgsl": GOOD})
    try:
        code, _, err = say(*words.split())
    except SystemExit as refused:
        code, err = int(str(refused.code)), "said by argparse"
    assert code == 2 and err and not engines.jobs


@pytest.mark.parametrize("moment", ["user_engines", "import_module"])
def test_ctrl_c_while_we_start_is_no_traceback(say: Say, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"wgsl_ls.cli.main.{moment}", interrupted)
    before = signal.getsignal(signal.SIGINT)
    try:
        assert say("validate") == (130, "", "interrupted\n")
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL  # again: at once
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_engine_that_is_missing_matters_when_it_was_named(say: Say, engines: Engines) -> None:
    engines.missing["dawn"] = Unavailable("it is not installed")
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": GOOD})
    assert say("validate")[0] == 0, "the other one has judged"
    assert say("validate", "--engine", "wgpu")[0] == 0
    assert say("validate", "--engine", "dawn")[0] == 2
    assert say("validate", "--engine", "all")[0] == 2


def test_what_cannot_be_read_is_not_well(say: Say, engines: Engines) -> None:
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": GOOD, "part/x": ""})
    Path("b.wgsl").symlink_to("nowhere.wgsl")
    assert say("validate")[0] == 2
    write({"a.wgsl": BAD})
    assert say("validate")[0] == 1, "what is wrong weighs more"


# Parts of the variants


def names(out: str) -> list[str]:
    return [one["name"] for one in json.loads(out)["variants"] if one["verdicts"]]


def test_shards_are_parts_that_together_are_all(say: Say, engines: Engines) -> None:
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": BAD})
    judged = []
    for part in (1, 2, 3):
        code, out, _ = say("validate", "--no-cache", "--shard", f"{part}/3", "--format", "json")
        judged.append(names(out))
        assert code == (1 if any("BAD" in name for name in judged[-1]) else 0)
    assert [len(one) for one in judged] == [1, 2, 1]
    assert sorted(name for part in judged for name in part) == ["BAD+M=1", "BAD+M=2", "M=1", "M=2"]
    engines.jobs.clear()
    write({"a.wgsl": GOOD})
    assert say("validate", "--no-cache", "--shard", "2/4")[0] == 0, "what is not of this part is not missing"
    assert len(engines.jobs) == 2


def test_what_differs_in_numbers_alone_is_in_one_part(say: Say, engines: Engines) -> None:
    numbers = ", ".join(f"{{ M = {value} }}" for value in range(8))
    axes = f'axes = {{ M = [{numbers}], A = ["", "A"], B = ["", "B"] }}'
    write({"wgsl-ls.toml": f'[[shader]]\nfiles = ["a.wgsl"]\n{axes}\n', "a.wgsl": f"{GOOD}{ACTIVE}"})
    for part in (1, 2, 3, 4):
        _, out, _ = say("validate", "--no-cache", "--shard", f"{part}/4", "--format", "json")
        assert len(names(out)) == len(json.loads(out)["variants"]) == 8, "the others are not looked at"
        assert len({name.partition("M=")[0] + name.partition("M=")[2][1:] for name in names(out)}) == 1, names(out)


def test_each_part_has_its_share_of_large_roots_and_small_ones_whole(say: Say, engines: Engines) -> None:
    axes = f"axes = {{ M = [{', '.join(f'{{ M = {value} }}' for value in range(6))}] }}"
    config = f'[[shader]]\nfiles = ["*.wgsl"]\n{axes}\n'
    long = {"c.wgsl": f'#include "h.tmpl"\n{GOOD}', "h.tmpl": "// long\n" * 2 * len(GOOD)}
    write({"wgsl-ls.toml": config, "a.wgsl": GOOD, "b.wgsl": GOOD, **long})
    roots = []
    for part in (1, 2):
        _, out, _ = say("validate", "--no-cache", "--shard", f"{part}/2", "--format", "json")
        roots.append(Counter(Path(one["root"]).name for one in json.loads(out)["variants"]))
    assert roots == [{"a.wgsl": 6, "c.wgsl": 3}, {"b.wgsl": 6, "c.wgsl": 3}]


def test_what_was_guessed_of_a_shader_is_judged_as_a_whole(say: Say, engines: Engines) -> None:
    write({"a.wgsl": "#ifdef ONE\nconst one = 1;\n#endif\n#ifdef TWO\nconst two = 2;\n#endif\n"})
    _, whole, _ = say("validate", "--no-cache", "--format", "json")
    for part in (1, 2):
        _, out, _ = say("validate", "--no-cache", "--shard", f"{part}/2", "--format", "json")
        listed = [one["name"] for one in json.loads(out)["variants"]]
        assert listed == [one["name"] for one in json.loads(whole)["variants"]] and len(listed) > 1


def test_the_caches_of_parts_together_say_what_one_run_says(
    say: Say, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": BAD})
    code, whole, _ = say("validate", "--no-cache", "--format", "json")
    folders = [str(Path.cwd().parent / f"part-{part}") for part in (1, 2, 3)]
    for part, folder in enumerate(folders, 1):
        monkeypatch.setenv("WGSL_LS_CACHE", folder)
        say("validate", "--shard", f"{part}/3")
    monkeypatch.setenv("WGSL_LS_CACHE", str(Path.cwd().parent / "all"))
    engines.jobs.clear()
    added, out, _ = say("cache", "add", *folders)
    assert added == 0 and out.count("new results from") == 3
    merged = say("validate", "--format", "json")
    assert (merged[0], engines.jobs) == (code, [])
    assert [json.loads(merged[1])[key] for key in ("findings", "variants")] == [
        json.loads(whole)[key] for key in ("findings", "variants")
    ]
    assert "0 new results" in say("cache", "add", folders[0])[1]


def test_what_is_no_cache_is_not_taken_over(say: Say) -> None:
    code, _, err = say("cache", "add", "nowhere")
    assert code == 2 and "nowhere/results.sqlite3 is no cache that could be taken over" in err
    write({"other/results.sqlite3": "something else"})
    assert say("cache", "add", "other")[0] == 2


def test_changed_compiles_what_differs_from_a_revision(say: Say, engines: Engines) -> None:
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": BAD})
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    assert say("validate", "--changed", "HEAD")[0] == 0 and engines.jobs == []
    write({"a.wgsl": BAD.replace("wrong", "still wrong")})
    code, out, _ = say("validate", "--changed", "HEAD", "--format", "json")
    assert (code, names(out)) == (1, ["BAD+M=1", "BAD+M=2"])
    assert say("validate", "--changed", "nothing")[0] == 2


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("", 'engines = ["dawn"]\n'),
        ("", '[rules]\n"lint/unused-macro" = "error"\n'),
        ("[profile.p]\n", "[profile.p]\ninvocations = 1\n"),
    ],
)
def test_what_a_variant_must_pass_is_a_change_too(say: Say, engines: Engines, before: str, now: str) -> None:
    entry = "[[shader]]\nfiles = ['a.wgsl']\nprofiles = ['p']\n" if before else ""
    write({"wgsl-ls.toml": before + entry, "a.wgsl": GOOD})
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    assert say("validate", "--changed", "HEAD")[0] == 0 and engines.jobs == []
    write({"wgsl-ls.toml": now + entry})
    say("validate", "--changed", "HEAD")
    assert engines.jobs != []


@pytest.mark.parametrize("severity", ["off", "warning", "error"])
def test_no_rule_excuses_that_nobody_saw_a_variant(say: Say, engines: Engines, severity: str) -> None:
    write({"wgsl-ls.toml": f'{CONFIG}[rules]\n"preprocess/include-not-found" = "{severity}"\n'})
    write({"a.wgsl": '#include "nowhere.wgsl"\n'})
    assert say("validate")[0] == (1 if severity == "error" else 2)
    assert engines.jobs == []


def test_a_baseline_takes_away_what_it_knows_and_nothing_else(say: Say, engines: Engines) -> None:
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": BAD})
    assert say("validate", "--format", "json", "--output", "before.json")[0] == 1
    write({"a.wgsl": f"const other = 1;\n{BAD}"})
    code, out, _ = say("validate", "--baseline", "before.json")
    assert code == 0 and "1 finding in the baseline" in out and "wrong" not in out
    summary = json.loads(say("validate", "--baseline", "before.json", "--format", "json")[1])["summary"]
    assert (summary["inBaseline"], summary["errors"]) == (1, 0)
    write({"a.wgsl": BAD + "#if M == 2\n//! reject 1:1 new\n#endif\n"})
    code, out, _ = say("validate", "--baseline", "before.json")
    assert code == 1 and "new" in out
    write({"a.wgsl": BAD.replace("#ifdef BAD", "#if M == 2")})
    assert say("validate", "--baseline", "before.json")[0] == 1, "in other variants it is another finding"


def test_the_second_run_compiles_nothing(say: Say, engines: Engines) -> None:
    write({"wgsl-ls.toml": CONFIG, "a.wgsl": BAD})
    assert say("validate")[0] == 1 and len(engines.jobs) == 8
    assert say("validate")[0] == 1 and len(engines.jobs) == 8
    assert say("validate", "--no-cache")[0] == 1 and len(engines.jobs) == 16
    assert "results forgotten" in say("cache", "clear")[1]
    assert say("validate")[0] == 1 and len(engines.jobs) == 24


ONE_ENGINE = 'engines = ["dawn"]\n[[shader]]\nfiles = ["a.wgsl"]\n[[shader.variant]]\nname = "only"\n'


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_variant_that_no_engine_was_asked_about_is_no_success(say: Say, engines: Engines, format_name: str) -> None:
    """The file says one engine, the command line another: every format says that nothing was judged."""
    write({"wgsl-ls.toml": ONE_ENGINE, "a.wgsl": "fn main() {}\n"})
    code, text, _ = say("validate", "--engine", "wgpu", "--format", format_name)
    assert code == 2 and "its engines (dawn) were not asked" in text
    if format_name == "json":
        (entry,) = json.loads(text)["variants"]
        assert (entry["state"], entry["verdicts"]) == ("unjudged", {})
        assert json.loads(text)["summary"]["variants"]["pass"] == 0
    if format_name == "junit":
        assert 'skipped="1"' in text


def test_a_folder_is_that_folder_alone(say: Say, engines: Engines) -> None:
    write({"one/a.wgsl": "const a = 1;\n", "one-more/b.wgsl": "//! reject 1:1 wrong\n"})
    code, out, _ = say("validate", "one", "--format", "json")
    assert code == 0 and {one["root"] for one in json.loads(out)["variants"]} == {"one/a.wgsl"}


@pytest.mark.parametrize(
    "words",
    [
        ("validate",),
        ("variants",),
        ("host",),
        ("smoke",),
        ("smoke", "--list"),
        ("init", "--print"),
        ("coverage",),
        ("aliases",),
        ("impact",),
        ("format", "--check"),
        ("identify",),
    ],
)
def test_a_folder_without_shaders_is_told_by_all_alike(say: Say, words: tuple[str, ...]) -> None:
    write({"none/readme.txt": "fn f() {}\n"})
    given = ("readme.txt",) if words == ("identify",) else ()
    code, out, remarks = say(*words, *(f"none/{name}" for name in given), "none")
    assert (code, out, remarks) == (2, "", f"wgsl-ls: no shaders found in none ({NOT_LOOKED_INTO})\n")


@pytest.mark.parametrize("words", [("validate",), ("variants",), ("coverage",), ("aliases",), ("format", "--check")])
def test_shaders_that_are_left_out_beside_others_are_told_once(
    say: Say, engines: Engines, words: tuple[str, ...]
) -> None:
    write({"a.wgsl": "const a = 1;\n", ".github/ci.yml": "", ".git/refs/heads/b.wgsl": "", "node_modules/x/c.js": ""})
    left_out = f"are left out: {NOT_LOOKED_INTO}"
    assert left_out not in say(*words, ".")[2]
    write({".made/x/b.wgsl": "const b = 1;\n", "c/node_modules/d.wgsl": "", "t/CACHEDIR.TAG": "", "t/e/f.wgsl": ""})
    code, _, remarks = say(*words, ".")
    assert code == 0 and remarks.count(f"wgsl-ls: shaders in .made, c/node_modules, t {left_out}\n") == 1
    assert "are left out" not in say(*words, "a.wgsl")[2]
    write({f".{number}/b.wgsl": "const b = 1;\n" for number in range(5)})
    assert f"shaders in .0, .1, .2 and 5 more {left_out}" in say(*words, ".")[2]


def test_a_hidden_folder_is_looked_at_where_its_files_are_named(say: Say) -> None:
    write({".made/a.wgsl": "const a = 1;\n"})
    assert say("variants", ".")[0] == 2
    assert say("variants", ".made")[1].startswith(".made/a.wgsl: ")
    assert say("variants", ".made/a.wgsl")[1].startswith(".made/a.wgsl: ")


@pytest.mark.parametrize("words", [("variants",), ("coverage",), ("aliases",), ("smoke", "--list")])
def test_a_configuration_that_cannot_be_parsed_is_told(say: Say, words: tuple[str, ...]) -> None:
    write({"a.wgsl": "fn f() {}\n", "wgsl-ls.toml": "[[shader]\nfiles = 3\n"})
    code, _, remarks = say(*words, ".")
    assert code == 2 and remarks.count("wgsl-ls: wgsl-ls.toml: ") == 1
