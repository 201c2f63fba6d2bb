/// \file
/// A handle to a variable of any element type and rank.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/graph/graph.hpp>
#include <varscope/graph/nodes.hpp>

#include <cstddef>
#include <optional>
#include <source_location>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

class constraint;

/// A handle to a variable whose element type and rank are known at run time only.
///
/// The size of a pointer; valid as long as the variable's graph. Copies refer to the same variable.
/// For reading and writing elements take a typed handle: `variable<T, N>(v)`. Reading its
/// properties is safe from any thread.
class any_variable {
public:
    explicit any_variable(detail::variable_node& node) noexcept : node_{&node} {}

    /// What the store is asked for: "scope/v". Empty if the variable cannot be shared by name (made
    /// by `variable`).
    [[nodiscard]] std::string_view key() const noexcept { return node_->key(); }
    /// The name of its op, unique in the graph, and its name in checkpoints: "scope/v_1" if
    /// "scope/v" was taken.
    [[nodiscard]] std::string_view op_name() const noexcept { return node_->op_name(); }
    /// The name of its tensor, which TensorFlow prints: "scope/v_1:0"; for a variable that is cut
    /// into parts, which is no tensor, its key.
    [[nodiscard]] std::string_view name() const noexcept { return node_->tensor_name(); }

    [[nodiscard]] varscope::dtype dtype() const noexcept { return node_->type; }
    [[nodiscard]] varscope::shape shape() const { return node_->get_shape(); }
    /// What sharing compares: the shape, or `any_shape` if it was made with `validate_shape =
    /// false`.
    [[nodiscard]] varscope::shape static_shape() const { return node_->static_shape(); }
    [[nodiscard]] std::size_t size() const noexcept { return node_->size(); } ///< elements
    [[nodiscard]] std::size_t bytes() const noexcept { return node_->bytes(); }
    [[nodiscard]] bool is_trainable() const noexcept { return node_->is_trainable; }
    [[nodiscard]] bool is_initialized() const noexcept { return node_->has_value(); }
    /// Empty if it has none.
    [[nodiscard]] varscope::constraint constraint() const;

    /// \name Variables cut into parts
    /// The whole is one block of memory, used like any variable; each part is a variable too, a
    /// slice of the block. Checkpoints and collections hold the parts.
    /// \{
    [[nodiscard]] bool is_partitioned() const noexcept { return node_->is_whole; }
    /// In order; empty unless it is cut.
    [[nodiscard]] std::vector<any_variable> parts() const;
    /// The variable that this is a part of, if it is one.
    [[nodiscard]] std::optional<any_variable> whole() const;
    /// Where a part begins in the whole, along each axis; empty for other variables.
    [[nodiscard]] std::vector<std::size_t> offset() const;
    /// Whether the elements stand in a row, as `data` needs: not those of a part that is cut along
    /// an inner axis.
    [[nodiscard]] bool is_contiguous() const noexcept { return node_->is_contiguous(); }
    /// \}

    /// Where the variable was first asked for.
    [[nodiscard]] const std::source_location& defined_at() const noexcept {
        return node_->defined_at;
    }
    [[nodiscard]] varscope::graph& graph() const noexcept { return node_->owner(); }

    /// Whether both are handles of one variable.
    [[nodiscard]] bool is(const any_variable& other) const noexcept { return node_ == other.node_; }

    /// The elements in row-major order, `size()` of type `dtype()`.
    /// \throws uninitialized, scattered_part
    [[nodiscard]] void* data() const { return node_->elements(); }
    /// A copy of the elements.
    /// \throws uninitialized
    [[nodiscard]] array_value value() const;

    [[nodiscard]] detail::variable_node& node() const noexcept { return *node_; }

private:
    detail::variable_node* node_;
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/impl/any_variable.ipp>
#endif
