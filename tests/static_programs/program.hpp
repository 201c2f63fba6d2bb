/// \file
/// What the sources made by ../static_programs.py are written with. They are many, so all this is plain functions, and
/// JSON is left to main.cpp.
#pragma once

#include <varscope/schema/static_scope.hpp>
#include <varscope/schema/static_variable.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace static_programs {

namespace vs = varscope;
using namespace varscope::literals;

/// The answers of one program, one to each step, as varscope_replay gives them. It begins with a new default graph.
class program {
public:
    /// \param repeats  how often each variable is asked for in a row
    explicit program(int repeats);
    program(const program&) = delete;
    program& operator=(const program&) = delete;
    program(program&&) = delete;
    program& operator=(program&&) = delete;
    ~program();

    /// \name Blocks
    /// \{
    void opened(const vs::name_scope& scope);
    void opened(const vs::detail::scope_guard& scope);
    void ended();
    /// \}

    void failed(const vs::error& e); // any step

    /// Whether the variable is to be asked for (again).
    [[nodiscard]] bool asks() noexcept;
    template <class T, std::size_t N>
    void got(const vs::variable<T, N>& v) {
        got(v, {v.shape().data(), v.shape().size()});
    }
    void is_here();
    void has(const vs::scope_handle& scope);
    void tell(const vs::scope_handle& scope);
    void reuses(vs::reuse_mode mode);
    void got_name(vs::name_arg name, vs::name_use use);

    /// \name Steps that have no static form beyond their name; `step` has the rest, in the conformance format
    /// \{
    void variable(vs::name_arg name, const char* step);
    void op(vs::name_arg name, const char* step);
    /// \}

private:
    friend class runner;

    void got(const vs::any_variable& v, std::span<const std::size_t> shape_of_handle);

    struct state;
    std::unique_ptr<state> state_;
};

/// Runs programs and prints their answers.
class runner {
public:
    explicit runner(int repeats) noexcept : repeats_{repeats} {}

    void run(const char* id, void (*body)(program&)) const;

private:
    int repeats_;
};

/// Every program, in the order of the corpus.
void run_all(const runner& r);

} // namespace static_programs
