// Millions of mixed operations by several threads end with the state that they end with in one thread. Run this under the
// sanitizers too, with fewer.
#include <varscope/graph/graph_state.hpp>
#include <varscope/op/initialization.hpp>
#include <varscope/schema/static_variable.hpp>
#include <varscope/scope/capture.hpp>
#include <varscope/scope/transaction.hpp>
#include <varscope/train/regularizers.hpp>
#include <varscope/variable/assign.hpp>
#include <varscope/varscope.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace vs = varscope;

namespace {

/// A number of the environment, or what it is without.
std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* const text = std::getenv(variable);
    return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood 2014): what an operation does is a function of its number alone, whoever
/// comes to do it.
std::uint64_t mixed(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
}

/// The random numbers of one operation.
class dice {
public:
    dice(std::uint64_t seed, std::uint64_t operation) : state_{mixed(seed) ^ operation} {}
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>((state_ = mixed(state_)) % limit); }

private:
    std::uint64_t state_;
};

constexpr std::size_t variable_count = 100'000;
constexpr std::size_t deferred_count = 2'000;
constexpr std::size_t path_count = 120;

/// The scopes that variables stand in, of one to three components.
std::vector<std::string> components_of(std::size_t path) {
    std::vector<std::string> result{"s" + std::to_string(path / 6)};
    if (path % 6 >= 1) { result.push_back("t" + std::to_string(path % 6 / 3)); }
    if (path % 6 >= 4) { result.push_back("u" + std::to_string(path % 2)); }
    return result;
}
std::string text_of(std::size_t path) {
    std::string text;
    for (const std::string& component : components_of(path)) { text += (text.empty() ? "" : "/") + component; }
    return text;
}

/// What a variable is, by its number.
enum class kind : std::uint8_t { plain, random, constant, counted, frozen, local, whole, value, large, updated, loss, cut };

kind kind_of(std::size_t i) {
    if (i % 500 == 7) { return kind::loss; }
    if (i % 500 == 8) { return kind::cut; }
    return static_cast<kind>(i % 10);
}

/// What the threads count.
struct tally {
    std::atomic<std::size_t> initializer_calls{0};
    std::atomic<std::size_t> refused{0};
    std::atomic<std::size_t> initialized{0};
    std::mutex mutex;
    std::vector<std::string> wrong;

    void note(const std::string& what) {
        const std::scoped_lock lock(mutex);
        if (wrong.size() < 10) { wrong.push_back(what); }
    }
};

/// What is compared; each list sorted, as the order is open.
struct outcome {
    std::vector<std::string> variables;
    std::vector<std::string> names;
    std::vector<std::string> collections;
    std::size_t initializer_calls = 0;
    std::size_t refused = 0;
    std::size_t initialized = 0;
    std::vector<std::string> wrong;
};

class soak {
public:
    explicit soak(std::uint64_t seed)
        : seed_{seed}
        , graph_({.seed = seed})
        , deferred_({.seed = seed, .initialization = vs::initialization::deferred}) {
        for (std::size_t path = 0; path < path_count; ++path) {
            paths_.push_back(text_of(path));
            components_.push_back(components_of(path));
            const vs::variable_scope s(graph_, paths_.back(), {.reuse = vs::auto_reuse, .auxiliary_name_scope = false});
            captured_.push_back(vs::capture(graph_));
            // Else it would depend on who comes first whether "s0", then "t0" in it, and "s0/t0" at once take one name.
            if (path % 6 == 0) { (void)vs::unique_name(graph_, paths_.back()); }
        }
        for (std::size_t i = 0; i < deferred_count; ++i) {
            begun_.emplace_back();
            late_.push_back(vs::get_variable<float, 1>(deferred_, "late" + std::to_string(i), {4}));
        }
    }

    /// Does the operations from 0 to `operations` - 1, each once, in `threads` threads.
    outcome run(std::uint64_t operations, std::size_t threads) {
        constexpr std::uint64_t block = 64;
        std::atomic<std::uint64_t> next{0};
        const auto work = [&] {
            for (std::uint64_t first; (first = next.fetch_add(block, std::memory_order_relaxed)) < operations;) {
                for (std::uint64_t i = first; i < std::min(first + block, operations); ++i) {
                    try {
                        operate(i);
                    } catch (const std::exception& e) { tally_.note("operation " + std::to_string(i) + ": " + e.what()); }
                }
            }
        };
        if (threads == 1) {
            work();
        } else {
            std::vector<std::thread> pool;
            for (std::size_t t = 0; t < threads; ++t) { pool.emplace_back(work); }
            for (auto& t : pool) { t.join(); }
        }
        return describe();
    }

private:
    void expect(bool is_so, const char* what, std::size_t i) {
        if (!is_so) { tally_.note(std::string(what) + ", variable " + std::to_string(i)); }
    }

    void operate(std::uint64_t number) {
        dice d(seed_, number);
        const std::size_t what = d.below(1000);
        const std::size_t i = d.below(variable_count);
        if (what < 300) {
            check(create(i, d), i);
        } else if (what < 500) {
            share(i, d);
        } else if (what < 600) {
            read(i, d);
        } else if (what < 700) {
            ask_literal(d);
        } else if (what < 770) {
            update(i, d);
        } else if (what < 830) {
            be_refused(i, d);
        } else if (what < 900) {
            name_ops(d);
        } else if (what < 950) {
            initialize_late(d);
        } else if (what < 998) {
            open_default_names(d);
        } else if (number % 16 == 0) {
            take_back(number);
        } else if (number % 16 == 1) {
            list(d);
        }
    }

    [[nodiscard]] static std::size_t path_of(std::size_t i) { return i % path_count; }
    [[nodiscard]] static std::string name_of(std::size_t i) { return 'v' + std::to_string(i); }
    [[nodiscard]] std::string key_of(std::size_t i) const { return paths_[path_of(i)] + '/' + name_of(i); }

    /// The variable asked for in the scope in force, with all that decides about what is created.
    vs::any_variable ask(std::size_t i) {
        const std::string name = name_of(i);
        switch (kind_of(i)) {
        case kind::plain: return vs::get_variable<float, 2>(name, {2, 3});
        case kind::random: return vs::get_variable<double, 1>(name, {3}, {.initializer = vs::random_normal()});
        case kind::constant:
            return vs::get_variable<float, 1>(name, {4}, {.initializer = vs::constant_initializer(static_cast<float>(i))});
        case kind::counted:
            return vs::get_variable<float>(name, {3}, {.initializer = [this](const vs::shape&) {
                                                  ++tally_.initializer_calls;
                                                  return xt::xarray<float>{1.F, 2.F, 3.F};
                                              }});
        case kind::frozen: return vs::get_variable(name, {5}, {.trainable = false});
        case kind::local: return vs::get_local_variable<float, 1>(name, {2});
        case kind::whole: return vs::get_variable<std::int64_t, 2>(name, {2, 2}, {.initializer = vs::ones()});
        case kind::value: return vs::get_variable<float, 1>(name, vs::any_shape, {.initializer = xt::xtensor<float, 1>{1.F, 2.F}});
        case kind::large: return vs::get_variable<float, 2>(name, {10, 10});
        case kind::updated: return vs::get_variable<int, 1>(name, {2});
        case kind::loss: return vs::get_variable<float, 1>(name, {2}, {.regularizer = vs::l2_regularizer(0.5F)});
        case kind::cut: return vs::get_variable<float, 2>(name, {6, 2}, {.partitioner = vs::fixed_size_partitioner(2)});
        }
        throw std::logic_error("no such kind");
    }

    /// Creates variable `i` or shares it, from scopes opened in one of several ways.
    vs::any_variable create(std::size_t i, dice& d) {
        const std::size_t path = path_of(i);
        const vs::scope_options quiet{.reuse = vs::auto_reuse, .auxiliary_name_scope = false};
        switch (d.below(32)) {
        case 0: { // name scopes of its own at each level
            const std::size_t depth = components_[path].size();
            const vs::variable_scope outer(graph_, components_[path][0], vs::auto_reuse);
            if (depth == 1) { return ask(i); }
            const vs::variable_scope inner(components_[path][1]);
            if (depth == 2) { return ask(i); }
            const vs::variable_scope innermost(components_[path][2]);
            return ask(i);
        }
        case 1:
        case 2:
        case 3: {
            const vs::variable_scope s(graph_, paths_[path], vs::auto_reuse);
            return ask(i);
        }
        case 4:
        case 5:
        case 6:
        case 7: {
            const vs::resume in(captured_[path]);
            return ask(i);
        }
        case 8:
        case 9: {
            const vs::as_default in(graph_);
            const vs::variable_scope s(vs::scope_at(paths_[path], vs::auto_reuse), {.auxiliary_name_scope = false});
            return ask(i);
        }
        case 10:
        case 11:
        case 12: {
            const std::size_t depth = components_[path].size();
            const vs::variable_scope outer(graph_, components_[path][0], quiet);
            if (depth == 1) { return ask(i); }
            const vs::variable_scope inner(components_[path][1], {.auxiliary_name_scope = false});
            if (depth == 2) { return ask(i); }
            const vs::variable_scope innermost(components_[path][2], {.auxiliary_name_scope = false});
            return ask(i);
        }
        default: {
            const vs::variable_scope s(graph_, paths_[path], quiet);
            return ask(i);
        }
        }
    }

    void check(const vs::any_variable& v, std::size_t i) {
        expect(v.key() == key_of(i), "wrong key", i);
        expect(&v.graph() == &graph_, "wrong graph", i);
    }

    /// Shares variable `i` if it is there.
    void share(std::size_t i, dice& d) {
        const auto found = vs::find_variable(graph_, key_of(i));
        if (!found) { return; } // not yet
        if (kind_of(i) == kind::value || kind_of(i) == kind::cut) { return; }
        const bool is_at_root = d.below(4) == 0;
        const vs::variable_scope s(
            graph_, is_at_root ? std::string() : paths_[path_of(i)], {.reuse = vs::reuse, .auxiliary_name_scope = false});
        const auto v = vs::get_variable(is_at_root ? key_of(i) : name_of(i), vs::any_shape, {.dtype = found->dtype()});
        expect(v.is(*found), "another variable", i);
        check(v, i);
    }

    /// Reads the elements of variable `i` if it is there and is not written to meanwhile.
    void read(std::size_t i, dice& d) {
        const auto v = vs::find_variable(graph_, key_of(i));
        if (!v || kind_of(i) == kind::updated) { return; }
        expect(v->is_initialized(), "no value", i);
        const std::size_t at = d.below(v->size());
        switch (kind_of(i)) {
        case kind::plain: expect(std::abs(vs::variable<float, 2>(*v).flat(at)) < 2, "no Glorot uniform number", i); break;
        case kind::constant: expect(vs::variable<float, 1>(*v)(at) == static_cast<float>(i), "no constant", i); break;
        case kind::counted: expect(vs::variable<float>(*v)(at) == static_cast<float>(at + 1), "no result of the function", i); break;
        case kind::whole: expect(vs::variable<std::int64_t, 2>(*v).flat(at) == 1, "no one", i); break;
        case kind::value: expect(vs::variable<float, 1>(*v)(at) == static_cast<float>(at + 1), "no value of its own", i); break;
        case kind::local:
        case kind::frozen:
        case kind::random:
        case kind::large:
        case kind::loss:
        case kind::cut: (void)static_cast<const std::byte*>(v->data())[at]; break;
        case kind::updated: break;
        }
    }

    template <vs::literal Name>
    void ask_one(std::size_t path) {
        const vs::variable_scope s(graph_, paths_[path], {.reuse = vs::auto_reuse, .auxiliary_name_scope = false});
        const auto v = vs::get_variable<Name, float, 3>(s);
        expect(v.key() == paths_[path] + '/' + std::string(Name.view()), "a literal led elsewhere", path);
    }

    void ask_literal(dice& d) {
        const std::size_t path = d.below(path_count);
        switch (d.below(4)) {
        case 0: ask_one<"kernel">(path); break;
        case 1: ask_one<"bias">(path); break;
        case 2: ask_one<"a/b">(path); break;
        default: ask_one<"step">(path); break;
        }
    }

    /// Adds to the nearest variable of the kind that nobody reads: additions commute.
    void update(std::size_t i, dice& d) {
        i = i / 10 * 10 + 9;
        if (kind_of(i) != kind::updated) { return; }
        const vs::variable<int, 1> v(create(i, d));
        vs::assign_add(v, xt::xtensor<int, 1>{static_cast<int>(d.below(10)), 1});
    }

    template <class Error, class Function>
    void expect_error(Function&& function, const char* what, std::size_t i) {
        try {
            function();
        } catch (const Error&) {
            ++tally_.refused;
            return;
        }
        tally_.note(std::string("not refused: ") + what + ", variable " + std::to_string(i));
    }

    void be_refused(std::size_t i, dice& d) {
        switch (d.below(6)) {
        case 0:
            if (kind_of(i) == kind::plain) {
                (void)create(i, d);
                const vs::variable_scope s(graph_, paths_[path_of(i)], {.reuse = vs::auto_reuse, .auxiliary_name_scope = false});
                expect_error<vs::shape_mismatch>([&] { (void)vs::get_variable<float, 2>(name_of(i), {3, 2}); }, "another shape", i);
            }
            break;
        case 1:
            if (kind_of(i) == kind::whole) {
                (void)create(i, d);
                const vs::resume in(captured_[path_of(i)]);
                expect_error<vs::dtype_mismatch>([&] { (void)vs::get_variable<int, 2>(name_of(i), {2, 2}); }, "another type", i);
            }
            break;
        case 2:
            if (kind_of(i) == kind::large) {
                (void)create(i, d);
                const vs::variable_scope s(graph_, paths_[path_of(i)], {.auxiliary_name_scope = false});
                expect_error<vs::already_exists>([&] { (void)vs::get_variable<float, 2>(name_of(i), {10, 10}); }, "a second one", i);
            }
            break;
        case 3: {
            const vs::variable_scope s(graph_, paths_[path_of(i)], {.auxiliary_name_scope = false});
            expect_error<vs::invalid_name>([&] { (void)vs::get_variable<float>("_" + name_of(i) + '$', {1}); }, "an illegal name", i);
            break;
        }
        case 4: {
            const vs::variable_scope s(graph_, paths_[path_of(i)], {.reuse = vs::auto_reuse, .auxiliary_name_scope = false});
            expect_error<vs::shape_required>([&] { (void)vs::get_variable<float>("absent", {-1}); }, "no shape", i);
            break;
        }
        default:
            if (i % 4000 == 0) { // the message looks for similar names among all
                const vs::variable_scope s(graph_, paths_[path_of(i)], {.reuse = vs::reuse, .auxiliary_name_scope = false});
                expect_error<vs::does_not_exist>([&] { (void)vs::get_variable<float>("absent", {1}); }, "an unknown name", i);
            }
        }
    }

    /// Ops and name scopes whose names are made unique: which thread gets which name is open, the names are not.
    void name_ops(dice& d) {
        const std::string letter(1, static_cast<char>('a' + d.below(8)));
        switch (d.below(4)) {
        case 0: (void)vs::unique_name(graph_, "unique_" + letter); break;
        case 1: {
            const vs::name_scope n(graph_, "n_" + letter);
            (void)vs::no_op("x");
            (void)vs::no_op("x");
            break;
        }
        default: (void)vs::make_op(graph_, {.type = "NoOp"}, "op_" + letter);
        }
    }

    /// Of those who come to a variable without a value, one gives it one; the others see all of it or nothing.
    void initialize_late(dice& d) {
        const std::size_t i = d.below(deferred_count);
        vs::variable<float, 1>& v = late_[i];
        if (v.is_initialized()) {
            const float first = v(0);
            expect(i % 2 == 0 ? first == static_cast<float>(i) : std::abs(first) < 2, "no late value", i);
        } else if (d.below(2) == 0 && !begun_[i].test_and_set()) {
            ++tally_.initialized;
            const vs::as_default in(deferred_);
            if (i % 2 == 0) {
                v = xt::xtensor<float, 1>(xt::xtensor<float, 1>::shape_type{4}, static_cast<float>(i));
            } else {
                vs::session().run(vs::variables_initializer({v}));
            }
        }
    }

    /// Default names are counted anew in each scope that is entered by its name.
    void open_default_names(dice& d) {
        const std::string outer = "d" + std::to_string(d.below(16));
        const vs::variable_scope s(graph_, outer, vs::auto_reuse);
        for (const char* const expected : {"/block", "/block_1"}) {
            const vs::variable_scope b(vs::no_name, {.default_name = "block"});
            expect(b.name() == outer + expected, "another default name", 0);
            (void)vs::get_variable<float, 1>("w", {2});
        }
    }

    /// What is made in a transaction and taken back leaves nothing.
    void take_back(std::uint64_t number) {
        vs::transaction t(graph_);
        const std::string name = "gone" + std::to_string(number % 7);
        (void)vs::get_variable<float, 1>(graph_, name, {2});
        (void)vs::make_op(graph_, {.type = "NoOp"}, "gone_op");
        t.rollback();
    }

    void list(dice& d) {
        switch (d.below(4)) {
        case 0: expect(vs::global_variables(graph_).size() <= 2 * variable_count, "too many global variables", 0); break;
        case 1: expect(vs::trainable_variables(graph_).size() <= 2 * variable_count, "too many trainable variables", 0); break;
        case 2: (void)vs::get_collection(graph_, vs::graph_keys::regularization_losses); break;
        default: (void)vs::get_all_collection_keys(graph_);
        }
    }

    static void add_variables(vs::graph& g, std::vector<std::string>& to) {
        for (const auto* node : g.store().all()) {
            const vs::any_variable v(vs::detail::variable_of(*node));
            std::string line = std::string(v.key()) + ' ' + std::string(v.op_name()) + ' ' + vs::to_string(v.shape()) + ' ' +
                std::string(to_string(v.dtype())) + (v.is_trainable() ? " trainable" : "") + (v.is_initialized() ? " =" : " none");
            if (v.is_initialized()) { // equal to the last bit
                const vs::array_value value = v.value();
                line += std::to_string(std::hash<std::string_view>()({static_cast<const char*>(value.data()), value.bytes()}));
            }
            to.push_back(std::move(line));
        }
        for (const auto* whole : g.store().wholes()) { to.push_back("whole " + std::string(whole->key())); }
    }

    outcome describe() {
        outcome o;
        add_variables(graph_, o.variables);
        add_variables(deferred_, o.variables);
        for (vs::graph* g : {&graph_, &deferred_}) {
            for (const auto& n : g->nodes()) { o.names.emplace_back(n.name()); }
            for (const auto& key : vs::get_all_collection_keys(*g)) {
                for (const auto& item : vs::get_collection(*g, key)) {
                    o.collections.push_back(key + ' ' + std::string(item.name()));
                }
            }
        }
        for (const char letter : {'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'}) {
            for (const char* const base : {"unique_", "n_", "op_"}) {
                o.names.push_back("next " + vs::unique_name(graph_, std::string(base) + letter, vs::name_use::ask));
            }
        }
        for (const std::string& path : paths_) { o.names.push_back("next " + vs::unique_name(graph_, path, vs::name_use::ask)); }
        for (auto* list : {&o.variables, &o.names, &o.collections}) { std::ranges::sort(*list); }
        o.initializer_calls = tally_.initializer_calls;
        o.refused = tally_.refused;
        o.initialized = tally_.initialized;
        o.wrong = tally_.wrong;
        return o;
    }

    std::uint64_t seed_;
    vs::graph graph_;
    vs::graph deferred_;
    std::vector<std::string> paths_;
    std::vector<std::vector<std::string>> components_;
    std::vector<vs::captured_scope> captured_;
    std::vector<vs::variable<float, 1>> late_;
    std::deque<std::atomic_flag> begun_;
    tally tally_;
};

/// The first line that only one of two lists has; empty if they are equal.
std::string difference(const std::vector<std::string>& one, const std::vector<std::string>& other) {
    const auto [a, b] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
    if (a == one.end() && b == other.end()) { return {}; }
    return (a == one.end() ? "(end)" : *a) + " | " + (b == other.end() ? "(end)" : *b);
}

} // namespace

TEST_CASE("many threads leave a graph as one thread does that does the same operations", "[threads][soak]") {
    const std::uint64_t operations = number_from("VARSCOPE_SOAK_OPERATIONS", 1'000'000);
    const std::uint64_t seed = number_from("VARSCOPE_SOAK_SEED", 1);
    CAPTURE(operations, seed);
    const outcome one = std::make_unique<soak>(seed)->run(operations, 1);
    CHECK(one.wrong == std::vector<std::string>());
    const outcome many = std::make_unique<soak>(seed)->run(operations, 8);
    CHECK(many.wrong == std::vector<std::string>());
    CHECK(difference(one.variables, many.variables) == "");
    CHECK(difference(one.names, many.names) == "");
    CHECK(difference(one.collections, many.collections) == "");
    CHECK(many.initializer_calls == one.initializer_calls);
    CHECK(many.refused == one.refused);
    CHECK(many.initialized == one.initialized);
}

TEST_CASE("the comparison of two such runs notices a few operations more", "[soak]") {
    const outcome one = std::make_unique<soak>(1)->run(3000, 1);
    const outcome other = std::make_unique<soak>(1)->run(3100, 1);
    CHECK(difference(one.variables, one.variables) == "");
    CHECK(difference(one.variables, other.variables) != "");
    CHECK(difference(one.names, other.names) != "");
    CHECK(difference(one.collections, other.collections) != "");
}
