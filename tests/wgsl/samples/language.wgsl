/* A block comment /* with one inside */ and more. */
requires pointer_composite_access;
;
alias Number = f32;
alias Pair = vec2<Number>;

const_assert 1 + 1 == 2;
const BIG = 1 << 40;
const HEX = 0x1Fu + 0XAu;
const HEX_FLOAT = 0x1.8p+3f;
const TINY = 1e-3;
const POINT = .5;
const LATE = EARLY + 1;
const EARLY = 41;
const TABLE = array(1, 2, 3);
const MATRIX = mat2x2(1, 2, 3, 4);
const CORNER = MATRIX[1][0];
const PICKED = TABLE[1] + vec3(4, 5, 6).zyx.x;
const LESS = 3 < 4;
const NARROW: array<f32, select(2, 3, LESS)> = array<f32, 3>();

struct Inner {
    a: i32,
    b: array<vec3<f32>, 2>
}
struct Outer { inner: Inner, flags: vec4<bool>, last: mat3x2f, }

var<private> state: Outer;
var<private> numbers: array<u32, 4> = array(1u, 2u, 3u, 4u);

@must_use
fn twice(x: Number) -> Number { return x + x; }

fn nothing() {}

fn through(p: ptr<function, Outer>, q: ptr<private, u32>) -> f32 {
    (*p).inner.a = 1;
    p.inner.b[1].y += 2.5;
    *q = *q + 1u;
    let inner = &p.inner;
    return (*inner).b[0].x + inner.b[1].z;
}

fn templates(a: i32, b: i32, c: i32) -> bool {
    let compared = a < b && c > (a);
    let shifted = vec2<i32>(a, b) >> vec2<u32>(1, 2);
    var nested: array<vec4<f32>,2>= array<vec4<f32>,2>();
    nested[0].x = f32(shifted.x);
    return compared == (nested[0].x>=f32(c));
}

fn numbers_of(kind: i32) -> i32 {
    var result = 0;
    switch kind {
        case 0: { result = 1; }
        case 1, 2, { result = 2; }
        case (3), default { result -= 1; }
    }
    switch (result) {
        default: {}
    }
    @diagnostic(off, derivative_uniformity)
    while result < 10 {
        result++;
        if result == 7 { continue; }
    }
    for (;;) { result--; if (result < 0) { break; } }
    for (var i = 0i; i < 3; i++) { let result = i; _ = result; }
    {
        let result = 2.5;
        _ = twice(result);
    }
    return result;
}

@compute @workgroup_size(1)
fn everything(@builtin(num_workgroups) groups: vec3<u32>) {
    var local: Outer;
    nothing();
    let value = through(&local, &numbers[1]);
    let parts = modf(value);
    let split = frexp(vec2(value, 1));
    let bits = bitcast<vec2<u32>>(Pair(parts.fract, split.fract.x));
    let many = vec4(bits, groups.xy);
    let negated = - -i32(many.x) + i32(~many.y);
    let mixed = !(value < 1 || value > 2) & true;
    let combined = (many | vec4(1u)) ^ many.wzyx;
    let product = state.last * vec3f(1, 2, 3);
    let outer = transpose(state.last) * product;
    let scaled = 2 * product / 3.0;
    let exponent = split.exp.y;
    let rounded = i32(round(outer.x)) + exponent;
    var copy = TABLE;
    copy[rounded & 1] = i32(negated);
    let untyped = vec3(true, false, rounded == 0 && mixed);
    numbers[0] = combined.x + u32(scaled.x) + HEX;
    state.flags = vec4<bool>(mixed, false, untyped.x, templates(1, 2, 3));
    state.inner.b[0] = vec3(f32(numbers_of(LATE)), twice(TINY), POINT);
}
