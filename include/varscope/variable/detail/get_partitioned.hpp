/// \file
/// Sharing and making variables that are cut into parts.
#pragma once

#include <varscope/scope/ambient.hpp>
#include <varscope/variable/get_single.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Where a shape is cut: into `count` parts along `axis`.
struct cut {
    std::size_t axis = 0;
    std::int64_t count = 1;
    friend bool operator==(const cut&, const cut&) = default;
};

[[noreturn]] void throw_partition_invalid(const variable_request& r, const std::string& why);

/// Asks the partitioner. \throws partition_invalid
[[nodiscard]] cut cut_of(const variable_request& r);

/// How a variable is cut.
[[nodiscard]] cut cut_of(const variable_node& whole);

/// Follows _VariableStore._get_partitioned_variable (TensorFlow 1.15), check by check.
class get_partitioned {
public:
    get_partitioned(thread_scopes& thread, const variable_request& request, const digest& id)
        : thread_{thread}
        , graph_{*thread.owner}
        , request_{request}
        , id_{id} {}

    [[nodiscard]] variable_node& operator()();

    /// A name that exists in one form, asked for in the other.
    [[noreturn]] static void throw_conflict(
        const variable_request& r, const variable_node& present, const char* how);

private:
    /// Null if there is none, and it may not be made.
    [[nodiscard]] variable_node* find_or_make();

    [[nodiscard]] digest part_id(std::int64_t i) const;
    [[nodiscard]] std::string part_name(std::int64_t i) const;
    /// The name scope that TensorFlow works out the value of a part in.
    void take_initializer_scope(std::int64_t i) const;

    [[nodiscard]] variable_node& share(
        variable_node& known, const std::optional<cut>& wanted) const;

    /// Parts may be left from an attempt that failed.
    void check_parts(const cut& wanted) const;

    [[noreturn]] void throw_mismatch(const shape& present_shape, std::int64_t present,
        std::int64_t asked, const variable_node& v) const;

    [[nodiscard]] variable_node& make(const cut& c);

    void make_parts(variable_node& whole, const cut& c, const variable_request& full,
        const initializer& initial);

    /// A part that an attempt left which failed half-way becomes one of the new whole, with the
    /// value it has.
    void adopt(variable_node& part, variable_node& whole, const std::vector<std::size_t>& offset);

    thread_scopes& thread_;
    graph& graph_;
    const variable_request& request_;
    digest id_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/get_partitioned.ipp>
#endif
