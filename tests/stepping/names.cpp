// usage: varscope_stepping [PREEMPTIONS]
// Two threads open, leave and name things in scopes of one graph, in every order that up to three (or PREEMPTIONS) changes
// of places lead to; after each, every name is looked at. Prints how many orders each case has.
#include "stepped.hpp"

#include <varscope/scope/name_scope.hpp>
#include <varscope/scope/variable_scope.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace vs = varscope;

namespace {

/// One case: what was opened before, what each thread does, and what must hold then.
struct situation {
    const char* text;
    std::function<void(vs::graph&)> before;
    std::function<void(vs::graph&, std::vector<std::string>& names)> first;
    std::function<void(vs::graph&, std::vector<std::string>& names)> second;
    std::function<bool(vs::graph&, const std::vector<std::string>& first, const std::vector<std::string>& second)> is_right;
};

void open(vs::graph& g, const std::vector<const char*>& path, std::size_t from = 0) {
    if (from == path.size()) { return; }
    const vs::name_scope scope(g, path[from]);
    open(g, path, from + 1);
}
/// Takes the name of an op in the scope in force.
std::string op(vs::graph& g, const char* name) {
    return g.take_op_name(vs::detail::scopes_in(g).innermost->names, name, {});
}
std::string next(vs::graph& g, const std::string& path) { return vs::unique_name(g, path, vs::name_use::ask); }
bool is_taken(vs::graph& g, const std::string& path) { return next(g, path) != path; }
using texts = std::vector<std::string>;
/// Whether these are `name`, `name_1`, ..., in any order, and what comes next is the next one.
bool are_all(vs::graph& g, const std::string& name, texts got) {
    texts expected;
    for (std::size_t i = 0; i < got.size(); ++i) { expected.push_back(i == 0 ? name : name + '_' + std::to_string(i)); }
    std::ranges::sort(got);
    return got == expected && next(g, name) == name + '_' + std::to_string(got.size());
}
texts join(texts a, const texts& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

const std::vector<situation>& situations() {
    static const std::vector<situation> all{
        {"both open the same scope with the same in it",
            [](vs::graph& g) { open(g, {"x"}); },
            [](vs::graph& g, texts&) { open(g, {"x", "y"}); },
            [](vs::graph& g, texts&) { open(g, {"x", "y"}); },
            [](vs::graph& g, const texts&, const texts&) { return next(g, "x_1/y") == "x_1/y_1" && next(g, "x_2/y") == "x_2/y_1" && next(g, "x") == "x_3"; }},
        {"both open the same scope with the same in it, one of them twice",
            [](vs::graph& g) { open(g, {"x"}); },
            [](vs::graph& g, texts&) { open(g, {"x", "y"}); open(g, {"x", "y"}); },
            [](vs::graph& g, texts&) { open(g, {"x", "y"}); },
            [](vs::graph& g, const texts&, const texts&) { return is_taken(g, "x_1/y") && is_taken(g, "x_2/y") && is_taken(g, "x_3/y") && !is_taken(g, "x_4/y"); }},
        {"both open the same scope with other things in it",
            [](vs::graph& g) { open(g, {"x"}); },
            [](vs::graph& g, texts&) { open(g, {"x", "y"}); },
            [](vs::graph& g, texts&) { open(g, {"x", "z"}); },
            [](vs::graph& g, const texts&, const texts&) {
                return is_taken(g, "x_1/y") != is_taken(g, "x_1/z") && is_taken(g, "x_2/y") != is_taken(g, "x_2/z") && is_taken(g, "x_1/y") != is_taken(g, "x_2/y");
            }},
        {"the usual content changes while another opens with the usual",
            [](vs::graph& g) { open(g, {"x"}); open(g, {"x", "y"}); },
            [](vs::graph& g, texts&) { open(g, {"x", "y"}); open(g, {"x"}); },
            [](vs::graph& g, texts&) { open(g, {"x", "z"}); },
            [](vs::graph& g, const texts&, const texts&) {
                int y = 0;
                int z = 0;
                for (const char* path : {"x_1/", "x_2/", "x_3/", "x_4/"}) {
                    y += is_taken(g, std::string(path) + "y") ? 1 : 0;
                    z += is_taken(g, std::string(path) + "z") ? 1 : 0;
                }
                return y == 2 && z == 1 && is_taken(g, "x_1/y");
            }},
        {"a path through a scope that the other has open, or not yet",
            [](vs::graph& g) { open(g, {"x"}); },
            [](vs::graph& g, texts& names) {
                const vs::name_scope x(g, "x");
                names.push_back(op(g, "y"));
                names.push_back(op(g, "y"));
            },
            [](vs::graph& g, texts& names) { names.push_back(vs::unique_name(g, "x_1/y")); },
            [](vs::graph& g, const texts& a, const texts& b) { return are_all(g, "x_1/y", join(a, b)); }},
        {"a path through a scope that the other has open, after one through a later scope",
            [](vs::graph& g) { open(g, {"x"}); },
            [](vs::graph& g, texts& names) {
                const vs::name_scope x(g, "x");
                names.push_back(op(g, "y"));
            },
            [](vs::graph& g, texts& names) {
                (void)vs::unique_name(g, "x_5/q");
                names.push_back(vs::unique_name(g, "x_1/y"));
            },
            [](vs::graph& g, const texts& a, const texts& b) { return are_all(g, "x_1/y", join(a, b)); }},
        {"a path through a scope whose usual content is the same",
            [](vs::graph& g) { open(g, {"x"}); open(g, {"x", "y"}); },
            [](vs::graph& g, texts& names) {
                const vs::name_scope x(g, "x");
                const vs::name_scope y(g, "y");
                names.push_back(vs::get_name_scope(g));
            },
            [](vs::graph& g, texts& names) { names.push_back(vs::unique_name(g, "x_2/y")); },
            [](vs::graph& g, const texts& a, const texts& b) { return are_all(g, "x_2/y", join(a, b)) && next(g, "x_1/y") == "x_1/y_1"; }},
        {"a path into a scope in a scope that the other has open",
            [](vs::graph& g) { open(g, {"x"}); },
            [](vs::graph& g, texts& names) {
                const vs::name_scope x(g, "x");
                const vs::name_scope y(g, "y");
                names.push_back(op(g, "z"));
            },
            [](vs::graph& g, texts& names) {
                const vs::name_scope y(g, "x_1/y/");
                names.push_back(op(g, "z"));
            },
            [](vs::graph& g, const texts& a, const texts& b) { return are_all(g, "x_1/y/z", join(a, b)) && next(g, "x_1/y") == "x_1/y_1"; }},
        {"a path through a scope left, while its thread goes on to another one",
            [](vs::graph& g) { open(g, {"x"}); open(g, {"w"}); open(g, {"w", "y"}); open(g, {"x", "y"}); },
            [](vs::graph& g, texts& names) {
                open(g, {"x", "y"});
                const vs::name_scope w(g, "w");
                const vs::name_scope y(g, "y");
                names.push_back(op(g, "z"));
            },
            [](vs::graph& g, texts& names) { names.push_back(vs::unique_name(g, "x_2/y")); },
            [](vs::graph& g, const texts& a, const texts& b) {
                return a == texts{"w_2/y/z"} && next(g, "w_2/y") == "w_2/y_1" && next(g, "w_2/y/z") == "w_2/y/z_1" &&
                    (b == texts{"x_2/y_1"} ? next(g, "x_2/y") == "x_2/y_2" : b == texts{"x_2/y"} && next(g, "x_2/y") == "x_2/y_2");
            }},
        {"an op is called as the scope that the other opens",
            [](vs::graph& g) { open(g, {"x"}); open(g, {"x", "y"}); },
            [](vs::graph& g, texts& names) { names.push_back(op(g, "x")); },
            [](vs::graph& g, texts& names) {
                const vs::name_scope x(g, "x");
                names.push_back(vs::get_name_scope(g));
                const vs::name_scope y(g, "y");
            },
            [](vs::graph& g, const texts& a, const texts& b) {
                return a[0] != b[0] && !is_taken(g, a[0] + "/y") && next(g, b[0] + "/y") == b[0] + "/y_1" && next(g, "x") == "x_4";
            }},
        {"an op is called as the scope that is opened again for the first time",
            [](vs::graph& g) { open(g, {"x"}); },
            [](vs::graph& g, texts& names) { names.push_back(op(g, "x")); },
            [](vs::graph& g, texts& names) {
                const vs::name_scope x(g, "x");
                names.push_back(vs::get_name_scope(g));
                const vs::name_scope y(g, "y");
            },
            [](vs::graph& g, const texts& a, const texts& b) { return a[0] != b[0] && !is_taken(g, a[0] + "/y") && is_taken(g, b[0] + "/y"); }},
        {"a path through an op that is called as scopes that hold something",
            [](vs::graph& g) { open(g, {"x"}); open(g, {"x", "y"}); },
            [](vs::graph& g, texts& names) { names.push_back(op(g, "x")); },
            [](vs::graph& g, texts& names) { names.push_back(vs::unique_name(g, "x_2/y")); },
            [](vs::graph& g, const texts& a, const texts& b) { return a == texts{"x_2"} && b == texts{"x_2/y"} && next(g, "x_2/y") == "x_2/y_1"; }},
        {"both open a scope of which one suffix was asked for by its text",
            [](vs::graph& g) { open(g, {"x"}); (void)op(g, "x_1"); },
            [](vs::graph& g, texts& names) {
                const vs::name_scope x(g, "x");
                const vs::name_scope y(g, "y");
                names.push_back(vs::get_name_scope(g));
            },
            [](vs::graph& g, texts& names) {
                {
                    const vs::name_scope x(g, "x");
                    const vs::name_scope y(g, "y");
                    names.push_back(vs::get_name_scope(g));
                }
                (void)vs::unique_name(g, "x_3/q");
            },
            [](vs::graph& g, const texts& a, const texts& b) {
                const texts both = a < b ? join(a, b) : join(b, a);
                return both == texts{"x_2/y", "x_3/y"} && next(g, "x_2/y") == "x_2/y_1" && next(g, "x_3/y") == "x_3/y_1" && next(g, "x_3/q") == "x_3/q_1" && !is_taken(g, "x_1/y");
            }},
        {"a name is asked for by the text that a scope gets",
            [](vs::graph& g) { open(g, {"x"}); },
            [](vs::graph& g, texts& names) {
                const vs::name_scope x(g, "x");
                names.push_back(vs::get_name_scope(g));
                const vs::name_scope y(g, "y");
            },
            [](vs::graph& g, texts& names) { names.push_back(op(g, "x_1")); },
            [](vs::graph& g, const texts& a, const texts& b) {
                const bool scope_first = a[0] == "x_1" && b[0] == "x_1_1";
                const bool op_first = a[0] == "x_2" && b[0] == "x_1";
                return (scope_first || op_first) && next(g, a[0] + "/y") == a[0] + "/y_1" && (scope_first || !is_taken(g, "x_1/y"));
            }},
        {"both take the same op names in one scope, and in scopes of their own",
            [](vs::graph& g) { (void)op(g, "a"); open(g, {"x"}); },
            [](vs::graph& g, texts& names) {
                names.push_back(op(g, "a"));
                const vs::name_scope x(g, "x");
                names.push_back(op(g, "b"));
            },
            [](vs::graph& g, texts& names) {
                names.push_back(op(g, "a"));
                const vs::name_scope x(g, "x");
                names.push_back(op(g, "b"));
            },
            [](vs::graph& g, const texts& a, const texts& b) {
                return are_all(g, "a", {"a", a[0], b[0]}) && a[1] != b[1] && next(g, a[1]) == a[1] + "_1" && next(g, b[1]) == b[1] + "_1";
            }},
    };
    return all;
}

} // namespace

int main(int count, char** arguments) {
    const std::size_t preemptions = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 3;
    std::size_t all = 0;
    std::size_t failed = 0;
    for (const situation& s : situations()) {
        std::size_t wrong = 0;
        std::string example;
        const std::size_t schedules = stepped::for_each_schedule(preemptions, [&](stepped::schedule& order) {
            vs::graph g;
            s.before(g);
            texts first;
            texts second;
            order.run([&] { s.first(g, first); }, [&] { s.second(g, second); });
            if (s.is_right(g, first, second)) { return; }
            ++wrong;
            if (example.empty()) {
                for (const std::string& name : join(first, second)) { example += ' ' + name; }
            }
        });
        std::printf("%8zu schedules, %zu wrong: %s%s\n", schedules, wrong, s.text, example.empty() ? "" : (" (" + example + " )").c_str());
        std::fflush(stdout);
        all += schedules;
        failed += wrong;
    }
    std::printf("%zu schedules with up to %zu preemptions, %zu wrong\n", all, preemptions, failed);
    return failed == 0 ? 0 : 1;
}
