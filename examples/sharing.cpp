// Who shares what: the tools that find the mistakes one makes with shared variables.
//
// clang-format off: a call on more than one line is at another line for each compiler, and lines are printed

#include <varscope/scope/freeze.hpp>
#include <varscope/inspect/near_misses.hpp>
#include <varscope/inspect/sharing.hpp>
#include <varscope/scope/transaction.hpp>
#include <varscope/varscope.hpp>

#include <iostream>
#include <stdexcept>

namespace vs = varscope;

void attempt(auto request) {
    try {
        request();
    } catch (const std::exception& e) {
        std::cout << e.what() << '\n';
    }
}

// The right branch of a model with two towers has a typo.
void tower(bool is_right) {
    vs::variable_scope s{"tower", vs::auto_reuse};
    (void)vs::get_variable<float, 2>("kernel", {3, 4});
    (void)vs::get_variable<float, 1>(is_right ? "biass" : "bias", {4});
}

int main() {
    vs::graph g{{.initialization = vs::initialization::deferred, .record_sharing = true}};
    vs::as_default in_force{g};

    std::cout << "## A name nearly like another one\n";
    vs::watch_near_misses([](const vs::near_miss_report& r) { std::cout << to_string(r) << '\n'; });
    tower(false);
    tower(true);

    std::cout << "\n## Who asked for what\n" << to_string(vs::sharing_report());
    attempt([] { vs::expect_shared("tower/*"); });

    std::cout << "\n## All or nothing\n";
    attempt([] {
        vs::transaction all_or_nothing;
        vs::variable_scope s{"head"};
        (void)vs::get_variable<float, 2>("kernel", {4, 10});
        throw std::runtime_error("no labels for this head");
    });
    std::cout << (vs::find_variable("head/kernel") ? "head/kernel is there\n" : "head/kernel is not there\n");

    std::cout << "\n## Nothing new from here on\n";
    vs::freeze();
    attempt([] { (void)vs::get_variable<float, 2>("tower/kernal", {3, 4}); });
}
