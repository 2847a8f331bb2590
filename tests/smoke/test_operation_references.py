"""References of operations against an independent source: a closed form, a loop over elements, another formulation."""

from __future__ import annotations

import cmath
import itertools
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from wgsl_ls.smoke.elements import Array
from wgsl_ls.smoke.figures import figures
from wgsl_ls.smoke.operation import OperationCase
from wgsl_ls.smoke.operations import all_cases, elementwise, images, rows, sequences

RANDOM = np.random.default_rng(7)


def contents(case: OperationCase) -> list[Array]:
    made = []
    for index, operand in enumerate(case.sources):
        if operand is not None:
            if operand.kind.dtype is None:
                pytest.importorskip("gguf")
                data = operand.kind.random(math.prod(operand.ne), np.random.default_rng(index))
                made.append(operand.kind.decode(data).reshape(operand.ne[::-1]))
            else:
                made.append(operand.content(f"{case.label} {index}"))
    if case.then is not None:
        made.append(case.then.other.content("other"))
    return made


@pytest.mark.parametrize("op", sorted({case.op for case in all_cases()}))
def test_every_reference_fits_its_output(op: str) -> None:
    cases = [case for case in all_cases() if case.op == op and case.is_run]
    for case in cases[:: max(1, len(cases) // 8)]:
        found = case.reference(case, contents(case))
        assert found.shape == case.output.ne[::-1], case.label


def test_a_parameter_that_is_a_quarter_off_exceeds_the_tolerance() -> None:
    """Of every number that an operation is given, in one of its quick cases at least: else no run would show that a
    kernel reads another one, or none."""
    most: dict[tuple[str, int], float] = {}
    for case in all_cases():
        numbers = [(index, one) for index, one in enumerate(case.params) if isinstance(one, float) and one]
        if not (numbers and case.quick and case.is_run and not case.device):
            continue
        sources = contents(case)
        right = case.reference(case, sources)
        for index, one in numbers:
            if math.isfinite(one) and most.get((case.op, index), 0.0) <= 2.0:
                params = (*case.params[:index], 1.25 * one, *case.params[index + 1 :])
                error = figures(case.reference(replace(case, params=params), sources), right).nmse
                told = error / case.tolerance if case.tolerance else math.inf if error else 0.0
                most[case.op, index] = max(most.get((case.op, index), 0.0), told)
    assert most and {key: told for key, told in most.items() if told <= 2.0} == {}


def test_labels_are_unique() -> None:
    labels = [case.label for case in all_cases()]
    assert len(labels) == len(set(labels))


X = np.linspace(-3, 3, 241)
STEP = 1e-6


def derivative(function: Callable[[Array], Array], at: Array) -> Array:
    return (function(at + STEP) - function(at - STEP)) / (2 * STEP)


# Each function by a property that determines it: another closed form, or its differential equation.
UNARY = [
    ("SIGMOID", lambda x: 0.5 * (1 + np.tanh(x / 2))),
    ("SILU", lambda x: x / 2 * (1 + np.tanh(x / 2))),
    ("TANH", lambda x: (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)),
    ("ELU", lambda x: np.where(x > 0, x, np.exp(x) - 1)),
    ("SOFTPLUS", lambda x: np.logaddexp(0, x)),
    ("GELU_QUICK", lambda x: x / 2 * (1 + np.tanh(0.851 * x))),
    ("HARDSIGMOID", lambda x: np.maximum(0, np.minimum(1, (x + 3) / 6))),
    ("HARDSWISH", lambda x: np.select([x <= -3, x >= 3], [0 * x, x], x * (x + 3) / 6)),
    ("EXPM1", lambda x: np.exp(x) - 1),
    ("STEP", lambda x: np.heaviside(x, 0)),
    ("ROUND", lambda x: np.sign(x) * np.floor(np.abs(x) + 0.5)),
    ("GELU_ERF", lambda x: x * np.array([math.erfc(-one / math.sqrt(2)) / 2 for one in x])),
    ("RELU", lambda x: (x + np.abs(x)) / 2),
    ("TRUNC", lambda x: np.sign(x) * np.floor(np.abs(x))),
]


@pytest.mark.parametrize(("name", "other"), UNARY, ids=[name for name, _ in UNARY])
def test_unary(name: str, other: Callable[[Array], Array]) -> None:
    np.testing.assert_allclose(elementwise.UNARY[name](X), other(X), rtol=1e-12, atol=1e-14)


def test_gelu_is_close_to_the_exact_one() -> None:
    exact = elementwise.UNARY["GELU_ERF"](X)
    assert 1e-5 < np.abs(elementwise.gelu(X) - exact).max() < 5e-4  # Hendrycks and Gimpel, arXiv:1606.08415


def test_xielu_meets_itself_smoothly_at_zero() -> None:
    """arXiv:2411.13010: the derivative is beta at 0 from both sides."""
    of = lambda x: elementwise.xielu(x, 0.8, 0.6, 0.5, -1e-6)  # noqa: E731 - a function of one argument
    np.testing.assert_allclose(derivative(of, np.array([-1e-3, 1e-3])), [0.5, 0.5], atol=3e-3)
    np.testing.assert_allclose(of(np.array([2.0])), 0.6 * 4 + 0.5 * 2)
    np.testing.assert_allclose(of(np.array([-2.0])), (math.exp(-2) - 1 + 2) * 0.8 - 1)


def test_norms_have_the_norm_they_are_named_for() -> None:
    x = RANDOM.standard_normal((3, 65))
    assert np.allclose(np.mean(rows.rms_norm(x, 0.0) ** 2, axis=-1), 1)
    made = rows.norm(x, 0.0)
    assert np.allclose(made.mean(axis=-1), 0)
    assert np.allclose(made.std(axis=-1), 1)
    assert np.allclose(np.linalg.norm(rows.l2_norm(x, 1e-6), axis=-1), 1)
    assert np.allclose(rows.l2_norm(x * 1e-9, 1e-3), x * 1e-6)
    assert np.allclose(rows.rms_norm(np.full((1, 4), 3.0), 16.0), 3 / 5)


def test_softmax_with_sinks_is_one_with_another_column() -> None:
    x, sinks = RANDOM.standard_normal((2, 3, 5)), RANDOM.standard_normal((2, 3))
    powers = np.exp(np.concatenate([x, sinks[..., None]], axis=-1))
    expected = (powers / powers.sum(axis=-1, keepdims=True))[..., :-1]
    np.testing.assert_allclose(rows.softmax(x, sinks), expected, rtol=1e-12)
    np.testing.assert_allclose(rows.softmax(x + 1000), rows.softmax(x), rtol=1e-9)


@pytest.mark.parametrize("mode", [0, 2])
def test_rope_turns_complex_numbers(mode: int) -> None:
    x, positions, n_dims = RANDOM.standard_normal((1, 4, 2, 12)), np.array([[0, 3, 1, 7]]), 8
    found = rows.rope(x, positions.astype(float), n_dims, mode=mode, base=100.0)
    for token, head, pair in itertools.product(range(4), range(2), range(4)):
        first, second = (2 * pair, 2 * pair + 1) if mode == 0 else (pair, pair + 4)
        turned = complex(x[0, token, head, first], x[0, token, head, second]) * cmath.exp(
            1j * positions[0, token] * 100.0 ** (-pair / 4)
        )
        assert cmath.isclose(
            complex(found[0, token, head, first], found[0, token, head, second]), turned, rel_tol=1e-12
        )
    assert (found[..., 8:] == x[..., 8:]).all()


def test_rope_at_an_offset_leaves_what_is_in_front_of_it() -> None:
    (case,) = [case for case in all_cases() if case.label == "ROPE F32 halves at an offset"]
    n_dims, start = 20, 24
    x, positions = RANDOM.standard_normal(case.sources[0].ne[::-1]), np.array([0.0, 3.0, 7.0])
    found = case.reference(case, (x, positions))
    for token, head, pair in itertools.product(range(3), range(8), range(n_dims // 2)):
        first, second = start + pair, start + pair + n_dims // 2
        turned = complex(x[1, token, head, first], x[1, token, head, second]) * cmath.exp(
            1j * positions[token] * 10000.0 ** (-2 * pair / n_dims)
        )
        there = complex(found[1, token, head, first], found[1, token, head, second])
        assert cmath.isclose(there, turned, rel_tol=1e-12)
    still = np.r_[:start, start + n_dims : x.shape[-1]]
    assert (found[..., still] == x[..., still]).all()


def test_sections_of_equal_positions_are_no_sections() -> None:
    x, positions = RANDOM.standard_normal((1, 3, 2, 16)), np.array([[1.0, 5.0, 9.0]])
    plain = rows.rope(x, positions, 16, mode=2)
    for mode, sections in ((8, (2, 3, 3, 0)), (40, (3, 3, 2, 0))):
        made = rows.rope(x, np.repeat(positions, 4, axis=0), 16, mode=mode, sections=sections)
        np.testing.assert_allclose(made, plain, rtol=1e-12)


def test_each_section_has_its_own_position() -> None:
    x = np.ones((1, 1, 1, 16))
    still = np.zeros((4, 1))
    for section, pairs in enumerate(((0, 1), (2, 3, 4), (5, 6), (7,))):
        moved = still.copy()
        moved[section] = 2.0
        made = rows.rope(x, moved, 16, mode=8, sections=(2, 3, 2, 1))
        assert {int(pair) for pair in np.flatnonzero(made[0, 0, 0, :8] != 1)} == set(pairs)


def test_yarn_leaves_fast_dimensions_and_scales_slow_ones() -> None:
    x, positions = np.ones((1, 1, 1, 8)), np.array([[2.0]])
    between = (1.0, 2.0)
    made = rows.rope(x, positions, 8, mode=2, base=10.0, scale=0.25, mix=1.0, between=between)
    size = 1 + 0.1 * math.log(4)
    for pair, factor in ((0, 1.0), (1, 1.0), (2, 0.25), (3, 0.25)):
        angle = 2.0 * 10.0 ** (-pair / 4) * factor
        assert math.isclose(made[0, 0, 0, pair], (math.cos(angle) - math.sin(angle)) * size, rel_tol=1e-12)


def test_patches_by_a_loop() -> None:
    image = RANDOM.standard_normal((2, 3, 7, 8))
    kernel, step, pad, dilation = (3, 2), (2, 1), (1, 2), (1, 2)
    found = images.patches(image, kernel, step, pad, dilation)
    for index in np.ndindex(found.shape):
        n, c, y, x, ky, kx = index
        row, column = y * step[1] + ky * dilation[1] - pad[1], x * step[0] + kx * dilation[0] - pad[0]
        inside = 0 <= row < 7 and 0 <= column < 8
        assert found[index] == (image[n, c, row, column] if inside else 0)


def test_resampling_keeps_what_it_must() -> None:
    y, x = np.mgrid[:9, :12].astype(float)
    plane = (2 * x - 3 * y)[None, None]
    made = images.resampled(plane, 24, 18, "BILINEAR")  # it reproduces a plane away from the border
    at_x, at_y = (np.arange(24) + 0.5) / 2 - 0.5, (np.arange(18) + 0.5) / 2 - 0.5
    expected = 2 * at_x[None] - 3 * at_y[:, None]
    np.testing.assert_allclose(made[0, 0, 1:-1, 1:-1], expected[1:-1, 1:-1], atol=1e-12)
    point = images.resampled(np.eye(8)[None, None, :, :], 15, 8, "BICUBIC", corners=True)[0, 0, :, 7]
    np.testing.assert_allclose(point[1:7], [0, -0.09375, 0.59375, 0.59375, -0.09375, 0], atol=1e-12)  # Keys, a = -0.75
    for mode in ("BILINEAR", "BICUBIC"):
        corners = images.resampled(plane, 23, 17, mode, corners=True)
        np.testing.assert_allclose(corners[0, 0, 0, 0], plane[0, 0, 0, 0], atol=1e-12)
        np.testing.assert_allclose(corners[0, 0, -1, -1], plane[0, 0, -1, -1], atol=1e-12)
    for mode in ("BILINEAR", "BICUBIC", "ANTIALIAS", "NEAREST"):
        np.testing.assert_allclose(images.resampled(plane * 0 + 4, 5, 20, mode), 4.0, rtol=1e-12)
    assert (images.resampled(plane, 24, 18, "NEAREST") == np.repeat(np.repeat(plane, 2, axis=2), 2, axis=3)).all()
    shrunk = images.resampled(plane, 6, 3, "ANTIALIAS")
    np.testing.assert_allclose(shrunk.mean(), plane.mean(), atol=0.2)


def test_a_scan_without_input_only_decays() -> None:
    state = RANDOM.standard_normal((2, 3, 4))
    a, dt = np.array([[-0.5], [-1.0]]), np.full((5, 2), 0.7)
    nothing = np.zeros((5, 1, 4))
    _, states = sequences.scan(state, np.zeros((5, 2, 3)), dt, a, nothing, nothing)
    step = math.log(1 + math.exp(0.7))
    np.testing.assert_allclose(states[-1], state * np.exp(5 * step * a)[:, None], rtol=1e-12)


def test_a_scan_is_a_weighted_sum() -> None:
    """The convolution view: y_t = sum over s <= t of C_t exp(A (step_(s+1) + ... + step_t)) B_s x_s step_s."""
    n_tokens = 6
    x, dt = RANDOM.standard_normal((n_tokens, 1, 1)), RANDOM.standard_normal((n_tokens, 1))
    a, b, c = np.array([[-0.3]]), RANDOM.standard_normal((n_tokens, 1, 4)), RANDOM.standard_normal((n_tokens, 1, 4))
    found, _ = sequences.scan(np.zeros((1, 1, 4)), x, dt, a, b, c)
    steps = np.log(1 + np.exp(dt[:, 0]))
    for t in range(n_tokens):
        expected = sum(
            c[t, 0] @ b[s, 0] * math.exp(-0.3 * steps[s + 1 : t + 1].sum()) * x[s, 0, 0] * steps[s]
            for s in range(t + 1)
        )
        assert math.isclose(found[t, 0, 0], expected, rel_tol=1e-9)


def test_the_delta_rule_learns_what_it_is_told() -> None:
    """With beta 1, no decay and a unit key the state answers the key with the value."""
    key = RANDOM.standard_normal((1, 8))
    key /= np.linalg.norm(key)
    value = RANDOM.standard_normal((1, 5))
    state = RANDOM.standard_normal((8, 5))
    values, states = sequences.delta_rule(state, key, key, value, np.zeros((1, 1)), np.ones(1))
    np.testing.assert_allclose(key @ states[0], value, atol=1e-12)
    np.testing.assert_allclose(values, value / math.sqrt(8), atol=1e-12)
    other = np.linalg.svd(key)[2][1:]  # what is no part of the key is left alone
    np.testing.assert_allclose(other @ states[0], other @ state, atol=1e-12)


LOOPS = {
    "CONCAT": "I32 along 2",
    "PAD": "F32 1-2-3-4-1-1-1-0",
    "REPEAT": "F32 3x2x2x2",
    "GET_ROWS": "F32 77, 6 tables",
    "SET": "F32 at 13",
    "TRI": "F32 LOWER 10",
    "MUL_MAT_ID": "F32 F32 2 of 4, 2 rows, 17 tokens",
    "ADD_ID": "F32 129, 4 of 8",
    "MUL_MAT": "F32 F32 batches shared",
}


@pytest.mark.parametrize("op", LOOPS)
def test_by_loops_over_elements(op: str) -> None:
    """In the library's order of indices, one element after the other."""
    case = next(one for one in all_cases() if one.label == f"{op} {LOOPS[op]}")
    sources = contents(case)
    found = case.reference(case, sources)
    n = case.output.ne

    def at(array: Array, i0: int, i1: int = 0, i2: int = 0, i3: int = 0) -> float:
        return float(array[i3, i2, i1, i0])

    def element(i0: int, i1: int, i2: int, i3: int) -> float:
        a, b = sources[0], sources[1] if len(sources) > 1 else sources[0]
        match op:
            case "CONCAT":
                return at(a, i0, i1, i2, i3) if i2 < 3 else at(b, i0, i1, i2 - 3, i3)
            case "PAD":
                j = (i0 - 1, i1 - 3, i2 - 1, i3 - 1)
                inside = all(0 <= one < n_ for one, n_ in zip(j, (11, 7, 3, 2), strict=True))
                return at(a, *j) if inside else 0.0
            case "REPEAT":
                return at(a, i0 % 10, i1 % 5, i2 % 4, i3 % 3)
            case "GET_ROWS":
                return at(a, i0, int(at(b, i1, i2, i3)), i2, i3)
            case "SET":
                inside = 1 <= i0 < 5 and 2 <= i1 < 5 and i2 < 2 and i3 < 2
                return at(b, i0 - 1, i1 - 2, i2, i3) if inside else at(a, i0, i1, i2, i3)
            case "TRI":
                return at(a, i0, i1, i2, i3) if i0 < i1 else 0.0
            case "MUL_MAT_ID":
                expert = int(at(sources[2], i1, i2))
                return sum(at(a, k, i0, expert) * at(b, k, i1 % 2, i2) for k in range(256))
            case "ADD_ID":
                return at(a, i0, i1, i2) + at(b, i0, int(at(sources[2], i1, i2)))
        return sum(at(a, k, i0, i2 // 2, i3 // 2) * at(b, k, i1, i2, i3) for k in range(256))

    for index in itertools.islice(np.ndindex(*n), 0, None, max(1, math.prod(n) // 150)):
        assert math.isclose(at(found, *index), element(*index), rel_tol=1e-9, abs_tol=1e-12), index
