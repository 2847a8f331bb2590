"""`[rules]`: severities of rules as a configuration gives them, and what verdicts become of it."""

from __future__ import annotations

import pytest

from tests.analysis.fixture import Project
from wgsl_ls.text.diagnostic import Severity
from wgsl_ls.wire.jobs import Accepted, Bridged, CompileJob, CompileResult, EngineMessage, MessageSpan, Rejected

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


PORTABLE = """
[[shader]]
files = ["a.wgsl"]
profiles = ["small", "large"]
[profile.small]
f16 = false
[profile.large]
f16 = false
"""


def of_targets(rule: str) -> tuple[dict[tuple[str, str], str], dict[str, int]]:
    """What is said of a text that wgpu had to be given in another spelling and that two profiles refuse: severities by
    rule and target, and the verdicts."""

    def compiled(job: CompileJob) -> CompileResult:
        bridged = Bridged("f16-bitcast", 0, 6, "in another spelling")
        return Accepted(bridged=(bridged,) if job.engine == "wgpu" else ())

    files = {"a.wgsl": "enable f16;\n", "wgsl-ls.toml": f"[rules]\n{rule}\n{PORTABLE}"}
    report = Project.of(files, compile=compiled).check()
    found = {}
    for item in report.diagnostics:
        profile = next((name for name in ("small", "large") if f"profile {name} " in f"{item.message} "), "")
        found[item.code, *item.engines, *([profile] if profile else [])] = item.severity.name
    return found, report.counts


@pytest.mark.parametrize(
    ("rule", "changed", "state"),
    [
        ("", {}, "fail"),
        ('"portability/f16-bitcast" = { targets = { wgpu = "warning" } }', {"wgpu": "WARNING"}, "fail"),
        ('"portability/f16-bitcast" = { targets = { dawn = "error" } }', {}, "fail"),
        ('"profile/f16" = { targets = { small = "hint" } }', {"small": "HINT"}, "fail"),
        (
            '"profile/f16" = { severity = "off", targets = { large = "warning" } }',
            {"small": None, "large": "WARNING"},
            "pass",
        ),
        ('"profile/f16" = "off"', {"small": None, "large": None}, "pass"),
        (
            '"profile/f16" = "off"\n"portability/f16-bitcast" = { severity = "off", targets = { wgpu = "error" } }',
            {"small": None, "large": None, "wgpu": "ERROR"},
            "fail",
        ),
    ],
)
def test_a_severity_for_a_target(rule: str, changed: dict[str, str | None], state: str) -> None:
    usual = {"wgpu": "INFORMATION", "small": "ERROR", "large": "ERROR"}
    found, counts = of_targets(rule)
    wanted = {target: word for target, word in {**usual, **changed}.items() if word is not None}
    assert {key[-1]: word for key, word in found.items()} == wanted
    assert counts[state] == 1


def test_what_two_say_is_as_severe_as_for_the_one_that_takes_it_most_seriously() -> None:
    def severities(rules: str) -> list[Severity]:
        refused = Rejected((EngineMessage("error", "no", (MessageSpan(3, 4),)),))
        files = {"a.wgsl": "fn f() {}\n", "wgsl-ls.toml": f'[rules]\n{rules}\n[[shader]]\nfiles = ["a.wgsl"]\n'}
        return [item.severity for item in Project.of(files, compile=lambda job: refused).check().diagnostics]

    for rule, severity in [
        ('{ targets = { wgpu = "warning" } }', Severity.ERROR),
        ('{ targets = { wgpu = "off", dawn = "information" } }', Severity.INFORMATION),
        ('{ severity = "hint", targets = { wgpu = "warning" } }', Severity.WARNING),
    ]:
        assert severities(f'"wgsl/validation" = {rule}') == [severity]
    assert severities('"wgsl/validation" = { targets = { wgpu = "off", dawn = "off" } }') == []


@pytest.mark.parametrize(
    ("rules", "code", "words"),
    [
        ('"lint/unusd-macro" = "off"', "config/unknown-rule", 'did you mean "lint/unused-macro"?'),
        ('"lint/unused-macro" = "no"', "config/value", '"no" is none of "off", "hint"'),
        ('"lint/unused-macro" = 3', "config/type", "found the number 3"),
        ('"lint/unused-macro" = { reason = "so" }', "config/value", "give it a severity"),
        (
            '"wgsl/name" = { targets = { wgup = "off" } }',
            "config/value",
            'no device profile "wgup" (did you mean "wgpu"?)',
        ),
        ('"wgsl/name" = { targets = { wgpu = "of" } }', "config/value", '"of" is none of "off", "hint"'),
        ('"wgsl/name" = { targets = { wgpu = 1 } }', "config/type", "found the number 1"),
        ('"wgsl/name" = { targets = "wgpu" }', "config/type", "a table of engine or device profile"),
        ('"lint/unused-macro" = { severity = "of" }', "config/value", 'did you mean "off"?'),
        ('"lint/unused-macro" = { severity = "off", why = "so" }', "config/unknown-key", 'unknown key "why"'),
    ],
)
def test_mistakes(rules: str, code: str, words: str) -> None:
    found = project(rules).workspace.config_diagnostics()
    assert [item.code for item in found] == [code]
    assert words in found[0].message
