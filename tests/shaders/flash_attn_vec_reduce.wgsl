// Joins what flash_attn_vec_split.wgsl wrote for the parts of each row, and divides by the denominator.
// Workgroups: (n_queries, n_heads, n_batches).

#define HEAD_DIM_V 64
#define WG_SIZE 32

#include "element_types.tmpl"
enable subgroups;

struct ReduceParams {
    n_queries: u32,
    n_heads: u32,
    n_splits: u32,
}

@group(0) @binding(0) var<uniform> params: ReduceParams;
@group(0) @binding(1) var<storage, read> partial_outputs: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> partial_stats: array<vec2<f32>>;
#ifdef SINKS
#define OUTPUT_BINDING 4
@group(0) @binding(3) var<storage, read> sinks: array<f32>;
#else
#define OUTPUT_BINDING 3
#endif
@group(0) @binding(OUTPUT_BINDING) var<storage, read_write> outputs: array<vec4<DST_TYPE>>;

const V_CHUNKS: u32 = HEAD_DIM_V / 4u;
const LOWEST: f32 = -1.0e30;

@compute @workgroup_size(WG_SIZE)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
    @builtin(subgroup_invocation_id) lane: u32,
    @builtin(subgroup_size) n_lanes: u32,
) {
    let head = group.y;
    let row = (group.z * params.n_queries + group.x) * params.n_heads + head;
    let first = row * params.n_splits;

    // Every subgroup works out the statistics of the row for itself: no barrier needed.
    var best = LOWEST;
    for (var split = lane; split < params.n_splits; split += n_lanes) {
        best = max(best, partial_stats[first + split].x);
    }
    best = subgroupMax(best);
#ifdef SINKS
    best = max(best, sinks[head]);
#endif
    var total = 0.0;
    for (var split = lane; split < params.n_splits; split += n_lanes) {
        let stats = partial_stats[first + split];
        total += stats.y * exp(stats.x - best);
    }
    total = subgroupAdd(total);
#ifdef SINKS
    total += exp(sinks[head] - best);
#endif
    let factor = select(0.0, 1.0 / total, total > 0.0);

    for (var chunk = thread; chunk < V_CHUNKS; chunk += WG_SIZE) {
        var sum = vec4<f32>(0.0);
        for (var split = 0u; split < params.n_splits; split += 1u) {
            let decay = exp(partial_stats[first + split].x - best);
            sum += decay * partial_outputs[(first + split) * V_CHUNKS + chunk];
        }
        outputs[row * V_CHUNKS + chunk] = vec4<DST_TYPE>(sum * factor);
    }
}
