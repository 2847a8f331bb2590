// FlashAttention with subgroups and without matrix units: a workgroup computes Q_TILE rows of one head, and
// takes in KV_TILE keys at a time. Workgroups: (ceil(n_queries / Q_TILE), n_heads, n_batches).

#define HEAD_DIM_QK 64
#define HEAD_DIM_V 64
#define Q_TILE 4
#define KV_TILE 32
#define WG_SIZE 64

#include "element_types.tmpl"
enable subgroups;

#include "attention_interface.tmpl"
#include "kv_readers.tmpl"
#include "kv_stages.tmpl"
#include "score_terms.tmpl"

var<workgroup> query_tile: array<vec4<f32>, Q_TILE * QK_CHUNKS>;
var<workgroup> output_tile: array<vec4<f32>, Q_TILE * V_CHUNKS>;
var<workgroup> scores: array<f32, Q_TILE * KV_TILE>;

#define SCORE_TILE scores
#define WEIGHT_TILE scores
#define WEIGHT_TYPE f32
#include "online_softmax.tmpl"

@compute @workgroup_size(WG_SIZE)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(num_subgroups) n_subgroups: u32,
    @builtin(subgroup_invocation_id) lane: u32,
    @builtin(subgroup_size) n_lanes: u32,
) {
    let first_query = group.x * Q_TILE;
    let head = group.y;
    let batch = group.z;
    let n_turns = (Q_TILE + n_subgroups - 1u) / n_subgroups;

    start_rows(thread);
    for (var index = thread; index < Q_TILE * QK_CHUNKS; index += WG_SIZE) {
        let query = first_query + index / QK_CHUNKS;
        var four = vec4<f32>(0.0);
        if (query < params.n_queries) {
            let element = query_base(batch, head) + query * params.q_row_stride + (index % QK_CHUNKS) * 4u;
            four = vec4<f32>(queries[element / 4u]);
        }
        query_tile[index] = four;
    }
    for (var index = thread; index < Q_TILE * V_CHUNKS; index += WG_SIZE) {
        output_tile[index] = vec4<f32>(0.0);
    }

    for (var first_key = 0u; first_key < params.n_keys; first_key += KV_TILE) {
        let n_rows = min(KV_TILE, params.n_keys - first_key);
        let first_key_element = key_base(batch, head) + first_key * params.k_row_stride;
        let first_value_element = value_base(batch, head) + first_key * params.v_row_stride;

        // The last round may still read the tile that is filled now.
        workgroupBarrier();
#ifndef K_DIRECT
        stage_keys(thread, first_key_element, params.k_row_stride, n_rows);
        workgroupBarrier();
#endif

        for (var index = thread; index < Q_TILE * KV_TILE; index += WG_SIZE) {
            let row = index / KV_TILE;
            let key = index % KV_TILE;
            let query = first_query + row;
            if (key < n_rows && query < params.n_queries) {
                var product = 0.0;
                for (var chunk = 0u; chunk < QK_CHUNKS; chunk += 1u) {
#ifdef K_DIRECT
                    let four = read_key(first_key_element + key * params.k_row_stride + chunk * 4u);
#else
                    let four = vec4<f32>(kv_tile[key * QK_CHUNKS + chunk]);
#endif
                    product += dot(query_tile[row * QK_CHUNKS + chunk], four);
                }
                scores[index] = logit(product, batch, head, query, first_key + key);
            } else {
                scores[index] = LOWEST;
            }
        }
        workgroupBarrier();

#ifndef V_DIRECT
        stage_values(thread, first_value_element, params.v_row_stride, n_rows);
#endif
        for (var turn = 0u; turn < n_turns; turn += 1u) {
            absorb_scores(subgroup + turn * n_subgroups, n_rows, lane, n_lanes);
        }
        workgroupBarrier();

        for (var index = thread; index < Q_TILE * V_CHUNKS; index += WG_SIZE) {
            let row = index / V_CHUNKS;
            let chunk = index % V_CHUNKS;
            var sum = output_tile[index] * row_decay[row];
            for (var key = 0u; key < n_rows; key += 1u) {
#ifdef V_DIRECT
                let four = read_value(first_value_element + key * params.v_row_stride + chunk * 4u);
#else
                let four = vec4<f32>(kv_tile[key * V_CHUNKS + chunk]);
#endif
                sum += scores[row * KV_TILE + key] * four;
            }
            output_tile[index] = sum;
        }
    }

    workgroupBarrier();
    for (var index = thread; index < Q_TILE * V_CHUNKS; index += WG_SIZE) {
        let row = index / V_CHUNKS;
        let query = first_query + row;
        if (query < params.n_queries) {
            let place = output_row(batch, query, head) * V_CHUNKS + index % V_CHUNKS;
            outputs[place] = vec4<DST_TYPE>(output_tile[index] * final_factor(row, head));
        }
    }
}
