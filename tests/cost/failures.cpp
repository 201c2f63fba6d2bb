// What fails, and is tried again and again, keeps no memory.
#include <varscope/schema/bound.hpp>
#include <varscope/scope/freeze.hpp>
#include <varscope/varscope.hpp>

#include "catch.hpp"
#include "counts.hpp"

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace vs = varscope;

namespace {

constexpr std::size_t elements = 1 << 18; // a mebibyte

constexpr auto refuse = [](const vs::shape&) -> xt::xarray<float> { throw std::runtime_error("refused"); };
struct large {
    static constexpr auto layout = vs::scope("m", vs::var<float, elements>("w"));
};
struct refusing {
    static constexpr auto layout =
        vs::scope("m", vs::var<float, elements>("w"), vs::var<float, elements>("v", {.initializer = refuse}));
};

/// Bytes that a call keeps once it was made a few times.
template <class Call>
std::ptrdiff_t bytes_kept(Call call) {
    for (int i = 0; i < 4; ++i) { call(); }
    const std::size_t before = count_bytes_held();
    call();
    return static_cast<std::ptrdiff_t>(count_bytes_held() - before);
}

} // namespace

TEST_CASE("bytes are counted that are held", "[cost]") {
    const std::size_t before = count_bytes_held();
    std::optional<std::vector<char>> held(std::in_place, 1000);
    CHECK(count_bytes_held() >= before + 1000);
    held.reset();
    CHECK(count_bytes_held() < before + 1000);
}

TEST_CASE("a binding that fails keeps no block of memory", "[cost]") {
    for (const auto storage : {vs::storage::separate, vs::storage::contiguous}) {
        vs::graph g;
        CHECK(bytes_kept([&] { CHECK_THROWS_WITH((vs::bound<refusing>{g, {.storage = storage}}), "refused"); }) < 10'000);
        vs::freeze(g);
        CHECK(bytes_kept([&] { CHECK_THROWS_AS((vs::bound<large>{g, {.storage = storage}}), vs::frozen); }) < 10'000);
    }
}

TEST_CASE("an initial value that cannot be computed keeps no memory", "[cost]") {
    vs::graph g;
    CHECK(bytes_kept([&] {
        CHECK_THROWS_WITH(vs::get_variable(g, "v", {elements}, {.initializer = refuse}), "refused");
    }) < 10'000);
    vs::graph deferred{{.initialization = vs::initialization::deferred}};
    const auto v = vs::get_variable(deferred, "v", {elements}, {.initializer = refuse});
    CHECK(bytes_kept([&] { CHECK_THROWS_WITH(deferred.initialize(v.node()), "refused"); }) < 10'000);
}
