"""Settings of a client: what is read, and what is wrong and keeps its default."""

from __future__ import annotations

from typing import Any

import pytest

from wgsl_ls.project.rule_settings import RuleSetting
from wgsl_ls.server.settings import Settings, read_settings
from wgsl_ls.text.diagnostic import Severity

OFF = RuleSetting("lint/unused-macro", None)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"lint/unused-macro": "off"}, (OFF,)),
        ({"wgsl/name": "error"}, (RuleSetting("wgsl/name", Severity.ERROR),)),
        (
            {"lint/unused-macro": {"severity": "off", "reason": "generated"}},
            (RuleSetting(OFF.rule, None, "generated"),),
        ),
        ({"lint/unused-macro": {"severity": "off", "reason": 3}}, (OFF,)),
        ({"lint/unused-macro": "no"}, ()),
        ({"lint/unused-macro": None, "wgsl/name": {"reason": "so"}}, ()),
        (["lint/unused-macro"], ()),
    ],
)
def test_rules(rules: Any, expected: tuple[RuleSetting, ...]) -> None:
    assert read_settings({"rules": rules}) == Settings(rules=expected)
