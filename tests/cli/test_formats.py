"""What each format says of one run: every level, places, related places, variants, and what nobody judged."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from sarif_pydantic import Sarif

from tests.cli.conftest import Engines, Say, write
from wgsl_ls.wire.jobs import (
    Accepted,
    CompileJob,
    CompileResult,
    EngineMessage,
    MessageSpan,
    Rejected,
    Unavailable,
    Unsupported,
)

CONFIG = """\
[[shader]]
files = ["kernel.wgsl"]
[[shader.variant]]
name = "plain"
[[shader.variant]]
name = "bad"
defines = ["BAD"]
[[shader.variant]]
name = "half"
defines = ["HALF"]
"""
KERNEL = """\
#define FACTOR scale_by
#include "part.tmpl"
#ifdef BAD
const a = /* 𝄞 */ FACTOR;
#endif
#ifdef HALF
const b = f16(1);
#endif
"""
PART = "const slow = 1;\n"


_MESSAGES = (("scale_by", "error", "name"), ("ROWS", "error", "name"), ("slow", "warning", "lint"))


def engine(job: CompileJob) -> CompileResult:
    """A name that it does not know, a thing that it warns of, one that it cannot judge."""
    if "f16" in job.text:
        return Unsupported("f16")
    messages = []
    for word, severity, kind in _MESSAGES:
        start = job.text.find(word)
        if start >= 0:
            span = MessageSpan(start, start + len(word))
            messages.append(EngineMessage(severity, f"{word} it is", (span,), kind=kind))
    refused = any(message.severity == "error" for message in messages)
    return Rejected(tuple(messages)) if refused else Accepted(tuple(messages))


@pytest.fixture
def report(say: Say, engines: Engines) -> Iterator[Any]:
    """What a run prints in a format, errors and all."""
    engines.compile = engine
    write({"wgsl-ls.toml": CONFIG, "kernel.wgsl": KERNEL, "part.tmpl": PART})

    def run(format_name: str, code: int = 1) -> str:
        found, out, err = say("validate", "--format", format_name)
        assert (found, err) == (code, ""), out
        return out

    yield run


def test_human(report: Any) -> None:
    text, _, summary = report("human").rpartition("\n\n")
    assert (
        text
        == """\
kernel.wgsl:4:19: error: scale_by it is [wgsl/name]
     4 | const a = /* 𝄞 */ FACTOR;
       |                   ^^^^^^
  = in 1 of 3 variants (wgpu, dawn): only when BAD
  = kernel.wgsl:1:9: FACTOR is defined here as 'scale_by'
  = naga (wgpu): scale_by it is

part.tmpl:1:7: warning: slow it is [wgsl/lint]
     1 | const slow = 1;
       |       ^^^^
  = seen in 2 of 3 variants of kernel.wgsl (wgpu, dawn), unknown in 1, for example plain, bad
  = kernel.wgsl:2:11: part.tmpl is included here
  = naga (wgpu): slow it is"""
    )
    lines = summary.splitlines()
    assert lines[:2] == [
        "kernel.wgsl · 3 variants · 1 fail: bad",
        "kernel.wgsl: 1 of 3 variants not judged: half (wgpu cannot judge f16; dawn cannot judge f16)",
    ]
    assert lines[2].startswith(
        "3 variants of 1 shader · 1 pass · 1 fail · 1 not judged · 1 error, 1 warning (6 compiled, "
    )
    assert lines[3:] == ["note: wgpu cannot judge f16 (in 1 variant)", "note: dawn cannot judge f16 (in 1 variant)"]


def test_json(report: Any) -> None:
    found = json.loads(report("json"))
    schema = json.loads(files("wgsl_ls.cli").joinpath("report.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, schema)
    error, warning = found["findings"]
    assert error["range"] == {"start": {"line": 3, "character": 19}, "end": {"line": 3, "character": 25}}, "in UTF-16"
    assert (error["path"], error["severity"], error["rule"]) == ("kernel.wgsl", "error", "wgsl/name")
    assert (error["engines"], error["variants"], error["condition"]) == (["wgpu", "dawn"], ["bad"], "BAD")
    assert (warning["path"], warning["severity"], warning["condition"]) == ("part.tmpl", "warning", None)
    included = warning["related"][0]
    assert (included["path"], included["message"]) == ("kernel.wgsl", "part.tmpl is included here")
    assert [(one["name"], one["state"], one["verdicts"]["dawn"]) for one in found["variants"]] == [
        ("plain", "pass", "accepted"),
        ("bad", "fail", "rejected"),
        ("half", "unjudged", "unsupported"),
    ]
    summary = found["summary"]
    assert (summary["errors"], summary["warnings"], summary["jobs"]) == (1, 1, 6)
    assert summary["variants"] == {"total": 3, "pass": 1, "fail": 1, "pending": 0, "unjudged": 1}


def test_json_of_what_was_not_compiled(say: Say, engines: Engines) -> None:
    """What preprocessing ended is refused by everybody; hints are not told."""
    write({
        "wgsl-ls.toml": CONFIG,
        "kernel.wgsl": '#define UNUSED 1\n#ifdef BAD\n#include "none"\n#endif\n#ifdef HALF\nconst h = 1;\n#endif\n',
    })  # fmt: skip
    code, out, _ = say("validate", "--format", "json")
    found = json.loads(out)
    assert {one["name"]: set(one["verdicts"].values()) for one in found["variants"]} == {
        "plain": {"accepted"}, "bad": {"rejected"}, "half": {"accepted"},
    }  # fmt: skip
    assert {one["severity"] for one in found["findings"]} == {"error"} and code == 1


def test_sarif(report: Any) -> None:
    text = report("sarif")
    run = json.loads(text)["runs"][0]
    Sarif.model_validate(json.loads(text))
    error, warning = run["results"]
    assert [one["level"] for one in (error, warning)] == ["error", "warning"]
    rules = run["tool"]["driver"]["rules"]
    assert [(one["id"], one["defaultConfiguration"]["level"]) for one in rules] == [
        ("wgsl/lint", "warning"),
        ("wgsl/name", "error"),
    ]
    assert rules[error["ruleIndex"]]["id"] == error["ruleId"] == "wgsl/name"
    assert "What to do" in rules[1]["help"]["text"] and "helpUri" not in rules[1]
    place = error["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "kernel.wgsl"
    assert place["region"] == {"startLine": 4, "startColumn": 19, "endLine": 4, "endColumn": 25}
    assert [one["message"]["text"] for one in error["relatedLocations"]] == [
        "FACTOR is defined here as 'scale_by'",
        "naga (wgpu): scale_by it is",
    ]
    properties = {key: error["properties"][key] for key in ("engines", "variants", "condition")}
    assert properties == {"engines": ["wgpu", "dawn"], "variants": ["bad"], "condition": "BAD"}
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["level"] == "warning" and "1 of 3 variants not judged: half" in told["message"]["text"]

    before = [one["partialFingerprints"] for one in run["results"]]
    write({"kernel.wgsl": f"// moved\n{KERNEL}"})
    moved = json.loads(report("sarif"))["runs"][0]["results"]
    assert [one["partialFingerprints"] for one in moved] == before, "stable while lines move"
    write({"kernel.wgsl": KERNEL.replace("FACTOR;", "FACTOR + 1;")})
    assert json.loads(report("sarif"))["runs"][0]["results"][0]["partialFingerprints"] != before[0]


def test_junit(report: Any) -> None:
    suites = ElementTree.fromstring(report("junit"))
    assert [suites.get(key) for key in ("tests", "failures", "skipped")] == ["3", "1", "1"]
    (suite,) = suites
    assert [suite.get(key) for key in ("name", "tests", "failures", "skipped")] == ["kernel.wgsl", "3", "1", "1"]
    plain, bad, half = suite.findall("testcase")
    assert (plain.get("name"), [child.tag for child in plain]) == ("plain", ["system-out"])
    (failure,) = bad.findall("failure")
    assert (failure.get("type"), failure.get("message")) == ("wgsl/name", "scale_by it is")
    assert (failure.text or "").startswith("kernel.wgsl:4:19: error: scale_by it is (in 1 of 3")
    (skipped,) = half.findall("skipped")
    assert skipped.get("message") == "not judged: wgpu cannot judge f16; dawn cannot judge f16"
    assert plain.findtext("system-out") == "wgpu: accepted, dawn: accepted"


def test_github(report: Any) -> None:
    error, warning, counts, *rest = report("github").splitlines()
    assert error == (
        "::error file=kernel.wgsl,line=4,col=19,endLine=4,endColumn=24,title=wgsl/name::scale_by it is (in 1 of 3 "
        "variants (wgpu, dawn): only when BAD)%0A"
        "kernel.wgsl:1:9: FACTOR is defined here as 'scale_by'%0Akernel.wgsl:4:19: naga (wgpu): scale_by it is"
    )
    place = "file=part.tmpl,line=1,col=7,endLine=1,endColumn=10"
    assert warning.startswith(f"::warning {place},title=wgsl/lint::slow it is")
    assert counts == "3 variants, 1 pass, 1 fail, 1 not judged"
    assert rest == [
        "::warning file=kernel.wgsl,title=not judged::1 of 3 variants not judged: half (wgpu cannot judge f16; dawn "
        "cannot judge f16)"
    ]


def test_gcc(report: Any) -> None:
    error, defined, other, warning, *rest = report("gcc").splitlines()
    assert error.startswith("kernel.wgsl:4:19: error: scale_by it is (in 1 of 3") and error.endswith(" [wgsl/name]")
    assert defined == "kernel.wgsl:1:9: note: FACTOR is defined here as 'scale_by'"
    assert other == "kernel.wgsl:4:19: note: naga (wgpu): scale_by it is"
    assert warning.startswith("part.tmpl:1:7: warning: slow it is")
    assert rest[-1] == (
        "kernel.wgsl:1:1: note: 1 of 3 variants not judged: half (wgpu cannot judge f16; dawn cannot judge f16)"
    )


# What is no finding in a variant


def test_an_error_in_the_configuration_fails_in_every_format(report: Any) -> None:
    write({"wgsl-ls.toml": f"{CONFIG}[[shader]]\nfile = 1\n", "kernel.wgsl": "\n"})
    suites = ElementTree.fromstring(report("junit"))
    (suite,) = [one for one in suites if one.get("name") == "configuration"]
    assert suite.get("failures") == suites.get("failures") != "0"
    assert int(suites.get("tests", "")) == sum(len(one.findall("testcase")) for one in suites)
    assert "config/unknown-key" in [case.get("name") for case in suite]
    assert "::error file=wgsl-ls.toml,line=12," in report("github")


def test_information_has_the_lowest_level_and_what_the_host_gives_is_excused(report: Any) -> None:
    write({"wgsl-ls.toml": "", "kernel.wgsl": "const a = ROWS;\n"})
    assert report("gcc", 0).startswith("kernel.wgsl:1:11: note: nothing here defines ROWS")
    lines = report("github", 0).splitlines()
    assert [line.partition(" ")[0] for line in lines if line.startswith("::")] == ["::notice", "::notice"]
    run = json.loads(report("sarif", 0))["runs"][0]
    assert [one["level"] for one in run["results"]] == ["note"]
    assert [one["level"] for one in run["invocations"][0]["toolExecutionNotifications"]] == ["note"]
    assert "information: nothing here defines ROWS" in report("human", 0)


def test_an_engine_that_cannot_be_used_is_said_with_its_remedy(report: Any, engines: Engines) -> None:
    engines.missing["dawn"] = Unavailable("it is not installed", "pip install it")
    write({"wgsl-ls.toml": CONFIG.replace('[[shader.variant]]\nname = "half"\ndefines = ["HALF"]\n', "")})
    assert "dawn could not be used: it is not installed\n  to change that: pip install it\n" in report("human")
    assert "::warning title=engine missing::dawn: it is not installed pip install it\n" in report("github")
    assert json.loads(report("json"))["summary"]["unavailable"] == {
        "dawn": {"why": "it is not installed", "remedy": "pip install it"}
    }
    notes = json.loads(report("sarif"))["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert [one["message"]["text"] for one in notes] == ["dawn could not be used: it is not installed"]


def test_many_related_places_are_counted(say: Say, engines: Engines) -> None:
    chain = "".join(f"#define M{n} M{n + 1}\n" for n in range(9))
    engines.compile = engine
    write({"wgsl-ls.toml": CONFIG, "kernel.wgsl": f"{chain}#define M9 scale_by\nconst a = M0;\n"})
    out = say("validate", "--variant", "plain")[1]
    assert "  = and 4 more\n" in out


def test_what_an_engine_lacks_is_counted_over_the_variants(say: Say, engines: Engines) -> None:
    engines.compile = engine
    write({"wgsl-ls.toml": CONFIG, "kernel.wgsl": "#ifndef BAD\nconst b = f16(1);\n#endif\n"})
    assert "note: wgpu cannot judge f16 (in 2 variants)\n" in say("validate")[1]
