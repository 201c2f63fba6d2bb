// A program and a shared library with hidden visibility each have a default graph and scopes in force of their own; graphs,
// scope objects and handles that are handed over explicitly are the same in both.
#include "library.hpp"

#include <varscope/scope/variable_scope.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>

namespace vs = varscope;

namespace {

int failures = 0;

void expect(bool is_so, const char* what) {
    if (is_so) { return; }
    std::fprintf(stderr, "not so: %s\n", what);
    ++failures;
}

} // namespace

int main() {
    expect(&library::its_default_graph() != &vs::default_graph(), "each has a default graph of its own");

    // Both count their graphs: these have the same number here and there.
    auto mine = std::make_unique<vs::graph>();
    vs::graph& its = library::its_graph();
    {
        const vs::variable_scope a(*mine, "a", vs::auto_reuse);
        vs::variable_scope b(its, "b", vs::auto_reuse);
        const auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones()});
        expect(&v.graph() == &its && v.key() == "b/v", "a graph of the library is told from one of the program's");
        expect(vs::get_variable<float, 1>(*mine, "v", {2}).key() == "a/v", "and the other way round");
        expect(library::ask_in(its) == "v", "the library does not see which scope the program has open");
        try {
            library::ask_as_new(its);
            expect(false, "an error passes from the library to the program");
        } catch (const vs::already_exists& e) { expect(e.name() == "v", "an error of the library is known in the program"); }
        expect(library::ask_in_scope(its, b.handle()) == "b/library/v", "it sees the scope that it is given");
        expect(vs::get_variable_scope().name() == "b", "what the library opened is not in force in the program");
    }
    {
        const vs::variable_scope b(its, "b", vs::auto_reuse);
        mine.reset();
        expect(vs::get_variable_scope().name() == "b", "the end of a graph leaves those of others alone");
        expect(vs::find_variable(its, "b/v").has_value(), "a variable stays in the graph of the library");
    }
    {
        vs::graph shared; // memory grew whenever the other side opened the scope
        const auto both = [&](int times) {
            for (int i = 0; i < times; ++i) {
                library::name_in_scope(shared);
                const vs::name_scope x(shared, "x");
                const vs::name_scope y("y");
                (void)vs::unique_name("z");
            }
        };
        both(100);
        const std::size_t entries = shared.names().entry_count();
        const std::size_t steps = shared.names().event_count();
        both(1000);
        expect(shared.names().entry_count() == entries && shared.names().event_count() == steps, "names of both sides need no more memory");
        expect(vs::unique_name(shared, "x", vs::name_use::ask) == "x_2200", "both count the scope's openings");
        expect(vs::unique_name(shared, "x_2001/y/z", vs::name_use::ask) == "x_2001/y/z_1", "both know what was named in it");
    }
    return failures == 0 ? 0 : 1;
}
