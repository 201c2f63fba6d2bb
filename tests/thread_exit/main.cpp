// What may be left to the end of a thread or of the program: guards, handles, templates and whole graphs in static and
// thread-local objects, and threads that outlive main. Ends with 0 if all of it found what it looked for.
//
// usage: varscope_thread_exit (static | thread)
//
// "static" leaves guards open in static objects at the end of main, "thread" in thread-local ones of the main thread, which
// end before those.
#include <varscope/scope/capture.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/variable/make_template.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/varscope.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace vs = varscope;

namespace {

void expect(bool is_so, const char* what) {
    if (is_so) { return; }
    std::fprintf(stderr, "not so: %s\n", what);
    std::_Exit(1); // nothing else can change the end any more
}

/// Asks for a variable in the scope in force, as code in a destructor may.
void expect_key(std::string_view key) {
    const auto v = vs::get_variable<float, 1>("v", {2}, {.initializer = vs::ones(), .reuse = vs::auto_reuse});
    expect(v.key() == key && v(1) == 1, "a variable is found under the key of the scope in force");
}

/// Threads that work until this is destroyed, and then do what is left.
class pool {
public:
    pool() {
        for (int i = 0; i < 3; ++i) { threads_.emplace_back([this] { work(); }); }
    }
    pool(const pool&) = delete;
    pool& operator=(const pool&) = delete;
    pool(pool&&) = delete;
    pool& operator=(pool&&) = delete;
    ~pool() {
        {
            const std::scoped_lock lock(mutex_);
            is_ending_ = true;
        }
        changed_.notify_all();
        for (auto& t : threads_) { t.join(); }
    }
    void add(std::function<void()> task) {
        {
            const std::scoped_lock lock(mutex_);
            tasks_.push(std::move(task));
        }
        changed_.notify_one();
    }

private:
    void work() {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [&] { return is_ending_ || !tasks_.empty(); });
            if (tasks_.empty()) { return; }
            const auto task = std::move(tasks_.front());
            tasks_.pop();
            lock.unlock();
            task();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::queue<std::function<void()>> tasks_;
    bool is_ending_ = false;
    std::vector<std::thread> threads_;
};

/// Held by a thread until its end. Made before the thread first comes to the library, so destroyed after what the library
/// keeps for the thread.
struct held {
    explicit held(const char* where) : name{where} {}
    held(const held&) = delete;
    held& operator=(const held&) = delete;
    held(held&&) = delete;
    held& operator=(held&&) = delete;
    ~held() {
        if (scope) { expect(scope->name() == name, "a scope that was left to the end still knows its name"); }
        names.reset();
        scope.reset();
        graph_in_force.reset();
        if (variable) { expect((*variable)(1) == 1, "a handle reads"); }
        expect_key("v"); // at the root of the default graph again
    }
    const char* name;
    std::optional<vs::as_default> graph_in_force;
    std::optional<vs::variable_scope> scope;
    std::optional<vs::name_scope> names;
    std::optional<vs::variable<float, 1>> variable;
};

vs::graph static_graph; // made first, destroyed last
std::atomic<int> tasks_done{0};

struct last_of_all {
    ~last_of_all() {
        expect(tasks_done == 20, "the pool has done all of its tasks");
        const vs::variable_scope s(static_graph, "end", vs::auto_reuse);
        expect_key("end/v");
    }
} const last;

held in_static("static");
std::optional<vs::scope_handle> handle;
std::optional<vs::captured_scope> captured;
pool workers;

vs::any_variable layer() {
    return vs::get_variable<float, 1>("w", {2});
}
using layer_template = vs::variable_template<vs::any_variable (*)()>;
std::unique_ptr<layer_template> template_of_layer;

struct thread_end {
    ~thread_end() {
        const vs::variable_scope s("inner", vs::auto_reuse);
        expect_key("before/inner/v");
    }
};

void fill(held& h) {
    h.graph_in_force.emplace(vs::default_graph());
    h.scope.emplace(h.name, vs::auto_reuse);
    h.names.emplace("names");
    h.variable.emplace(vs::get_variable<float, 1>("held", {2}, {.initializer = vs::ones()}));
    (void)vs::no_op("op");
}

void live_in_thread() {
    thread_local held before("before"); // destroyed after what the library keeps for the thread
    fill(before);
    thread_local const thread_end after; // destroyed before that
    expect_key("before/v");
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view mode = argc == 2 ? argv[1] : "";
    if (mode != "static" && mode != "thread") {
        std::fputs("usage: varscope_thread_exit (static | thread)\n", stderr);
        return 2;
    }
    for (int round = 0; round < 3; ++round) {
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) { threads.emplace_back(live_in_thread); }
        for (auto& t : threads) { t.join(); }
    }
    (void)std::atexit([] { expect(vs::find_variable(vs::default_graph(), "before/held").has_value(), "a key is found at exit"); });
    if (mode == "static") {
        fill(in_static);
        handle = vs::get_variable_scope();
        template_of_layer = std::make_unique<layer_template>(&layer, vs::name_arg("layer"), vs::template_options{});
        expect((*template_of_layer)().key() == "static/layer/w", "a template makes its variable");
    } else {
        live_in_thread();
    }
    captured = vs::capture();

    for (int i = 0; i < 20; ++i) {
        workers.add([scope = *captured] {
            const vs::resume in(scope);
            expect_key(scope.name() + "/v");
            ++tasks_done;
        });
    }
    std::thread([] { // may still run when all else is gone
        for (int i = 0; i < 1000; ++i) {
            const vs::variable_scope s("detached", vs::auto_reuse);
            expect_key("detached/v");
        }
    }).detach();
}
