// Ünïcode on purpose: 𝛑 stands before every macro that is given below.
#include "include/tuning.hpp"

#include <fmt/format.h>
#include <vector>

namespace film {

static constexpr int kWidest = 16;

static const char * wordFor(Pixel pixel) {
    switch (pixel) {
        case Pixel::Rgba8:
            return "u32";
        case Pixel::Rgba16f:
            return "vec4<f16>";
        case Pixel::R32f:
            return "f32";
    }
    panic("no such pixel");
}

static Tuning tune(const Request & request, const Gpu & gpu) {
    Tuning tuning{};
    tuning.tile   = gpu.maxThreads >= 1024 ? kWidest : 8;
    tuning.packed = request.source == Pixel::Rgba8 && !request.isTiled;
    tuning.radius = request.radius;
    return tuning;
}

bool accepts(const Request & request, const Gpu & gpu) {
    if (request.source == Pixel::Rgba16f || request.target == Pixel::Rgba16f) {
        if (!gpu.hasHalf) {
            return false;
        }
    }
    switch (request.job) {
        case Job::Tone:
            return request.target != Pixel::R32f;
        case Job::Grain:
            return request.source == request.target && request.radius > 0;
        default:
            return false;
    }
}

class Cook {
    Expander expander_;
    Gpu      gpu_;

  public:
    Module cookTone(const Request & request, const Tuning & tuning) {
        MacroMap macros = {
            { "IN", wordFor(request.source) },
            { "OUT", wordFor(request.target) },
        };
        macros["TILE"] = std::to_string(tuning.tile);
        if (tuning.packed) {
            macros.emplace("PACKED", "");
        }
        macros.insert({ "DITHER", request.dither ? "1" : "0" });
        std::string title = fmt::format("tone {} to {}", wordFor(request.source), wordFor(request.target));
        return finish(expander_.expandKernel("kernels/tone.wgsl", macros), title);
    }

    Module cookGrain(const Request & request, const Tuning & tuning) {
        std::vector<std::string> flags;
        flags.emplace_back(fmt::format("RADIUS={}", tuning.radius));
        flags.emplace_back(std::string("T=") + wordFor(request.source));
        for (const auto & name : { "SEED", "NOISE" }) {
            flags.emplace_back(std::string("WITH_") + name);
        }
        return finish(expander_.expandKernel("kernels/grain.wgsl", flags), "grain");
    }
};

Module serve(Cook & cook, const Request & request, const Gpu & gpu) {
    const Tuning tuning = tune(request, gpu);
    stats().count(request);
    switch (request.job) {
        case Job::Tone:
            return cook.cookTone(request, tuning);
        case Job::Grain:
            return cook.cookGrain(request, tuning);
        case Job::Copy:
            break;
    }
    return {};
}

}  // namespace film
