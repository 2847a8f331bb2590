"""Byte for byte what the real preprocessors give, on vectors that were made by running them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import wgsl_ls

DATA = Path(__file__).parents[1] / "conformance"


def cases() -> list[Any]:
    loaded = []
    for name in ("named.json", "random.json"):
        for case in json.loads((DATA / name).read_text(encoding="utf-8")):
            for dialect in ("ggml", "pre-wgsl"):
                loaded.append(pytest.param(case, dialect, id=f"{case['name']}-{dialect}"))
    return loaded


@pytest.mark.parametrize(("case", "dialect"), cases())
def test_vector(case: dict[str, Any], dialect: Any) -> None:
    files = {"main.wgsl": case["main"], **case["files"]}
    expansion = wgsl_ls.expand("main.wgsl", defines=case["defines"], files=files, dialect=dialect)
    expected = case["expected"][dialect]
    if "error" in expected:
        assert expansion.failed, expected["error"]
        fatal = [diagnostic for diagnostic in expansion.diagnostics if diagnostic.severity == 1]
        assert fatal, "a failure without a diagnostic"
        for diagnostic in fatal:
            text = files[diagnostic.path]
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
            assert diagnostic.message
    else:
        assert not expansion.failed, expansion.diagnostics
        assert expansion.text == expected["output"]
        segments = expansion.source_map.segments
        assert [segment.end for segment in segments[:-1]] == [segment.start for segment in segments[1:]]
        assert (segments[-1].end if segments else 0) == len(expansion.text)
        for segment in segments:
            written = files[expansion.source_map.instances[segment.instance].path]
            source = written[segment.source_start : segment.source_end]
            if segment.macro:
                assert source == segment.macro
            elif source:
                assert source == expansion.text[segment.start : segment.end]
