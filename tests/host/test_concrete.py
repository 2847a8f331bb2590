"""What a host would dispatch for tensors with known numbers, read out of a small host of the ggml kind."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import pytest

from wgsl_ls.host.concrete import HostPlan, HostPlanner
from wgsl_ls.host.library import GGML
from wgsl_ls.host.model import HostGap, ShaderText
from wgsl_ls.host.tensors import HostTensor, float_bits
from wgsl_ls.host.webgpu import HostBinding

HOST = (Path(__file__).parents[1] / "smoke" / "host" / "host.cpp").read_text()
SHADERS = (ShaderText("binary", file="binary.wgsl"), ShaderText("scale", file="scale.wgsl"))
DEVICE: Mapping[str, object] = {
    "invocations": 256,
    "workgroup_storage": 16384,
    "workgroups_per_dimension": 65535,
    "storage_binding": 1 << 27,
    "storage_alignment": 256,
    "uniform_alignment": 256,
    "subgroups": False,
    "f16": True,
    "vendor": "",
}


def planner(*changes: tuple[str, str]) -> HostPlanner:
    text = HOST
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return HostPlanner({"host.cpp": text}, SHADERS, GGML, DEVICE)


def dense(ne: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    return 4, 4 * ne[0], 4 * ne[0] * ne[1], 4 * ne[0] * ne[1] * ne[2]


def tensor(name: str, ne: tuple[int, int, int, int], offset: int = 0, **more: object) -> HostTensor:
    return HostTensor(name, "F32", ne, dense(ne), name, offset, **more)  # type: ignore[arg-type]


NE = (10, 13, 1, 1)
A, B = tensor("a", NE, 512 + 8), tensor("b", NE)
SUM = tensor("out", NE, op="ADD", sources=(A, B))
SCALED = tensor("out", NE, op="SCALE", params=(float_bits(0.5), float_bits(-2.0)), sources=(B,))


def planned(node: HostTensor, *changes: tuple[str, str]) -> HostPlan:
    found = planner(*changes).plan([node])
    assert isinstance(found, HostPlan), found
    return found


def line(gap: object) -> str:
    """The line of the host that a gap names."""
    assert isinstance(gap, HostGap)
    start = gap.location.span.start
    return HOST[HOST.rfind("\n", 0, start) + 1 : HOST.find("\n", start)].strip()


def test_what_the_host_hands_out() -> None:
    one = planner()
    assert one.dispatch is not None
    assert one.dispatch.name == "toy_encode"
    assert one.operations == ("ADD", "MUL", "SCALE")


def test_a_dispatch_down_to_its_numbers() -> None:
    plan = planned(SUM)
    (dispatch,) = plan.dispatches
    assert (dispatch.stem, dispatch.label, dispatch.defines) == ("binary", "binary", ("WG_SIZE=64", "OP=+"))
    assert (dispatch.entry_point, dispatch.workgroups, dispatch.function) == ("main", (3, 1, 1), "toy_binary")
    assert dispatch.bindings == (
        HostBinding(0, 0, "a->buffer", 512, 528),  # from the aligned offset on, up to a multiple of 4
        HostBinding(0, 1, "b->buffer", 0, 520),
        HostBinding(0, 2, "out->buffer", 0, 520),
        HostBinding(0, 3, "parameters", 0, 64),
    )
    ((offset, words),) = plan.written["parameters"]
    assert offset == 0
    assert struct.unpack("<9I", words) == (130, 2, 0, 0, 10, 10, 10, 10, 13)


def test_floats_are_written_as_their_bits() -> None:
    ((_, words),) = planned(SCALED).written["parameters"]
    assert struct.unpack("<IIIIff", words) == (10, 10, 0, 0, 0.5, -2.0)


def test_a_view_is_bound_at_its_place() -> None:
    whole = tensor("whole", (10, 40, 1, 1), 1024)
    part = HostTensor("part", "F32", NE, dense(NE), "whole", 1024 + 400, view_of=whole)
    (dispatch,) = planned(tensor("out", NE, op="SCALE", params=(0, 0), sources=(part,))).dispatches
    assert dispatch.bindings[0] == HostBinding(0, 0, "whole->buffer", 1280, 1024 + 400 - 1280 + 520)


def test_what_the_host_takes_and_asks_for() -> None:
    one = planner()
    assert one.takes(SUM) is True
    assert one.takes(tensor("out", NE, op="ADD", sources=(A, tensor("c", (5, 13, 1, 1))))) is False
    assert one.takes(tensor("out", NE, op="SQR", sources=(A,))) is False
    assert one.allocated(SUM) == 520


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("{ CEIL_DIV(n, size), 1 } } });", "{ groups_for(n), 1 } } });", "groups_for(130)"),
        (
            "entry.offset                = offset;",
            "entry.offset = place_of(t);",
            "nothing is known of may change a ggml_tensor",
        ),
        ("entry.binding                             = entries.size();", "entry.binding = next_one();", "next_one"),
        (
            "const uint32_t n = (uint32_t)",
            "if (is_good_day()) { return; } const uint32_t n = (uint32_t)",
            "is_good_day()",
        ),
        ("std::vector<uint32_t> params = { n,", "co_await ctx; std::vector<uint32_t> params = { n,", "co await"),
    ],
)
def test_what_is_not_understood_is_a_gap(old: str, new: str, what: str) -> None:
    found = planner((old, new)).plan([SUM])
    assert isinstance(found, HostGap), found
    assert what in found.what


def test_a_gap_says_where() -> None:
    found = planner(("#define SLOT_BYTES     64", "#define SLOT_BYTES     16")).plan([SUM])
    assert line(found) == "GGML_ASSERT(work[i].params.size() * sizeof(uint32_t) <= SLOT_BYTES);"
    assert isinstance(found, HostGap)
    assert found.what.startswith("the host ends here")


def test_nothing_known_means_nothing_decided() -> None:
    """A fact of the device that nobody told is no zero."""
    one = HostPlanner({"host.cpp": HOST}, SHADERS, GGML, {})
    found = one.plan([SUM])
    assert isinstance(found, HostGap)
    assert "minStorageBufferOffsetAlignment" in found.what


NEXT = "    uint32_t               next = 0;"
# The parameters through memory that the host maps, out of a pool of buffers, copied to the device by an encoder.
POOLED = (
    (
        "typedef std::shared_ptr<toy_context_struct> toy_context;",
        """typedef std::shared_ptr<toy_context_struct> toy_context;

struct toy_pair {
    wgpu::Buffer host;
    wgpu::Buffer device;
};

struct toy_pool {
    std::vector<toy_pair>   free;
    std::mutex              mutex;
    std::condition_variable cv;

    toy_pair take() {
        std::unique_lock<std::mutex> lock(mutex);
        cv.wait(lock, [this] { return !free.empty(); });
        toy_pair taken = free.back();
        free.pop_back();
        return taken;
    }
};""",
    ),
    (
        NEXT,
        "    uint32_t next = 0;\n    wgpu::Instance instance;\n    toy_pool pool;",
    ),
    (
        "    return ctx;\n",
        """    for (int i = 0; i < 2; i++) {
        toy_pair pair;
        desc.label  = "host side";
        pair.host   = ctx->device.CreateBuffer(&desc);
        desc.label  = "device side";
        pair.device = ctx->device.CreateBuffer(&desc);
        ctx->pool.free.push_back({ pair.host, pair.device });
    }
    return ctx;
""",
    ),
    (
        "        const size_t offset = SLOT_BYTES * ctx->next++;",
        """        const size_t offset = 0;
        toy_pair     pair   = ctx->pool.take();
        if (pair.host.GetMapState() == wgpu::BufferMapState::Mapped) {
            pair.host.Unmap();
        }
        ctx->instance.WaitAny(pair.host.MapAsync(wgpu::MapMode::Write, 0, 8, [](wgpu::MapAsyncStatus status) {}), 1);
        uint32_t * words = (uint32_t *) pair.host.GetMappedRange();
        for (size_t j = 0; j < work[i].params.size(); j++) {
            words[j] = work[i].params[j];
        }
        pair.host.Unmap();
        wgpu::CommandEncoder encoder = ctx->device.CreateCommandEncoder();
        encoder.CopyBufferToBuffer(pair.host, 0, pair.device, 0, pair.device.GetSize());""",
    ),
    (
        "        entry.buffer                              = ctx->params;",
        "        entry.buffer                              = pair.device;",
    ),
    (
        "        ctx->queue.WriteBuffer(ctx->params, offset, work[i].params.data(), "
        "work[i].params.size() * sizeof(uint32_t));\n",
        "",
    ),
)


def test_parameters_through_mapped_memory_of_a_pool() -> None:
    plan = planned(SUM, *POOLED)
    (dispatch,) = plan.dispatches
    name = dispatch.bindings[3].buffer
    assert name.startswith("device side")
    words = b"".join(content for _, content in plan.written[name])
    assert [offset for offset, _ in plan.written[name]] == list(range(0, 36, 4))
    assert struct.unpack("<9I", words) == (130, 2, 0, 0, 10, 10, 10, 10, 13)


# Pipelines made beforehand, in maps of maps, out of texts that no file holds.
ALIAS = "typedef std::shared_ptr<toy_context_struct> toy_context;"
MAKER = "toy_context toy_make_context(ggml_backend_dev_t dev)"
N_VALUES = "    const uint32_t n = (uint32_t) ggml_nelements(dst);"
BEFOREHAND = (
    (NEXT, "    uint32_t next = 0;\n    std::map<int, std::map<int, toy_pipeline>> made;"),
    (
        "static size_t toy_buffer_type_get_alloc_size",
        """static toy_context toy_with_pipelines(ggml_backend_t backend) {
    toy_context ctx = toy_make_context(backend->device);
    std::vector<wgpu::ConstantEntry> constants(1);
    constants[0].key   = "wg_size";
    constants[0].value = 64;
    ctx->made[GGML_TYPE_F32][0] = toy_make_pipeline(ctx, wgsl_old_binary_f32, "binary", constants[0].value);
    return ctx;
}

static size_t toy_buffer_type_get_alloc_size""",
    ),
    (f"static {MAKER}", f"static {MAKER.replace('toy_context ', 'toy_bare ')}"),
    (ALIAS, f"{ALIAS}\n{ALIAS.replace('toy_context;', 'toy_bare;')}"),
    (N_VALUES, f"    pipeline = ctx->made[dst->type][0];\n{N_VALUES}"),
)


def test_a_text_that_no_file_holds_is_named() -> None:
    found = planner(*BEFOREHAND).plan([SUM])
    assert isinstance(found, HostGap)
    assert "wgsl_old_binary_f32 is dispatched here, a text that no shader's file here holds" in found.what


FILLED_IN = (
    "static toy_context toy_with_pipelines",
    """static std::string toy_filled(const char * src, const std::map<std::string, std::string> & repls) {
    if (!src) {
        return std::string();
    }
    std::string s = src;
    for (const auto & kv : repls) {
        size_t pos = 0;
        while ((pos = s.find(kv.first, pos)) != std::string::npos) {
            s.replace(pos, kv.first.length(), kv.second);
            pos += kv.second.length();
        }
    }
    return s;
}

static toy_context toy_with_pipelines""",
)
FILLED = (
    ("wgsl_old_binary_f32,", "filled.c_str(),"),
    (
        "    std::vector<wgpu::ConstantEntry> constants(1);",
        """    std::map<std::string, std::string> repls;
    repls["{{TILE}}"] = "8";
    std::string filled = toy_filled(wgsl_old_binary_f32, repls);
    std::vector<wgpu::ConstantEntry> constants(1);""",
    ),
)


def test_a_text_that_no_file_holds_may_be_filled_in() -> None:
    """What is made of it beside others stops none of them, and keeps its name where it is dispatched."""
    made = [(old, new.replace(*FILLED[0]).replace(*FILLED[1])) for old, new in BEFOREHAND]
    found = planner(*made, FILLED_IN).plan([SUM])
    assert isinstance(found, HostGap)
    assert "wgsl_old_binary_f32 is dispatched here, a text that no shader's file here holds" in found.what
    others = [one for one in made if one[0] != N_VALUES]
    assert isinstance(planner(*others, FILLED_IN).plan([SUM]), HostPlan)


def test_a_shader_without_the_preprocessor_is_its_file() -> None:
    old = "    std::vector<uint32_t> params = { (uint32_t) a->ne[0],"
    new = f'    pipeline = toy_make_pipeline(ctx, wgsl_scale, "scale", 32);\n{old}'
    (dispatch,) = planned(SCALED, (old, new)).dispatches
    assert (dispatch.stem, dispatch.defines) == ("scale", ())


def test_a_case_between_if_and_endif_is_its_cases() -> None:
    old = "        case GGML_OP_SCALE:\n            toy_scale(ctx, node->src[0], node);\n            break;\n"
    new = (
        "        case GGML_OP_SCALE:\n#ifndef TOY_SMALL\n            toy_scale(ctx, node->src[0], node);\n"
        "            break;\n#else\n            break;\n#endif\n        case GGML_OP_SUB:\n"
        "            toy_binary(ctx, node->src[0], node->src[1], node);\n            break;\n"
    )
    (dispatch,) = planned(SCALED, (old, new)).dispatches
    assert dispatch.stem == "scale"


def test_buffers_are_compared_by_their_handles() -> None:
    old = "    const uint32_t n = (uint32_t) ggml_nelements(dst);\n"
    new = old + (
        "    const bool is_one = ((toy_buffer *) a->buffer->context)->buffer.Get() == "
        "((toy_buffer *) b->buffer->context)->buffer.Get();\n"
        '    if (is_one) {\n        defines.push_back("ONE");\n    }\n'
    )
    made = (
        "    toy_pipeline pipeline =\n        toy_make_pipeline(ctx, "
        'ctx->preprocessor.preprocess(wgsl_binary, defines), "binary", size);\n'
    )
    behind = "    std::vector<uint32_t> params = { n, toy_start(ctx, a)"
    move, put = (made, ""), (behind, f"{made}{behind}")
    changes = ((old, new), move, put)
    assert "ONE" not in planned(SUM, *changes).dispatches[0].defines
    same = tensor("out", NE, op="ADD", sources=(A, HostTensor("b", "F32", NE, dense(NE), "a")))
    assert "ONE" in planned(same, *changes).dispatches[0].defines


def test_another_device_is_asked_of_the_same_host() -> None:
    old, new = "{ CEIL_DIV(n, size), 1 }", "{ CEIL_DIV(n, size) % ctx->limits.maxComputeWorkgroupsPerDimension, 1 }"
    one = planner((old, new))
    narrow = one.on({"workgroups_per_dimension": 2}).plan([SUM])
    assert isinstance(narrow, HostPlan)
    assert narrow.dispatches[0].workgroups == (1, 1, 1)
    wide = one.plan([SUM])
    assert isinstance(wide, HostPlan)
    assert wide.dispatches[0].workgroups == (3, 1, 1)


def test_which_functions_the_library_has() -> None:
    library = {"/x/ggml.c": "struct ggml_tensor * ggml_made(int a, int b) { return 0; }"}
    one = HostPlanner({"host.cpp": HOST, **library}, SHADERS, GGML, DEVICE)
    assert [one.makes("ggml_made", 2), one.makes("ggml_made", 3), one.makes("ggml_other", 1)] == [True, False, False]
    assert planner().makes("ggml_other", 1)  # its text is not there: it may have it


def test_a_pipeline_that_a_map_of_the_context_does_not_hold_yet() -> None:
    """Looked for by an iterator; what decides about it is made with `new`."""
    changes = (
        (NEXT, "    uint32_t next = 0;\n    std::map<int, toy_pipeline> kept;"),
        ("struct toy_dispatch {", "struct toy_decision {\n    uint32_t size = 64;\n};\n\nstruct toy_dispatch {"),
        (
            N_VALUES,
            """    toy_decision * decision = new toy_decision();
    auto it = ctx->kept.find(dst->op);
    if (it != ctx->kept.end()) {
        pipeline = it->second;
    } else if (decision->size == 64 && (new toy_decision{ 5 })->size == 5) {
        defines.push_back("MADE");
        pipeline = toy_make_pipeline(ctx, ctx->preprocessor.preprocess(wgsl_binary, defines), "made", size);
        ctx->kept.emplace(dst->op, pipeline);
    }
"""
            + N_VALUES,
        ),
    )
    (dispatch,) = planned(SUM, *changes).dispatches
    assert "MADE" in dispatch.defines


LOOKED_FOR = (
    (
        NEXT,
        f"{NEXT}\n    std::map<int, toy_pipeline> kept;\n    std::mutex lock;\n    std::condition_variable free;",
    ),
    (
        N_VALUES,
        """    std::unique_lock<std::mutex> held(ctx->lock);
    ctx->free.wait(held);
    auto it = ctx->kept.find(dst->op);
    if (it != ctx->kept.end()) {
        pipeline = it->second;
    }
    ctx->kept.emplace(dst->op, pipeline);
    if (ctx->kept.find(dst->op) != ctx->kept.end()) {
        defines.push_back("KEPT");
        pipeline = toy_make_pipeline(ctx, ctx->preprocessor.preprocess(wgsl_binary, defines), "kept", size);
    }
"""
        + N_VALUES,
    ),
)


def test_a_map_of_what_nobody_made_is_one_map() -> None:
    """A member from outside is the same object whenever it is read: what is put in is there, and its end is its end."""
    nobody_makes = ("static toy_context toy_make_context(", "static void toy_nothing(")
    (dispatch,) = planned(SUM, *LOOKED_FOR, nobody_makes, ("SLOT_BYTES * ctx->next++", "0")).dispatches
    assert "KEPT" in dispatch.defines


def test_a_gap_names_the_maker_that_was_not_understood() -> None:
    found = planner((f"static {MAKER} {{", f"static {MAKER} {{\n    co_await dev;")).plan([SUM])
    assert isinstance(found, HostGap)
    assert found.what == "expression co await expression; so toy_make_context makes nothing, and then ++ of 0"
    assert HOST[: found.location.span.start].endswith(f"static {MAKER} {{\n    ")
