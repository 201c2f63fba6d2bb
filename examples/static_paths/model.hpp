// The variables of a small network that computes "exclusive or", declared while compiling.
// Its weights, set by hand, are in model.ckpt: tests/io/restore.cpp says how that file is made.
#pragma once

#include <varscope/schema/bound.hpp>

#include <cstdint>

namespace vs = varscope;

// [schema]
// The parameters of one layer. A schema is a short type, so that symbols stay short.
template <std::int64_t Inputs, std::int64_t Units>
struct dense {
    static constexpr auto layout = vs::group(vs::var<float, Inputs, Units>("kernel"),
        vs::var<float, Units>("bias", {.initializer = vs::zeros()}));
};

struct network {
    static constexpr auto layout = vs::scope("network",
        vs::scope("hidden", dense<2, 2>::layout), vs::scope("out", dense<2, 1>::layout));
};

// What is known of it while compiling.
static_assert(vs::schema<network>::variable_count == 4);
static_assert(vs::schema<network>::parameter_count == 2 * 2 + 2 + 2 + 1);
static_assert(vs::schema<network>::names[2] == "network/out/kernel");
static_assert(vs::schema<network>::contains("network/out/bias"));
// [schema]
