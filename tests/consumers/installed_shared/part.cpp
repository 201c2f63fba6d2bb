#include <varscope/varscope.hpp>

#include <string>

namespace vs = varscope;

// In the scope that the program has opened, in its default graph.
[[gnu::visibility("default")]] std::string name_here() {
    return std::string(vs::get_variable<float, 1>("v", {2}).name());
}

[[gnu::visibility("default")]] void ask_for_another_shape() {
    (void)vs::get_variable<float, 1>("v", {3});
}
