/// \file
/// The rules by which variables are created and shared: plain code, the same for all types.
#pragma once

#include <varscope/current_graph.hpp>
#include <varscope/detail/nodes.hpp>
#include <varscope/detail/scope_frame.hpp>
#include <varscope/graph.hpp>
#include <varscope/name.hpp>
#include <varscope/variable_options.hpp>
#include <varscope/variance_scaling.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace varscope::detail {

/// Which of the two lists a variable joins unless told otherwise.
enum class variable_kind : std::uint8_t { global, local };

/// What one call asks for.
struct variable_request {
    const name_arg& name;
    const shape& dimensions;
    std::optional<dtype> type;       // said by the caller, in the call or by the type of the handle
    std::optional<std::size_t> rank; // that the handle needs
    bool is_typed = false;           // the handle needs `type`
    const variable_options* options; // null: all defaults
    variable_kind kind = variable_kind::global;
};

[[nodiscard]] inline std::string describe(const shape& s, dtype type) {
    return "shape " + to_string(s) + ' ' + std::string(to_string(type));
}

/// "  first created at model.cpp:41 with shape (4, 8) float32"
[[nodiscard]] inline std::string describe_creation(const variable_node& v) {
    return "\n  first created at " + to_string(v.defined_at) + " with " +
        describe(v.get_shape(), v.type);
}

/// \param names  the name scope in force.
[[noreturn]] inline void throw_already_exists(const variable_node& v, const name_link* names,
    bool is_root_scope, const std::source_location& where) {
    const std::string key(v.key());
    const std::string name_scope = names == nullptr || !is_root_scope ? std::string()
                                                                      : "\n  the name scope '" +
            path_of(names) + "' does not count here; a vs::variable_scope does";
    throw already_exists("variable '" + key + "' already exists" + describe_creation(v) +
            "\n  requested again at " + to_string(where) + " in a scope that does not reuse" +
            name_scope +
            "\n  to share it, open the scope with vs::reuse or "
            "vs::auto_reuse; for a second one, use another name",
        {key, where, v.defined_at});
}

[[noreturn]] inline void throw_does_not_exist(
    const graph& g, const std::string& key, const std::source_location& where) {
    const std::scoped_lock lock(g.creation());
    auto nearest = g.store().nearest(key, 3);
    std::string text = "variable '" + key + "' does not exist\n  requested at " + to_string(where) +
        " in a scope that only reuses";
    for (std::size_t i = 0; i < nearest.size(); ++i) {
        text += (i == 0 ? "\n  nearest: '" : ", '") + nearest[i] + '\'';
    }
    const auto unshared = g.find_node(key);
    if (unshared != nullptr && unshared->is_variable && unshared->key_size == 0) {
        text += "\n  the one made by vs::variable at " + to_string(unshared->defined_at) +
            " is never shared by name";
    }
    text += "\n  create it first, or open the scope with vs::auto_reuse";
    throw does_not_exist(text, {key, where}, std::move(nearest));
}

[[noreturn]] inline void throw_shape_mismatch(
    const variable_node& v, const shape& asked, const std::source_location& where) {
    const std::string name(v.key_size > 0 ? v.key() : v.op_name());
    throw shape_mismatch("variable '" + name + "' has another shape" + describe_creation(v) +
            "\n  requested again at " + to_string(where) + " with shape " + to_string(asked) +
            "\n  ask for the shape it has, or leave the shape out to share it as it is",
        {name, where, v.defined_at}, v.get_shape(), asked);
}

[[noreturn]] inline void throw_rank_mismatch(
    const variable_node& v, std::size_t rank, const std::source_location& where) {
    shape asked;
    for (std::size_t i = 0; i < rank; ++i) { asked.push_back(unknown_dimension); }
    const std::string name(v.key_size > 0 ? v.key() : v.op_name());
    throw shape_mismatch("variable '" + name + "' has another number of axes" +
            describe_creation(v) + "\n  requested at " + to_string(where) +
            " as a variable of rank " + std::to_string(rank) +
            "\n  use the rank it has, or variable<T> without a rank",
        {name, where, v.defined_at}, v.get_shape(), asked);
}

[[noreturn]] inline void throw_dtype_mismatch(
    const variable_node& v, dtype asked, const std::source_location& where) {
    const std::string name(v.key_size > 0 ? v.key() : v.op_name());
    throw dtype_mismatch("variable '" + name + "' has another element type" + describe_creation(v) +
            "\n  requested again at " + to_string(where) + " as " + std::string(to_string(asked)) +
            "\n  ask for the type it has",
        {name, where, v.defined_at}, v.type, asked);
}

/// Throws unless a handle of this element type and rank fits the variable.
inline void check_fits(const variable_node& v, dtype type, std::optional<std::size_t> rank,
    const std::source_location& where) {
    if (v.type != type) { throw_dtype_mismatch(v, type, where); }
    if (rank && *rank != v.rank) { throw_rank_mismatch(v, *rank, where); }
}

[[nodiscard]] inline bool is_compatible(const shape& asked, const variable_node& v) noexcept {
    if (!asked.has_rank()) { return true; }
    if (asked.rank() != v.rank) { return false; }
    for (std::size_t axis = 0; axis < v.rank; ++axis) {
        const std::int64_t d = asked[axis];
        if (d != unknown_dimension && d != static_cast<std::int64_t>(v.dimensions()[axis])) {
            return false;
        }
    }
    return true;
}

[[nodiscard]] inline bool has_bad_dimension(const shape& s) noexcept {
    return std::ranges::any_of(s, [](auto d) { return d < 0 && d != unknown_dimension; });
}

/// Whether memory can be addressed for so many elements.
[[nodiscard]] inline bool is_addressable(const shape& s, dtype type) noexcept {
    std::uint64_t bytes = size_of(type);
    bool is_too_large = false;
    for (const auto d : s) {
        if (d == 0) { return true; }
        is_too_large =
            is_too_large || __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(d), &bytes);
    }
    return !is_too_large &&
        bytes <= static_cast<std::uint64_t>(std::numeric_limits<std::ptrdiff_t>::max());
}

/// Throws if no variable of this shape can be held.
/// \param name_of  returns the variable's full name; called only then.
void check_shape(const shape& s, dtype type, std::optional<std::size_t> rank,
    const std::invocable auto& name_of, const std::source_location& where) {
    std::string why;
    if (has_bad_dimension(s)) {
        why = "a dimension is negative";
    } else if (s.is_fully_defined() && !is_addressable(s, type)) {
        why = "it has more elements than memory can hold";
    } else if (rank && s.has_rank() && s.rank() != *rank) {
        why = "the variable type has rank " + std::to_string(*rank);
    } else {
        return;
    }
    const std::string name(name_of());
    throw bad_shape("variable '" + name + "' cannot have shape " + to_string(s) + ": " + why +
            "\n  requested at " + to_string(where),
        {name, where});
}
inline void check_shape(const shape& s, dtype type, std::optional<std::size_t> rank,
    std::string_view name, const std::source_location& where) {
    check_shape(
        s, type, rank, [=] { return name; }, where);
}

/// What a new variable is made from, once all defaults are in place.
struct origin {
    dtype type;
    shape dimensions;
    varscope::initializer initial;
};

[[noreturn]] inline void throw_value_dtype(
    std::string_view name, std::string_view what, dtype wanted, const std::source_location& where) {
    throw value_dtype("variable '" + std::string(name) + "' cannot be given " + std::string(what) +
            " as " + std::string(to_string(wanted)) + "\n  requested at " + to_string(where) +
            "\n  integers become every type but bool, floating numbers floating and complex ones, "
            "true and "
            "false every type",
        {std::string(name), where});
}

/// The initializer, a rule for shapes, does not make this shape or type.
/// \param why  what `initializer_model::refuses` says.
[[noreturn]] inline void throw_refused(std::string_view name, const shape& s, dtype type,
    bool is_about_type, const std::string& why, const std::source_location& where) {
    const std::string start = "variable '" + std::string(name) + "' cannot ";
    const std::string end =
        ": " + why + "\n  requested at " + to_string(where) + "\n  ask for another ";
    if (is_about_type) {
        throw value_dtype(start + "be given what its initializer makes as " +
                std::string(to_string(type)) + end + "element type, or use another initializer",
            {std::string(name), where});
    }
    throw bad_shape(
        start + "have shape " + to_string(s) + end + "shape, or use another initializer",
        {std::string(name), where});
}

/// The origin of a variable whose initializer brings the value: converted to `wanted`, if that is
/// given.
[[nodiscard]] inline origin origin_of_value(const initializer_model& model,
    std::optional<dtype> wanted, std::string_view name, const std::source_location& where) {
    array_value value = model.value(); // calls the user's function, if it is one
    const bool converts = model.kind() == initializer_model::form::value;
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
    return {value.type(), value.shape(), initializer(std::move(value))};
}

/// Joins the collections that the call names, or those of its kind.
inline void collect(
    graph& g, const variable_node& v, const variable_options* options, variable_kind kind) {
    g.with_collections([&](collections& c) {
        bool is_collected_as_trainable = false;
        bool is_collected_as_local = false;
        const bool is_local = kind == variable_kind::local;
        if (options != nullptr && options->collections) {
            for (auto key = options->collections->begin(); key != options->collections->end();
                 ++key) {
                if (std::find(options->collections->begin(), key, *key) != key) {
                    continue;
                } // they are a set
                c.add(*key, v);
                is_collected_as_trainable =
                    is_collected_as_trainable || *key == graph_keys::trainable_variables;
                is_collected_as_local =
                    is_collected_as_local || *key == graph_keys::local_variables;
            }
        } else if (!is_local) {
            c.add(graph_keys::global_variables, v);
        }
        if (is_local && !is_collected_as_local) { c.add(graph_keys::local_variables, v); }
        if (v.is_trainable && !is_collected_as_trainable) {
            c.add(graph_keys::trainable_variables, v);
        }
    });
}

/// The variable that `request` asks for in the current scope, created or shared as the scope's
/// reuse mode says. Follows _VariableStore.get_variable and VariableScope.get_variable
/// (TensorFlow 1.15), check by check.
class get_or_create {
public:
    get_or_create(thread_scopes& thread, const variable_request& request) noexcept
        : graph_{*thread.owner}
        , names_{thread.innermost->names}
        , scope_{thread.innermost->scope->state()}
        , request_{request} {}

    [[nodiscard]] variable_node& operator()() {
        const std::string_view name = request_.name.text();
        const bool is_root_itself = scope_.id == root_digest && name.empty();
        const digest id = is_root_itself ? root_digest : extend(scope_.id, name);
        variable_node* const known = graph_.store().find(id);
        if (known != nullptr && scope_.reuse != reuse_mode::inherit && !has_initializer()) {
            return share(*known);
        }
        return slowly(id);
    }

private:
    using form = initializer_model::form;

    [[nodiscard]] const std::source_location& where() const noexcept {
        return request_.name.where();
    }
    [[nodiscard]] std::string key() const { return join(scope_.name(), request_.name.text()); }

    [[nodiscard]] bool has_initializer() const noexcept {
        return (request_.options != nullptr && request_.options->initializer) ||
            scope_.active_initializer() != nullptr;
    }
    [[nodiscard]] initializer chosen_initializer() const {
        if (request_.options != nullptr && request_.options->initializer) {
            return request_.options->initializer;
        }
        const initializer* const inherited = scope_.active_initializer();
        return inherited != nullptr ? *inherited : initializer();
    }

    [[nodiscard]] variable_node& share(variable_node& known) const {
        if (has_bad_dimension(request_.dimensions)) {
            check_shape(
                request_.dimensions, known.type, {}, [&] { return key(); }, where());
        }
        if (!is_compatible(request_.dimensions, known)) {
            throw_shape_mismatch(known, request_.dimensions, where());
        }
        const dtype wanted = request_.type.value_or(scope_.type);
        if (wanted != known.type) { throw_dtype_mismatch(known, wanted, where()); }
        if (request_.rank && *request_.rank != known.rank) {
            throw_rank_mismatch(known, *request_.rank, where());
        }
        return known;
    }

    [[nodiscard]] variable_node& slowly(const digest& id) {
        const dtype type = request_.type.value_or(scope_.type);
        initializer initial = chosen_initializer();
        // A plain value given in the call, beside an explicit type: TensorFlow makes a hidden op of
        // it at the root.
        if (request_.options != nullptr && request_.options->initializer && request_.type &&
            initial.model()->kind() == form::value) {
            const dtype given = initial.model()->value().type();
            (void)graph_.names().take(root_digest, "Const");
            if (given != *request_.type) { throw_conflict(given); }
        }
        if (request_.dimensions.has_rank() && initial && initial.model()->kind() == form::value) {
            throw_constant_with_shape();
        }
        check_shape(
            request_.dimensions, type, request_.rank, [&] { return key(); }, where());

        const std::scoped_lock lock(graph_.creation());
        if (variable_node* const known = graph_.store().find(id)) {
            if (known->key() != key()) {
                throw std::logic_error(
                    "two keys have one digest: " + key() + ", " + std::string(known->key()));
            }
            if (scope_.reuse == reuse_mode::inherit) {
                throw_already_exists(*known, names_, scope_.id == root_digest, where());
            }
            return share(*known);
        }
        if (scope_.reuse == reuse_mode::reuse) { throw_does_not_exist(graph_, key(), where()); }
        if (!initial) { initial = default_initializer(type); }
        if (!request_.dimensions.is_fully_defined() && initial.model()->kind() == form::by_shape) {
            throw_shape_required();
        }
        return create(id, type, initial);
    }

    [[nodiscard]] variable_node& create(const digest& id, dtype type, const initializer& initial) {
        const std::string full_key = key();
        const std::string op_name = graph_.take_op_name(nullptr, full_key, where());
        const initializer_model& model = *initial.model();
        origin from{type, request_.dimensions, initial};
        if (model.kind() == form::by_shape) {
            if (const auto why = model.refuses(from.dimensions, type)) {
                throw_refused(
                    full_key, from.dimensions, type, !model.can_make(type), *why, where());
            }
            if (!model.can_make(type)) {
                throw_value_dtype(full_key, "what its initializer makes", type, where());
            }
        } else if (request_.dimensions.is_fully_defined()) {
            throw initializer_signature("variable '" + full_key +
                    "' was given a shape and an initializer function that takes none\n"
                    "  requested at " +
                    to_string(where()) + " with shape " + to_string(request_.dimensions) +
                    "\n  leave the shape out, or let the function take it: [](const vs::shape& s) "
                    "{ ... }",
                {full_key, where()});
        } else {
            // TensorFlow ignores the type asked for here; a typed handle cannot.
            from = origin_of_value(
                model, request_.is_typed ? request_.type : std::nullopt, full_key, where());
            check_shape(from.dimensions, from.type, request_.rank, full_key, where());
        }
        const bool is_trainable = request_.kind == variable_kind::global &&
            (request_.options == nullptr || request_.options->trainable);
        variable_node& created = graph_.add(graph::new_variable{.op_name = op_name,
            .key_size = full_key.size(),
            .id = id,
            .type = from.type,
            .full_shape = from.dimensions,
            .initial = from.initial,
            .is_trainable = is_trainable,
            .defined_at = where()});
        collect(graph_, created, request_.options, request_.kind);
        return created;
    }

    [[nodiscard]] initializer default_initializer(dtype type) const {
        if (is_floating(type)) { return glorot_uniform(); }
        if (!is_complex(type)) { return zeros(); }
        throw initializer_required("variable '" + key() +
                "' needs an initializer\n  requested at " + to_string(where()) + " as " +
                std::string(to_string(type)) +
                ", for which there is no default\n  give one, e.g. {.initializer = vs::zeros()}",
            {key(), where()});
    }

    [[noreturn]] void throw_conflict(dtype given) const {
        throw initializer_dtype_conflict("variable '" + key() +
                "' and its initializer differ in element type\n  requested at " +
                to_string(where()) + " as " + std::string(to_string(*request_.type)) +
                " with a value of type " + std::string(to_string(given)) +
                "\n  give a value of the variable's type, or vs::constant_initializer(...), which "
                "converts",
            {key(), where()});
    }
    [[noreturn]] void throw_constant_with_shape() const {
        throw constant_with_shape("variable '" + key() +
                "' was given a shape and a value as its initializer\n  requested at " +
                to_string(where()) + " with shape " + to_string(request_.dimensions) +
                "\n  a value has a shape of its own: leave the shape out (vs::any_shape), or use "
                "vs::constant_initializer(...)",
            {key(), where()});
    }
    [[noreturn]] void throw_shape_required() const {
        throw shape_required("variable '" + key() +
                "' does not exist yet and needs a fully defined shape\n  requested at " +
                to_string(where()) + " with shape " + to_string(request_.dimensions) +
                "\n  give every dimension, or a value as the initializer",
            {key(), where()});
    }

    graph& graph_;
    const name_link* names_;
    const scope_state& scope_;
    const variable_request& request_;
};

/// A new variable in the current name scope, never shared. Follows tf.Variable (RefVariable,
/// TensorFlow 1.15).
[[nodiscard]] inline variable_node& create_unshared(
    thread_scopes& thread, const variable_request& request) {
    const std::source_location& where = request.name.where();
    const initializer& initial = request.options->initializer;
    graph& g = *thread.owner;
    const std::string_view name =
        request.name.is_given() ? request.name.text() : std::string_view("Variable");
    if (!initial || initial.model()->kind() == initializer_model::form::by_shape) {
        const std::string full = join(path_of(thread.innermost->names), name);
        throw initial_value_required("variable '" + full +
                "' needs an initial value\n  requested at " + to_string(where) +
                (initial ? " with a rule, which needs a shape" : "") +
                "\n  give a number, an xtensor expression or a function that returns one",
            {full, where});
    }
    const std::scoped_lock lock(g.creation());
    const std::string op_name = g.take_op_name(thread.innermost->names, name, where);
    const origin from = origin_of_value(*initial.model(), request.type, op_name, where);
    check_shape(from.dimensions, from.type, request.rank, op_name, where);
    variable_node& created = g.add(graph::new_variable{.op_name = op_name,
        .key_size = 0,
        .id = root_digest,
        .type = from.type,
        .full_shape = from.dimensions,
        .initial = from.initial,
        .is_trainable = request.options->trainable,
        .defined_at = where});
    collect(g, created, request.options, request.kind);
    return created;
}

} // namespace varscope::detail
