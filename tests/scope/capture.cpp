// Run these under the thread sanitizer too.
#include <varscope/graph/graph_state.hpp>
#include <varscope/scope/capture.hpp>

#include <varscope/variable/get_variable.hpp>
#include <varscope/op/ops.hpp>
#include <varscope/variable/variable_creator.hpp>
#include <varscope/variable/variable_lists.hpp>

#include "catch.hpp"
#include "graph_state.hpp"
#include "thrown.hpp"

#include <atomic>
#include <barrier>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace vs = varscope;

static_assert(!std::is_copy_constructible_v<vs::resume> && !std::is_copy_assignable_v<vs::resume>);
static_assert(!std::is_move_constructible_v<vs::resume> && !std::is_move_assignable_v<vs::resume>);
static_assert(!std::is_convertible_v<vs::captured_scope, vs::resume>);
template <class Guard>
concept newable = requires(const vs::captured_scope& s) { new Guard(s); };
static_assert(!newable<vs::resume>);
static_assert(std::is_copy_constructible_v<vs::captured_scope> && std::is_copy_assignable_v<vs::captured_scope>);

namespace {

std::string get(vs::name_arg name) { return std::string(vs::get_variable(name, {1}).name()); }
std::string make(vs::name_arg name) { return std::string(vs::make_variable(name, {.initializer = 1.f}).name()); }
std::string scope_name() { return vs::get_variable_scope().name(); }

/// Runs `work` in a thread of its own; what it throws is thrown here.
void in_thread(const std::function<void()>& work) { std::async(std::launch::async, work).get(); }

} // namespace

TEST_CASE("a thread that resumes a captured scope gets the names that the code there would get", "[capture][threads]") {
    fresh f;
    const vs::variable_scope s{"main"};
    const auto here = vs::capture();
    in_thread([&] { // REFERENCE 1.19
        {
            const vs::resume in{here};
            const vs::variable_scope foo{"foo"};
            CHECK(get("v") == "main/foo/v:0");
        }
        const vs::variable_scope bar{f.graph, "bar"};
        CHECK(get("v") == "bar/v:0");
    });
    CHECK(vs::find_variable("main/foo/v")->key() == "main/foo/v");
    CHECK(vs::find_variable("bar/v")->key() == "bar/v");
}

TEST_CASE("of two threads in one captured scope the second one cannot create the same variable", "[capture][threads]") {
    fresh f;
    const auto here = vs::capture();
    const auto work = [&] {
        const vs::resume in{here};
        const vs::variable_scope foo{"foo"};
        (void)get("v");
    };
    in_thread(work);
    CHECK_THROWS_AS(in_thread(work), vs::already_exists);
}

TEST_CASE("ops stand in the captured name scope itself, which is neither made unique nor reserved again", "[capture][threads]") {
    fresh f;
    const vs::name_scope outer{"outer"};
    const vs::variable_scope s{"s"};
    const vs::name_scope inner{"inner"};
    CHECK(make("v") == "outer/s/inner/v:0");
    const auto here = vs::capture();
    CHECK(here.name() == "s");
    CHECK(here.name_scope() == "outer/s/inner");
    CHECK(&here.graph() == &f.graph);
    in_thread([&] {
        for (int i = 1; i < 3; ++i) {
            const vs::resume in{here};
            CHECK(vs::get_name_scope() == "outer/s/inner");
            CHECK(make("v") == "outer/s/inner/v_" + std::to_string(i) + ":0");
            CHECK(vs::get_variable_scope().original_name_scope() == "outer/s/");
            CHECK(get("w" + std::to_string(i)) == "s/w" + std::to_string(i) + ":0");
        }
        const vs::resume in{here};
        CHECK(vs::name_scope("deeper").name() == "outer/s/inner/deeper/");
        CHECK(vs::name_scope("deeper").name() == "outer/s/inner/deeper_1/");
    });
    CHECK(vs::unique_name("x") == "outer/s/inner/x");
    CHECK(vs::name_scope("s").name() == "outer/s/inner/s/");
}

TEST_CASE("names from the captured scope are as unique as those from chained scopes", "[capture]") {
    fresh f;
    const auto names = [] {
        vs::name_scope a{"a"}; // a, then a_1
        vs::name_scope b{"B/c"};
        return std::pair(make("v"), vs::capture());
    };
    const auto [first, first_scope] = names();
    const auto [second, second_scope] = names();
    CHECK(first == "a/B/c/v:0");
    CHECK(second == "a_1/B/c/v:0");
    const vs::resume in{second_scope};
    CHECK(make("V") == "a_1/B/c/V_1:0");
    const vs::resume again{first_scope};
    CHECK(make("V") == "a/B/c/V_1:0");
}

TEST_CASE("a captured scope keeps what the scope hands down, and its constraint", "[capture][threads]") {
    fresh f;
    std::optional<vs::captured_scope> here;
    {
        const vs::variable_scope outer{"outer", {.reuse = vs::auto_reuse, .initializer = vs::constant_initializer(3)}};
        const vs::variable_scope inner{"inner", {.dtype = vs::dtype::float64, .constraint = "norm"}};
        here = vs::capture();
    }
    in_thread([&] {
        const vs::resume in{*here};
        const auto v = vs::get_variable("v", {2});
        CHECK(v.key() == "outer/inner/v");
        CHECK(v.dtype() == vs::dtype::float64);
        CHECK(static_cast<const double*>(v.data())[1] == 3);
        CHECK(v.constraint().name() == "norm");
        CHECK(vs::get_variable_scope().reuse() == vs::auto_reuse);
        const vs::variable_scope below{"below"};
        CHECK_FALSE(vs::get_variable("v", {2}).constraint());
    });
    const vs::resume in{*here};
    CHECK(vs::get_variable("v", {2}).key() == "outer/inner/v"); // shared
}

TEST_CASE("a captured scope keeps its getters", "[capture][threads]") {
    fresh f;
    std::optional<vs::captured_scope> here;
    {
        const vs::variable_scope s{"s",
            {.custom_getter = [](const vs::next_getter& next, const vs::variable_request& request) {
                auto other = request;
                other.name += "_renamed";
                return next(other);
            }}};
        here = vs::capture();
    }
    in_thread([&] {
        const vs::resume in{*here};
        CHECK(get("v") == "s/v_renamed:0");
    });
}

TEST_CASE("what is done to a resumed scope stays in its block", "[capture]") {
    fresh f;
    vs::variable_scope s{"s"};
    const auto here = vs::capture();
    std::optional<vs::scope_handle> kept;
    {
        const vs::resume in{here};
        auto scope = vs::get_variable_scope();
        scope.reuse_variables();
        scope.set_dtype(vs::dtype::int32);
        scope.set_initializer(vs::ones());
        kept = scope;
        CHECK_THROWS_AS(get("v"), vs::does_not_exist);
    }
    CHECK(s.reuse() == vs::reuse_mode::inherit);
    const vs::resume in{here};
    CHECK(vs::get_variable_scope().reuse() == vs::reuse_mode::inherit);
    CHECK(vs::get_variable_scope().dtype() == vs::dtype::float32);
    CHECK_FALSE(vs::get_variable_scope().initializer());
    CHECK(kept->name() == "s");
    CHECK(kept->initializer());
}

TEST_CASE("what is done to the scope after it was captured does not reach the captured one", "[capture]") {
    fresh f;
    vs::variable_scope s{"s"};
    const auto here = vs::capture();
    s.reuse_variables();
    const vs::resume in{here};
    CHECK(get("v") == "s/v:0");
    CHECK(make("v") == "s/v_1:0");
}

TEST_CASE("the root of a graph can be captured and resumed from anywhere", "[capture]") {
    fresh f;
    const auto root = vs::capture();
    CHECK(root.name().empty());
    CHECK(root.name_scope().empty());
    const vs::variable_scope s{"s"};
    {
        const vs::resume in{root};
        CHECK(get("v") == "v:0");
        CHECK(vs::get_name_scope().empty());
        CHECK(vs::get_variable_scope().original_name_scope().empty());
        CHECK(vs::name_scope("s").name() == "s_1/");
    }
    CHECK(get("v") == "s/v:0");
    CHECK(vs::get_name_scope() == "s");
}

TEST_CASE("resuming puts the captured graph in force and leaving it the one before", "[capture]") {
    vs::graph a;
    vs::graph b;
    std::optional<vs::captured_scope> in_a;
    {
        const vs::variable_scope s{a, "s"};
        in_a = vs::capture();
    }
    const vs::variable_scope t{b, "t"};
    CHECK(vs::capture(a).name().empty());
    {
        const vs::resume in{*in_a};
        CHECK(&vs::current_graph() == &a);
        CHECK(get("v") == "s/v:0");
        {
            const vs::variable_scope again{b, "again"};
            CHECK(get("v") == "t/again/v:0");
        }
        CHECK(&vs::current_graph() == &a);
    }
    CHECK(&vs::current_graph() == &b);
    CHECK(scope_name() == "t");
    CHECK(vs::find_variable(a, "s/v").has_value());
}

TEST_CASE("the default graph is not reset inside a resumed scope, and can be after it", "[capture][threads]") {
    in_thread([] {
        vs::graph other;
        const auto here = vs::capture(other);
        {
            const vs::resume in{here};
            CHECK(thrown<vs::nested_reset>([] { vs::reset_default_graph(); }) ==
                "the default graph cannot be reset here\n  asked for at capture.cpp:here inside a variable scope or "
                "vs::as_default\n  leave those blocks first");
        }
        CHECK_NOTHROW(vs::reset_default_graph());
    });
}

TEST_CASE("default scope names are counted by each thread and put back on leaving", "[capture][threads]") {
    fresh f;
    const vs::variable_scope s{"s"};
    const auto next = [] { return vs::variable_scope(vs::no_name, {.default_name = "d"}).name(); };
    CHECK(next() == "s/d");
    const auto here = vs::capture();
    in_thread([&] {
        for (int i = 0; i < 2; ++i) {
            const vs::resume in{here};
            CHECK(next() == "s/d");
            CHECK(next() == "s/d_1");
        }
    });
    {
        const vs::resume in{here}; // in the thread that opened `d` in it
        CHECK(next() == "s/d_1");
    }
    CHECK(next() == "s/d_1");
}

TEST_CASE("a resumed scope counts as opened, like a scope entered through its object", "[capture][threads]") {
    fresh f;
    std::optional<vs::captured_scope> here;
    {
        const vs::variable_scope s{"s"};
        here = vs::capture();
    }
    in_thread([&] {
        { const vs::resume in{*here}; }
        const vs::as_default in{f.graph};
        CHECK(vs::variable_scope(vs::no_name, {.default_name = "s"}).name() == "s_1");
    });
}

TEST_CASE("creator scopes are not captured, and those of the thread that resumes stay in force", "[capture]") {
    fresh f;
    const auto doubled = [](const vs::next_creator& next, const vs::variable_creation& wanted) {
        auto other = wanted;
        other.name += "_made";
        return next(other);
    };
    std::optional<vs::captured_scope> here;
    {
        const vs::variable_creator_scope creating{doubled};
        const vs::variable_scope s{"s"};
        here = vs::capture();
    }
    const vs::resume in{*here};
    CHECK(make("v") == "s/v:0");
    const vs::variable_creator_scope creating{doubled};
    const vs::resume again{*here};
    CHECK(make("v") == "s/v_made:0");
}

TEST_CASE("a captured scope can be captured again where it is resumed", "[capture][threads]") {
    fresh f;
    std::optional<vs::captured_scope> copy;
    {
        const vs::variable_scope s{"s", vs::auto_reuse};
        const auto here = vs::capture();
        in_thread([&] {
            const vs::resume in{here};
            const vs::variable_scope below{"below"};
            copy = vs::capture();
        });
    }
    const vs::resume in{*copy};
    CHECK(get("v") == "s/below/v:0");
    CHECK(make("v") == "s/below/v_1:0");
}

TEST_CASE("several threads resume one captured scope at once and share its variables", "[capture][threads]") {
    constexpr std::size_t thread_count = 8;
    vs::graph g;
    std::optional<vs::captured_scope> here;
    {
        const vs::variable_scope s{g, "a/scope/with/a/name/that/is/much/longer/than/what/is/kept/without/an/allocation",
            {.reuse = vs::auto_reuse, .initializer = vs::ones(), .constraint = "norm"}};
        here = vs::capture();
    }
    std::atomic<std::size_t> wrong{0};
    std::barrier start(static_cast<std::ptrdiff_t>(thread_count));
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < thread_count; ++t) {
        threads.emplace_back([&] {
            const auto mine = *here;
            start.arrive_and_wait();
            for (int i = 0; i < 100; ++i) {
                const vs::resume in{mine};
                const auto v = vs::get_variable("v" + std::to_string(i), {2});
                if (static_cast<const float*>(v.data())[1] != 1.f) { ++wrong; }
                const vs::variable_scope d{vs::no_name, {.default_name = "d"}};
                if (d.name() != mine.name() + "/d") { ++wrong; }
                auto scope = vs::get_variable_scope();
                scope.set_initializer(vs::zeros());
                (void)make("op");
            }
        });
    }
    for (auto& t : threads) { t.join(); }
    CHECK(wrong == 0);
    CHECK(g.store().size() == 100);
    const vs::resume in{*here};
    CHECK(vs::capture().name_scope() == here->name());
}

TEST_CASE("an exception leaves a resumed scope like any other block", "[capture]") {
    fresh f;
    const vs::variable_scope s{"s"};
    const auto here = vs::capture();
    const vs::name_scope n{"n"};
    const auto fails = [&] {
        const vs::resume in{here};
        const vs::variable_scope below{"below"};
        throw std::runtime_error("work");
    };
    CHECK_THROWS_AS(fails(), std::runtime_error);
    CHECK(vs::get_name_scope() == "s/n");
    CHECK(scope_name() == "s");
}

TEST_CASE("a bound function runs in the scope in which it was bound", "[capture][threads]") {
    fresh f;
    std::future<std::string> result;
    {
        const vs::variable_scope s{"s"};
        result = std::async(std::launch::async, vs::bind_scope(get), "v");
    }
    CHECK(result.get() == "s/v:0");
    CHECK(get("v") == "v:0");
}

TEST_CASE("a bound function takes and returns what the function does", "[capture]") {
    fresh f;
    std::optional<vs::captured_scope> here;
    {
        const vs::variable_scope s{"s"};
        here = vs::capture();
    }
    int value = 1;
    auto same = vs::bind_scope(*here, [](int& x) -> int& { return x; });
    static_assert(std::is_same_v<decltype(same(value)), int&>);
    CHECK(&same(value) == &value);
    static_assert(!std::is_invocable_v<decltype(same)&, std::string>);

    auto counts = vs::bind_scope(*here, [n = 0]() mutable { return scope_name() + std::to_string(++n); });
    static_assert(!std::is_invocable_v<const decltype(counts)&>);
    CHECK(counts() == "s1");
    CHECK(counts() == "s2");

    auto once = vs::bind_scope(*here, [p = std::make_unique<int>(7)](std::unique_ptr<int> q) { return *p + *q; });
    static_assert(!std::is_copy_constructible_v<decltype(once)>);
    CHECK(std::move(once)(std::make_unique<int>(1)) == 8);

    const std::function<std::string()> stored = vs::bind_scope(*here, scope_name);
    CHECK(stored() == "s");
    CHECK(scope_name().empty());
}

namespace {

/// The least that a coroutine needs: it begins at once, and goes on when and where it is resumed.
struct task {
    struct promise_type {
        task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
    explicit(false) task(std::coroutine_handle<promise_type> h) : handle{h} {}
    task(const task&) = delete;
    task& operator=(const task&) = delete;
    task(task&& other) noexcept : handle{std::exchange(other.handle, nullptr)} {}
    task& operator=(task&& other) noexcept {
        std::swap(handle, other.handle);
        return *this;
    }
    ~task() {
        if (handle) { handle.destroy(); }
    }
    std::coroutine_handle<promise_type> handle;
};

task two_variables_without(std::vector<std::string>& names) {
    names.push_back(get("a"));
    co_await std::suspend_always();
    names.push_back(get("b"));
}

task two_variables_with(vs::captured_scope here, std::vector<std::string>& names) {
    {
        const vs::resume in{here};
        names.push_back(get("a"));
    }
    co_await std::suspend_always();
    {
        const vs::resume in{here};
        names.push_back(get("b"));
    }
}

task guard_across_a_suspension() {
    const vs::variable_scope s{"coroutine"};
    co_await std::suspend_always();
}

} // namespace

TEST_CASE("a coroutine that goes on in another thread loses the scope, unless it resumes what was captured", "[capture][threads]") {
    vs::graph g;
    std::vector<std::string> names;
    task running(nullptr);
    const auto go_on = [&] {
        in_thread([&] {
            const vs::variable_scope other{g, "other"};
            running.handle.resume();
            CHECK(scope_name() == "other");
        });
    };
    SECTION("without") {
        {
            const vs::variable_scope s{g, "model"};
            running = two_variables_without(names);
        }
        go_on();
        CHECK(names == std::vector<std::string>{"model/a:0", "other/b:0"});
    }
    SECTION("with") {
        {
            const vs::variable_scope s{g, "model"};
            running = two_variables_with(vs::capture(), names);
        }
        go_on();
        CHECK(names == std::vector<std::string>{"model/a:0", "model/b:0"});
    }
}

TEST_CASE("a guard that a coroutine keeps open across a suspension is in force for whoever goes on", "[capture]") {
    fresh f;
    {
        const auto running = guard_across_a_suspension();
        CHECK(get("v") == "coroutine/v:0"); // surprising: this function opened no scope
        running.handle.resume();
    }
    CHECK(get("v") == "v:0");
}
