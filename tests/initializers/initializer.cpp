#include <varscope/variable/get_variable.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/initializers/orthogonal.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "initial_values.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using initial_values::bytes_of;
using initial_values::floating;
using initial_values::make;
using initial_values::numbers_of;
using vs::dtype;
using vs::shape;

namespace {

struct named_initializer {
    const char* name;
    vs::initializer rule;
    bool is_random;
    vs::initializer seeded; // the same with the explicit seed 5
};

/// Every rule there is; the laws below hold for each.
const std::vector<named_initializer>& rules() {
    using options = vs::random_options;
    static const options five{.seed = 5};
    static const std::vector<named_initializer> all{
        {"zeros", vs::zeros(), false, {}},
        {"ones", vs::ones(), false, {}},
        {"constant of a bool", vs::constant_initializer(true), false, {}},
        {"constant of an integer", vs::constant_initializer(3), false, {}},
        {"constant of a number", vs::constant_initializer(0.5), false, {}},
        {"random_uniform", vs::random_uniform(-2.0, 3.0), true, vs::random_uniform(-2.0, 3.0, five)},
        {"random_uniform of integers", vs::random_uniform(0, 100), true, vs::random_uniform(0, 100, five)},
        {"random_normal", vs::random_normal(1, 2), true, vs::random_normal(1, 2, five)},
        {"truncated_normal", vs::truncated_normal(1, 2), true, vs::truncated_normal(1, 2, five)},
        {"uniform_unit_scaling", vs::uniform_unit_scaling(), true, vs::uniform_unit_scaling(1, five)},
        {"variance_scaling", vs::variance_scaling(), true, vs::variance_scaling({.seed = 5})},
        {"untruncated variance_scaling",
         vs::variance_scaling({.scale = 3, .mode = vs::fan_mode::fan_out, .distribution = vs::scaling_distribution::untruncated_normal}), true,
         vs::variance_scaling({.scale = 3, .mode = vs::fan_mode::fan_out, .distribution = vs::scaling_distribution::untruncated_normal, .seed = 5})},
        {"glorot_uniform", vs::glorot_uniform(), true, vs::glorot_uniform(five)},
        {"glorot_normal", vs::glorot_normal(), true, vs::glorot_normal(five)},
        {"he_normal", vs::he_normal(), true, vs::he_normal(five)},
        {"he_uniform", vs::he_uniform(), true, vs::he_uniform(five)},
        {"lecun_normal", vs::lecun_normal(), true, vs::lecun_normal(five)},
        {"lecun_uniform", vs::lecun_uniform(), true, vs::lecun_uniform(five)},
        {"contrib_variance_scaling", vs::contrib_variance_scaling(), true, vs::contrib_variance_scaling({.seed = 5})},
        {"xavier_initializer", vs::xavier_initializer(), true, vs::xavier_initializer({.seed = 5})},
        {"orthogonal", vs::orthogonal(2), true, vs::orthogonal(2, five)},
        {"identity_initializer", vs::identity_initializer(2), false, {}},
        {"convolutional_delta_orthogonal", vs::convolutional_delta_orthogonal(2), true, vs::convolutional_delta_orthogonal(2, five)},
        {"convolutional_orthogonal_1d", vs::convolutional_orthogonal_1d(2), true, vs::convolutional_orthogonal_1d(2, five)},
        {"convolutional_orthogonal_2d", vs::convolutional_orthogonal_2d(2), true, vs::convolutional_orthogonal_2d(2, five)},
        {"convolutional_orthogonal_3d", vs::convolutional_orthogonal_3d(2), true, vs::convolutional_orthogonal_3d(2, five)},
    };
    return all;
}

const std::array<shape, 12>& shapes() {
    static const std::array<shape, 12> all{{shape(), {5}, {2, 3}, {0, 3}, {0, 0}, {3, 2, 3}, {4, 0, 3}, {2, 1, 3, 2}, {3, 3, 2, 3}, {1, 1, 4, 4}, {2, 2, 2, 3, 3}, {2, 3, 4, 5, 6}}};
    return all;
}

/// A shape that the rule makes, of more than 40 elements.
const shape& larger_shape(const vs::initializer& rule, dtype type) {
    static const std::array<shape, 4> all{{{7, 9}, {3, 7, 9}, {3, 3, 7, 9}, {2, 2, 2, 7, 9}}};
    return *std::find_if(all.begin(), all.end() - 1, [&](const shape& s) { return !rule.model()->refuses(s, type); });
}

/// Calls `law(rule, type)` for each initializer and each element type that it makes.
template <class Law> void for_each_rule(Law law) {
    for (const named_initializer& rule : rules()) {
        for (std::size_t i = 0; i < vs::detail::dtype_table.size(); ++i) {
            const auto type = static_cast<dtype>(i);
            CAPTURE(rule.name, type);
            if (rule.rule.model()->can_make(type)) { law(rule, type); }
        }
    }
}

} // namespace

TEST_CASE("a variable has the shape that its initializer was asked for", "[initializer]") {
    for_each_rule([](const named_initializer& rule, dtype type) {
        vs::graph g;
        std::size_t made = 0;
        for (const shape& dimensions : shapes()) {
            CAPTURE(dimensions);
            if (rule.rule.model()->refuses(dimensions, type)) { continue; }
            const vs::any_variable v = make(g, "v" + std::to_string(made++), dimensions, type, rule.rule);
            CHECK(v.shape() == dimensions);
            CHECK(v.dtype() == type);
            CHECK(numbers_of(v).size() == v.size());
        }
        CHECK(made > 0);
    });
}

TEST_CASE("an initial value depends on the seed and the name alone", "[initializer]") {
    for_each_rule([](const named_initializer& rule, dtype type) {
        const shape& dimensions = larger_shape(rule.rule, type);
        vs::graph one({.seed = 7});
        vs::graph other({.seed = 7});
        (void)make(other, "first", {3}, type, vs::ones()).data();
        (void)make(other, "second", dimensions, type, rule.rule);
        const vs::any_variable v = make(one, "w", dimensions, type, rule.rule);
        const vs::any_variable same = make(other, "w", dimensions, type, rule.rule);
        CHECK(bytes_of(v) == bytes_of(same));
    });
}

TEST_CASE("initial values are the same in whatever order and thread variables are made and read", "[initializer][threads]") {
    const auto name_of = [](const named_initializer& rule, dtype type) {
        std::string name = std::string(rule.name) + '_' + std::string(to_string(type));
        std::replace(name.begin(), name.end(), ' ', '_');
        return name;
    };
    vs::graph in_order({.seed = 7});
    std::vector<std::string> expected;
    for_each_rule([&](const named_initializer& rule, dtype type) {
        expected.push_back(bytes_of(make(in_order, name_of(rule, type), larger_shape(rule.rule, type), type, rule.rule)));
    });

    // Two threads: one makes those of even number from the first on, the other the rest from the last on.
    struct task {
        std::string name;
        shape dimensions;
        dtype type;
        vs::initializer rule;
    };
    std::vector<task> tasks;
    for_each_rule([&](const named_initializer& rule, dtype type) { tasks.push_back({name_of(rule, type), larger_shape(rule.rule, type), type, rule.rule}); });
    std::vector<std::string> results(tasks.size());
    vs::graph mixed({.seed = 7});
    const auto run = [&](std::size_t i) { results[i] = bytes_of(make(mixed, tasks[i].name, tasks[i].dimensions, tasks[i].type, tasks[i].rule)); };
    {
        const std::jthread even([&] {
            for (std::size_t i = 0; i < tasks.size(); i += 2) { run(i); }
        });
        const std::jthread odd([&] {
            for (std::size_t i = tasks.size(); i-- > 0;) {
                if (i % 2 == 1) { run(i); }
            }
        });
    }
    CHECK(results == expected);
}

TEST_CASE("a variable has the same initial value at once and in a graph that defers it", "[initializer]") {
    for_each_rule([](const named_initializer& rule, dtype type) {
        const shape& dimensions = larger_shape(rule.rule, type);
        vs::graph at_once({.seed = 7});
        vs::graph deferred({.seed = 7, .initialization = vs::initialization::deferred});
        const vs::any_variable v = make(at_once, "w", dimensions, type, rule.rule);
        const vs::any_variable later = make(deferred, "w", dimensions, type, rule.rule);
        deferred.initialize(later.node());
        CHECK(bytes_of(v) == bytes_of(later));
    });
}

TEST_CASE("random initial values differ between names and between seeds, others do not", "[initializer]") {
    for_each_rule([](const named_initializer& rule, dtype type) {
        const shape& dimensions = larger_shape(rule.rule, type);
        vs::graph g({.seed = 1});
        vs::graph reseeded({.seed = 2});
        const std::string w = bytes_of(make(g, "w", dimensions, type, rule.rule));
        CHECK((w != bytes_of(make(g, "u", dimensions, type, rule.rule))) == rule.is_random);
        CHECK((w != bytes_of(make(g, "scope/w", dimensions, type, rule.rule))) == rule.is_random);
        CHECK((w != bytes_of(make(reseeded, "w", dimensions, type, rule.rule))) == rule.is_random);
    });
}

TEST_CASE("an explicit seed alone decides the initial value", "[initializer]") {
    for_each_rule([](const named_initializer& rule, dtype type) {
        CHECK(bool(rule.seeded) == rule.is_random);
        if (!rule.is_random) { return; }
        const shape& dimensions = larger_shape(rule.rule, type);
        vs::graph g({.seed = 1});
        vs::graph reseeded({.seed = 2});
        const std::string w = bytes_of(make(g, "w", dimensions, type, rule.seeded));
        CHECK(w == bytes_of(make(g, "u", dimensions, type, rule.seeded)));
        CHECK(w == bytes_of(make(reseeded, "v", dimensions, type, rule.seeded)));
        CHECK(w != bytes_of(make(g, "plain", dimensions, type, rule.rule)));
    });
}

TEST_CASE("a rule that refuses a shape or a type leaves no variable behind", "[initializer]") {
    for (const named_initializer& rule : rules()) {
        for (std::size_t i = 0; i < vs::detail::dtype_table.size(); ++i) {
            const auto type = static_cast<dtype>(i);
            for (const shape& dimensions : shapes()) {
                CAPTURE(rule.name, type, dimensions);
                vs::graph g;
                if (!rule.rule.model()->can_make(type)) {
                    CHECK_THROWS_AS(make(g, "w", dimensions, type, rule.rule), vs::value_dtype);
                } else if (rule.rule.model()->refuses(dimensions, type)) {
                    CHECK_THROWS_AS(make(g, "w", dimensions, type, rule.rule), vs::bad_shape);
                } else {
                    continue;
                }
                CHECK(vs::global_variables(g).empty());
                CHECK(g.nodes().empty());
            }
        }
    }
}

TEST_CASE("a number or an expression as initializer brings the shape and the type", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    CHECK(vs::make_variable("a", {.initializer = 2}).dtype() == dtype::int32);
    CHECK(vs::make_variable("b", {.initializer = 0.5}).dtype() == dtype::float32);
    const xt::xtensor<double, 2> matrix{{1, 2}, {3, 4}};
    const vs::any_variable c = vs::make_variable("c", {.initializer = matrix * 2});
    CHECK(c.dtype() == dtype::float64);
    CHECK(c.shape() == shape{2, 2});
    CHECK(numbers_of(c) == std::vector<double>{2, 4, 6, 8});
    const auto d = vs::get_variable<float>("d", vs::any_shape, {.initializer = xt::xtensor<float, 1>{1, 2}});
    CHECK(d.shape(0) == 2);
}

TEST_CASE("a variable as initializer gives the value that it has then", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    vs::variable<float, 1> w{{1.F, 2.F}, "w"};
    const auto copy = vs::get_variable<float, 1>("copy", vs::any_shape, {.initializer = w});
    w += 1.F;
    CHECK(copy(1) == 2.F);
    CHECK_FALSE(copy.is(w));
}

TEST_CASE("a function without parameters is called once, on creation", "[initializer]") {
    vs::graph g({.initialization = vs::initialization::deferred});
    vs::as_default guard{g};
    int calls = 0;
    const auto w = vs::get_variable<int, 1>("w", vs::any_shape, {.initializer = [&] {
                                                ++calls;
                                                return xt::xtensor<int, 1>{calls, 5};
                                            }});
    CHECK(calls == 1);
    g.initialize(w.node());
    g.initialize(w.node());
    CHECK(calls == 1);
    CHECK(w(0) == 1);
    CHECK(w.shape(0) == 2);
}

TEST_CASE("the result of a function without parameters does not convert", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    CHECK_THROWS_MATCHES((vs::get_variable<float>("w", vs::any_shape, {.initializer = [] { return xt::xtensor<int, 1>{1}; }})), vs::value_dtype,
                         MessageMatches(ContainsSubstring("the result of a function, of type int32 as float32")));
    CHECK(vs::global_variables().empty());
}

TEST_CASE("a function of the shape is called with the full shape, and its elements convert", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    shape asked;
    const auto w = vs::get_variable<float, 2>("w", {2, 3}, {.initializer = [&](const shape& s) {
                                                  asked = s;
                                                  xt::xtensor<int, 2> result = xt::xtensor<int, 2>::from_shape({2, 3});
                                                  result.fill(4);
                                                  return result;
                                              }});
    CHECK(asked == shape{2, 3});
    CHECK(w(1, 2) == 4.F);
}

TEST_CASE("a function of the shape that returns another shape or type is refused", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    const auto other_shape = [](const shape&) { return xt::xtensor<float, 1>{1.F}; };
    const auto other_type = [](const shape&) { return xt::xtensor<float, 1>{1.F, 2.F}; };
    CHECK_THROWS_MATCHES((vs::get_variable<float>("w", {2}, {.initializer = other_shape})), vs::shape_mismatch,
                         MessageMatches(ContainsSubstring("asked for shape (2,) float32")));
    CHECK_THROWS_AS((vs::get_variable<int>("w", {2}, {.initializer = other_type})), vs::shape_mismatch);
    CHECK(vs::global_variables().empty());
}

TEST_CASE("a function of the shape that throws leaves no variable behind", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    const auto refuse = [](const shape&) -> xt::xtensor<float, 1> { throw std::runtime_error("no numbers today"); };
    CHECK_THROWS_AS((vs::get_variable<float>("w", {2}, {.initializer = refuse})), std::runtime_error);
    CHECK(vs::global_variables().empty());
    CHECK(vs::trainable_variables().empty());
    CHECK_FALSE(vs::find_variable("w").has_value());
    CHECK(g.nodes().empty());
    const auto w = vs::get_variable<float>("w", {2}); // its op name is used up, as TensorFlow has it
    CHECK(w.key() == "w");
    CHECK(w.op_name() == "w_1");
}

TEST_CASE("a function of the shape that throws when initialisation is repeated leaves the elements", "[initializer]") {
    vs::graph g;
    vs::as_default guard{g};
    int calls = 0;
    const auto w = vs::get_variable<int, 1>("w", {2}, {.initializer = [&](const shape&) {
                                                if (++calls > 1) { throw std::runtime_error("only once"); }
                                                return xt::xtensor<int, 1>{5, 6};
                                            }});
    CHECK_THROWS_AS(g.initialize(w.node()), std::runtime_error);
    CHECK(w(0) == 5);
    CHECK(w(1) == 6);
}

TEST_CASE("a rule without parentheses is the rule of its defaults, as TensorFlow takes the class", "[initializer]") {
    const auto same = [](const vs::initializer& bare, const vs::initializer& called, const shape& s) {
        vs::graph a;
        vs::graph b;
        return bytes_of(make(a, "w", s, dtype::float32, bare)) == bytes_of(make(b, "w", s, dtype::float32, called));
    };
    CHECK(same(vs::zeros, vs::zeros(), {2, 3}));
    CHECK(same(vs::ones, vs::ones(), {2, 3}));
    CHECK(same(vs::constant_initializer, vs::zeros(), {2, 3}));
    CHECK(same(vs::random_uniform, vs::random_uniform(), {2, 3}));
    CHECK(same(vs::random_normal, vs::random_normal(), {2, 3}));
    CHECK(same(vs::truncated_normal, vs::truncated_normal(), {2, 3}));
    CHECK(same(vs::uniform_unit_scaling, vs::uniform_unit_scaling(), {2, 3}));
    CHECK(same(vs::variance_scaling, vs::variance_scaling(), {2, 3}));
    CHECK(same(vs::glorot_uniform, vs::glorot_uniform(), {2, 3}));
    CHECK(same(vs::glorot_normal, vs::glorot_normal(), {2, 3}));
    CHECK(same(vs::he_normal, vs::he_normal(), {2, 3}));
    CHECK(same(vs::he_uniform, vs::he_uniform(), {2, 3}));
    CHECK(same(vs::lecun_normal, vs::lecun_normal(), {2, 3}));
    CHECK(same(vs::lecun_uniform, vs::lecun_uniform(), {2, 3}));
    CHECK(same(vs::contrib_variance_scaling, vs::contrib_variance_scaling(), {2, 3}));
    CHECK(same(vs::xavier_initializer, vs::xavier_initializer(), {2, 3}));
    CHECK(same(vs::orthogonal, vs::orthogonal(), {2, 3}));
    CHECK(same(vs::identity_initializer, vs::identity_initializer(), {2, 3}));
    CHECK(same(vs::convolutional_delta_orthogonal, vs::convolutional_delta_orthogonal(), {3, 3, 2, 2}));
    CHECK(same([] { return vs::glorot_normal(); }, vs::glorot_normal(), {2, 3})); // a function of the user's that makes a rule
    STATIC_CHECK(vs::initializer_rule(vs::he_normal));
    vs::graph g;
    const vs::variable_scope scope{g, "s", {.initializer = vs::ones}};
    CHECK(vs::get_variable<float, 1>("v", {2})(1) == 1);
    CHECK(vs::get_variable<int, 1>("w", {2}, {.initializer = vs::zeros})(1) == 0);
}

TEST_CASE("an initializer that was not given is none", "[initializer]") {
    CHECK_FALSE(bool(vs::initializer()));
    CHECK(bool(vs::zeros()));
    CHECK(bool(vs::variable_options{.initializer = 0.5}.initializer));
}
