/// \file
/// What a graph holds: its variables and its ops, as plain records at stable addresses.
#pragma once

#include <varscope/detail/digest.hpp>
#include <varscope/dtype.hpp>
#include <varscope/initializer.hpp>
#include <varscope/shape.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <string_view>

namespace varscope {
class graph;
} // namespace varscope

namespace varscope::detail {

/// An op of a graph, which a variable is too. Lives in the graph's arena.
struct node {
    const char* text;        // the tensor name, "scope/v_1:0"
    std::uint32_t text_size; //
    std::uint32_t key_size;  // of the store's key, see key(); 0: not in the store
    graph* owner;
    std::source_location defined_at;
    dtype type;
    bool is_variable;

    [[nodiscard]] std::string_view tensor_name() const noexcept { return {text, text_size}; }
    [[nodiscard]] std::string_view op_name() const noexcept { return {text, text_size - 2}; }
    /// The first characters of the op's name; for a key `v/`, whose op is called `v`, it stands
    /// behind the tensor name.
    [[nodiscard]] std::string_view key() const noexcept {
        return {key_size + 2 > text_size ? text + text_size : text, key_size};
    }
};

/// An op that is not a variable.
struct op_node : node {
    std::string_view op_type; // "Add"
    std::span<const node* const> inputs;
    const shape* out_shape;
};

/// A variable. Its dimensions follow it in memory.
struct variable_node : node {
    digest id;                        // of the key
    const initializer_model* initial; // kept alive by the graph
    std::atomic<void*> data{nullptr}; // null: not in memory (yet)
    std::atomic<bool> is_initialized{
        false}; // with no data: the values are those that `initial` will give
    bool is_trainable;
    std::uint8_t rank;
    std::size_t size; // elements

    [[nodiscard]] const std::size_t* dimensions() const noexcept {
        return reinterpret_cast<const std::size_t*>(this + 1);
    }
    [[nodiscard]] std::size_t bytes() const noexcept { return size * size_of(type); }
    [[nodiscard]] shape get_shape() const { return shape(std::span(dimensions(), rank)); }

    /// The elements, made now if they are still to be.
    /// \throws uninitialized  the variable has no value yet.
    [[nodiscard]] void* elements() const {
        void* const present = data.load(std::memory_order_acquire);
        return present != nullptr ? present : elements_slowly();
    }
    void* elements_slowly() const; // graph.hpp
};

} // namespace varscope::detail
