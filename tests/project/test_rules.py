"""Rules come to rest as if each were applied in turn until a round changes nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from wgsl_ls.preprocess.conditions import evaluate
from wgsl_ls.preprocess.dialect import GGML
from wgsl_ls.project.config import load_config
from wgsl_ls.project.effort import Effort
from wgsl_ls.project.model import VariantRule
from wgsl_ls.project.rules import MAX_ROUNDS, completed, rulebook

NAMES = ["A", "B", "C", "D"]
EXPRESSIONS = st.sampled_from(
    ["A", "!B", "defined(C)", "A + B", "C == 2", "D > A", "B && C", "A || D", "3", "C * 2", "!defined(D)", "A / B"]
)
DEFINES = st.sampled_from(["A", "B=2", "C=A", "D=B + 1", "A=7", "C=2", "D=C"])
RULES = st.lists(
    st.one_of(
        st.builds("{{ when = '{}', define = ['{}'] }}".format, EXPRESSIONS, DEFINES),
        st.builds("{{ when = '{}', undefine = ['{}'] }}".format, EXPRESSIONS, st.sampled_from(NAMES)),
        st.builds(
            "{{ when = '{}', compute = {{ {} = '{}' }} }}".format, EXPRESSIONS, st.sampled_from(NAMES), EXPRESSIONS
        ),
        st.builds("{{ define = ['{}'] }}".format, DEFINES),
    ),
    max_size=6,
)
MACROS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["", "0", "1", "2", "A", "B + 1", "x"]))


def rules_of(written: list[str]) -> tuple[VariantRule, ...]:
    config, _ = load_config("/p/wgsl-ls.toml", f"[[shader]]\nfiles = ['a']\nrules = [{', '.join(written)}]")
    return config.shaders[0].rules


def plainly(macros: dict[str, str], rules: tuple[VariantRule, ...]) -> dict[str, str] | None:
    """Round after round, every rule every time; None when it does not end."""
    current = dict(macros)
    seen = []
    for _ in range(MAX_ROUNDS):
        before = dict(current)
        for rule in rules:
            if rule.when is not None:
                result = evaluate(rule.when.condition, current, GGML)
                if result.error is not None or not result.value:
                    continue
            for name in rule.undefine:
                current.pop(name, None)
            current.update(rule.define)
            for name, expression in rule.compute:
                computed = evaluate(expression.condition, current, GGML)
                if computed.error is None:
                    current[name] = str(computed.value)
        if current == before:
            return current
        if current in seen:
            return None
        seen.append(dict(current))
    return None


@settings(max_examples=300, deadline=None)
@given(MACROS, RULES)
def test_passing_over_unmoved_rules_changes_nothing(macros: dict[str, str], written: list[str]) -> None:
    rules = rules_of(written)
    expected = plainly(macros, rules)
    found, problems = completed(macros, rulebook(rules), GGML, Effort(1_000_000))
    restless = [one for one in problems if "settle" in one.message or "without end" in one.message]
    if expected is None:
        assert len(restless) == 1
    else:
        assert restless == []
        assert found == expected


def test_an_error_on_the_way_counts_only_if_it_stays() -> None:
    rules = rules_of(["{ when = 'X > 1', define = ['BIG'] }", "{ define = ['X=5'] }"])
    found, problems = completed({"X": "Y", "Y": "X"}, rulebook(rules), GGML, Effort(1_000_000))
    assert found == {"X": "5", "Y": "X", "BIG": ""}
    assert problems == ()
