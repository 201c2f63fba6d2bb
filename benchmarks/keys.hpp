/// \file
/// The variables that are looked up, and in which order.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace bench {

/// Which variables are asked for: one, or all of them shuffled.
enum class access { hot, random };

/// Variables that share the scopes open around what is timed, and differ in what is written in the
/// program: a source can have 32 literals, and not 10'000.
constexpr std::size_t group_size = 32;

/// The variables model/encoder/layer_<i>/attention/<one of 32>, and an order to ask for them in: a
/// layer at a time, so that its scopes are opened once for the 32 in it. Layers are visited in
/// another order than they are created in, and so are the variables of a layer.
class keys {
public:
    keys(std::size_t variables, access how) : layers_((variables + group_size - 1) / group_size) {
        std::mt19937 engine{1};
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            layers_[i] = "layer_" + std::to_string(i);
            std::array<std::uint8_t, group_size> order{};
            std::iota(order.begin(), order.end(), std::uint8_t{0});
            std::shuffle(order.begin(), order.end(), engine);
            if (how == access::hot) { order.fill(7); }
            orders_.push_back(order);
        }
        visits_.resize(layers_.size());
        std::iota(visits_.begin(), visits_.end(), std::size_t{0});
        std::shuffle(visits_.begin(), visits_.end(), engine);
        if (how == access::hot) { visits_.resize(1); }
    }

    /// In the order to create them in.
    [[nodiscard]] const std::vector<std::string>& layers() const noexcept { return layers_; }
    /// How many layers are visited in turn.
    [[nodiscard]] std::size_t visited() const noexcept { return visits_.size(); }
    /// The next layer to visit.
    [[nodiscard]] const std::string& next() noexcept {
        at_ = at_ + 1 < visits_.size() ? at_ + 1 : 0;
        return layers_[visits_[at_]];
    }
    /// Calls `get(number)` for each of the layer's variables. Each number is loaded from an address
    /// that depends on the value before, which is zero: look-ups do not overlap.
    template <class Get>
    void visit(Get&& get) const {
        const auto& order = orders_[visits_[at_]];
        std::size_t last = 0;
        for (std::size_t i = 0; i < group_size; ++i) {
            last = static_cast<std::size_t>(get(order[i + last]));
        }
        keep_last(last);
    }

private:
    static void keep_last(std::size_t last) { asm volatile("" : : "r"(last)); }

    std::vector<std::string> layers_;
    std::vector<std::array<std::uint8_t, group_size>> orders_;
    std::vector<std::size_t> visits_;
    std::size_t at_ = 0;
};

/// Paths of so many variables, in a random order.
[[nodiscard]] inline std::vector<std::string> paths(std::size_t variables) {
    std::vector<std::string> made;
    made.reserve(variables);
    for (std::size_t i = 0; i < variables; ++i) {
        made.push_back("model/encoder/layer_" + std::to_string(i) + "/attention/self/query/kernel");
    }
    std::shuffle(made.begin(), made.end(), std::mt19937{1});
    return made;
}

} // namespace bench
