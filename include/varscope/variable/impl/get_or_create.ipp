// See get_or_create.hpp.
#pragma once

#include <varscope/variable/get_or_create.hpp>

#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE variable_node& ask_store(thread_scopes& thread, const variable_request& request,
    const digest& id, const variable_call* call) {
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

VARSCOPE_INLINE variable_node& get_or_create::operator()() {
    const digest id = find_id();
    if (variable_node* const known = find_shared(id)) { return *known; }
    if (getters() == nullptr) { return ask_store(thread_, request(), id, &call_); }
    variable_node& found = ask_getters().as_variable(call_.name.where()).node();
    if (call_.is_typed) { check_fits(found, *call_.type, call_.rank, call_.name.where()); }
    return found;
}

VARSCOPE_INLINE digest get_or_create::find_id() const {
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

VARSCOPE_INLINE const getter_chain* get_or_create::getters() {
    if (call_.options != nullptr && call_.options->custom_getter) {
        if (own_getter_ == nullptr) {
            own_getter_ =
                std::make_unique<getter_chain>(getter_chain{call_.options->custom_getter, nullptr});
        }
        return own_getter_.get();
    }
    return scope_.defaults->getters.get();
}

VARSCOPE_INLINE reuse_mode get_or_create::mode() const noexcept {
    if (call_.options != nullptr && call_.options->reuse != reuse_mode::inherit) {
        return call_.options->reuse;
    }
    return scope_.reuse == reuse_mode::inherit ? reuse_mode::create : scope_.reuse;
}

VARSCOPE_INLINE variable_node* get_or_create::find_shared(const digest& id) const {
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

VARSCOPE_INLINE variable_request get_or_create::request() {
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

VARSCOPE_INLINE void get_or_create::check_type(const variable_request& r) {
    if (!call_.type || !brings_value(r.initializer)) { return; }
    const initializer_model& model = *r.initializer.model();
    dtype given = dtype::float32;
    if (model.kind() == initializer_model::form::value) {
        given = model.value().type();
        // TensorFlow makes a hidden op of the value, at the root; not where none can be made.
        if (!graph_.is_frozen()) { (void)graph_.names().take(root_digest, "Const", r.asked_at); }
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

VARSCOPE_INLINE tensor get_or_create::ask_getters() {
    const variable_request asked = request();
    const name_scope root(graph_, name_arg(std::string_view(), call_.name.where()));
    return next_getter(thread_, getters())(asked);
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE tensor next_getter::operator()(const variable_request& request) const {
    if (chain_ != nullptr) {
        return chain_->own(next_getter(*thread_, chain_->outer.get()), request);
    }
    const detail::digest id = request.name.empty()
        ? detail::root_digest
        : detail::extend(detail::root_digest, request.name);
    return tensor(any_variable(detail::ask_store(*thread_, request, id, nullptr)));
}

} // namespace varscope::inline VARSCOPE_ABI
