"""LSP's types are made when they are used, and are what lsprotocol declares."""

from __future__ import annotations

import re
import subprocess
import sys

_EAGER = "from lsprotocol import types\n"
_LAZY = "import wgsl_ls.server\nfrom lsprotocol import types\nfrom wgsl_ls.server.lazy_types import n_incomplete\n"
_DESCRIBE = """
import attrs, inspect, typing
from lsprotocol.converters import get_converter
converter = get_converter()
for name, value in sorted(vars(types).items()):
    if isinstance(value, type) and attrs.has(value):
        attrs.resolve_types(value, types.ALL_TYPES_MAP, {})
        print(name, inspect.signature(value))
        for field in attrs.fields(value):
            print("  ", field.name, field.type, field.default, field.validator, field.eq, field.init, field.kw_only)
one = {"textDocument": {"uri": "file:///a", "version": 3}, "contentChanges": [{"text": "x"}]}
made = converter.structure(one, types.DidChangeTextDocumentParams)
print(made, converter.unstructure(made) == one, made == made, types.Position(1, 2) < types.Position(1, 3))
def of_union(params: "types.DocumentDiagnosticReport", one: "types.Definition") -> "types.GlobPattern": ...
print(typing.get_type_hints(of_union))
try:
    types.Position("1", 2)
except (TypeError, ValueError) as error:
    print("refused", error.args[0])
"""


def printed(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return re.sub(" at 0x[0-9a-f]+", "", done.stdout)


def test_they_are_the_same_once_they_are_used() -> None:
    eager = printed(_EAGER + _DESCRIBE)
    assert eager.count("\n") > 1000 and "refused" in eager
    assert printed(_LAZY + _DESCRIBE + "assert n_incomplete() == 0\n") == eager


def test_a_start_completes_few_of_them() -> None:
    lines = [_LAZY, "from wgsl_ls.server.app import make_server", "make_server()"]
    ours = "sum('messages' in one.__module__ for one in lazy_types._incomplete)"
    count = f"from wgsl_ls.server import lazy_types\nprint({ours})"
    n_left, n_ours = map(int, printed("\n".join([*lines, "print(n_incomplete())", count])).split())
    assert n_left - n_ours > 450 and n_ours > 35


def test_neither_the_command_line_nor_an_engine_needs_them() -> None:
    for module in ("wgsl_ls.cli.main", "wgsl_ls.cli.validate", "wgsl_ls.engines.worker", "wgsl_ls.host_process"):
        loaded = printed(f"import sys, {module}\nprint(*sys.modules)").split()
        assert not {"wgsl_ls.server", "lsprotocol", "pygls", "attrs"} & set(loaded), module


def test_the_server_starts_without_what_reads_hosts_and_packages_and_runs_shaders() -> None:
    """Hosts are read in a process of its own; versions of packages are asked for later; few run anything."""
    loaded = printed("import sys, wgsl_ls.server.app\nwgsl_ls.server.app.make_server()\nprint(*sys.modules)").split()
    assert "wgsl_ls.host.interpreter" not in loaded and "wgsl_ls.host.model" in loaded
    assert not {"importlib.metadata", "tree_sitter", "wgsl_ls.wire.dispatch_jobs", "secrets"} & set(loaded)
