// See get_value.hpp.
#pragma once

#include <varscope/op/get_value.hpp>
#include <varscope/variable/variable_errors.hpp>

#include <cstddef>
#include <optional>
#include <source_location>
#include <string>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void check_fits(const tensor& t, dtype type, std::optional<std::size_t> rank,
    const std::source_location& where) {
    if (t.is_variable()) {
        check_fits(static_cast<const variable_node&>(t.node()), type, rank, where);
        return;
    }
    const std::string name(t.op_name());
    const shape present = t.shape();
    const auto text = [&](const std::string& what, const std::string& asked,
                          const std::string& advice) {
        return "op '" + name + "' has " + what + "\n  created at " + to_string(t.defined_at()) +
            " with " + describe(present, t.dtype()) + "\n  requested at " + to_string(where) +
            asked + "\n  " + advice;
    };
    const error_facts facts{name, where, t.defined_at()};
    if (t.dtype() != type) {
        throw dtype_mismatch(text("another element type", " as " + std::string(to_string(type)),
                                 "ask for the type it has"),
            facts, t.dtype(), type);
    }
    if (!present.is_fully_defined()) {
        throw shape_mismatch(text("no shape that is known", "", "make the op with a shape"), facts,
            present, present);
    }
    if (rank && *rank != present.rank()) {
        throw shape_mismatch(
            text("another number of axes", " as a value of rank " + std::to_string(*rank),
                "use the rank it has, or value<T> without a rank"),
            facts, present, unknown_shape_of_rank(*rank));
    }
    if (!t.has_value()) { (void)t.value(); } // throws
}

} // namespace varscope::inline VARSCOPE_ABI::detail
