"""`wgsl-ls format`: the editor's formatter for files. What would change the tokens of a variant stays as it is."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from pathlib import Path

from wgsl_ls.analysis.features.format_check import FormatRefused, checked_steps
from wgsl_ls.analysis.features.formatting import edited
from wgsl_ls.cli.composition import Session, UserError, no_shaders, open_session, tell_passed_by
from wgsl_ls.cli.output import put
from wgsl_ls.cli.shown_path import shown_path
from wgsl_ls.cli.speech import pass_on, remark, say
from wgsl_ls.project.file_kind import kind_of
from wgsl_ls.project.paths import absolute
from wgsl_ls.text.listing import counted
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.steps import finished

EXAMPLES = """\
wgsl-ls format --check shaders        # say which files would change, and exit 1 if some would
wgsl-ls format --diff shaders         # show what would change
wgsl-ls format flash_attn.wgsl        # change the file"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, or folders of shaders")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="change nothing; exit 1 when a file would change")
    mode.add_argument("--diff", action="store_true", help="the same, and show what would change")
    parser.add_argument("--indent", type=int, default=4, metavar="N", help="spaces of a level (default 4)")


def run(arguments: argparse.Namespace) -> int:
    """Exit 0: nothing to do, or done; 1: `--check` or `--diff` found something; 2: a file was refused."""
    try:
        if not 0 < arguments.indent <= 16:
            raise UserError(f"--indent wants 1 to 16 spaces, not {arguments.indent}")
        session = open_session(arguments.paths)
        paths = _files(session, arguments.paths)
    except UserError as problem:
        remark(str(problem))
        return 2
    n_changed = n_refused = 0
    unread = session.unread_configurations()
    for path in paths:
        source = session.snapshot.read(path)
        try:
            if not isinstance(source, SourceFile) or session.files.problems(path):
                raise FormatRefused("it cannot be read as text; nothing was done")
            for one in unread:
                if session.workspace.config_path(path) == one.path:
                    raise FormatRefused(f"its variants are not known ({shown_path(one.path)}: {one.message})")
            edits = finished(checked_steps(session.snapshot, source, arguments.indent, lambda view: 0))
            if not edits:
                continue
            text = edited(source.text, edits)
            n_changed += 1
            if arguments.diff:
                pass_on(_diff(shown_path(path), source.text, text))
            elif arguments.check:
                say(f"{shown_path(path)}: {counted(len(edits), 'line')} would change")
            else:
                _replace(path, text)
                say(f"{shown_path(path)}: {counted(len(edits), 'line')} changed")
        except (FormatRefused, OSError) as refusal:
            n_refused += 1
            remark(f"{shown_path(path)}: {refusal}")
    only_looked = arguments.check or arguments.diff
    verb = "would change" if only_looked else "changed"
    say(f"{n_changed} of {counted(len(paths), 'file')} {verb}", aside=True)
    return 2 if n_refused else 1 if n_changed and only_looked else 0


def _files(session: Session, paths: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for path in map(absolute, paths):
        if Path(path).is_dir():
            prefix = path.rstrip("/") + "/"
            found.update(dict.fromkeys(one for one in session.workspace.shader_files() if one.startswith(prefix)))
        elif kind_of(path).is_wgsl:
            found[path] = None
        else:
            raise UserError(f"{shown_path(path)} is a {kind_of(path)} file, no shader")
    if not found:
        raise no_shaders(session, paths)
    tell_passed_by(session, paths)
    return list(found)


def _diff(name: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, f"{name} (formatted)"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _replace(path: str, text: str) -> None:
    """A link stays one."""
    put(Path(path).resolve(), text.encode("utf-8", "surrogateescape"))
