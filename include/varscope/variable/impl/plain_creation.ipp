// See plain_creation.hpp.
#pragma once

#include <varscope/initializers/initializer_model.hpp>
#include <varscope/variable/detail/plain_creation.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE key_characters look_at(std::uint64_t characters) noexcept {
    const std::uint64_t seven = characters & ~high_bits; // sums do not carry over
    const auto from = [&](int first) {
        return seven + every_byte * static_cast<std::uint64_t>(0x80 - first);
    };
    const auto between = [&](char first, char last) { return from(first) & ~from(last + 1); };
    const std::uint64_t slashes = between('/', '/');
    // '-', '.', '/' and the digits follow each other.
    const std::uint64_t plain =
        between('a', 'z') | between('-', '9') | between('_', '_') | between('>', '>');
    return {slashes & ~characters & high_bits, (plain & ~characters & high_bits) == high_bits};
}

VARSCOPE_INLINE std::uint64_t last_characters(std::string_view key) noexcept {
    const std::size_t rest = key.size() % 8;
    std::uint64_t characters = 0;
    if (key.size() < 8) {
        std::memcpy(&characters, key.data(), rest);
    } else if (rest > 0) {
        characters = load_characters<8>(key.data() + (key.size() - 8)) >> (64 - 8 * rest);
    }
    return characters | (every_byte * '_' - ('_' - '/')) << (8 * rest);
}

VARSCOPE_INLINE key_survey survey(const scope_node& scope, std::string_view key) noexcept {
    key_survey result;
    digest id = scope.id;
    bool is_plain =
        key.back() != '/' && (scope.parent != nullptr || is_first_name_character(key.front()));
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= key.size(); at += 8) {
        const bool is_last = at + 8 > key.size();
        const key_characters found =
            look_at(is_last ? last_characters(key) : load_characters<8>(key.data() + at));
        is_plain = is_plain && found.are_plain;
        for (std::uint64_t rest = found.slashes; rest != 0; rest &= rest - 1) {
            const std::size_t end = at + static_cast<std::size_t>(std::countr_zero(rest)) / 8;
            const char* const text = key.data() + begin;
            const std::size_t size = end - begin;
            begin = end + 1;
            const digest in = id;
            id = extend_by_component(in,
                size <= short_component ? hash_short_component(text, size).hash
                                        : hash_long_component({text, size}, false).hash);
            if (size == 0) { continue; }
            if (begins_hidden_word({text, size})) { is_plain = false; }
            if (text[size - 1] < '0' || text[size - 1] > '9') { continue; }
            const auto parts = split_suffix({text, size});
            if (!parts) { continue; }
            if (end == key.size()) {
                result.last = {in, *parts, id};
            } else if (result.numbered_count < result.numbered.size()) {
                result.numbered[result.numbered_count++] = {in, *parts, id};
            } else {
                is_plain = false;
            }
        }
    }
    result.id = id;
    result.is_plain = is_plain;
    return result;
}

VARSCOPE_INLINE const initializer* default_initializer_of(dtype type) {
    static const initializer& floating = *new initializer(glorot_uniform());
    static const initializer& other = *new initializer(zeros());
    return is_floating(type) ? &floating : is_complex(type) ? nullptr : &other;
}

VARSCOPE_INLINE const initializer* find_plain_rule(
    const thread_scopes& thread, dtype type, const asked_options* options) {
    const scope_state& scope = thread.innermost->scope->state();
    if (!scope.defaults->is_plain || scope.defaults->regularizer || scope.constraint() ||
        thread.creators != nullptr) {
        return nullptr;
    }
    const initializer* rule = default_initializer_of(type);
    if (options != nullptr) {
        const asked_options& o = *options;
        if (o.partitioner || o.custom_getter || o.regularizer || o.constraint || o.collections ||
            !o.validate_shape || o.reuse != reuse_mode::inherit) {
            return nullptr;
        }
        if (o.initializer) { rule = &o.initializer; }
    }
    if (rule == nullptr) { return nullptr; }
    const initializer_model& model = *rule->model();
    const bool is_rule = model.kind() == initializer_model::form::by_shape && model.is_pure();
    return is_rule && model.can_make(type) ? rule : nullptr;
}

VARSCOPE_INLINE variable_node* create_plain(thread_scopes& thread, const name_arg& name,
    const key_survey& key, const shape& dimensions, dtype type, const asked_options* options) {
    const scope_frame& here = *thread.innermost;
    if (!name.is_given() || here.scope->state().reuse == reuse_mode::reuse ||
        !dimensions.is_fully_defined() || !is_addressable(dimensions, size_of(type))) {
        return nullptr;
    }
    const initializer* const rule = find_plain_rule(thread, type, options);
    if (rule == nullptr || rule->model()->refuses(dimensions, type)) { return nullptr; }
    graph& g = *thread.owner;
    if (!key.is_plain) { return nullptr; }
    if (!thread.tree.is_plain_path(*here.place, g.names())) { return nullptr; }
    const auto find = [&] { return g.store().find(key.id); };
    if (await(g.creation(), find) != nullptr) { return nullptr; }
    const std::scoped_lock lock(g.creation());
    if (!g.creates_plainly() || g.store().find(key.id) != nullptr || g.store().has_first_parts() ||
        g.store().find_whole(key.id) != nullptr) {
        return nullptr;
    }
    for (std::size_t i = 0; i < key.numbered_count; ++i) { g.names().mention(key.numbered[i]); }
    variable_node* made = nullptr;
    g.names().if_free(key.id, key.last, [&] {
        made = &g.add_plain({.scope = here.place->view(),
            .name = name.text(),
            .id = key.id,
            .type = type,
            .full_shape = dimensions,
            .initial = *rule,
            .is_trainable = options == nullptr || options->trainable,
            .defined_at = name.where(),
            .scope_opened_at = here.scope->opened_at()});
    });
    return made;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
