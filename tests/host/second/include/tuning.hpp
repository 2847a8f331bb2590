// A made-up image filter engine: other habits than ggml's on purpose.
#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace film {

enum class Pixel : uint8_t { Rgba8, Rgba16f, R32f };
enum class Job { Tone, Grain, Copy };

struct Tuning {
    int  tile   = 8;
    bool packed = false;
    int  radius = 0;
};

struct Request {
    Job   job;
    Pixel source;
    Pixel target;
    int   radius;
    bool  dither;
    bool  isTiled;
};

struct Gpu {
    int  maxThreads;
    bool hasHalf;
};

using MacroMap = std::map<std::string, std::string>;

}  // namespace film
