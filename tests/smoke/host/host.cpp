// A small host of the ggml kind: two operations, a gate, a dispatch, and buffers that tensors lie in.
// Nothing of it is ever compiled; tests change it and read it.
#include "ggml.h"
#include "pre_wgsl.hpp"
#include <webgpu/webgpu_cpp.h>

#define CEIL_DIV(M, N) (((M) + (N) - 1) / (N))
#define SLOT_BYTES     64

struct toy_pipeline {
    wgpu::ComputePipeline pipeline;
    std::string           name;
    uint32_t              wg_size = 0;
};

struct toy_dispatch {
    toy_pipeline                      pipeline;
    std::vector<uint32_t>             params;
    std::vector<wgpu::BindGroupEntry> entries;
    std::pair<uint32_t, uint32_t>     groups = { 1, 1 };
};

struct toy_context_struct {
    wgpu::Device           device;
    wgpu::Queue            queue;
    wgpu::Limits           limits;
    wgpu::Buffer           params;
    wgpu::ComputePassEncoder pass;
    pre_wgsl::Preprocessor preprocessor;
    uint32_t               next = 0;
};

typedef std::shared_ptr<toy_context_struct> toy_context;

static void * const toy_base = (void *) (uintptr_t) 0x2000;

static void * toy_buffer_get_base(ggml_backend_buffer_t buffer) {
    return toy_base;
}

static toy_context toy_make_context(ggml_backend_dev_t dev) {
    toy_context            ctx = std::make_shared<toy_context_struct>();
    wgpu::BufferDescriptor desc;
    desc.size   = SLOT_BYTES * 8;
    desc.label  = "parameters";
    ctx->params = ctx->device.CreateBuffer(&desc);
    return ctx;
}

static size_t toy_buffer_type_get_alloc_size(ggml_backend_buffer_type_t type, const ggml_tensor * tensor) {
    return ggml_nbytes(tensor);
}

static size_t toy_offset(const ggml_tensor * t) {
    const ggml_tensor * base = t->view_src ? t->view_src : t;
    return (size_t) ((uintptr_t) base->data - (uintptr_t) toy_base) + t->view_offs;
}

static uint32_t toy_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static wgpu::BindGroupEntry toy_entry(toy_context & ctx, uint32_t binding, ggml_tensor * t) {
    const size_t         step   = ctx->limits.minStorageBufferOffsetAlignment;
    const size_t         offset = toy_offset(t) & ~(step - 1);
    wgpu::BindGroupEntry entry  = {};
    entry.binding               = binding;
    entry.buffer                = ((toy_buffer *) t->buffer->context)->buffer;
    entry.offset                = offset;
    entry.size                  = (toy_offset(t) - offset + ggml_nbytes(t) + 3) & ~3;
    return entry;
}

static uint32_t toy_start(toy_context & ctx, ggml_tensor * t) {
    return (uint32_t) ((toy_offset(t) & (ctx->limits.minStorageBufferOffsetAlignment - 1)) / ggml_type_size(t->type));
}

static toy_pipeline toy_make_pipeline(toy_context & ctx, const std::string & code, const char * label, uint32_t size) {
    wgpu::ShaderSourceWGSL source;
    source.code = code.c_str();
    wgpu::ShaderModuleDescriptor module_desc;
    module_desc.nextInChain = &source;
    wgpu::ComputePipelineDescriptor desc;
    desc.label              = label;
    desc.compute.module     = ctx->device.CreateShaderModule(&module_desc);
    desc.compute.entryPoint = "main";
    return { ctx->device.CreateComputePipeline(&desc), label, size };
}

static void toy_submit(toy_context & ctx, const std::vector<toy_dispatch> & work) {
    for (size_t i = 0; i < work.size(); i++) {
        const size_t offset = SLOT_BYTES * ctx->next++;
        GGML_ASSERT(work[i].params.size() * sizeof(uint32_t) <= SLOT_BYTES);
        std::vector<wgpu::BindGroupEntry> entries = work[i].entries;
        wgpu::BindGroupEntry              entry   = {};
        entry.binding                             = entries.size();
        entry.buffer                              = ctx->params;
        entry.offset                              = offset;
        entry.size                                = SLOT_BYTES;
        entries.push_back(entry);
        wgpu::BindGroupDescriptor desc;
        desc.entries = entries.data();
        ctx->queue.WriteBuffer(ctx->params, offset, work[i].params.data(), work[i].params.size() * sizeof(uint32_t));
        ctx->pass.SetPipeline(work[i].pipeline.pipeline);
        ctx->pass.SetBindGroup(0, ctx->device.CreateBindGroup(&desc));
        ctx->pass.DispatchWorkgroups(work[i].groups.first, work[i].groups.second, 1);
    }
}

static void toy_binary(toy_context & ctx, ggml_tensor * a, ggml_tensor * b, ggml_tensor * dst) {
    std::vector<std::string> defines;
    const uint32_t           size = 64;
    defines.push_back("WG_SIZE=" + std::to_string(size));
    defines.push_back(dst->op == GGML_OP_ADD ? "OP=+" : "OP=*");
    toy_pipeline pipeline =
        toy_make_pipeline(ctx, ctx->preprocessor.preprocess(wgsl_binary, defines), "binary", size);
    const uint32_t n = (uint32_t) ggml_nelements(dst);
    std::vector<uint32_t> params = { n, toy_start(ctx, a), toy_start(ctx, b), toy_start(ctx, dst),
                                     (uint32_t) (a->nb[1] / ggml_type_size(a->type)), (uint32_t) a->ne[0],
                                     (uint32_t) (b->nb[1] / ggml_type_size(b->type)), (uint32_t) b->ne[0],
                                     (uint32_t) ggml_nrows(b) };
    toy_submit(ctx, { { pipeline, params, { toy_entry(ctx, 0, a), toy_entry(ctx, 1, b), toy_entry(ctx, 2, dst) },
                        { CEIL_DIV(n, size), 1 } } });
}

static void toy_scale(toy_context & ctx, ggml_tensor * a, ggml_tensor * dst) {
    std::vector<std::string> defines = { "WG_SIZE=32" };
    toy_pipeline pipeline = toy_make_pipeline(ctx, ctx->preprocessor.preprocess(wgsl_scale, defines), "scale", 32);
    std::vector<uint32_t> params = { (uint32_t) a->ne[0], (uint32_t) (a->nb[1] / ggml_type_size(a->type)),
                                     toy_start(ctx, a), toy_start(ctx, dst),
                                     toy_bits(ggml_get_op_params_f32(dst, 0)), toy_bits(ggml_get_op_params_f32(dst, 1)) };
    toy_submit(ctx, { { pipeline, params, { toy_entry(ctx, 0, a), toy_entry(ctx, 1, dst) },
                        { (uint32_t) ggml_nrows(a), 1 } } });
}

static bool toy_supports_op(ggml_backend_dev_t dev, const ggml_tensor * op) {
    switch (op->op) {
        case GGML_OP_ADD:
        case GGML_OP_MUL:
            return op->type == GGML_TYPE_F32 && ggml_nelements(op) <= 64 * 65535 && op->src[1]->ne[0] == op->ne[0] && ggml_is_contiguous(op->src[1]) &&
                   ggml_is_contiguous(op->src[0]) && op->view_src == nullptr &&
                   op->src[0]->buffer != op->src[1]->buffer && ggml_nrows(op->src[1]) == ggml_nrows(op) &&
                   CEIL_DIV(ggml_nelements(op), 64) <= 65535;
        case GGML_OP_SCALE:
            return ggml_is_contiguous(op->src[0]) && op->view_src == nullptr;
        default:
            return false;
    }
}

static void toy_encode(toy_context ctx, ggml_tensor * node) {
    switch (node->op) {
        case GGML_OP_ADD:
        case GGML_OP_MUL:
            toy_binary(ctx, node->src[0], node->src[1], node);
            break;
        case GGML_OP_SCALE:
            toy_scale(ctx, node->src[0], node);
            break;
        default:
            break;
    }
}
