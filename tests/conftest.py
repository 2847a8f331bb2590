"""For all tests: what a machine under load must not fail. Properties have no deadlines; nobody's own settings count."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("wgsl-ls", deadline=None)
settings.load_profile("wgsl-ls")
os.environ["WGSL_LS_SETTINGS"] = os.devnull
