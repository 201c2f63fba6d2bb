// The code blocks of docs/static_names.md, in one program.
#include <varscope/schema/bound.hpp>
#include <varscope/inspect/schema_check.hpp>
#include <varscope/schema/static_scope.hpp>
#include <varscope/schema/static_variable.hpp>
#include <varscope/varscope.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>

namespace vs = varscope;
using namespace vs::literals;

// [paths]
constexpr auto kernel = "tower/dense/kernel"_path; // a vs::path<"tower/dense/kernel">
static_assert(kernel.depth == 3 && kernel.components[1] == "dense");
static_assert(kernel.parent() == "tower/dense" && kernel.leaf() == "kernel");
static_assert(kernel.starts_with("tower") && kernel.below<"tower">() == "dense/kernel");
static_assert("tower"_path / "dense"_path / "kernel"_path == kernel);
// [paths]

// [schema]
struct layer {
    static constexpr auto layout = vs::group(
        vs::var<float, 4, 4>("kernel"), vs::var<float, 4>("bias", {.initializer = vs::zeros()}));
};

struct encoder {
    static constexpr auto layout = vs::group(
        vs::scope("encoder", vs::repeat<12>("layer_", layer::layout)), // layer_0 to layer_11
        vs::var<std::int64_t>("global_step", {.trainable = false}));   // a single element
};

static_assert(vs::schema<encoder>::variable_count == 12 * 2 + 1);
static_assert(vs::schema<encoder>::names[3] == "encoder/layer_1/bias");
// [schema]

void read() {
    // [bound]
    vs::graph g;
    const vs::bound<encoder> model{g};                       // looks names up here, once
    auto bias = model.get<"encoder/layer_3/bias">();         // a vs::variable<float, 1>
    auto same = model.get<"encoder/layer_3/bias", float, 4>(); // says what it is, and checks that
    const auto third = model.scope<"encoder/layer_3">();     // names below it: get<"bias">()
    bias(0) = 1.5F;
    std::cout << same(0) + third.get<"bias">()(0) << '\n';   // 3
    // [bound]

    // [check]
    // Of another graph, or of a list that you fill from elsewhere.
    (void)vs::get_variable<float, 1>(g, "encoder/layer_3/biass", {4});
    const vs::schema_difference difference = vs::check_schema<encoder>(g);
    std::cout << difference.extra.at(0).name << '\n';        // encoder/layer_3/biass
    // [check]
}

void literal_names() {
    // [literal]
    vs::static_scope tower{"tower"_path, vs::auto_reuse};
    vs::static_scope dense{tower, "dense"_path};             // a static_scope<path<"tower/dense">>
    auto w = vs::get_variable<"kernel", float, 784, 64>(dense); // a variable<float, 2>
    auto b = vs::get_variable<"bias", float>(dense, {64});   // a variable<float>: any rank
    auto s = vs::get_variable<"scale", float, vs::scalar>(); // of the scope in force: a single element
    std::cout << w.name() << ' ' << b.dimension() << ' ' << s.name() << '\n';
    // [literal]
}

void one_block() {
    // [block]
    vs::graph g;
    const vs::bound<layer> model{g, {.storage = vs::storage::contiguous}};
    for (float& p : model.elements<float>()) { p *= 0.5F; }  // all parameters, one span
    static_assert(vs::schema<layer>::variables[1].offset == 4 * 4 * sizeof(float));
    // [block]
    std::cout << model.elements<float>().size() << '\n';
}

int main() {
    try {
        read();
        literal_names();
        one_block();
    } catch (const std::exception& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}
