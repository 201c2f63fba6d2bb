/// \file
/// What the tests of initializers share: variables made by a rule, their elements, and samples
/// compared with the distribution they should have.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/initializers/initializer.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace initial_values {

namespace vs = varscope;
using vs::dtype;
using vs::shape;

inline constexpr std::array<dtype, 4> floating{
    dtype::float16, dtype::bfloat16, dtype::float32, dtype::float64};

inline vs::any_variable make(vs::graph& g, vs::name_arg name, const shape& dimensions, dtype type,
    const vs::initializer& rule) {
    return vs::get_variable(g, name, dimensions, {.initializer = rule, .dtype = type});
}

inline std::string bytes_of(const vs::any_variable& v) {
    return {static_cast<const char*>(v.data()), v.bytes()};
}

/// The elements, or their real parts.
inline std::vector<double> numbers_of(const vs::any_variable& v) {
    std::vector<double> result;
    vs::visit_dtype(v.dtype(), [&]<class T>(std::type_identity<T>) {
        const auto* const elements = static_cast<const T*>(v.data());
        for (std::size_t i = 0; i < v.size(); ++i) {
            if constexpr (is_complex(vs::dtype_of<T>)) {
                result.push_back(static_cast<double>(elements[i].real()));
            } else {
                result.push_back(static_cast<double>(elements[i]));
            }
        }
    });
    return result;
}

/// What a rule makes of a shape, in a graph of its own.
inline std::vector<double> made(const vs::initializer& rule, const shape& dimensions,
    dtype type = dtype::float32, std::uint64_t seed = 0) {
    vs::graph g({.seed = seed});
    return numbers_of(make(g, "w", dimensions, type, rule));
}

/// One unit in the last place of numbers near 1, which bounds the relative error of rounding.
inline double epsilon(dtype type) {
    return std::ldexp(1,
        type == dtype::float16        ? -10
            : type == dtype::bfloat16 ? -7
            : type == dtype::float32  ? -23
                                      : -52);
}

struct moments {
    double mean;
    double stddev;
    double low;
    double high;
};
inline moments moments_of(const std::vector<double>& sample) {
    moments result{0, 0, sample.at(0), sample.at(0)};
    for (const double x : sample) {
        result.mean += x / static_cast<double>(sample.size());
        result.low = std::min(result.low, x);
        result.high = std::max(result.high, x);
    }
    for (const double x : sample) {
        result.stddev += (x - result.mean) * (x - result.mean) / static_cast<double>(sample.size());
    }
    result.stddev = std::sqrt(result.stddev);
    return result;
}

/// A distribution by what can be seen of a large sample.
struct expected {
    double mean;
    double stddev;
    double reach;        // nothing is further from the mean
    double edge_density; // probability density there, times `reach`; 0: there is no such limit
};
inline expected uniform_between(double low, double high) {
    return {(low + high) / 2, (high - low) / std::sqrt(12.0), (high - low) / 2, 0.5};
}
inline expected normal(double mean, double stddev) { return {mean, stddev, 0, 0}; }
/// \param stddev  of the full normal distribution, which is cut off at twice that.
inline expected truncated(double mean, double stddev) {
    // phi(2) / (Phi(2) - Phi(-2)) = 0.0565644: the density of the unit one at its limit.
    const double mass = std::erf(std::sqrt(2.0));
    const double edge = std::exp(-2.0) / std::sqrt(2 * 3.14159265358979323846) / mass;
    return {mean, stddev * std::sqrt(1 - 4 * edge), 2 * stddev, 2 * edge};
}

/// What tells a sample of a type from the distribution; empty if nothing does.
///
/// Mean and deviation may be five standard errors off - stddev / sqrt(n) and, for a kurtosis of up
/// to 3, stddev / sqrt(2 n) - and so much as rounding to the type can move them. A sample of n
/// comes so near to a limit that e^-20 is the probability of none doing so.
inline std::string difference(
    const std::vector<double>& sample, const expected& e, dtype type = dtype::float32) {
    const moments m = moments_of(sample);
    const auto n = static_cast<double>(sample.size());
    const double rounding = epsilon(type) * (std::abs(e.mean) + 4 * e.stddev);
    if (std::abs(m.mean - e.mean) > 5 * e.stddev / std::sqrt(n) + rounding) {
        return "mean " + std::to_string(m.mean);
    }
    if (std::abs(m.stddev - e.stddev) > 5 * e.stddev / std::sqrt(2 * n) + rounding) {
        return "deviation " + std::to_string(m.stddev);
    }
    const double reach = std::max(m.high - e.mean, e.mean - m.low);
    const double shortest = std::min(m.high - e.mean, e.mean - m.low);
    if (e.edge_density == 0) { // of 60000 numbers, one is beyond 3.3 deviations but for e^-29
        return shortest > 3.3 * e.stddev ? "" : "ends at " + std::to_string(shortest);
    }
    if (reach > e.reach + rounding) { return "reaches " + std::to_string(reach); }
    if (shortest < e.reach * (1 - 20 / (n * e.edge_density)) - rounding) {
        return "ends at " + std::to_string(shortest);
    }
    return "";
}

/// What the error says that `call` throws, with HERE for the place that it was asked at.
template <class Error, class Call>
std::string message_of(Call call) {
    try {
        call();
    } catch (const Error& e) {
        std::string text = e.what();
        const std::string place = vs::to_string(e.asked_at());
        if (const auto at = text.find(place); at != std::string::npos) {
            text.replace(at, place.size(), "HERE");
        }
        return text;
    }
    return "nothing was thrown";
}

} // namespace initial_values
