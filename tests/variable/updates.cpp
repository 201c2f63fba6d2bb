#include <varscope/variable/updates.hpp>

#include "catch.hpp"

#include <cstdint>
#include <limits>

namespace detail = varscope::detail;
using varscope::dtype;

TEST_CASE("elements become others as values given to a variable do", "[updates]") {
    for (std::size_t from = 0; from < detail::dtype_table.size(); ++from) {
        for (std::size_t to = 0; to < detail::dtype_table.size(); ++to) {
            const auto a = static_cast<dtype>(from);
            const auto b = static_cast<dtype>(to);
            INFO(to_string(a) << " to " << to_string(b));
            CHECK(detail::is_implicit_conversion(a, b) ==
                varscope::array_value(a, {1}).converted(b).has_value());
        }
    }
}

TEST_CASE("integers wrap around, of every width", "[updates]") {
    using std::int32_t, std::int8_t, std::uint16_t;
    constexpr int32_t largest = std::numeric_limits<int32_t>::max();
    constexpr int32_t least = std::numeric_limits<int32_t>::min();
    CHECK(detail::add_to_element{}(largest, 1) == least);
    CHECK(detail::subtract_from_element{}(least, 1) == largest);
    CHECK(detail::multiply_element{}(largest, 2) == -2);
    CHECK(detail::add_to_element{}(int8_t{100}, int8_t{100}) == -56);
    CHECK(detail::multiply_element{}(uint16_t{65535}, uint16_t{65535}) == 1);
}

TEST_CASE("the least integer is divided by -1", "[updates]") {
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    CHECK(detail::divide_element{}(least, std::int64_t{-1}) == least);
    CHECK(detail::divide_element{}(7, -1) == -7);
    CHECK(detail::divide_element{}(-7, 2) == -3);
    CHECK(detail::divide_element{}(std::uint8_t{200}, std::uint8_t{255}) == 0);
}

TEST_CASE("halves are calculated as floats", "[updates]") {
    using varscope::float16;
    CHECK(detail::add_to_element{}(float16(1.5F), float16(2.F)) == 3.5F);
    CHECK(detail::divide_element{}(float16(3.F), float16(2.F)) == 1.5F);
    CHECK(detail::take_greater_element{}(float16(3.F), float16(2.F)) == 3.F);
}
