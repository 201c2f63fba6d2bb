/// \file
/// varscope_static_programs [N]: answers the scope programs that it was made of, one line a program, as varscope_replay
/// does; with each variable asked for N times in a row.

#include "program.hpp"

#include "../replay/arguments.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <span>
#include <utility>

namespace static_programs {

using nlohmann::json;

struct program::state {
    json list = json::array();
    replay::arguments steps{};
    int repeats = 1;
    int asked = 0;

    /// The answer of `function`, or the error that it throws.
    template <class Function>
    void add(Function function) {
        try {
            list.push_back(function());
        } catch (const vs::error& e) { list.push_back(replay::arguments::error_answer(to_string(e.kind()))); }
    }
};

program::program(int repeats) : state_{std::make_unique<state>()} {
    state_->repeats = repeats;
    vs::reset_default_graph({.initialization = vs::initialization::deferred});
}
program::~program() = default;

void program::opened(const vs::name_scope& scope) { state_->list.push_back({{"scope", scope.name()}}); }

void program::opened(const vs::detail::scope_guard& scope) {
    json answer = replay::arguments::scope_answer(scope);
    answer["ns"] = vs::get_name_scope();
    state_->list.push_back(std::move(answer));
}

void program::ended() { state_->list.push_back(json::object()); }
void program::failed(const vs::error& e) { state_->list.push_back(replay::arguments::error_answer(to_string(e.kind()))); }

bool program::asks() noexcept {
    if (state_->asked++ < state_->repeats) { return true; }
    state_->asked = 0;
    return false;
}
void program::got(const vs::any_variable& v, std::span<const std::size_t> shape_of_handle) {
    json answer = state_->steps.variable_answer(v);
    if (!std::ranges::equal(shape_of_handle, v.shape())) { answer["shape_of_handle"] = shape_of_handle; }
    state_->list.push_back(std::move(answer));
}
void program::is_here() { state_->list.push_back(replay::arguments::where()); }
void program::has(const vs::scope_handle& scope) { state_->list.push_back(replay::arguments::scope_answer(scope)); }
void program::tell(const vs::scope_handle& scope) { state_->list.push_back(replay::arguments::info(scope)); }
void program::reuses(vs::reuse_mode mode) { 
    state_->list.push_back({{"reuse", mode == vs::reuse_mode::inherit ? json(false) : replay::arguments::reuse_answer(mode)}});
}

void program::got_name(vs::name_arg name, vs::name_use use) {
    state_->add([&] { return json{{"name", vs::unique_name(name, use)}}; });
}
void program::variable(vs::name_arg name, const char* step) {
    state_->add([&] { return state_->steps.variable_answer(json::parse(step), name); });
}
void program::op(vs::name_arg name, const char* step) {
    state_->add([&] { return state_->steps.op_answer(json::parse(step), name); });
}

void runner::run(const char* id, void (*body)(program&)) const {
    program p(repeats_);
    try {
        body(p);
    } catch (const vs::error& e) { // of a block that ought to open: the answers end here
        p.failed(e);
    } catch (const std::exception& e) {
        p.state_->list.push_back(replay::arguments::error_answer(e.what()));
    }
    std::cout << json{{"id", id}, {"answers", p.state_->list}}.dump() << '\n';
}

} // namespace static_programs

int main(int count, char** words) {
    const int repeats = count > 1 ? std::atoi(words[1]) : 1;
    if (count > 2 || repeats < 1) {
        std::cerr << "usage: varscope_static_programs [N]\n"
                     "  N: how often each variable is asked for in a row, 1 or more\n";
        return 2;
    }
    static_programs::run_all(static_programs::runner(repeats));
    return std::cout.flush() ? 0 : 1;
}
