// Leaves guards in another thread than they were made in, each in a process of its own, which must end with a message.
#include <varscope/scope/capture.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/scope/name_scope.hpp>
#include <varscope/scope/transaction.hpp>
#include <varscope/variable/variable_creator.hpp>
#include <varscope/scope/variable_scope.hpp>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

namespace vs = varscope;

namespace {

/// What `function` writes on standard error, and whether the program was ended by abort.
struct ended {
    std::string text;
    bool is_aborted = false;
};
ended run(const std::function<void()>& function) {
    int ends[2];
    if (pipe(ends) != 0) { return {}; }
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        dup2(ends[1], STDERR_FILENO);
        std::signal(SIGABRT, SIG_DFL);
        function();
        _exit(0);
    }
    close(ends[1]);
    ended result;
    char buffer[256];
    for (ssize_t size; (size = read(ends[0], buffer, sizeof buffer)) > 0;) {
        result.text.append(buffer, static_cast<std::size_t>(size));
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    result.is_aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    return result;
}

void in_another_thread(const std::function<void()>& function) {
    std::thread other(function);
    other.join();
}

int failures = 0;
void expect(bool is_right, const std::string& what) {
    std::printf("%s: %s\n", is_right ? "passed" : "FAILED", what.c_str());
    failures += is_right ? 0 : 1;
}
void expect_refusal(const std::string& guard, const std::string& how, const std::function<void()>& function) {
    const ended e = run(function);
    expect(e.is_aborted && e.text.find("varscope: a " + guard + " was left in another thread than it was made in") != std::string::npos,
        guard + " " + how);
}

/// Made here and left in another thread; and made in a thread that ended, and left here.
template <class Guard, class... Arguments>
void check(const std::string& name, Arguments... arguments) {
    expect_refusal(name, "left in another thread", [&] {
        std::optional<Guard> guard;
        guard.emplace(arguments()...);
        in_another_thread([&] { guard.reset(); });
    });
    expect_refusal(name, "left after its thread ended", [&] {
        std::optional<Guard> guard;
        in_another_thread([&] { guard.emplace(arguments()...); });
        (void)vs::get_name_scope(); // this thread is known too
        guard.reset();
    });
    const ended e = run([&] {
        in_another_thread([&] {
            std::optional<Guard> guard;
            guard.emplace(arguments()...);
            guard.reset();
        });
    });
    expect(!e.is_aborted && e.text.empty(), name + " left in its own thread");
}

} // namespace

int main() {
    static vs::graph g;
    check<vs::variable_scope>("vs::variable_scope", [] { return "outer"; });
    check<vs::name_scope>("vs::name_scope", [] { return "outer"; });
    check<vs::as_default>("vs::as_default", []() -> vs::graph& { return g; });
    check<vs::resume>("vs::resume", [] { return vs::capture(g); });
    check<vs::transaction>("vs::transaction", []() -> vs::graph& { return g; });
    check<vs::variable_creator_scope>("vs::variable_creator_scope",
        [] { return [](const vs::next_creator& next, const vs::variable_creation& wanted) { return next(wanted); }; });
    std::printf("%d failed\n", failures);
    return failures == 0 ? 0 : 1;
}
