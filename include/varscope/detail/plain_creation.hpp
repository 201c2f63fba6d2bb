/// \file
/// Creating the variables that nothing special was said of, which most are.
#pragma once

#include <varscope/current_graph.hpp>
#include <varscope/detail/get_single.hpp>
#include <varscope/detail/scope_frame.hpp>
#include <varscope/graph.hpp>
#include <varscope/name.hpp>
#include <varscope/variable_options.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace varscope::detail {

/// A key, or the rest of one, looked at once.
struct key_survey {
    digest id;
    bool is_plain; // legal, without capitals, and no op that a variable makes for itself is called so
    std::string_view numbered; // the path up to the last component that ends in a number: `a/b_1`
};

/// \param key  not empty; as seen from `scope`.
[[nodiscard]] inline key_survey survey(
    const scope_tree::scope& scope, std::string_view key) noexcept {
    unsigned all = 5;
    for (const char c : key) { all &= name_characters[static_cast<unsigned char>(c)]; }
    key_survey result{
        scope.id, all == 5 && (scope.view().size() > 0 || is_first_name_character(key.front())), {}};
    for (std::size_t begin = 0, end = 0; end != std::string_view::npos; begin = end + 1) {
        end = key.find('/', begin);
        const std::string_view component = key.substr(begin, end - begin);
        result.id = extend_by_component(result.id, hashed_name(component).exact.hash);
        if (split_suffix(component)) { result.numbered = key.substr(0, end); }
        result.is_plain = result.is_plain && !has_hidden_word(component);
    }
    return result;
}

/// What is given to every new variable of a type that says nothing else; null if there is nothing.
[[nodiscard]] inline const initializer* default_initializer_of(dtype type) {
    static const initializer& floating = *new initializer(glorot_uniform());
    static const initializer& other = *new initializer(zeros());
    return is_floating(type) ? &floating : is_complex(type) ? nullptr : &other;
}

/// What a call and its scope have to say of a new variable, as far as one is plain: a rule for its
/// values, and that it joins the usual lists. Null if there is more.
[[nodiscard]] inline const initializer* find_plain_rule(
    const thread_scopes& thread, dtype type, const variable_options* options) {
    const scope_state& scope = thread.innermost->scope->state();
    if (!scope.defaults->is_plain || scope.defaults->regularizer || scope.constraint() ||
        thread.creators != nullptr) {
        return nullptr;
    }
    const initializer* rule = default_initializer_of(type);
    if (options != nullptr) {
        const variable_options& o = *options;
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

/// Creates the variable `name` of the current scope, if it is a plain one in a plain graph and does
/// not exist; null otherwise, and nothing happened. The names are those that the long way gives.
/// \param key  of the name.
[[nodiscard]] inline variable_node* create_plain(thread_scopes& thread, const name_arg& name,
    const key_survey& key, const shape& dimensions, dtype type, const variable_options* options) {
    const scope_frame& here = *thread.innermost;
    if (!name.is_given() || here.scope->state().reuse == reuse_mode::reuse ||
        !dimensions.is_fully_defined() || !is_addressable(dimensions, type)) {
        return nullptr;
    }
    const initializer* const rule = find_plain_rule(thread, type, options);
    if (rule == nullptr || rule->model()->refuses(dimensions, type)) { return nullptr; }
    graph& g = *thread.owner;
    if (!key.is_plain || key.numbered == name.text() || !thread.tree.is_plain_path(*here.place, g.names())) {
        return nullptr;
    }
    if (here.names != nullptr) { enter_names(*here.names); }
    const std::scoped_lock lock(g.creation());
    if (!g.creates_plainly() || g.store().find(key.id) != nullptr ||
        g.store().has_first_parts() || g.store().find_whole(key.id) != nullptr) {
        return nullptr;
    }
    if (!key.numbered.empty()) { g.names().enter_path(here.place->id, key.numbered); }
    variable_node* made = nullptr;
    g.names().if_free(key.id, [&] {
        made = &g.add_plain({.scope = here.place->view(),
            .name = name.text(),
            .id = key.id,
            .type = type,
            .full_shape = dimensions,
            .initial = *rule,
            .is_trainable = options == nullptr || options->trainable,
            .defined_at = name.where()});
    });
    return made;
}

} // namespace varscope::detail
