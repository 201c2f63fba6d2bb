/// \file
/// A handle to a variable of any element type and rank.
#pragma once

#include <varscope/detail/nodes.hpp>
#include <varscope/dtype.hpp>
#include <varscope/graph.hpp>
#include <varscope/shape.hpp>

#include <cstddef>
#include <source_location>
#include <string_view>
#include <vector>

namespace varscope {

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
    /// The name of its tensor, which TensorFlow prints: "scope/v_1:0".
    [[nodiscard]] std::string_view name() const noexcept { return node_->tensor_name(); }

    [[nodiscard]] varscope::dtype dtype() const noexcept { return node_->type; }
    [[nodiscard]] varscope::shape shape() const { return node_->get_shape(); }
    [[nodiscard]] std::size_t size() const noexcept { return node_->size; } ///< elements
    [[nodiscard]] std::size_t bytes() const noexcept { return node_->bytes(); }
    [[nodiscard]] bool is_trainable() const noexcept { return node_->is_trainable; }
    [[nodiscard]] bool is_initialized() const noexcept {
        return node_->is_initialized.load(std::memory_order_acquire);
    }
    /// Where the variable was first asked for.
    [[nodiscard]] const std::source_location& defined_at() const noexcept {
        return node_->defined_at;
    }
    [[nodiscard]] varscope::graph& graph() const noexcept { return *node_->owner; }

    /// Whether both are handles of one variable.
    [[nodiscard]] bool is(const any_variable& other) const noexcept { return node_ == other.node_; }

    /// The elements in row-major order, `size()` of type `dtype()`.
    /// \throws uninitialized
    [[nodiscard]] void* data() const { return node_->elements(); }

    [[nodiscard]] detail::variable_node& node() const noexcept { return *node_; }

private:
    detail::variable_node* node_;
};

namespace detail {

[[nodiscard]] inline std::vector<any_variable> variables_in(graph& g, std::string_view key) {
    return g.with_collections([&](const collections& c) {
        std::vector<any_variable> found;
        for (const node* item : c.get(key)) {
            if (item->is_variable) {
                // NOLINTNEXTLINE: the graph hands out its own nodes as const, and owns them
                found.emplace_back(
                    const_cast<variable_node&>(static_cast<const variable_node&>(*item)));
            }
        }
        return found;
    });
}

} // namespace detail
} // namespace varscope
