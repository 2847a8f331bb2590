"""What documents claim is what there is: options, settings, commands, figures, pictures. (Samples run in
test_documents.py; the page of the architecture is held by test_architecture_page.py.)"""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from collections import Counter
from typing import Any

import pytest

from tests.e2e.keep_pictures import KEPT
from tests.test_documents import OPTIONS, ROOT, documents
from wgsl_ls.cli.main import SUBCOMMANDS
from wgsl_ls.smoke.operations import all_cases


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_subcommand_and_option_is_told_somewhere(name: str) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in documents())
    assert re.search(rf"wgsl-ls {name}\b", text)
    options = {one for one in OPTIONS[name] if one.startswith("--")} - {"--help"}
    assert {one for one in options if not re.search(rf"(?<![\w-]){one}(?![\w-])", text)} == set()


def test_what_others_contribute_has_an_answer() -> None:
    """Every contribution has a row that names who makes it, and who says no says why."""
    text = (ROOT / "editors/README.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.partition("## Against")[2].splitlines() if line[:2] == "| "]
    assert len(rows) > 40
    for row in rows:
        assert len(row) == 3 and all(cell.strip() for cell in row), row
        assert row[2][:2] != "no" or re.match("no: .{12,}", row[2]), row
    who = {row[0]: row[1] for row in rows}
    listed = (ROOT / "tests/contributions_of_others.txt").read_text(encoding="utf-8").splitlines()[2:]
    title = ""
    for line in listed:
        if line.startswith(" "):
            assert line.split()[0] in who[title] or "all" in who[title], (title, line)
        else:
            title = line
    assert set(listed) - who.keys() == {line for line in listed if line.startswith(" ")}


def test_what_is_packed_points_to_no_page_that_is_not_there() -> None:
    """Nothing is published yet; what goes to an index is sent with the addresses then."""
    package = json.loads((ROOT / "editors/vscode/package.json").read_text(encoding="utf-8"))
    assert not {"repository", "homepage", "bugs"} & package.keys()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "urls" not in project and "http" not in (ROOT / project["readme"]).read_text(encoding="utf-8")


def test_what_is_contributed_has_ids_that_vs_code_takes() -> None:
    """It passes over others without a word, and a colour that it does not know is transparent."""
    contributed = json.loads((ROOT / "editors/vscode/package.json").read_text(encoding="utf-8"))["contributes"]
    used = (ROOT / "editors/vscode/src/features/inactive.ts").read_text(encoding="utf-8")
    assert {one["id"] for one in contributed["colors"]} == set(re.findall(r"new vscode.ThemeColor\('(.*?)'\)", used))
    for colour in contributed["colors"]:
        assert re.fullmatch(r"\w+[.\w+]*", colour["id"])
    for modifier in contributed["semanticTokenModifiers"]:
        assert re.fullmatch(r"\w+[-_\w+]*", modifier["id"])


def test_editors_documents_name_settings_and_commands() -> None:
    def text(path: str) -> str:
        return (ROOT / path).read_text(encoding="utf-8")

    contributed = json.loads(text("editors/vscode/package.json"))["contributes"]
    page = " ".join(text("editors/vscode/README.md").split())
    for command in contributed["commands"]:
        assert re.sub(r"…$|: .*$", "", command["title"]).casefold() in page.casefold(), command["title"]
    settings = {key for group in contributed["configuration"] for key in group["properties"]}
    for setting in settings:
        assert f"`{setting}`" in page or f"`{setting.rpartition('.')[0]}.*`" in page, setting
    ours = {one for one in settings if not re.match(r"wgsl\.(?:server|trace|inactive|expansion)\.|.*openReport", one)}
    protocol = text("wgsl_ls/server/PROTOCOL.md").partition("## Configuration")[2]
    help_text = text("editors/neovim/doc/wgsl_ls.txt")
    for setting in ours:
        for part in setting.split(".")[1:]:
            assert re.search(rf"\b{part}\b", protocol), setting
            assert re.search(rf"\b{part}\b", help_text), setting
        group = setting.split(".")[1]
        assert f"`{setting.removeprefix('wgsl.')}`" in text("README.md") or f"`{group}.*`" in text("README.md"), setting

    registered = re.findall(r"command\('(Wgsl\w+)'", text("editors/neovim/lua/wgsl_ls/commands.lua"))
    assert len(registered) > 8
    for name in registered:
        assert f"`:{name}" in text("editors/neovim/README.md") and f"*:{name}*" in help_text, name
    defaults = text("editors/neovim/lua/wgsl_ls/init.lua").partition("M.defaults = {")[2].partition("\n}")[0]
    for option in re.findall(r"^  (\w+) =", defaults, re.MULTILINE):
        assert re.search(rf"^      {option} =", help_text, re.MULTILINE), option
    lisp = text("editors/emacs/wgsl-ls.el")
    for name in re.findall(r"\(defun (wgsl-ls-\w[\w-]*) [^\n]*\n(?:  \"[^\"]*\"\n)?  \(interactive\)", lisp):
        assert f"`M-x {name}`" in text("editors/README.md"), name


def kernel(run: dict[str, Any]) -> str:
    stem = run["file"].rpartition("/")[2].removesuffix(".wgsl")
    is_emulated = any("emulated" in words for words in run["lowered"])
    matrix = "subgroup matrix, emulated" if is_emulated else "subgroup matrix, native"
    words = {"flash_attn_tile": "tile", "flash_attn_vec_split": "vec split + reduce", "flash_attn_vec_reduce": "reduce"}
    return words.get(stem, matrix)


def test_figures_of_smoke_runs_are_those_of_the_reports() -> None:
    def report(name: str) -> dict[str, Any]:
        with gzip.open(ROOT / "tests/smoke/reports" / f"{name}.json.gz") as file:
            return dict(json.load(file))

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ours, software, host = report("nvidia-h200"), report("llvmpipe"), report("ggml-d99724f2-nvidia-h100")
    rows = re.findall(r"^\| ([a-z, +]+) \| (Dawn|wgpu|each) \| (\d+) \| (\d+) \| (\S+) \| (.*?) \|$", readme, re.M)
    assert sum(int(row[2]) * (2 if row[1] == "each" else 1) for row in rows) == len(ours["runs"])
    for name, engine, n_runs, n_passed, worst, times in rows:
        for one in ("wgpu", "dawn") if engine == "each" else (engine.lower(),):
            runs = [run for run in ours["runs"] if (kernel(run), run["engine"]) == (name, one)]
            assert (len(runs), sum(run["verdict"] == "pass" for run in runs)) == (int(n_runs), int(n_passed))
            assert f"{max(f['nmse'] for run in runs for f in run['figures'].values()):.1e}" == worst.replace(
                "e-", "e-0"
            )
            measured = [1000 * sum(run["gpu_seconds"].values()) for run in runs if run["gpu_seconds"]]
            least, most = map(float, times.removesuffix(" ms").split("–"))
            rounding = 0.5 * 10 ** -len(times.partition(".")[2].partition("–")[0])
            assert least - rounding <= min(measured) and max(measured) <= most + rounding
    n_agreeing = sum(one["passed"] for one in ours["agreements"])
    assert f"{n_agreeing:,} of {len(ours['agreements']):,} pairs" in readme
    assert (
        f"all {len(software['runs'])} runs of the {len({(r['file'], r['variant']) for r in software['runs']})}"
        in readme
    )
    verdicts = Counter(run["verdict"] for run in software["runs"])
    assert set(verdicts) == {"pass"}
    verdicts = Counter(run["verdict"] for run in host["runs"])
    assert set(verdicts) == {"pass", "fail", "unjudged", "skipped"}
    engines = Counter(run["case"] for run in host["runs"] if run["verdict"] == "fail")
    n_both, n_alone = (sum(n == count for n in engines.values()) for count in (2, 1))
    cases = {run["case"] for run in host["runs"]}
    labels = {case.label for case in all_cases()}
    assert cases <= labels, "the report is older than the cases"
    n_planned = sum(check["message"].startswith("planned:") for run in host["runs"] for check in run["failed_checks"])
    for words in (
        f"{len(labels):,} cases of {len({run['op'] for run in host['runs']})} operations",
        f"of which it does not take {len(labels) - len(cases)}",
        f"{len({run['variant'] for run in host['runs']})} variants",
        f"{len(host['runs']):,} runs, of which {verdicts['pass']:,} passed, {n_planned} were only planned",
        f"{verdicts['skipped'] - n_planned} were not run",
        f"and {verdicts['unjudged']} were not judged",
        f"{sum(one['passed'] for one in host['agreements']):,} of {len(host['agreements']):,} pairs",
        f"The {verdicts['fail']} failures are {n_both} cases on each engine",
        f"and {n_alone} cases on wgpu alone",
    ):
        assert words in readme, words
    listed = readme.partition("cases on each engine")[2].partition("The same on")[0]
    assert sum(map(int, re.findall(r"^\| (\d+) \|", listed, re.M))) == n_both


def test_pictures_are_those_of_the_story() -> None:
    folder = ROOT / "editors/vscode/media/screenshots"
    assert {path.stem for path in folder.glob("*.png")} == set(KEPT)
    story = (ROOT / "tests/e2e/vscode/story.mjs").read_text(encoding="utf-8")
    steps = {re.sub(r"\W+", "-", one) for one in re.findall(r"'([^'\n]+)'", story)}
    assert set(KEPT.values()) <= steps
    shown = "".join(path.read_text(encoding="utf-8") for path in documents())
    assert all(f"screenshots/{name}.png" in shown for name in KEPT)
