#include <varscope/error.hpp>

#include <iostream>

int main() {
    try {
        throw varscope::shape_mismatch("as it should be", {}, {2, 3}, {3, 2});
    } catch (const varscope::error& e) { std::cout << e.what() << '\n'; }
}
