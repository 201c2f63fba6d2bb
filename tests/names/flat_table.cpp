#include <varscope/names/flat_table.hpp>

#include "catch.hpp"

#include <atomic>
#include <cstddef>
#include <deque>
#include <string>
#include <thread>
#include <vector>

namespace {

using varscope::detail::digest;
using varscope::detail::flat_table;

struct item {
    digest id;
    std::size_t value;
};

digest id_of(std::size_t i) { return extend(varscope::detail::root_digest, std::to_string(i)); }

} // namespace

TEST_CASE("a table finds what was put in and nothing else", "[flat_table]") {
    flat_table<item> table;
    std::deque<item> items;
    CHECK(table.find(id_of(0)) == nullptr);
    for (std::size_t i = 0; i < 10'000; ++i) { table.insert(items.emplace_back(id_of(i), i)); }
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < 10'000; ++i) { wrong += table.find(id_of(i)) != &items[i]; }
    for (std::size_t i = 10'000; i < 20'000; ++i) { wrong += table.find(id_of(i)) != nullptr; }
    CHECK(wrong == 0);
    CHECK(table.size() == 10'000);
}

TEST_CASE("nodes whose digests share slot and tag are told apart", "[flat_table]") {
    flat_table<item> table;
    std::deque<item> items;
    for (std::uint64_t i = 0; i < 100; ++i) { table.insert(items.emplace_back(digest{i << 32U, 7}, i)); }
    for (std::uint64_t i = 0; i < 100; ++i) { CHECK(table.find({i << 32U, 7}) == &items[i]); }
    CHECK(table.find({std::uint64_t{100} << 32U, 7}) == nullptr);
}

TEST_CASE("another thread finds everything that was put in before, while the table grows", "[flat_table][threads]") {
    constexpr std::size_t count = 20'000;
    flat_table<item> table;
    std::vector<item> items(count);
    std::atomic<std::size_t> present{0};
    std::atomic<std::size_t> wrong{0};
    std::atomic<std::size_t> looked_up{0};
    std::thread reader([&] {
        for (std::size_t i = 0, known = 0; known < count; i = i * 31 + 17) {
            known = present.load(std::memory_order_acquire);
            if (known == 0) { continue; }
            const item* const found = table.find(id_of(i % known));
            if (found == nullptr || found->value != i % known) { ++wrong; }
            ++looked_up;
        }
    });
    for (std::size_t i = 0; i < count; ++i) {
        items[i] = {id_of(i), i};
        table.insert(items[i]);
        present.store(i + 1, std::memory_order_release);
        if (i % 1000 == 0) { std::this_thread::yield(); }
    }
    reader.join();
    CHECK(wrong == 0);
    CHECK(looked_up > 0);
}
