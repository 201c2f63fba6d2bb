/// \file
/// What a graph holds: its variables and its ops, as plain records at stable addresses.
#pragma once

#include <varscope/base/array_value.hpp>
#include <varscope/base/dtype.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/names/digest.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <source_location>
#include <span>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI {

class graph;

namespace detail {

/// How a variable came by its initial value: what ops TensorFlow makes for that.
enum class initial_op : std::uint8_t { tensor, value, function };

class initializer_model;
struct variable_extras;

/// What many nodes share: their graph and, of variables, where initial values come from.
struct node_origin {
    graph* owner; // null once it ended, where that is watched
    std::shared_ptr<const initializer_model> initial;
    std::source_location graph_made_at;
};

struct node;
/// Something was used after its graph, and that is watched.
[[noreturn, gnu::cold]] void end_after_graph(const node& used) noexcept;

/// An op of a graph, which a variable is too. Lives in the graph's arena. Laid out to be small:
/// there may be a million.
struct node {
    const node_origin* origin;
    std::source_location defined_at;
    std::uint32_t text_size; // of the tensor name, "scope/v_1:0"
    std::uint32_t key_size;  // of the store's key, see key(); 0: not in the store
    dtype type;
    std::uint8_t rank = 0; // of a variable
    initial_op initial_from = initial_op::value;
    std::atomic<bool> is_initialized{
        false}; // with no data: the values are those that `initial` will give
    std::atomic<bool> is_stored{false}; // a variable is found by its key
    bool has_shown_hidden = false;      // a variable's hidden ops are in the table of names
    bool is_variable : 1 = false;
    bool is_trainable : 1 = false;
    bool is_key_behind : 1 = false; // see key()
    // A variable cut into parts: not an op itself, so it has no tensor name.
    bool is_whole : 1 = false;
    bool is_usually_listed : 1 = false; // see collections
    bool holds_own_name : 1 = false;    // the key stands for its op's name too: see unique_names

    [[nodiscard]] graph& owner() const noexcept;
    [[nodiscard]] inline const char* text() const noexcept;
    [[nodiscard]] std::string_view tensor_name() const noexcept {
        return {text(), text_size - (is_whole ? 2U : 0U)};
    }
    [[nodiscard]] std::string_view op_name() const noexcept { return {text(), text_size - 2}; }
    /// The first characters of the op's name, or else behind the tensor name.
    [[nodiscard]] std::string_view key() const noexcept {
        return {is_key_behind ? text() + text_size : text(), key_size};
    }
};

/// What can tell the value of an op.
struct value_source {
    value_source() = default;
    value_source(const value_source&) = delete;
    value_source& operator=(const value_source&) = delete;
    value_source(value_source&&) = delete;
    value_source& operator=(value_source&&) = delete;
    virtual ~value_source() = default;
    /// The value now. \throws uninitialized, not_fed
    [[nodiscard]] virtual array_value value() const = 0;
    /// Writes the value's elements to `to`, in row-major order, in one pass; false if only `value`
    /// can tell them. \throws uninitialized, not_fed
    virtual bool read(void* /*to*/) const { return false; }
    /// Throws if an input cannot be read.
    virtual void check() const {}
};

/// An op that is not a variable.
struct op_node : node {
    const char* name_text;
    std::string_view op_type; // "Add"
    std::span<const node* const> inputs;
    const shape* out_shape;
    mutable std::atomic<const value_source*> source{nullptr}; // kept alive by the graph
};

/// A variable. Its dimensions follow it in memory, and its names follow those.
struct variable_node : node {
    digest id;                        // of the key
    std::atomic<void*> data{nullptr}; // null: not in memory (yet)
    variable_extras* extras = nullptr;
    // The innermost variable scope in which it was made; line 0: the root.
    std::source_location scope_opened_at;

    [[nodiscard]] const std::size_t* dimensions() const noexcept {
        return reinterpret_cast<const std::size_t*>(this + 1);
    }
    /// Whether it is found by its key: an entry in the store that was taken back is not. Safe from
    /// any thread.
    [[nodiscard]] bool is_in_store() const noexcept {
        return is_stored.load(std::memory_order_acquire);
    }
    [[nodiscard]] const initializer_model& initial() const noexcept { return *origin->initial; }
    /// The number of elements.
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] std::size_t bytes() const noexcept { return size() * size_of(type); }
    [[nodiscard]] shape get_shape() const { return shape(std::span(dimensions(), rank)); }
    /// What is known of the shape without looking at the value.
    [[nodiscard]] shape static_shape() const;
    [[nodiscard]] bool has_value() const noexcept;
    /// Whether its elements stand in a row.
    [[nodiscard]] bool is_contiguous() const noexcept;

    /// The elements, made now if they are still to be.
    /// \throws uninitialized  the variable has no value yet.
    [[nodiscard]] void* elements() const {
        void* const present = data.load(std::memory_order_acquire);
        return present != nullptr ? present : elements_slowly();
    }
    [[gnu::cold]] void* elements_slowly() const; // graph.hpp

    /// Where the first element stands; the others of a part stand in the whole, at its strides.
    /// \throws uninitialized
    [[nodiscard]] void* first_element() const; // graph.hpp
    /// Bytes from the start of the whole's block to the first element of a part.
    [[nodiscard]] std::size_t start_in_whole() const noexcept;

    /// Copies the elements, in row-major order. \throws uninitialized
    void read(void* to) const; // graph.hpp
};

inline const char* node::text() const noexcept {
    if (!is_variable) { return static_cast<const op_node*>(this)->name_text; }
    return reinterpret_cast<const char*>(
        static_cast<const variable_node*>(this)->dimensions() + rank);
}

/// The variable that `n` is, to be changed: a graph hands out its own nodes as constant, and owns
/// them.
[[nodiscard]] variable_node& variable_of(const node& n) noexcept;

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/variable_extras.hpp>
#endif
