"""`wgsl-ls impact --base REV`: which variants a change touches, told by comparing expansions, not lines."""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

from wgsl_ls.analysis.cover import Together, macros_without_numbers
from wgsl_ls.analysis.host import AnalysisHost
from wgsl_ls.cli.composition import Session, UserError, chosen_roots, open_session
from wgsl_ls.cli.git import changed_files, revision_at, texts_at, top_of
from wgsl_ls.cli.shown_path import relative_path, shown_path
from wgsl_ls.cli.speech import remark, say, terminal
from wgsl_ls.project.cache import DiskCache
from wgsl_ls.project.file_kind import kind_of
from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.host_code import HostCode
from wgsl_ls.project.paths import absolute
from wgsl_ls.project.variants import Variant
from wgsl_ls.project.workspace import ProjectWorkspace
from wgsl_ls.text.harmless import one_line
from wgsl_ls.text.listing import counted

EXAMPLES = """\
wgsl-ls impact shaders                       # variants that differ from the last commit
wgsl-ls impact shaders --base origin/main    # or from another git revision"""

_FEW = 8
"""Variants of a shader that are named on a terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: here)")
    parser.add_argument(
        "--base", default="HEAD", metavar="REV", help="the git revision to compare with (default: the last commit)"
    )
    parser.add_argument("--json", action="store_true", help="the same as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Exit 0 when no variant is touched, 1 when some are, 2 when that cannot be said."""
    try:
        session = open_session(arguments.paths)
        roots = chosen_roots(session, arguments.paths)
        touched = changed_variants(session, roots, arguments.base)
    except UserError as problem:
        remark(str(problem))
        return 2
    by_root: dict[str, list[str]] = {root: [] for root in roots}
    for root, names in by_root.items():
        names.extend(sorted(name for where, name in touched if where == root))
    if arguments.json:
        touched_by_root = [{"root": relative_path(root), "variants": names} for root, names in by_root.items()]
        print(json.dumps(touched_by_root, indent=1))
    else:
        totals = {root: len(session.workspace.settings(root).variants) for root in by_root}
        is_read = terminal().width > 0
        for root, names in by_root.items():
            if is_read and len(names) == totals[root] > _FEW:
                say(f"{shown_path(root)}: all {len(names):,} variants touched")
            elif names:
                say(f"{shown_path(root)}: {len(names):,} of {counted(totals[root], 'variant')} touched")
                few = names[:_FEW] if is_read else names
                for name in few:
                    say(f"  {one_line(name)}")
                if len(few) < len(names):
                    say(f"  and {len(names) - len(few):,} more; a pipe or --json gets all")
        n_touched, n_shaders = len(touched), sum(map(bool, by_root.values()))
        every = f"{counted(sum(totals.values()), 'variant')} of {counted(len(roots), 'shader')}"
        say(f"{n_touched:,} of {every} touched" + (f", in {counted(n_shaders, 'shader')}" if len(roots) > 1 else ""))
    return session.ended(1 if touched else 0)


@dataclass(frozen=True, slots=True)
class Changes:
    """Since a revision. `touched`: (root, name) of each variant whose expansion, macros, judges or existence differs;
    `lines`: of each shader file the lines (from 0) that were not there, or stand where others were taken out; `given`:
    of each root the macros as no variant of it had them, and pairs of known ones as none had them together: one that is
    left out where it is needed is seen by that."""

    touched: set[tuple[str, str]]
    lines: Mapping[str, Collection[int]]
    given: Mapping[str, Collection[Together]]


def changed_variants(session: Session, roots: list[str], revision: str) -> set[tuple[str, str]]:
    """(root, name) of each variant whose expansion, macros, judges or existence differs from `revision`."""
    return changes_since(session, roots, revision).touched


def changes_since(session: Session, roots: list[str], revision: str) -> Changes:
    """Raises UserError when git cannot say what was there."""
    before_files = FileSystem()
    lines: dict[str, Collection[int]] = {}
    for top in sorted({top_of(absolute(root)) for root in roots}):
        then_at = revision_at(top, revision)
        # A file that was not there then is an empty one; a root that was not there is new, see below.
        for path, text in texts_at(then_at, changed_files(then_at)).items():
            before_files.open_text(path, text if text is not None else "")
            source = session.snapshot.source(path) if kind_of(path).is_wgsl else None
            if source is not None:
                lines[path] = changed_lines(text or "", source.text)
    host_code = HostCode(before_files, session.cache or DiskCache())
    before = ProjectWorkspace(before_files, session.workspace.folders, session.workspace.profiles, host_code=host_code)
    old_snapshot = AnalysisHost(before).snapshot()
    touched: set[tuple[str, str]] = set()
    given: dict[str, Collection[Together]] = {}
    for root in roots:
        now = session.snapshot.root(root)
        then = old_snapshot.root(root)
        if now is None:
            continue
        known = {_identity(variant): index for index, variant in enumerate(then.variants)} if then is not None else {}
        then_given = {macro for variant in then.variants for macro in variant.defines} if then is not None else set()
        singles = {(macro,) for variant in now.variants for macro in variant.defines if macro not in then_given}
        unknown = [variant for variant in now.variants if _identity(variant) not in known]
        given[root] = {*singles, *(_newly_together(unknown, then.variants) if then is not None else ())}
        for index, variant in enumerate(now.variants):
            other = known.get(_identity(variant))
            if then is None or other is None:
                touched.add((root, variant.name))
                continue
            old, new = then.expansion(other), now.expansion(index)
            if (
                old.text != new.text
                or old.failed != new.failed
                or _asked_of(session.workspace, now.variants[index]) != _asked_of(before, then.variants[other])
            ):
                touched.add((root, variant.name))
    unread = session.workspace.read_problems()
    session.failures.extend(one for one in before.read_problems() if one not in unread)
    return Changes(touched, lines, given)


def _newly_together(new: Collection[Variant], then: Collection[Variant]) -> set[Together]:
    """Pairs of what was there before, and macros that were always given and are not."""
    names = {name for variant in then for name, _ in variant.defines}
    before = {macros_without_numbers(variant.defines, names) for variant in then}
    now = {macros_without_numbers(variant.defines, names) for variant in new}
    known = {macro for shape in before for macro in shape}
    gone = {(macro,) for shape in now for macro in shape if macro[1] is None and macro not in known}
    met = {pair for shape in before for pair in combinations(shape, 2)}
    pairs = {pair for shape in now for pair in combinations((one for one in shape if one in known), 2)}
    return {*gone, *(pairs - met)}


def _asked_of(workspace: ProjectWorkspace, variant: Variant) -> object:
    """Which judges it must pass, and how severe what they say is."""
    config = workspace.configuration(variant.root)[0]
    return variant.engines, [config.device_profile(name) for name in variant.profiles], config.rule_settings


def _identity(variant: Variant) -> object:
    """Whatever it is called."""
    return tuple(sorted(variant.defines)), variant.overrides


def changed_lines(old: str, new: str) -> list[int]:
    """Lines of `new`, from 0, that `old` does not have; for lines that are gone the one that follows them now."""
    before, now = old.split("\n"), new.split("\n")
    found: set[int] = set()
    for tag, _, _, start, end in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if tag == "delete":
            found.add(min(start, len(now) - 1))
        elif tag != "equal":
            found.update(range(start, end))
    return sorted(found)
