#include <varscope/base/arena.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

using varscope::detail::arena;

TEST_CASE("pieces of an arena are aligned and do not overlap", "[arena]") {
    arena memory;
    std::mt19937 engine(1);
    struct piece {
        unsigned char* at;
        std::size_t size;
        unsigned char mark;
    };
    std::vector<piece> pieces;
    for (unsigned i = 0; i < 5000; ++i) {
        const std::size_t size = i % 1000 == 999 ? 100'000 : engine() % 200;
        const std::size_t alignment = std::size_t{1} << engine() % 5;
        auto* const at = static_cast<unsigned char*>(memory.allocate(size, alignment));
        REQUIRE(reinterpret_cast<std::uintptr_t>(at) % alignment == 0);
        std::memset(at, static_cast<int>(i % 251), size);
        pieces.push_back({at, size, static_cast<unsigned char>(i % 251)});
    }
    CHECK(std::ranges::all_of(pieces, [](const piece& p) {
        return std::all_of(p.at, p.at + p.size, [&](unsigned char c) { return c == p.mark; });
    }));
}

TEST_CASE("a text copied to an arena outlives the original", "[arena]") {
    arena memory;
    std::string original = "scope/kernel";
    const auto copy = memory.copy(original);
    original.assign(original.size(), 'x');
    CHECK(copy == "scope/kernel");
    CHECK(memory.copy("").empty());
}

TEST_CASE("an arena makes objects from their arguments", "[arena]") {
    struct point {
        int x;
        double y;
    };
    arena memory;
    const auto* const made = memory.create<point>(1, 2.5);
    CHECK(made->x == 1);
    CHECK(made->y == 2.5);
}
