"""`wgsl-ls init`: write a first wgsl-ls.toml in which everything that is declared compiles."""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys
from pathlib import Path

from wgsl_ls.analysis.guesses import UNDECLARED
from wgsl_ls.cli.check import check
from wgsl_ls.cli.composition import Session, UserError, chosen_roots, open_session
from wgsl_ls.cli.output import Output
from wgsl_ls.cli.selection import wanted_engines
from wgsl_ls.cli.shown_path import shown_path
from wgsl_ls.cli.speech import remark, say
from wgsl_ls.project.file_kind import CONFIG_NAME
from wgsl_ls.project.first_config import ShaderDraft, first_config
from wgsl_ls.project.paths import absolute, relative
from wgsl_ls.text.listing import counted, first_of
from wgsl_ls.wire.engine_specs import engine_names
from wgsl_ls.wire.verdicts import State

EXAMPLES = """\
wgsl-ls init shaders            # write shaders/wgsl-ls.toml
wgsl-ls init shaders --print    # only show it"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="folder of shaders (default: this one)")
    parser.add_argument("--print", action="store_true", dest="only_print", help="write it to standard output only")


def run(arguments: argparse.Namespace) -> int:
    """Exit 2 where there is a configuration already, or nothing can be judged."""
    try:
        return asyncio.run(_init(arguments.path, arguments.only_print))
    except UserError as problem:
        remark(str(problem))
        return 2


async def _init(path: str, only_print: bool) -> int:
    folder = absolute(path)
    if not Path(folder).is_dir():
        raise UserError(f"{path} is no folder")
    target = f"{folder}/{CONFIG_NAME}"
    session = open_session([folder], cache=True)
    roots = [root for root in chosen_roots(session, [path]) if session.has_settings(root)]
    if not roots:
        raise UserError(f"no shader in {path} can be read")
    ruling = [known for root in roots if (known := session.workspace.config_path(root)) is not None]
    if Path(target).exists() or ruling:
        raise UserError(f"{shown_path(ruling[0] if ruling else target)} rules shaders here already; add to it instead")
    drafts = await _drafts(session, roots, folder)
    text = await _tried(session, roots, target, drafts)
    if session.ended(0):
        raise UserError("not everything here could be read; no configuration was made")
    if only_print:
        sys.stdout.write(text)
    else:
        with Output(target, replace=False) as output:
            output.write(text)
        _tell(target, drafts)
    if session.cache is not None:
        session.cache.close()
    return 0


async def _drafts(session: Session, roots: list[str], folder: str) -> list[ShaderDraft]:
    """What is known of each shader, the variants that nobody declared judged by the engines."""
    hosted = {
        root: sum(variant.origin == "host" for variant in session.workspace.settings(root).variants) for root in roots
    }
    own = [root for root in roots if not hosted[root]]
    await _judge(session, own)
    drafts = []
    for root in roots:
        name = relative(root, folder)
        if hosted[root]:
            drafts.append(ShaderDraft(name, from_host=hosted[root]))
            continue
        view = session.snapshot.root(root)
        if view is None:
            drafts.append(ShaderDraft(name, why_not="it cannot be read"))
            continue
        report = session.reporter.report(session.snapshot, view)
        passing = {entry.name for entry in report.verdicts if entry.state == State.PASS}
        lacks = [item.message for item in report.diagnostics if item.code == UNDECLARED]
        chosen = tuple((one.name, one.defines) for one in view.variants if one.name in passing)
        refused = tuple(one.defines for one in view.variants if one.name not in passing)
        drafts.append(ShaderDraft(name, chosen, refused, why_not=lacks[0].partition(". ")[0] if lacks else ""))
    return drafts


async def _judge(session: Session, roots: list[str]) -> None:
    if not roots:
        return
    checked = await check(session, roots, wanted_engines(session, roots, engine_names()))
    if len(checked.unavailable) == len(engine_names()):
        name, missing = next(iter(checked.unavailable.items()))
        raise UserError(f"no compiler can judge what passes; {name}: {missing.why} ({missing.remedy})")


async def _tried(session: Session, roots: list[str], target: str, drafts: list[ShaderDraft]) -> str:
    """The text, after a look at what it declares: where axes bring a variant that does not pass, those that do are
    written out."""
    text = first_config(drafts)
    files = {draft.file for draft in drafts if draft.passing}
    folder = target.rpartition("/")[0]
    own = [root for root in roots if relative(root, folder) in files]
    explicit: set[str] = set()
    session.files.open_text(target, text, 1)
    session.workspace.refresh()
    session.host.changed()
    await _judge(session, own)
    for root in own:
        view = session.snapshot.root(root)
        report = session.reporter.report(session.snapshot, view) if view is not None else None
        if report is None or any(entry.state != State.PASS for entry in report.verdicts):
            explicit.add(relative(root, folder))
    return first_config(drafts, frozenset(explicit)) if explicit else text


def _tell(target: str, drafts: list[ShaderDraft]) -> None:
    declared = [draft for draft in drafts if draft.passing]
    say(f"{shown_path(target)}: written")
    if declared:
        say(f"  {counted(len(declared), 'shader')} declared, with variants that pass")
    hosted = [draft for draft in drafts if draft.from_host]
    if hosted:
        asked = counted(sum(draft.from_host for draft in hosted), "variant")
        say(f"  no entry is needed for {counted(len(hosted), 'shader')}: the host's code asks for {asked}")
    lacking = [draft.file for draft in drafts if not draft.passing and not draft.from_host]
    if lacking:
        say(f"  {counted(len(lacking), 'shader')} not declared, no variant passes yet: {first_of(lacking, 4)}")
    say("  next: wgsl-ls validate " + shlex.quote(shown_path(target.rpartition("/")[0])))
