/// \file
/// From a call of get_variable to the store: names, defaults, custom getters.
#pragma once

#include <varscope/graph/tensor.hpp>
#include <varscope/names/name.hpp>
#include <varscope/policy/custom_getter.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/scope/scope_frame.hpp>
#include <varscope/variable/detail/get_partitioned.hpp>
#include <varscope/variable/get_single.hpp>
#include <varscope/variable/variable_options.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Which of the two lists a variable joins unless told otherwise.
enum class variable_kind : std::uint8_t { global, local };

/// The options of any of the calls, which they outlive.
struct asked_options {
    template <class Dtype, class Trainable>
    explicit(false) asked_options(const get_variable_options<Dtype, Trainable>& o) noexcept
        : initializer{o.initializer}
        , collections{o.collections}
        , reuse{o.reuse}
        , regularizer{o.regularizer}
        , partitioner{o.partitioner}
        , custom_getter{o.custom_getter}
        , constraint{o.constraint}
        , validate_shape{o.validate_shape} {
        if constexpr (std::same_as<Trainable, bool>) { trainable = o.trainable; }
    }

    const varscope::initializer& initializer;
    const std::optional<std::vector<std::string>>& collections;
    const reuse_mode reuse;
    const varscope::regularizer& regularizer;
    const varscope::partitioner& partitioner;
    const varscope::custom_getter& custom_getter;
    const varscope::constraint& constraint;
    const bool validate_shape;
    bool trainable = true;
};

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
[[nodiscard]] inline variable_node& ask_store(thread_scopes& thread,
    const variable_request& request, const digest& id, const variable_call* call) {
    graph& g = *thread.owner;
    if (request.partitioner && !(request.shape.has_rank() && request.shape.rank() == 0)) {
        return get_partitioned(thread, request, id)();
    }
    if (request.reuse == reuse_mode::reuse && g.store().find_whole(id) != nullptr) {
        return get_partitioned(thread, request, id)();
    }
    if (const variable_node* const part = g.store().find_first_part(id)) {
        get_partitioned::throw_conflict(request, *part, "cut into parts");
    }
    get_single get(thread, request, id);
    if (call != nullptr) {
        get.for_handle(call->rank, call->is_typed);
        if (!call->name.is_given()) { get.without_name(); }
    }
    return get();
}

/// Whether options change nothing for a variable that is there.
template <class Options>
[[nodiscard]] bool are_plain(const Options& o) noexcept {
    return o.reuse == reuse_mode::inherit && !o.partitioner && !o.custom_getter &&
        (!o.initializer || o.initializer.model()->kind() == initializer_model::form::by_shape);
}

/// The element type and the rank that a handle needs.
struct handle_kind {
    dtype type;
    std::int16_t rank; // -1: any
};

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
    [[nodiscard]] variable_node& operator()() {
        const digest id = find_id();
        if (variable_node* const known = find_shared(id)) { return *known; }
        if (getters() == nullptr) { return ask_store(thread_, request(), id, &call_); }
        variable_node& found = ask_getters().as_variable(call_.name.where()).node();
        if (call_.is_typed) { check_fits(found, *call_.type, call_.rank, call_.name.where()); }
        return found;
    }

    /// The variable, or what the getters make of it.
    [[nodiscard]] tensor fetch() {
        return getters() == nullptr ? tensor(any_variable((*this)())) : ask_getters();
    }

private:
    [[nodiscard]] digest find_id() const {
        if (!call_.name.is_given() && scope_.id() != root_digest) {
            throw invalid_name("a variable in scope '" + scope_.name() +
                    "' needs a name\n  requested at " + to_string(call_.name.where()) +
                    "\n  only at the root it gets the name 'Variable' without one",
                {scope_.name(), call_.name.where()}, scope_.name().size());
        }
        const hashed_name name = call_.name.hashed();
        const bool is_root_itself = scope_.id() == root_digest && name.text.empty();
        return is_root_itself ? root_digest : extend(scope_.id(), name);
    }

    [[nodiscard]] const getter_chain* getters() {
        if (call_.options != nullptr && call_.options->custom_getter) {
            if (own_getter_ == nullptr) {
                own_getter_ = std::make_unique<getter_chain>(
                    getter_chain{call_.options->custom_getter, nullptr});
            }
            return own_getter_.get();
        }
        return scope_.defaults->getters.get();
    }

    [[nodiscard]] reuse_mode mode() const noexcept {
        if (call_.options != nullptr && call_.options->reuse != reuse_mode::inherit) {
            return call_.options->reuse;
        }
        return scope_.reuse == reuse_mode::inherit ? reuse_mode::create : scope_.reuse;
    }

    /// The short way: a variable in one piece that is known and shared as it is. One without a name
    /// has no key, and is not what an empty name stands for.
    [[nodiscard]] variable_node* find_shared(const digest& id) const {
        if (!scope_.defaults->is_plain) { return nullptr; }
        if (call_.options != nullptr) {
            const asked_options& o = *call_.options;
            if (brings_value(o.initializer) || o.partitioner || o.custom_getter) { return nullptr; }
        }
        if (mode() == reuse_mode::create || !call_.name.is_given()) { return nullptr; }
        variable_node* const known = graph_.store().find(id);
        if (known == nullptr || known->key().empty() || has_bad_dimension(call_.dimensions) ||
            graph_.store().find_first_part(id) != nullptr) {
            return nullptr;
        }
        const auto& where = call_.name.where();
        if (!is_compatible(call_.dimensions, *known)) {
            throw_shape_mismatch(*known, call_.dimensions, where);
        }
        const dtype wanted = call_.type.value_or(scope_.type);
        if (wanted != known->type) { throw_dtype_mismatch(*known, wanted, where); }
        if (call_.rank && *call_.rank != known->rank) {
            throw_rank_mismatch(*known, *call_.rank, where);
        }
        if (sharing_log* const log = graph_.sharing()) { log->note_shared(known->key(), where); }
        return known;
    }

    /// The call with the defaults of the scope filled in.
    [[nodiscard]] variable_request request() {
        const scope_defaults& d = *scope_.defaults;
        variable_request r{.name = join(scope_.name(), call_.name.text()),
            .shape = call_.dimensions,
            .dtype = call_.type.value_or(scope_.type),
            .initializer = d.initializer,
            .regularizer = d.regularizer,
            .reuse = mode(),
            .partitioner = d.partitioner,
            .constraint = scope_.constraint(),
            .asked_at = call_.name.where()};
        if (call_.options != nullptr) {
            const asked_options& o = *call_.options;
            if (o.initializer) {
                r.initializer = o.initializer;
                check_type(r);
            }
            if (o.regularizer) { r.regularizer = o.regularizer; }
            if (o.partitioner) { r.partitioner = o.partitioner; }
            if (o.constraint) { r.constraint = o.constraint; }
            r.trainable = o.trainable;
            r.validate_shape = o.validate_shape;
            r.collections = o.collections;
        }
        if (call_.kind == variable_kind::local) {
            r.trainable = false;
            if (!r.collections) { r.collections.emplace(); }
            r.collections->emplace_back(graph_keys::local_variables);
        }
        return r;
    }

    /// An explicit element type against that of a value given in the call.
    void check_type(const variable_request& r) {
        if (!call_.type || !brings_value(r.initializer)) { return; }
        const initializer_model& model = *r.initializer.model();
        dtype given = dtype::float32;
        if (model.kind() == initializer_model::form::value) {
            given = model.value().type();
            // TensorFlow makes a hidden op of the value, at the root; not where none can be made.
            if (!graph_.is_frozen()) {
                (void)graph_.names().take(root_digest, "Const", r.asked_at);
            }
        } else {
            given = model.type();
        }
        if (given != *call_.type) {
            throw initializer_dtype_conflict("variable '" + r.name +
                    "' and its initializer differ in element type\n  requested at " +
                    to_string(r.asked_at) + " as " + std::string(to_string(*call_.type)) +
                    " with a value of type " + std::string(to_string(given)) +
                    "\n  give a value of the variable's type, or vs::constant_initializer(...), "
                    "which "
                    "converts",
                {r.name, r.asked_at});
        }
    }

    [[nodiscard]] tensor ask_getters() {
        const variable_request asked = request();
        const name_scope root(graph_, name_arg(std::string_view(), call_.name.where()));
        return next_getter(thread_, getters())(asked);
    }

    thread_scopes& thread_;
    graph& graph_;
    const scope_state& scope_;
    const variable_call& call_;
    std::unique_ptr<getter_chain> own_getter_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

inline tensor next_getter::operator()(const variable_request& request) const {
    if (chain_ != nullptr) {
        return chain_->own(next_getter(*thread_, chain_->outer.get()), request);
    }
    const detail::digest id = request.name.empty()
        ? detail::root_digest
        : detail::extend(detail::root_digest, request.name);
    return tensor(any_variable(detail::ask_store(*thread_, request, id, nullptr)));
}

} // namespace varscope::inline VARSCOPE_ABI
