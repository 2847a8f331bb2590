"""Neovim: the plugin installed as its README says, driven by keys. First against the stand-in server, whose answers
can be worked out by hand; then the story with the real server on our FlashAttention family."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.neovim_driver import Neovim

PLUGIN = Path(__file__).parent.parent.parent / "editors/neovim"
SECOND_HOST = Path(__file__).parent.parent / "host/second"
INIT = """
require('wgsl_ls').setup({})
vim.o.statusline = '%f %m%=%{v:lua.require("wgsl_ls").statusline()} %l:%c'
vim.o.hidden = true
"""

pytestmark = [pytest.mark.editor]

Start = Callable[[Path, Path], Neovim]


@pytest.fixture
def start(tools: Path, tmp_path: Path, artifacts: Path) -> Iterator[Start]:
    """Starts a Neovim in a folder, with a server on its PATH."""
    if not (tools / "bin/nvim").exists():
        pytest.skip("no Neovim: run tests/e2e/setup.sh node neovim")
    home = tmp_path / "home"
    package = home / ".local/share/nvim/site/pack/wgsl/start"
    package.mkdir(parents=True)
    (package / "wgsl-ls").symlink_to(PLUGIN)
    (home / ".config/nvim").mkdir(parents=True)
    (home / ".config/nvim/init.lua").write_text(INIT)
    running: list[Neovim] = []

    def run(folder: Path, server: Path) -> Neovim:
        running.append(Neovim(tools / "bin/nvim", home, folder, f"{server}:/usr/bin:/bin"))
        return running[-1]

    yield run
    for neovim in running:
        if neovim.process.poll() is None:
            (artifacts / "messages.txt").write_text(neovim.messages())
        neovim.stop()
        (artifacts / "nvim.log").write_text(neovim.log.read_text())


def statusline(neovim: Neovim) -> str:
    return str(neovim.lua("require('wgsl_ls').statusline()"))


def inactive(neovim: Neovim) -> list[str]:
    """The texts of the lines of the current buffer that carry the mark of inactive code."""
    marks = neovim.lua(
        "vim.tbl_map(function(mark) return { mark[2], mark[4].end_row, mark[4].hl_group } end,"
        ' vim.api.nvim_buf_get_extmarks(0, require("wgsl_ls.inactive").namespace, 0, -1, { details = true }))'
    )
    lines = neovim.lines()
    assert {group for _, _, group in marks} <= {"WgslInactive"}
    return [lines[row] for first, last, _ in marks for row in range(first, last + 1)]


def diagnostics(neovim: Neovim) -> list[dict[str, Any]]:
    found = neovim.lua(
        "vim.tbl_map(function(item) return { line = item.lnum, message = item.message, buffer = item.bufnr,"
        " severity = item.severity, name = vim.api.nvim_buf_get_name(item.bufnr) } end, vim.diagnostic.get())"
    )
    return [item for item in found if item["severity"] == 1]


def windows(neovim: Neovim) -> dict[str, dict[str, Any]]:
    """The windows of this tab by the end of their buffer's name: buffer, the cursor line's text, winbar."""
    shown = neovim.lua(
        "vim.tbl_map(function(window) local buffer = vim.api.nvim_win_get_buf(window);"
        " local row = vim.api.nvim_win_get_cursor(window)[1];"
        " return { name = vim.api.nvim_buf_get_name(buffer), buffer = buffer, winbar = vim.wo[window].winbar,"
        " line = vim.api.nvim_buf_get_lines(buffer, row - 1, row, false)[1] } end,"
        " vim.api.nvim_tabpage_list_wins(0))"
    )
    return {item["name"].rsplit("/", 1)[-1]: item for item in shown}


def panel(neovim: Neovim, name: str) -> list[str]:
    """The lines of a panel; none before it is opened."""
    return list(neovim.lua(f'vim.fn.getbufline("wgsl-ls://{name}", 1, "$")'))


def goto(neovim: Neovim, text: str) -> int:
    """Moves the cursor to the first line that has `text`, at it; the line's number from 0."""
    line = next(number for number, line in enumerate(neovim.lines()) if text in line)
    neovim.keys(f"<Esc>:{line + 1}<CR>0")
    column = neovim.lines()[line].index(text)
    if column:
        neovim.keys(f"{column}l")
    return line


def test_every_command_against_the_stand_in(start: Start, small_shader: Path, stand_in_server: Path) -> None:
    neovim = start(small_shader, stand_in_server)
    neovim.keys(":edit flash_attn.wgsl<CR>")
    neovim.until("the variant is named", lambda: statusline(neovim) == "f32_d64 ✓3")
    neovim.until("code is faint", lambda: any("return sinks" in line for line in inactive(neovim)))

    neovim.keys(":WgslVariant f16_d128_sinks<CR>")
    neovim.until("the variant is active", lambda: statusline(neovim) == "f16_d128_sinks ✓3")
    neovim.until("other code is faint", lambda: inactive(neovim)[:1] == ["fn sink(head: u32) -> f32 {"])
    assert not any("return sinks" in line for line in inactive(neovim))

    lenses = "vim.tbl_map(function(lens) return lens.command.title end, vim.lsp.codelens.get(0))"
    neovim.until("the lens follows", lambda: "f16_d128_sinks: 3 of 3 pass" in neovim.lua(lenses))

    goto(neovim, "sum += KV_TYPE")
    neovim.keys(":WgslExpand<CR>")
    expanded = "flash_attn.wgsl?variant=f16_d128_sinks"
    neovim.until(
        "both cursors are at one place", lambda: "sum += f16(" in windows(neovim).get(expanded, {"line": ""})["line"]
    )
    neovim.keys("<C-w>l")
    goto(neovim, "fn main")
    neovim.until("the source follows", lambda: "fn main" in windows(neovim)["flash_attn.wgsl"]["line"])
    neovim.keys("<C-w>h")

    neovim.keys("GOlet x = mistake;<Esc>")
    names = neovim.until("the mistake stands on both sides", lambda: len(found := diagnostics(neovim)) == 2 and found)
    assert {item["name"].rsplit("/", 1)[-1] for item in names} == {"flash_attn.wgsl", expanded}
    neovim.until(
        "the count of failures", lambda: statusline(neovim) == "f16_d128_sinks ✗3" or "✗3" in statusline(neovim)
    )
    neovim.keys("u")
    neovim.until("it is gone on both sides", lambda: diagnostics(neovim) == [])

    neovim.keys(":new<CR>:WgslDefines<CR>")
    what_for = ["The macros at the cursor, when it is in a shader."]
    neovim.until("it is no empty panel", lambda: panel(neovim, "defines") == what_for)
    neovim.keys(":quit<CR>:WgslDefines<CR>")
    neovim.until(
        "the macros are listed",
        lambda: any(re.match(r"HEAD_DIM +128 +\[variant", line) for line in panel(neovim, "defines")),
    )
    neovim.keys("gg")
    neovim.until("the panel follows", lambda: panel(neovim, "defines")[0].startswith("line 1,"))
    assert not any("TILE " in line for line in panel(neovim, "defines"))

    neovim.keys(":syntax on<CR>:WgslSmoke<CR>")
    neovim.until("the report is there", lambda: panel(neovim, "smoke")[:1] == ["1 of 1 checks passed"])
    painted = neovim.lua(
        'vim.api.nvim_buf_call(vim.fn.bufnr("wgsl-ls://smoke"), function() vim.bo.modifiable = true'
        ' vim.api.nvim_buf_set_lines(0, 0, -1, false, { "## pass: a_b_c" })'
        ' return vim.tbl_map(function(at) return vim.fn.synIDattr(vim.fn.synID(1, at, 1), "name") end,'
        " vim.fn.range(1, 14)) end)"
    )
    assert "markdownH2" in painted and "markdownError" not in painted, "a name with underscores is no mistake"
    shown = 'require("wgsl_ls.words").fitting(("word "):rep(80))'
    assert len(neovim.lua(shown)) == neovim.lua("vim.v.echospace"), "no message waits for a key"

    neovim.keys(":WgslExplain<CR>")
    floating = (
        "#vim.tbl_filter(function(window) return vim.api.nvim_win_get_config(window).relative ~= '' end,"
        " vim.api.nvim_list_wins())"
    ).replace("'", '"')
    neovim.until("the explanation floats", lambda: neovim.lua(floating) == 1)

    neovim.keys("l:WgslVariant f32_d64<CR>")
    neovim.until("the expansion changed with the variant", lambda: "flash_attn.wgsl?variant=f32_d64" in windows(neovim))

    neovim.keys(":WgslDiff f16_d64<CR>")
    neovim.until(
        "two texts in diff mode",
        lambda: (
            neovim.lua(
                "#vim.tbl_filter(function(window) return vim.wo[window].diff end, vim.api.nvim_tabpage_list_wins(0))"
            )
            == 2
        ),
    )
    neovim.keys(":tabclose<CR>:WgslRestart<CR>")
    neovim.until("the server runs again", lambda: statusline(neovim).startswith("f32_d64") and inactive(neovim))


def test_a_wrong_variant_and_a_missing_server_are_said(
    start: Start, small_shader: Path, stand_in_server: Path, tmp_path: Path
) -> None:
    neovim = start(small_shader, stand_in_server)
    neovim.keys(":edit flash_attn.wgsl<CR>")
    neovim.until("the variant is named", lambda: statusline(neovim) != "")
    neovim.keys(":WgslVariant nonsense<CR>")
    neovim.until("the refusal is shown", lambda: "there is no variant nonsense" in neovim.messages())
    neovim.stop()
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "home/nvim.sock").unlink(missing_ok=True)
    neovim = start(small_shader, empty)
    neovim.keys(":edit flash_attn.wgsl<CR>")
    neovim.until("the way to install it is shown", lambda: "pip install" in neovim.messages())


def test_plain_vim_lsp_enable_without_setup(
    tools: Path, tmp_path: Path, start: Start, small_shader: Path, stand_in_server: Path
) -> None:
    (tmp_path / "home/.config/nvim/init.lua").write_text("vim.lsp.enable('wgsl_ls')\n")
    neovim = start(small_shader, stand_in_server)
    neovim.keys(":edit flash_attn.wgsl<CR>GOlet x = mistake;<Esc>")
    found = neovim.until("the mistake is marked", lambda: diagnostics(neovim))
    assert found[0]["message"] == "unresolved identifier 'mistake'"


def test_templates_of_other_languages_stay_theirs(start: Start, small_shader: Path, stand_in_server: Path) -> None:
    (small_shader / "mail.tmpl").write_text("Dear {{ .Name }},\n")
    neovim = start(small_shader, stand_in_server)
    neovim.keys(":edit decls.tmpl<CR>")
    neovim.until("it is WGSL", lambda: neovim.lua("vim.bo.filetype") == "wgsl")
    neovim.keys(":edit mail.tmpl<CR>")
    neovim.until("it is not", lambda: neovim.lua("vim.bo.filetype") == "template")


def test_what_is_told_of_some_variants_is_laid_over_the_list(
    start: Start, small_shader: Path, stand_in_server: Path
) -> None:
    neovim = start(small_shader, stand_in_server)
    shown = neovim.lua(
        '(function() local entries = {} for name in ("abcdef"):gmatch(".") do'
        ' table.insert(entries, { name = name, state = "pending", why = "nobody was asked" }) end'
        ' local passed = { runs = { 0, 1, 1, 1, 2, 1 }, state = "pass", verdicts = {}, problems = 0 }'
        ' local failed = { runs = { 1, 1 }, state = "fail", verdicts = {}, problems = 1, reason = "wrong" }'
        ' require("wgsl_ls.variants").changed(entries, { passed, failed })'
        " return vim.tbl_map(function(entry) return table.concat({ entry.name, entry.state, entry.reason or '-',"
        " entry.why and 'why' or '-' }, ' ') end, entries) end)()"
    )
    assert shown == ["a pass - -", "b fail wrong -", "c pass - -", "d pending - why", "e pending - why", "f pass - -"]


HOSTILE = (
    "x%{writefile([''],'RAN')}%{%writefile([''],'RAN')%}\\u001b]0;title\\u0007|!touch RAN|`touch RAN`$(touch RAN).tar"
)


def test_names_of_a_repository_are_only_text(start: Start, tmp_path: Path, real_server: Path) -> None:
    folder = tmp_path / "x%{writefile([''],'RAN')}.d"
    # What would be read for the names of our buffers, if they were file names.
    for name in ("wgsl-expanded:", "wgsl-ls:"):
        (folder / name).mkdir(parents=True)
    (folder / "wgsl-ls:/defines").write_text("read\nvim: set ft=lua:\n")
    (folder / "a.wgsl").write_text("#ifdef WIDE\nconst wide = 1;\n#endif\n@compute @workgroup_size(1) fn main() {}\n")
    (folder / "wgsl-ls.toml").write_text(
        f'[[shader]]\nfiles = ["*.wgsl"]\n[[shader.variant]]\nname = "{HOSTILE}"\ndefines = ["WIDE={HOSTILE}"]\n'
        f'[[shader.variant]]\nname = "{HOSTILE}2"\n'
    )
    name = HOSTILE.replace("\\u001b", "\x1b").replace("\\u0007", "\x07")
    neovim = start(folder, real_server)
    # Evaluated as deep as it goes, in every place that shows names.
    neovim.keys(
        ":set laststatus=2 showtabline=2 title tabline=%f statusline=%f%{%v:lua.require'wgsl_ls'.statusline()%}<CR>"
    )
    neovim.keys(":edit a.wgsl<CR>")
    neovim.until("the variant is named", lambda: "x%%{writefile" in statusline(neovim))
    assert "\x1b" not in statusline(neovim)

    def bars() -> list[str]:
        shown = neovim.lua("vim.tbl_map(function(window) return vim.wo[window].winbar end, vim.api.nvim_list_wins())")
        return [bar for bar in shown if bar]

    neovim.keys(":WgslExpand<CR>")
    neovim.until("the expansion is open", lambda: bars() and "redraw")
    neovim.keys(":WgslDefines<CR>:redraw!<CR>")
    neovim.until("the panel is open", lambda: panel(neovim, "defines"))
    assert panel(neovim, "defines") != ["read", "vim: set ft=lua:"]
    neovim.lua(
        '(function() local list = require("wgsl_ls.variants").of(vim.api.nvim_get_current_buf()).variants;'
        ' require("wgsl_ls.expansion").diff(list[1].name, list[2].name) return 1 end)()'
    )
    neovim.until("both are shown", lambda: len(bars()) >= 3)
    neovim.keys(":redraw!<CR>:tabprevious<CR>:redraw!<CR>")
    for bar in bars():
        options = "{ use_winbar = true, maxwidth = 1000 }"
        shown = neovim.lua(f"vim.api.nvim_eval_statusline({lua_text(bar)}, {options}).str")
        assert name.translate({0x1B: "␛", 0x07: "␇"}) in shown, "as it was written, but for controls"
    assert not list(tmp_path.rglob("RAN"))


def lua_text(text: str) -> str:
    return '"' + "".join(f"\\{byte:03d}" for byte in text.encode()) + '"'


@pytest.mark.slow
def test_the_story(start: Start, shaders: Path, real_server: Path) -> None:
    neovim = start(shaders, real_server)
    neovim.keys(":edit flash_attn_tile.wgsl<CR>")
    neovim.until("the variant is named", lambda: statusline(neovim).startswith("plain"))
    neovim.until("every variant is judged", lambda: re.fullmatch(r"plain ✓\d{2,}", statusline(neovim)), 180)
    neovim.until("code is faint", lambda: any("read_key(" in line for line in inactive(neovim)))

    # A seeded mistake: at its line, with a quick fix.
    neovim.keys("<Esc>")
    line = goto(neovim, "start_rows(thread);")
    neovim.keys("olet seeded = n_turn;<Esc>")
    found = neovim.until(
        "the mistake is marked", lambda: [item for item in diagnostics(neovim) if "n_turn" in item["message"]], 60
    )
    assert {item["line"] for item in found} == {line + 1}
    neovim.until("failures are counted", lambda: "✗" in statusline(neovim), 60)
    goto(neovim, "n_turn;")
    neovim.keys(
        ":lua vim.lsp.buf.code_action({ apply = true,"
        " filter = function(action) return action.title:find('n_turns') end })<CR>"
    )
    neovim.until("it is repaired", lambda: "    let seeded = n_turns;" in neovim.lines())
    neovim.keys(":edit!<CR>")
    neovim.until(
        "every variant is right again", lambda: diagnostics(neovim) == [] and "✗" not in statusline(neovim), 120
    )

    # Another variant: other code is faint.
    names = neovim.lua("vim.fn.getcompletion('WgslVariant ', 'cmdline')".replace("'", '"'))
    direct = next(name for name in names if "K_DIRECT" in name)
    neovim.keys(f":WgslVariant {direct}<CR>")
    neovim.until("it is active", lambda: "K_DIRECT" in statusline(neovim))
    neovim.until("other code is faint", lambda: any("kv_tile[key * QK_CHUNKS" in line for line in inactive(neovim)))
    assert not any("read_key(" in line for line in inactive(neovim))

    # A server that begins again looks through it too.
    clients = "vim.tbl_map(function(one) return one.id end, vim.lsp.get_clients({ name = 'wgsl_ls' }))"
    before = neovim.lua(clients)
    neovim.keys(":WgslRestart<CR>")
    neovim.until("another one runs", lambda: neovim.lua(clients) not in ([], before), 60)
    document = "{ textDocument = { uri = vim.uri_from_bufnr(0) } }"
    told = neovim.lua(f"vim.tbl_values(vim.lsp.buf_request_sync(0, 'wgsl/variants', {document}, 20000))")
    assert told[0]["result"]["active"] == direct

    # Hover.
    goto(neovim, "Q_TILE;")
    neovim.keys(":lua vim.lsp.buf.hover()<CR>")
    shown = neovim.until(
        "the hover floats",
        lambda: neovim.lua(
            "vim.tbl_map(function(window)"
            " return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false) end,"
            ' vim.tbl_filter(function(window) return vim.api.nvim_win_get_config(window).relative ~= "" end,'
            " vim.api.nvim_list_wins()))"
        ),
    )
    assert "Q_TILE" in "\n".join(shown[0])
    neovim.keys("l")

    # The expansion: live, both cursors at one place.
    goto(neovim, "let first_query =")
    neovim.keys(":WgslExpand<CR>")
    expanded = f"flash_attn_tile.wgsl?variant={direct}"
    neovim.until(
        "the expansion follows", lambda: "let first_query =" in windows(neovim).get(expanded, {"line": ""})["line"]
    )
    neovim.keys("<C-w>l")
    goto(neovim, "let head = group.y")
    neovim.until("the source follows", lambda: "let head = group.y" in windows(neovim)["flash_attn_tile.wgsl"]["line"])
    neovim.keys("<C-w>h")
    goto(neovim, "start_rows(thread);")
    neovim.keys("olet live = Q_TILE + undefined_here;<Esc>")
    buffer = windows(neovim)[expanded]["buffer"]
    neovim.until("the expansion has the edit", lambda: any("+ undefined_here" in line for line in neovim.lines(buffer)))
    neovim.until(
        "the error stands on both sides", lambda: len({item["buffer"] for item in diagnostics(neovim)}) == 2, 60
    )
    neovim.keys(":edit!<CR>")

    # Define state.
    goto(neovim, "let first_query =")
    neovim.keys(":WgslDefines<CR>")
    neovim.until("the macros are listed", lambda: any(line.startswith("K_DIRECT") for line in panel(neovim, "defines")))

    # A macro is renamed across files.
    goto(neovim, "SCORE_TILE")
    neovim.keys(":lua vim.lsp.buf.rename('LOGIT_TILE')<CR>")
    neovim.until("the name is new", lambda: "#define LOGIT_TILE scores" in neovim.lines())
    neovim.keys(":wall<CR>")
    include = shaders / "online_softmax.tmpl"
    neovim.until("the include has it", lambda: "LOGIT_TILE[" in include.read_text())

    # A smoke run.
    neovim.keys(":WgslSmoke plain<CR>")
    neovim.until("the report is there", lambda: len(panel(neovim, "smoke")) > 3, 120)
    assert "Smoke run: " in neovim.messages()


def test_the_host_code_beside_its_shaders(start: Start, tmp_path: Path, real_server: Path) -> None:
    """From a macro to the C++ that gives it; what is typed there is a variant before anything is saved."""
    folder = tmp_path / "made" / "up" / "engine"
    shutil.copytree(SECOND_HOST, folder)
    neovim = start(folder, real_server)
    neovim.keys(":edit kernels/tone.wgsl<CR>")

    def names() -> list[str]:
        return list(neovim.lua('vim.fn.getcompletion("WgslVariant ", "cmdline")'))

    neovim.until("the host's variants", lambda: len(names()) == 22)
    assert any("PACKED" in name for name in names())
    # What is drawn while the answer is on its way does not stay.
    neovim.until("hints of the first variant", lambda: "= 8" in drawn_hints(neovim))
    neovim.keys(f":WgslVariant {next(name for name in names() if 'TILE=16' in name)}<CR>")
    neovim.until("hints of the other variant", lambda: "= 16" in drawn_hints(neovim))
    assert "= 8" not in drawn_hints(neovim)
    neovim.keys("/ifdef PACKED<CR>w:lua vim.lsp.buf.definition()<CR>")
    neovim.until("the C++", lambda: neovim.lua("vim.api.nvim_buf_get_name(0)").endswith("engine.cpp"))
    row = neovim.lua("vim.api.nvim_win_get_cursor(0)[1]")
    assert neovim.lines()[row - 1].strip() == 'macros.emplace("PACKED", "");'
    neovim.keys('omacros.emplace("BRAND_NEW", "");<Esc>')
    neovim.keys(":buffer tone.wgsl<CR>")
    neovim.until("the new variants", lambda: any("BRAND_NEW" in name for name in names()))
    assert "BRAND_NEW" not in (folder / "engine.cpp").read_text()
    found = neovim.lua(
        "vim.tbl_map(function(item) return { line = item.lnum, message = item.message } end,"
        " vim.diagnostic.get(vim.fn.bufnr('engine.cpp')))"
    )
    assert found == [{"line": row, "message": "BRAND_NEW is given to tone, where nothing reads it"}]


def drawn_hints(neovim: Neovim) -> list[str]:
    """Of the current buffer, after the screen was drawn once more."""
    return list(
        neovim.lua(
            "(function() vim.cmd('redraw!') local found = {} "
            "local space = vim.api.nvim_get_namespaces()['nvim.lsp.inlayhint'] "
            "for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, space, 0, -1, { details = true })) do "
            "for _, part in ipairs(mark[4].virt_text) do table.insert(found, part[1]) end end return found end)()"
        )
    )


UNINDENTED = """\
fn main(a: u32,
b: u32) {
#ifdef WIDE
if (a > 1u) {
/* { */ call(a,
b);
}
#else
x = 1; // {
#endif
}
""".splitlines()
INDENTED = """\
fn main(a: u32,
    b: u32) {
#ifdef WIDE
    if (a > 1u) {
        /* { */ call(a,
            b);
    }
#else
    x = 1; // {
#endif
}
""".splitlines()


def test_syntax_indent_and_comments(start: Start, small_shader: Path, stand_in_server: Path) -> None:
    (small_shader / "b.wgsl").write_text("\n".join(UNINDENTED) + "\n")
    neovim = start(small_shader, stand_in_server)
    neovim.keys(":edit b.wgsl<CR>")
    neovim.until("the comment string", lambda: neovim.lua("vim.bo.commentstring") == "// %s")
    names = {
        (place, neovim.lua(f"vim.fn.synIDattr(vim.fn.synID({place[0]}, {place[1]}, 1), 'name')".replace("'", '"')))
        for place in ((1, 1), (1, 12), (3, 1), (4, 9), (5, 2))
    }
    assert names == {
        ((1, 1), "wgslKeyword"),
        ((1, 12), "wgslType"),
        ((3, 1), "wgslDirective"),
        ((4, 9), "wgslNumber"),
        ((5, 2), "wgslComment"),
    }
    neovim.keys(":set shiftwidth=4 expandtab<CR>gg=G")
    neovim.until("the lines are indented", lambda: neovim.lines() == INDENTED)


def test_the_picker_fits_the_screen_and_takes_words_in_any_order(
    start: Start, small_shader: Path, stand_in_server: Path
) -> None:
    neovim = start(small_shader, stand_in_server)
    neovim.keys(":set lines=12 columns=60<CR>:edit flash_attn.wgsl<CR>")
    neovim.until("the variant is named", lambda: statusline(neovim) != "")
    neovim.keys(":WgslVariant<CR>")
    floats = (
        "vim.tbl_map(vim.api.nvim_win_get_config, vim.tbl_filter(function(window) return"
        ' vim.api.nvim_win_get_config(window).relative ~= "" end, vim.api.nvim_list_wins()))'
    )
    sizes = neovim.until(
        "the list is open",
        lambda: neovim.lua("vim.fn.mode()") == "i" and len(found := neovim.lua(floats)) == 2 and found,
    )
    assert all(one["width"] <= 58 and one["height"] <= 4 for one in sizes)
    neovim.keys("sinks=1 HEAD_DIM=128")
    first_lines = (
        "vim.tbl_map(function(window) return vim.fn.getbufoneline(vim.api.nvim_win_get_buf(window), 1) end,"
        ' vim.tbl_filter(function(window) return vim.api.nvim_win_get_config(window).relative ~= "" end,'
        " vim.api.nvim_list_wins()))"
    )
    neovim.until(
        "what was asked for stands in the row, too",
        lambda: any(line.startswith("SINKS=1 HEAD_DIM=128 │ ") for line in neovim.lua(first_lines)),
    )
    neovim.keys("<CR>")
    neovim.until("the variant is active", lambda: statusline(neovim).startswith("f16_d128_sinks"))
    assert neovim.lua(floats) == []
    neovim.keys(":WgslVariant<CR>")
    neovim.until("the list is open", lambda: neovim.lua("vim.fn.mode()") == "i" and len(neovim.lua(floats)) == 2)
    changed = "vim.deepcopy(require('wgsl_ls.variants').of(vim.fn.bufnr('flash_attn.wgsl')))"
    neovim.lua(
        f"(function() local news = {changed}; news.changes = {{ {{ runs = {{ 0, #news.variants }}, state = 'fail',"
        " verdicts = {}, problems = 1, reason = 'just refused' } };"
        " require('wgsl_ls.variants').news(news); return 1 end)()"
    )
    neovim.until(
        "what is judged meanwhile shows",
        lambda: any("just refused" in line for line in neovim.lua(first_lines)),
    )
    neovim.keys("no such words<CR>")
    neovim.until("nothing is chosen", lambda: neovim.lua(floats) == [])
    assert statusline(neovim).startswith("f16_d128_sinks")


def test_the_first_configuration_counts_when_it_is_written(start: Start, tmp_path: Path, real_server: Path) -> None:
    folder = tmp_path / "kernels"
    folder.mkdir()
    (folder / "a.wgsl").write_text("#ifdef WIDE\nconst wide = 1;\n#endif\n@compute @workgroup_size(1) fn main() {}\n")
    neovim = start(folder, real_server)
    neovim.keys(":edit a.wgsl<CR>")
    neovim.until("the variant is named", lambda: statusline(neovim) != "")
    neovim.keys(":edit wgsl-ls.toml<CR>")
    neovim.keys(
        'i[[shader]]<CR>files = ["a.wgsl"]<CR>[[shader.variant]]<CR>name = "mine"<CR>nonsense = 1<Esc>:write<CR>'
    )
    found = neovim.until(
        "the unknown key is marked", lambda: [one for one in diagnostics(neovim) if "nonsense" in one["message"]]
    )
    assert found[0]["name"].endswith("wgsl-ls.toml")
    neovim.keys("dd:write<CR>:buffer a.wgsl<CR>")
    neovim.until("its variant is the only one", lambda: statusline(neovim).startswith("mine "))
    neovim.keys(":WgslDefines<CR>")
    nothing = ["line 1, mine", "", "No macro is defined here."]
    neovim.until("a variant without macros is said to have none", lambda: panel(neovim, "defines") == nothing)


def test_health_names_server_and_compilers(start: Start, small_shader: Path, real_server: Path, tmp_path: Path) -> None:
    neovim = start(small_shader, real_server)
    neovim.keys(":checkhealth wgsl_ls<CR>")
    text = neovim.until(
        "the report is there", lambda: "dawn" in (found := "\n".join(neovim.lines())) and found, seconds=90
    )
    assert re.search(r"OK.*wgsl-ls \d", text) and re.search(r"(OK naga: wgpu|WARNING naga \(wgpu\)).*", text)
    assert "not running" in text
