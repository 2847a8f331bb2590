"""`[rules]`: severities of rules as a configuration gives them, and what verdicts become of it."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.text.diagnostic import Severity

SHADER = '[[shader]]\nfiles = ["a.wgsl"]\naxes = { A = ["", "A"] }\n'
TEXT = "#define UNUSED 1\n//! reject 1:1 broken\n"


def project(rules: str) -> Project:
    return Project.of({"a.wgsl": TEXT, "wgsl-ls.toml": f"[rules]\n{rules}\n{SHADER}"})


def severities(rules: str) -> dict[str, Severity]:
    return {item.code: item.severity for item in project(rules).check().diagnostics}


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("hint", Severity.HINT),
        ("information", Severity.INFORMATION),
        ("warning", Severity.WARNING),
        ("error", Severity.ERROR),
    ],
)
def test_a_severity(word: str, severity: Severity) -> None:
    usual = {"lint/unused-macro": Severity.HINT, "wgsl/validation": Severity.ERROR}
    assert severities("") == usual
    assert severities(f'"lint/unused-macro" = "{word}"') == {**usual, "lint/unused-macro": severity}
    given = severities(f'"wgsl/validation" = {{ severity = "{word}", reason = "known" }}')
    assert given == {**usual, "wgsl/validation": severity}


def test_off() -> None:
    assert severities('"lint/unused-macro" = "off"\n"wgsl/validation" = "off"') == {}


def test_what_is_no_error_any_more_does_not_fail_and_does_not_pass() -> None:
    assert {entry.state for entry in project("").check().verdicts} == {"fail"}
    for word in ("off", "warning"):
        report = project(f'"wgsl/validation" = "{word}"').check()
        assert [entry.n_errors for entry in report.verdicts] == [0, 0]
        states = {entry.state for entry in report.verdicts}
        assert not states & {"fail", "pass"}, states


def test_a_lint_that_is_an_error_fails_no_variant_by_itself_but_is_reported() -> None:
    assert severities('"lint/unused-macro" = "error"')["lint/unused-macro"] == Severity.ERROR


def test_the_reason_is_kept() -> None:
    settings = project('"wgsl/validation" = { severity = "off", reason = "known" }').view().settings
    assert [(one.rule, one.severity, one.reason) for one in settings.rules] == [("wgsl/validation", None, "known")]


@pytest.mark.parametrize(
    ("rules", "code", "words"),
    [
        ('"lint/unusd-macro" = "off"', "config/unknown-rule", 'did you mean "lint/unused-macro"?'),
        ('"lint/unused-macro" = "no"', "config/value", '"no" is none of "off", "hint"'),
        ('"lint/unused-macro" = 3', "config/type", "found the number 3"),
        ('"lint/unused-macro" = { reason = "so" }', "config/value", "give it a severity"),
        ('"lint/unused-macro" = { severity = "of" }', "config/value", 'did you mean "off"?'),
        ('"lint/unused-macro" = { severity = "off", why = "so" }', "config/unknown-key", 'unknown key "why"'),
    ],
)
def test_mistakes(rules: str, code: str, words: str) -> None:
    found = project(rules).workspace.config_diagnostics()
    assert [item.code for item in found] == [code]
    assert words in found[0].message
