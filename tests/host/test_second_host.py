"""A host with other habits than ggml's, read with its own dozen lines of table."""

from __future__ import annotations

from pathlib import Path

import pytest

from wgsl_ls.host.model import HostReading
from wgsl_ls.project.files import FileSystem
from wgsl_ls.project.host_code import HostCode
from wgsl_ls.project.workspace import ProjectWorkspace

FOLDER = Path(__file__).parent / "second"


@pytest.fixture(scope="module")
def reading() -> HostReading:
    files = FileSystem()
    workspace = ProjectWorkspace(files, [str(FOLDER)], host_code=HostCode(files))
    found = workspace.host_findings(str(FOLDER / "kernels" / "tone.wgsl"))
    assert found is not None
    assert workspace.config_diagnostics() == ()
    return found


def sets(reading: HostReading, shader: str, profile: str) -> set[frozenset[str]]:
    return {one.define_set for one in reading.variants if (one.shader, one.profile) == (shader, profile)}


WORDS = {"u32": "PACKED", "vec4<f16>": None, "f32": None}


def tone(tile: int, words: list[str]) -> set[frozenset[str]]:
    """What the code says, worked out by hand: every pair of pixels but into f32, packed or not only for u32."""
    found = set()
    for source in words:
        for target in words:
            if target == "f32":
                continue
            for packed in ({"PACKED"}, set()) if source == "u32" else (set(),):
                for dither in "01":
                    found.add(frozenset({f"IN={source}", f"OUT={target}", f"TILE={tile}", f"DITHER={dither}", *packed}))
    return found


def test_everything_is_read(reading: HostReading) -> None:
    assert reading.gaps == ()
    assert [(one.name, one.shaders, one.gaps) for one in reading.functions] == [
        ("cookTone", ("tone",), ()),
        ("cookGrain", ("grain",), ()),
    ]
    assert {one.stem: (one.status, one.why) for one in reading.shaders} == {
        "tone": ("exact", ""),
        "grain": ("exact", "numbers chosen for radius"),
    }


def test_define_sets_of_a_map(reading: HostReading) -> None:
    assert sets(reading, "tone", "webgpu-default") == tone(8, ["u32", "f32"])
    assert sets(reading, "tone", "nvidia") == tone(16, ["u32", "vec4<f16>", "f32"])


def test_define_sets_of_a_list_with_values_from_the_table(reading: HostReading) -> None:
    for profile, words in (("webgpu-default", ["u32", "f32"]), ("nvidia", list(WORDS))):
        expected = {
            frozenset({f"RADIUS={radius}", f"T={word}", "WITH_SEED", "WITH_NOISE"})
            for radius in (1, 3, 9)
            for word in words
        }
        assert sets(reading, "grain", profile) == expected


def test_labels_places_and_inputs(reading: HostReading) -> None:
    packed = [one for one in reading.variants if "PACKED" in one.define_set]
    assert {one.label for one in packed if one.profile == "webgpu-default"} == {"tone u32 to u32"}
    (define,) = {define for one in packed for define in one.defines if define.name == "PACKED"}
    text = (FOLDER / "engine.cpp").read_text("utf-8")
    assert text[define.location.span.start : define.location.span.end] == 'macros.emplace("PACKED", "")'
    assert define.when == "request.job is Job::Tone and tuning.packed"
    grain = next(one for one in reading.variants if one.shader == "grain")
    assert ("radius", "1", True) in {(one.name, one.value, one.chosen) for one in grain.inputs}


def test_a_place_that_gives_one_macro_that_is_read_is_no_finding(reading: HostReading) -> None:
    assert [one.message for one in reading.findings] == []
