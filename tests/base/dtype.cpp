#include <varscope/base/dtype.hpp>

#include "catch.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <set>
#include <string_view>
#include <type_traits>
#include <vector>

namespace {

using varscope::bfloat16;
using varscope::dtype;
using varscope::float16;

constexpr float infinity = std::numeric_limits<float>::infinity();

std::vector<dtype> all_dtypes() {
    std::vector<dtype> types;
    for (std::size_t i = 0; i < varscope::detail::dtype_table.size(); ++i) {
        types.push_back(static_cast<dtype>(i));
    }
    return types;
}

/// What the formats differ in, for laws that both obey.
template <class Number>
struct format;
template <>
struct format<float16> {
    static constexpr int mantissa_bits = 10;
    static constexpr int bias = 15;
    static constexpr std::uint16_t infinity_bits = 0x7c00;
};
template <>
struct format<bfloat16> {
    static constexpr int mantissa_bits = 7;
    static constexpr int bias = 127;
    static constexpr std::uint16_t infinity_bits = 0x7f80;
};

/// The value of a pattern without sign, by IEEE 754-2019, section 3.4.
template <class Number>
double value_of(int bits) {
    const int mantissa = bits & ((1 << format<Number>::mantissa_bits) - 1);
    const int exponent = bits >> format<Number>::mantissa_bits;
    const int lowest = 1 - format<Number>::bias - format<Number>::mantissa_bits;
    if (exponent == 0) { return std::ldexp(mantissa, lowest); }
    return std::ldexp(mantissa + (1 << format<Number>::mantissa_bits), lowest + exponent - 1);
}

template <class Number>
int round_to_bits(double value) {
    return Number(static_cast<float>(value)).bits();
}

} // namespace

TEMPLATE_TEST_CASE(
    "every finite pattern of a 16-bit float has its IEEE value", "[dtype]", float16, bfloat16) {
    std::vector<int> wrong;
    for (int bits = 0; bits < format<TestType>::infinity_bits; ++bits) {
        const auto pattern = static_cast<std::uint16_t>(bits);
        const auto negative = static_cast<std::uint16_t>(bits | 0x8000);
        const double value = value_of<TestType>(bits);
        if (double{float{TestType::from_bits(pattern)}} != value ||
            double{float{TestType::from_bits(negative)}} != -value) {
            wrong.push_back(bits);
        }
    }
    CHECK(wrong == std::vector<int>{});
}

TEMPLATE_TEST_CASE(
    "all patterns of a 16-bit float survive the way through float", "[dtype]", float16, bfloat16) {
    constexpr int quiet = 1 << (format<TestType>::mantissa_bits - 1);
    std::vector<int> wrong;
    for (int bits = 0; bits <= 0xffff; ++bits) {
        const auto pattern = static_cast<std::uint16_t>(bits);
        const bool is_nan = (bits & 0x7fff) > format<TestType>::infinity_bits;
        const int expected = is_nan ? bits | quiet : bits;
        if (TestType(float{TestType::from_bits(pattern)}).bits() != expected) {
            wrong.push_back(bits);
        }
    }
    CHECK(wrong == std::vector<int>{});
}

TEMPLATE_TEST_CASE(
    "a float rounds to the nearest 16-bit float, ties to even", "[dtype]", float16, bfloat16) {
    // Between each two neighbours: the middle, and the floats next to it on either side. The middle
    // has one bit more than they have, so that it is a float.
    std::vector<int> wrong;
    for (int low = 0; low + 1 < format<TestType>::infinity_bits; ++low) {
        const int high = low + 1;
        const int even = low % 2 == 0 ? low : high;
        const auto middle =
            static_cast<float>((value_of<TestType>(low) + value_of<TestType>(high)) / 2);
        const bool is_right = round_to_bits<TestType>(middle) == even &&
            round_to_bits<TestType>(std::nextafter(middle, 0.F)) == low &&
            round_to_bits<TestType>(std::nextafter(middle, infinity)) == high &&
            round_to_bits<TestType>(-middle) == (even | 0x8000);
        if (!is_right) { wrong.push_back(low); }
    }
    CHECK(wrong == std::vector<int>{});
}

TEST_CASE("float16 has the values that IEEE 754 gives as examples", "[dtype]") {
    STATIC_CHECK(float16(1.F).bits() == 0x3c00);
    STATIC_CHECK(float16(-2.F).bits() == 0xc000);
    STATIC_CHECK(float16(1.F / 3.F).bits() == 0x3555);
    STATIC_CHECK(float16(65504.F).bits() == 0x7bff);          // the largest
    STATIC_CHECK(float16(6.103515625e-05F).bits() == 0x0400); // the smallest normal number, 2^-14
    STATIC_CHECK(float16(6.097555e-05F).bits() == 0x03ff);    // the largest subnormal one
    STATIC_CHECK(float16(5.9604645e-08F).bits() == 0x0001);   // the smallest one, 2^-24
    STATIC_CHECK(float16::from_bits(0x3555) == 0.333251953125F);
    STATIC_CHECK(float16().bits() == 0);
}

TEST_CASE("float16 overflows to infinity from half a step beyond its largest value", "[dtype]") {
    CHECK(float16(65519.996F).bits() == 0x7bff);
    CHECK(float16(65520.F).bits() == 0x7c00);
    CHECK(float16(-65520.F).bits() == 0xfc00);
    CHECK(float16(std::numeric_limits<float>::max()).bits() == 0x7c00);
}

TEST_CASE("float16 underflows to a zero that keeps the sign", "[dtype]") {
    const float half_of_smallest = std::ldexp(1.F, -25);
    CHECK(float16(half_of_smallest).bits() == 0x0000); // a tie, to even
    CHECK(float16(-half_of_smallest).bits() == 0x8000);
    CHECK(float16(std::nextafter(half_of_smallest, 1.F)).bits() == 0x0001);
    CHECK(float16(std::numeric_limits<float>::denorm_min()).bits() == 0x0000);
    CHECK(float16(-0.F).bits() == 0x8000);
    CHECK(std::signbit(float{float16::from_bits(0x8000)}));
}

TEST_CASE("bfloat16 has the upper half of a float, rounded", "[dtype]") {
    STATIC_CHECK(bfloat16(1.F).bits() == 0x3f80);
    STATIC_CHECK(bfloat16(-2.F).bits() == 0xc000);
    STATIC_CHECK(bfloat16(3.14159274F).bits() == 0x4049);
    STATIC_CHECK(bfloat16::from_bits(0x4049) == 3.140625F);
    // Nearer to what would follow the largest, 0x7f7f.
    CHECK(bfloat16(std::numeric_limits<float>::max()).bits() == 0x7f80);
    CHECK(bfloat16(-std::numeric_limits<float>::max()).bits() == 0xff80);
    CHECK(bfloat16(std::numeric_limits<float>::denorm_min()).bits() == 0x0000);
}

TEMPLATE_TEST_CASE(
    "infinities and NaN stay what they are in a 16-bit float", "[dtype]", float16, bfloat16) {
    CHECK(TestType(infinity).bits() == format<TestType>::infinity_bits);
    CHECK(TestType(-infinity).bits() == (format<TestType>::infinity_bits | 0x8000));
    CHECK(float{TestType(infinity)} == infinity);
    // NaN with only the lowest bit set, which the narrower mantissa cannot hold.
    for (const std::uint32_t bits : {0x7f800001U, 0xff800001U, 0x7fc00000U, 0x7fffffffU}) {
        CHECK(std::isnan(float{TestType(std::bit_cast<float>(bits))}));
    }
}

TEST_CASE("each dtype has a name that leads back to it", "[dtype]") {
    std::set<std::string_view> names;
    for (const dtype type : all_dtypes()) {
        CHECK(varscope::dtype_from_string(to_string(type)) == type);
        names.insert(to_string(type));
    }
    CHECK(names.size() == all_dtypes().size());
}

TEST_CASE("names of dtypes are TensorFlow's", "[dtype]") {
    CHECK(to_string(dtype::float16) == "float16");
    CHECK(to_string(dtype::bfloat16) == "bfloat16");
    CHECK(to_string(dtype::float32) == "float32");
    CHECK(to_string(dtype::int64) == "int64");
    CHECK(to_string(dtype::uint8) == "uint8");
    CHECK(to_string(dtype::boolean) == "bool");
    CHECK(to_string(dtype::complex128) == "complex128");
}

TEST_CASE("a name that is no dtype's gives none", "[dtype]") {
    for (const std::string_view name :
        {"", "float", "Float32", "float32 ", "string", "float32_ref"}) {
        CHECK(varscope::dtype_from_string(name) == std::nullopt);
    }
}

TEST_CASE("visiting a dtype gives the C++ type that it stands for", "[dtype]") {
    for (const dtype type : all_dtypes()) {
        varscope::visit_dtype(type, [type]<class T>(std::type_identity<T>) {
            CHECK(varscope::dtype_of<T> == type);
            CHECK(varscope::size_of(type) == sizeof(T));
        });
    }
}

TEST_CASE("visiting a dtype returns what the function returns", "[dtype]") {
    const auto size = [](auto type) { return sizeof(typename decltype(type)::type); };
    CHECK(varscope::visit_dtype(dtype::complex64, size) == 8);
}

TEST_CASE("integers are told apart by size and sign, not by their name in C++", "[dtype]") {
    STATIC_CHECK(varscope::dtype_of<signed char> == dtype::int8);
    STATIC_CHECK(varscope::dtype_of<unsigned char> == dtype::uint8);
    STATIC_CHECK(varscope::dtype_of<short> == dtype::int16);
    STATIC_CHECK(varscope::dtype_of<int> == dtype::int32);
    STATIC_CHECK(varscope::dtype_of<long long> == dtype::int64);
    STATIC_CHECK(varscope::dtype_of<unsigned long long> == dtype::uint64);
    STATIC_CHECK(varscope::dtype_of<long> == (sizeof(long) == 8 ? dtype::int64 : dtype::int32));
}

TEST_CASE("text, references, constants and other types are no elements", "[dtype]") {
    STATIC_CHECK(varscope::element<float>);
    STATIC_CHECK_FALSE(varscope::element<const float>);
    STATIC_CHECK_FALSE(varscope::element<float&>);
    STATIC_CHECK_FALSE(varscope::element<long double>);
    STATIC_CHECK_FALSE(varscope::element<char>);
    STATIC_CHECK_FALSE(varscope::element<char8_t>);
    STATIC_CHECK_FALSE(varscope::element<wchar_t>);
    STATIC_CHECK_FALSE(varscope::element<std::complex<int>>);
    STATIC_CHECK_FALSE(varscope::element<void>);
    STATIC_CHECK_FALSE(varscope::element<dtype>);
}

TEST_CASE("a dtype is floating, complex, an integer or bool, and only one of them", "[dtype]") {
    for (const dtype type : all_dtypes()) {
        const bool is_boolean = type == dtype::boolean;
        CHECK(is_floating(type) + is_complex(type) + is_integer(type) + is_boolean == 1);
    }
    CHECK(is_floating(dtype::bfloat16));
    CHECK(is_complex(dtype::complex64));
    CHECK(is_integer(dtype::uint64));
}
