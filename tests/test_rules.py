"""RULES.md has every rule id that the code can give, each with the anchor that diagnostics link to, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from wgsl_ls.smoke.judge import CheckName
from wgsl_ls.text.diagnostic import RULES_URL, rule_url

PACKAGE = Path(__file__).parents[1] / "wgsl_ls"
TEXT = (PACKAGE / "RULES.md").read_text(encoding="utf-8")
_WHOLE = re.compile(r"(?:preprocess|wgsl|lint|profile|engine|config|import|variants|smoke|file)/[a-z0-9-]+")
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


def test_every_rule_of_the_code_is_documented_and_no_other() -> None:
    documented = re.findall(r'^### <a id="([a-z0-9-]+)"></a>([a-z0-9/-]+)$', TEXT, re.MULTILINE)
    assert [anchor for anchor, _ in documented] == [rule.replace("/", "-") for _, rule in documented]
    assert len({rule for _, rule in documented}) == len(documented)
    assert {rule for _, rule in documented} == rules_of_code()


def test_each_rule_says_what_to_do() -> None:
    sections = re.split(r"^### .*$", TEXT, flags=re.MULTILINE)[1:]
    assert all("\n*What to do:* " in section for section in sections)


def test_diagnostics_link_to_the_anchor() -> None:
    assert rule_url("preprocess/unclosed-conditional") == f"{RULES_URL}#preprocess-unclosed-conditional"
    assert RULES_URL.startswith("https://") and RULES_URL.endswith("/wgsl_ls/RULES.md")
    assert '<a id="preprocess-unclosed-conditional"></a>' in TEXT


def rules_of_code() -> set[str]:
    found = {"inactive", *_COMPOSED, *(f"smoke/{name}" for name in get_args(CheckName))}
    for path in PACKAGE.rglob("*.py"):
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
            named = any(getattr(target, "id", "") == "kind" for target in node.targets)
        if named and isinstance(node, ast.keyword | ast.Assign):
            values = [node.value]
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("_kind"):
            values = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value is not None]
        for value in values:
            branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            yield from (one.value for one in branches if isinstance(one, ast.Constant) and isinstance(one.value, str))
