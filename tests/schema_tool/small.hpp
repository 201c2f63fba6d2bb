/// \file
/// The variables of a model as a schema, written by varscope_schema.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/initializers/initializers.hpp>
#include <varscope/schema/schema.hpp>

#include <complex>
#include <cstdint>

struct small_net {
    static constexpr auto layout = varscope::group(
        varscope::var<std::int64_t>("step",
            {.initializer = varscope::zeros(), .trainable = false}),
        varscope::scope("net",
            varscope::repeat<2>("cell_",
                varscope::var<float, 3, 4>("kernel",
                    {.initializer = varscope::truncated_normal(0.0, 0.02)}),
                varscope::scope("gate",
                    varscope::var<float, 4>("bias", {.initializer = varscope::ones()}))),
            varscope::var<double, 4>("mean",
                {.initializer = varscope::constant_initializer(0.5), .trainable = false}),
            varscope::scope("cell_2",
                varscope::scope("gate",
                    varscope::var<float, 4>("bias",
                        {.initializer = varscope::ones(), .trainable = false})))),
        varscope::var<bool, 100>("mask",
            {.initializer = varscope::constant_initializer(true), .trainable = false}),
        varscope::scope("net",
            varscope::scope("mean",
                varscope::var<float, 4>("moving", {.trainable = false})),
            varscope::var<std::complex<float>, 2, 1>("phase",
                {.initializer = varscope::zeros()}),
            varscope::var<varscope::float16, 0, 7>("half",
                {.initializer = varscope::random_normal(-1.0, 1e-05)}),
            varscope::var<std::int8_t, 1, 1, 4>(
                "half_is_a_name_so_long_that_it_has_a_line_of_its_own_in_what_is_written",
                {.initializer = varscope::constant_initializer(-3), .trainable = false})));
};

static_assert(varscope::schema<small_net>::variable_count == 12);
static_assert(varscope::schema<small_net>::parameter_count == 151);
