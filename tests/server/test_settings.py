"""Settings of a client: what is read, and what is wrong and keeps its default."""

from __future__ import annotations

from typing import Any

import pytest

from wgsl_ls.project.engine_builds import UserEngines
from wgsl_ls.project.rule_settings import RuleSetting
from wgsl_ls.server.settings import MOST_WORKERS, HintSettings, LensSettings, Settings, read_settings, use_engines
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.wire.engine_specs import ENGINES, asked_engines, engine_names, engine_spec, use_builds

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
        (
            {"wgsl/name": {"severity": "off", "targets": {"wgpu": "error", "dawn": 1}, "reason": "r"}},
            (RuleSetting("wgsl/name", None, "r"), RuleSetting("wgsl/name", Severity.ERROR, "r", "wgpu")),
        ),
        ({"wgsl/name": {"targets": ["wgpu"]}}, ()),
        ({"lint/unused-macro": "no"}, ()),
        ({"lint/unused-macro": None, "wgsl/name": {"reason": "so"}}, ()),
        (["lint/unused-macro"], ()),
    ],
)
def test_rules(rules: Any, expected: tuple[RuleSetting, ...]) -> None:
    assert read_settings({"rules": rules}) == Settings(rules=expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"engines": ["dawn", "none"]}, Settings(engines=("dawn",))),
        ({"engines": []}, Settings(engines=())),
        ({"engines": "dawn"}, Settings()),
        ({"profiles": ["apple-m", 3]}, Settings(profiles=("apple-m",))),
        ({"workers": 3}, Settings(workers=3)),
        ({"workers": -1}, Settings()),
        ({"workers": 10**9}, Settings(workers=MOST_WORKERS)),
        ({"format": {"indent": 10**9}}, Settings(indent=16)),
        ({"debounceMs": 10**9}, Settings(debounce_ms=10_000)),
        ({"engines": ["wgpu"] * 1000}, Settings(engines=("wgpu",))),
        ({"debounceMs": 250}, Settings(debounce_ms=250)),
        ({"debounceMs": True}, Settings()),
        ({"format": {"indent": 0}}, Settings(indent=0)),
        ({"debounceMs": "250"}, Settings()),
        ({"cache": False}, Settings(cache=False)),
        ({"format": {"indent": 2}}, Settings(indent=2)),
        ({"format": 2}, Settings()),
        (
            {"inlayHints": {"macroValues": False, "endifLabels": False, "types": "no"}},
            Settings(hints=HintSettings(macro_values=False, endif_labels=False)),
        ),
        (
            {"smoke": {"sanitize": ["race", 3], "subgroupSizes": [128, 4, 5, "8"]}},
            Settings(sanitize=("race",), subgroup_sizes=(4, 128)),
        ),
        ({"engineBuilds": [{"name": "dawn-next"}, 3]}, Settings()),
        ({"lens": {"workgroupStorage": False, "smoke": 0}}, Settings(lens=LensSettings(workgroup_storage=False))),
        ({"unknown": 1}, Settings()),
        (None, Settings()),
    ],
)
def test_what_is_wrong_keeps_its_default(values: Any, expected: Settings) -> None:
    assert read_settings(values) == expected


def test_builds_of_the_client_are_beside_those_of_the_user_and_in_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, own = (ENGINES[1].build(name, python) for name, python in (("b", "/old"), ("b", "/new"), ("c", "/own")))
    monkeypatch.setattr("wgsl_ls.server.settings.user_engines", lambda: UserEngines(("wgpu",), (old, own)))
    try:
        use_engines(Settings(builds=(new,)))
        assert engine_names() == ("wgpu", "dawn", "b", "c") and engine_spec("b") == new
        assert asked_engines() == ("wgpu", "b", "c")
    finally:
        use_builds(())
