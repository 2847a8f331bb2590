"""A report as plain data, and back."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, replace
from types import SimpleNamespace

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.analysis.kept_report import from_plain, report_key, to_plain
from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.analysis.report import RootReport
from wgsl_ls.analysis.variant_verdict import VariantVerdict
from wgsl_ls.host.model import HostDefine, HostGate, HostInput, HostVariant
from wgsl_ls.preprocess.dialect import PRE_WGSL
from wgsl_ls.project.profiles import BUILT_IN
from wgsl_ls.project.rule_settings import RuleSetting
from wgsl_ls.project.settings import RootSettings
from wgsl_ls.project.variants import Variant
from wgsl_ls.text.diagnostic import Related, Severity
from wgsl_ls.text.span import Location, Span
from wgsl_ls.wire.verdicts import Verdict

VARIANTS = Project.of("const a = 1;", variants={name: [name] for name in "ABC"}).view().variants
PLACE, OTHER = Location("/a.wgsl", Span(1, 5)), Location("/c.tmpl", Span(7, 9))
FINDING = MergedDiagnostic(
    PLACE,
    Severity.WARNING,
    "wgsl/type",
    "words",
    ("dawn",),
    (Related(OTHER, "see"),),
    "/a.wgsl",
    ("A", "C"),
    3,
    "X == 1",
    ("wgpu",),
    True,
    "subject",
    2,
    True,
    "X",
    (OTHER, "wgsl/type", "own words"),
    device="nvidia",
    accepted_once=("wgpu",),
)
VERDICTS = (
    VariantVerdict("A", (("dawn", Verdict.REJECTED),), 2, ("dawn: f16",), ("why",), True, True),
    VariantVerdict("B", (("dawn", Verdict.ACCEPTED_BY_STRUCTURE), ("wgpu", Verdict.UNSUPPORTED)), 0),
    VariantVerdict("C", (("dawn", Verdict.REJECTED),), 2, ("dawn: f16",), ("why",), True, True),
)
REPORT = RootReport("/a.wgsl", (FINDING,), VERDICTS, 2)


def test_every_field_of_a_report_comes_back() -> None:
    for example in (FINDING, VERDICTS[0], REPORT):
        for field in fields(example):
            if field.name != "elsewhere" and field.default is not MISSING:  # a root's report speaks of itself alone
                assert getattr(example, field.name) != field.default, f"{field.name} is to be kept too"
    plain = json.loads(json.dumps(to_plain(REPORT, VARIANTS)))
    assert from_plain(plain, "/a.wgsl", VARIANTS) == REPORT


def test_what_is_no_report_is_none() -> None:
    plain = json.loads(json.dumps(to_plain(REPORT, VARIANTS)))
    assert from_plain(plain, "/a.wgsl", VARIANTS[:2]) is None
    for damaged in (None, [], {}, {**plain, "rows": [1]}, {**plain, "files": []}, {**plain, "verdicts": [0, 9, 0]}):
        assert from_plain(damaged, "/a.wgsl", VARIANTS) is None


ASKED = HostVariant(
    "a",
    "label",
    (HostDefine("N", "1", PLACE),),
    (HostInput("x", "1"),),
    "nvidia",
    "make",
    "OP",
    HostGate("gate", PLACE),
)
VARIANT = Variant("v", "/p/a.wgsl", (("N", "1"),), engines=("wgpu",))
OTHER_VALUES: dict[type, dict[str, object]] = {
    RootSettings: {
        "variants": (replace(VARIANT, name="w"),), "dialect": PRE_WGSL, "includes": "textual", "include_dirs": ("/x",),
        "profiles": (BUILT_IN["nvidia"],), "rules": (RuleSetting("wgsl/name", None),), "complete": False,
        "search": "pending",
    },
    Variant: {
        "name": "w", "defines": (("N", "2"),), "engines": ("dawn",), "profiles": ("p",), "overrides": (("k", 1.0),),
        "origin": "host", "axes": (("N", "1"),), "declared_at": PLACE, "entry": 3, "asked_by": ASKED,
    },
    HostVariant: {
        "shader": "b", "label": "other", "defines": (HostDefine("N", "1", OTHER),), "inputs": (HostInput("x", "2"),),
        "profile": "amd", "function": "other", "op": "OTHER", "gate": HostGate("gate", OTHER),
    },
}  # fmt: skip
NOT_IN_IT = {"path", "root", "config_path", "diagnostics"}
"""Of a root its own place, which stands in it once; what is said of the configuration is said elsewhere."""


def key_of(settings: RootSettings) -> str:
    """Of a root with these; the file itself is the same for all."""
    view = SimpleNamespace(path=settings.path, settings=settings, variants=settings.variants)
    return report_key(Project.of("const a = 1;\n").snapshot, view, ["dawn 1"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, one.name) for kind in OTHER_VALUES for one in fields(kind) if one.name not in NOT_IN_IT]
)
def test_whatever_settings_and_variants_say_is_part_of_the_key(kind: type, name: str) -> None:
    def settings(given: RootSettings | Variant | HostVariant) -> RootSettings:
        if isinstance(given, RootSettings):
            return given
        variant = given if isinstance(given, Variant) else replace(VARIANT, asked_by=given)
        return RootSettings("/p/a.wgsl", (variant, replace(VARIANT, name="last")))

    plain = {RootSettings: RootSettings("/p/a.wgsl", (VARIANT,)), Variant: VARIANT, HostVariant: ASKED}[kind]
    other = replace(plain, **{name: OTHER_VALUES[kind][name]})  # type: ignore[type-var]
    assert key_of(settings(other)) != key_of(settings(plain)) == key_of(settings(replace(plain)))  # type: ignore[type-var]
