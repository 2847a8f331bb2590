"""Which smoke settings a run really takes: those of the project under those of its `[[shader]]`."""

from __future__ import annotations

import pytest

from wgsl_ls.project.config import load_config
from wgsl_ls.project.variants import variants_for
from wgsl_ls.smoke_session import smoke_config

PROJECT = "[smoke]\ntolerance = 0.25\nvalues = { N = 8 }\n"


@pytest.mark.parametrize(
    ("entries", "tolerance", "deterministic"),
    [
        ("[[shader]]\nfiles = ['a.wgsl']\n", 0.25, True),
        ("[[shader]]\nfiles = ['a.wgsl']\n[shader.smoke]\ndeterministic = false\n", 0.25, False),
        ("[[shader]]\nfiles = ['a.wgsl']\n[shader.smoke]\ntolerance = 0.5\n", 0.5, True),
        ("[[shader]]\nfiles = ['*.wgsl', '!a.wgsl']\n[shader.smoke]\ntolerance = 0.5\n", 0.25, True),
        ("[[shader]]\nname = 'base'\n[shader.smoke]\ntolerance = 0.5\n"
         "[[shader]]\nfiles = ['a.wgsl']\nextends = 'base'\n[shader.smoke]\ndeterministic = false\n", 0.5, False),
        ("[[shader]]\nfiles = ['a.wgsl']\ndefines = ['X']\n[shader.smoke]\ndeterministic = false\n", 0.25, False),
    ],
)  # fmt: skip
def test_settings_of_the_shader_lie_over_those_of_the_project(
    entries: str, tolerance: float, deterministic: bool
) -> None:
    config, problems = load_config("/p/wgsl-ls.toml", PROJECT + entries)
    assert problems == ()
    variant_set, _ = variants_for(config, "/p/a.wgsl")
    for variant in variant_set.variants:
        read, problems = smoke_config(config, "/p/a.wgsl", variant)
        assert problems == ()
        assert (read.tolerance, read.deterministic) == (tolerance, deterministic)
        assert read.values, "what only the project says holds too"
