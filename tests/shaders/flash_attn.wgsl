// FlashAttention with matrix units: the two products are done with subgroup matrices of SG_MAT_M x SG_MAT_N
// results over SG_MAT_K, everything between them as in the tile kernel.
// Workgroups: (ceil(n_queries / SG_MAT_M), n_heads, n_batches).
//
// KV_TILE is a multiple of SG_MAT_N and SG_MAT_K, HEAD_DIM_QK of SG_MAT_K, HEAD_DIM_V of SG_MAT_N. With
// K_DIRECT or V_DIRECT matrices are loaded from the f16 buffers, so n_keys must be a multiple of KV_TILE.

diagnostic(off, chromium.subgroup_matrix_uniformity);

#define HEAD_DIM_QK 64
#define HEAD_DIM_V 64
#define SG_MAT_M 16
#define SG_MAT_N 16
#define SG_MAT_K 16
#define KV_TILE 32
#define WG_SIZE 64

#define Q_TILE SG_MAT_M
#define MATRIX_UNITS
#define SCALAR_KV
#define SCALAR_TILES
#define STAGE_F16

#include "element_types.tmpl"
enable subgroups;
enable chromium_experimental_subgroup_matrix;

// What products are summed in.
#ifdef ACCUMULATE_F16
#define SUM_TYPE f16
#else
#define SUM_TYPE f32
#endif

#include "attention_interface.tmpl"
#include "kv_readers.tmpl"
#include "kv_stages.tmpl"
#include "score_terms.tmpl"

var<workgroup> query_tile: array<f16, Q_TILE * HEAD_DIM_QK>;
var<workgroup> output_tile: array<SUM_TYPE, Q_TILE * HEAD_DIM_V>;
var<workgroup> scores: array<SUM_TYPE, Q_TILE * KV_TILE>;
var<workgroup> weights: array<f16, Q_TILE * KV_TILE>;

#define SCORE_TILE scores
#define WEIGHT_TILE weights
#define WEIGHT_TYPE f16
#include "online_softmax.tmpl"

// subgroup_matrix types count columns first.
alias Left = subgroup_matrix_left<f16, SG_MAT_K, SG_MAT_M>;
alias Right = subgroup_matrix_right<f16, SG_MAT_N, SG_MAT_K>;
alias Result = subgroup_matrix_result<SUM_TYPE, SG_MAT_N, SG_MAT_M>;

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
        for (var part = 0u; part < 4u; part += 1u) {
            query_tile[index * 4u + part] = f16(four[part]);
        }
    }
    for (var index = thread; index < Q_TILE * HEAD_DIM_V; index += WG_SIZE) {
        output_tile[index] = 0.0;
    }

    for (var first_key = 0u; first_key < params.n_keys; first_key += KV_TILE) {
        let n_rows = min(KV_TILE, params.n_keys - first_key);
        let first_key_element = key_base(batch, head) + first_key * params.k_row_stride;
        let first_value_element = value_base(batch, head) + first_key * params.v_row_stride;

        workgroupBarrier();
#ifndef K_DIRECT
        stage_keys(thread, first_key_element, params.k_row_stride, n_rows);
        workgroupBarrier();
#endif

        // Scores: Q times K transposed, so the rows of K are the columns of the right matrix.
        for (var column = subgroup * SG_MAT_N; column < KV_TILE; column += n_subgroups * SG_MAT_N) {
            var sum = Result();
            for (var inner = 0u; inner < HEAD_DIM_QK; inner += SG_MAT_K) {
                let left = subgroupMatrixLoad<Left>(&query_tile, inner, false, HEAD_DIM_QK);
#ifdef K_DIRECT
                let right = subgroupMatrixLoad<Right>(
                    &keys, first_key_element + column * params.k_row_stride + inner, true, params.k_row_stride);
#else
                let right = subgroupMatrixLoad<Right>(
                    &kv_tile, column * HEAD_DIM_QK + inner, true, HEAD_DIM_QK);
#endif
                sum = subgroupMatrixMultiplyAccumulate(left, right, sum);
            }
            subgroupMatrixStore(&scores, column, sum, false, KV_TILE);
        }
        workgroupBarrier();

        for (var index = thread; index < Q_TILE * KV_TILE; index += WG_SIZE) {
            let query = first_query + index / KV_TILE;
            let key = index % KV_TILE;
            if (key < n_rows && query < params.n_queries) {
                scores[index] = SUM_TYPE(logit(f32(scores[index]), batch, head, query, first_key + key));
            }
        }
#ifndef V_DIRECT
        stage_values(thread, first_value_element, params.v_row_stride, n_rows);
#endif
        workgroupBarrier();

        for (var turn = 0u; turn < n_turns; turn += 1u) {
            absorb_scores(subgroup + turn * n_subgroups, n_rows, lane, n_lanes);
        }
        workgroupBarrier();

        for (var index = thread; index < Q_TILE * HEAD_DIM_V; index += WG_SIZE) {
            output_tile[index] = output_tile[index] * SUM_TYPE(row_decay[index / HEAD_DIM_V]);
        }
        workgroupBarrier();

        for (var column = subgroup * SG_MAT_N; column < HEAD_DIM_V; column += n_subgroups * SG_MAT_N) {
            var sum = subgroupMatrixLoad<Result>(&output_tile, column, false, HEAD_DIM_V);
            for (var inner = 0u; inner < KV_TILE; inner += SG_MAT_K) {
                let left = subgroupMatrixLoad<Left>(&weights, inner, false, KV_TILE);
#ifdef V_DIRECT
                let right = subgroupMatrixLoad<Right>(
                    &V_BUFFER, first_value_element + inner * params.v_row_stride + column, false,
                    params.v_row_stride);
#else
                let right = subgroupMatrixLoad<Right>(&kv_tile, inner * HEAD_DIM_V + column, false, HEAD_DIM_V);
#endif
                sum = subgroupMatrixMultiplyAccumulate(left, right, sum);
            }
            subgroupMatrixStore(&output_tile, column, sum, false, HEAD_DIM_V);
        }
    }

    workgroupBarrier();
    for (var index = thread; index < Q_TILE * V_CHUNKS; index += WG_SIZE) {
        let row = index / V_CHUNKS;
        let query = first_query + row;
        if (query < params.n_queries) {
            let place = output_row(batch, query, head) * V_CHUNKS + index % V_CHUNKS;
            let four = vec4<f32>(
                f32(output_tile[index * 4u]),
                f32(output_tile[index * 4u + 1u]),
                f32(output_tile[index * 4u + 2u]),
                f32(output_tile[index * 4u + 3u]));
            outputs[place] = vec4<DST_TYPE>(four * final_factor(row, head));
        }
    }
}
