"""matplotlib with its own defaults and nothing else.

On import matplotlib reads `matplotlibrc` of the current folder, which is a workspace's: it may switch on LaTeX, and old
versions evaluate parts of it. So it is imported where its own defaults are the file of that name, and drawing happens
under these defaults, whatever the user's file says.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from importlib.util import find_spec


@contextmanager
def fixed_drawing() -> Iterator[None]:
    """Within it matplotlib may be imported and used. Raises ImportError where it is missing."""
    if "matplotlib" not in sys.modules:
        spec = find_spec("matplotlib")
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")
        # The folder is the process's for as long as the import takes, once.
        with chdir(f"{spec.submodule_search_locations[0]}/mpl-data"):
            import matplotlib
    else:
        import matplotlib
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams["text.usetex"] = False
        # Legible on white and on black: a page may be shown in any theme.
        for part in (
            "text.color",
            "axes.labelcolor",
            "axes.edgecolor",
            "axes.titlecolor",
            "xtick.color",
            "ytick.color",
        ):
            matplotlib.rcParams[part] = "#7f8790"
        matplotlib.rcParams["savefig.transparent"] = True
        yield
