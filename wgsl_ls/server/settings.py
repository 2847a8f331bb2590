"""Settings: what the client says under `wgsl` (workspace/configuration, initializationOptions)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from wgsl_ls.project.engine_builds import read_engines, user_engines
from wgsl_ls.project.rule_settings import SEVERITIES, RuleSetting, RuleSettings
from wgsl_ls.wire.engine_specs import EngineSpec, default_engines, listed_engines, use_builds, with_builds

MOST_WORKERS: Final = 2 * (os.cpu_count() or 2)
"""Processes per engine: whoever wrote the settings, the machine stays usable."""


@dataclass(frozen=True, slots=True)
class HintSettings:
    types: bool = True
    parameters: bool = True
    struct_offsets: bool = True
    macro_values: bool = True
    conditions: bool = True
    endif_labels: bool = True


@dataclass(frozen=True, slots=True)
class LensSettings:
    variants: bool = True
    expansion: bool = True
    smoke: bool = True
    workgroup_storage: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """`workers` per engine, 0 by cores; `debounce_ms` 0 means adaptive; `indent`: spaces of the formatter;
    `rules`: severities of rules, over those of the configuration; `sanitize`: names of the sanitizers that smoke runs
    are done with, too; `subgroup_sizes`: emulated for them; `builds`: of engines, beside those of the user's
    settings file."""

    engines: tuple[str, ...] = field(default_factory=default_engines)
    builds: tuple[EngineSpec, ...] = ()
    profiles: tuple[str, ...] = ()
    workers: int = 0
    debounce_ms: int = 0
    cache: bool = True
    hints: HintSettings = field(default_factory=HintSettings)
    lens: LensSettings = field(default_factory=LensSettings)
    indent: int = 4
    rules: RuleSettings = ()
    sanitize: tuple[str, ...] = ()
    subgroup_sizes: tuple[int, ...] = ()

    @property
    def judges(self) -> tuple[str, ...]:
        """The engines that are asked, with the builds of them."""
        return with_builds(self.engines)


def use_engines(settings: Settings) -> None:
    """The builds of the user's settings file and of the client are what there is from now on."""
    users = user_engines()
    builds = {one.name: one for one in (*users.builds, *settings.builds)}
    use_builds(tuple(builds.values()), users.asked)


def read_settings(values: Any, plain: Settings | None = None) -> Settings:
    """From the client's JSON. What is missing, unknown or of a wrong type is as in `plain` (None: the defaults)."""
    plain = plain or Settings()
    if not isinstance(values, dict):
        return plain
    engines = values.get("engines")
    builds = values.get("engineBuilds")
    profiles = values.get("profiles")
    formatting = values.get("format")
    smoke = values.get("smoke")
    return replace(
        plain,
        engines=tuple(dict.fromkeys(name for name in engines if name in listed_engines()))
        if isinstance(engines, list)
        else plain.engines,
        builds=read_engines(builds).builds if isinstance(builds, list) else plain.builds,
        profiles=_texts(profiles, plain.profiles),
        workers=_number(values.get("workers"), plain.workers, MOST_WORKERS),
        debounce_ms=_number(values.get("debounceMs"), plain.debounce_ms, 10_000),
        cache=bool(values.get("cache", plain.cache)),
        hints=_switches(plain.hints, values.get("inlayHints")),
        lens=_switches(plain.lens, values.get("lens")),
        indent=_number(formatting.get("indent"), plain.indent, 16) if isinstance(formatting, dict) else plain.indent,
        rules=_rules(values["rules"]) if isinstance(values.get("rules"), dict) else plain.rules,
        sanitize=_texts(smoke.get("sanitize"), plain.sanitize) if isinstance(smoke, dict) else plain.sanitize,
        subgroup_sizes=_sizes(smoke.get("subgroupSizes"), plain.subgroup_sizes)
        if isinstance(smoke, dict)
        else plain.subgroup_sizes,
    )


def _texts(values: Any, default: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in values if isinstance(one, str)) if isinstance(values, list) else default


def _sizes(values: Any, default: tuple[int, ...]) -> tuple[int, ...]:
    from wgsl_ls.wire.dispatch_jobs import SUBGROUP_SIZES

    return tuple(one for one in SUBGROUP_SIZES if one in values) if isinstance(values, list) else default


def _rules(values: dict[str, Any]) -> RuleSettings:
    """{"lint/unused-macro": "off"}, or with targets and a reason as in wgsl-ls.toml."""
    found = []
    for rule, value in values.items():
        table = value if isinstance(value, dict) else {"severity": value}
        reason, targets = table.get("reason"), table.get("targets")
        by_target = {"": table.get("severity"), **(targets if isinstance(targets, dict) else {})}
        for target, word in by_target.items():
            if isinstance(word, str) and word in SEVERITIES:
                found.append(RuleSetting(rule, SEVERITIES[word], reason if isinstance(reason, str) else "", target))
    return tuple(found)


def _number(value: Any, default: int, most: int) -> int:
    return min(value, most) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default


def _switches(default: Any, values: Any) -> Any:
    if not isinstance(values, dict):
        return default
    known = {field.name: _camel(field.name) for field in fields(default)}
    changed = {name: values[key] for name, key in known.items() if isinstance(values.get(key), bool)}
    return replace(default, **changed)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
