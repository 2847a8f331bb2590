"""A report as plain data, and back."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields

from tests.analysis.fixture import Project
from wgsl_ls.analysis.kept_report import from_plain, to_plain
from wgsl_ls.analysis.merge import MergedDiagnostic
from wgsl_ls.analysis.report import RootReport
from wgsl_ls.analysis.variant_verdict import VariantVerdict
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
