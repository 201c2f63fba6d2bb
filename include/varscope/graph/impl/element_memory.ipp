// See element_memory.hpp.
#pragma once

#include <varscope/graph/detail/element_memory.hpp>
#include <varscope/initializers/initializer_model.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void element_memory::free_elements::operator()(void* memory) const noexcept {
    ::operator delete(memory, std::align_val_t{alignment});
}

VARSCOPE_INLINE element_memory::elements element_memory::allocate(std::size_t bytes) {
    return elements(::operator new(std::max<std::size_t>(bytes, 1), std::align_val_t{alignment}));
}

VARSCOPE_INLINE void* element_memory::place_of(const digest& id, std::size_t bytes) const noexcept {
    const auto found = places_.find(id);
    return found == places_.end() || found->second.bytes != bytes ? nullptr : found->second.memory;
}

VARSCOPE_INLINE void element_memory::set_places(
    std::span<const kept_place> places, elements memory) {
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

VARSCOPE_INLINE void element_memory::free_places(const void* memory) noexcept {
    std::erase_if(large_, [=](const elements& e) { return e.get() == memory; });
}

VARSCOPE_INLINE void* element_memory::make(variable_node& v) {
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

VARSCOPE_INLINE void* element_memory::first_element(variable_node& v) {
    if (!is_part(v)) { return make(v); }
    if (!v.has_value()) { throw_uninitialized(v); }
    return static_cast<std::byte*>(block_of(*v.extras->whole)) + v.start_in_whole();
}

VARSCOPE_INLINE void element_memory::initialize(variable_node& v) {
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

VARSCOPE_INLINE void element_memory::assign(variable_node& v, const void* from) {
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

VARSCOPE_INLINE void element_memory::read(variable_node& v, void* to) {
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

VARSCOPE_INLINE void element_memory::make_block(variable_node& whole) { (void)block_of(whole); }

VARSCOPE_INLINE void element_memory::assign_slice(variable_node& part, const void* all) {
    variable_node& whole = *part.extras->whole;
    copy_slice(part, all, block_of(whole));
    part.is_initialized.store(true, std::memory_order_release);
    place_parts(whole);
}

VARSCOPE_INLINE void element_memory::adopt(variable_node& v, elements values) {
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

VARSCOPE_INLINE void* element_memory::find_place(const variable_node& v) const noexcept {
    return v.key_size > 0 && !v.is_whole && !places_.empty() ? place_of(v.id, v.bytes()) : nullptr;
}

VARSCOPE_INLINE void* element_memory::allocate_for(const variable_node& v) {
    if (void* const place = find_place(v)) {
        ++places_taken_;
        return place;
    }
    const std::size_t bytes = std::max<std::size_t>(v.bytes(), 1);
    if (bytes <= small_size) { return small_.allocate(bytes, 16); }
    large_.push_back(allocate(v));
    return large_.back().get();
}

VARSCOPE_INLINE void* element_memory::allocate_filled(const variable_node& v) {
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

VARSCOPE_INLINE void element_memory::fill(const variable_node& v, void* to) const {
    const shape full = v.get_shape();
    try {
        v.initial().fill(
            {v.type, full, to, v.size(), seed_, v.key_size > 0 ? v.key() : v.op_name(), threads_});
    } catch (const wrong_result& e) {
        const std::string name(v.op_name());
        throw shape_mismatch("variable '" + name + "' was not given an initial value\n  " +
                e.what() + "\n  requested at " + to_string(v.defined_at) +
                "\n  return the shape that the function is called with, in the variable's type",
            {name, v.defined_at}, full, full);
    }
}

VARSCOPE_INLINE void* element_memory::raw_block_of(variable_node& whole) {
    std::atomic<void*>& block = whole.extras->block;
    if (block == nullptr) { block = allocate_for(whole); }
    return block;
}

VARSCOPE_INLINE void* element_memory::block_of(variable_node& whole) {
    if (whole.extras->block == nullptr) {
        whole.extras->block =
            whole.initial().is_pure() ? allocate_filled(whole) : allocate_for(whole);
    }
    place_parts(whole);
    return whole.extras->block;
}

VARSCOPE_INLINE void element_memory::give_parts_values(variable_node& whole) noexcept {
    for (variable_node* part : whole.extras->parts) {
        part->is_initialized.store(true, std::memory_order_release);
    }
    place_parts(whole);
}

VARSCOPE_INLINE void element_memory::place_parts(variable_node& whole) noexcept {
    for (variable_node* part : whole.extras->parts) {
        if (part->is_contiguous() && part->data.load(std::memory_order_relaxed) == nullptr &&
            part->has_value()) {
            part->data.store(
                static_cast<std::byte*>(whole.extras->block.load()) + part->start_in_whole(),
                std::memory_order_release);
        }
    }
}

VARSCOPE_INLINE void element_memory::copy_slice(
    const variable_node& part, const void* from_whole, void* to_whole) {
    for_each_row(part, [&](std::size_t, std::size_t in_whole, std::size_t bytes) {
        std::memcpy(static_cast<std::byte*>(to_whole) + in_whole,
            static_cast<const std::byte*>(from_whole) + in_whole, bytes);
    });
}

VARSCOPE_INLINE void element_memory::throw_uninitialized(const variable_node& asked) {
    const auto is_without = [](const variable_node* part) { return !part->has_value(); };
    const variable_node& v =
        asked.is_whole ? **std::ranges::find_if(asked.extras->parts, is_without) : asked;
    const std::string name(v.op_name());
    throw uninitialized("variable '" + name + "' was read before it had a value\n  created at " +
            to_string(v.defined_at) +
            " in a graph with deferred initialisation\n  run global_variables_initializer(), "
            "restore a "
            "checkpoint or assign to it first",
        {name, v.defined_at, v.defined_at});
}

VARSCOPE_INLINE void element_memory::throw_scattered(const variable_node& v) {
    const std::string name(v.op_name());
    throw scattered_part("the elements of part '" + name +
            "' do not stand in a row\n  created at " + to_string(v.defined_at) +
            ", cut along axis " + std::to_string(v.extras->whole->extras->axis) +
            "\n  use vs::part_view, or a view of the whole variable",
        {name, v.defined_at, v.defined_at});
}

} // namespace varscope::inline VARSCOPE_ABI::detail
