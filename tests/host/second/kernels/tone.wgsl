#if TILE == 16
enable f16;
#endif

#ifdef PACKED
const step = 4u;
#else
const step = 1u;
#endif
@group(0) @binding(0) var<storage, read> source: array<IN>;
@group(0) @binding(1) var<storage, read_write> result: array<OUT>;

@compute @workgroup_size(TILE, TILE)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let place = id.x * step + DITHER;
    _ = &source[place];
    _ = &result[place];
}
