"""For all tests: what a machine under load must not fail. Properties have no deadlines."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("wgsl-ls", deadline=None)
settings.load_profile("wgsl-ls")
