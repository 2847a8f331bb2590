// FlashAttention for few queries: the keys of one row are cut into params.n_splits parts, one workgroup each.
// It writes unnormalised sums with their maximum and denominator; flash_attn_vec_reduce.wgsl joins them.
// Workgroups: (n_splits, n_queries, n_heads * n_batches). WG_SIZE * 4 >= HEAD_DIM_V.

#define HEAD_DIM_QK 64
#define HEAD_DIM_V 64
#define KV_TILE 16
#define WG_SIZE 64
#define SPLIT_KV

#include "element_types.tmpl"
enable subgroups;

#include "attention_interface.tmpl"
#include "kv_readers.tmpl"
#include "kv_stages.tmpl"
#include "score_terms.tmpl"

// So many threads add to the same four output elements, each for other keys.
const N_PARTS: u32 = WG_SIZE / V_CHUNKS;

var<workgroup> query_row: array<vec4<f32>, QK_CHUNKS>;
var<workgroup> scores: array<f32, KV_TILE>;
var<workgroup> weights: array<f32, KV_TILE>;
var<workgroup> part_sums: array<vec4<f32>, N_PARTS * V_CHUNKS>;

@compute @workgroup_size(WG_SIZE)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(num_subgroups) n_subgroups: u32,
    @builtin(subgroup_invocation_id) lane: u32,
    @builtin(subgroup_size) n_lanes: u32,
) {
    let split = group.x;
    let query = group.y;
    let head = group.z % params.n_heads;
    let batch = group.z / params.n_heads;
    let keys_per_split = (params.n_keys + params.n_splits - 1u) / params.n_splits;
    let begin = min(split * keys_per_split, params.n_keys);
    let end = min(begin + keys_per_split, params.n_keys);
    let n_turns = (KV_TILE + n_subgroups - 1u) / n_subgroups;

    for (var chunk = thread; chunk < QK_CHUNKS; chunk += WG_SIZE) {
        let element = query_base(batch, head) + query * params.q_row_stride + chunk * 4u;
        query_row[chunk] = vec4<f32>(queries[element / 4u]);
    }

    // All threads carry the same maximum and denominator.
    var best = LOWEST;
    var total = 0.0;
    let part = thread / V_CHUNKS;
    let my_chunk = thread % V_CHUNKS;
    var sum = vec4<f32>(0.0);

    for (var first_key = begin; first_key < end; first_key += KV_TILE) {
        let n_rows = min(KV_TILE, end - first_key);
        let first_key_element = key_base(batch, head) + first_key * params.k_row_stride;
        let first_value_element = value_base(batch, head) + first_key * params.v_row_stride;

        workgroupBarrier();
#ifndef K_DIRECT
        stage_keys(thread, first_key_element, params.k_row_stride, n_rows);
        workgroupBarrier();
#endif

        // One key per subgroup and turn; its lanes share the row.
        for (var turn = 0u; turn < n_turns; turn += 1u) {
            let key = subgroup + turn * n_subgroups;
            var product = 0.0;
            if (key < n_rows) {
                for (var chunk = lane; chunk < QK_CHUNKS; chunk += n_lanes) {
#ifdef K_DIRECT
                    let four = read_key(first_key_element + key * params.k_row_stride + chunk * 4u);
#else
                    let four = vec4<f32>(kv_tile[key * QK_CHUNKS + chunk]);
#endif
                    product += dot(query_row[chunk], four);
                }
            }
            product = subgroupAdd(product);
            if (key < n_rows && lane == 0u) {
                scores[key] = logit(product, batch, head, query, first_key + key);
            }
        }
        workgroupBarrier();

#ifndef V_DIRECT
        stage_values(thread, first_value_element, params.v_row_stride, n_rows);
#endif
        let known = best;
        for (var key = 0u; key < n_rows; key += 1u) {
            best = max(best, scores[key]);
        }
        for (var key = thread; key < n_rows; key += WG_SIZE) {
            weights[key] = exp(scores[key] - best);
        }
        workgroupBarrier();

        let decay = exp(known - best);
        total *= decay;
        sum *= decay;
        for (var key = 0u; key < n_rows; key += 1u) {
            total += weights[key];
        }
        if (part < N_PARTS) {
            for (var key = part; key < n_rows; key += N_PARTS) {
#ifdef V_DIRECT
                let four = read_value(first_value_element + key * params.v_row_stride + my_chunk * 4u);
#else
                let four = vec4<f32>(kv_tile[key * V_CHUNKS + my_chunk]);
#endif
                sum += weights[key] * four;
            }
        }
    }

    if (part < N_PARTS) {
        part_sums[thread] = sum;
    }
    workgroupBarrier();

    let place = output_row(batch, query, head) * params.n_splits + split;
    if (thread < V_CHUNKS) {
        for (var other = 1u; other < N_PARTS; other += 1u) {
            sum += part_sums[other * V_CHUNKS + thread];
        }
        partial_outputs[place * V_CHUNKS + thread] = sum;
    }
    if (thread == 0u) {
        partial_stats[place] = vec2<f32>(best, total);
    }
}
