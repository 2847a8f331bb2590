"""lint/unknown-override: the configuration gives a value to an override constant that no shader declares."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wgsl_ls.analysis.fix import FixRequest
from wgsl_ls.analysis.lint_subject import LintSubject
from wgsl_ls.analysis.rule import Found, Rule
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.text.source_file import SourceFile
from wgsl_ls.text.span import Location, Span
from wgsl_ls.wgsl.spelling import Nearness

_OVERRIDE = re.compile(r"(?:@id\s*\(\s*(\w+)[iu]?\s*,?\s*\)\s*)?\boverride\s+(\w+)")


def _check(root: LintSubject) -> Iterator[Found]:
    given = {one: variant.declared_at for variant in root.view.variants for one in variant.overrides}
    if not given:
        return
    names, ids = _declared(root)
    nearness = Nearness()
    for (name, value), declared_at in given.items():
        if name in names or name in ids or (name.isdigit() and not all(map(str.isdigit, ids))):
            continue
        if _is_shared(root, (name, value)):
            continue
        near = next(iter(nearness.near(name, names, 1, 0.75)), "")
        hint = f"; did you mean {near}?" if near else ""
        message = f"no shader that this is for has an override constant {name}: its value is ignored{hint}"
        yield Found(_place(root, name, declared_at), message, near)


def _declared(root: LintSubject) -> tuple[set[str], set[str]]:
    """Names and `@id`s of the override constants of any branch; what a macro names, by its values."""
    names: set[str] = set()
    ids: set[str] = set()
    for path, tree in root.trees.items():
        for text in (root.code(path).text, *tree.bodies):
            for match in _OVERRIDE.finditer(text):
                names |= {match[2]} | root.values(match[2])
                ids |= {match[1]} | root.values(match[1]) if match[1] else set()
    return names, ids


def _is_shared(root: LintSubject, given: tuple[str, float]) -> bool:
    """The same line of the configuration is for another shader too, which has the constant or may have it."""
    for view in root.snapshot.views(other for other in root.snapshot.roots() if other != root.view.path):
        if any(given in variant.overrides for variant in view.variants):
            trees = map(root.snapshot.tree, root.snapshot.included_files(view.path))
            if any(given[0] in tree.words for tree in trees):
                return True
    return False


def _place(root: LintSubject, name: str, declared_at: Location | None) -> Location:
    """The name in the configuration, where it says which overrides there are."""
    path = declared_at.path if declared_at is not None else root.view.settings.config_path
    source = root.snapshot.read(path) if path is not None else None
    if isinstance(source, SourceFile):
        found = re.compile(rf"\boverrides\b[^#]*?(?<!\w)({re.escape(name)})(?!\w)", re.DOTALL).search(source.text)
        if found is not None:
            return Location(source.path, Span(*found.span(1)))
    return declared_at or Location(root.view.path, Span(0, 0))


RULES = (
    Rule(
        id="lint/unknown-override",
        title="A value for an override constant that no shader has",
        meaning=(
            "`overrides` in the configuration gives a value to a name (or the number of an `@id`) that no branch of "
            "the shader declares as an `override`, nor of another shader for which the same value is meant: the value "
            "is ignored. Usually a misspelling; a near name is suggested."
        ),
        remedy="Correct the name, or remove it.",
        severity=Severity.WARNING,
        check=_check,
        fixes=FixRequest.change_to_subject,
    ),
)
