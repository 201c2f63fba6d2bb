/// \file
/// Reading an element of a variable whose name is known while compiling, beside a load through a
/// stored pointer. Each index depends on the last element read.

#include <varscope/schema/bound.hpp>
#include <varscope/schema/static_scope.hpp>
#include <varscope/schema/static_variable.hpp>
#include <varscope/varscope.hpp>

#include "table.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bench {

namespace {

namespace vs = varscope;
using namespace vs::literals;

struct tower {
    static constexpr auto layout = vs::scope("tower",
        vs::var<float, 4>("kernel", {.initializer = vs::zeros()}), vs::var<float, 4>("bias"));
};

/// A graph with 10k variables, and tower/kernel, which is all zeros.
struct filled_graph {
    filled_graph() {
        const vs::variable_scope others{graph, "others"};
        for (std::size_t i = 0; i < 10'000; ++i) {
            (void)vs::get_variable<float, 1>("v_" + std::to_string(i), {4});
        }
    }

    vs::graph graph;
    vs::bound<tower> model{graph};
};

/// Goes from element to element; `read(at)` returns the one at an index.
template <class Read>
void walk(std::size_t count, Read&& read) {
    std::size_t at = 0;
    for (; count > 0; --count) {
        at = (at + static_cast<std::size_t>(read(at))) & 3;
        asm volatile("" : "+r"(at));
    }
}

/// `read_all(in, count)` goes from element to element with the graph in force.
template <class ReadAll>
[[nodiscard]] measurement reads(ReadAll read_all) {
    return {.timed = [=] {
        return operation{.run = [=, in = std::make_shared<filled_graph>()](std::size_t count) {
            const vs::as_default in_force{in->graph};
            read_all(*in, count);
        }};
    }};
}

[[nodiscard]] measurement through_pointer() {
    return reads([](filled_graph& in, std::size_t count) {
        const auto kernel = in.model.get<"tower/kernel">();
        const float* volatile stored = kernel.data();
        walk(count, [&](std::size_t at) { return stored[at]; });
    });
}

[[nodiscard]] measurement through_handle() {
    return reads([](filled_graph&, std::size_t count) {
        const auto kernel =
            vs::get_variable<float, 1>(vs::scope_at("tower"), "kernel", {4}, {.reuse = vs::reuse});
        walk(count, [&](std::size_t at) { return kernel(at); });
    });
}

[[nodiscard]] measurement through_schema() {
    return reads([](filled_graph& in, std::size_t count) {
        walk(count, [&](std::size_t at) { return in.model.get<"tower/kernel">()(at); });
    });
}

[[nodiscard]] measurement by_path_in_force() {
    return reads([](filled_graph&, std::size_t count) {
        const vs::variable_scope all{vs::get_variable_scope(), {.reuse = vs::reuse}};
        walk(
            count, [](std::size_t at) { return vs::get_variable<"tower/kernel", float, 4>()(at); });
    });
}

[[nodiscard]] measurement by_path_in_scope() {
    return reads([](filled_graph&, std::size_t count) {
        const vs::variable_scope all{vs::get_variable_scope(), {.reuse = vs::reuse}};
        walk(count,
            [&](std::size_t at) { return vs::get_variable<"tower/kernel", float, 4>(all)(at); });
    });
}

[[nodiscard]] measurement by_path_in_static_scope() {
    return reads([](filled_graph&, std::size_t count) {
        vs::static_scope outer{"model"_path, vs::auto_reuse};
        vs::static_scope inner{outer, "encoder"_path};
        vs::get_variable<"tower/kernel", float, 4>(inner).fill(0.f);
        walk(count,
            [&](std::size_t at) { return vs::get_variable<"tower/kernel", float, 4>(inner)(at); });
    });
}

/// The same name below each of some scopes: "scope_0/kernel", "scope_1/kernel", ...
template <class Get>
[[nodiscard]] measurement in_many_scopes(Get get) {
    return reads([=](filled_graph&, std::size_t count) {
        constexpr std::size_t scope_count = 12;
        std::vector<vs::scope_handle> scopes;
        for (std::size_t i = 0; i < scope_count; ++i) {
            scopes.push_back(vs::scope_at("scope_" + std::to_string(i), vs::auto_reuse));
            vs::get_variable<float, 1>(scopes.back(), "kernel", {4}).fill(0.f);
        }
        std::size_t at = 0;
        for (; count > 0; --count) {
            const auto kernel = get(scopes[at]);
            at = (at + 1 + static_cast<std::size_t>(kernel(at & 3))) % scope_count;
        }
        keep(at);
    });
}

} // namespace

void add_static_names(table& t) {
    const auto add = [&](std::string workload, const measurement& how, double target) {
        t.add({.workload = std::move(workload),
            .ours = how,
            .peers = {{"pointer", through_pointer(), target}}});
    };
    add("read through a handle", through_handle(), 1.1);
    add("read through a bound schema", through_schema(), 1.1);
    add("read by literal path, scope in force", by_path_in_force(), 1.5);
    add("read by literal path, scope given", by_path_in_scope(), 1.5);
    add("read by literal path, static scope", by_path_in_static_scope(), 1.5);

    const auto by_path = [](const vs::scope_handle& scope) {
        return vs::get_variable<"kernel", float, 4>(scope);
    };
    const auto by_text = [name = std::string("kernel")](const vs::scope_handle& scope) {
        return vs::get_variable<float, 1>(scope, name, {4});
    };
    t.add({.workload = "read by literal path, 12 scopes in turn",
        .ours = in_many_scopes(by_path),
        .peers = {{"by text", in_many_scopes(by_text)}, {"pointer", through_pointer()}}});
}

} // namespace bench
