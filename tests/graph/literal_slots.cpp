#include <varscope/graph/literal_slots.hpp>

#include <varscope/variable/get_variable.hpp>

#include "catch.hpp"

#include <atomic>
#include <deque>
#include <string>
#include <thread>
#include <vector>

namespace vs = varscope;
using vs::detail::literal_number;
using vs::detail::literal_slots;

namespace {

constexpr vs::detail::digest one{1, 2};
constexpr vs::detail::digest other{1, 3};

struct variables {
    vs::graph graph;
    vs::detail::variable_node& a = vs::get_variable(graph, "a", {1}).node();
    vs::detail::variable_node& b = vs::get_variable(graph, "b", {1}).node();
};

} // namespace

TEST_CASE("a place finds what it was told, in the scope that it was told for", "[literal_slots]") {
    variables v;
    literal_slots slots;
    literal_number place{0};
    literal_number second{0};
    CHECK(slots.find(place, one) == nullptr);
    CHECK(slots.has_room(place));
    slots.insert(place, one, v.a);
    CHECK(place.load() > 0);
    CHECK(slots.find(place, one) == &v.a);
    CHECK(slots.find(place, other) == nullptr);
    CHECK(slots.find(second, one) == nullptr);
    CHECK_FALSE(slots.has_room(place));
    CHECK(slots.has_room(second));
    slots.insert(second, other, v.b);
    CHECK(second.load() != place.load());
    CHECK(slots.find(second, other) == &v.b);
    CHECK(slots.find(place, one) == &v.a);
}

TEST_CASE("a place has one number, and finds each graph's own", "[literal_slots]") {
    variables v;
    literal_slots slots;
    literal_slots of_other_graph;
    literal_number place{0};
    slots.insert(place, one, v.a);
    const auto number = place.load();
    CHECK(of_other_graph.find(place, one) == nullptr);
    of_other_graph.insert(place, one, v.b);
    CHECK(place.load() == number);
    CHECK(slots.find(place, one) == &v.a);
    CHECK(of_other_graph.find(place, one) == &v.b);
}

TEST_CASE("a variable that is forgotten leaves room in all of its places, and the others stay", "[literal_slots]") {
    variables v;
    literal_slots slots;
    slots.erase(v.a); // of nothing
    std::deque<literal_number> places(3);
    slots.insert(places[0], one, v.a);
    slots.insert(places[1], one, v.b);
    slots.insert(places[2], other, v.a);
    slots.erase(v.a);
    CHECK(slots.find(places[0], one) == nullptr);
    CHECK(slots.find(places[1], one) == &v.b);
    CHECK(slots.find(places[2], other) == nullptr);
    CHECK(slots.has_room(places[0]));
    slots.insert(places[0], other, v.b);
    CHECK(slots.find(places[0], other) == &v.b);
}

TEST_CASE("places that have one number in two shared libraries are told apart", "[literal_slots]") {
    variables v;
    literal_slots slots;
    literal_number here{0};
    slots.insert(here, one, v.a);
    literal_number there{here.load()};
    CHECK(slots.find(there, one) == nullptr);
    CHECK(slots.find(here, one) == &v.a);
}

TEST_CASE("what is known is found while slots grow", "[literal_slots][threads]") {
    variables v;
    literal_slots slots;
    std::deque<literal_number> places(3000);
    std::atomic<std::size_t> inserted{0};
    std::atomic<std::size_t> wrong{0};
    std::vector<std::thread> readers;
    for (int t = 0; t < 3; ++t) {
        readers.emplace_back([&] {
            for (std::size_t known = 0; known < places.size();) {
                known = inserted.load(std::memory_order_acquire);
                for (std::size_t i = 0; i < known; i += 7) {
                    if (slots.find(places[i], one) != (i % 2 == 0 ? &v.a : &v.b)) { ++wrong; }
                }
                for (std::size_t i = known; i < places.size(); i += 100) {
                    const auto* const found = slots.find(places[i], one);
                    if (found != nullptr && found != (i % 2 == 0 ? &v.a : &v.b)) { ++wrong; }
                }
            }
        });
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
        slots.insert(places[i], one, i % 2 == 0 ? v.a : v.b);
        inserted.store(i + 1, std::memory_order_release);
    }
    for (auto& t : readers) { t.join(); }
    CHECK(wrong == 0);
}
