"""Documents say what is true: every command runs, every sample parses, every path and option exists.

A block is found by its language; a language that nobody here reads fails, so that no sample stands untested.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from wgsl_ls.analysis.features.semantic_tokens import MODIFIERS_LEGEND
from wgsl_ls.cli.main import SUBCOMMANDS
from wgsl_ls.project.cache import DiskCache
from wgsl_ls.project.config import load_config
from wgsl_ls.project.importers.jsonl import read as read_list
from wgsl_ls.project.model import HostSettings
from wgsl_ls.server.settings import read_settings

ROOT = Path(__file__).parents[1]
OUTSIDE = {".venv", "node_modules", ".pytest_cache", "tests/grammars", "grammars/tests", "out"}
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_HELP_BLOCK = re.compile(r">(\w*)\n((?:[ \t]+[^\n]*\n|\n)+)<?", re.MULTILINE)
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_TIME = re.compile(r"\d+\.\d s\)")


@dataclass(frozen=True, slots=True)
class Block:
    document: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def documents() -> list[Path]:
    found = [*ROOT.rglob("*.md"), *ROOT.glob("editors/neovim/doc/*.txt")]
    return sorted(path for path in found if not any(f"/{part}/" in f"/{path.relative_to(ROOT)}" for part in OUTSIDE))


def blocks() -> Iterator[Block]:
    for path in documents():
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".txt":
            for match in _HELP_BLOCK.finditer(text):
                line = text.count("\n", 0, match.start()) + 2
                yield Block(name, line, match[1] or "sh", re.sub(r"^    ", "", match[2], flags=re.MULTILINE))
            continue
        for match in _FENCE.finditer(text):
            body = re.sub(f"^{match[1]}", "", match[3], flags=re.MULTILINE)
            yield Block(name, text.count("\n", 0, match.start()) + 2, match[2], body)


BLOCKS = list(blocks())
RUN = {"sh", "python", "cpp", "toml", "json", ""}
"""Languages whose blocks are run, or read by what reads them in use; "" are transcripts."""
PARSED = {
    "yaml": "other people's runners read it; tests/cli/test_ci_files.py runs the action",
    "lua": "tests/e2e/test_neovim.py installs the plugin as its page says",
    "vim": "tests/e2e/test_vim.py does what the page says",
    "elisp": "tests/e2e/test_emacs.py does what the page says",
}
ELSEWHERE = {
    r"(?:pip|pipx|uv tool) install ": "tests/cli/test_installing.py runs those of the README; parts are compared",
    r"wgsl-ls .*--cluster ": "tests/cli/test_cluster.py starts one",
    r"dask ": "tests/cli/test_cluster.py starts one",
    r"\.ci/": "CI runs it",
    r"(?:git clone|mkdir|ln) ": "tests/e2e/test_neovim.py installs the plugin",
    r"python grammars/generate\.py$": "tests/grammars/test_generated.py compares what it writes",
    r"(?:cd grammars && )?npm ": ".ci/test runs it",
}
"""Commands that do not run here, and who runs them."""


def of(*languages: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", [one for one in BLOCKS if one.language in languages], ids=str)


def test_every_language_has_a_reader_and_walkthroughs_have_no_untested_samples() -> None:
    assert {block.language for block in BLOCKS} == RUN | set(PARSED)
    assert len(BLOCKS) > 30
    for path in documents():
        if path.suffix == ".md":
            indented = [
                line for line in _FENCE.sub("", path.read_text(encoding="utf-8")).splitlines() if line[:4] == "    "
            ]
            assert not [
                line for line in indented if re.match(r" *(?:[\w.-]+ = |\[|(?:pip|wgsl-ls|python|npm|cd) )", line)
            ], path


@of("toml")
def test_toml_is_a_configuration_without_problems(block: Block) -> None:
    if block.document == "editors/README.md":
        tomllib.loads(block.text)  # an editor's own
        return
    config, problems = load_config("/p/wgsl-ls.toml", block.text)
    assert [one.message for one in problems] == []
    assert config.shaders or config.host != HostSettings()


@of("json")
def test_json_is_a_list_of_variants(block: Block) -> None:
    variants, problems = read_list("/p/variants.jsonl", block.text.split("\n"), ["/p/flash_attn.wgsl"])
    assert variants and not problems


@of("yaml")
def test_yaml_parses_and_names_what_exists(block: Block) -> None:
    yaml.safe_load(block.text)
    for path in re.findall(r"uses: \S+?/(\.github/[^@\s]+)@", block.text):
        assert (ROOT / path / "action.yml").is_file()
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert set(re.findall(r"- id: (\S+)", block.text)) <= hooks
    check_commands(re.findall(r"run: (wgsl-ls .*)", block.text))


@of("elisp", "vim")
def test_editors_are_told_of_files_that_exist(block: Block) -> None:
    """What these files do, the editors' own stories tell."""
    paths = re.findall(r"~/wgsl-ls/([\w./-]+)", block.text)
    for path in paths:
        assert (ROOT / path).exists(), path
    for feature in re.findall(r"\(require '([\w-]+)\)", block.text):
        assert list(ROOT.glob(f"editors/*/{feature}.el")), feature


def test_recipes_start_the_server_and_cover_templates() -> None:
    """The files that editors/README.md names, for editors that do not run here."""
    editors = ROOT / "editors"
    helix = tomllib.loads((editors / "helix/languages.toml").read_text(encoding="utf-8"))
    server = helix["language-server"]["wgsl-ls"]
    assert [server["command"], *server["args"]] == ["wgsl-ls", "serve"]
    (language,) = helix["language"]
    assert language["language-servers"] == ["wgsl-ls"] and "wgsl" in language["file-types"]
    assert {"glob": "*wgsl*/*.tmpl"} in language["file-types"]

    zed = json.loads((editors / "zed/settings.json").read_text(encoding="utf-8"))
    (language_name,) = zed["languages"]
    (name,) = zed["languages"][language_name]["language_servers"]
    # As the extension has them: its language "WGSL/WESL" and its server "wgsl_analyzer".
    assert (language_name, name) == ("WGSL/WESL", "wgsl_analyzer")
    assert zed["lsp"][name]["binary"] == {"path": "wgsl-ls", "arguments": ["serve"]}
    assert any(pattern.endswith("*.tmpl") for pattern in zed["file_types"][language_name])

    kate = json.loads((editors / "kate/settings.json").read_text(encoding="utf-8"))
    assert kate["servers"]["wgsl"]["command"] == ["wgsl-ls", "serve"]
    syntax = ElementTree.parse(editors / "kate/wgsl.xml").getroot()
    assert re.match(kate["servers"]["wgsl"]["highlightingModeRegex"], syntax.attrib["name"])
    assert {"*.wgsl", "*.wgsl.tmpl", "*.tmpl"} == set(syntax.attrib["extensions"].split(";"))
    contexts = {one.attrib["name"] for one in syntax.iter("context")}
    used = {one.attrib["context"] for one in syntax.iter() if "context" in one.attrib}
    assert used <= contexts | {"#stay", "#pop"}
    styles = {one.attrib["name"] for one in syntax.iter("itemData")}
    assert {one.attrib["attribute"] for one in syntax.iter() if "attribute" in one.attrib} <= styles
    sublime = json.loads((editors / "sublime/LSP.sublime-settings").read_text(encoding="utf-8"))
    assert sublime["clients"]["wgsl-ls"]["command"] == ["wgsl-ls", "serve"]
    extensions = json.loads((editors / "sublime/WGSL.sublime-settings").read_text(encoding="utf-8"))
    assert "wgsl.tmpl" in extensions["extensions"]
    lsp4ij = json.loads((editors / "lsp4ij/template.json").read_text(encoding="utf-8"))
    patterns = [one for mapping in lsp4ij["fileTypeMappings"] for one in mapping["fileType"]["patterns"]]
    assert lsp4ij["programArgs"]["default"] == "wgsl-ls serve" and {"*.wgsl", "*.tmpl", "wgsl-ls.toml"} <= set(patterns)

    # What they set, the server knows.
    options = json.loads((editors / "lsp4ij/initializationOptions.json").read_text(encoding="utf-8"))
    dotted = sublime["clients"]["wgsl-ls"]["settings"]
    for given in (
        server["config"]["wgsl"],
        zed["lsp"][name]["initialization_options"],
        kate["servers"]["wgsl"]["settings"]["wgsl"],
        {key.removeprefix("wgsl."): value for key, value in dotted.items()},
        options,
    ):
        assert read_settings({"engines": ["dawn"], **given}).engines == ("wgpu", "dawn")

    agents = json.loads((editors / "agents/lsp.json").read_text(encoding="utf-8"))["wgsl-ls"]
    assert [agents["command"], *agents["args"]] == ["wgsl-ls", "serve"]
    assert agents["extensionToLanguage"] == {".wgsl": "wgsl", ".tmpl": "wgsl"}
    tools = json.loads((editors / "agents/mcp.json").read_text(encoding="utf-8"))["mcpServers"]["wgsl-ls"]
    assert [tools["command"], *tools["args"]][:2] == ["wgsl-ls", "mcp"]


def test_what_is_published_is_what_stands_here() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not re.search(r"\]\((?!https://)", (ROOT / project["readme"]).read_text(encoding="utf-8"))
    mason = yaml.safe_load((ROOT / "editors/publish/mason/package.yaml").read_text(encoding="utf-8"))
    assert mason["source"]["id"] == f"pkg:pypi/{project['name']}@{project['version']}?extra=dawn,smoke"
    assert set(mason["bin"]) == set(project["scripts"])
    extension = json.loads((ROOT / "editors/vscode/package.json").read_text(encoding="utf-8"))
    modifiers = {one["id"] for one in extension["contributes"]["semanticTokenModifiers"]}
    assert modifiers == set(MODIFIERS_LEGEND) - {"declaration", "readonly", "defaultLibrary", "definition"}
    workflow = (ROOT / ".github/workflows/publish.yml").read_text(encoding="utf-8")
    steps = yaml.safe_load(workflow)["jobs"]
    assert {"build", "server", "extension"} == set(steps) and steps["server"]["permissions"] == {"id-token": "write"}
    for script in re.findall(r"npm run (\S+)", workflow):
        assert script in extension["scripts"]
    for action in re.findall(r"uses: (\S+)", workflow):
        assert "@" in action


@of("lua")
def test_lua_parses(block: Block, tmp_path: Path) -> None:
    tools = Path(os.environ.get("WGSL_EDITOR_TOOLS") or Path.home() / ".cache/wgsl-ls-editors")
    editor = shutil.which("nvim") or shutil.which(str(tools / "bin/nvim"))
    if editor is None:
        pytest.skip("no Neovim here")
    file = tmp_path / "sample.lua"
    # In :help a value may stand alone, as an argument of setup()
    file.write_text(block.text if not block.text.lstrip().startswith("{") else f"return {block.text}", encoding="utf-8")
    command = [
        editor,
        "--headless",
        "--clean",
        "-i",
        "NONE",
        "-n",
        "-c",
        f"lua assert(loadfile('{file}'))",
        "-c",
        "qall!",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0 and "E5108" not in done.stderr, done.stderr


@of("elisp")
def test_elisp_is_balanced(block: Block) -> None:
    plain = re.sub(r'"(?:\\.|[^"\\])*"|;[^\n]*', "", block.text)
    assert plain.count("(") == plain.count(")") > 0


@of("cpp")
def test_the_trace_of_a_host_program_writes_what_we_import(block: Block, tmp_path: Path) -> None:
    """Our own sample, compiled here and nowhere else."""
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("no C++ compiler here")
    source = tmp_path / "trace.cpp"
    source.write_text(
        "#include <fstream>\n#include <string>\n#include <vector>\nvoid note(const std::string & name, "
        "const std::vector<std::string> & defines) {\n" + block.text + "}\n"
        'int main() { note("flash_attn", {"MASK", "D=64"}); note("flash_attn", {}); }\n',
        encoding="utf-8",
    )
    subprocess.run([compiler, "-o", str(tmp_path / "trace"), str(source)], check=True)
    subprocess.run([str(tmp_path / "trace")], cwd=tmp_path, check=True)
    text = (tmp_path / "variants.jsonl").read_text(encoding="utf-8")
    variants, problems = read_list("/p/variants.jsonl", text.split("\n"), ["/p/flash_attn.wgsl"])
    assert problems == ()
    assert [variant.defines for variant in variants] == [(("MASK", ""), ("D", "64")), ()]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where commands of documents run: a git repository with the folders that they name."""
    shaders = ROOT / "tests/shaders/broken"
    shutil.copytree(shaders, tmp_path / "tests/shaders/broken")
    for folder in ("shaders", "path/to/shaders"):
        (tmp_path / folder).mkdir(parents=True)
        shutil.copy(shaders / "missing_helper.wgsl", tmp_path / folder)
    shutil.copy(shaders / "missing_helper.wgsl", tmp_path / "flash_attn.wgsl")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t"]
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "one"],
        ["update-ref", "refs/remotes/origin/main", "HEAD"],
    ):
        subprocess.run([*git, *words], cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.setenv("WGSL_LS_CACHE", str(tmp_path / ".cache"))
    for part in range(1, 5):
        DiskCache(tmp_path / f"part-{part}" / "results.sqlite3").close()
    return tmp_path


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wgsl_ls.cli.main", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def commands(block: Block) -> Iterator[str]:
    for line in block.text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield shlex.join(words).replace("'&&'", "&&")


@pytest.mark.gpu
@pytest.mark.slow
@of("sh")
def test_commands_run(block: Block, scratch: Path) -> None:
    if block.document == "wgsl_ls/smoke/README.md":
        shutil.copytree(ROOT / "tests/smoke/host", scratch / "host")
        scratch /= "host"
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for line in commands(block):
        for path in re.findall(r"~/wgsl-ls/([\w./-]+)", line):
            assert (ROOT / path).exists(), line
        words = shlex.split(line)
        if any(re.match(pattern, line) for pattern in ELSEWHERE):
            if "install" in words:
                named = re.fullmatch(r"\./wgsl-ls\[([\w,]+)\]", words[-1])
                assert named and set(named[1].split(",")) <= set(extras), line
            if words[0].startswith("."):
                assert os.access(ROOT / words[0], os.X_OK), line
            if words[0] == "wgsl-ls":
                check_commands([line])
        else:
            assert words[0] == "wgsl-ls", f"{block}: nobody runs '{line}'"
            done = run(words[1:], scratch)
            assert done.returncode in (0, 1), f"{line}\n{done.stderr}"
            assert "Traceback" not in done.stderr


def test_what_does_not_run_here_is_in_some_document() -> None:
    lines = [line for block in BLOCKS if block.language == "sh" for line in commands(block)]
    assert all(any(re.match(pattern, line) for line in lines) for pattern in ELSEWHERE)
    for reason in (*ELSEWHERE.values(), *PARSED.values()):
        for path in re.findall(r"(?:tests|\.ci)/[\w./]+", reason):
            assert (ROOT / path).is_file(), path


def test_nothing_is_installed_by_a_name_that_anybody_could_register() -> None:
    """The package is on no index: pip is given a path, or the packages of others."""
    sources = [
        *documents(),
        *(path for path in (ROOT / "wgsl_ls").rglob("*.py")),
        *(path for path in (ROOT / "editors").rglob("*") if path.suffix in (".lua", ".ts", ".json", ".mjs")),
        *(path for path in (ROOT / ".github").rglob("*.y*ml")),
    ]
    for path in sources:
        if not any(f"/{part}/" in f"/{path.relative_to(ROOT)}" for part in OUTSIDE):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"""install [-\w ]*["']?wgsl-ls|["']wgsl-ls\[|wgsl-ls/wgsl-ls""", text), path


@of("python")
def test_python_runs(block: Block, scratch: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block.text + "\nassert not expansion.failed and expansion.text"],
        cwd=scratch,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.gpu
@of("")
def test_transcripts_are_what_comes_out(block: Block, scratch: Path) -> None:
    """`$ command`, then its output; times may differ."""
    parts = re.split(r"^\$ (.*)\n", block.text, flags=re.MULTILINE)
    assert not parts[0].strip() and len(parts) > 1, f"{block} is neither a transcript nor of a known language"
    for command, expected in zip(parts[1::2], parts[2::2], strict=True):
        words = shlex.split(command, comments=True)
        assert words[0] == "wgsl-ls", command
        shown = run(words[1:], scratch).stdout
        assert _TIME.sub("T)", shown).strip() == _TIME.sub("T)", expected).strip(), command


def parser_of(subcommand: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    import_module(f"wgsl_ls.cli.{subcommand}").add_arguments(parser)
    return parser


OPTIONS = {name: set(parser_of(name)._option_string_actions) for name in SUBCOMMANDS}


def check_commands(commands: list[str]) -> None:
    for command in commands:
        words = command.split("#")[0].split()[1:]
        assert words and (words[0] in SUBCOMMANDS or words[0].startswith(("-", "[", "SUBCOMMAND"))), command
        for option in re.findall(r"(?<![\w-])(--[a-z][\w-]*)", " ".join(words[1:])):
            assert option in OPTIONS[words[0]], f"{command}: there is no {option}"


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_inline_commands_options_and_links_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    inline = _INLINE.findall(_FENCE.sub("", text))
    check_commands([code for code in inline if re.match(r"wgsl-ls [a-z]", code)])
    if path.name in ("README.md", "CI.md") and "vscode" not in path.parts:
        ours = set().union(*OPTIONS.values())
        for code in inline:
            option = re.match(r"(--[a-z][\w-]*)", code)
            assert option is None or option[1] in ours, f"there is no {code}"
    for target in re.findall(r"\]\((?!https?:|#|command:|mailto:)([^)#\s]+)", text):
        assert (path.parent / target).exists(), f"{path.name} points to {target}"
    for target, anchor in re.findall(r"\]\((?!https?:|command:|mailto:)([^)#\s]*)#([^)\s]+)\)", text):
        page = (path.parent / target).read_text(encoding="utf-8") if target else text
        headings = [
            re.sub(r"[^\w -]", "", line.lower()).strip().replace(" ", "-")
            for line in re.findall(r"^#+ (.*)$", page, re.M)
        ]
        assert anchor in headings or f'<a id="{anchor}">' in page, f"{path.name} points to {target}#{anchor}"


EXAMPLES = [
    (name, line)
    for name in SUBCOMMANDS
    for line in import_module(f"wgsl_ls.cli.{name}").EXAMPLES.splitlines()
]  # fmt: skip


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_help_ends_with_examples_of_the_subcommand(name: str) -> None:
    lines = [line for owner, line in EXAMPLES if owner == name]
    assert lines and all(line.startswith(f"wgsl-ls {name}") for line in lines)
    assert all(len(line) <= 116 for line in lines)
    check_commands(lines)


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_help_says_something_of_every_argument(name: str) -> None:
    assert [action.dest for action in parser_of(name)._actions if not action.help] == []


@pytest.mark.gpu
@pytest.mark.slow
@pytest.mark.parametrize(("name", "line"), EXAMPLES, ids=[line.partition("#")[0] for _, line in EXAMPLES])
def test_examples_of_help_run(name: str, line: str, scratch: Path) -> None:
    if name in ("serve", "mcp"):
        return  # tests/server and tests/cli/test_mcp.py speak with them
    words = shlex.split(line, comments=True)[1:]
    (scratch / "wgsl-ls.toml").write_text(
        '[[shader]]\nfiles = ["flash_attn.wgsl"]\naxes = { K = ["K_F16", "K_Q8_0", "K_Q4_0"] }\n', encoding="utf-8"
    )
    (scratch / "error.txt").write_text(":1:1 error: wrong\nfn no_such_line() {\n", encoding="utf-8")
    if name == "init":
        (scratch / "wgsl-ls.toml").unlink()
    done = run(words, scratch)
    # No host program stands here; tests/cli/test_smoke_host.py has one.
    expected = (2,) if "--op" in words else (0, 1)
    assert done.returncode in expected, f"{line}\n{done.stderr}"
    assert "Traceback" not in done.stderr
