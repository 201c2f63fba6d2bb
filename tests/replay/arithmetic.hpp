/// \file
/// What the element-wise ops of scope programs compute.
#pragma once

#include <varscope/base/array_value.hpp>
#include <varscope/base/xtensor.hpp>
#include <varscope/base/shape.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace replay {

namespace vs = varscope;

/// The element-wise ops, as far as an initial value may be made of them. In double precision: the values are small.
struct arithmetic {
    std::string type;
    std::vector<vs::array_value> operands;

    static vs::shape broadcast(const vs::shape& a, const vs::shape& b) {
        if (!a.has_rank() || !b.has_rank()) { return vs::any_shape; }
        vs::shape both;
        const std::size_t rank = std::max(a.rank(), b.rank());
        for (std::size_t axis = 0; axis < rank; ++axis) {
            const auto at = [&](const vs::shape& s) { return axis + s.rank() < rank ? std::int64_t{1} : s[axis + s.rank() - rank]; };
            const std::int64_t x = at(a);
            const std::int64_t y = at(b);
            both.push_back(x == 1 ? y : y == 1 ? x : x == vs::unknown_dimension ? y : x);
        }
        return both;
    }

    vs::array_value operator()(const vs::shape& shape) const {
        std::vector<std::size_t> lengths;
        for (const auto d : shape) { lengths.push_back(static_cast<std::size_t>(d)); }
        const xt::xarray<double> a = xt::broadcast(values(operands.at(0)), lengths);
        const xt::xarray<double> b = operands.size() > 1 ? xt::xarray<double>(xt::broadcast(values(operands[1]), lengths)) : a;
        xt::xarray<double> result = a;
        if (type == "Add") { result = a + b; }
        if (type == "Sub") { result = a - b; }
        if (type == "Mul") { result = a * b; }
        if (type == "Neg") { result = -a; }
        if (type == "Square") { result = a * a; }
        vs::array_value made(operands[0].type(), shape);
        visit_dtype(made.type(), [&]<class T>(std::type_identity<T>) {
            std::transform(result.begin(), result.end(), static_cast<T*>(made.memory()), [](double x) { return T(static_cast<float>(x)); });
        });
        return made;
    }

    static xt::xarray<double> values(const vs::array_value& from) {
        std::vector<std::size_t> lengths;
        for (const auto d : from.shape()) { lengths.push_back(static_cast<std::size_t>(d)); }
        xt::xarray<double> result(lengths);
        visit_dtype(from.type(), [&]<class T>(std::type_identity<T>) {
            const T* const elements = static_cast<const T*>(from.data());
            std::transform(elements, elements + from.size(), result.begin(), [](const T& x) {
                if constexpr (vs::is_complex(vs::dtype_of<T>)) {
                    return static_cast<double>(x.real());
                } else {
                    return static_cast<double>(x);
                }
            });
        });
        return result;
    }
};

} // namespace replay
