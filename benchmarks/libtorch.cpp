/// \file
/// LibTorch as a peer: parameters by path in its ordered dictionary.

#include "keys.hpp"
#include "memory.hpp"
#include "peers.hpp"
#include "table.hpp"

#include <torch/torch.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace bench {

namespace {

[[nodiscard]] torch::Tensor four_zeros() { return torch::zeros({4}); }

[[nodiscard]] std::string head(std::size_t number) { return "head_" + std::to_string(number); }

/// Modules one in another as their parameters' paths say, and what `named_parameters()` returned.
struct module_model {
    module_model(std::size_t variables, access how) : asked{variables, how} {
        torch::NoGradGuard no_gradients;
        const auto submodule = [](torch::nn::Module& outer, const std::string& name) {
            return outer.register_module(name, std::make_shared<torch::nn::Module>());
        };
        const auto encoder = submodule(*root, "encoder");
        for (const std::string& name : asked.layers()) {
            const auto attention = submodule(*submodule(*encoder, name), "attention");
            for (std::size_t i = 0; i < group_size; ++i) {
                heads.push_back(head(i));
                submodule(*submodule(*attention, heads.back()), "query")
                    ->register_parameter("kernel", four_zeros());
            }
        }
        parameters = root->named_parameters();
    }

    std::shared_ptr<torch::nn::Module> root = std::make_shared<torch::nn::Module>();
    torch::OrderedDict<std::string, torch::Tensor> parameters;
    keys asked;
    std::vector<std::string> heads;
};

[[nodiscard]] float first_element(const torch::Tensor* found) { return *found->data_ptr<float>(); }

} // namespace

measurement libtorch_find(std::size_t variables, access how) {
    return {.timed = [=] {
        const auto state = std::make_shared<module_model>(variables, how);
        const auto rounds = [state](std::size_t count, auto&& visit) {
            for (; count > 0; --count) {
                const std::string outer = "encoder." + state->asked.next() + ".attention.";
                visit(outer);
            }
        };
        return operation{.run =
                             [=](std::size_t count) {
                                 rounds(count, [&](const std::string& outer) {
                                     state->asked.visit([&](std::size_t i) {
                                         const std::string path =
                                             outer + state->heads[i] + ".query.kernel";
                                         return first_element(state->parameters.find(path));
                                     });
                                 });
                             },
            .overhead =
                [=](std::size_t count) {
                    rounds(count, [](const std::string& outer) { keep(outer); });
                },
            .per_round = group_size};
    }};
}

measurement libtorch_named_parameters(std::size_t variables) {
    return {.timed = [=] {
        const auto state = std::make_shared<module_model>(variables, access::hot);
        const std::string path =
            "encoder." + state->asked.layers().front() + ".attention.head_7.query.kernel";
        return operation{.run = [=](std::size_t count) {
            for (; count > 0; --count) {
                keep(first_element(state->root->named_parameters().find(path)));
            }
        }};
    }};
}

measurement libtorch_create(std::size_t variables) {
    return {.sampled = [=] {
        return [paths = paths(variables)] {
            torch::NoGradGuard no_gradients;
            torch::OrderedDict<std::string, torch::Tensor> made;
            const double start = thread_seconds();
            for (const std::string& path : paths) { made.insert(path, four_zeros()); }
            const double took = thread_seconds() - start;
            return took * 1e9 / static_cast<double>(paths.size());
        };
    }};
}

measurement libtorch_bytes(std::size_t variables) {
    return {.sampled = [=] {
        return [paths = paths(variables)] {
            return bytes_each(paths.size(), [&](const std::function<void()>& done) {
                torch::NoGradGuard no_gradients;
                torch::OrderedDict<std::string, torch::Tensor> made;
                for (const std::string& path : paths) { made.insert(path, four_zeros()); }
                done();
            });
        };
    }};
}

} // namespace bench
