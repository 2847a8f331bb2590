"""What was read out of a host program, as plain data: HostReading and its parts.

A host program expands shaders at run time with macros that it decides on. Everything here is a fact about its
source text; places are Locations in the C++ files, in code points. Equal parts are shared objects: thousands of
variants of one shader hold the same HostDefine objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wgsl_ls.text.span import Location

Status = Literal["exact", "over-approximate", "incomplete"]
FindingKind = Literal["define-not-read", "macro-not-given", "equal-keys", "not-served"]


@dataclass(frozen=True, slots=True)
class HostDefine:
    """One macro that the host gives. `value`: None for a bare name. `location`: the expression that gives it;
    `when`: the conditions around that place, in the host's words ("" = always)."""

    name: str
    value: str | None
    location: Location
    when: str = ""

    def __hash__(self) -> int:
        return hash((self.name, self.value))  # thousands of lists of them are compared

    @property
    def text(self) -> str:
        return self.name if self.value is None else f"{self.name}={self.value}"


@dataclass(frozen=True, slots=True)
class HostInput:
    """A fact about the outside that a variant rests on. `chosen`: the value is a guess among many that the
    host would take (a number of a model), not one that the source text leads to."""

    name: str
    value: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class HostGate:
    """Where the host says whether it takes an operation: `location` is the operation's name in the gate `function`."""

    function: str
    location: Location


@dataclass(frozen=True, slots=True)
class HostVariant:
    """One set of macros for the shader `shader` (file stem) on devices of `profile` ("": any, the host asks nothing
    of them). `label`: what the host itself calls it; `function`: the function that asks for it; `op`: the operation
    it is asked for ("" = not known), which `gate` lets through."""

    shader: str
    label: str
    defines: tuple[HostDefine, ...]
    inputs: tuple[HostInput, ...]
    profile: str
    function: str
    op: str = ""
    gate: HostGate | None = None

    @property
    def define_set(self) -> frozenset[str]:
        return frozenset(define.text for define in self.defines)


@dataclass(frozen=True, slots=True)
class ShaderText:
    """What of a shader matters here: the macros it may read, and its own `#define NAME number` defaults;
    `tested`: macros that its own conditions ask for and that nothing in it defines, with where; `file`: its file's
    name."""

    stem: str
    names: frozenset[str] = frozenset()
    defaults: Mapping[str, str] = field(default_factory=dict)
    tested: Mapping[str, Location] = field(default_factory=dict)
    file: str = ""


@dataclass(frozen=True, slots=True)
class HostGap:
    """A place of the host that was not understood; the paths through it gave no variant."""

    location: Location
    what: str


@dataclass(frozen=True, slots=True)
class HostFunction:
    """A function that asks for shaders. `shaders`: stems; `inputs`: names of what its variants rest on;
    `n_variants`: different (shader, macros) over all devices."""

    name: str
    location: Location
    shaders: tuple[str, ...]
    inputs: tuple[str, ...]
    n_variants: int
    gaps: tuple[HostGap, ...]


@dataclass(frozen=True, slots=True)
class HostShader:
    """How well the variants of one shader are known. "over-approximate": all that the host can ask for are
    among them, perhaps more; "incomplete": some may be missing. `why` names the inputs of which not all values
    are used, too."""

    stem: str
    status: Status
    why: str
    n_variants: int


@dataclass(frozen=True, slots=True)
class HostFinding:
    """Something that is wrong, or looks so, between host and shaders."""

    kind: FindingKind
    location: Location
    message: str
    shader: str


@dataclass(frozen=True, slots=True)
class HostReading:
    """Everything that was read. `files`: the C++ files that were used; `chosen`: numbers that were chosen, as
    (input name, values); `refused`: devices that the host does not take, as (profile, fact that it lacks); `broken`:
    where the text is no C++, as while somebody writes it."""

    files: tuple[str, ...] = ()
    shaders: tuple[HostShader, ...] = ()
    variants: tuple[HostVariant, ...] = ()
    functions: tuple[HostFunction, ...] = ()
    gaps: tuple[HostGap, ...] = ()
    findings: tuple[HostFinding, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    broken: tuple[Location, ...] = ()

    def of_shader(self, stem: str) -> list[HostVariant]:
        return [variant for variant in self.variants if variant.shader == stem]

    @property
    def n_read(self) -> int:
        """Functions without a gap that ask for something."""
        return sum(not function.gaps and function.n_variants > 0 for function in self.functions)
