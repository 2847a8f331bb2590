diagnostic(off, subgroup_uniformity);
enable f16, subgroups;
requires readonly_and_readwrite_storage_textures;

// A tile of scores is kept in workgroup memory; one row belongs to one subgroup.
struct Sizes {
    rows: u32,
    columns: u32,
    scale: f32,
    @align(16) origin: vec3<f32>,
    @size(32) cap: f32,
    tail: vec2<f16>,
}

const TILE = 8u;
const WIDTH: u32 = TILE * (2 + 2);
override lanes: u32 = 32;
@id(3) override use_cap: bool = true;
override bias = 0.25;

@group(0) @binding(0) var<storage, read> source: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read_write> destination: array<f32>;
@group(0) @binding((1 + 1)) var<uniform> sizes: Sizes;
@group(1) @binding(0) var<storage, read_write> counters: array<atomic<u32>, 4>;

var<workgroup> scores: array<f32, TILE * WIDTH>;
var<workgroup> rows_done: atomic<u32>;
var<workgroup> halves: array<array<f16, 3>, 5>;
var<private> seed = 1u;

fn unpack(word: u32, index: u32) -> u32 {
    return (word >> (index * 8u)) & 0xFFu;
}

fn capped(x: f32) -> f32 {
    if use_cap {
        return sizes.cap * tanh(x / sizes.cap);
    } else if (sizes.scale > 0.0) {
        return x * sizes.scale;
    }
    return select(x, -x, x < 0);
}

fn add_to(slot: ptr<workgroup, f32>, amount: f32) {
    *slot += amount;
}

@compute @workgroup_size(lanes, 1, 2)
fn main(
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(workgroup_id) group: vec3u,
    @builtin(subgroup_size) subgroup_width: u32,
    @builtin(subgroup_invocation_id) lane: u32,
) {
    let row = group.x * TILE + local.y;
    var total = 0.0;
    for (var i = lane; i < WIDTH; i += subgroup_width) {
        let quad = source[row * WIDTH + i];
        let wide = vec4<f32>(quad);
        total += dot(wide, wide.wzyx) + f32(quad.x);
        scores[local.y * WIDTH + i] = capped(total);
    }
    let sum = subgroupAdd(total);
    let best = subgroupMax(max(total, bias));
    workgroupBarrier();
    if (lane == 0u) {
        atomicAdd(&rows_done, 1u);
        let swapped = atomicCompareExchangeWeak(&counters[local.z], 0u, row);
        if (!swapped.exchanged) { seed ^= swapped.old_value; }
    }
    let spread = abs(sizes.origin.xy - vec2(1, 0.5));
    halves[row % 5][1] = f16(spread.x) + 1h;
    let slot = &scores[local.y];
    add_to(slot, best);
    loop {
        if seed > 10 { break; }
        seed++;
        continuing {
            seed = seed << 1;
            break if seed > 1000u;
        }
    }
    let first = destination[0];
    let count = arrayLength(&destination);
    destination[row % count] = sum + first + f32(unpack(seed, 1)) + f32(halves[0][1]);
}
