"""What is wrong between a host and its shaders is said on the command line as in the editor."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Engines, Say, write

HOST = """#include "kernels.h"
struct Library {
    pre::Preprocessor p;
    Pipeline make_tone(bool fast) {
        std::vector<std::string> defs;
        defs.push_back("UNREAD");
        if (fast) { defs.push_back("FAST"); }
        return compile(p.preprocess(src_tone, defs), "tone");
    }
    Pipeline make_edge(int n) {
        std::vector<std::string> defs;
        defs.push_back("ALSO_UNREAD");
        if (n == 3) { goto done; }
        done:
        return compile(p.preprocess(src_edge, defs), "edge");
    }
};
"""
TONE = (
    "#ifdef FAST\nconst a = 1;\n#endif\n#ifdef NEVER\nconst b = 1;\n#endif\n"
    "#if defined(FAST) && LEVEL > 2\n#elif !defined(NOWHERE)\n#endif\n@compute @workgroup_size(1) fn main() {}\n"
)
EDGE = "@compute @workgroup_size(1) fn main() {}\n"


OPENED = """void open(Adapter & adapter) {
    std::vector<wgpu::FeatureName> required = { wgpu::FeatureName::ShaderF16 };
    wgpu::DeviceDescriptor wanted;
    wanted.requiredFeatures = required.data();
}
"""


def found(out: str) -> set[tuple[str, int, str, str]]:
    said = json.loads(out)["findings"]
    return {
        (one["path"], one["range"]["start"]["line"] + 1, one["severity"], one["rule"])
        for one in said
        if one["rule"].startswith("host/")
    }


@pytest.fixture
def project(say: Say, engines: Engines) -> Say:
    write({"host.cpp": HOST, "tone.wgsl": TONE, "edge.wgsl": EDGE})
    return say


def test_validate_says_what_is_wrong_between_host_and_shaders(project: Say) -> None:
    _, out, _ = project("validate", ".", "--format", "json")
    assert found(out) == {
        ("host.cpp", 6, "warning", "host/define-not-read"),
        ("host.cpp", 12, "warning", "host/define-not-read"),
        ("host.cpp", 13, "information", "host/gap"),
        ("tone.wgsl", 4, "information", "host/macro-not-given"),
        ("tone.wgsl", 7, "information", "host/macro-not-given"),
        ("tone.wgsl", 8, "information", "host/macro-not-given"),
    }


def test_only_of_the_shaders_asked_for(project: Say) -> None:
    _, out, _ = project("validate", "edge.wgsl", "--format", "json")
    assert found(out) == {
        ("host.cpp", 12, "warning", "host/define-not-read"),
        ("host.cpp", 13, "information", "host/gap"),
    }


def test_rules_hold_for_them_too(project: Say) -> None:
    write({"wgsl-ls.toml": '[rules]\n"host/define-not-read" = "error"\n"host/macro-not-given" = "off"\n'})
    code, out, _ = project("validate", "tone.wgsl", "--format", "json")
    assert code == 1
    assert found(out) == {("host.cpp", 6, "error", "host/define-not-read"), ("host.cpp", 13, "information", "host/gap")}


def test_a_host_beside_the_shaders_is_found_from_where_one_works(say: Say) -> None:
    """In no repository, and however the shaders are named."""
    write({"src/host.cpp": HOST, "shaders/tone.wgsl": TONE})
    for path in (".", "shaders", "shaders/tone.wgsl"):
        code, out, _ = say("variants", path, "--format", "json")
        assert (code, [one["origin"] for one in json.loads(out)]) == (0, ["host", "host"])


def test_explain_says_where_the_host_gives_a_macro(project: Say) -> None:
    assert "FAST = (empty)   given by make_tone, when fast (host.cpp:7)   (in 1 variant)" in "\n".join(
        line.strip() for line in project("explain", "tone.wgsl:2", "--macros")[1].splitlines()
    )
    _, out, _ = project("explain", "tone.wgsl:2", "--json")
    origins = {
        name: one["origin"] for variant in json.loads(out)[0]["variants"] for name, one in variant["macros"].items()
    }
    assert origins == {
        "FAST": "given by make_tone, when fast (host.cpp:7)",
        "UNREAD": "given by make_tone (host.cpp:6)",
    }


def test_people_are_told_what_was_read_and_each_gap_once(project: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wgsl_ls.host.syntax._MOST_STEPS", 1000)
    write({"broken.cpp": "/* " + "* / " * 1000})
    write({"wgsl-ls.toml": '[host]\nfiles = ["host.cpp", "broken.cpp"]\n'})
    code, out, _ = project("host", ".")
    head, *lines = out.splitlines()
    assert head == "read: broken.cpp, host.cpp"
    gaps = [line.strip() for line in lines if "gap: " in line]
    assert len(gaps) == len(set(gaps)) == 2, out
    assert sum("broken.cpp:1:1" in one for one in gaps) == 1 and sum("host.cpp:13" in one for one in gaps) == 1
    assert code == 1, "a gap, and macros that nothing reads"


def test_a_shader_that_the_host_never_asks_for_on_a_device_is_no_part_of_its_list(project: Say) -> None:
    write({"lone.wgsl": EDGE})
    for words, shaders in (((), {"edge.wgsl", "lone.wgsl", "tone.wgsl"}), (("--profile", "nvidia"), {"tone.wgsl"})):
        write({"host.cpp": HOST.replace("goto done;", "")})
        _, out, _ = project("variants", ".", "--format", "json", *words)
        assert {one["shader"] for one in json.loads(out)} >= shaders - {"lone.wgsl"}
        assert ("lone.wgsl" in out) == (not words)


def test_a_device_that_the_host_does_not_take(say: Say, engines: Engines) -> None:
    write({"host.cpp": HOST + OPENED, "tone.wgsl": TONE, "edge.wgsl": EDGE})
    words = "webgpu-default: the host does not take a device without f16, and asks for no variant there"
    for named, is_told in ((("webgpu-default", "nvidia"), True), (("nvidia",), False), ((), False)):
        _, _, err = say("validate", "tone.wgsl", *(word for name in named for word in ("--profile", name)))
        assert (words in err) == is_told, (named, err)
