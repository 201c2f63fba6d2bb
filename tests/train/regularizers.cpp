#include <varscope/train/regularizers.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/op/session.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace vs = varscope;
using vs::dtype;
using vs::shape;

namespace {

/// sum |w| = 10, sum w^2 = 30
const vs::initializer four = [](const shape&) { return xt::xtensor<double, 2>{{1, -2}, {3, -4}}; };

vs::variable<float, 2> make(vs::name_arg name, const vs::regularizer& r) {
    return vs::get_variable<float, 2>(name, {2, 2}, {.initializer = vs::constant_initializer({1, -2, 3, -4}), .regularizer = r});
}

std::vector<std::string> loss_names() {
    std::vector<std::string> names;
    for (const vs::tensor& loss : vs::get_regularization_losses()) { names.emplace_back(loss.name()); }
    return names;
}

double value_of(const vs::tensor& t) { return *static_cast<const double*>(t.value().converted(dtype::float64).value().data()); }

} // namespace

TEST_CASE("losses are those of the formulas, under TensorFlow's names", "[regularizers]") {
    fresh g;
    (void)make("a", vs::l1_regularizer(0.5));
    (void)make("b", vs::l2_regularizer(0.5));
    (void)make("c", vs::l1_l2_regularizer(0.25, 2.0));
    (void)make("d", vs::l1_l2_regularizer());
    (void)make("e", vs::sum_regularizer({vs::l1_regularizer(1.F), {}, vs::l2_regularizer(0.0)}));
    (void)make("f", vs::l2_regularizer(1.0, "decay"));
    const auto losses = vs::get_regularization_losses();
    CHECK(loss_names() == std::vector<std::string>{"a/Regularizer/l1_regularizer:0", "b/Regularizer/l2_regularizer:0",
                                                   "c/Regularizer/l1_l2_regularizer:0", "d/Regularizer/l1_l2_regularizer:0",
                                                   "e/Regularizer/sum_regularizer:0", "f/Regularizer/decay:0"});
    REQUIRE(losses.size() == 6);
    CHECK(value_of(losses[0]) == 5);
    CHECK(value_of(losses[1]) == 7.5);
    CHECK(value_of(losses[2]) == 32.5);
    CHECK(value_of(losses[3]) == 25);
    CHECK(value_of(losses[4]) == 10);
    CHECK(value_of(losses[5]) == 15);
    CHECK(losses[0].op_type() == "Mul");
    CHECK(losses[2].op_type() == "AddN");
    CHECK(losses[4].op_type() == "Identity");
    CHECK(losses[0].shape() == shape());
    CHECK(losses[0].dtype() == dtype::float32);
    CHECK(vs::regularization_loss() == 95);
}

TEST_CASE("the ops of a loss are recorded as TensorFlow makes them", "[regularizers]") {
    fresh g;
    (void)make("w", vs::l1_l2_regularizer(1.0, 1.0));
    std::vector<std::string> names;
    for (const auto& node : g.graph.nodes()) { names.emplace_back(node.op_name()); }
    const std::string in = "w/Regularizer/l1_l2_regularizer";
    CHECK(names == std::vector<std::string>{"w", in + "/l1_regularizer/scale", in + "/l1_regularizer/Abs", in + "/l1_regularizer/Const",
                                            in + "/l1_regularizer/Sum", in + "/l1_regularizer", in + "/l2_regularizer/scale",
                                            in + "/l2_regularizer/L2Loss", in + "/l2_regularizer", in});
    CHECK(vs::get_regularization_losses()[0].inputs().size() == 2);
}

TEST_CASE("a loss follows its variable, and is counted once where the variable is shared", "[regularizers]") {
    fresh g;
    vs::variable_scope scope{"s", {.regularizer = vs::l2_regularizer(2.0)}};
    auto w = make("w", {});
    CHECK(vs::regularization_loss() == 30);
    scope.reuse_variables();
    auto same = make("w", {});
    CHECK(loss_names() == std::vector<std::string>{"s/w/Regularizer/l2_regularizer:0"});
    same *= 2.F;
    CHECK(vs::regularization_loss() == 120);
    w.fill(0);
    CHECK(vs::regularization_loss() == 0);
}

TEST_CASE("sums are exact to the rounding of the result, in every floating type", "[regularizers]") {
    fresh g;
    const auto loss = [](dtype type) {
        (void)vs::get_variable(to_string(type), {3000000}, {.initializer = vs::ones(), .dtype = type, .regularizer = vs::l2_regularizer(0.01)});
        return value_of(vs::get_regularization_losses().back());
    };
    CHECK(loss(dtype::float64) == Catch::Approx(15000).epsilon(1e-12));
    CHECK(loss(dtype::float32) == Catch::Approx(15000).epsilon(1e-7)); // floats alone stop at 2^24
    CHECK(loss(dtype::float16) == Catch::Approx(15000).epsilon(1e-3));
    CHECK(loss(dtype::bfloat16) == Catch::Approx(15000).epsilon(1e-2));
    CHECK(vs::regularization_loss() == Catch::Approx(60000).epsilon(1e-2));
}

TEST_CASE("a scale of 0 and no_regularizer stop the regularizer of the scope", "[regularizers]") {
    fresh g;
    const vs::variable_scope scope{"s", {.regularizer = vs::l1_regularizer(1.0)}};
    (void)make("zero", vs::l1_regularizer(0.0));
    (void)make("both", vs::l1_l2_regularizer(0.0, 0.0));
    (void)make("none", vs::no_regularizer);
    (void)make("sum", vs::sum_regularizer({vs::no_regularizer, vs::l2_regularizer(0.0)}));
    CHECK(loss_names().empty());
    (void)make("inherited", vs::sum_regularizer({vs::regularizer()})); // of none, as if not given
    CHECK(loss_names().size() == 1);
    CHECK(vs::regularization_loss() == 10);
}

TEST_CASE("with one scale of 0 the other regularizer goes by the name of both", "[regularizers]") {
    fresh g;
    (void)make("a", vs::l1_l2_regularizer(0.0, 2.0));
    (void)make("b", vs::l1_l2_regularizer(2.0, 0.0));
    CHECK(loss_names() == std::vector<std::string>{"a/Regularizer/l1_l2_regularizer:0", "b/Regularizer/l1_l2_regularizer:0"});
    CHECK(value_of(vs::get_regularization_losses()[0]) == 30);
    CHECK(value_of(vs::get_regularization_losses()[1]) == 20);
}

TEST_CASE("parts of a variable have losses of their own, which add up", "[regularizers]") {
    fresh g;
    const auto w = vs::get_variable<double, 2>("w", {2, 2}, {.initializer = four, .regularizer = vs::l1_regularizer(1.0), .partitioner = vs::fixed_size_partitioner(2, 1)});
    CHECK(loss_names() == std::vector<std::string>{"w/part_0/Regularizer/l1_regularizer:0", "w/part_1/Regularizer/l1_regularizer:0"});
    CHECK(value_of(vs::get_regularization_losses()[0]) == 4); // the first column
    CHECK(vs::regularization_loss() == 10);
}

TEST_CASE("a scale that is negative or not finite is refused", "[regularizers]") {
    CHECK(thrown<vs::bad_parameter>([] { (void)vs::l1_regularizer(-1.0); }) ==
          "l1_regularizer cannot have scale -1\n  requested at regularizers.cpp:here\n  give a finite number that is not negative");
    CHECK_THROWS_AS(vs::l2_regularizer(-0.5F), vs::bad_parameter);
    CHECK_THROWS_AS(vs::l2_regularizer(std::nan("")), vs::bad_parameter);
    CHECK_THROWS_AS(vs::l1_l2_regularizer(1.0, -1.0), vs::bad_parameter);
}

TEST_CASE("a variable that is not of a floating type has no loss", "[regularizers]") {
    fresh g;
    const std::string says = thrown<vs::value_dtype>([] { (void)vs::get_variable<int>("i", {2}, {.regularizer = vs::l1_regularizer(1.0)}); });
    CHECK(says == "variable 'i' cannot be regularized: it has element type int32\n  created at regularizers.cpp:here\n"
                  "  use a floating type, or no regularizer");
}

TEST_CASE("losses of a deferred graph can be made, and are read once the variables have values", "[regularizers]") {
    fresh g({.initialization = vs::initialization::deferred});
    (void)make("w", vs::l1_regularizer(1.0));
    CHECK_THROWS_AS(vs::regularization_loss(), vs::uninitialized);
    vs::session().run(vs::global_variables_initializer());
    CHECK(vs::regularization_loss() == 10);
}

TEST_CASE("regularization is applied to weights after they were made", "[regularizers]") {
    fresh g;
    const auto a = make("a", {});
    (void)vs::get_variable<float>("b", {4}, {.initializer = vs::ones(), .collections = {{"variables", "weights"}}});
    CHECK(value_of(vs::apply_regularization(vs::l1_regularizer(1.0))) == 4); // the collection
    const vs::tensor penalty = vs::apply_regularization(vs::l2_regularizer(1.0), {a});
    CHECK(penalty.name() == "get_regularization_penalty_1:0");
    CHECK(value_of(penalty) == 15);
    CHECK(vs::get_regularization_losses().back().is(penalty));
    CHECK(value_of(vs::apply_regularization(vs::no_regularizer, {a, a})) == 0);
    CHECK(vs::regularization_loss() == 19);
    const vs::regularizer itself = [](const vs::any_variable& v) -> vs::tensor { return v; };
    CHECK(thrown<vs::shape_mismatch>([&] { (void)vs::apply_regularization(itself, {a}); }) ==
          "loss 'a' cannot be added to others\n  created at " + vs::to_string(a.defined_at()) +
              " with shape (2, 2) float32\n  added at regularizers.cpp:here\n  a loss is a scalar of type float32");
    vs::graph other;
    CHECK(thrown<vs::bad_parameter>([&] { (void)vs::apply_regularization(other, vs::l1_regularizer(1.0)); }) ==
          "apply_regularization has no weights\n  requested at regularizers.cpp:here\n"
          "  give variables, or create some with the collection 'weights'");
}

TEST_CASE("the total loss is an op, and 0 without losses", "[regularizers]") {
    fresh g;
    CHECK(value_of(vs::get_regularization_loss()) == 0);
    CHECK(vs::regularization_loss() == 0);
    auto w = make("w", vs::l1_regularizer(1.0));
    (void)make("v", vs::l2_regularizer(1.0));
    const vs::tensor total = vs::get_regularization_loss();
    CHECK(total.name() == "total_regularization_loss:0");
    CHECK(total.inputs().size() == 2);
    CHECK(value_of(total) == 25);
    w.fill(0);
    CHECK(value_of(total) == 15);
    (void)vs::get_variable<double>("d", {1}, {.initializer = vs::ones(), .regularizer = vs::l1_regularizer(1.0)});
    CHECK_THROWS_AS(vs::get_regularization_loss(), vs::dtype_mismatch);
    CHECK(vs::regularization_loss() == 16);
}
