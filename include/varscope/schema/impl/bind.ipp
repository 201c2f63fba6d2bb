// See bind.hpp.
#pragma once

#include <varscope/graph/graph_state.hpp>
#include <varscope/schema/detail/bind.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/transaction.hpp>
#include <varscope/variable/get_or_create.hpp>
#include <varscope/variable/variable_errors.hpp>

#include <cstddef>
#include <source_location>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

template <class Predicate>
void schema_binding::forget_places(Predicate is_forgotten) noexcept {
    graph_.with_elements([&](element_memory& memory) {
        for (const std::size_t i : placed_) {
            if (is_forgotten(i)) { memory.forget_place(ids_[i]); }
        }
    });
}

VARSCOPE_INLINE schema_binding::schema_binding(const asked_place& at,
    std::span<const schema_item> items, std::span<const declared_variable> variables,
    std::span<variable_node*> found, const bind_options& options, const std::source_location& where)
    : at_{at}
    , graph_{at.graph()}
    , variables_{variables}
    , found_{found}
    , options_{options}
    , where_{where} {
    names_.reserve(variables.size());
    ids_.reserve(variables.size());
    std::string path;
    const auto begin = [&](const schema_item& item) {
        if (!path.empty()) { path += '/'; }
        item_name(item).for_each_letter([&](char c) { path += c; });
        if (!item.is_variable) { return; }
        names_.push_back(path);
        ids_.push_back(extend(at.scope.id(), path));
    };
    walk(items, begin, [&](const schema_item& item) {
        path.resize(path.size() - item_name(item).size());
        if (!path.empty()) { path.pop_back(); }
    });
}

VARSCOPE_INLINE void* schema_binding::operator()() {
    const transaction all_or_none(graph_);
    share_known();
    place();
    try {
        for (std::size_t i = 0; i < variables_.size(); ++i) {
            if (found_[i] == nullptr) { found_[i] = &get(i); }
        }
        if (options_.storage == storage::contiguous) { check_places(); }
    } catch (...) {
        forget_places([](std::size_t) { return true; });
        free_block();
        throw;
    }
    forget_places([&](std::size_t i) { return !is_asked_one(i); });
    return block_;
}

VARSCOPE_INLINE void schema_binding::share_known() {
    for (std::size_t i = 0; i < variables_.size(); ++i) {
        const bool is_known = graph_.store().find(ids_[i]) != nullptr ||
            graph_.store().find_whole(ids_[i]) != nullptr;
        found_[i] = is_known || options_.reuse == reuse_mode::reuse ? &get(i) : nullptr;
    }
}

VARSCOPE_INLINE variable_node& schema_binding::get(std::size_t i) const {
    const declared_variable& v = variables_[i];
    const variable_options options{.initializer = v.options().initializer,
        .trainable = v.options().trainable,
        .reuse = options_.reuse};
    const asked_options asked(options);
    const name_arg name(names_[i], where_);
    const shape dimensions = v.shape();
    const variable_call call{.name = name,
        .dimensions = dimensions,
        .type = v.dtype,
        .rank = v.dimensions.size(),
        .is_typed = true,
        .options = &asked};
    variable_node& found = get_or_create(at_.thread, at_.scope, call)();
    // What a getter gives, or what was made without validate_shape, may have another shape.
    if (found.get_shape() != dimensions) { throw_shape_mismatch(found, dimensions, where_); }
    return found;
}

VARSCOPE_INLINE void schema_binding::place() {
    graph_.with_elements([&](element_memory& memory) {
        const bool is_contiguous = options_.storage == storage::contiguous;
        if (is_contiguous && is_placed(memory)) { return; }
        std::vector<std::size_t> offsets(variables_.size());
        std::vector<std::size_t> needed;
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < variables_.size(); ++i) {
            if (has_place(memory, i)) {
                if (is_contiguous) { throw_placed_elsewhere(i); }
                continue;
            }
            offsets[i] = is_contiguous ? variables_[i].offset
                                       : (bytes + cache_line - 1) / cache_line * cache_line;
            bytes = offsets[i] + variables_[i].bytes();
            needed.push_back(i);
        }
        if (needed.empty()) { return; }
        auto block = element_memory::allocate(bytes);
        std::vector<element_memory::kept_place> places;
        for (const std::size_t i : needed) {
            auto* const start = static_cast<std::byte*>(block.get()) + offsets[i];
            places.push_back({ids_[i], start, variables_[i].bytes()});
        }
        if (is_contiguous) { block_ = block.get(); }
        new_block_ = block.get();
        taken_before_ = memory.places_taken();
        memory.set_places(places, std::move(block));
        placed_ = std::move(needed);
    });
}

VARSCOPE_INLINE void schema_binding::free_block() noexcept {
    graph_.with_elements([&](element_memory& memory) {
        if (new_block_ != nullptr && memory.places_taken() == taken_before_) {
            memory.free_places(new_block_);
        }
    });
}

VARSCOPE_INLINE void* schema_binding::place_of(
    const element_memory& memory, std::size_t i) const noexcept {
    if (const variable_node* const known = found_[i]) {
        if (void* const data = known->data.load(std::memory_order_acquire)) { return data; }
    }
    return memory.place_of(ids_[i], variables_[i].bytes());
}

VARSCOPE_INLINE bool schema_binding::has_place(
    const element_memory& memory, std::size_t i) const noexcept {
    const bool is_cut = found_[i] != nullptr &&
        (found_[i]->is_whole ||
            (found_[i]->extras != nullptr && found_[i]->extras->whole != nullptr));
    return is_cut || place_of(memory, i) != nullptr;
}

VARSCOPE_INLINE bool schema_binding::is_placed(const element_memory& memory) noexcept {
    if (variables_.empty() || place_of(memory, 0) == nullptr) { return false; }
    auto* const start = static_cast<std::byte*>(place_of(memory, 0)) - variables_[0].offset;
    for (std::size_t i = 0; i < variables_.size(); ++i) {
        if (place_of(memory, i) != start + variables_[i].offset) { return false; }
    }
    block_ = start;
    return true;
}

VARSCOPE_INLINE void schema_binding::check_places() {
    graph_.with_elements([&](const element_memory& memory) {
        for (std::size_t i = 0; i < variables_.size(); ++i) {
            if (!is_asked_one(i) ||
                place_of(memory, i) != static_cast<std::byte*>(block_) + variables_[i].offset) {
                throw_placed_elsewhere(i);
            }
        }
    });
}

VARSCOPE_INLINE void schema_binding::throw_placed_elsewhere(std::size_t i) const {
    const std::string name = join(at_.scope.name(), names_[i]);
    const auto created = found_[i] == nullptr ? where_ : found_[i]->defined_at;
    throw placed_elsewhere("variable '" + name +
            "' cannot stand in one block with the others of its schema\n  first created at " +
            to_string(created) + ", with its elements elsewhere\n  bound at " + to_string(where_) +
            "\n  bind the schema before anything reads or writes its variables, or without "
            "vs::storage::contiguous",
        {name, where_, created});
}

} // namespace varscope::inline VARSCOPE_ABI::detail
