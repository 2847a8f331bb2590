// A real preprocessor as a program for `preprocess.py --reference`. Build it where that preprocessor is, for example
//   g++ -O2 -std=c++17 -I ggml/src/ggml-webgpu tests/bench/reference.cpp -o /tmp/reference
// It reads frames (four bytes of length, little endian, then the bytes): a text, how often to run, how many defines,
// the defines. It answers two frames: seconds per run, and the output (empty when the preprocessor threw).
#include "pre_wgsl.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

static bool read_frame(std::string & frame) {
    uint32_t length;
    if (fread(&length, 4, 1, stdin) != 1) {
        return false;
    }
    frame.resize(length);
    return length == 0 || fread(&frame[0], 1, length, stdin) == length;
}

static void write_frame(const std::string & frame) {
    const uint32_t length = (uint32_t) frame.size();
    fwrite(&length, 4, 1, stdout);
    fwrite(frame.data(), 1, length, stdout);
}

int main() {
    std::string text, runs, count, define;
    while (read_frame(text) && read_frame(runs) && read_frame(count)) {
        std::vector<std::string> defines;
        for (int i = 0; i < std::stoi(count) && read_frame(define); i++) {
            defines.push_back(define);
        }
        pre_wgsl::Preprocessor preprocessor;
        std::string            output;
        double                 least = 1e9;
        for (int run = 0; run < std::stoi(runs); run++) {
            const auto before = std::chrono::steady_clock::now();
            try {
                output = preprocessor.preprocess(text, defines);
            } catch (const std::exception &) {
                output.clear();
            }
            const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - before;
            least = taken.count() < least ? taken.count() : least;
        }
        char seconds[32];
        snprintf(seconds, sizeof seconds, "%.9f", least);
        write_frame(seconds);
        write_frame(output);
        fflush(stdout);
    }
}
