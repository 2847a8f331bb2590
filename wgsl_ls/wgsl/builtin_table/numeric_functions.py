"""Predeclared functions on numbers: logical, numeric, bit, packing. Data only, described in our own words."""

from __future__ import annotations

from wgsl_ls.wgsl.builtin_table.records import (
    FLOATS,
    INTEGERS,
    NUMBERS,
    SCALARS,
    SIGNED_NUMBERS,
    SPECIFICATION,
    BuiltinFunction,
    scalar_and_vector,
    where,
)

_PACKED = "packed_4x8_integer_dot_product"


def _pure(
    name: str,
    category: str,
    overloads: tuple[str, ...],
    doc: str,
    anchor: str | None = None,
    *,
    requires: str | None = None,
) -> BuiltinFunction:
    url = SPECIFICATION + (anchor or f"{name}-builtin")
    return BuiltinFunction(name, category, doc, url, overloads, requires=requires, is_const=True)


def _map(name: str, doc: str, *, domain: str = FLOATS, anchor: str | None = None) -> BuiltinFunction:
    """A function of one argument, applied to each component."""
    return _pure(name, "numeric", scalar_and_vector(f"fn {name}(e: T) -> T", domain), doc, anchor)


def _map2(name: str, arguments: str, doc: str, *, domain: str = FLOATS, anchor: str | None = None) -> BuiltinFunction:
    """A function of several arguments of one type (`arguments`: their names), applied to each component."""
    parameters = ", ".join(f"{argument}: T" for argument in arguments.split())
    return _pure(name, "numeric", scalar_and_vector(f"fn {name}({parameters}) -> T", domain), doc, anchor)


def _unpack(name: str, result: str, doc: str, requires: str | None = None) -> BuiltinFunction:
    return _pure(name, "unpacking", (f"fn {name}(e: u32) -> {result}",), doc, requires=requires)


def _pack(name: str, argument: str, doc: str, requires: str | None = None) -> BuiltinFunction:
    return _pure(name, "packing", (f"fn {name}(e: {argument}) -> u32",), doc, requires=requires)


LOGICAL = (
    _pure(
        "all",
        "logical",
        ("fn all(e: bool) -> bool", "fn all(e: vecN<bool>) -> bool"),
        "True when every component is true. It looks at one invocation; for a vote among invocations use "
        "`subgroupAll`.",
    ),
    _pure(
        "any",
        "logical",
        ("fn any(e: bool) -> bool", "fn any(e: vecN<bool>) -> bool"),
        "True when at least one component is true. It looks at one invocation; for a vote among invocations "
        "use `subgroupAny`.",
    ),
    _pure(
        "select",
        "logical",
        (
            where("fn select(f: T, t: T, cond: bool) -> T", T=SCALARS),
            where("fn select(f: vecN<T>, t: vecN<T>, cond: bool) -> vecN<T>", T=SCALARS),
            where("fn select(f: vecN<T>, t: vecN<T>, cond: vecN<bool>) -> vecN<T>", T=SCALARS),
        ),
        "The second argument where the condition is true, the first where it is false: the reverse of `c ? "
        "a : b`. Both values are always evaluated, so it cannot guard an access out of bounds.",
    ),
)

BIT_REINTERPRETATION = (
    _pure(
        "bitcast",
        "bit reinterpretation",
        (
            where("fn bitcast<T>(e: S) -> T", T="f32|i32|u32", S="f32|i32|u32"),
            "fn bitcast<T>(e: AbstractInt) -> T where T: u32",
            "fn bitcast<T>(e: f16) -> T where T: f16",
            where("fn bitcast<T>(e: vecN<S>) -> T", T="vecN<f32>|vecN<i32>|vecN<u32>", S="f32|i32|u32"),
            "fn bitcast<T>(e: vecN<AbstractInt>) -> T where T: vecN<u32>",
            "fn bitcast<T>(e: vecN<f16>) -> T where T: vecN<f16>",
            where("fn bitcast<T>(e: S) -> T", T="vec2<f16>", S="f32|i32|u32"),
            where("fn bitcast<T>(e: vec2<S>) -> T", T="vec4<f16>", S="f32|i32|u32"),
            "fn bitcast<T>(e: vec2<f16>) -> T where T: f32|i32|u32",
            "fn bitcast<T>(e: vec4<f16>) -> T where T: vec2<f32>|vec2<i32>|vec2<u32>",
        ),
        "Reads the same bits as another type of the same size. Two f16 pack into 32 bits, the first "
        "component in the low half. A constant that would become a NaN or an infinity is an error; at run "
        "time such a float is an indeterminate value.",
    ),
)

NUMERIC = (
    _map(
        "abs",
        "Absolute value. The most negative i32 maps to itself; a u32 is returned as it is.",
        domain=NUMBERS,
        anchor="abs-float-builtin",
    ),
    _map("acos", "Arc cosine, in radians from 0 to π. Not a number outside [-1, 1]: an error for a constant."),
    _map("acosh", "Inverse hyperbolic cosine, for arguments of at least 1."),
    _map("asin", "Arc sine, in radians from -π/2 to π/2. Not a number outside [-1, 1]."),
    _map("asinh", "Inverse hyperbolic sine."),
    _map("atan", "Arc tangent, in radians from -π/2 to π/2. For all four quadrants use `atan2`."),
    _map("atanh", "Inverse hyperbolic tangent, for arguments strictly between -1 and 1."),
    _map2(
        "atan2",
        "y x",
        "Angle of the point (x, y) in radians from -π to π; note that y comes first. The error has no "
        "bound at the origin, where x is tiny, and where y is subnormal or infinite.",
    ),
    _map("ceil", "Smallest whole number not below the argument, as a float."),
    _map2(
        "clamp",
        "e low high",
        "Limits a value to [low, high]. For floats the result with low > high is one of two: "
        "min(max(e, low), high) or the median; for a constant low > high is an error.",
        domain=NUMBERS,
        anchor="clamp",
    ),
    _map("cos", "Cosine of an angle in radians. Accuracy is promised only within [-π, π]."),
    _map("cosh", "Hyperbolic cosine; overflows f32 beyond about 89 and f16 beyond about 11.8."),
    _pure(
        "cross",
        "numeric",
        (where("fn cross(e1: vec3<T>, e2: vec3<T>) -> vec3<T>", T=FLOATS),),
        "Cross product of two vectors of three components.",
    ),
    _map("degrees", "Converts radians to degrees."),
    _pure(
        "determinant",
        "numeric",
        (where("fn determinant(e: matNxN<T>) -> T", T=FLOATS),),
        "Determinant of a square matrix.",
    ),
    _pure(
        "distance",
        "numeric",
        (
            where("fn distance(e1: T, e2: T) -> T", T=FLOATS),
            where("fn distance(e1: vecN<T>, e2: vecN<T>) -> T", T=FLOATS),
        ),
        "Length of e1 - e2. The squares in between may overflow although the result would fit, early in f16.",
    ),
    _pure(
        "dot",
        "numeric",
        (where("fn dot(e1: vecN<T>, e2: vecN<T>) -> T", T=NUMBERS),),
        "Sum of the products of components. It is computed in the component type: a dot product of f16 "
        "vectors accumulates in f16, so convert to f32 first where precision counts.",
    ),
    _pure(
        "dot4U8Packed",
        "numeric",
        ("fn dot4U8Packed(e1: u32, e2: u32) -> u32",),
        "Dot product of four unsigned 8-bit integers packed in each argument, summed in 32 bits (DP4a).",
        requires=_PACKED,
    ),
    _pure(
        "dot4I8Packed",
        "numeric",
        ("fn dot4I8Packed(e1: u32, e2: u32) -> i32",),
        "Dot product of four signed 8-bit integers packed in each argument, summed in 32 bits (DP4a).",
        requires=_PACKED,
    ),
    _map(
        "exp",
        "e to the given power. Overflows f32 above 88.7 and f16 above 11.09: in a softmax subtract the maximum first.",
    ),
    _map("exp2", "2 to the given power; usually the hardware's own exponential and cheaper than `exp`."),
    _pure(
        "faceForward",
        "numeric",
        (where("fn faceForward(e1: vecN<T>, e2: vecN<T>, e3: vecN<T>) -> vecN<T>", T=FLOATS),),
        "e1 if dot(e2, e3) is negative, otherwise -e1.",
    ),
    _map("floor", "Largest whole number not above the argument, as a float."),
    _map2(
        "fma",
        "e1 e2 e3",
        "e1 * e2 + e3. An implementation may round once or twice, so it does not promise a fused operation.",
    ),
    _map("fract", "e - floor(e). May return exactly 1.0 for tiny negative arguments, because of rounding."),
    _pure(
        "frexp",
        "numeric",
        (
            where("fn frexp(e: T) -> __frexp_result<T>", T=FLOATS),
            where("fn frexp(e: vecN<T>) -> __frexp_result_vecN<T>", T=FLOATS),
        ),
        "Splits into a significand `fract` with magnitude in [0.5, 1) or 0, and an integer exponent `exp`: "
        "e = fract * 2^exp. Returns a structure with these two members whose type cannot be written.",
    ),
    _map("inverseSqrt", "1 / sqrt(e), for e above 0."),
    _pure(
        "ldexp",
        "numeric",
        (
            where("fn ldexp(e1: T, e2: I) -> T", T=FLOATS, I="i32|AbstractInt"),
            where("fn ldexp(e1: vecN<T>, e2: vecN<I>) -> vecN<T>", T=FLOATS, I="i32|AbstractInt"),
        ),
        "e1 * 2^e2. The result may be 0 when it would be subnormal; an exponent above 128 for f32 or 16 for "
        "f16 is an error in a constant.",
    ),
    _pure(
        "length",
        "numeric",
        (where("fn length(e: T) -> T", T=FLOATS), where("fn length(e: vecN<T>) -> T", T=FLOATS)),
        "Euclidean length; of a scalar, its absolute value. The sum of squares may overflow, early in f16.",
    ),
    _map(
        "log",
        "Natural logarithm, for arguments above 0. Of 0 it need not be minus infinity.",
    ),
    _map("log2", "Logarithm to base 2, for arguments above 0."),
    _map2(
        "max",
        "e1 e2",
        "The larger value. If one float is a NaN the other may be returned; if both are subnormal, either.",
        domain=NUMBERS,
        anchor="max-float-builtin",
    ),
    _map2(
        "min",
        "e1 e2",
        "The smaller value. If one float is a NaN the other may be returned; if both are subnormal, either.",
        domain=NUMBERS,
        anchor="min-float-builtin",
    ),
    _pure(
        "mix",
        "numeric",
        (
            *scalar_and_vector("fn mix(e1: T, e2: T, e3: T) -> T", FLOATS),
            where("fn mix(e1: vecN<T>, e2: vecN<T>, e3: T) -> vecN<T>", T=FLOATS),
        ),
        "Linear blend e1 * (1 - e3) + e2 * e3; e3 is not limited to [0, 1].",
    ),
    _pure(
        "modf",
        "numeric",
        (
            where("fn modf(e: T) -> __modf_result<T>", T=FLOATS),
            where("fn modf(e: vecN<T>) -> __modf_result_vecN<T>", T=FLOATS),
        ),
        "Splits into the members `fract` and `whole`, both with the sign of the argument. The structure's "
        "type cannot be written.",
    ),
    _pure(
        "normalize",
        "numeric",
        (where("fn normalize(e: vecN<T>) -> vecN<T>", T=FLOATS),),
        "The vector divided by its length. Indeterminate for a vector of length 0.",
    ),
    _map2(
        "pow",
        "e1 e2",
        "e1 to the power e2, computed as exp2(e2 * log2(e1)): a negative base gives no number.",
    ),
    _pure(
        "quantizeToF16",
        "numeric",
        ("fn quantizeToF16(e: f32) -> f32", "fn quantizeToF16(e: vecN<f32>) -> vecN<f32>"),
        "Rounds an f32 to a value that f16 can hold, staying f32; needs no extension. Values beyond 65504 "
        "are an error for a constant and indeterminate at run time.",
    ),
    _map("radians", "Converts degrees to radians."),
    _pure(
        "reflect",
        "numeric",
        (where("fn reflect(e1: vecN<T>, e2: vecN<T>) -> vecN<T>", T=FLOATS),),
        "Reflects direction e1 at the surface with unit normal e2: e1 - 2 * dot(e2, e1) * e2.",
    ),
    _pure(
        "refract",
        "numeric",
        (where("fn refract(e1: vecN<T>, e2: vecN<T>, e3: T) -> vecN<T>", T=FLOATS),),
        "Refracts unit direction e1 at the surface with unit normal e2 and ratio of indices e3; the zero "
        "vector in case of total reflection.",
    ),
    _map("round", "Nearest whole number; a value halfway goes to the even one (round(2.5) is 2)."),
    _map("saturate", "Limits a float to [0, 1].", anchor="saturate-float-builtin"),
    _map("sign", "1, 0 or -1, in the type of the argument.", domain=SIGNED_NUMBERS),
    _map("sin", "Sine of an angle in radians. Accuracy is promised only within [-π, π]."),
    _map("sinh", "Hyperbolic sine; overflows f32 beyond about 89 and f16 beyond about 11.8."),
    _map2(
        "smoothstep",
        "edge0 edge1 x",
        "Smooth cubic step from 0 at edge0 to 1 at edge1. Equal edges are an error for constants.",
    ),
    _map("sqrt", "Square root, for arguments of at least 0."),
    _map2("step", "edge x", "1 where edge <= x, otherwise 0; note that the edge comes first."),
    _map("tan", "Tangent of an angle in radians."),
    _map("tanh", "Hyperbolic tangent. Some drivers overflow for large arguments; clamp them in a GELU."),
    _pure(
        "transpose",
        "numeric",
        (where("fn transpose(e: matCxR<T>) -> matRxC<T>", T=FLOATS),),
        "The matrix with rows and columns exchanged.",
    ),
    _map("trunc", "The whole part, rounding towards 0, as a float."),
)

BITS = (
    _map("countLeadingZeros", "Number of zero bits above the highest one bit; 32 for 0.", domain=INTEGERS),
    _map("countOneBits", "Number of one bits (population count).", domain=INTEGERS),
    _map("countTrailingZeros", "Number of zero bits below the lowest one bit; 32 for 0.", domain=INTEGERS),
    _pure(
        "extractBits",
        "numeric",
        (
            where("fn extractBits(e: T, offset: u32, count: u32) -> T", T=INTEGERS),
            where("fn extractBits(e: vecN<T>, offset: u32, count: u32) -> vecN<T>", T=INTEGERS),
        ),
        "`count` bits from bit `offset` upwards; an i32 is sign-extended, a u32 filled with zeros. "
        "offset + count above 32 is an error for constants, otherwise clamped.",
        "extractBits-signed-builtin",
    ),
    _map(
        "firstLeadingBit",
        "Position of the highest one bit; for a negative i32 the highest zero bit. All ones (-1) if there is none.",
        domain=INTEGERS,
        anchor="firstLeadingBit-signed-builtin",
    ),
    _map("firstTrailingBit", "Position of the lowest one bit; all ones (-1) for 0.", domain=INTEGERS),
    _pure(
        "insertBits",
        "numeric",
        (
            where("fn insertBits(e: T, newbits: T, offset: u32, count: u32) -> T", T=INTEGERS),
            where("fn insertBits(e: vecN<T>, newbits: vecN<T>, offset: u32, count: u32) -> vecN<T>", T=INTEGERS),
        ),
        "e with `count` bits from bit `offset` upwards replaced by the low bits of newbits. offset + count "
        "above 32 is an error for constants, otherwise clamped.",
    ),
    _map("reverseBits", "The 32 bits in reverse order.", domain=INTEGERS),
)

PACKING = (
    _pack(
        "pack4x8snorm",
        "vec4<f32>",
        "Four floats in [-1, 1] to four signed bytes (times 127, rounded), the first in the lowest byte.",
    ),
    _pack(
        "pack4x8unorm",
        "vec4<f32>",
        "Four floats in [0, 1] to four bytes (times 255, rounded), the first in the lowest byte.",
    ),
    _pack(
        "pack4xI8",
        "vec4<i32>",
        "The low 8 bits of four signed integers, the first in the lowest byte; higher bits are dropped.",
        _PACKED,
    ),
    _pack(
        "pack4xU8",
        "vec4<u32>",
        "The low 8 bits of four unsigned integers, the first in the lowest byte; higher bits are dropped.",
        _PACKED,
    ),
    _pack(
        "pack4xI8Clamp",
        "vec4<i32>",
        "Four integers limited to [-128, 127] and packed, the first in the lowest byte.",
        _PACKED,
    ),
    _pack(
        "pack4xU8Clamp",
        "vec4<u32>",
        "Four integers limited to [0, 255] and packed, the first in the lowest byte.",
        _PACKED,
    ),
    _pack(
        "pack2x16snorm",
        "vec2<f32>",
        "Two floats in [-1, 1] to two signed 16-bit integers (times 32767), the first in the low half.",
    ),
    _pack(
        "pack2x16unorm",
        "vec2<f32>",
        "Two floats in [0, 1] to two 16-bit integers (times 65535), the first in the low half.",
    ),
    _pack(
        "pack2x16float",
        "vec2<f32>",
        "Two floats rounded to f16, the first in the low half; works without the f16 "
        "extension. A value beyond the f16 range is an error for a constant and otherwise indeterminate.",
    ),
)

UNPACKING = (
    _unpack(
        "unpack4x8snorm",
        "vec4<f32>",
        "Four signed bytes to floats in [-1, 1]: max(byte / 127, -1), the lowest byte first.",
    ),
    _unpack("unpack4x8unorm", "vec4<f32>", "Four bytes to floats in [0, 1]: byte / 255, the lowest byte first."),
    _unpack("unpack4xI8", "vec4<i32>", "Four signed bytes, sign-extended, the lowest byte first.", _PACKED),
    _unpack("unpack4xU8", "vec4<u32>", "Four unsigned bytes, the lowest byte first.", _PACKED),
    _unpack("unpack2x16snorm", "vec2<f32>", "Two signed 16-bit integers to floats in [-1, 1], the low half first."),
    _unpack("unpack2x16unorm", "vec2<f32>", "Two 16-bit integers to floats in [0, 1], the low half first."),
    _unpack(
        "unpack2x16float",
        "vec2<f32>",
        "Two f16 in one u32 to f32, the low half first; works without the f16 "
        "extension. The usual way to read f16 data from a buffer of u32.",
    ),
)

NUMERIC_FUNCTIONS: tuple[BuiltinFunction, ...] = (
    *LOGICAL,
    *BIT_REINTERPRETATION,
    *NUMERIC,
    *BITS,
    *PACKING,
    *UNPACKING,
)
