/// \file
/// From a call of get_variable to the store: names, defaults, custom getters.
#pragma once

#include <varscope/graph/tensor.hpp>
#include <varscope/graph/variable_store.hpp>
#include <varscope/initializers/initializer_model.hpp>
#include <varscope/names/name.hpp>
#include <varscope/policy/custom_getter.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/scope/thread_scopes.hpp>
#include <varscope/variable/asked_options.hpp>
#include <varscope/variable/detail/get_partitioned.hpp>
#include <varscope/variable/get_single.hpp>
#include <varscope/variable/variable_options.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace varscope::inline VARSCOPE_ABI::detail {

/// What one call asks for, as it was written.
struct variable_call {
    const name_arg& name;
    const shape& dimensions;
    std::optional<dtype> type;       // said by the caller, in the call or by the type of the handle
    std::optional<std::size_t> rank; // that the handle needs
    bool is_typed = false;           // the handle needs `type`
    const asked_options* options;    // null: all defaults
    variable_kind kind = variable_kind::global;
};

/// The store's answer to a request that went through all getters.
/// \param call  for what its handle needs; null behind a getter.
[[nodiscard]] variable_node& ask_store(thread_scopes& thread, const variable_request& request,
    const digest& id, const variable_call* call);

/// Whether options change nothing for a variable that is there.
template <class Options>
[[nodiscard]] bool are_plain(const Options& o) noexcept {
    return o.reuse == reuse_mode::inherit && !o.partitioner && !o.custom_getter &&
        (!o.initializer || o.initializer.model()->kind() == initializer_model::form::by_shape);
}

/// The shortest way to a variable: the current scope shares, and hands nothing down that counts;
/// the variable is there in one piece, and fits. Null otherwise, for whatever reason. \param id_of
/// tells the digest of the key, given that of the scope.
template <class IdOf, class Options>
[[nodiscard, gnu::always_inline]] inline variable_node* find_plain(const thread_scopes& thread,
    IdOf&& id_of, const shape& dimensions, handle_kind kind, const Options* options) noexcept {
    const scope_frame& here = *thread.innermost;
    const graph& g = *thread.owner;
    if (!here.scope->state().shares_as_is() || (options != nullptr && !are_plain(*options)) ||
        g.store().has_first_parts() || g.sharing() != nullptr) [[unlikely]] {
        return nullptr;
    }
    const digest id = id_of(here.place->id);
    variable_node* known = here.place->variable; // mostly it is asked for again
    if (known == nullptr || known->id != id || !known->is_in_store()) {
        known = g.store().find(id);
        here.place->variable = known;
    }
    if (known == nullptr || known->type != kind.type ||
        (known->rank != kind.rank && kind.rank >= 0)) [[unlikely]] {
        return nullptr;
    }
    if (!dimensions.has_rank()) { return known; }
    const std::size_t rank = known->rank;
    if (dimensions.rank() != rank) [[unlikely]] { return nullptr; }
    for (std::size_t axis = 0; axis < rank; ++axis) {
        if (dimensions[axis] != static_cast<std::int64_t>(known->dimensions()[axis])) [[unlikely]] {
            return nullptr;
        }
    }
    return known;
}

/// The variable that `call` asks for in a scope, created or shared as the scope's reuse mode says.
/// Follows VariableScope.get_variable and _VariableStore.get_variable (TensorFlow 1.15).
class get_or_create {
public:
    get_or_create(
        thread_scopes& thread, const scope_state& scope, const variable_call& call) noexcept
        : thread_{thread}
        , graph_{*thread.owner}
        , scope_{scope}
        , call_{call} {}
    get_or_create(thread_scopes& thread, const variable_call& call) noexcept
        : get_or_create(thread, thread.innermost->scope->state(), call) {}

    /// \throws not_a_variable  a getter made an op of it.
    [[nodiscard]] variable_node& operator()();

    /// The variable, or what the getters make of it.
    [[nodiscard]] tensor fetch() {
        return getters() == nullptr ? tensor(any_variable((*this)())) : ask_getters();
    }

private:
    [[nodiscard]] digest find_id() const;

    [[nodiscard]] const getter_chain* getters();

    [[nodiscard]] reuse_mode mode() const noexcept;

    /// The short way: a variable in one piece that is known and shared as it is. One without a name
    /// has no key, and is not what an empty name stands for.
    [[nodiscard]] variable_node* find_shared(const digest& id) const;

    /// The call with the defaults of the scope filled in.
    [[nodiscard]] variable_request request();

    /// An explicit element type against that of a value given in the call.
    void check_type(const variable_request& r);

    [[nodiscard]] tensor ask_getters();

    thread_scopes& thread_;
    graph& graph_;
    const scope_state& scope_;
    const variable_call& call_;
    std::unique_ptr<getter_chain> own_getter_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/get_or_create.ipp>
#endif
