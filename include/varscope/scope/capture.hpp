/// \file
/// The scopes in force as a value, to be entered again in a thread, a task, a callback or a
/// coroutine.
#pragma once

#include <varscope/scope/current_graph.hpp>
#include <varscope/scope/scope_frame.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

struct captured_state;

} // namespace detail

class captured_scope;
captured_scope capture(graph& g);

/// The graph, the variable scope and the name scope that were in force where `capture()` was
/// called; entered by `resume`.
///
/// A value: independent of the guards that were open there, cheap to copy, and safe to copy and to
/// enter from several threads at once. The graph must outlive each `resume` of it. Not for
/// changing a scope: see `scope_handle`.
class captured_scope {
public:
    [[nodiscard]] varscope::graph& graph() const noexcept;
    /// Of the variable scope: the prefix of its variables' keys, without '/' at its end.
    [[nodiscard]] std::string name() const;
    /// The prefix of op names, without '/' at its end; empty at the root.
    [[nodiscard]] std::string name_scope() const;

    [[nodiscard]] const std::shared_ptr<const detail::captured_state>& state() const noexcept {
        return state_;
    }

private:
    friend captured_scope capture(varscope::graph& g);
    explicit captured_scope(std::shared_ptr<const detail::captured_state> state) noexcept
        : state_{std::move(state)} {}

    std::shared_ptr<const detail::captured_state> state_;
};

/// The scopes that are in force in this thread, in graph `g`. Safe from any thread. Cost: a few
/// allocations.
[[nodiscard]] captured_scope capture(graph& g);
/// The same in the graph in force.
[[nodiscard]] inline captured_scope capture() { return capture(current_graph()); }

/// Until the end of the block, names mean what they mean where `capture()` was called: the keys of
/// variables, whether they are created or shared, the defaults and getters of the scope, and the
/// name scope of ops, which is neither made unique nor reserved again.
///
/// What a block does to its scope (`reuse_variables`, setters) stays in it. Not carried along: the
/// default names given so far (default scope names are counted by each thread; leaving puts the
/// counts back to what they were just after entering, as for a scope entered through its object),
/// and `variable_creator_scope`s, which are references to code of the other thread (those of this
/// thread stay in force). Getters, regularizers and initializers of the scope run in whichever
/// thread asks, several at once.
///
/// Belongs to the thread that made it, and must be left there, in reverse order. So in a coroutine
/// no guard of scopes may stay open across a suspension after which another thread may go on, and
/// none should across any: whoever goes on meanwhile would stand in that scope. Capture the scope
/// before the first suspension, and open a `resume` in a block of its own after each one:
///
///     task train(vs::captured_scope here) {
///         { vs::resume in{here};  w = vs::get_variable<float, 1>("w", {2}); }
///         co_await batch();
///         { vs::resume in{here};  b = vs::get_variable<float, 1>("b", {2}); }
///     }
///
/// Left in another thread, it ends the program with a message. Cost: that of a variable scope,
/// but that no name is made unique. There is no counterpart in TensorFlow, where threads enter a
/// captured scope object, which opens a new name scope each time.
class resume {
public:
    [[nodiscard("name the guard: it ends at once")]] explicit resume(const captured_scope& scope);
    resume(const resume&) = delete;
    resume& operator=(const resume&) = delete;
    resume(resume&&) = delete;
    resume& operator=(resume&&) = delete;
    ~resume();
    static void* operator new(std::size_t) = delete;

private:
    std::shared_ptr<const detail::captured_state> captured_;
    detail::thread_scopes* before_;
    detail::scope_slot slot_;
    detail::scope_frame frame_;
    detail::scope_mark mark_{};
};

/// A function that runs in a captured scope; made by `bind_scope`. Copyable and callable as the
/// function is, and from as many threads at once.
template <class Function>
class scoped_function {
public:
    scoped_function(captured_scope scope, Function function)
        : scope_{std::move(scope)}
        , function_{std::move(function)} {}

    template <class... Arguments>
        requires(std::invocable<Function&, Arguments...>)
    decltype(auto) operator()(Arguments&&... arguments) & {
        const resume in{scope_};
        return std::invoke(function_, std::forward<Arguments>(arguments)...);
    }
    template <class... Arguments>
        requires(std::invocable<const Function&, Arguments...>)
    decltype(auto) operator()(Arguments&&... arguments) const& {
        const resume in{scope_};
        return std::invoke(function_, std::forward<Arguments>(arguments)...);
    }
    template <class... Arguments>
        requires(std::invocable<Function, Arguments...>)
    decltype(auto) operator()(Arguments&&... arguments) && {
        const resume in{scope_};
        return std::invoke(std::move(function_), std::forward<Arguments>(arguments)...);
    }

private:
    captured_scope scope_;
    Function function_;
};

/// `function`, to be called later or elsewhere and run in the scope `scope`: for std::async, pools
/// and callbacks. Of a coroutine, that is the part before its first suspension.
template <class Function>
[[nodiscard]] scoped_function<std::decay_t<Function>> bind_scope(
    captured_scope scope, Function&& function) {
    return {std::move(scope), std::forward<Function>(function)};
}
/// The same in the scope in force now.
template <class Function>
[[nodiscard]] scoped_function<std::decay_t<Function>> bind_scope(Function&& function) {
    return bind_scope(capture(), std::forward<Function>(function));
}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/impl/capture.ipp>
#endif
