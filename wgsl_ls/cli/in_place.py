"""What hosts do when they are asked on tensors that lie over each other: into one of their sources, or on two views of
one tensor. An operation that has no variant for it is a mistake (host/alias), for no device runs what it dispatches.

The host's part is kept on disk under all that it rests on. Shaders are looked at for what binds one buffer twice only,
so whoever edits a shader does not wait for the host to be read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wgsl_ls import extras
from wgsl_ls.cli.composition import Session
from wgsl_ls.cli.speech import remark
from wgsl_ls.project.own_code import code_digest
from wgsl_ls.project.rule_settings import with_rule_settings
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.span import Location

if TYPE_CHECKING:
    from wgsl_ls.cli.smoke_host import HostFolder
    from wgsl_ls.host_smoke import Asked

RULE: Final = "host/alias"


@dataclass(frozen=True, slots=True)
class InPlace:
    """An operation that the host is asked on tensors that lie over each other, in the shader `root`. `variant`: that it
    has for it, "" where it has none; `problem`: what no device takes, or why it is not known. `location`: where the
    host dispatches it, None where that is not known."""

    root: str
    op: str
    case: str
    variant: str
    problem: str
    is_wrong: bool
    location: Location | None

    @property
    def words(self) -> str:
        return f"the host does {self.op} {self.case}: no variant for it: {self.problem}"


def in_place(session: Session, roots: Sequence[str]) -> Iterator[InPlace]:
    """What the hosts of `roots` do in these shaders, and what of it is not known."""
    of_folders = {Path(root).parent: root for root in roots}.values()
    hosts = map(session.workspace.host_request, of_folders)
    if not any(host is not None and host.hands_out_operations for host in hosts):
        return  # without what plans and runs them, which takes as long to load as a small shader to check
    from wgsl_ls.cli.smoke_host import host_folders
    from wgsl_ls.host_smoke import overlaps

    for host in host_folders(session, list(roots)):
        files = {Path(root).stem: root for root in host.roots}
        for asked in _asked(session, host):
            own = [dispatch for dispatch in asked.dispatches if dispatch.stem in files]
            if asked.problem:
                yield InPlace(host.roots[0], asked.op, asked.case, "", asked.problem, False, None)
            elif own:
                wrong = [(one, words) for one in own for words in overlaps(one, host.expand, host.asked.texts)]
                named = wrong[0][0] if wrong else max(own, key=lambda dispatch: len(dispatch.bindings))
                yield InPlace(
                    files[named.stem],
                    asked.op,
                    asked.case,
                    "" if wrong else named.label or named.stem,
                    "; ".join(words for _, words in wrong),
                    bool(wrong),
                    named.location,
                )


def _asked(session: Session, host: HostFolder) -> list[Asked]:
    from wgsl_ls.host_smoke import Asked, host_smoke, usual_facts

    host_code = session.workspace.host_code
    notes = host_code.notes if host_code is not None else None
    key = f"in place {code_digest()} {host.asked.key}"
    note = notes.get_note(key) if notes is not None else None
    if note is not None:
        return [Asked.of_plain(one) for one in note]
    smoke = host_smoke(host.asked, host.roots, host.expand, usual_facts(), host.directory)
    found = list(smoke.asked_in_place()) if smoke is not None else []
    if notes is not None:
        notes.put_note(key, [one.plain for one in found])
        notes.flush()
    return found


def wrong_in_place(session: Session, roots: Sequence[str]) -> list[InPlace]:
    """What has no variant. Without what references are made of nothing is asked, which is said."""
    try:
        return [one for one in in_place(session, roots) if one.is_wrong]
    except ModuleNotFoundError as missing:
        if missing.name != "numpy":
            raise
        remark(f"{RULE} is not looked for: it needs numpy: {extras.remedy('smoke')}")
        return []


def alias_findings(session: Session, roots: Sequence[str]) -> Iterator[Diagnostic]:
    """host/alias, at the places of the hosts that dispatch what no device runs."""
    for one in wrong_in_place(session, roots):
        if one.location is not None:
            told = Diagnostic(one.location.path, one.location.span, Severity.WARNING, RULE, one.words)
            yield from with_rule_settings((told,), session.workspace.rules_for(told.path))
