// Learns a text character by character, then writes some of its own: char_rnn [TEXT]
//
// The cell is a function that is called for every character and asks for its variables by name each
// time. The store creates them in the first step and shares them ever after, so nobody has to own
// them or pass them around. The model is that of min-char-rnn (A. Karpathy,
// https://gist.github.com/karpathy/d4dee566867f8291f086), in double.
#include <varscope/varscope.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#ifndef VARSCOPE_SOURCE_DIR // CMake sets it
#define VARSCOPE_SOURCE_DIR "."
#endif

namespace vs = varscope;
using row = xt::xtensor<double, 1>;

constexpr std::size_t units = 64; // of the recurrent state
constexpr std::size_t steps = 30; // of an iteration; gradients go back through time to its first
constexpr std::size_t iterations = 1000;
constexpr double rate = 0.004; // of learning

// x kernel + bias, with the variables of the scope it is called in.
row dense(const row& x, std::size_t columns) {
    const auto kernel =
        vs::get_variable<double, 2>("kernel", {x.size(), columns}); // Glorot uniform by default
    const auto bias = vs::get_variable<double, 1>("bias", {columns}, {.initializer = vs::zeros()});
    row y = bias;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double* weights = &kernel(i, 0);
        for (std::size_t j = 0; j < columns; ++j) { y(j) += x(i) * weights[j]; }
    }
    return y;
}

// Adds to the gradients of those variables, which are local variables beside them, and returns that
// of x.
row dense_gradient(const row& x, const row& dy) {
    const auto kernel = vs::get_variable<double, 2>("kernel");
    auto dkernel = vs::get_local_variable<double, 2>(
        "kernel/gradient", kernel.shape(), {.initializer = vs::zeros()});
    auto dbias = vs::get_local_variable<double, 1>(
        "bias/gradient", dy.shape(), {.initializer = vs::zeros()});
    dbias += dy;
    row dx({x.size()}, 0.);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double* weights = &kernel(i, 0);
        double* dweights = &dkernel(i, 0);
        for (std::size_t j = 0; j < dy.size(); ++j) {
            dweights[j] += x(i) * dy(j);
            dx(i) += weights[j] * dy(j);
        }
    }
    return dx;
}

struct step {
    row input; // the character, one-hot, and the state before it
    row state;
    row next; // the probability of each character to follow
};

step cell(std::size_t character, const row& state, std::size_t characters) {
    step now;
    now.input = row({characters + units}, 0.);
    now.input(character) = 1;
    std::copy(state.begin(), state.end(), now.input.end() - units);
    {
        vs::variable_scope s{"rnn", vs::auto_reuse};
        now.state = xt::tanh(dense(now.input, units));
    }
    vs::variable_scope s{"softmax", vs::auto_reuse};
    now.next = dense(now.state, characters);
    now.next = xt::exp(now.next - *std::max_element(now.next.begin(), now.next.end()));
    now.next /= std::accumulate(now.next.begin(), now.next.end(), 0.);
    return now;
}

// Back-propagation through time of the loss -sum(log(next[target])).
void backward(const std::vector<step>& run, const std::size_t* targets) {
    row dstate({units}, 0.);
    for (std::size_t t = run.size(); t-- > 0;) {
        {
            vs::variable_scope s{"softmax", vs::auto_reuse};
            row dlogits = run[t].next;
            dlogits(targets[t]) -= 1;
            dstate += dense_gradient(run[t].state, dlogits);
        }
        vs::variable_scope s{"rnn", vs::auto_reuse};
        const row dinput = dense_gradient(run[t].input, dstate * (1 - run[t].state * run[t].state));
        std::copy(dinput.end() - units, dinput.end(), dstate.begin());
    }
}

// Adam (Kingma and Ba 2015, algorithm 1) on clipped gradients, which it sets back to zero. It finds
// all by name. A small epsilon would let rounding errors, which differ between machines, grow until
// the text below differs too.
void update(std::size_t iteration) {
    constexpr double beta1 = 0.9, beta2 = 0.99, epsilon = 1e-3;
    const vs::variable_options slot{.initializer = vs::zeros(), .trainable = false};
    vs::variable_scope root{"", vs::auto_reuse};
    for (const auto& trained : vs::trainable_variables()) {
        const std::string key(trained.key());
        vs::variable<double> value(trained);
        auto gradient = vs::get_local_variable<double>(key + "/gradient");
        auto m = vs::get_variable<double>(key + "/adam_m", trained.shape(), slot);
        auto v = vs::get_variable<double>(key + "/adam_v", trained.shape(), slot);
        gradient = xt::clip(gradient, -5., 5.);
        m += (1 - beta1) * (gradient - m);
        v += (1 - beta2) * (gradient * gradient - v);
        value -= rate / (1 - std::pow(beta1, iteration)) * m /
            (xt::sqrt(v / (1 - std::pow(beta2, iteration))) + epsilon);
        gradient.fill(0);
    }
}

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text;
    for (char c = 0; file.get(c);) { text += c; }
    if (!file.is_open() || file.bad()) { throw std::runtime_error("cannot read '" + path + "'"); }
    if (text.size() <= steps) {
        throw std::runtime_error("'" + path + "' is too short: it has " +
            std::to_string(text.size()) + " bytes, and training takes " +
            std::to_string(steps + 1) + " or more");
    }
    return text;
}

// Prints the loss as it falls.
void train(const std::vector<std::size_t>& text, std::size_t characters) {
    // Windows are taken all over the text by steps of the golden ratio, so that each print stands
    // for all of it.
    const std::size_t starts = text.size() - steps;
    const auto stride = static_cast<std::size_t>(static_cast<double>(starts) * 0.618);
    std::size_t at = 0;
    double loss = 0; // in nats, of all steps since it was printed
    for (std::size_t i = 1; i <= iterations; ++i) {
        at = (at + stride) % starts;
        row state({units}, 0.);
        std::vector<step> passed;
        for (std::size_t t = at; t < at + steps; ++t) {
            passed.push_back(cell(text[t], state, characters));
            state = passed.back().state;
            loss -= std::log(passed.back().next(text[t + 1]));
        }
        backward(passed, &text[at + 1]);
        update(i);
        if (i % 200 == 0) {
            std::cout << "iteration " << i << ": loss " << loss / (200 * steps) << " a character\n";
            loss = 0;
        }
    }
}

// Characters drawn one after the other, each by the probabilities that the cell gives after those
// before it.
std::vector<std::size_t> sample(std::size_t character, std::size_t length, std::size_t characters) {
    std::mt19937_64 random;
    std::vector<std::size_t> result{character};
    row state({units}, 0.);
    while (result.size() < length) {
        const step now = cell(character, state, characters);
        state = now.state;
        const row odds = now.next * now.next; // the probable ones more often: temperature 1/2
        double left = static_cast<double>(random() >> 11) * 0x1p-53 *
            std::accumulate(odds.begin(), odds.end(), 0.);
        for (character = 0; character + 1 < characters && left >= odds(character); ++character) {
            left -= odds(character);
        }
        result.push_back(character);
    }
    return result;
}

void run(const std::string& path) {
    const std::string text = read(path);
    const std::set<char> distinct(text.begin(), text.end());
    const std::string alphabet(distinct.begin(), distinct.end());
    std::vector<std::size_t> codes;
    for (const char c : text) { codes.push_back(alphabet.find(c)); }
    std::cout << std::fixed << std::setprecision(2);
    std::cout << text.size() << " characters, " << alphabet.size() << " different ones\n\n";

    train(codes, alphabet.size());
    std::cout << '\n';
    for (const std::size_t code : sample(codes[0], 300, alphabet.size())) {
        std::cout << alphabet[code];
    }

    const auto variables = vs::global_variables();
    std::cout << "\n\n"
              << iterations * steps << " time steps of training, " << variables.size()
              << " variables, beside " << vs::local_variables().size()
              << " local ones for the gradients\n";
    for (const auto& v : variables) {
        std::cout << v.key() << ' ' << to_string(v.shape())
                  << (v.is_trainable() ? " trainable\n" : " not trainable\n");
    }
}

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() > 1 || (arguments.size() == 1 && arguments[0].starts_with('-'))) {
        std::cerr << "usage: char_rnn [TEXT]\n";
        return 2;
    }
    try {
        run(arguments.empty() ? VARSCOPE_SOURCE_DIR "/README.md" : arguments[0]);
    } catch (const std::exception& e) {
        std::cerr << "char_rnn: " << e.what() << '\n';
        return 1;
    }
}
