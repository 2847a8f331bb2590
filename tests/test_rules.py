"""Every rule id that the code can give has a record in analysis/rules/, and no other has; RULES.md is what the records
say, each with the anchor that diagnostics link to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from wgsl_ls.analysis.rule import all_rules
from wgsl_ls.analysis.rules_page import rules_page
from wgsl_ls.smoke.judge import CheckName
from wgsl_ls.wire.jobs import BridgedKind

PACKAGE = Path(__file__).parents[1] / "wgsl_ls"
TEXT = (PACKAGE / "RULES.md").read_text(encoding="utf-8")
_WHOLE = re.compile(r"(?:preprocess|wgsl|lint|profile|engine|config|import|variants|smoke|file|host)/[a-z0-9-]+")
_CODE_OF_CALL = {
    # name of the called function -> (index of the argument with the code, its room)
    "add": (1, "config"),
    "_add_once": (2, "config"),
    "_report": (2, "preprocess"),
    "refuse": (0, "preprocess"),
    "ValueProblem": (0, "preprocess"),
    "_finding": (2, "profile"),
}
_ROOM_OF = {"config": "project", "preprocess": "preprocess", "profile": "analysis"}
_COMPOSED = {"preprocess/elif-without-if", "preprocess/else-without-if", "profile/f16", "profile/subgroups"}
"""Ids whose last part is computed."""


def test_every_rule_of_the_code_has_a_record_and_no_other() -> None:
    lints = {rule.id for rule in all_rules().values() if rule.check is not None}
    limits = {rule.id for rule in all_rules().values() if rule.exceeds is not None}
    bridged = {f"portability/{kind}" for kind in get_args(BridgedKind)}
    assert set(all_rules()) == rules_of_code() | lints | limits | bridged
    assert all(rule.startswith("profile/") for rule in limits)
    assert all(rule.startswith("lint/") for rule in lints)


def test_the_page_is_what_the_records_say() -> None:
    assert rules_page() == TEXT, "write it anew: wgsl-ls rules > wgsl_ls/RULES.md"


def test_a_record_says_everything() -> None:
    for rule in all_rules().values():
        assert rule.title and not rule.title.endswith("."), rule.id
        assert rule.meaning.endswith((".", ")")) and rule.remedy.endswith((".", ")")), rule.id
        assert f'### <a id="{rule.id.replace("/", "-")}"></a>{rule.id}\n' in TEXT


def test_diagnostics_link_to_the_anchor() -> None:
    assert '<a id="preprocess-unclosed-conditional"></a>' in TEXT


def rules_of_code() -> set[str]:
    found = {"inactive", *_COMPOSED, *(f"smoke/{name}" for name in get_args(CheckName))}
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name == "rules":
            continue  # the records themselves
        room = path.relative_to(PACKAGE).parts[0]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if path.name.endswith("_messages.py"):
            found |= {f"wgsl/{kind}" for kind in kinds(tree) if kind != "limit"}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WHOLE.fullmatch(node.value):
                if room != "server" or not node.value.startswith("wgsl/") or node.value == "wgsl/deprecated":
                    found.add(node.value)
            elif isinstance(node, ast.Call) and room in ("project", "preprocess", "analysis"):
                found |= set(codes_of_call(node, room))
    return found


def codes_of_call(call: ast.Call, room: str) -> Iterator[str]:
    """The rule that a call reports, when its code stands there as a text."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    index, prefix = _CODE_OF_CALL.get(name, (0, ""))
    if prefix and _ROOM_OF.get(prefix) == room and len(call.args) > index:
        code = call.args[index]
        if isinstance(code, ast.Constant) and isinstance(code.value, str):
            yield f"{prefix}/{code.value}"


def kinds(tree: ast.Module) -> Iterator[str]:
    """What a reader of engine messages calls their kinds."""
    for node in ast.walk(tree):
        values: list[ast.expr] = []
        named = isinstance(node, ast.keyword) and node.arg == "kind"
        if isinstance(node, ast.Assign):
            targets = [first(target) for target in node.targets]
            named = any(getattr(target, "id", "") == "kind" for target in targets)
        if named and isinstance(node, ast.keyword | ast.Assign):
            values = [node.value]
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("_kind"):
            values = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value is not None]
        for value in map(first, values):
            branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            yield from (one.value for one in branches if isinstance(one, ast.Constant) and isinstance(one.value, str))


def first(node: ast.expr) -> ast.expr:
    """Of a tuple (kind, subject) the kind."""
    return node.elts[0] if isinstance(node, ast.Tuple) else node
