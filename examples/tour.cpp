// A tour of the rules: the small programs that teach TensorFlow 1's scopes, line by line in C++.
//
// Each function is one program. It begins with an empty graph, and an error that ends it is printed.
// A Python name outlives the `with` it was made in, a C++ name ends with its block: so the last scope of
// a program stays open to its end, and what an earlier scope made is the value of a lambda.
// clang-format off: a call on more than one line is at another line for each compiler, and lines are printed

#include <varscope/varscope.hpp>

#include <xtensor/xrandom.hpp>

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <random>
#include <string_view>
#include <tuple>
#include <utility>

namespace vs = varscope;

void write(const auto& text) { std::cout << text; }

// A number, or a vector in brackets.
template <std::size_t N> void write(const xt::xtensor<float, N>& value) {
    static_assert(N < 2, "write(value): the programs print scalars and vectors only");
    if (N == 1) { std::cout << '['; }
    const char* between = "";
    for (const float element : value) { std::cout << std::exchange(between, " ") << element; }
    if (N == 1) { std::cout << ']'; }
}

// Python's print: the arguments with spaces between.
void print(const auto& first, const auto&... others) {
    write(first);
    ((std::cout << ' ', write(others)), ...);
    std::cout << '\n';
}

void heading(std::string_view text) { print("\n##", text); }

// Python's try, where a program goes on after an error.
void attempt(auto request) {
    try {
        request();
    } catch (const vs::error& e) {
        print(e.what());
    }
}

// A program in its own graph. As in TensorFlow, variables have no value before a session gives them one.
void run(void (*program)()) {
    vs::graph g{{.initialization = vs::initialization::deferred}};
    vs::as_default in_force{g};
    attempt(program);
}

void name_scope_and_get_variable() {
    heading("A name scope prefixes what variable makes, not what get_variable asks for");
    vs::name_scope scope{"name_scope_x"};
    const auto var1 = vs::get_variable<float, 1>("var1", {1});
    const vs::variable<float, 1> var3{{2.f}, "var2"};
    const vs::variable<float, 1> var4{{2.f}, "var2"};

    vs::session sess;
    sess.run(vs::global_variables_initializer());
    print(var1.name(), sess.run(var1));
    print(var3.name(), sess.run(var3));
    print(var4.name(), sess.run(var4));
}

void get_variable_twice() {
    heading("get_variable refuses a name that it has made before");
    vs::name_scope scope{"name_scope_1"};
    const auto var1 = vs::get_variable<float, 1>("var1", {1});
    const auto var2 = vs::get_variable<float, 1>("var1", {1});

    vs::session sess;
    sess.run(vs::global_variables_initializer());
    print(var1.name(), sess.run(var1));
    print(var2.name(), sess.run(var2));
}

void reuse_variables() {
    heading("After reuse_variables the scope shares; variable makes a new one all the same");
    vs::variable_scope scope{"variable_scope_y"};
    const auto var1 = vs::get_variable<float, 1>("var1", {1});
    scope.reuse_variables();
    const auto var1_reuse = vs::get_variable<float, 1>("var1");
    const vs::variable<float, 1> var2{{2.f}, "var2"};
    const vs::variable<float, 1> var2_reuse{{2.f}, "var2"};

    vs::session sess;
    sess.run(vs::global_variables_initializer());
    print(var1.name(), sess.run(var1));
    print(var1_reuse.name(), sess.run(var1_reuse));
    print(var2.name(), sess.run(var2));
    print(var2_reuse.name(), sess.run(var2_reuse));
}

void reuse_from_the_start() {
    heading("A scope opened with reuse shares from its start");
    const auto v = [] {
        vs::variable_scope foo{"foo"};
        return vs::get_variable<float, 1>("v", {1});
    }();
    vs::variable_scope foo_again{"foo", vs::reuse};
    const auto v1 = vs::get_variable<float, 1>("v");
    print("v1 is v:", v1.is(v) ? "True" : "False");
}

void names_made_unique() {
    heading("variable and get_variable number their names from one table");
    const vs::variable<float, 0> var1{1.f, "firstvar"};
    print("var1:", var1.name());
    const vs::variable<float, 0> var1_again{2.f, "firstvar"};
    print("var1:", var1_again.name());
    const vs::variable<float, 0> var2{3.f};
    print("var2:", var2.name());
    const vs::variable<float, 0> var2_again{4.f};
    print("var2:", var2_again.name());
    const auto get_var1 = vs::get_variable<float, 1>("firstvar", {1}, {.initializer = vs::constant_initializer(0.3)});
    print("get_var1:", get_var1.name());
    const auto get_var1_again = vs::get_variable<float, 1>("firstvar1", {1}, {.initializer = vs::constant_initializer(0.4)});
    print("get_var1:", get_var1_again.name());

    vs::session sess;
    sess.run(vs::global_variables_initializer());
    print("var1=", sess.run(var1_again)); // Python's var1 means the last one
    print("var2=", sess.run(var2_again));
    print("get_var1=", sess.run(get_var1_again));
}

void same_name_again() {
    heading("Another initializer does not make the same name another variable");
    const auto get_var1 = vs::get_variable<float, 1>("a", {1}, {.initializer = vs::constant_initializer(0.3)});
    print("get_var1:", get_var1.name());
    const auto get_var2 = vs::get_variable<float, 1>("a", {1}, {.initializer = vs::constant_initializer(0.4)});
    print("get_var2:", get_var2.name());
}

void two_scopes() {
    heading("Two variable scopes hold the same name apart");
    const auto get_var1 = [] {
        vs::variable_scope test1{"test1"};
        return vs::get_variable<float, 1>("firstvar", {2});
    }();
    vs::variable_scope test2{"test2"};
    const auto get_var2 = vs::get_variable<float, 1>("firstvar", {2});
    print("get_var1:", get_var1.name());
    print("get_var2:", get_var2.name());
}

void nested_scopes() {
    heading("Variable scopes nest");
    vs::variable_scope test1{"test1"};
    const auto get_var1 = vs::get_variable<float, 1>("firstvar", {2});
    vs::variable_scope test2{"test2"};
    const auto get_var2 = vs::get_variable<float, 1>("firstvar", {2});
    print("get_var1:", get_var1.name());
    print("get_var2:", get_var2.name());
}

void nested_reuse() {
    heading("Inner scopes inherit reuse");
    {
        vs::variable_scope test1{"test1"};
        const auto get_var1 = vs::get_variable<float, 1>("firstvar", {2});
        vs::variable_scope test2{"test2"};
        const auto get_var2 = vs::get_variable<float, 1>("firstvar", {2});
        print("get_var1:", get_var1.name());
        print("get_var2:", get_var2.name());
    }
    vs::variable_scope test1{"test1", vs::reuse};
    const auto get_var3 = vs::get_variable<float, 1>("firstvar", {2});
    vs::variable_scope test2{"test2"};
    const auto get_var4 = vs::get_variable<float, 1>("firstvar", {2});
    print("get_var3:", get_var3.name());
    print("get_var4:", get_var4.name());
}

void reuse_of_nothing() {
    heading("A scope that reuses does not create");
    vs::variable_scope test1{"test1", vs::reuse};
    const auto get_var3 = vs::get_variable<float, 1>("firstvar", {2});
    vs::variable_scope test2{"test2"};
    const auto get_var4 = vs::get_variable<float, 1>("firstvar", {2});
    print("get_var3:", get_var3.name());
    print("get_var4:", get_var4.name());
}

void auto_reuse() {
    heading("With auto_reuse it creates what is not there");
    vs::variable_scope test1{"test1", vs::auto_reuse};
    const auto get_var3 = vs::get_variable<float, 1>("firstvar", {2});
    vs::variable_scope test2{"test2"};
    const auto get_var4 = vs::get_variable<float, 1>("firstvar", {2});
    print("get_var3:", get_var3.name());
    print("get_var4:", get_var4.name());
}

void reuse_more_than_once() {
    heading("A scope can be opened to share as often as one likes");
    const auto weights1 = [] {
        vs::variable_scope scope1{"v_scope"};
        const auto weights = vs::get_variable<float, 2>("Weights", {2, 3});
        const auto bias1 = vs::get_variable<float, 1>("bias", {3});
        return weights;
    }();
    const auto weights2 = [] {
        vs::variable_scope scope2{"v_scope", vs::reuse};
        return vs::get_variable<float, 2>("Weights");
    }();
    const auto weights3 = [] {
        vs::variable_scope scope2{"v_scope", vs::reuse};
        return vs::get_variable<float, 2>("Weights");
    }();
    print(weights1.name());
    print(weights2.name());
    print(weights3.name());
}

void both_kinds_in_variable_scopes() {
    heading("Under variable scopes both kinds of variable may share their last name");
    std::mt19937 engine{1};
    const auto [a1, a2] = [&] {
        vs::variable_scope v1{"V1"};
        const auto got = vs::get_variable<float, 1>("a1", {1}, {.initializer = vs::constant_initializer(1)});
        const vs::variable<float, 2> made{xt::random::randn<float>({2, 3}, 0.f, 1.f, engine), "a2"};
        return std::tuple{got, made};
    }();
    vs::variable_scope v2{"V2"};
    const auto a3 = vs::get_variable<float, 1>("a1", {1}, {.initializer = vs::constant_initializer(1)});
    const vs::variable<float, 2> a4{xt::random::randn<float>({2, 3}, 0.f, 1.f, engine), "a2"};

    vs::session sess;
    sess.run(vs::global_variables_initializer());
    print(a1.name());
    print(a2.name());
    print(a3.name());
    print(a4.name());
}

void both_kinds_in_name_scopes() {
    heading("Under name scopes get_variable asks for one name twice");
    std::mt19937 engine{1};
    {
        vs::name_scope v1{"V1"};
        const auto a1 = vs::get_variable<float, 1>("a1", {1}, {.initializer = vs::constant_initializer(1)});
        const vs::variable<float, 2> a2{xt::random::randn<float>({2, 3}, 0.f, 1.f, engine), "a2"};
    }
    vs::name_scope v2{"V2"};
    const auto a3 = vs::get_variable<float, 1>("a1", {1}, {.initializer = vs::constant_initializer(1)});
    const vs::variable<float, 2> a4{xt::random::randn<float>({2, 3}, 0.f, 1.f, engine), "a2"};
}

void variables_in_name_scopes() {
    heading("Under name scopes variable alone works");
    std::mt19937 engine{1};
    const auto a2 = [&] {
        vs::name_scope v1{"V1"};
        return vs::variable<float, 2>{xt::random::randn<float>({2, 3}, 0.f, 1.f, engine), "a2"};
    }();
    vs::name_scope v2{"V2"};
    const vs::variable<float, 2> a4{xt::random::randn<float>({2, 3}, 0.f, 1.f, engine), "a2"};

    vs::session sess;
    sess.run(vs::global_variables_initializer());
    print(a2.name());
    print(a4.name());
}

void different_names() {
    heading("Under different names both kinds behave alike");
    const vs::variable<float, 1> var1{{1.f}, "var1"};
    const vs::variable<float, 1> var2{{2.f}, "var2"};

    const auto initializer = vs::constant_initializer(1);
    const auto var3 = vs::get_variable<float, 1>("var3", {1}, {.initializer = initializer});
    const auto var4 = vs::get_variable<float, 1>("var4", {1}, {.initializer = initializer});

    vs::session sess;
    sess.run(vs::global_variables_initializer());
    print(var1.name(), sess.run(var1));
    print(var2.name(), sess.run(var2));
    print(var3.name(), sess.run(var3));
    print(var4.name(), sess.run(var4));
}

void variable_under_one_name() {
    heading("Under one name variable makes two");
    const vs::variable<float, 1> var1{{1.f}, "var1"};
    const vs::variable<float, 1> var2{{2.f}, "var1"};

    vs::session sess;
    sess.run(vs::global_variables_initializer());
    print(var1.name(), sess.run(var1));
    print(var2.name(), sess.run(var2));
}

void get_variable_under_one_name() {
    heading("Under one name get_variable makes one");
    const auto initializer = vs::constant_initializer(1);
    const auto var3 = vs::get_variable<float, 1>("var3", {1}, {.initializer = initializer});
    const auto var4 = vs::get_variable<float, 1>("var3", {1}, {.initializer = initializer});

    vs::session sess;
    sess.run(vs::global_variables_initializer());
    print(var3.name(), sess.run(var3));
    print(var4.name(), sess.run(var4));
}

void every_combination() {
    heading("Both kinds of variable under both kinds of scope");
    const vs::variable<float, 1> var1{{1.f}, "var1"};
    const vs::variable<float, 1> var2{{2.f}, "var1"};
    const auto [var3, var4] = [] {
        vs::variable_scope var_scope1{"var_scope1"};
        const vs::variable<float, 1> first{{1.f}, "var1"};
        const vs::variable<float, 1> second{{2.f}, "var1"};
        return std::tuple{first, second};
    }();
    const auto [var5, var6] = [] {
        vs::name_scope name_scope1{"name_scope1"};
        const vs::variable<float, 1> first{{1.f}, "var1"};
        const vs::variable<float, 1> second{{2.f}, "var1"};
        return std::tuple{first, second};
    }();
    const auto var7 = [] {
        vs::variable_scope var_scope2{"var_scope2"};
        return vs::variable<float, 1>{{1.f}, "var1"};
    }();
    const auto var8 = [] {
        vs::name_scope name_scope2{"name_scope2"};
        return vs::variable<float, 1>{{1.f}, "var1"};
    }();
    const auto initializer = vs::constant_initializer(1);
    const auto [var9, var10] = [&] {
        vs::variable_scope var_scope3{"var_scope3", vs::auto_reuse};
        const auto first = vs::get_variable<float, 1>("var", {1}, {.initializer = initializer});
        const auto second = vs::get_variable<float, 1>("var", {1}, {.initializer = initializer});
        return std::tuple{first, second};
    }();
    vs::name_scope name_scope3{"name_scope3"};
    const auto var11 = vs::get_variable<float, 1>("var1", {1}, {.initializer = initializer});
    const auto var12 = vs::get_variable<float, 1>("var", {1}, {.initializer = initializer});

    vs::session sess;
    sess.run(vs::global_variables_initializer());
    print(var1.name(), sess.run(var1));
    print(var2.name(), sess.run(var2));
    print(var3.name(), sess.run(var3));
    print(var4.name(), sess.run(var4));
    print(var5.name(), sess.run(var5));
    print(var6.name(), sess.run(var6));
    print(var7.name(), sess.run(var7));
    print(var8.name(), sess.run(var8));
    print(var9.name(), sess.run(var9));
    print(var10.name(), sess.run(var10));
    print(var11.name(), sess.run(var11));
    print(var12.name(), sess.run(var12));
}

void ops_in_a_name_scope() {
    heading("A name scope prefixes ops too");
    vs::name_scope scope{"my_scope"};
    const auto v1 = vs::get_variable<float, 1>("var1", {1});
    const vs::variable<float, 0> v2{1.f, "var2"};
    const auto a = vs::add(v1, v2);
    print(v1.name());
    print(v2.name());
    print(a.name());
}

void ops_in_a_variable_scope() {
    heading("A variable scope prefixes all three");
    vs::variable_scope scope{"my_scope"};
    const auto v1 = vs::get_variable<float, 1>("var1", {1});
    const vs::variable<float, 0> v2{1.f, "var2"};
    const auto a = vs::add(v1, v2);
    print(v1.name());
    print(v2.name());
    print(a.name());
}

void sharing_across_name_scopes() {
    heading("What a variable scope shares does not depend on the name scopes around it");
    const auto v = [] {
        vs::name_scope foo{"foo"};
        vs::variable_scope var_scope{"var_scope"};
        return vs::get_variable<float, 1>("var", {1});
    }();
    vs::name_scope bar{"bar"};
    vs::variable_scope var_scope_again{"var_scope", vs::reuse};
    const auto v1 = vs::get_variable<float, 1>("var", {1});
    print("v1 is v:", v1.is(v) ? "True" : "False");
    print(v.name());
    print(v1.name());
}

void ops_of_numbers() {
    heading("Ops are named apart as variables are");
    vs::variable_scope s{"s"};
    const auto three = vs::add(1.f, 2.f);
    const auto three_again = vs::add(1.f, 2.f);
    vs::session sess;
    print(three.name(), sess.run(three));
    print(three_again.name(), sess.run(three_again));
}

void suffixes_collide() {
    heading("A suffix that is taken is passed over, and keys are not names");
    print(vs::variable<float, 0>{1.f, "v_1"}.name());
    print(vs::variable<float, 0>{1.f, "v"}.name());
    print(vs::variable<float, 0>{1.f, "v"}.name());
    print(vs::variable<float, 0>{1.f, "v_1"}.name());
    print(vs::variable<float, 0>{1.f, "v"}.name());
    print(vs::get_variable<float, 1>("v", {1}).name());
    attempt([] { print(vs::get_variable<float, 1>("v", {1}).name()); });
    print(vs::get_variable<float, 1>("v_1", {1}).name());
}

void reopened_scope() {
    heading("A variable scope opened again finds its variables, in a name scope that is new");
    {
        vs::variable_scope a{"a"};
        print(vs::constant(1.f, "c").name());
        print(vs::get_variable<float, 1>("v", {1}).name());
    }
    vs::variable_scope a_again{"a", vs::reuse};
    print(vs::constant(1.f, "c").name());
    print(vs::get_variable<float, 1>("v", {1}).name());
    print(vs::variable<float, 0>{1.f, "v"}.name());
}

void ways_to_be_refused() {
    heading("The four ways in which get_variable refuses");
    print(vs::get_variable<float, 1>("v", {1}).name());
    attempt([] { print(vs::get_variable<float, 1>("v", {1}).name()); });
    {
        vs::variable_scope s{"s", vs::reuse};
        attempt([] { print(vs::get_variable<float, 1>("v", {1}).name()); });
    }
    vs::variable_scope s_again{"s", vs::auto_reuse};
    print(vs::get_variable<float, 1>("v", {1}).name());
    print(vs::get_variable<float, 1>("v", {1}).name());
    attempt([] { print(vs::get_variable<float, 1>("v", {2}).name()); });
    attempt([] { print(vs::get_variable<std::int32_t, 1>("v", {1}).name()); });
}

void variable_is_not_shared() {
    heading("get_variable does not see what variable made");
    print(vs::variable<float, 0>{1.f, "v"}.name());
    vs::get_variable_scope().reuse_variables();
    print(vs::get_variable<float, 1>("v", {1}).name());
}

void scopes_take_names() {
    heading("Scopes and variables take their names from one table");
    {
        vs::name_scope a{"a"};
        print(a.name());
    }
    print(vs::get_variable<float, 1>("a", {1}).name());
    {
        vs::name_scope a{"a"};
        print(a.name());
    }
    vs::variable_scope last{"a"};
    print(last.original_name_scope());
    print(vs::get_variable<float, 1>("v", {1}).name());
}

int main(int argc, char**) {
    if (argc != 1) {
        std::cerr << "usage: tour\n";
        return 2;
    }
    run(name_scope_and_get_variable);
    run(get_variable_twice);
    run(reuse_variables);
    run(reuse_from_the_start);

    run(names_made_unique);
    run(same_name_again);
    run(two_scopes);
    run(nested_scopes);
    run(nested_reuse);
    run(reuse_of_nothing);
    run(auto_reuse);

    run(reuse_more_than_once);
    run(both_kinds_in_variable_scopes);
    run(both_kinds_in_name_scopes);
    run(variables_in_name_scopes);

    run(different_names);
    run(variable_under_one_name);
    run(get_variable_under_one_name);
    run(every_combination);

    run(ops_in_a_name_scope);
    run(ops_in_a_variable_scope);
    run(sharing_across_name_scopes);

    run(ops_of_numbers);
    run(suffixes_collide);
    run(reopened_scope);
    run(ways_to_be_refused);
    run(variable_is_not_shared);
    run(scopes_take_names);
}
