// See make_op.hpp.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/make_op.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void take_op_name(std::string_view name) {
    const thread_scopes& here = current_scopes();
    (void)take_name(here.owner->names(), here.innermost->names, hashed_name(name), {});
}

VARSCOPE_INLINE tensor make_op(
    thread_scopes& thread, const op_description& what, const name_arg& name) {
    graph& g = *thread.owner;
    const std::string_view default_name = what.default_name.empty() ? what.type : what.default_name;
    const std::scoped_lock lock(g.creation()); // from the question whether the graph is final
    if (g.is_final()) {
        throw frozen("the graph is final: no op '" +
                std::string(name.is_given() ? name.text() : default_name) +
                "' can be made\n  asked for at " + to_string(name.where()) +
                "\n  make it before vs::finalize",
            {std::string(name.is_given() ? name.text() : default_name), name.where()});
    }
    std::vector<const node*> inputs;
    inputs.reserve(what.inputs.size());
    for (const tensor& input : what.inputs) {
        if (&input.graph() != &g) {
            throw wrong_graph("op '" + std::string(name.is_given() ? name.text() : default_name) +
                    "' was given '" + std::string(input.name()) +
                    "', which is of another graph\n  created at " + to_string(input.defined_at()) +
                    "\n  asked for at " + to_string(name.where()) +
                    "\n  make the op while that graph is in force: vs::as_default guard{g}",
                {std::string(input.name()), name.where(), input.defined_at()});
        }
        inputs.push_back(&input.node());
    }
    const std::string op_name = g.take_op_name(
        thread.innermost->names, name.is_given() ? name.text() : default_name, name.where());
    auto made = g.add(graph::new_op{.op_name = op_name,
        .op_type = what.type,
        .type = what.dtype,
        .out_shape = what.shape,
        .inputs = inputs,
        .defined_at = name.where()});
    if (!what.value) { return tensor(std::move(made)); }
    struct function_source final : value_source {
        explicit function_source(shared_function<array_value()> f) : function{std::move(f)} {}
        array_value value() const override {
            [[maybe_unused]] const auto user_code = evaluation_scope::suspended();
            return function();
        }
        shared_function<array_value()> function;
    };
    return tensor(std::move(made), std::make_shared<function_source>(what.value));
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE tensor make_op(const op_description& what, name_arg name) {
    return detail::make_op(detail::current_scopes(), what, name);
}

VARSCOPE_INLINE tensor make_op(graph& g, const op_description& what, name_arg name) {
    return detail::make_op(detail::scopes_in(g), what, name);
}

} // namespace varscope::inline VARSCOPE_ABI
