#include <varscope/base/array_value.hpp>
#include <varscope/base/xtensor.hpp>

#include "catch.hpp"

#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xview.hpp>
#endif

#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using varscope::array_value;
using varscope::dtype;
using varscope::shape;

constexpr std::size_t dtype_count = varscope::detail::dtype_table.size();

template <class T> std::vector<T> elements_of(const array_value& value) {
    const auto* const first = static_cast<const T*>(value.data());
    return std::vector<T>(first, first + value.size()); // braces would list two bools
}

/// The small number `n`, as T has it.
template <class T> T number(int n) {
    if constexpr (std::is_class_v<T>) {
        return T(static_cast<float>(n)); // 16-bit floats and complex numbers
    } else {
        return static_cast<T>(n);
    }
}

array_value zero_and_one(dtype type) {
    array_value value(type, {2});
    varscope::visit_dtype(type, [&]<class T>(std::type_identity<T>) {
        static_cast<T*>(value.memory())[0] = number<T>(0);
        static_cast<T*>(value.memory())[1] = number<T>(1);
    });
    return value;
}

/// tf.convert_to_tensor(numpy value, dtype), TensorFlow 1.15, as the conformance files record it.
bool is_converted_by_tensorflow(dtype from, dtype to) {
    if (from == to || from == dtype::boolean) { return true; }
    if (is_integer(from)) { return to != dtype::boolean; }
    if (is_floating(from)) { return is_floating(to) || is_complex(to); }
    return is_complex(to);
}

} // namespace

TEST_CASE("a value converts between the element types between which TensorFlow converts, and no others", "[array_value]") {
    for (std::size_t i = 0; i < dtype_count * dtype_count; ++i) {
        const auto from = static_cast<dtype>(i / dtype_count);
        const auto to = static_cast<dtype>(i % dtype_count);
        CAPTURE(from, to);
        const std::optional<array_value> result = zero_and_one(from).converted(to);
        CHECK(result.has_value() == is_converted_by_tensorflow(from, to));
        if (!result) { continue; }
        CHECK(result->type() == to);
        CHECK(result->shape() == shape{2});
        varscope::visit_dtype(to, [&]<class T>(std::type_identity<T>) {
            const std::vector<T> elements = elements_of<T>(*result);
            CHECK(bool(elements[0] == number<T>(0)));
            CHECK(bool(elements[1] == number<T>(1)));
        });
    }
}

TEST_CASE("conversion between integers keeps what the wanted type can express", "[array_value]") {
    const auto wide = array_value(xt::xtensor<std::int64_t, 1>{-128, -1, 127}).converted(dtype::int8);
    CHECK(elements_of<std::int8_t>(wide.value()) == std::vector<std::int8_t>{-128, -1, 127});
    const auto large = array_value(std::uint8_t{255}).converted(dtype::int64);
    CHECK(elements_of<std::int64_t>(large.value()) == std::vector<std::int64_t>{255});
}

TEST_CASE("conversion to a narrower floating type rounds to the nearest number", "[array_value]") {
    const auto narrow = array_value(xt::xtensor<double, 1>{0.1, -2.5, 65504}).converted(dtype::float16);
    const std::vector<varscope::float16> elements = elements_of<varscope::float16>(narrow.value());
    CHECK(elements[0].bits() == 0x2e66); // 0.0999755859375, IEEE 754 binary16
    CHECK(elements[1] == -2.5F);
    CHECK(elements[2] == 65504.F);
    const auto single = array_value(xt::xtensor<double, 1>{0.1}).converted(dtype::float32);
    CHECK(elements_of<float>(single.value()) == std::vector<float>{0.1F});
}

TEST_CASE("conversion between complex types keeps both parts", "[array_value]") {
    const auto narrow = array_value(std::complex<double>(1.5, -2)).converted(dtype::complex64);
    CHECK(elements_of<std::complex<float>>(narrow.value())[0] == std::complex<float>(1.5F, -2.F));
}

TEST_CASE("conversion to the type a value has shares the elements", "[array_value]") {
    const array_value value(xt::xtensor<float, 1>{1.F, 2.F});
    CHECK(value.converted(dtype::float32)->data() == value.data());
}

TEST_CASE("a plain number has the type that TensorFlow gives it", "[array_value]") {
    CHECK(array_value(0.5).type() == dtype::float32);
    CHECK(array_value(0.5F).type() == dtype::float32);
    CHECK(array_value(2).type() == dtype::int32);
    CHECK(array_value(true).type() == dtype::boolean);
    CHECK(array_value(std::int64_t{2}).type() == dtype::int64);
    CHECK(array_value(varscope::bfloat16(1.F)).type() == dtype::bfloat16);
    CHECK(array_value(0.5).shape() == shape());
    CHECK(elements_of<float>(array_value(0.5)) == std::vector<float>{0.5F});
}

TEST_CASE("an array of double keeps its type", "[array_value]") {
    CHECK(array_value(xt::xtensor<double, 0>(0.5)).type() == dtype::float64);
    CHECK(array_value(xt::xtensor<double, 1>{0.5}).type() == dtype::float64);
}

TEST_CASE("an expression becomes its elements in row-major order", "[array_value]") {
    const xt::xtensor<int, 2> a{{1, 2, 3}, {4, 5, 6}};
    const array_value sum(a * 10 + xt::xtensor<int, 1>{1, 2, 3});
    CHECK(sum.type() == dtype::int32);
    CHECK(sum.shape() == shape{2, 3});
    CHECK(elements_of<int>(sum) == std::vector<int>{11, 22, 33, 41, 52, 63});
}

TEST_CASE("a view becomes its elements", "[array_value]") {
    const xt::xtensor<int, 2> a{{1, 2, 3}, {4, 5, 6}};
    const array_value view(xt::view(a, xt::all(), xt::range(1, 3)));
    CHECK(view.shape() == shape{2, 2});
    CHECK(elements_of<int>(view) == std::vector<int>{2, 3, 5, 6});
    CHECK(array_value(xt::view(a, xt::all(), xt::all())).shape() == shape{2, 3}); // its shape is a view of the other shape
}

TEST_CASE("a column-major container becomes its elements in row-major order", "[array_value]") {
    const xt::xtensor<int, 2, xt::layout_type::column_major> fixed{{1, 2, 3}, {4, 5, 6}};
    const xt::xarray<int, xt::layout_type::column_major> dynamic = fixed;
    CHECK(elements_of<int>(array_value(fixed)) == std::vector<int>{1, 2, 3, 4, 5, 6});
    CHECK(elements_of<int>(array_value(dynamic)) == std::vector<int>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("an array of any element type is taken over as it is", "[array_value]") {
    for (std::size_t i = 0; i < dtype_count; ++i) {
        varscope::visit_dtype(static_cast<dtype>(i), [&]<class T>(std::type_identity<T>) {
            const xt::xtensor<T, 1> elements{number<T>(1), number<T>(0)};
            const array_value value(elements);
            CHECK(value.type() == static_cast<dtype>(i));
            CHECK(value.bytes() == 2 * sizeof(T));
            CHECK(bool(elements_of<T>(value)[0] == number<T>(1)));
            CHECK(bool(elements_of<T>(value)[1] == number<T>(0)));
        });
    }
}

TEST_CASE("an empty array keeps its shape and converts", "[array_value]") {
    const array_value empty(xt::xtensor<int, 2>::from_shape({0, 3}));
    CHECK(empty.size() == 0);
    CHECK(empty.bytes() == 0);
    const auto result = empty.converted(dtype::float64);
    REQUIRE(result.has_value());
    CHECK(result->shape() == shape{0, 3});
    CHECK(result->type() == dtype::float64);
}

TEST_CASE("copies of a value share its elements", "[array_value]") {
    const array_value value(xt::xtensor<float, 1>{1.F});
    const array_value copy = value; // NOLINT(performance-unnecessary-copy-initialization): what is tested
    CHECK(copy.data() == value.data());
}

TEST_CASE("an array that is yet to be written is zero", "[array_value]") {
    CHECK(elements_of<int>(array_value(dtype::int32, {2, 2})) == std::vector<int>{0, 0, 0, 0});
}

TEST_CASE("an array of more elements than memory can hold is refused", "[array_value]") {
    constexpr std::int64_t large = std::int64_t{1} << 32;
    CHECK_THROWS_AS(array_value(dtype::float32, {large, large}), std::length_error); // 2^66 bytes
    CHECK_THROWS_AS(array_value(dtype::float32, {large / 4, large}), std::length_error); // 2^64
    CHECK_THROWS_AS(array_value(dtype::int8, {0, large, large}), std::length_error);
    CHECK(array_value(dtype::int8, {0, large}).size() == 0);
}

TEST_CASE("elements stand as their type needs, and have the type that stands for their dtype", "[array_value]") {
    for (std::int64_t size = 0; size < 40; ++size) {
        const array_value value(dtype::complex128, {size});
        CHECK(reinterpret_cast<std::uintptr_t>(value.data()) % alignof(std::max_align_t) == 0);
    }
    // Of two types of 8 bytes one is stored; numbers and expressions of the other one become it.
    using other = std::conditional_t<std::is_same_v<std::int64_t, long>, long long, long>;
    CHECK(elements_of<std::int64_t>(array_value(other{1} << 40)) == std::vector<std::int64_t>{std::int64_t{1} << 40});
    CHECK(elements_of<std::int64_t>(array_value(xt::xtensor<other, 1>{3, -4})) == std::vector<std::int64_t>{3, -4});
}
