// The code blocks of the README, in one program.
// clang-format off: laid out for the page

// [page]
#include <varscope/ext/matmul.hpp> // needs BLAS, so it has a header of its own
#include <varscope/varscope.hpp>

#include <xtensor/xio.hpp>
#include <xtensor/xview.hpp>

#include <iostream>

namespace vs = varscope;

// A layer asks for its variables by name. It neither owns nor passes them around.
auto dense(auto const& x, std::size_t units) {
    auto w = vs::get_variable<float, 2>("kernel", {x.shape(1), units}); // Glorot uniform by default
    auto b = vs::get_variable<float, 1>("bias", {units}, {.initializer = vs::zeros()});
    return vs::relu(vs::matmul(x, w) + b); // lazy, and holds w and b: evaluate it when you like
}
// [page]

// [tower]
auto tower(auto const& x) {
    auto hidden = [&] {
        vs::variable_scope s{"hidden"};
        return dense(x, 8);
    }();
    vs::variable_scope s{"out"};
    return dense(hidden, 3);
}

void two_inputs_one_tower() {
    xt::xtensor<float, 2> left = xt::ones<float>({2, 4});
    xt::xtensor<float, 2> right = xt::zeros<float>({5, 4});

    xt::xtensor<float, 2> y1, y2;
    { vs::variable_scope s{"tower"};            y1 = tower(left); }   // creates tower/hidden/kernel, ...
    { vs::variable_scope s{"tower", vs::reuse}; y2 = tower(right); }  // the same four variables

    for (auto v : vs::trainable_variables()) {
        std::cout << v.name() << ' ' << to_string(v.shape()) << '\n'; // tower/hidden/kernel:0 (4, 8) ...
    }
}
// [tower]

void variables() {
    // [variables]
    // vs::variable is made anew each time, and named apart: "w:0", "w_1:0".
    vs::variable<float, 1> a{{1.f, 2.f}, "w"}, b{{3.f, 4.f}, "w"};

    // A variable is an xtensor container: read it, assign to it, view it, mix it.
    a += 0.5f * b;                        // changes the elements; a handle is never re-seated
    xt::view(b, 0) = 7.f;
    xt::xarray<float> sum = a + b;        // {9.5, 8}

    // get_variable finds what it made before by name, and every handle sees the same elements.
    vs::variable_scope s{"scope", vs::auto_reuse};
    auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones()});
    auto again = vs::get_variable<float, 1>("v");
    v(0) = 5.f;                           // again(0) == 5, and v.is(again)
    // [variables]
    std::cout << a.name() << ' ' << b.name() << ' ' << sum << ' ' << again << ' ' << v.is(again) << '\n';
}

void names() {
    // [names]
    vs::variable<float, 0> first{1.f, "v"};         // takes the op name "v"
    auto v = vs::get_variable<float, 0>("v", {});   // asked for as "v", so its op must be "v_1"
    std::cout << v.key() << ' ' << v.op_name() << ' ' << v.name() << '\n'; // v v_1 v_1:0
    // [names]
}

void sessions() {
    // [session]
    vs::graph g{{.seed = 7, .initialization = vs::initialization::deferred}};
    vs::as_default in_force{g};                               // as `with g.as_default():`

    auto x = vs::placeholder<float, 2>({1, 2}, "x");
    auto w = vs::get_variable<float, 2>("w", {2, 2}, {.initializer = vs::ones()});
    auto y = vs::multiply(vs::matmul(x, w), 2.f, "y");        // y.name() == "y:0"

    vs::session session;
    session.run(vs::global_variables_initializer());
    xt::xtensor<float, 2> ones = {{1.f, 1.f}};
    std::cout << session.run(y, vs::feed(x, ones)) << '\n';   // {{ 4.,  4.}}
    // [session]
}

void errors() {
    // [errors]
    vs::variable_scope s{"encoder"};
    auto kernel = vs::get_variable<float, 2>("kernel", {4, 8});
    try {
        auto twice = vs::get_variable<float, 2>("kernel", {4, 8});
    } catch (const vs::already_exists& e) {
        std::cout << e.what() << '\n'; // also: e.name(), e.first_defined(), e.asked_at()
    }
    // [errors]
}

int main() {
    two_inputs_one_tower();
    variables();
    names();
    sessions();
    errors();
}
