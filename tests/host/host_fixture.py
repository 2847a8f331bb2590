"""Small C++ hosts, read as texts."""

from __future__ import annotations

from dataclasses import replace

from wgsl_ls.host.library import PLAIN, HostLibrary
from wgsl_ls.host.model import HostReading, ShaderText
from wgsl_ls.host.reading import Budget, read_host
from wgsl_ls.project.profiles import BUILT_IN, DeviceProfile

BLUR = ShaderText("blur", frozenset({"blur", "WG", "FAST", "T"}), {"TILE": "32"})
EDGE = ShaderText("edge", frozenset({"edge"}))
DEVICE = DeviceProfile("small", 16384, 256, None, 65535, 8, True, (8, 32), (), True, "acme", False)


def read(
    text: str,
    *,
    library: HostLibrary = PLAIN,
    budget: Budget | None = None,
    profiles: tuple[DeviceProfile, ...] = (DEVICE,),
    **table: object,
) -> HostReading:
    return read_host({"host.cpp": text}, (BLUR, EDGE), replace(library, **table), profiles, budget)  # type: ignore[arg-type]


def body(statements: str, parameters: str = "int n, bool fast, Kind kind", before: str = "") -> str:
    """A host with one function that fills `defs` and expands `src_blur`."""
    return f"""
    enum Kind {{ KIND_A, KIND_B = 4, KIND_C }};
    {before}
    struct Library {{
        pre::Preprocessor p;
        Pipeline make({parameters}) {{
            std::vector<std::string> defs;
            {statements}
            return compile(p.preprocess(src_blur, defs), "blur");
        }}
    }};
    """


def sets(reading: HostReading, shader: str = "blur") -> set[str]:
    """The define sets of a shader, each as its macros in order, joined by a space."""
    return {" ".join(one.text for one in variant.defines) for variant in reading.variants if variant.shader == shader}


NVIDIA = BUILT_IN["nvidia"]
