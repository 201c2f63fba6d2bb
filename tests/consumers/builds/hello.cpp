// The least that a program does, for builds that take long.
int main() {
    auto w = varscope::get_variable<float, 2>("w", {2, 3});
    const xt::xtensor<float, 2> y = varscope::relu(w);
    return y(0, 0) < 0.F ? 1 : 0;
}
