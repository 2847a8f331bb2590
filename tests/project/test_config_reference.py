"""CONFIG.md says what is true: its examples load, the first declares what it says, no key or profile is missing."""

from __future__ import annotations

import re
from pathlib import Path

import wgsl_ls.project
from wgsl_ls.project.config import load_config
from wgsl_ls.project.profiles import BUILT_IN
from wgsl_ls.project.variants import variants_for

ROOM = Path(wgsl_ls.project.__file__).parent
REFERENCE = (ROOM / "CONFIG.md").read_text()
EXAMPLES = re.findall(r"```toml\n(.*?)```", REFERENCE, re.DOTALL)


def test_the_examples_load() -> None:
    assert len(EXAMPLES) >= 3
    for example in EXAMPLES:
        config, diagnostics = load_config("/p/wgsl-ls.toml", example)
        assert [one.message for one in diagnostics] == []
        assert config.shaders or config.host.files


def test_the_first_example_declares_what_it_says() -> None:
    config, _ = load_config("/p/wgsl-ls.toml", EXAMPLES[0])
    variants, diagnostics = variants_for(config, "/p/shaders/flash_attn_tile.wgsl")
    assert diagnostics == ()
    names = [variant.name for variant in variants.variants]
    assert len(names) == 16 and "declares 16 variants" in REFERENCE
    assert (names[0], names[1], names[-1]) == ("K_F16+HEAD_DIM=64", "K_F16+HEAD_DIM=128", "K_Q4_0+MASK+HEAD_DIM=128")


def test_device_decisions_come_out_as_written() -> None:
    config, _ = load_config("/p/wgsl-ls.toml", EXAMPLES[1])
    variants, diagnostics = variants_for(config, "/p/flash_attn.wgsl")
    assert diagnostics == ()
    assert [(one.name, one.define_list, one.profiles) for one in variants.variants] == [
        ("APPLE+HEAD_DIM=64", ("HEAD_DIM=64", "KV_TILE=64"), ("apple-m", "nvidia")),
        ("APPLE+HEAD_DIM=128", ("HEAD_DIM=128", "KV_TILE=62"), ("apple-m",)),
        ("NV+HEAD_DIM=128", ("HEAD_DIM=128", "KV_TILE=64"), ("nvidia",)),
    ]


def test_every_key_and_profile_is_in_the_reference() -> None:
    keys = set(re.findall(r'table\.\w+\("([a-z-]+)"', (ROOM / "config.py").read_text()))
    assert len(keys) > 25
    for word in keys | set(BUILT_IN):
        assert f"`{word}`" in REFERENCE or f"[{word}" in REFERENCE or f".{word}]" in REFERENCE, word
