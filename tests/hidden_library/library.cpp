#include "library.hpp"

#include <varscope/scope/variable_scope.hpp>
#include <varscope/variable/get_variable.hpp>

namespace vs = varscope;

vs::graph& library::its_graph() {
    static vs::graph made;
    return made;
}

vs::graph& library::its_default_graph() {
    return vs::default_graph();
}

std::string library::ask_in(vs::graph& g) {
    const auto v = vs::get_variable<float, 1>(g, "v", {2}, {.initializer = vs::ones(), .reuse = vs::auto_reuse});
    return &v.graph() == &g && v(1) == 1 ? std::string(v.key()) : "of another graph";
}

std::string library::ask_in_scope(vs::graph& g, const vs::scope_handle& scope) {
    const vs::variable_scope in(g, scope, {.auxiliary_name_scope = false});
    const vs::variable_scope inner("library");
    return ask_in(g);
}

void library::name_in_scope(vs::graph& g) {
    const vs::name_scope x(g, "x");
    const vs::name_scope y("y");
    (void)vs::unique_name("z");
}

void library::ask_as_new(vs::graph& g) {
    (void)vs::get_variable<float, 1>(g, "v", {2});
}
