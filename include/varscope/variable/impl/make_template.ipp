// See make_template.hpp.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/graph/graph_state.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/variable/make_template.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE template_scope::template_scope(
    const name_arg& name, const template_options& options)
    : name_{name.text()}
    , where_{name.where()}
    , getter_{options.custom_getter} {
    if (options.unique_name) { unique_name_ = *options.unique_name; }
    if (options.create_scope_now) { create_scope(); }
}

VARSCOPE_INLINE void template_scope::create_scope() {
    thread_scopes& thread = current_scopes();
    const scope_frame& outer = *thread.innermost;
    std::string relative = unique_name_.value_or(std::string());
    if (relative.empty()) { // TensorFlow takes an empty one for none here
        const std::uint32_t suffix = thread.tree.first_free(*outer.place, name_);
        append_suffixed(relative, name_, suffix);
    }
    const auto made = copy_of(outer.scope->state());
    scope_node& place = thread.tree.below(*outer.place, relative); // is counted
    const bool is_root_itself = relative.empty() && outer.place->id == root_digest;
    const scope_node& scope = is_root_itself ? *outer.place : place;
    made->set_path(scope.view(), scope.id);
    made->type = dtype::float32; // not inherited, as in TensorFlow
    made->extras->constraint = {};
    made->set_original(relative);
    if (getter_) {
        made->change_defaults([&](scope_defaults& d) {
            d.getters = std::make_shared<const getter_chain>(getter_chain{getter_, d.getters});
        });
    }
    thread.tree.open(place);
    thread.tree.close(place);
    scope_ = scope_handle(made);
}

struct template_scope::trainable_watch::state {
    graph& of;
    collections::watch watch{.key = graph_keys::trainable_variables};
};

VARSCOPE_INLINE template_scope::trainable_watch::trainable_watch(graph& g)
    : state_{new state{.of = g}} {
    g.with_collections([&](collections& c) { c.begin(state_->watch); });
}

VARSCOPE_INLINE template_scope::trainable_watch::~trainable_watch() {
    state_->of.with_collections([&](collections& c) { c.end(state_->watch); });
}

VARSCOPE_INLINE const node* template_scope::trainable_watch::first() const {
    const collections::watch& watch = state_->watch;
    return state_->of.with_collections([&](const collections& c) {
        const auto present = c.get(watch.key);
        const auto found = std::ranges::find_if(watch.added,
            [&](const node* item) { return std::ranges::find(present, item) != present.end(); });
        return found == watch.added.end() ? nullptr : *found;
    });
}

VARSCOPE_INLINE void template_scope::throw_new_variable(const node& made) const {
    const std::string name(made.op_name());
    throw template_new_variable("template '" + name_ +
            "' made a trainable variable after its first call: '" + name + "'\n  created at " +
            to_string(made.defined_at) + "\n  template made at " + to_string(where_) +
            "\n  ask with vs::get_variable for what is to be shared; vs::variable is new each "
            "time",
        {name, where_, made.defined_at});
}

} // namespace varscope::inline VARSCOPE_ABI::detail
