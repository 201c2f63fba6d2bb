/// \file
/// The memory that the elements of a graph's variables stand in, and how they get there.
#pragma once

#include <varscope/base/arena.hpp>
#include <varscope/base/error.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/names/digest.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Gives variables their memory and values. Memory is taken when a variable first needs it; the
/// parts of one that is cut stand in one block. Not thread-safe: the graph holds its lock.
class element_memory {
public:
    struct free_elements {
        void operator()(void* memory) const noexcept {
            ::operator delete(memory, std::align_val_t{alignment});
        }
    };
    using elements = std::unique_ptr<void, free_elements>;

    /// \param threads  that a rule may fill a large variable in; 0: as many as the machine runs at
    ///                 once.
    explicit element_memory(std::uint64_t seed, unsigned threads = 1) noexcept
        : seed_{seed}
        , threads_{threads} {}

    [[nodiscard]] static elements allocate(std::size_t bytes) {
        return elements(
            ::operator new(std::max<std::size_t>(bytes, 1), std::align_val_t{alignment}));
    }
    [[nodiscard]] static elements allocate(const variable_node& v) { return allocate(v.bytes()); }

    /// Memory that is kept for the variable with a key.
    struct kept_place {
        digest id;
        void* memory;
        std::size_t bytes; // a variable of another size is another one
    };

    /// Where the elements of the variable with this key are to stand once it needs them; null if
    /// that is not said.
    [[nodiscard]] void* place_of(const digest& id, std::size_t bytes) const noexcept {
        const auto found = places_.find(id);
        return found == places_.end() || found->second.bytes != bytes ? nullptr
                                                                      : found->second.memory;
    }
    /// Says so, for memory that is kept from here on.
    void set_places(std::span<const kept_place> places, elements memory) {
        large_.reserve(large_.size() + 1);
        places_.reserve(places_.size() + places.size());
        std::size_t added = 0;
        try {
            for (const kept_place& p : places) {
                places_.insert_or_assign(p.id, p);
                ++added;
            }
        } catch (...) {
            for (std::size_t i = 0; i < added; ++i) { forget_place(places[i].id); }
            throw;
        }
        large_.push_back(std::move(memory));
    }
    /// Takes that back. The memory stays, as somebody may look at it already.
    void forget_place(const digest& id) noexcept {
        if (!places_.empty()) { places_.erase(id); }
    }
    /// How many places were taken so far.
    [[nodiscard]] std::size_t places_taken() const noexcept { return places_taken_; }
    /// Frees the memory of places that are taken back, and of which none was taken.
    void free_places(const void* memory) noexcept {
        std::erase_if(large_, [=](const elements& e) { return e.get() == memory; });
    }

    void reserve_adoptions(std::size_t count) { large_.reserve(large_.size() + count); }

    /// The variable's elements, computed now if they are a rule's that was not needed so far.
    void* make(variable_node& v) {
        if (!v.has_value()) { throw_uninitialized(v); }
        if (void* const present = v.data.load(std::memory_order_relaxed)) { return present; }
        if (is_part(v)) {
            (void)block_of(*v.extras->whole);
            if (!v.is_contiguous()) { throw_scattered(v); }
            return v.data.load(std::memory_order_relaxed);
        }
        void* const memory = v.is_whole ? block_of(v) : allocate_filled(v);
        v.data.store(memory, std::memory_order_release);
        return memory;
    }

    /// Where the first element stands; of a part, in the block of the whole.
    void* first_element(variable_node& v) {
        if (!is_part(v)) { return make(v); }
        if (!v.has_value()) { throw_uninitialized(v); }
        return static_cast<std::byte*>(block_of(*v.extras->whole)) + v.start_in_whole();
    }

    /// The initial value, again if it has one already.
    void initialize(variable_node& v) {
        if (v.is_whole) {
            if (!v.initial().is_pure() || v.extras->block != nullptr) {
                fill(v, raw_block_of(v));
                place_parts(v);
            }
            for (variable_node* part : v.extras->parts) {
                part->is_initialized.store(true, std::memory_order_release);
            }
            v.is_initialized.store(true, std::memory_order_release); // for parts to come
            return;
        }
        if (is_part(v)) {
            variable_node& whole = *v.extras->whole;
            if (!whole.initial().is_pure() || whole.extras->block != nullptr) {
                const elements all = allocate(whole);
                fill(whole, all.get());
                copy_slice(v, all.get(), raw_block_of(whole));
                place_parts(whole);
            }
        } else if (void* const present = v.data.load(std::memory_order_relaxed)) {
            fill(v, present);
        } else if (!v.initial().is_pure()) {
            v.data.store(allocate_filled(v), std::memory_order_release);
        }
        v.is_initialized.store(true, std::memory_order_release);
    }

    /// Copies the elements in, in row-major order.
    void assign(variable_node& v, const void* from) {
        if (is_part(v)) {
            auto* const block = static_cast<std::byte*>(block_of(*v.extras->whole));
            for_each_row(v, [&](std::size_t packed, std::size_t in_whole, std::size_t bytes) {
                std::memmove(block + in_whole, static_cast<const std::byte*>(from) + packed, bytes);
            });
            v.is_initialized.store(true, std::memory_order_release);
            return;
        }
        void* const present = v.data.load(std::memory_order_relaxed);
        void* const memory = present != nullptr ? present
            : v.is_whole                        ? raw_block_of(v)
                                                : allocate_for(v);
        if (v.size() > 0) { std::memmove(memory, from, v.bytes()); }
        if (v.is_whole) { give_parts_values(v); }
        v.is_initialized.store(true, std::memory_order_relaxed);
        v.data.store(memory, std::memory_order_release);
    }

    /// Copies the elements out, in row-major order.
    void read(variable_node& v, void* to) {
        if (is_part(v)) {
            if (!v.has_value()) { throw_uninitialized(v); }
            const auto* const block = static_cast<const std::byte*>(block_of(*v.extras->whole));
            for_each_row(v, [&](std::size_t packed, std::size_t in_whole, std::size_t bytes) {
                std::memcpy(static_cast<std::byte*>(to) + packed, block + in_whole, bytes);
            });
        } else {
            const void* const from = make(v);
            if (v.size() > 0) { std::memcpy(to, from, v.bytes()); }
        }
    }

    /// Takes the memory of a whole, if it has none yet.
    void make_block(variable_node& whole) { (void)block_of(whole); }

    /// Copies a part's elements out of those of all of its whole. Cannot fail after `make_block`.
    void assign_slice(variable_node& part, const void* all) {
        variable_node& whole = *part.extras->whole;
        copy_slice(part, all, block_of(whole));
        part.is_initialized.store(true, std::memory_order_release);
        place_parts(whole);
    }

    /// Makes `values` the elements; copies them if there is memory already, which handles may refer
    /// to, or a place for it. Cannot fail after `reserve_adoptions` and, for a part, `make_block`.
    void adopt(variable_node& v, elements values) {
        void* const present = v.data.load(std::memory_order_relaxed);
        if (v.is_whole && v.extras->block == nullptr) {
            large_.push_back(std::move(values));
            v.extras->block = large_.back().get();
            give_parts_values(v);
        } else if (present != nullptr || v.extras != nullptr || find_place(v) != nullptr) {
            assign(v, values.get());
        } else {
            large_.push_back(std::move(values));
            v.data.store(large_.back().get(), std::memory_order_release);
        }
        v.is_initialized.store(true, std::memory_order_release);
    }

private:
    static constexpr std::size_t alignment = 64;
    static constexpr std::size_t small_size = 256; // bytes; up to here elements stand in the arena

    [[nodiscard]] static bool is_part(const variable_node& v) noexcept {
        return v.extras != nullptr && v.extras->whole != nullptr;
    }

    [[nodiscard]] void* find_place(const variable_node& v) const noexcept {
        return v.key_size > 0 && !v.is_whole && !places_.empty() ? place_of(v.id, v.bytes())
                                                                 : nullptr;
    }

    [[nodiscard]] void* allocate_for(const variable_node& v) {
        if (void* const place = find_place(v)) {
            ++places_taken_;
            return place;
        }
        const std::size_t bytes = std::max<std::size_t>(v.bytes(), 1);
        if (bytes <= small_size) { return small_.allocate(bytes, 16); }
        large_.push_back(allocate(v));
        return large_.back().get();
    }

    /// The same with the initial value. What takes more than a little memory is freed if that
    /// fails: it may be tried again and again.
    [[nodiscard]] void* allocate_filled(const variable_node& v) {
        if (void* const place = find_place(v)) {
            fill(v, place);
            ++places_taken_;
            return place;
        }
        if (v.bytes() <= small_size) {
            void* const memory = allocate_for(v);
            fill(v, memory);
            return memory;
        }
        elements memory = allocate(v);
        fill(v, memory.get());
        large_.push_back(std::move(memory));
        return large_.back().get();
    }

    void fill(const variable_node& v, void* to) const {
        const shape full = v.get_shape();
        try {
            v.initial().fill({v.type, full, to, v.size(), seed_,
                v.key_size > 0 ? v.key() : v.op_name(), threads_});
        } catch (const wrong_result& e) {
            const std::string name(v.op_name());
            throw shape_mismatch("variable '" + name + "' was not given an initial value\n  " +
                    e.what() + "\n  requested at " + to_string(v.defined_at) +
                    "\n  return the shape that the function is called with, in the variable's type",
                {name, v.defined_at}, full, full);
        }
    }

    [[nodiscard]] void* raw_block_of(variable_node& whole) {
        std::atomic<void*>& block = whole.extras->block;
        if (block == nullptr) { block = allocate_for(whole); }
        return block;
    }
    /// The block of a whole, with what its rule gives where no value was given.
    [[nodiscard]] void* block_of(variable_node& whole) {
        if (whole.extras->block == nullptr) {
            whole.extras->block =
                whole.initial().is_pure() ? allocate_filled(whole) : allocate_for(whole);
        }
        place_parts(whole);
        return whole.extras->block;
    }

    /// All elements of the block have values.
    static void give_parts_values(variable_node& whole) noexcept {
        for (variable_node* part : whole.extras->parts) {
            part->is_initialized.store(true, std::memory_order_release);
        }
        place_parts(whole);
    }

    static void place_parts(variable_node& whole) noexcept {
        for (variable_node* part : whole.extras->parts) {
            if (part->is_contiguous() && part->data.load(std::memory_order_relaxed) == nullptr &&
                part->has_value()) {
                part->data.store(
                    static_cast<std::byte*>(whole.extras->block.load()) + part->start_in_whole(),
                    std::memory_order_release);
            }
        }
    }

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

    static void copy_slice(const variable_node& part, const void* from_whole, void* to_whole) {
        for_each_row(part, [&](std::size_t, std::size_t in_whole, std::size_t bytes) {
            std::memcpy(static_cast<std::byte*>(to_whole) + in_whole,
                static_cast<const std::byte*>(from_whole) + in_whole, bytes);
        });
    }

    [[noreturn]] static void throw_uninitialized(const variable_node& asked) {
        const auto is_without = [](const variable_node* part) { return !part->has_value(); };
        const variable_node& v =
            asked.is_whole ? **std::ranges::find_if(asked.extras->parts, is_without) : asked;
        const std::string name(v.op_name());
        throw uninitialized("variable '" + name +
                "' was read before it had a value\n  created at " + to_string(v.defined_at) +
                " in a graph with deferred initialisation\n  run global_variables_initializer(), "
                "restore a "
                "checkpoint or assign to it first",
            {name, v.defined_at, v.defined_at});
    }
    [[noreturn]] static void throw_scattered(const variable_node& v) {
        const std::string name(v.op_name());
        throw scattered_part("the elements of part '" + name +
                "' do not stand in a row\n  created at " + to_string(v.defined_at) +
                ", cut along axis " + std::to_string(v.extras->whole->extras->axis) +
                "\n  use vs::part_view, or a view of the whole variable",
            {name, v.defined_at, v.defined_at});
    }

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
