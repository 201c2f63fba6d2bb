/// \file
/// The memory that the elements of a graph's variables stand in, and how they get there.
#pragma once

#include <varscope/base/arena.hpp>
#include <varscope/base/error.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/graph/variable_extras.hpp>
#include <varscope/names/digest.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Gives variables their memory and values. Memory is taken when a variable first needs it; the
/// parts of one that is cut stand in one block. Not thread-safe: the graph holds its lock.
class element_memory {
public:
    struct free_elements {
        void operator()(void* memory) const noexcept;
    };
    using elements = std::unique_ptr<void, free_elements>;

    /// \param threads  that a rule may fill a large variable in; 0: as many as the machine runs at
    ///                 once.
    explicit element_memory(std::uint64_t seed, unsigned threads = 1) noexcept
        : seed_{seed}
        , threads_{threads} {}

    [[nodiscard]] static elements allocate(std::size_t bytes);
    [[nodiscard]] static elements allocate(const variable_node& v) { return allocate(v.bytes()); }

    /// Memory that is kept for the variable with a key.
    struct kept_place {
        digest id;
        void* memory;
        std::size_t bytes; // a variable of another size is another one
    };

    /// Where the elements of the variable with this key are to stand once it needs them; null if
    /// that is not said.
    [[nodiscard]] void* place_of(const digest& id, std::size_t bytes) const noexcept;
    /// Says so, for memory that is kept from here on.
    void set_places(std::span<const kept_place> places, elements memory);
    /// Takes that back. The memory stays, as somebody may look at it already.
    void forget_place(const digest& id) noexcept {
        if (!places_.empty()) { places_.erase(id); }
    }
    /// How many places were taken so far.
    [[nodiscard]] std::size_t places_taken() const noexcept { return places_taken_; }
    /// Frees the memory of places that are taken back, and of which none was taken.
    void free_places(const void* memory) noexcept;

    void reserve_adoptions(std::size_t count) { large_.reserve(large_.size() + count); }

    /// The variable's elements, computed now if they are a rule's that was not needed so far.
    void* make(variable_node& v);

    /// Where the first element stands; of a part, in the block of the whole.
    void* first_element(variable_node& v);

    /// The initial value, again if it has one already.
    void initialize(variable_node& v);

    /// Copies the elements in, in row-major order.
    void assign(variable_node& v, const void* from);

    /// Copies the elements out, in row-major order.
    void read(variable_node& v, void* to);

    /// Takes the memory of a whole, if it has none yet.
    void make_block(variable_node& whole);

    /// Copies a part's elements out of those of all of its whole. Cannot fail after `make_block`.
    void assign_slice(variable_node& part, const void* all);

    /// Makes `values` the elements; copies them if there is memory already, which handles may refer
    /// to, or a place for it. Cannot fail after `reserve_adoptions` and, for a part, `make_block`.
    void adopt(variable_node& v, elements values);

private:
    static constexpr std::size_t alignment = 64;
    static constexpr std::size_t small_size = 256; // bytes; up to here elements stand in the arena

    [[nodiscard]] static bool is_part(const variable_node& v) noexcept {
        return v.extras != nullptr && v.extras->whole != nullptr;
    }

    [[nodiscard]] void* find_place(const variable_node& v) const noexcept;

    [[nodiscard]] void* allocate_for(const variable_node& v);

    /// The same with the initial value. What takes more than a little memory is freed if that
    /// fails: it may be tried again and again.
    [[nodiscard]] void* allocate_filled(const variable_node& v);

    void fill(const variable_node& v, void* to) const;

    [[nodiscard]] void* raw_block_of(variable_node& whole);
    /// The block of a whole, with what its rule gives where no value was given.
    [[nodiscard]] void* block_of(variable_node& whole);

    /// All elements of the block have values.
    static void give_parts_values(variable_node& whole) noexcept;

    static void place_parts(variable_node& whole) noexcept;

    /// Calls `copy(offset in the part, offset in the block, bytes)` for each run of a part's
    /// elements that stand in a row.
    template <class Copy>
    static void for_each_row(const variable_node& part, Copy copy) {
        const variable_node& whole = *part.extras->whole;
        const std::size_t axis = whole.extras->axis;
        std::size_t rows = 1;
        std::size_t tail = size_of(part.type);
        for (std::size_t i = 0; i < axis; ++i) { rows *= whole.dimensions()[i]; }
        for (std::size_t i = axis + 1; i < whole.rank; ++i) { tail *= whole.dimensions()[i]; }
        const std::size_t run = part.dimensions()[axis] * tail;
        const std::size_t stride = whole.dimensions()[axis] * tail;
        if (run == 0) { return; }
        for (std::size_t row = 0; row < rows; ++row) {
            copy(row * run, row * stride + part.extras->offset[axis] * tail, run);
        }
    }

    static void copy_slice(const variable_node& part, const void* from_whole, void* to_whole);

    [[noreturn]] static void throw_uninitialized(const variable_node& asked);
    [[noreturn]] static void throw_scattered(const variable_node& v);

    struct low_half {
        std::size_t operator()(const digest& id) const noexcept { return id.low; }
    };

    std::uint64_t seed_;
    unsigned threads_;
    arena small_;
    std::vector<elements> large_;
    std::unordered_map<digest, kept_place, low_half> places_;
    std::size_t places_taken_ = 0;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/impl/element_memory.ipp>
#endif
