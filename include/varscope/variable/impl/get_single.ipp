// See get_single.hpp.
#pragma once

#include <varscope/initializers/initializer_model.hpp>
#include <varscope/variable/get_single.hpp>

#include <cstddef>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE bool brings_value(const initializer& initial) noexcept {
    using form = initializer_model::form;
    return initial &&
        (initial.model()->kind() == form::value || initial.model()->kind() == form::tensor);
}

VARSCOPE_INLINE initializer default_initializer(const variable_request& r) {
    if (is_floating(r.dtype)) { return glorot_uniform(); }
    if (!is_complex(r.dtype)) { return zeros(); }
    throw initializer_required("variable '" + r.name + "' needs an initializer\n  requested at " +
            to_string(r.asked_at) + " as " + std::string(to_string(r.dtype)) +
            ", for which there is no default\n  give one, e.g. {.initializer = vs::zeros()}",
        {r.name, r.asked_at});
}

VARSCOPE_INLINE void check_shareable(const variable_node& known, const variable_request& r) {
    if (!is_compatible(r.shape, known)) { throw_shape_mismatch(known, r.shape, r.asked_at); }
    if (r.dtype != known.type) { throw_dtype_mismatch(known, r.dtype, r.asked_at); }
}

VARSCOPE_INLINE get_single& get_single::for_handle(
    std::optional<std::size_t> rank, bool is_typed) noexcept {
    rank_ = rank;
    is_typed_ = is_typed;
    return *this;
}

VARSCOPE_INLINE get_single& get_single::as_part_of(
    variable_node& whole, std::vector<std::size_t> offset) {
    whole_ = &whole;
    offset_ = std::move(offset);
    return *this;
}

VARSCOPE_INLINE get_single& get_single::without_name() noexcept {
    is_named_ = false;
    return *this;
}

VARSCOPE_INLINE variable_node& get_single::operator()() {
    if (whole_ == nullptr && request_.shape.has_rank() && brings_value(request_.initializer)) {
        throw_constant_with_shape();
    }
    check_shape(
        request_.shape, request_.dtype, rank_, [&] { return request_.name; }, request_.asked_at);
    if (variable_node* const found = find_or_make()) { return *found; }
    throw_does_not_exist(graph_, request_.name, request_.asked_at);
}

VARSCOPE_INLINE variable_node* get_single::find_or_make() {
    const std::scoped_lock lock(graph_.creation());
    const bool can_be_known = !request_.name.empty() || !is_named_;
    if (variable_node* const known = can_be_known ? graph_.store().find(id_) : nullptr) {
        if (known->key() != request_.name) {
            throw std::logic_error(
                "two keys have one digest: " + request_.name + ", " + std::string(known->key()));
        }
        if (request_.reuse == reuse_mode::create) {
            throw_already_exists(*known, thread_.innermost->names,
                thread_.innermost->scope->state().id() == root_digest, request_.asked_at);
        }
        check_shareable(*known, request_);
        if (rank_ && *rank_ != known->rank) {
            throw_rank_mismatch(*known, *rank_, request_.asked_at);
        }
        if (sharing_log* const log = graph_.sharing()) {
            log->note_shared(request_.name, request_.asked_at);
        }
        return known;
    }
    return request_.reuse == reuse_mode::reuse ? nullptr : &make();
}

VARSCOPE_INLINE variable_node& get_single::make() {
    const initializer initial =
        request_.initializer ? request_.initializer : default_initializer(request_);
    const bool is_rule = initial.model()->kind() == initializer_model::form::by_shape;
    if (!request_.shape.is_fully_defined() && is_rule) { throw_shape_required(); }
    near_miss_watch* const watch = graph_.near_misses();
    if (watch != nullptr && request_.reuse == reuse_mode::auto_reuse && whole_ == nullptr) {
        watch->check(
            graph_.store(), request_.name, request_.shape, request_.dtype, request_.asked_at);
    }
    // TensorFlow ignores the type asked for where the initializer brings the value and has a
    // type of its own; a typed handle cannot.
    const bool wants_type = is_rule || is_typed_;
    variable_node& made = make_variable({.thread = thread_,
                                            .scope = nullptr,
                                            .has_key = true,
                                            .key = request_.name,
                                            .id = id_,
                                            .rank = rank_,
                                            .is_typed = is_typed_,
                                            .whole = whole_,
                                            .offset = offset_},
        {.name = is_named_ ? request_.name : std::string("Variable"),
            .initial_value = initial,
            .shape = request_.shape,
            .dtype = wants_type || whole_ != nullptr ? std::optional(request_.dtype) : std::nullopt,
            .trainable = request_.trainable,
            .collections = request_.collections,
            .validate_shape = request_.validate_shape,
            .constraint = request_.constraint,
            .asked_at = request_.asked_at});
    if (request_.regularizer) { regularize(thread_, made, request_.name, request_.regularizer); }
    return made;
}

VARSCOPE_INLINE void get_single::throw_constant_with_shape() const {
    throw constant_with_shape("variable '" + request_.name +
            "' was given a shape and a value as its initializer\n  requested at " +
            to_string(request_.asked_at) + " with shape " + to_string(request_.shape) +
            "\n  a value has a shape of its own: leave the shape out (vs::any_shape), or use "
            "vs::constant_initializer(...)",
        {request_.name, request_.asked_at});
}

VARSCOPE_INLINE void get_single::throw_shape_required() const {
    throw shape_required("variable '" + request_.name +
            "' does not exist yet and needs a fully defined shape\n  requested at " +
            to_string(request_.asked_at) + " with shape " + to_string(request_.shape) +
            "\n  give every dimension, or a value as the initializer",
        {request_.name, request_.asked_at});
}

} // namespace varscope::inline VARSCOPE_ABI::detail
