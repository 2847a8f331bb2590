"""wgsl-ls.toml -> ProjectConfig. An unknown key, a wrong type, an expression that does not parse: each is a
diagnostic at its place in the TOML, and the configuration without it is used.

CONFIG.md beside this file is the reference for users. What the parts of a configuration mean for a file is
the work of variants.py; the only IO here is looking for the file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, cast

from wgsl_ls.preprocess.dialect import DIALECTS, GGML
from wgsl_ls.project.axes import define_text, read_axes
from wgsl_ls.project.baselines import KnownProfiles
from wgsl_ls.project.fields import Table
from wgsl_ls.project.file_kind import CONFIG_NAME
from wgsl_ls.project.host_settings import read_host_settings
from wgsl_ls.project.inheritance import resolve_extends
from wgsl_ls.project.keys import FILE, PICK, PROFILE, RULE, SHADER, VARIANT, Key, Kind
from wgsl_ls.project.known_macros import report_unknown_macros
from wgsl_ls.project.macro_fields import check_macro_name, read_expression
from wgsl_ls.project.model import (
    DEFAULT_MAX_VARIANTS,
    MOST_VARIANTS,
    DeclaredVariant,
    Expression,
    Includes,
    Pick,
    ProjectConfig,
    ShaderEntry,
    VariantRule,
)
from wgsl_ls.project.paths import absolute
from wgsl_ls.project.problems import Problems, kind_of
from wgsl_ls.project.profiles import BUILT_IN, DeviceProfile, LanguageSupport, MatrixShape, parse_matrix_shape
from wgsl_ls.project.rule_fields import read_rule_settings
from wgsl_ls.project.toml_document import read_toml
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.located import Located
from wgsl_ls.wire.engine_specs import default_engines, engine_names

RULE_ACTIONS: Final = (
    "define",
    "undefine",
    "compute",
    "forbid",
    "require",
    "engines",
    "profiles",
    "overrides",
)


def find_config(start: str, is_file: Callable[[str], bool] = os.path.isfile) -> str | None:
    """The absolute path of the nearest wgsl-ls.toml in the directory `start` (or that of the file `start`) or
    above it."""
    here = Path(start).absolute()
    for directory in (here, *here.parents):
        candidate = str(directory / CONFIG_NAME)
        if is_file(candidate):
            return candidate
    return None


def no_config(directory: str) -> ProjectConfig:
    """What holds where there is no wgsl-ls.toml."""
    return ProjectConfig(None, directory)


def load_config(
    path: str, text: str, known_rules: Collection[str] | None = None
) -> tuple[ProjectConfig, tuple[Diagnostic, ...]]:
    """The configuration that `text`, the content of `path`, describes, and everything wrong with it. Never
    raises; what is wrong is left out of the configuration. `known_rules`: ids that `[rules]` may name; None: any."""
    document, syntax_errors = read_toml(path, text)
    problems = Problems(path)
    problems.diagnostics.extend(syntax_errors)
    directory = str(Path(absolute(path)).parent)
    table = Table(problems, document, FILE)
    dialect = DIALECTS.get(table.choice("dialect") or "", GGML)
    includes = table.choice("includes")
    device_profiles = _device_profiles(problems, table.take("profile"))
    define, _ = table.defines("defines")
    entries = [
        (_shader(problems, item, directory, device_profiles), _extended(item)) for item in table.tables("shader")
    ]
    engines, profiles = table.choices("engines"), table.choices("profiles", device_profiles)
    config = ProjectConfig(
        path=path,
        directory=directory,
        dialect=dialect,
        includes=cast(Includes, includes or "native"),
        include_dirs=_directories(table, directory) or (),
        define=define,
        engines=engines or default_engines(),
        profiles=profiles or (),
        device_profiles=tuple(device_profiles.declared.values()),
        imports=table.strings("import") or (),
        overrides=table.numbers("overrides"),
        shaders=resolve_extends(problems, entries),
        pick=_pick(table) or "all",
        max_variants=table.integer("max-variants", most=MOST_VARIANTS) or DEFAULT_MAX_VARIANTS,
        smoke=_smoke(table),
        rule_settings=read_rule_settings(
            problems, table.take("rules"), known_rules, (*engine_names(), *device_profiles)
        ),
        host=read_host_settings(problems, table.take("host")),
    )
    table.finish()
    report_unknown_macros(problems, config.define, config.shaders)
    found = problems.all()
    if syntax_errors:  # what is behind one may stand in another table than was meant
        first = min(one.span.start for one in syntax_errors)
        found = tuple(one for one in found if one.code != "config/unknown-key" or one.span.start < first)
    return config, found


def _directories(table: Table, directory: str) -> tuple[str, ...] | None:
    patterns = table.strings("include-dirs")
    if patterns is None:
        return None
    return tuple(absolute(pattern.text, directory) for pattern in patterns)


def _pick(table: Table) -> Pick | None:
    item = table.take("pick")
    if item is None:
        return None
    value = item.value
    if isinstance(value, str) and value in PICK.choices:
        return cast(Pick, value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    words = ", ".join(f'"{word}"' for word in PICK.choices)
    message = f'expected {words} or a number of variants, found {kind_of(item)}; "pairwise" is used'
    table.problems.add(item.span, "type", message)
    return "pairwise"  # whoever wrote something here did not want all of them


def _smoke(table: Table) -> Located | None:
    item = table.take("smoke")
    if item is None or item.is_table:
        return item
    table.problems.wrong_type(item, "a table")
    return None


def _extended(item: Located) -> tuple[Located, ...]:
    """The names in `extends`; anything that is no string was reported while reading the entry."""
    extends = item.get("extends")
    if extends is None:
        return ()
    elements = extends.elements() if extends.is_list else (extends,)
    return tuple(element for element in elements if isinstance(element.value, str))


def _shader(problems: Problems, item: Located, directory: str, device_profiles: KnownProfiles) -> ShaderEntry:
    table = Table(problems, item, SHADER)
    name = table.text("name")
    files = table.strings("files")
    table.strings("extends")
    define, undefine = table.defines("defines")
    axes_item = table.take("axes")
    rules = [_rule(problems, rule, device_profiles) for rule in table.tables("rules")]
    for key in ("forbid", "require"):
        expressions = table.expressions(key)
        where = item.get(key)
        if expressions and where is not None:
            forbid, require = (expressions, ()) if key == "forbid" else ((), expressions)
            rules.append(VariantRule(None, (), (), (), forbid, require, None, None, (), where.key_span))
    includes = table.choice("includes")
    entry = ShaderEntry(
        name=name,
        files=files or (),
        define=define,
        undefine=undefine,
        locals=table.names("locals"),
        axes=read_axes(problems, axes_item) if axes_item is not None else (),
        rules=tuple(rules),
        variants=_variants(problems, table.tables("variant"), device_profiles),
        pick=_pick(table),
        engines=table.choices("engines"),
        profiles=table.choices("profiles", device_profiles),
        overrides=table.numbers("overrides"),
        includes=cast(Includes | None, includes),
        include_dirs=_directories(table, directory),
        smoke=_smoke(table),
        span=item.span,
        axes_span=axes_item.key_span if axes_item is not None else None,
    )
    table.finish()
    if not files and name is None:
        message = (
            'this [[shader]] has no "files", so it applies to nothing (a template that others extend needs a "name")'
        )
        problems.add(item.span, "value", message, Severity.ERROR if files is None else Severity.WARNING)
    return entry


def _rule(problems: Problems, item: Located, device_profiles: KnownProfiles) -> VariantRule:
    table = Table(problems, item, RULE)
    when_item = table.take("when")
    when = read_expression(problems, when_item) if when_item is not None else None
    define, removed = table.defines("define")
    rule = VariantRule(
        when=when,
        define=define,
        undefine=(*removed, *table.names("undefine")),
        compute=_compute(problems, table),
        forbid=table.expressions("forbid"),
        require=table.expressions("require"),
        engines=table.choices("engines"),
        profiles=table.choices("profiles", device_profiles),
        overrides=table.numbers("overrides"),
        span=item.span,
    )
    table.finish()
    if not any(item.get(key) for key in RULE_ACTIONS):
        problems.add(item.span, "value", f"this rule does nothing; give it one of {', '.join(RULE_ACTIONS)}")
    if when_item is not None and when is None:
        # A rule whose condition cannot be read must not apply everywhere.
        return VariantRule(None, (), (), (), (), (), None, None, (), item.span)
    return rule


def _compute(problems: Problems, table: Table) -> tuple[tuple[str, Expression], ...]:
    item = table.take("compute")
    if item is None:
        return ()
    if not item.is_table:
        problems.wrong_type(item, "a table of NAME = expression")
        return ()
    found = []
    for name, element in item.entries():
        expression = read_expression(problems, element)
        if check_macro_name(problems, name, element.key_span) and expression is not None:
            found.append((name, expression))
    return tuple(found)


def _variants(
    problems: Problems, items: tuple[Located, ...], device_profiles: KnownProfiles
) -> tuple[DeclaredVariant, ...]:
    variants: list[DeclaredVariant] = []
    for item in items:
        table = Table(problems, item, VARIANT)
        name = table.text("name")
        define, removed = table.defines("defines")
        name_item = item.get("name")
        variant = DeclaredVariant(
            name=name or "+".join(map(define_text, define)) or "default",
            define=define,
            undefine=(*removed, *table.names("undefine")),
            engines=table.choices("engines"),
            profiles=table.choices("profiles", device_profiles),
            overrides=table.numbers("overrides"),
            extends=table.text("extends"),
            span=item.span,
            name_span=name_item.span if name_item is not None else item.span,
        )
        table.finish()
        variants.append(variant)
    return tuple(variants)


def _device_profiles(problems: Problems, item: Located | None) -> KnownProfiles:
    """All profiles by name: the built-in ones, and those of `[profile.NAME]`, which may change a built-in
    one."""
    profiles = dict(BUILT_IN)
    all_profiles = KnownProfiles(profiles)
    if item is None:
        return all_profiles
    if not item.is_table:
        problems.wrong_type(item, "tables [profile.NAME]")
        return all_profiles
    for name, element in item.entries():
        if not element.is_table:
            problems.wrong_type(element, "a table")
            continue
        table = Table(problems, element, PROFILE, f"[profile.{name}]")
        base = table.choice("extends", all_profiles)
        known = all_profiles.get(base or name) or DeviceProfile(name)
        profiles[name] = _device_profile(table, name, known)
        table.finish()
    return all_profiles


def _device_profile(table: Table, name: str, base: DeviceProfile) -> DeviceProfile:
    facts = {key.name.replace("-", "_"): _fact(table, key) for key in PROFILE if key.name not in ("extends", "lacks")}
    given = {name: value for name, value in facts.items() if value is not None}
    lacked = table.choices("lacks")
    if lacked is not None:
        base = replace(base, language=_lacking(base.language or LanguageSupport(rest=True), lacked))
    return replace(base, name=name, **given)  # type: ignore[arg-type]  # the keys are names of fields


def _fact(table: Table, key: Key) -> object:
    """The value of a key of a profile, None where it is not given or wrong."""
    match key.kind:
        case Kind.WHOLE:
            return table.integer(key.name)
        case Kind.TRUTH:
            return table.boolean(key.name)
        case Kind.SIZES:
            return table.integers(key.name, 3)
        case Kind.RANGE:
            return _range(table, key.name)
        case Kind.SHAPES:
            return _shapes(table, key.name)
        case _:
            return table.text(key.name)


def _range(table: Table, key: str) -> tuple[int, ...] | None:
    ends = table.integers(key, 2)
    item = table.take(key)
    if ends is not None and item is not None and ends[0] > ends[1]:
        table.problems.add(item.span, "value", "the smallest comes first")
        return None
    return ends


def _shapes(table: Table, key: str) -> tuple[MatrixShape, ...] | None:
    patterns = table.strings(key)
    if patterns is None:
        return None
    shapes = []
    for pattern in patterns:
        shape = parse_matrix_shape(pattern.text)
        if shape is None:
            message = f'"{pattern.text}" is not a shape such as "16x16x16 f16 f32" (M x N x K, operand, result)'
            table.problems.add(pattern.span, "value", message)
        else:
            shapes.append(shape)
    return tuple(shapes)


def _lacking(language: LanguageSupport, names: Sequence[str]) -> LanguageSupport:
    offered = tuple(name for name in language.offered if name not in names)
    return replace(language, offered=offered, lacked=tuple(dict.fromkeys((*language.lacked, *names))))
