/// \file
/// What a graph holds: its variables and its ops, as plain records at stable addresses.
#pragma once

#include <varscope/base/array_value.hpp>
#include <varscope/base/dtype.hpp>
#include <varscope/base/error.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/names/digest.hpp>
#include <varscope/policy/constraint.hpp>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {
class graph;
} // namespace varscope::inline VARSCOPE_ABI

namespace varscope::inline VARSCOPE_ABI::detail {

/// How a variable came by its initial value: what ops TensorFlow makes for that.
enum class initial_op : std::uint8_t { tensor, value, function };

/// What many nodes share: their graph and, of variables, where initial values come from.
struct node_origin {
    graph* owner; // null once it ended, where that is watched
    std::shared_ptr<const initializer_model> initial;
    std::source_location graph_made_at;
};

struct node;
[[noreturn]] void end_after_graph(const node& used) noexcept;

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

    [[nodiscard]] graph& owner() const noexcept {
        if (origin->owner == nullptr) [[unlikely]] { end_after_graph(*this); }
        return *origin->owner;
    }
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

struct variable_node;

/// The parts of a variable that is cut, which may be looked at while more are added. Arrays that
/// were outgrown are kept, for readers that still look at them.
class part_list {
public:
    /// Those that are there by now. Safe beside one `push_back`; all else excludes that.
    [[nodiscard]] std::span<variable_node* const> all() const noexcept {
        const std::size_t count = size_.load(std::memory_order_acquire); // first, as arrays grow
        return {current_.load(std::memory_order_acquire), count};
    }

    void push_back(variable_node* part) {
        const std::size_t count = size();
        if (count == capacity_) {
            const std::size_t larger = 2 * capacity_ + 8;
            arrays_.push_back(std::make_unique<variable_node*[]>(larger));
            std::copy_n(begin(), count, arrays_.back().get());
            capacity_ = larger;
            current_.store(arrays_.back().get(), std::memory_order_release);
        }
        arrays_.back()[count] = part;
        size_.store(count + 1, std::memory_order_release);
    }

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
    [[nodiscard]] std::size_t size() const noexcept {
        std::size_t product = 1;
        for (std::size_t axis = 0; axis < rank; ++axis) { product *= dimensions()[axis]; }
        return product;
    }
    [[nodiscard]] std::size_t bytes() const noexcept { return size() * size_of(type); }
    [[nodiscard]] shape get_shape() const { return shape(std::span(dimensions(), rank)); }
    /// What is known of the shape without looking at the value.
    [[nodiscard]] shape static_shape() const {
        return extras != nullptr && extras->has_unknown_shape ? any_shape : get_shape();
    }
    [[nodiscard]] bool has_value() const noexcept {
        if (!is_whole) { return is_initialized.load(std::memory_order_acquire); }
        for (const variable_node* part : extras->parts.all()) {
            if (!part->has_value()) { return false; }
        }
        return true;
    }
    /// Whether its elements stand in a row.
    [[nodiscard]] bool is_contiguous() const noexcept {
        if (extras == nullptr || extras->whole == nullptr) { return true; }
        const variable_node& w = *extras->whole;
        for (std::size_t i = 0; i < w.extras->axis; ++i) {
            if (dimensions()[i] != 1) {
                return dimensions()[w.extras->axis] == w.dimensions()[w.extras->axis];
            }
        }
        return true;
    }

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
    [[nodiscard]] std::size_t start_in_whole() const noexcept {
        std::size_t at = 0;
        for (std::size_t i = 0; i < rank; ++i) {
            at = at * extras->whole->dimensions()[i] + extras->offset[i];
        }
        return at * size_of(type);
    }

    /// Copies the elements, in row-major order. \throws uninitialized
    void read(void* to) const; // graph.hpp
};

inline const char* node::text() const noexcept {
    if (!is_variable) { return static_cast<const op_node*>(this)->name_text; }
    return reinterpret_cast<const char*>(
        static_cast<const variable_node*>(this)->dimensions() + rank);
}

/// Something was used after its graph, and that is watched.
[[noreturn, gnu::cold, gnu::noinline]] inline void end_after_graph(const node& used) noexcept {
    const std::string text = "varscope: " + std::string(used.is_variable ? "variable '" : "op '") +
        std::string(used.op_name()) + "' was used after the end of its graph\n  created at " +
        to_string(used.defined_at) + " in the graph made at " +
        to_string(used.origin->graph_made_at) +
        "\n  keep a graph as long as its handles, ops and scopes are used\n";
    (void)std::fputs(text.c_str(), stderr);
    std::abort();
}

/// The variable that `n` is, to be changed: a graph hands out its own nodes as constant, and owns
/// them.
[[nodiscard]] inline variable_node& variable_of(const node& n) noexcept {
    assert(n.is_variable);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): as above
    return const_cast<variable_node&>(static_cast<const variable_node&>(n));
}

} // namespace varscope::inline VARSCOPE_ABI::detail
