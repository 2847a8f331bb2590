"""Hostile configurations, patterns and conditions: every answer comes within a bound of steps, and names the limit it
met; at n, 2n and 4n."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from tests.steps import growth, is_linear, steps_of
from wgsl_ls.preprocess.dialect import GGML
from wgsl_ls.preprocess.expansion import Expander
from wgsl_ls.project import effort, inference
from wgsl_ls.project.branches import infer_for
from wgsl_ls.project.config import load_config
from wgsl_ls.project.files import DEEPEST_CONDITIONAL, FileSystem
from wgsl_ls.project.globs import LONGEST_PATTERN, Glob
from wgsl_ls.project.host_code import HostCode
from wgsl_ls.project.inheritance import DEEPEST_EXTENDS
from wgsl_ls.project.model import MOST_VARIANTS
from wgsl_ls.project.problems import MOST_PROBLEMS
from wgsl_ls.project.toml_document import DEEPEST_KEY, LONGEST_DOCUMENT
from wgsl_ls.project.variants import VariantSet, match_diagnostics, variants_for
from wgsl_ls.project.workspace import ProjectWorkspace
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.steps import finished

SHADER = "[[shader]]\nfiles = ['a.wgsl']\n"


def axes(n_axes: int, n_alternatives: int = 10) -> str:
    values = ", ".join(map(str, range(n_alternatives)))
    return "axes = { " + ", ".join(f"A{i} = [{values}]" for i in range(n_axes)) + " }\n"


def expanded(text: str) -> tuple[VariantSet, list[Diagnostic]]:
    config, diagnostics = load_config("/p/wgsl-ls.toml", text)
    variants, more = variants_for(config, "/p/a.wgsl")
    return variants, [*diagnostics, *more]


WITHIN_EFFORT: list[tuple[str, int, Callable[[int], str]]] = [
    ("many axes", 10, lambda n: SHADER + axes(n)),
    ("axes with a ring of forbids", 10, lambda n: SHADER + axes(n) + "forbid = ["
     + ", ".join(f"'A{i} == A{(i * 7 + 3) % n} && A{(i + 1) % n} > 2'" for i in range(n)) + "]\n"),
    ("one constraint over all axes", 10, lambda n: SHADER + axes(n) + "forbid = '"
     + " + ".join(f"A{i}" for i in range(n)) + " > 0'\n"),
    ("each pair of axes excluded", 6, lambda n: "pick = 'pairwise'\n" + SHADER + axes(n) + "forbid = ["
     + ", ".join(f"'A{i} == A{j}'" for i in range(n) for j in range(i)) + "]\n"),
    ("more variants than steps", 4, lambda n: f"max-variants = {MOST_VARIANTS}\n" + SHADER
     + f"pick = {MOST_VARIANTS}\n" + axes(n)),
    ("rules that never rest", 50, lambda n: SHADER + axes(2)
     + "".join(f"[[shader.rules]]\ncompute = {{ C{i} = 'C{(i + 1) % n} + 1' }}\n" for i in range(n))),
    ("many rules", 200, lambda n: SHADER + axes(2)
     + "".join(f"[[shader.rules]]\nwhen = 'A0 == {i % 10}'\ndefine = ['R{i}']\n" for i in range(n))),
    ("many variants with many rules", 100, lambda n: SHADER
     + "".join(f"[[shader.variant]]\nname = 'v{i}'\ndefines = ['V={i}']\n" for i in range(n))
     + "".join(f"[[shader.rules]]\nwhen = 'V == {i}'\ndefine = ['R{i}']\n" for i in range(n))),
]  # fmt: skip


@pytest.mark.parametrize(("n", "text"), [case[1:] for case in WITHIN_EFFORT], ids=[case[0] for case in WITHIN_EFFORT])
def test_variants_are_worked_out_within_a_bound_and_say_when_it_was_met(
    monkeypatch: pytest.MonkeyPatch, n: int, text: Callable[[int], str]
) -> None:
    monkeypatch.setattr(effort, "MOST_STEPS", 4_000)
    for size in (n, 2 * n, 4 * n):
        config, _ = load_config("/p/wgsl-ls.toml", text(size))
        codes: list[str] = []
        spent = steps_of(
            lambda config=config, codes=codes: codes.extend(  # type: ignore[misc]
                one.code for one in variants_for(config, "/p/a.wgsl")[1]
            ),
            3_000_000,
        )
        assert "config/too-complex" in codes or spent < 200_000
    assert "config/too-complex" in codes


MANY_SHADERS: list[tuple[str, Callable[[int], str]]] = [
    ("many entries", lambda n: (SHADER + "axes = { A = ['', 'X'], B = ['', 'Y'] }\n") * n),
    ("that exclude an alternative", lambda n: (SHADER + axes(2, 3) + "forbid = 'A1 == 1'\n") * n),
]  # fmt: skip


@pytest.mark.parametrize("text", [case[1] for case in MANY_SHADERS], ids=[case[0] for case in MANY_SHADERS])
def test_many_entries_for_one_file_cost_what_they_are(text: Callable[[int], str]) -> None:
    configs = {n: load_config("/p/wgsl-ls.toml", text(n))[0] for n in (60, 120, 240)}
    assert is_linear(growth(lambda n: variants_for(configs[n], "/p/a.wgsl"), 60))


def test_the_bounds_of_an_entry_are_no_way_around_those_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wgsl_ls.project.variants.MOST_VARIANTS", 1000)
    text = "".join(SHADER + f"defines = ['Q{i}']\n" + axes(2) for i in range(30))
    variants, diagnostics = expanded(text)
    assert [one.code for one in diagnostics] == ["config/too-complex"]
    assert diagnostics[0].message.startswith("this and all later [[shader]] of the same file, 20, are left out")
    assert len(variants) == 1000 and not variants.exact
    monkeypatch.setattr("wgsl_ls.project.variants.MOST_STEPS_OF_ROOT", 5_000)
    variants, diagnostics = expanded(text)
    assert [one.code for one in diagnostics] == ["config/too-complex"] and 100 <= len(variants) < 1000


def test_what_was_found_within_the_bound_is_right_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "MOST_STEPS", 20_000)
    variants, diagnostics = expanded(SHADER + "pick = 5000\n" + axes(5) + "forbid = 'A0 == A1'\n")
    assert [one.code for one in diagnostics] == ["config/too-complex"]
    assert 20 < len(variants) < 5000
    for variant in variants.variants:
        assert dict(variant.defines)["A0"] != dict(variant.defines)["A1"]


def test_pairs_beyond_the_reach_of_the_library_are_covered_too() -> None:
    variants, diagnostics = expanded("pick = 'pairwise'\n" + SHADER + axes(14, 10))
    assert diagnostics == []
    wanted = set(product(range(10), repeat=2))
    for one, other in ((0, 1), (3, 13), (12, 13)):
        found = {(int(dict(v.defines)[f"A{one}"]), int(dict(v.defines)[f"A{other}"])) for v in variants.variants}
        assert found == wanted


def test_more_variants_than_the_maximum_cannot_be_asked_for() -> None:
    variants, diagnostics = expanded("max-variants = 100000000\n" + SHADER + axes(2))
    assert [(one.code, "100,000 is used" in one.message) for one in diagnostics] == [("config/value", True)]
    assert len(variants) == 100


def test_a_template_that_is_reached_in_many_ways_counts_once() -> None:
    def diamonds(n: int) -> str:
        first = "[[shader]]\nname = 'n0'\ndefines = ['Q']\n[[shader.rules]]\nwhen = 'Q'\ndefine = ['R']\n"
        levels = (f"[[shader]]\nname = 'n{i}'\nextends = ['n{i - 1}', 'n{i - 1}']\n" for i in range(1, n + 1))
        return first + "".join(levels) + f"[[shader]]\nfiles = ['a.wgsl']\nextends = 'n{n}'\n"

    assert is_linear(growth(lambda n: expanded(diamonds(n)), 10))
    variants, diagnostics = expanded(diamonds(40))
    assert diagnostics == []
    assert [variant.define_list for variant in variants.variants] == [("Q", "R")]


ENTRY = "[[shader]]\nname = '{0}'\ndefines = ['D']\nfiles = ['{0}.wgsl']\n"
VARIANT = "[[shader.variant]]\nname = '{0}'\ndefines = ['D']\n"


@pytest.mark.parametrize(("first", "one"), [("", ENTRY), (SHADER, VARIANT)], ids=["entries", "variants"])
@pytest.mark.parametrize("step", [1, -1])
def test_a_chain_of_extends_is_bounded(first: str, one: str, step: int) -> None:
    def chain(n: int) -> list[Diagnostic]:
        links = [one.format(i) + (f"extends = '{i + 1}'\n" if i < n else "") for i in range(n + 1)]
        return list(load_config("/p/wgsl-ls.toml", first + "".join(links[::step]))[1])

    assert chain(DEEPEST_EXTENDS) == []
    found = chain(2000)
    words = f"more than {DEEPEST_EXTENDS} extend each other"
    told = {(one.code, words in one.message) for one in found[:MOST_PROBLEMS]}
    one_by_one = one == ENTRY and step < 0
    assert told == (set() if one_by_one else {("config/extends", True)})


def test_what_entries_inherit_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wgsl_ls.project.inheritance.MOST_INHERITED", 1000)
    rules = "".join(f"[[shader.rules]]\nwhen = 'Q'\ndefine = ['R{i}']\n" for i in range(100))
    entries = "".join(f"[[shader]]\nfiles = ['a{i}.wgsl']\nextends = 't'\n" for i in range(100))
    config, diagnostics = load_config("/p/wgsl-ls.toml", "defines = ['Q']\n[[shader]]\nname = 't'\n" + rules + entries)
    assert {one.code for one in diagnostics} == {"config/extends"}
    assert sum(len(entry.rules) for entry in config.shaders) < 1500


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (".".join("a" * (DEEPEST_KEY + 1)) + " = 1\n", "config/syntax"),
        ("[" + ".".join("a" * 5000) + "]\n", "config/syntax"),
        ("x = { " + ".".join(['"\\u0061"'] * 5000) + " = 1 }\n", "config/syntax"),
        ("a" * (LONGEST_DOCUMENT + 1), "config/syntax"),
        ("x = " + "[" * 5000, "config/syntax"),
    ],
    ids=["deep key", "deep header", "deep key of escapes", "long", "nested"],
)
def test_what_python_would_read_with_all_memory_is_not_read(text: str, code: str) -> None:
    diagnostics: list[Diagnostic] = []
    steps = steps_of(lambda: diagnostics.extend(load_config("/p/wgsl-ls.toml", text)[1]), 300_000)
    assert steps < 300_000
    assert code in [one.code for one in diagnostics]


def test_dots_in_strings_and_comments_are_no_deep_keys() -> None:
    dots = ".".join("a" * 200)
    text = f'# {dots}\ndefines = ["A={dots}", \'\'\'{dots} = 1\'\'\', """\n{dots} = 2"""]\n'
    assert not [one for one in load_config("/p/wgsl-ls.toml", text)[1] if "names" in one.message]


def test_mistakes_beyond_number_are_counted_and_cost_no_search_each() -> None:
    def mistakes(n: int) -> str:
        return SHADER + "".join(f"macro{i} = 1\n" for i in range(n))

    _, diagnostics = load_config("/p/wgsl-ls.toml", mistakes(MOST_PROBLEMS + 70))
    assert len(diagnostics) == MOST_PROBLEMS + 1
    assert diagnostics[-1].message == "70 more problems in this file are not told"
    first, second = (steps_of(lambda n=n: load_config("/p/wgsl-ls.toml", mistakes(n)), 20_000_000)  # type: ignore[misc]
                     for n in (MOST_PROBLEMS, 2 * MOST_PROBLEMS))  # fmt: skip
    assert second < 1.3 * first


GLOB_BOMBS: list[tuple[str, Callable[[int], str], Callable[[int], str], bool]] = [
    ("stars", lambda n: "*a" * n + "b", lambda n: "a" * 8 * n, False),
    ("deep stars", lambda n: "**/" * n + "x", lambda n: "a/" * 2 * n, False),
    ("choices", lambda n: "{a,b}" * n + "c", lambda n: "ab" * n, False),
    ("stars in choices", lambda n: "{*a,*b}" * n, lambda n: "ab" * n + "c", False),
    ("nested choices", lambda n: "{" * n + "a*,b" + "}" * n, lambda n: "a" * n, True),
]


@pytest.mark.parametrize(("pattern", "name", "matches"), [case[1:] for case in GLOB_BOMBS],
                         ids=[case[0] for case in GLOB_BOMBS])  # fmt: skip
def test_a_glob_takes_a_set_of_states_per_character(
    pattern: Callable[[int], str], name: Callable[[int], str], matches: bool
) -> None:
    for n in (10, 20, 40):
        glob = Glob(pattern(n))
        assert glob.matches(name(n)) is matches
        assert glob.steps <= len(name(n))
        assert glob.matches(name(n)) is matches
        assert glob.steps <= len(name(n))  # the second time costs look-ups alone


def test_a_glob_beyond_all_reason_names_only_itself() -> None:
    pattern = "*" * (LONGEST_PATTERN + 1)
    assert Glob(pattern).matches(pattern)
    assert not Glob(pattern).matches("a")
    config, _ = load_config("/p/wgsl-ls.toml", f"[[shader]]\nfiles = ['{pattern}', 'b', '{'c' * LONGEST_PATTERN}d']\n")
    told = [one.message.partition(":")[0][:22] for one in match_diagnostics(config, ["/p/a"])]
    assert told == ["this pattern is too complex"[:22], 'no file here matches "', 'no file here matches "']


CONTRADICTIONS = "".join(
    f"#if A == {i} && A == {i + 1} && B == {i} && B != {i} && C == {i} && C != {i} && D == {i} && D < {i} && E == 3\n"
    f"const x{i} = 1;\n#endif\n"
    for i in range(5)
)


def test_the_search_for_branches_that_nothing_reaches_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "MAX_STEPS", 20_000)
    expander = Expander(lambda name: name, GGML)
    found = []
    steps = steps_of(
        lambda: found.append(finished(infer_for(expander, expander.load, SourceFile("/p/a.wgsl", CONTRADICTIONS)))),
        1_000_000,
    )
    assert steps < 500_000
    assert found[0].gave_up
    assert len(found[0].unreached) == 5


def test_a_search_that_comes_to_its_end_does_not_say_that_it_gave_up() -> None:
    expander = Expander(lambda name: name, GGML)
    text = "#if N == 1\na\n#elif N == 2\nb\n#elif N > 7\nc\n#endif\n"
    assert not finished(infer_for(expander, expander.load, SourceFile("/p/a.wgsl", text))).gave_up


def test_a_branch_behind_one_that_nobody_asks_for_is_reached() -> None:
    expander = Expander(lambda name: name, GGML)
    text = "#if defined(OTHERS)\na\n#elif defined(MINE)\nb\n#endif\n"
    found = finished(infer_for(expander, expander.load, SourceFile("/p/a.wgsl", text), never=frozenset({"OTHERS"})))
    assert [tuple(name for name, _ in defines) for defines in found.define_sets] == [("MINE",)]


def test_a_condition_of_many_numbers_and_names_is_read_in_linear_steps() -> None:
    def text(n: int) -> str:
        return "#if " + " && ".join(f"N{i} == {i}" for i in range(n)) + "\n#endif\n"

    expander = Expander(lambda name: name, GGML)
    steps = growth(
        lambda n: finished(infer_for(expander, expander.load, SourceFile("/p/a.wgsl", text(n)), max_resolutions=1)), 100
    )
    assert is_linear(steps), steps


def test_conditionals_without_end_in_each_other_are_a_finding(tmp_path: Path) -> None:
    deep = tmp_path / "deep.wgsl"
    deep.write_text("#if 1\n" * (DEEPEST_CONDITIONAL + 1) + "#endif\n" * (DEEPEST_CONDITIONAL + 1))
    (tmp_path / "fine.wgsl").write_text("#if 1\n" * DEEPEST_CONDITIONAL + "#endif\n" * DEEPEST_CONDITIONAL)
    (tmp_path / "many.wgsl").write_text("#if 1\n#endif\n" * 5000)
    workspace = ProjectWorkspace(FileSystem(), [str(tmp_path)])
    assert [(one.path, one.code) for one in workspace.read_problems()] == [(str(deep), "file/unreadable")]
    workspace.files.open_text(str(deep), "#if 1\n#endif\n")
    assert workspace.read_problems() == ()
    workspace.files.open_text(str(tmp_path / "fine.wgsl"), deep.read_text())
    assert [one.code for one in workspace.files.problems(str(tmp_path / "fine.wgsl"))] == ["file/unreadable"]
    host = tmp_path / "host.cpp"
    host.write_text(deep.read_text())
    assert workspace.files.text_of(str(host)) == host.read_text(), "that bound is one of shaders"


def test_a_folder_of_too_many_files_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wgsl_ls.project.files.MOST_LISTED", 20)
    for number in range(30):
        (tmp_path / f"{number}.txt").write_text("")
    workspace = ProjectWorkspace(FileSystem(), [str(tmp_path)])
    found = workspace.read_problems()
    assert [one.code for one in found] == ["file/unreadable"] and "more than 20 files" in found[0].message


def test_a_folder_of_too_many_shaders_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wgsl_ls.project.files.MOST_FOUND", 20)
    for number in range(30):
        (tmp_path / f"{number}.wgsl").write_text("")
    workspace = ProjectWorkspace(FileSystem(), [str(tmp_path)])
    found = workspace.read_problems()
    assert [one.code for one in found] == ["file/unreadable"] and "more than 20 files" in found[0].message
    assert len(workspace.roots()) == 21  # the others are checked


def test_a_whole_file_system_is_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.walk", None)
    workspace = ProjectWorkspace(FileSystem(), ["/"])
    assert [(one.path, one.code) for one in workspace.read_problems()] == [("/", "file/unreadable")]
    workspace.files.open_text("/p/a.wgsl", "")
    workspace.refresh()
    assert workspace.roots() == ("/p/a.wgsl",)


def test_many_copies_of_a_project_in_one_folder_cost_in_proportion(tmp_path: Path) -> None:
    """Includes are names, and each copy has a file of each."""

    def workspace(n: int) -> FileSystem:
        files = FileSystem()
        for number in range(n):
            for name, text in (("a.wgsl", '#include "h.tmpl"\n'), ("b.wgsl", '#include "x/h.tmpl"\n'), ("h.tmpl", "")):
                files.open_text(f"/p/{number}/x/{name}", text)
        return files

    def asked(n: int) -> None:
        files = known[n]
        listed = tuple(files._overlay)
        assert len(files.roots(load_config("/p/wgsl-ls.toml", "")[0], listed)) == 2 * n
        assert len(files.includers("/p/0/x/h.tmpl", listed)) == 2 * n
        assert len(files.includes_of("/p/0/x/a.wgsl", listed)) == n

    known = {n: workspace(n) for n in (20, 40, 80)}
    steps = growth(asked, 20)
    assert is_linear(steps), steps


def test_a_keystroke_walks_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wgsl-ls.toml").write_text("import = ['**/*.jsonl']\n")
    (tmp_path / "a.wgsl").write_text("")
    (tmp_path / "more").mkdir()
    line = '{"shader": "a.wgsl", "defines": ["A"]}\n'
    (tmp_path / "more" / "list.jsonl").write_text(line)
    workspace = ProjectWorkspace(FileSystem(), [str(tmp_path)])
    root = str(tmp_path / "a.wgsl")
    assert [one.define_list for one in workspace.settings(root).variants] == [("A",)]

    def walked(*arguments: object, **named: object) -> object:
        raise AssertionError("the disk was walked")

    with monkeypatch.context() as patched:
        patched.setattr("os.walk", walked)
        patched.setattr("os.scandir", walked)
        workspace.files.open_text(root, "// typed\n")
        workspace.refresh(listing=False)
        assert len(workspace.settings(root).variants) == 1
    (tmp_path / "other.jsonl").write_text(line.replace("A", "B"))
    workspace.refresh()
    assert len(workspace.settings(root).variants) == 2


def test_what_is_not_looked_at_for_hosts_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large library beside the shaders: its files are asked about with every edit, so not all of them are."""
    monkeypatch.setattr("wgsl_ls.project.host_code._MOST_FILES", 3)
    monkeypatch.setattr("wgsl_ls.project.host_code._MOST_BESIDE", 2)
    monkeypatch.setattr("wgsl_ls.project.host_code._MOST_CHARACTERS", 100)
    for folder in ("p/.git", "p/shaders", "p/b", "p/c", "p/d"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "p/shaders/a.wgsl").write_text("")
    for number in range(5):
        (tmp_path / f"p/shaders/{number}.cpp").write_text("int a;\n" * (20 if number == 1 else 1))
    wide = ("utf-16", "utf-16-le", "utf-16-be")
    for name in wide:
        (tmp_path / f"p/{name}.cpp").write_bytes("int a;\n".encode(name))
    files = FileSystem()
    workspace = ProjectWorkspace(files, [str(tmp_path / "p")], host_code=HostCode(files))
    found = workspace.host_diagnostics(workspace.roots())
    assert {(one.severity, one.code) for one in found} == {(Severity.INFORMATION, "host/gap")}
    told = [(str(Path(one.path).relative_to(tmp_path)), one.message.split()[0]) for one in found]
    long = str(tmp_path / "p/shaders/1.cpp")
    unread = [(f"p/{name}.cpp", str(tmp_path / f"p/{name}.cpp")) for name in wide]
    assert sorted(told) == sorted([("p", "2"), ("p/shaders", "2"), ("p/shaders/1.cpp", long), *unread])
    assert sum(one.message.endswith("save it as UTF-8") for one in found) == len(wide)
    for name in wide:
        (tmp_path / f"p/{name}.cpp").write_bytes(b"// caf\xe9\n")
    (tmp_path / "p/shaders/1.cpp").write_text("")
    (tmp_path / "p/shaders/4.cpp").unlink()
    files.invalidate()
    workspace.refresh()
    assert [one.message.split()[0] for one in workspace.host_diagnostics(workspace.roots())] == ["1", "2"]
