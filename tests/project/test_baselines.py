"""Baselines: names that are understood, three values of a fact, and facts that hold of today's table of WGSL."""

from __future__ import annotations

import re

import pytest

from wgsl_ls.project.baselines import BROWSERS, Fact, baseline, baseline_names
from wgsl_ls.project.profiles import BUILT_IN, SOURCES
from wgsl_ls.wgsl.builtins import ENABLE_EXTENSIONS, LANGUAGE_FEATURES

KNOWN = ENABLE_EXTENSIONS.keys() | LANGUAGE_FEATURES.keys()


def test_a_fact_has_three_values() -> None:
    fact = Fact("x", 20, 17, "somebody", "2026-11")
    assert [fact.holds(version) for version in (16, 17, 18, 19.9, 20, 99)] == [False, False, None, None, True, True]
    assert [Fact("x", None, 17, "", "").holds(one) for one in (17, 18)] == [False, None]
    assert [Fact("x", 17, None, "", "").holds(one) for one in (16, 17)] == [None, True]


@pytest.mark.parametrize(
    "name", ["chrome-112", "firefox-140", "safari-18.4", "opera-120", "chrome", "chrome-", "nvidia"]
)
def test_no_such_baseline(name: str) -> None:
    assert baseline(name) is None


@pytest.mark.parametrize("name", baseline_names())
def test_every_name_of_a_fact_is_in_the_table(name: str) -> None:
    profile = baseline(name)
    assert profile is not None and profile.name == name and profile.language is not None
    named = {*profile.language.offered, *profile.language.lacked, *(one for one, _ in profile.language.sources)}
    assert named <= KNOWN
    assert not set(profile.language.offered) & set(profile.language.lacked)


def test_every_built_in_class_of_gpus_has_a_source_and_a_date() -> None:
    assert list(SOURCES) == list(BUILT_IN)
    assert all(source and re.fullmatch(r"20\d\d-\d\d", date) for source, date in SOURCES.values())


def test_every_fact_has_a_source_and_a_date() -> None:
    for browser in BROWSERS:
        names = [fact.name for fact in browser.facts]
        assert len(set(names)) == len(names)
        for fact in browser.facts:
            assert fact.source and fact.looked_up[:2] == "20"
            is_open = fact.since is None and fact.absent is None
            assert is_open == fact.source.startswith("not confirmed: ")


@pytest.mark.parametrize("name", ["webgpu-core", "dawn-native", "wgpu-native"])
def test_what_has_no_versions_has_one_source_with_its_date(name: str) -> None:
    profile = baseline(name)
    assert profile is not None and profile.language is not None
    assert re.search(r"\w+.*, 20\d\d-\d\d$", profile.language.source)


@pytest.mark.parametrize(
    ("name", "storage", "invocations", "subgroups"),
    [
        ("chrome-147", 65536, 1024, (4, 128)),
        ("chrome-133", 65536, 1024, None),
        ("safari-26", 32768, 1024, None),
        ("firefox-141", None, None, None),
    ],
)
def test_what_a_browser_grants_at_most(
    name: str, storage: int | None, invocations: int | None, subgroups: tuple[int, int] | None
) -> None:
    profile = baseline(name)
    assert profile is not None
    assert (profile.workgroup_storage, profile.invocations, profile.subgroup_size) == (storage, invocations, subgroups)
    for browser in BROWSERS:
        assert browser.ceiling is None or (browser.ceiling.source and browser.ceiling.looked_up[:2] == "20")


@pytest.mark.parametrize(
    ("name", "feature", "has"),
    [
        ("chrome-146", "linear_indexing", False),
        ("chrome-147", "linear_indexing", None),
        ("chrome-148", "linear_indexing", True),
        ("chrome-148", "subgroup_size_control", False),
        ("chrome-151", "subgroup_size_control", None),
        ("chrome-152", "subgroup_size_control", True),
        ("chrome-150", "immediate_address_space", True),
        ("firefox-141", "linear_indexing", False),
        ("firefox-160", "subgroup_id", False),
        ("firefox-161", "subgroup_id", None),
        ("firefox-160", "f16", None),
        ("firefox-157", "clip_distances", False),
        ("firefox-158", "clip_distances", None),
        ("safari-27.2", "linear_indexing", False),
        ("safari-28", "linear_indexing", None),
        ("safari-27.3", "subgroups", True),
        ("safari-26", "unrestricted_pointer_parameters", None),
        ("chrome-113", "f16", False),
        ("chrome-119", "f16", False),
        ("chrome-160", "f16", True),
        ("webgpu-core", "f16", False),
        ("dawn-native", "subgroups", True),
        ("wgpu-native", "unrestricted_pointer_parameters", False),
    ],
)
def test_facts(name: str, feature: str, has: bool | None) -> None:
    profile = baseline(name)
    assert profile is not None and profile.language is not None
    assert profile.language.has(feature) is has
