#include <varscope/varscope.hpp>

#include <iostream>
#include <string>

namespace vs = varscope;

std::string name_here();
void ask_for_another_shape();

int main() {
    const vs::variable_scope scope{"tower", vs::auto_reuse};
    const std::string first = name_here();
    const auto v = vs::get_variable<float, 1>("v", {2});
    bool is_caught = false;
    try {
        ask_for_another_shape();
    } catch (const vs::shape_mismatch& e) { is_caught = std::string(e.what()).find("tower/v") != std::string::npos; }
    std::cout << first << ' ' << v.name() << ' ' << is_caught << '\n'; // tower/v:0 tower/v:0 1
    return first == "tower/v:0" && v.name() == "tower/v:0" && vs::global_variables().size() == 1 && is_caught ? 0 : 1;
}
