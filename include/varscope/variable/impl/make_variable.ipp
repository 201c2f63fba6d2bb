// See make_variable.hpp.
#pragma once

#include <varscope/graph/graph_state.hpp>
#include <varscope/initializers/initializer_model.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/variable/make_variable.hpp>
#include <varscope/variable/new_variable.hpp>

#include <algorithm>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE origin origin_of_value(const varscope::initializer& initial,
    std::optional<dtype> wanted, std::string_view name, const std::source_location& where) {
    using form = initializer_model::form;
    const initializer_model& model = *initial.model();
    if (model.kind() == form::tensor) {
        if (wanted && model.type() != *wanted) {
            throw_value_dtype(
                name, "a tensor of type " + std::string(to_string(model.type())), *wanted, where);
        }
        return {model.type(), model.value_shape(), initial, initial_op::tensor};
    }
    array_value value = model.value(); // calls the user's function, if it is one
    const bool converts = model.kind() == form::value;
    if (wanted && value.type() != *wanted) {
        auto converted = converts ? value.converted(*wanted) : std::nullopt;
        if (!converted) {
            throw_value_dtype(name,
                (converts ? "a value of type " : "the result of a function, of type ") +
                    std::string(to_string(value.type())),
                *wanted, where);
        }
        value = *std::move(converted);
    }
    return {value.type(), value.shape(), varscope::initializer(std::move(value)),
        converts ? initial_op::value : initial_op::function};
}

VARSCOPE_INLINE void collect(
    graph& g, const variable_node& v, const std::optional<std::vector<std::string>>& keys) {
    g.with_collections([&](collections& c) {
        bool is_collected_as_trainable = false;
        if (keys) {
            for (auto key = keys->begin(); key != keys->end(); ++key) {
                if (std::find(keys->begin(), key, *key) != key) { continue; } // they are a set
                c.add(*key, v);
                is_collected_as_trainable =
                    is_collected_as_trainable || *key == graph_keys::trainable_variables;
            }
        } else {
            c.add(graph_keys::global_variables, v);
        }
        if (v.is_trainable && !is_collected_as_trainable) {
            c.add(graph_keys::trainable_variables, v);
        }
    });
}

VARSCOPE_INLINE void check_made_once(const creation_site& site, const std::source_location& where) {
    const variable_node* const made = site.thread.owner->store().find(site.id);
    if (made == nullptr) { return; }
    const std::string key(made->key());
    throw already_exists("variable '" + key + "' was made twice by one request" +
            describe_creation(*made) + ", by a variable creator\n  requested at " +
            to_string(where) +
            "\n  a creator calls next once, or returns the variable that it made itself",
        {key, where, made->defined_at});
}

VARSCOPE_INLINE variable_node& make_in_graph(
    const creation_site& site, const variable_creation& wanted) {
    using form = initializer_model::form;
    graph& g = *site.thread.owner;
    const std::source_location& where = wanted.asked_at;
    if (site.has_key && !wanted.name.empty()) { check_made_once(site, where); } // or it is illegal
    const initializer_model& model = *wanted.initial_value.model();
    if (model.kind() == form::value) { // before a name is taken
        check_value_rank(
            [&] {
                return site.has_key ? std::string(site.key)
                                    : join(path_of(site.scope), wanted.name);
            },
            model.value().shape(), site.rank, where);
    }
    if (g.is_frozen()) { throw_frozen(g, wanted.name, where); }
    const std::string op_name = g.take_variable_name(site.scope, wanted.name, where);
    const std::string_view full = site.has_key ? site.key : std::string_view(op_name);
    origin from{wanted.dtype.value_or(dtype::float32), wanted.shape, wanted.initial_value,
        initial_op::function};
    if (model.kind() == form::by_shape) {
        // A part's value is a slice of the whole's, which is what the rule makes.
        const bool is_part = site.whole != nullptr;
        const shape dimensions = is_part ? site.whole->get_shape() : from.dimensions;
        const std::string_view asked = is_part ? site.whole->key() : full;
        if (const auto why = model.refuses(dimensions, from.type)) {
            throw_refused(asked, dimensions, from.type, !model.can_make(from.type), *why, where);
        }
        if (!model.can_make(from.type)) {
            throw_value_dtype(asked, "what its initializer makes", from.type, where);
        }
    } else if (wanted.shape.is_fully_defined() && model.kind() == form::function) {
        throw initializer_signature("variable '" + std::string(full) +
                "' was given a shape and an initializer function that takes none\n"
                "  requested at " +
                to_string(where) + " with shape " + to_string(wanted.shape) +
                "\n  leave the shape out, or let the function take it: [](const vs::shape& s) "
                "{ ... }",
            {std::string(full), where});
    } else if (site.whole == nullptr) { // a part's value is a slice of the whole's
        from = origin_of_value(wanted.initial_value, wanted.dtype, full, where);
        check_value_rank([&] { return full; }, from.dimensions, site.rank, where);
        if (!from.dimensions.is_fully_defined()) {
            if (wanted.validate_shape) {
                throw shape_required("variable '" + std::string(full) +
                        "' needs an initial value whose shape is known\n  requested at " +
                        to_string(where) + " with a tensor of shape " + to_string(from.dimensions) +
                        "\n  give the tensor a shape, or the option validate_shape = false",
                    {std::string(full), where});
            }
            shape held; // what memory is taken for; the value may turn out to be another
            for (const auto d : from.dimensions) { held.push_back(std::max<std::int64_t>(d, 0)); }
            from.dimensions = held;
        }
    } else {
        from.from = initial_op::tensor;
    }
    check_shape(from.dimensions, from.type, site.rank, full, where);
    variable_extras* extras = nullptr;
    if (wanted.constraint || !wanted.validate_shape || site.whole != nullptr) {
        extras = g.make_extras();
        extras->constraint = wanted.constraint;
        extras->has_unknown_shape = !wanted.validate_shape;
        extras->whole = site.whole;
        extras->offset = site.offset;
    }
    variable_node& made = g.add(graph::new_variable{.op_name = op_name,
        .key = site.key,
        .id = site.id,
        .type = from.type,
        .full_shape = from.dimensions,
        .initial = from.initial,
        .initial_from = from.from,
        .is_trainable = wanted.trainable,
        .has_key = site.has_key,
        .extras = extras,
        .defined_at = where,
        .scope_opened_at = site.thread.innermost->scope->opened_at()});
    if (site.whole != nullptr) { site.whole->extras->parts.push_back(&made); }
    collect(g, made, wanted.collections);
    sharing_log* const log = g.sharing();
    if (log != nullptr && site.whole == nullptr) {
        log->note_created(
            site.has_key ? std::string(site.key) : join(path_of(site.scope), wanted.name),
            site.has_key, where);
    }
    return made;
}

VARSCOPE_INLINE variable_node& make_variable(
    const creation_site& site, const variable_creation& wanted) {
    const std::scoped_lock lock(site.thread.owner->creation());
    variable_node& made = next_creator(site, site.thread.creators)(wanted).node();
    // A creator may have made, or found, any other variable than the one that was wanted.
    if (site.is_typed) { check_fits(made, *wanted.dtype, site.rank, wanted.asked_at); }
    return made;
}

VARSCOPE_INLINE void regularize(
    thread_scopes& thread, variable_node& v, const std::string& key, const regularizer& loss_of) {
    graph& g = *thread.owner;
    const name_scope in(g, name_arg(key + "/Regularizer/", v.defined_at));
    const std::optional<tensor> loss = loss_of(any_variable(v));
    if (!loss) { return; }
    keep(g, *loss);
    g.with_collections(
        [&](collections& c) { c.add(graph_keys::regularization_losses, loss->node()); });
}

VARSCOPE_INLINE variable_node& make_unshared(
    thread_scopes& thread, const name_arg& name, const new_variable_call& call) {
    const std::source_location& where = name.where();
    const std::string_view text = name.is_given() ? name.text() : std::string_view("Variable");
    const initializer& initial = call.initial;
    if (!initial || initial.model()->kind() == initializer_model::form::by_shape) {
        const std::string full = join(path_of(thread.innermost->names), text);
        throw initial_value_required("variable '" + full +
                "' needs an initial value\n  requested at " + to_string(where) +
                (initial ? " with a rule, which needs a shape" : "") +
                "\n  give a number, an xtensor expression or a function that returns one",
            {full, where});
    }
    return make_variable({.thread = thread,
                             .scope = thread.innermost->names,
                             .rank = call.rank,
                             .is_typed = call.is_typed},
        {.name = std::string(text),
            .initial_value = initial,
            .dtype = call.type,
            .trainable = call.trainable,
            .collections = call.collections,
            .validate_shape = call.validate_shape,
            .constraint = call.constraint,
            .asked_at = where});
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE any_variable next_creator::operator()(const variable_creation& wanted) const {
    if (link_ == nullptr) { return any_variable(detail::make_in_graph(*site_, wanted)); }
    return link_->creator(next_creator(*site_, link_->outer), wanted);
}

} // namespace varscope::inline VARSCOPE_ABI
