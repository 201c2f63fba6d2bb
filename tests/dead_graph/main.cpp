// Uses something after its graph. Where that is watched, the program ends with a message, which the test looks for.
//
// usage: varscope_dead_graph USE [watch]
#include <varscope/graph/dead_graphs.hpp>
#include <varscope/op/part_view.hpp>
#include <varscope/varscope.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace vs = varscope;

namespace {

/// What was made in a graph that ended.
struct left_over {
    left_over() {
        vs::graph g; // line 23: the lines here are in the expected texts
        const vs::as_default in{g};
        typed.emplace(vs::get_variable<float, 1>("scope/v", {3}, {.initializer = vs::ones()}));
        large.emplace(vs::get_variable<float, 1>("large", {100000}));
        table.emplace(vs::get_variable<float, 2>("table", {2, 2}, {.partitioner = vs::fixed_size_partitioner(2, 1)}));
        part.emplace(vs::any_variable(table->parts()[1]));
        unshared.emplace(vs::variable<float, 0>(1.F, "own"));
        op.emplace(vs::add(*typed, 1.F, "sum"));
        record.emplace(vs::make_op({.type = "Relu"}));
        vs::add_to_collection("kept", vs::make_op({.type = "Relu", .value = [v = *typed] { return vs::any_variable(v).value(); }}));
        collected.emplace(vs::get_collection("kept")[0]);
        sum = (*typed)(0) + (*large)(7) + (*table)(1, 1) + (*unshared)();
    }
    std::optional<vs::variable<float, 1>> typed, large;
    std::optional<vs::variable<float, 2>> table;
    std::optional<vs::part_view<float, 2>> part;
    std::optional<vs::variable<float, 0>> unshared;
    std::optional<vs::tensor> op, record, collected;
    float sum = 0;
};

float read_default() {
    const auto v = vs::get_variable<float, 1>("scope/v", {300});
    const float before = v(0);
    vs::reset_default_graph();
    return before + v(0);
}
float end_in_force() {
    auto g = std::make_unique<vs::graph>();
    const vs::as_default in{*g};
    g.reset();
    return vs::get_variable<float, 1>("v", {3})(0);
}
float end_with_scope() {
    auto g = std::make_unique<vs::graph>();
    const vs::variable_scope s{*g, "scope"};
    g.reset();
    return 0;
}

} // namespace

int main(int count, char** arguments) {
    (void)std::signal(SIGABRT, [](int) { std::_Exit(3); }); // an abort would count as a crash of the test
    if (count > 2) { vs::watch_dead_graphs(); }
    using use = float (*)(left_over&);
    const std::map<std::string, use> uses{
        {"read", [](left_over& l) { return (*l.typed)(0); }},
        {"read_large", [](left_over& l) { return (*l.large)(7); }},
        {"write", [](left_over& l) { return (*l.typed)(1) = 2.F; }},
        {"assign", [](left_over& l) { *l.typed = xt::xtensor<float, 1>{1, 2, 3}; return 0.F; }},
        {"fill", [](left_over& l) { l.typed->fill(2); return 0.F; }},
        {"expression", [](left_over& l) { return xt::xtensor<float, 1>(*l.typed + 1.F)(0); }},
        {"any_data", [](left_over& l) { return *static_cast<float*>(vs::any_variable(*l.typed).data()); }},
        {"any_value", [](left_over& l) { return static_cast<float>(vs::any_variable(*l.typed).value().size()); }},
        {"graph", [](left_over& l) { return static_cast<float>(l.typed->graph().serial()); }},
        {"unshared", [](left_over& l) { return (*l.unshared)(); }},
        {"whole", [](left_over& l) { return (*l.table)(1, 1); }},
        {"part", [](left_over& l) { return (*l.part)(1, 0); }},
        {"op", [](left_over& l) { return static_cast<float>(l.op->value().size()); }},
        {"record", [](left_over& l) { return static_cast<float>(l.record->value().size()); }},
        {"collected", [](left_over& l) { return static_cast<float>(l.collected->value().size()); }},
        {"default", [](left_over&) { return read_default(); }},
        {"in_force", [](left_over&) { return end_in_force(); }},
        {"with_scope", [](left_over&) { return end_with_scope(); }},
        {"names", [](left_over& l) {
            const bool are_right = l.typed->name() == "scope/v:0" && vs::any_variable(*l.table).shape() == vs::shape{2, 2} && l.op->op_name() == "sum";
            std::puts(are_right ? "answered" : "wrong");
            return 0.F;
        }}};
    left_over l;
    const auto found = uses.find(count > 1 ? arguments[1] : "");
    if (found == uses.end()) { return 2; }
    std::printf("%f\n", static_cast<double>(l.sum + found->second(l)));
}
