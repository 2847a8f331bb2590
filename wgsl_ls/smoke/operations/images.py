"""Convolutions, their matrices, and images of another size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from wgsl_ls.smoke.elements import Array
from wgsl_ls.smoke.operation import Extents, Operand, OperationCase

_CONVOLUTION = 5e-4  # ggml's backend tests
_HALF = 1e-6


def cases() -> Iterator[OperationCase]:
    yield from _convolutions()
    yield from _columns()
    yield from _scaled()


def _length(n: int, kernel: int, step: int, pad: int, dilation: int) -> int:
    return (n + 2 * pad - dilation * (kernel - 1) - 1) // step + 1


def patches(
    image: Array, kernel: tuple[int, int], step: tuple[int, int], pad: tuple[int, int], dilation: tuple[int, int]
) -> Array:
    """image [batch, channel, y, x] -> [batch, channel, out y, out x, kernel y, kernel x]; pairs are (x, y)."""
    padded = np.pad(image, ((0, 0), (0, 0), (pad[1], pad[1]), (pad[0], pad[0])))
    out = [
        _length(n, k, s, p, d) for n, k, s, p, d in zip(image.shape[:1:-1], kernel, step, pad, dilation, strict=True)
    ]
    rows = np.arange(out[1])[:, None] * step[1] + np.arange(kernel[1]) * dilation[1]
    columns = np.arange(out[0])[:, None] * step[0] + np.arange(kernel[0]) * dilation[0]
    return np.asarray(padded[:, :, rows[:, None, :, None], columns[None, :, None, :]])


def _settings(case: OperationCase) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    s0, s1, p0, p1, d0, d1 = (int(one) for one in case.params[:6])
    return (s0, s1), (p0, p1), (d0, d1)


def _convolutions() -> Iterator[OperationCase]:
    def convolved(case: OperationCase, sources: Sequence[Array]) -> Array:
        kernel, image = sources[0], sources[1]
        found = patches(image, (kernel.shape[3], kernel.shape[2]), *_settings(case))
        return np.asarray(np.einsum("nchwyx,ocyx->nohw", found, kernel))

    def each(case: OperationCase, sources: Sequence[Array]) -> Array:
        kernel, image = sources[0][:, 0], sources[1]
        found = patches(image, (kernel.shape[2], kernel.shape[1]), *_settings(case))
        return np.asarray(np.einsum("nchwyx,cyx->nchw", found, kernel))

    shapes = (
        ((10, 9, 3, 2), (3, 3), 5, (1, 1, 0, 0, 1, 1)),
        ((13, 7, 4, 1), (3, 2), 3, (2, 1, 1, 0, 1, 2)),
        ((20, 12, 1, 1), (1, 1), 9, (1, 2, 0, 0, 1, 1)),
        ((9, 9, 2, 2), (5, 4), 2, (1, 1, 2, 3, 1, 1)),
        ((37, 29, 2, 1), (3, 3), 5, (1, 1, 1, 1, 1, 1)),
    )
    for index, (image, kernel, n_out, params) in enumerate(shapes):
        s0, s1, p0, p1, d0, d1 = params
        width, height = _length(image[0], kernel[0], s0, p0, d0), _length(image[1], kernel[1], s1, p1, d1)
        for kernel_type, image_type in (("F32", "F32"), ("F16", "F32"), ("F16", "F16")):
            words = f"{kernel_type} {image_type} {index + 1}"
            yield OperationCase(
                "CONV_2D",
                words,
                (Operand(kernel_type, (*kernel, image[2], n_out)), Operand(image_type, image)),
                Operand(image_type, (width, height, n_out, image[3])),
                convolved,
                params,
                tolerance=_CONVOLUTION,
            )
            sources = (Operand(kernel_type, (*kernel, 1, image[2])), Operand(image_type, image))
            output = Operand(image_type, (width, height, image[2], image[3]))
            yield OperationCase("CONV_2D_DW", words, sources, output, each, params, tolerance=_CONVOLUTION)
            if image[2] > 1:  # channels innermost, and so is the output
                order: Extents = (2, 0, 1, 3)
                sources = (
                    Operand(kernel_type, (*kernel, 1, image[2]), order=(3, 0, 1, 2)),
                    Operand(image_type, image, order=order),
                )
                yield OperationCase(
                    "CONV_2D_DW",
                    f"{words} channels innermost",
                    sources,
                    Operand(image_type, output.ne, order=order),
                    each,
                    params,
                    tolerance=_CONVOLUTION,
                )


def _columns() -> Iterator[OperationCase]:
    def plane(case: OperationCase, sources: Sequence[Array]) -> Array:
        kernel, image = case.sources[0], sources[1]
        assert kernel is not None
        found = patches(image, (kernel.ne[0], kernel.ne[1]), *_settings(case))
        return np.moveaxis(found, 1, 3).reshape(case.output.ne[::-1])

    def line(case: OperationCase, sources: Sequence[Array]) -> Array:
        kernel, signal = case.sources[0], sources[1]
        assert kernel is not None
        (s0, _), (p0, _), (d0, _) = _settings(case)
        found = patches(
            np.swapaxes(signal, 0, 1)[:, :, None].reshape(signal.shape[1], signal.shape[2], 1, -1),
            (kernel.ne[0], 1),
            (s0, 1),
            (p0, 0),
            (d0, 1),
        )
        return np.moveaxis(found[:, :, 0, :, 0], 1, 2).reshape(case.output.ne[::-1])

    for source in ("F32", "F16"):
        for target in ("F32", "F16"):
            tolerance = 1e-7 if target == "F16" else 0.0
            for (w, h, c, n), (kw, kh), params in (
                ((10, 9, 3, 2), (3, 3), (1, 1, 1, 1, 1, 1, 1)),
                ((20, 12, 2, 2), (3, 2), (2, 3, 0, 3, 3, 1, 1)),
            ):
                width, height = (
                    _length(w, kw, params[0], params[2], params[4]),
                    _length(h, kh, params[1], params[3], params[5]),
                )
                yield OperationCase(
                    "IM2COL",
                    f"{source} to {target} {w}x{h}",
                    (Operand(source, (kw, kh, c, 2)), Operand(source, (w, h, c, n))),
                    Operand(target, (c * kh * kw, width, height, n)),
                    plane,
                    params,
                    tolerance=tolerance,
                )
            w, c, n, kw = 20, 3, 2, 3
            for params in ((1, 0, 1, 0, 1, 0, 0), (3, 0, 0, 0, 3, 0, 0)):
                width = _length(w, kw, params[0], params[2], params[4])
                yield OperationCase(
                    "IM2COL",
                    f"{source} to {target} line {params[0]}",
                    (Operand(source, (kw, c, 2, 1)), Operand(source, (w, c, n, 1))),
                    Operand(target, (c * kw, width, n, 1)),
                    line,
                    params,
                    tolerance=tolerance,
                )


def resampled(image: Array, width: int, height: int, mode: str, corners: bool = False) -> Array:
    """image [n, c, y, x]; separable, so one axis after the other by a matrix of weights. `mode`: "NEAREST", "BILINEAR",
    "BICUBIC", "ANTIALIAS" (bilinear over as many pixels as the image shrinks by)."""
    across = _weights(image.shape[3], width, mode, corners)
    down = _weights(image.shape[2], height, mode, corners)
    return np.asarray(np.einsum("ncyx,wx,hy->nchw", image, across, down))


def _weights(n: int, n_out: int, mode: str, corners: bool) -> Array:
    """[out, in]: how much of every pixel is in every pixel of the result."""
    scale = (n_out - 1) / (n - 1) if corners and n > 1 and n_out > 1 else n_out / n
    shift = 0.0 if corners else 0.5
    found = np.zeros((n_out, n))
    for out in range(n_out):
        if mode == "NEAREST":
            found[out, min(n - 1, int(np.floor(out / scale)))] = 1
            continue
        centre = (out + shift) / scale
        if mode == "ANTIALIAS":
            support = max(1.0, 1 / scale)
            low, high = max(0, int(centre - support + shift)), min(n, int(centre + support + shift))
            pixels = np.arange(low, high)
            weights = np.maximum(0, 1 - np.abs((pixels - centre + shift) / support))
            found[out, pixels] = weights / weights.sum()
            continue
        centre -= shift
        first = int(np.floor(centre))
        near = centre - first
        taps = [(0, 1 - near), (1, near)]
        if mode == "BICUBIC":
            taps = [(at, _cubic(abs(near - at))) for at in (-1, 0, 1, 2)]
        for at, weight in taps:
            found[out, min(max(first + at, 0), n - 1)] += weight
    return found


def _cubic(t: float, a: float = -0.75) -> float:
    """Keys' kernel (IEEE Transactions on Acoustics, Speech, and Signal Processing 29, 1981)."""
    if t <= 1:
        return (a + 2) * t**3 - (a + 3) * t**2 + 1
    return a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a if t < 2 else 0.0


def _scaled() -> Iterator[OperationCase]:
    modes = {"NEAREST": 0, "BILINEAR": 1, "BICUBIC": 2, "ANTIALIAS": 1 | 512}
    for mode, flags in modes.items():
        for corners in (False, True) if mode in ("BILINEAR", "BICUBIC") else (False,):

            def reference(
                case: OperationCase, sources: Sequence[Array], mode: str = mode, corners: bool = corners
            ) -> Array:
                width, height, channels, _ = case.output.ne
                made = resampled(sources[0], width, height, mode, corners)
                repeats = channels // made.shape[1]
                return np.repeat(made, repeats, axis=1)

            for (w, h), (width, height) in (
                ((8, 6), (16, 12)),
                ((5, 7), (13, 9)),
                ((12, 10), (5, 4)),
                ((1, 6), (4, 6)),
                ((20, 15), (37, 29)),
            ):
                words = f"{mode}{' corners' if corners else ''} {w}x{h} to {width}x{height}"
                yield OperationCase(
                    "UPSCALE",
                    f"F32 {words}",
                    (Operand("F32", (w, h, 3, 2)),),
                    Operand("F32", (width, height, 3, 2)),
                    reference,
                    (flags | (256 if corners else 0),),
                    tolerance=_HALF,
                )
        yield OperationCase(
            "UPSCALE",
            f"F32 {mode} permuted",
            (Operand("F32", (8, 6, 3, 2), order=(1, 0, 2, 3)),),
            Operand("F32", (16, 12, 3, 2)),
            reference,
            (flags | (256 if corners else 0),),
            tolerance=_HALF,
        )
        yield OperationCase(
            "UPSCALE",
            f"F16 {mode}",
            (Operand("F16", (8, 6, 3, 2)),),
            Operand("F16", (16, 12, 3, 2)),
            reference,
            (flags | (256 if corners else 0),),
            tolerance=_HALF,
        )
