"""Which variants a file has, how they are named, and what is said about declarations that go wrong."""

from __future__ import annotations

import pytest

from wgsl_ls.project.config import load_config, no_config
from wgsl_ls.project.variants import (
    ImportedVariant,
    Variant,
    VariantSet,
    entries_for,
    match_diagnostics,
    plan_for,
    smoke_table,
    variants_for,
    with_inferred,
)
from wgsl_ls.text.diagnostic import Diagnostic, Severity
from wgsl_ls.text.span import Location, Span
from wgsl_ls.wire.engine_specs import default_engines

TOML = "/p/wgsl-ls.toml"
ROOT = "/p/a.wgsl"


def expand(text: str, root: str = ROOT) -> tuple[VariantSet, tuple[Diagnostic, ...]]:
    config, diagnostics = load_config(TOML, text)
    assert diagnostics == ()
    return variants_for(config, root)


def named(variant_set: VariantSet) -> dict[str, tuple[str, ...]]:
    return {variant.name: variant.define_list for variant in variant_set.variants}


def test_axes_give_names_defines_and_labels() -> None:
    variants, diagnostics = expand(
        """
defines = ["G=1"]
[[shader]]
files = ["a.wgsl"]
defines = ["S"]
axes = { K = ["K_F16", { K_Q4_0 = true, NE = 32 }], MASK = ["", "MASK"], HEAD_DIM = [64] }
"""
    )
    assert diagnostics == ()
    assert named(variants) == {
        "K_F16+HEAD_DIM=64": ("G=1", "S", "K_F16", "HEAD_DIM=64"),
        "K_F16+MASK+HEAD_DIM=64": ("G=1", "S", "K_F16", "MASK", "HEAD_DIM=64"),
        "K_Q4_0+HEAD_DIM=64": ("G=1", "S", "K_Q4_0", "NE=32", "HEAD_DIM=64"),
        "K_Q4_0+MASK+HEAD_DIM=64": ("G=1", "S", "K_Q4_0", "NE=32", "MASK", "HEAD_DIM=64"),
    }
    last = variants.variants[-1]
    assert last.axes == (("K", "K_Q4_0"), ("MASK", "MASK"), ("HEAD_DIM", "HEAD_DIM=64"))
    assert (last.origin, last.root, last.entry) == ("declared", ROOT, 0)
    assert last.declared_at is not None and last.declared_at.path == TOML
    assert (variants.n_possible, variants.exact, len(variants)) == (4, True, 4)


def test_a_plain_list_of_lists_is_an_axes_too() -> None:
    variants, _ = expand('[[shader]]\nfiles = ["*"]\naxes = [["A", "B"], ["", "MASK"], ["N=1", "N=2"]]\n')
    assert list(named(variants))[:3] == ["A+N=1", "A+N=2", "A+MASK+N=1"]
    assert [axis for axis, _ in variants.variants[0].axes] == ["axis1", "MASK", "axis3"]


def test_labels_grow_until_they_differ() -> None:
    variants, _ = expand(
        "[[shader]]\nfiles = ['*']\naxes = { S = [{ M = 8, N = 8 }, { M = 8, N = 16 }, { M = 16, N = 16 }] }\n"
    )
    assert list(named(variants)) == ["M=8+N=8", "M=8+N=16", "M=16"]


def test_names_are_unique_whatever_the_axes_say() -> None:
    variants, _ = expand("[[shader]]\nfiles = ['*']\naxes = { A = ['X', ''], B = [{ X = true, Y = 1 }, ''] }\n")
    names = [variant.name for variant in variants.variants]
    assert len(set(names)) == len(names) == len({frozenset(one.defines) for one in variants.variants})
    assert "default" in names


def test_rules_complete_a_variant_until_nothing_changes() -> None:
    variants, diagnostics = expand(
        """
[[shader]]
files = ["*"]
axes = { Q = ["", "Q8"] }
rules = [
  { when = "HELPERS", define = ["LOADERS"], undefine = ["PLAIN"] },
  { when = "Q8", define = { HELPERS = 2 } },
  { compute = { TWICE = "HELPERS * 2 + 1" } },
]
defines = ["PLAIN"]
"""
    )
    assert diagnostics == ()
    assert named(variants) == {
        "default": ("PLAIN", "TWICE=1"),
        "Q8": ("Q8", "HELPERS=2", "TWICE=5", "LOADERS"),
    }


def test_locals_are_for_rules_only() -> None:
    variants, _ = expand(
        "[[shader]]\nfiles = ['*']\nlocals = ['MEM']\naxes = { MEM = [16, 32] }\n"
        "rules = [{ compute = { TILE = 'MEM / 4' } }]\n"
    )
    assert named(variants) == {"MEM=16": ("TILE=4",), "MEM=32": ("TILE=8",)}


def test_rules_choose_engines_profiles_and_overrides() -> None:
    variants, _ = expand(
        """
profiles = ["amd"]
overrides = { wg = 1, x = 1 }
[[shader]]
files = ["*"]
axes = { D = ["APPLE", "NV", "OTHER"] }
overrides = { x = 2 }
rules = [
  { when = "APPLE", profiles = ["apple-m"], engines = ["dawn"], overrides = { wg = 2 } },
  { when = "NV", profiles = ["nvidia"] },
]
"""
    )
    apple, nvidia, other = variants.variants
    assert (apple.profiles, apple.engines, apple.overrides) == (("apple-m",), ("dawn",), (("wg", 2.0), ("x", 2.0)))
    assert (nvidia.profiles, nvidia.engines) == (("nvidia",), default_engines())
    assert (other.profiles, other.overrides) == (("amd",), (("wg", 1.0), ("x", 2.0)))


def test_equal_variants_are_one_that_must_pass_everything() -> None:
    variants, _ = expand(
        """
[[shader]]
files = ["*"]
locals = ["APPLE", "NV"]
axes = { D = ["APPLE", "NV"], M = ["", "MASK"] }
rules = [
  { when = "APPLE", profiles = ["apple-m"] },
  { when = "NV", profiles = ["nvidia"] },
  { when = "NV && MASK", define = ["WIDE"] },
]
"""
    )
    assert [(one.name, one.define_list, one.profiles) for one in variants.variants] == [
        ("APPLE", (), ("apple-m", "nvidia")),
        ("APPLE+MASK", ("MASK",), ("apple-m",)),
        ("NV+MASK", ("MASK", "WIDE"), ("nvidia",)),
    ]


def test_explicit_variants_follow_the_rules_too() -> None:
    variants, diagnostics = expand(
        """
[[shader]]
files = ["*"]
defines = ["BASE", "OUT"]
rules = [{ when = "Q8", define = ["HELPERS"] }]
forbid = "Q8 && MASK"
[[shader.variant]]
name = "good"
defines = ["Q8"]
undefine = ["OUT"]
[[shader.variant]]
name = "bad"
defines = ["Q8", "MASK"]
"""
    )
    assert named(variants) == {"good": ("BASE", "Q8", "HELPERS")}
    (diagnostic,) = diagnostics
    assert (diagnostic.code, diagnostic.severity) == ("config/excluded", Severity.ERROR)
    assert diagnostic.related[0].message == 'forbid "Q8 && MASK"'


def test_explicit_variants_stand_before_those_of_the_axes_and_give_them_their_names() -> None:
    variants, _ = expand(
        "[[shader]]\nfiles = ['*']\naxes = [['', 'A'], ['', 'B']]\n"
        "variant = [{ name = 'both', defines = ['B', 'A'] }]\n"
    )
    assert list(named(variants)) == ["both", "default", "B", "A"]


def place(text: str, diagnostic: Diagnostic) -> str:
    return text[diagnostic.span.start : diagnostic.span.end]


def test_no_variant_left_is_an_error_at_the_constraints() -> None:
    text = "[[shader]]\nfiles = ['*']\naxes = { A = [1, 2] }\nforbid = 'A == 1'\nrequire = ['A < 2', 'A > 0']\n"
    variants, (diagnostic,) = expand(text)
    assert len(variants) == 0
    assert (diagnostic.code, diagnostic.severity) == ("config/no-variant", Severity.ERROR)
    assert place(text, diagnostic) == "'A == 1'"
    assert [text[one.location.span.start : one.location.span.end] for one in diagnostic.related] == ["'A < 2'"]


def test_too_many_variants_are_counted_not_made() -> None:
    axes = ", ".join(f"A{i} = ['', 'A{i}']" for i in range(60))
    text = f"[[shader]]\nfiles = ['*']\naxes = {{ {axes} }}\n"
    variants, (diagnostic,) = expand(text)
    assert variants.n_possible == 2**60
    assert len(variants) < 40
    assert (diagnostic.code, diagnostic.severity) == ("config/too-many-variants", Severity.WARNING)
    assert place(text, diagnostic) == "axes"
    assert f"{2**60:,}" in diagnostic.message and "pairwise" in diagnostic.message


def test_pairs_that_are_too_many_to_be_listed_are_not() -> None:
    axes = ", ".join(f"A{i} = [0, 1]" for i in range(1100))
    variants, diagnostics = expand(f"[[shader]]\nfiles = ['*']\npick = 'pairwise'\naxes = {{ {axes} }}\n")
    assert (len(variants), [one.code for one in diagnostics]) == (0, ["config/too-complex"])


def test_the_limit_can_be_moved() -> None:
    text = "max-variants = 3\n[[shader]]\nfiles = ['*']\naxes = [['', 'A'], ['', 'B']]\n"
    assert [one.code for one in expand(text)[1]] == ["config/too-many-variants"]
    assert expand(text.replace("3", "4"))[1] == ()


@pytest.mark.parametrize(
    ("pick", "most", "is_told"),
    [("4", 3, True), ("4", 4, False), ("9", 9, False), ("3", 3, False), ("99", 9, False), ("99", 8, True),
     ("'pairwise'", 8, True), ("'pairwise'", 9, False)],
)  # fmt: skip  # a table
def test_a_pick_beyond_the_limit_is_told(pick: str, most: int, is_told: bool) -> None:
    axes = "axes = { A = [1, 2, 3], B = [1, 2, 3] }"
    text = f"max-variants = {most}\n[[shader]]\nfiles = ['*']\npick = {pick}\n{axes}\n"
    variants, diagnostics = expand(text)
    assert len(variants) <= most
    assert [one.code for one in diagnostics] == ["config/too-many-variants"] * is_told


def test_a_count_that_is_only_a_bound_is_checked_before_complaining() -> None:
    names = [f"A{i}" for i in range(16)]
    axes = ", ".join(f"{name} = ['', '{name}']" for name in names)
    text = f"[[shader]]\nfiles = ['*']\naxes = {{ {axes} }}\nrequire = '{' + '.join(names)} == 1'\n"
    variants, diagnostics = expand(text)
    assert diagnostics == ()
    assert list(named(variants)) == names[::-1]


@pytest.mark.parametrize(("pick", "n_variants"), [('"all"', 81), ("20", 20), ("500", 81)])
def test_pick(pick: str, n_variants: int) -> None:
    axes = ", ".join(f"A{i} = [1, 2, 3]" for i in range(4))
    variants, diagnostics = expand(f"[[shader]]\nfiles = ['*']\npick = {pick}\naxes = {{ {axes} }}\n")
    assert diagnostics == ()
    assert (len(variants), variants.n_possible) == (n_variants, 81)


def test_pick_pairwise_of_the_project_holds_for_all() -> None:
    variants, _ = expand(
        "pick = 'pairwise'\n[[shader]]\nfiles = ['*']\naxes = { A = [1,2,3], B = [1,2,3], C = [1,2,3] }\n"
    )
    assert 9 <= len(variants) < 27


def test_rules_that_undo_each_other_are_told() -> None:
    text = (
        "[[shader]]\nfiles = ['*']\naxes = [['', 'A']]\n"
        "rules = [{ when = 'A', compute = { X = '!Y' } }, { when = 'A || X', compute = { Y = 'X' } }]\n"
    )
    variants, (diagnostic,) = expand(text)
    assert len(variants) == 2
    assert diagnostic.code == "config/rule"
    assert place(text, diagnostic) == "'A'"
    assert "in variant A" in diagnostic.message and "X, Y" in diagnostic.message


def test_a_later_rule_may_overrule_an_earlier_one() -> None:
    variants, diagnostics = expand(
        "[[shader]]\nfiles = ['*']\naxes = [['', 'A']]\n"
        "rules = [{ define = ['TILE=16'] }, { when = 'A', define = ['TILE=8'] }]\n"
    )
    assert diagnostics == ()
    assert named(variants) == {"default": ("TILE=16",), "A": ("A", "TILE=8")}


def test_a_rule_that_counts_for_ever_is_told() -> None:
    text = "[[shader]]\nfiles = ['*']\nrules = [{ compute = { N = 'N + 1' } }]\n"
    _, (diagnostic,) = expand(text)
    assert "never settles" in diagnostic.message


def test_an_expression_that_fails_on_a_value_is_told_once() -> None:
    text = "[[shader]]\nfiles = ['*']\ndefines = ['X=Y', 'Y=X']\naxes = [['', 'A'], ['', 'B']]\nforbid = 'X > 1'\n"
    variants, (diagnostic,) = expand(text)
    assert len(variants) == 4
    assert place(text, diagnostic) == "'X > 1'"
    assert "in 4 variants" in diagnostic.message


def test_an_alternative_that_no_variant_has_is_mentioned() -> None:
    text = "[[shader]]\nfiles = ['*']\naxes = { A = ['A1', 'A2'], B = ['', 'B'] }\nforbid = 'A2'\n"
    _, (diagnostic,) = expand(text)
    assert (diagnostic.code, diagnostic.severity) == ("config/impossible", Severity.INFORMATION)
    assert place(text, diagnostic) == "'A2'"


def test_an_alternative_of_a_template_may_be_for_another_shader() -> None:
    text = (
        "[[shader]]\nname = 't'\naxes = { A = ['A1', 'A2'] }\n"
        "[[shader]]\nextends = 't'\nfiles = ['a.wgsl']\nforbid = 'A2'\n"
        "[[shader]]\nextends = 't'\nfiles = ['b.wgsl']\nforbid = 'A1'\n"
    )
    assert expand(text)[1] == ()
    assert list(named(expand(text)[0])) == ["A1"]


def test_globs_choose_the_entries() -> None:
    config, _ = load_config(
        TOML,
        """
[[shader]]
files = ["*.wgsl", "!b*.wgsl"]
defines = ["ONE"]
[[shader]]
files = ["sub/**/*.wgsl"]
axes = [["X", "Y"]]
[[shader]]
files = ["./sub/c.wgsl", "b{1,2}.wgsl"]
axes = [["Z"]]
""",
    )

    def indexes(path: str) -> list[int]:
        return [index for index, _ in entries_for(config, path)]

    assert indexes("/p/a.wgsl") == [0]
    assert indexes("/p/b1.wgsl") == [2]
    assert indexes("/p/b3.wgsl") == []
    assert indexes("/p/sub/c.wgsl") == [1, 2]
    assert indexes("/p/sub/deep/er/c.wgsl") == [1]
    assert indexes("/q/a.wgsl") == []
    variants, _ = variants_for(config, "/p/sub/c.wgsl")
    assert list(named(variants)) == ["X", "Y", "Z"]
    assert [plan.count.value for plan in plan_for(config, "/p/sub/c.wgsl")] == [2, 1]


def test_an_entry_with_settings_alone_gives_way_to_one_with_variants() -> None:
    text = "[[shader]]\nfiles = ['*']\ndefines = ['S']\n[[shader]]\nfiles = ['a.wgsl']\naxes = [['A']]\n"
    assert named(expand(text)[0]) == {"A": ("A",)}
    assert named(expand(text, "/p/b.wgsl")[0]) == {"default": ("S",)}


def test_how_a_file_is_preprocessed_comes_from_its_last_entry() -> None:
    text = (
        "includes = 'textual'\ninclude-dirs = ['inc']\n[[shader]]\nfiles = ['*']\naxes = [['A']]\nincludes = 'native'\n"
        "[[shader]]\nfiles = ['a.wgsl']\naxes = [['B']]\ninclude-dirs = ['x']\n"
    )
    variants, _ = expand(text)
    assert (variants.includes, variants.include_dirs) == ("native", ("/p/x",))
    other, _ = expand(text, "/q/b.wgsl")
    assert (other.includes, other.include_dirs) == ("textual", ("/p/inc",))


def test_a_file_about_which_nothing_is_said_has_its_defaults() -> None:
    variants, diagnostics = variants_for(no_config("/p"), ROOT)
    assert diagnostics == ()
    assert variants.variants == (Variant("default", ROOT, ()),)
    with_defines, _ = variants_for(load_config(TOML, "defines = ['A']\nengines = ['dawn']")[0], ROOT)
    assert with_defines.variants == (Variant("default", ROOT, (("A", ""),), ("dawn",)),)


def test_inferred_variants_come_on_top_of_the_defaults() -> None:
    variants, _ = variants_for(load_config(TOML, "defines = ['A=1']")[0], ROOT)
    more = with_inferred(variants, [(("B", "2"),), (("A", "1"),), (("A", "3"), ("C", ""))])
    assert [(one.name, one.define_list, one.origin) for one in more.variants] == [
        ("default", ("A=1",), "default"),
        ("B=2", ("A=1", "B=2"), "inferred"),
        ("A=3+C", ("A=3", "C"), "inferred"),
    ]
    assert more.n_possible == 3


def imported(shader: str, name: str | None, *defines: tuple[str, str]) -> ImportedVariant:
    return ImportedVariant(shader, name, defines, "/p/variants.jsonl", 0, 1)


def test_imported_variants_are_taken_as_the_host_gave_them() -> None:
    config, _ = load_config(
        TOML,
        "defines = ['G']\nprofiles = ['amd']\n[[shader]]\nfiles = ['a.wgsl']\naxes = [['A']]\nprofiles = ['nvidia']\n"
        "rules = [{ define = ['R'] }]\noverrides = { x = 1 }\n",
    )
    trace = [
        imported(ROOT, "mine", ("M", ""), ("N", "1")),
        imported("a.wgsl", None, ("M", ""), ("N", "2")),
        imported(ROOT, "same", ("R", ""), ("A", ""), ("G", "")),
        imported("/p/b.wgsl", None),
    ]
    variants, _ = variants_for(config, ROOT, trace)
    assert [(one.name, one.define_list, one.origin) for one in variants.variants] == [
        ("A", ("G", "A", "R"), "declared"),
        ("mine", ("M", "N=1"), "imported"),
        ("M+N=2", ("M", "N=2"), "imported"),
    ]
    assert variants.variants[1].profiles == ("nvidia",)
    assert variants.variants[1].overrides == (("x", 1.0),)
    assert variants.variants[1].declared_at == Location("/p/variants.jsonl", Span(0, 1))
    only, _ = variants_for(config, "/p/b.wgsl", trace)
    assert [(one.name, one.define_list, one.profiles) for one in only.variants] == [("default", (), ("amd",))]


def test_variants_are_found_by_name() -> None:
    variants, _ = expand("[[shader]]\nfiles = ['*']\naxes = { K = ['A', 'B'] }")
    assert variants.by_name["B"].define_list == ("B",)


def test_globs_that_match_nothing_are_warned_about() -> None:
    text = "[[shader]]\nfiles = ['a*.wgsl', 'z.wgsl', '!q.wgsl']\naxes = [['A']]\n"
    config, _ = load_config(TOML, text)
    found = match_diagnostics(config, ["/p/ab.wgsl"])
    assert [(place(text, one), one.severity, one.code) for one in found] == [
        ("'z.wgsl'", Severity.WARNING, "config/no-match"),
        ("'!q.wgsl'", Severity.WARNING, "config/no-match"),
    ]
    assert match_diagnostics(no_config("/p"), []) == ()


def test_smoke_settings_of_a_shader_go_over_those_of_the_project() -> None:
    config, _ = load_config(
        TOML,
        "[smoke]\nseed = 1\nsize = 2\n[[shader]]\nfiles = ['a.wgsl']\nsmoke = { size = 3 }\n"
        "[[shader]]\nfiles = ['b.wgsl']\n",
    )
    own, _ = variants_for(config, ROOT)
    table = smoke_table(config, ROOT, own.variants[0])
    assert table is not None and table.plain() == {"seed": 1, "size": 3}
    other, _ = variants_for(config, "/p/b.wgsl")
    table = smoke_table(config, "/p/b.wgsl", other.variants[0])
    assert table is not None and table.plain() == {"seed": 1, "size": 2}
    assert smoke_table(no_config("/p"), "/p/b.wgsl", other.variants[0]) is None
