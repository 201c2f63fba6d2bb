/// \file
/// Running random programs, and shortening those that break a law.
#pragma once

#include "generator.hpp"

#include "../replay/machine.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace laws {

struct program {
    json steps = json::array();
    json answers = json::array();

    /// As a line of a conformance file.
    [[nodiscard]] std::string text(const std::string& id) const {
        json with_answers = steps;
        for (std::size_t i = 0; i < steps.size() && i < answers.size(); ++i) { with_answers[i]["r"] = answers[i]; }
        return json{{"id", id}, {"tags", {"random"}}, {"steps", std::move(with_answers)}}.dump();
    }
};

/// The program of a seed, with its answers.
[[nodiscard]] inline program generate(std::uint32_t seed) {
    program made;
    auto& steps = made.steps.get_ref<json::array_t&>();
    steps.reserve(100); // a machine refers to the steps
    program_generator generator(seed);
    replay::machine machine;
    std::size_t observed = 0;
    machine.between_steps = [&](const json& answers) {
        for (; observed < answers.size(); ++observed) { generator.observe(steps[observed], answers[observed]); }
        if (observed < steps.size() || steps.size() == steps.capacity()) { return; }
        if (json step = generator.next(); !step.is_null()) { steps.push_back(std::move(step)); }
    };
    made.answers = machine.run(made.steps);
    return made;
}

/// What is wrong with a program's answers, in words; none if all is as it should be.
using law = std::function<std::optional<std::string>(const json& steps)>;

/// `complaint(steps)`; an exception that no program should lead to is a complaint too.
[[nodiscard]] inline std::optional<std::string> complaint_of(const law& complaint, const json& steps) {
    try {
        return complaint(steps);
    } catch (const std::exception& e) { return std::string("exception: ") + e.what(); }
}

/// The index of the `end` of the block that a step begins; its own if there is none.
[[nodiscard]] inline std::size_t end_of_block(const json& steps, std::size_t at) {
    std::size_t open = 0;
    for (std::size_t i = at; i < steps.size(); ++i) {
        if (program_generator::begins(steps[i]["op"])) { ++open; }
        if (steps[i]["op"] == "end" && --open == 0) { return i; }
    }
    return at;
}

/// Leaves out steps and arguments as long as the law stays broken in the same way.
[[nodiscard]] inline json shortened(const law& complaint, json steps) {
    const auto kind = [](const std::string& text) { return text.substr(0, text.find_first_of(":\n")); };
    const std::string wanted = kind(complaint_of(complaint, steps).value_or(""));
    const auto is_still_broken = [&](const json& fewer) {
        const auto found = complaint_of(complaint, fewer);
        return found && kind(*found) == wanted;
    };
    for (bool has_changed = true; has_changed;) {
        has_changed = false;
        for (std::size_t at = steps.size(); at-- > 0;) {
            const auto try_this = [&](json fewer) {
                if (!is_still_broken(fewer)) { return false; }
                steps = std::move(fewer);
                return has_changed = true;
            };
            const auto index = [](std::size_t i) { return static_cast<json::difference_type>(i); };
            const std::size_t end = program_generator::begins(steps[at]["op"]) ? end_of_block(steps, at) : at;
            json fewer = steps;
            fewer.erase(fewer.begin() + index(at), fewer.begin() + index(end) + 1);
            if (try_this(std::move(fewer))) { continue; }
            if (end != at) {
                fewer = steps;
                fewer.erase(end);
                fewer.erase(at);
                if (try_this(std::move(fewer))) { continue; }
                fewer = steps; // a block that was never opened
                fewer.erase(at);
                if (try_this(std::move(fewer))) { continue; }
            }
            std::vector<std::string> keys;
            for (const auto& [key, value] : steps[at].items()) { keys.push_back(key); }
            for (const auto& key : keys) {
                if (key == "op" || key == "type" || key == "in" || key == "which" || key == "key" || key == "item" || key == "cm" || key == "tmpl") {
                    continue;
                }
                fewer = steps;
                fewer[at].erase(key);
                if (key == "name" && steps[at]["op"] != "variable" && steps[at]["op"] != "op") { continue; }
                if (key == "v" || key == "graph" || key == "value" || (key == "as" && steps[at]["op"] == "make_template")) { continue; }
                if (key != "body") {
                    (void)try_this(std::move(fewer));
                    continue;
                }
                for (std::size_t i = steps[at]["body"].size(); i-- > 0;) {
                    fewer = steps;
                    const std::size_t last = program_generator::begins(fewer[at]["body"][i]["op"]) ? end_of_block(fewer[at]["body"], i) : i;
                    auto& body = fewer[at]["body"];
                    body.erase(body.begin() + index(i), body.begin() + index(last) + 1);
                    (void)try_this(std::move(fewer));
                }
            }
        }
    }
    return steps;
}

} // namespace laws
