#include <varscope/scope/capture.hpp>
#include <varscope/initializers/initializers.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/scope/variable_scope.hpp>

#include "catch.hpp"
#include "counts.hpp"

#include <functional>
#include <new>
#include <optional>
#include <string>

namespace vs = varscope;

namespace {

/// What can be seen of names.
std::string seen(vs::graph& g) {
    std::string text = vs::get_variable_scope(g).name() + '|' + vs::get_name_scope(g) + '|';
    for (const char* name : {"x", "y", "z", "x/y", "x_1/y", "x_2/y", "z/a", "z_1/a"}) { text += vs::unique_name(g, name, vs::name_use::ask) + ' '; }
    return text;
}

/// Opens a scope without memory for the first allocation, then for the second, and so on until it opens.
template <class Guard>
int check(const std::function<void(std::optional<Guard>&)>& open) {
    for (int i = 0;; ++i) {
        vs::graph g;
        const vs::as_default in(g);
        for (int k = 0; k < 2; ++k) {
            const vs::variable_scope x("x");
            const vs::name_scope y("y");
        }
        vs::graph reference;
        {
            const vs::as_default there(reference);
            for (int k = 0; k < 2; ++k) {
                const vs::variable_scope x("x");
                const vs::name_scope y("y");
            }
        }
        std::optional<Guard> guard;
        bool failed = false;
        fail_allocation(i);
        try {
            open(guard);
        } catch (const std::bad_alloc&) {
            failed = true;
        }
        fail_allocation(-1);
        if (!failed) { return i; }
        REQUIRE(seen(g) == seen(reference));
    }
}

} // namespace

TEST_CASE("a scope whose opening runs out of memory leaves no name taken", "[cost]") {
    const auto by_name = [](auto name) { return [name](std::optional<vs::variable_scope>& s) { s.emplace(name); }; };
    CHECK(check<vs::variable_scope>(by_name("z")) > 0);
    CHECK(check<vs::variable_scope>(by_name("x")) >= 0);
    CHECK(check<vs::variable_scope>(by_name("x/y")) > 0);
    CHECK(check<vs::variable_scope>([](auto& s) { s.emplace("z", vs::scope_options{.initializer = vs::zeros(), .constraint = {}}); }) > 0);
    CHECK(check<vs::variable_scope>([](auto& s) { s.emplace(vs::no_name, vs::scope_options{.default_name = "x"}); }) > 0);
    CHECK(check<vs::name_scope>([](auto& s) { s.emplace("z"); }) >= 0);
    CHECK(check<vs::name_scope>([](auto& s) { s.emplace("x/y"); }) >= 0);
    CHECK(check<vs::name_scope>([](auto& s) { s.emplace("a_name_of_a_scope_that_is_too_long_for_the_guard_itself_to_hold_so_that_it_is_allocated"); }) > 0);
}

TEST_CASE("a scope entered through an object that runs out of memory leaves no name taken", "[cost]") {
    CHECK(check<vs::variable_scope>([](auto& s) { s.emplace(vs::scope_at("x/z")); }) > 0);
    CHECK(check<vs::resume>([](auto& s) { s.emplace(vs::capture()); }) > 0);
}
