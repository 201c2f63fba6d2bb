/// \file
/// What few variables have beside their records.
#pragma once

#include <varscope/graph/nodes.hpp>
#include <varscope/policy/constraint.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// The parts of a variable that is cut, which may be looked at while more are added. Arrays that
/// were outgrown are kept, for readers that still look at them.
class part_list {
public:
    /// Those that are there by now. Safe beside one `push_back`; all else excludes that.
    [[nodiscard]] std::span<variable_node* const> all() const noexcept;

    void push_back(variable_node* part);

    [[nodiscard]] std::size_t size() const noexcept { return all().size(); }
    [[nodiscard]] variable_node* const* begin() const noexcept { return all().data(); }
    [[nodiscard]] variable_node* const* end() const noexcept { return begin() + size(); }
    [[nodiscard]] variable_node* front() const noexcept { return *begin(); }
    [[nodiscard]] variable_node* operator[](std::size_t i) const noexcept { return begin()[i]; }

private:
    std::atomic<variable_node* const*> current_{nullptr};
    std::atomic<std::size_t> size_{0};
    std::size_t capacity_ = 0;
    std::vector<std::unique_ptr<variable_node*[]>> arrays_; // the last one is current
};

/// What few variables have.
struct variable_extras {
    varscope::constraint constraint;
    bool has_unknown_shape = false; // as far as sharing goes: validate_shape was off

    // A variable cut into parts: one block of memory, which the parts are slices of.
    variable_node* whole = nullptr;    // of a part
    std::vector<std::size_t> offset;   // of a part, in the whole
    part_list parts;                   // of a whole
    std::size_t axis = 0;              // of a whole: along which it is cut
    std::atomic<void*> block{nullptr}; // of a whole: the elements, with or without values
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/impl/nodes.ipp>
#include <varscope/graph/impl/variable_extras.ipp>
#endif
