"""The keys of wgsl-ls.toml: name, kind of value and words of each. The one list of them.

The reader takes keys only through a TableSpec (fields.py), CONFIG.md's tables and the JSON schema are written from it
(config_page.py, config_schema.py), and the editor completes and explains from it. What a value means for a shader is
config.py's work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from enum import Enum, auto
from typing import Final

from wgsl_ls.host.library import DEVICE_FIELDS, LIBRARIES
from wgsl_ls.preprocess.dialect import DIALECTS
from wgsl_ls.project.model import BY_EXPANSION
from wgsl_ls.project.profiles import DeviceProfile
from wgsl_ls.project.rule_settings import SEVERITIES
from wgsl_ls.wgsl.builtin_table.names import ENABLE_EXTENSION_TABLE, LANGUAGE_FEATURE_TABLE
from wgsl_ls.wire.engine_specs import listed_engines


class Kind(Enum):
    """What may be written as the value of a key. A list of one may be written without the brackets."""

    TEXT = auto()
    TEXTS = auto()
    CHOICE = auto()
    """One of `choices`."""
    CHOICES = auto()
    PROFILE = auto()
    """The name of a device profile, built in or of the file."""
    PROFILES = auto()
    FILES = auto()
    """Globs of shaders."""
    LISTS = auto()
    """Globs of lists of variants."""
    SOURCES = auto()
    """Globs of C++."""
    FOLDERS = auto()
    MACROS = auto()
    """A list of "NAME" and "NAME=VALUE", or a table of NAME = value."""
    NAMES = auto()
    """Names of macros."""
    CONDITION = auto()
    CONDITIONS = auto()
    COMPUTE = auto()
    """A table of macro = expression."""
    NUMBERS = auto()
    """A table of name = number or truth value."""
    PICK = auto()
    WHOLE = auto()
    RANGE = auto()
    """Two whole numbers."""
    SIZES = auto()
    """Three whole numbers."""
    TRUTH = auto()
    SHAPES = auto()
    AXES = auto()
    ENTRIES = auto()
    """Names of other `[[shader]]`s."""
    VARIANT = auto()
    """The name of another variant of the shader."""
    PAIRS = auto()
    """A table of texts, or a list of names."""
    VALUES = auto()
    """A table of input = list of values."""
    SEVERITY = auto()
    """A word of `choices`, or a RULE_SETTING."""
    TABLE = auto()
    """`table`."""
    TABLES = auto()
    """A list of `table`s."""
    NAMED = auto()
    """A table of such tables by name; `table` None: of anything."""
    ANY = auto()
    """Judged elsewhere (smoke/config.py)."""


@dataclass(frozen=True, slots=True)
class Key:
    """`words`: Markdown, one line. `default`: Markdown, what holds without the key. `choices`: of a choice all that
    there are; of a text, or of the texts of a table, those that the editor offers. `or_false`: `false` will do.
    `least`: of a whole number."""

    name: str
    kind: Kind
    words: str
    default: str = ""
    choices: tuple[str, ...] = ()
    table: TableSpec | None = None
    or_false: bool = False
    least: int = 0


@dataclass(frozen=True, slots=True)
class TableSpec:
    """`title`: as messages call it. `any_name`: what a key stands for when its name is the user's."""

    title: str
    keys: tuple[Key, ...] = ()
    any_name: Key | None = None

    def __iter__(self) -> Iterator[Key]:
        return iter(self.keys)

    def get(self, name: str) -> Key | None:
        return next((key for key in self.keys if key.name == name), self.any_name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys)


_INCLUDES: Final = ("native", "textual")
_PICKS: Final = ("all", "pairwise", *BY_EXPANSION)

ENGINES: Final = Key(
    "engines", Kind.CHOICES, "compilers that every variant must pass", "all of them", choices=listed_engines()
)
PROFILES: Final = Key("profiles", Kind.PROFILES, "names of device profiles that every variant must fit", "none")
OVERRIDES: Final = Key(
    "overrides",
    Kind.NUMBERS,
    "table of pipeline override constants: `{ wg_size = 64, fast = true }`. Those of a shader, variant or rule are "
    "merged over the file's",
    "none",
)
INCLUDES: Final = Key(
    "includes",
    Kind.CHOICE,
    '`"native"`: the preprocessor includes, when active; `"textual"`: a build step pastes all includes first, as '
    "ggml's does",
    '`"native"`',
    choices=_INCLUDES,
)
INCLUDE_DIRS: Final = Key(
    "include-dirs", Kind.FOLDERS, "list of directories, searched in order", "the directory of the shader"
)
PICK: Final = Key(
    "pick",
    Kind.PICK,
    '`"all"`, `"pairwise"` or a number: how many combinations of axes are taken; `"structures"`, `"branches"` or '
    '`"most-enabled"`: which variants are, wherever they come from, by what they become',
    '`"all"`',
    choices=_PICKS,
)


def _inherited(*keys: Key) -> tuple[Key, ...]:
    """The keys of a file once more, below a `[[shader]]`."""
    return tuple(replace(key, default="as around it") for key in keys)


FORBID: Final = Key("forbid", Kind.CONDITIONS, "conditions (a string or a list) that exclude a variant")
REQUIRE: Final = Key("require", Kind.CONDITIONS, "conditions (a string or a list) that every variant fulfils")
UNDEFINE: Final = Key("undefine", Kind.NAMES, "macros that the variant loses")

RULE: Final = TableSpec(
    "a rule",
    (
        Key("when", Kind.CONDITION, "the rule holds where this condition does", "always"),
        Key("define", Kind.MACROS, "macros that the variant gets"),
        UNDEFINE,
        Key("compute", Kind.COMPUTE, "table of macro = expression; the macro gets the number"),
        FORBID,
        REQUIRE,
        *_inherited(ENGINES, PROFILES, OVERRIDES),
    ),
)

VARIANT: Final = TableSpec(
    "[[shader.variant]]",
    (
        Key("name", Kind.TEXT, "unique in the shader", "made of the macros"),
        Key(
            "defines",
            Kind.MACROS,
            "macros it has on top of those of the shader. Rules complete them, constraints must allow them",
        ),
        UNDEFINE,
        Key("extends", Kind.VARIANT, "another variant of the shader to start from"),
        *_inherited(ENGINES, PROFILES, OVERRIDES),
    ),
)

SMOKE: Final = TableSpec(
    "a smoke table",
    (
        Key("values", Kind.ANY, "table of names for expressions, in order"),
        Key("cases", Kind.ANY, "list of `{name, values, when, measured}`: runs with other values"),
        Key("dispatch", Kind.ANY, "one to three counts of workgroups, numbers or expressions"),
        Key("entry", Kind.TEXT, "the entry point", "the only one"),
        Key("overrides", Kind.ANY, "table of override constants"),
        Key("buffers", Kind.ANY, "`buffers.NAME`: shape, input and output of a buffer, by the name of its variable"),
        Key("uniforms", Kind.ANY, "`uniforms.NAME`: member = expression"),
        Key("bind", Kind.ANY, "table of variable = buffer, where the names differ"),
        Key("stages", Kind.ANY, "list of dispatches on the same buffers, in order"),
        Key(
            "reference",
            Kind.TEXT,
            "name of the built-in computation that says what the output must be",
            choices=("flash_attention", "split_attention", "join_attention", "matrix_product"),
        ),
        Key("arguments", Kind.ANY, "scalar arguments of the reference"),
        Key("tensors", Kind.ANY, "arrays of the reference, and its output: buffers or views of them"),
        Key("tolerance", Kind.ANY, "largest normalised mean squared error", "`5e-4`"),
        Key("deterministic", Kind.TRUTH, "a second run must give the same bits", "`true`"),
        Key("infinite", Kind.TRUTH, "infinities in outputs are no mistake", "`false`"),
        Key("probe", Kind.TRUTH, "look whether the result changes with what lies outside the buffers", "`true`"),
        Key("agree", Kind.ANY, "list of `{name, variants = [globs], tolerance}`: variants whose outputs must agree"),
        Key("skip", Kind.TEXT, "a reason not to run"),
    ),
)

SHADER: Final = TableSpec(
    "[[shader]]",
    (
        Key(
            "files",
            Kind.FILES,
            'globs: `*` and `?` within a directory, `**` across directories, `[ab]`, `{a,b}`; `"!glob"` takes files '
            "out again. Needed, except in a template",
        ),
        Key("name", Kind.TEXT, "a name, for others to extend"),
        Key("extends", Kind.ENTRIES, "names of entries to take over (a string or a list)"),
        Key("defines", Kind.MACROS, "macros of every variant, on top of the file's"),
        Key(
            "axes",
            Kind.AXES,
            "what varies: a table of axes by name, each a list of alternatives; a variant takes one of each. "
            '`K = ["K_F16", "K_Q8_0"]`, `MASK = [false, true]`, `HEAD_DIM = [64, 128]`',
        ),
        Key(
            "rules",
            Kind.TABLES,
            'what follows from it: a list of tables (or `[[shader.rules]]`), `{ when = "K_Q8_0", '
            'define = ["HELPERS"] }`',
            table=RULE,
        ),
        FORBID,
        REQUIRE,
        Key("locals", Kind.NAMES, "names of macros that only rules see; the preprocessor does not get them"),
        Key("variant", Kind.TABLES, "`[[shader.variant]]`: one variant, written out", table=VARIANT),
        *_inherited(PICK, ENGINES, PROFILES, OVERRIDES, INCLUDES, INCLUDE_DIRS),
        Key(
            "smoke",
            Kind.TABLE,
            "`[shader.smoke]`: settings of the GPU run, merged key by key over `[smoke]`; `[[shader.smoke.agree]]` "
            "names variants whose results must agree",
            table=SMOKE,
        ),
    ),
)

_KIND_OF_TYPE: Final = {
    "int | None": Kind.WHOLE,
    "bool | None": Kind.TRUTH,
    "str | None": Kind.TEXT,
    "tuple[int, int] | None": Kind.RANGE,
    "tuple[int, int, int] | None": Kind.SIZES,
    "tuple[MatrixShape, ...] | None": Kind.SHAPES,
}
PROFILE: Final = TableSpec(
    "[profile.NAME]",
    (
        Key("extends", Kind.PROFILE, "the profile to start from"),
        *(
            Key(
                one.name.replace("_", "-"),
                _KIND_OF_TYPE[str(one.type)],
                one.metadata["words"],
                least=one.metadata["least"],
            )
            for one in fields(DeviceProfile)
            if one.metadata
        ),
        Key(
            "lacks",
            Kind.CHOICES,
            "WGSL extensions that it does not have, those of `enable` and of `requires`",
            choices=tuple(one.name for one in (*LANGUAGE_FEATURE_TABLE, *ENABLE_EXTENSION_TABLE)),
        ),
    ),
)

HOST: Final = TableSpec(
    "[host]",
    (
        Key("files", Kind.SOURCES, "globs of the C++ files"),
        Key(
            "preprocess",
            Kind.TEXTS,
            "names of the calls that expand a shader; one argument names the shader, one is the list or map of macros",
        ),
        Key(
            "gate",
            Kind.TEXT,
            'name (or glob) of the function that says what the host takes at all; `""`: there is none',
        ),
        Key(
            "dispatch",
            Kind.TEXT,
            "name of the function that hands work out to those that call the preprocessor",
        ),
        Key(
            "shader-names",
            Kind.TEXT,
            "identifiers of the shaders' texts, such as `\"wgsl_{stem}\"`; without it any that ends in the file's "
            "stem, be `_wgsl`, `Shader`, `_source` or the like behind it, or that is the stem in a namespace",
        ),
        Key(
            "library",
            Kind.CHOICE,
            '`"ggml"` or `"none"`: the built-in table that the rest adds to',
            choices=tuple(LIBRARIES),
        ),
        Key(
            "opaque",
            Kind.PAIRS,
            'functions that answer yes or no about things outside: names, or a table of name = `"{0} overlaps {1}"`',
        ),
        Key("numbers", Kind.TEXTS, "functions that give a number from outside"),
        Key(
            "device",
            Kind.PAIRS,
            "table: member of the host's device struct = fact of the profile (`invocations`, `workgroup_storage`, "
            "`subgroups`, `subgroup_min`, `subgroup_max`, `has_matrix`, `matrix_m`, `matrix_n`, `matrix_k`, `f16`, "
            "`vendor`, `dot_product`)",
            choices=tuple(dict.fromkeys(DEVICE_FIELDS.values())),
        ),
        Key("same", Kind.PAIRS, "table: expression = name, for one thing that is reached in several ways"),
        Key("aborts", Kind.TEXTS, "functions that end the program"),
        Key(
            "values",
            Kind.VALUES,
            "`[host.values]`: table: input = list of values, for numbers that come from models; "
            '`"a, b" = [[64, 64], [192, 128]]` for such that go together',
        ),
    ),
)

RULES: Final = TableSpec(
    "[rules]",
    any_name=Key("ID", Kind.SEVERITY, "severity of a rule", choices=tuple(SEVERITIES)),
)
TARGETS: Final = TableSpec(
    "the targets of a rule",
    any_name=Key("TARGET", Kind.CHOICE, "severity for this engine or device profile", choices=tuple(SEVERITIES)),
)
RULE_SETTING: Final = TableSpec(
    "the setting of a rule",
    (
        Key("severity", Kind.CHOICE, "the severity", choices=tuple(SEVERITIES)),
        Key(
            "targets",
            Kind.TABLE,
            'table: engine or device profile = severity of what that one says, `{ wgpu = "error" }`',
            table=TARGETS,
        ),
        Key("reason", Kind.TEXT, "why, for whoever reads it later"),
    ),
)

FILE: Final = TableSpec(
    "wgsl-ls.toml",
    (
        Key(
            "dialect",
            Kind.CHOICE,
            '`"ggml"` (recursive macros, `#undef`, continued directives) or `"pre-wgsl"`',
            '`"ggml"`',
            choices=tuple(DIALECTS),
        ),
        INCLUDES,
        INCLUDE_DIRS,
        Key("defines", Kind.MACROS, "macros of all declared variants", "none"),
        ENGINES,
        PROFILES,
        OVERRIDES,
        Key(
            "import",
            Kind.LISTS,
            "lists of variants that the host program wrote: paths or globs of `.jsonl` (or `.ndjson`) files",
            "none",
        ),
        PICK,
        Key(
            "max-variants",
            Kind.WHOLE,
            "more combinations of one `[[shader]]` than this are not made; you get a warning and a pairwise choice; "
            "100000 at most",
            "10000",
            least=1,
        ),
        Key(
            "rules",
            Kind.TABLE,
            "`[rules]`: severities of rules by id: `off`, `hint`, `information`, `warning` or `error`",
            table=RULES,
        ),
        Key("smoke", Kind.TABLE, "`[smoke]`: settings of the GPU run for all shaders", "none", table=SMOKE),
        Key("profile", Kind.NAMED, "`[profile.NAME]`: a device profile: what a class of GPUs has", table=PROFILE),
        Key(
            "host",
            Kind.TABLE,
            "`[host]`: how the host program's code is read; `host = false`: it is not read",
            "found by itself",
            table=HOST,
            or_false=True,
        ),
        Key("shader", Kind.TABLES, "`[[shader]]`: the variants of some files", table=SHADER),
    ),
)

TABLES: Final = {"file": FILE, "shader": SHADER, "rule": RULE, "variant": VARIANT, "profile": PROFILE, "host": HOST}
"""The tables of CONFIG.md by the name of their part there."""
