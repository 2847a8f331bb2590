"""What wgsl-ls.toml says, as values: ProjectConfig and its parts. No reading (config.py), no expansion
(variants.py).

Spans are places in the TOML, kept so that what is found out later (a rule that leaves no variant, a duplicate
name) is reported where it was written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from wgsl_ls.preprocess.conditions import Condition
from wgsl_ls.preprocess.dialect import GGML, Dialect
from wgsl_ls.project.baselines import baseline
from wgsl_ls.project.profiles import BUILT_IN, DeviceProfile
from wgsl_ls.project.rule_settings import RuleSettings
from wgsl_ls.text.located import Located
from wgsl_ls.text.span import Span
from wgsl_ls.wire.engine_specs import default_engines

Define = tuple[str, str]
"""(macro name, value); the value of a bare `NAME` is empty."""

Includes = Literal["textual", "native"]
BY_EXPANSION: Final = ("structures", "branches", "most-enabled")
"""Words of `pick` that choose variants by what they become, see picking.py."""
Pick = Literal["all", "pairwise", "structures", "branches", "most-enabled"] | int

DEFAULT_MAX_VARIANTS: Final = 10_000
MOST_VARIANTS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Expression:
    """An `#if` expression written in a string of the TOML, `located`."""

    condition: Condition
    located: Located

    @property
    def text(self) -> str:
        return self.condition.text

    @property
    def span(self) -> Span:
        return self.located.span


@dataclass(frozen=True, slots=True)
class Pattern:
    """A glob or path as written, relative to the TOML's directory; `!glob` takes files out again."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Alternative:
    """One alternative of an axis: the macros it defines, those it removes, and its part of a variant's name
    (empty for "absent")."""

    label: str
    define: tuple[Define, ...]
    undefine: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Axis:
    name: str
    alternatives: tuple[Alternative, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class VariantRule:
    """Applies where `when` holds (None: always). `compute`: macros that get the value of an expression.
    `engines`, `profiles`: what the variant must pass, instead of the entry's."""

    when: Expression | None
    define: tuple[Define, ...]
    undefine: tuple[str, ...]
    compute: tuple[tuple[str, Expression], ...]
    forbid: tuple[Expression, ...]
    require: tuple[Expression, ...]
    engines: tuple[str, ...] | None
    profiles: tuple[str, ...] | None
    overrides: tuple[tuple[str, float], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class DeclaredVariant:
    """A `[[shader.variant]]`."""

    name: str
    define: tuple[Define, ...]
    undefine: tuple[str, ...]
    engines: tuple[str, ...] | None
    profiles: tuple[str, ...] | None
    overrides: tuple[tuple[str, float], ...]
    extends: str | None
    span: Span
    name_span: Span


@dataclass(frozen=True, slots=True)
class ShaderEntry:
    """One `[[shader]]` with everything it inherits. `files` empty: a template that others extend. `locals`:
    macros that only rules see; they are not given to the preprocessor. None: the project's value."""

    name: str | None
    files: tuple[Pattern, ...]
    define: tuple[Define, ...]
    undefine: tuple[str, ...]
    locals: tuple[str, ...]
    axes: tuple[Axis, ...]
    rules: tuple[VariantRule, ...]
    variants: tuple[DeclaredVariant, ...]
    pick: Pick | None
    engines: tuple[str, ...] | None
    profiles: tuple[str, ...] | None
    overrides: tuple[tuple[str, float], ...]
    includes: Includes | None
    include_dirs: tuple[str, ...] | None
    smoke: Located | None
    span: Span
    axes_span: Span | None

    @property
    def size(self) -> int:
        """How much there is to inherit."""
        return len(self.define) + len(self.axes) + len(self.rules) + len(self.variants) + len(self.locals)

    @property
    def has_variants(self) -> bool:
        return bool(self.axes or self.variants)


@dataclass(frozen=True, slots=True)
class HostSettings:
    """The `[host]` table: how a host program's code is to be read where that cannot be seen in the code itself.
    `enabled`: is it read at all. `files`: globs of its C++ files (empty: they are looked for near the shaders).
    The rest adds to or replaces what the table for the host library says; `values`: (names of inputs that go
    together, their values)."""

    enabled: bool = True
    files: tuple[Pattern, ...] = ()
    library: str | None = None
    preprocess: tuple[str, ...] = ()
    gate: str | None = None
    dispatch: str | None = None
    shader_names: str | None = None
    opaque: tuple[tuple[str, str], ...] = ()
    numbers: tuple[str, ...] = ()
    same: tuple[tuple[str, str], ...] = ()
    device: tuple[tuple[str, str], ...] = ()
    aborts: tuple[str, ...] = ()
    values: tuple[tuple[tuple[str, ...], tuple[object, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectConfig:
    """A whole wgsl-ls.toml. `path`: the file (None: no configuration); `directory`: what relative paths in it
    start from; `include_dirs`: absolute, empty = the directory of the root file; `profiles`: names every
    variant must pass; `device_profiles`: the built-in ones and those of the file (baselines: by name only)."""

    path: str | None
    directory: str
    dialect: Dialect = GGML
    includes: Includes = "native"
    include_dirs: tuple[str, ...] = ()
    define: tuple[Define, ...] = ()
    engines: tuple[str, ...] = field(default_factory=default_engines)
    profiles: tuple[str, ...] = ()
    device_profiles: tuple[DeviceProfile, ...] = tuple(BUILT_IN.values())
    imports: tuple[Pattern, ...] = ()
    overrides: tuple[tuple[str, float], ...] = ()
    shaders: tuple[ShaderEntry, ...] = ()
    pick: Pick = "all"
    max_variants: int = DEFAULT_MAX_VARIANTS
    smoke: Located | None = None
    rule_settings: RuleSettings = ()
    host: HostSettings = HostSettings()

    def device_profile(self, name: str) -> DeviceProfile | None:
        return next((profile for profile in self.device_profiles if profile.name == name), None) or baseline(name)
