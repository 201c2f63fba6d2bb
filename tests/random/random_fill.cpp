#include <varscope/random/random_fill.hpp>

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace {

using namespace varscope;
using detail::random_stream;

constexpr random_stream kernel{0x0123456789abcdefU, detail::stream_of("encoder/layer_0/kernel")};
constexpr std::array<dtype, 4> floating_types{dtype::float16, dtype::bfloat16, dtype::float32, dtype::float64};

using fill_function = void (*)(dtype, void*, std::uint64_t, std::size_t, const random_stream&, double, double,
                               unsigned threads);

struct named_fill {
    const char* name;
    fill_function fill;
};
constexpr std::array<named_fill, 3> fills{{{"uniform", detail::fill_uniform},
                                           {"normal", detail::fill_normal},
                                           {"truncated normal", detail::fill_truncated_normal}}};

template <class T>
std::vector<T> filled(fill_function fill, std::uint64_t first, std::size_t count, double a, double b,
                      const random_stream& from = kernel, unsigned threads = 1) {
    std::vector<T> result(count);
    fill(dtype_of<T>, result.data(), first, count, from, a, b, threads);
    return result;
}

std::vector<double> doubles(dtype type, fill_function fill, std::size_t count, double a, double b) {
    return visit_dtype(type, [&]<class T>(std::type_identity<T>) {
        std::vector<double> result;
        if constexpr (detail::floating_element<T>) {
            for (const T value : filled<T>(fill, 0, count, a, b)) { result.push_back(static_cast<double>(value)); }
        }
        return result;
    });
}

template <class T> std::vector<T> integers(std::size_t count, std::int64_t low, std::int64_t high) {
    std::vector<T> result(count);
    detail::fill_uniform_integer(dtype_of<T>, result.data(), 0, count, kernel, low, high);
    return result;
}

double normal_cdf(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }

double truncated_cdf(double x) {
    return (normal_cdf(x) - normal_cdf(-2)) / (normal_cdf(2) - normal_cdf(-2));
}

/// The Kolmogorov-Smirnov distance of a sample from a distribution, times sqrt(n).
template <class Cdf> double distance(std::vector<double> sample, Cdf cdf) {
    std::sort(sample.begin(), sample.end());
    const auto n = static_cast<double>(sample.size());
    double result = 0;
    for (std::size_t i = 0; i < sample.size(); ++i) {
        const double expected = cdf(sample[i]);
        const auto below = static_cast<double>(i);
        result = std::max({result, expected - below / n, (below + 1) / n - expected});
    }
    return result * std::sqrt(n);
}
constexpr double unlikely_distance = 1.95; // exceeded once in a thousand samples; the seed is fixed

double relative_error(double got, double expected) { return std::abs(got / expected - 1); }

} // namespace

TEST_CASE("the stream of a name is its 64-bit FNV-1a hash", "[random]") {
    // The test vectors of the algorithm's authors, and one calculated in Python.
    STATIC_REQUIRE(detail::stream_of("") == 0xcbf29ce484222325U);
    STATIC_REQUIRE(detail::stream_of("a") == 0xaf63dc4c8601ec8cU);
    STATIC_REQUIRE(detail::stream_of("foobar") == 0x85944171f73967e8U);
    STATIC_REQUIRE(detail::stream_of("encoder/layer_0/kernel") == 0x64c0a6332391b776U);
    CHECK(detail::stream_of("\xc3\xa9") == ((0xcbf29ce484222325U ^ 0xc3U) * 0x100000001b3U ^ 0xa9U) * 0x100000001b3U);
}

TEST_CASE("every partition into ranges gives the same numbers", "[random]") {
    constexpr std::size_t count = 500;
    const std::uint64_t first = GENERATE(std::uint64_t{0}, std::uint64_t{7}, (std::uint64_t{1} << 35) - 250);
    const std::size_t part = GENERATE(as<std::size_t>{}, 1, 2, 3, 5, 31, 32, 33, 64, 499);
    const auto check = [&](std::size_t size, auto fill) {
        std::vector<unsigned char> whole(count * size);
        fill(whole.data(), first, count);
        std::vector<unsigned char> parts(count * size);
        const std::size_t last = (count - 1) / part * part;
        for (std::size_t at = last;; at -= part) { // backwards: the order must not matter
            fill(parts.data() + at * size, first + at, std::min(part, count - at));
            if (at == 0) { break; }
        }
        CHECK(whole == parts);
    };
    for (const dtype type : floating_types) {
        for (const auto& [name, fill] : fills) {
            INFO(name << " " << to_string(type));
            const auto function = fill;
            check(size_of(type), [&](void* data, std::uint64_t from, std::size_t n) {
                function(type, data, from, n, kernel, 0.25, 1.5, 1);
            });
        }
    }
    for (const dtype type : {dtype::int8, dtype::uint16, dtype::int64}) {
        INFO(to_string(type));
        check(size_of(type), [&](void* data, std::uint64_t from, std::size_t n) {
            detail::fill_uniform_integer(type, data, from, n, kernel, 3, 90);
        });
    }
}

TEST_CASE("nothing beyond the range is written", "[random]") {
    for (const auto& [name, fill] : fills) {
        INFO(name);
        std::array<float, 9> data{};
        fill(dtype::float32, data.data() + 2, 3, 5, kernel, 1.0, 2.0, 1);
        CHECK((data[0] == 0 && data[1] == 0 && data[7] == 0 && data[8] == 0));
        CHECK(std::none_of(data.begin() + 2, data.begin() + 7, [](float x) { return x == 0; }));
        fill(dtype::float32, nullptr, 3, 0, kernel, 1.0, 2.0, 1);
    }
}

// The contract. Made by a second implementation in Python: integers for Philox, then the formulas in mpmath with 40
// digits, rounded once (uniform float64: in double). The first element's block needs more than 32 bits.
TEST_CASE("the numbers of a seed and name never change", "[random]") {
    constexpr std::uint64_t first = (std::uint64_t{1} << 34) + 5;
    using float_bits = std::array<std::uint32_t, 8>;
    using double_bits = std::array<std::uint64_t, 8>;
    const auto bits32 = [](fill_function fill, double a, double b) {
        const std::vector<float> values = filled<float>(fill, first, 8, a, b);
        float_bits result{};
        std::transform(values.begin(), values.end(), result.begin(), std::bit_cast<std::uint32_t, float>);
        return result;
    };
    const auto bits64 = [](fill_function fill, double a, double b) {
        const std::vector<double> values = filled<double>(fill, first, 8, a, b);
        double_bits result{};
        std::transform(values.begin(), values.end(), result.begin(), std::bit_cast<std::uint64_t, double>);
        return result;
    };
    CHECK(bits32(detail::fill_uniform, -0.25, 0.5) == float_bits{
              0xbe663750U, 0xbda9eee5U, 0xbe444bd1U, 0x3e5dec69U,
              0x3cc509ddU, 0x3dae3360U, 0x3de315e8U, 0xbe3a9b0aU});
    CHECK(bits32(detail::fill_normal, 0.5, 2) == float_bits{
              0xc04a544dU, 0xbf835afdU, 0xc015d114U, 0x3f8fbf95U,
              0xbe409e97U, 0x3e6dcbb0U, 0x3ecfa9e0U, 0xc00b55e0U});
    CHECK(bits32(detail::fill_truncated_normal, 0.5, 2) == float_bits{
              0xc02ccdf3U, 0xbf71619fU, 0xc0064961U, 0x3f8c022dU,
              0xbe1f5af4U, 0x3e7a577fU, 0x3ed1dd4bU, 0xbffb5cc8U});
    CHECK(bits64(detail::fill_uniform, -0.25, 0.5) == double_bits{
              0xbfc56da5393127d8U, 0x3fd4987539445b30U, 0xbfc29b44c5baba1aU, 0x3fc31cfd17a01330U,
              0x3f663baeb6a64b00U, 0x3fb099fe6609c83cU, 0x3fcf0b6fa0a2f934U, 0x3fc66c67a27de86cU});
    // Recorded from this library: steps in double differ from the exact results by at most 4 units of 2^-53.
    CHECK(bits64(detail::fill_normal, 0.5, 2) == double_bits{
              0xbfff3a69728fad8cU, 0x3ffed9a2924a8699U, 0xbffaa3d4e1fe7b34U, 0x3fe5354e6ca8b986U,
              0xbfd5dca51faa993aU, 0x3fb85e3e5a43f6b8U, 0x3ff4e9987d14d769U, 0x3feac8f3f1e03250U});
    CHECK(bits64(detail::fill_truncated_normal, 0.5, 2) == double_bits{
              0xbffc5eb053a1a4a4U, 0x3ffda17a148ebda3U, 0xbff85d37199272faU, 0x3fe4f883f7a396deU,
              0xbfd345aacd606be8U, 0x3fbd24d66f806ae0U, 0x3ff44b5cf8d119cbU, 0x3fea4a36db836f69U});

    std::array<std::int64_t, 8> whole{};
    detail::fill_uniform_integer(dtype::int64, whole.data(), first, whole.size(), kernel, -1'000'000'000'000'000'000,
                                 3'000'000'000'000'000'000);
    CHECK(whole == std::array<std::int64_t, 8>{
              2505112595607838818, 1982966432423014533, 2654148047792984929, 542663951554403486,
              2937962665676146705, -862456665591774207, 2737935912222227069, 2817010424724759368});
}

TEST_CASE("the logarithm and the normal quantile agree with 40-digit values", "[random]") {
    constexpr double tolerance = 4 * std::numeric_limits<double>::epsilon();
    constexpr std::array<std::pair<double, double>, 11> logarithms{{ // by mpmath
        {0x1.0000000000000p-54, -0x1.2b708872320e2p+5},
        {0x1.b7cdfd9d7bdbbp-34, -0x1.7069e2aa2aa5bp+4},
        {0x1.0624dd2f1a9fcp-10, -0x1.ba18a998fffa0p+2},
        {0x1.73eab367a0f91p-6, -0x1.e487abcf93100p+1},
        {0x1.3333333333333p-4, -0x1.4b8ddfddbf088p+1},
        {0x1.0000000000000p-1, -0x1.62e42fefa39efp-1},
        {0x1.6a09e65dc27dfp-1, -0x1.62e4300c77ae8p-2},
        {0x1.6a161e4f765fep-1, -0x1.62c1a17840101p-2},
        {0x1.8000000000000p+0, 0x1.9f323ecbf984cp-2},
        {0x1.4000000000000p+3, 0x1.26bb1bbb55516p+1},
        {0x1.7e43c8800759cp+996, 0x1.5963447f87fb5p+9},
    }};
    for (const auto& [x, expected] : logarithms) {
        CAPTURE(x);
        CHECK(relative_error(detail::exact_log(x), expected) < tolerance);
    }
    CHECK(detail::exact_log(1.0) == 0);
    constexpr std::array<std::pair<double, double>, 14> quantiles{{ // of 1/2 + q, by mpmath
        {0x1.0624dd2f1a9fcp-10, 0x1.488c93793e589p-9},
        {0x1.999999999999ap-4, 0x1.036d6c4a04b5bp-2},
        {0x1.0000000000000p-2, 0x1.5956b87528a49p-1},
        {0x1.ae147ae147ae1p-2, 0x1.67b2c51011ceep+0},
        {0x1.b333333333333p-2, 0x1.7085226d3e524p+0},
        {0x1.b33339e92fd9ep-2, 0x1.70852e475e818p+0},
        {0x1.ccccccccccccdp-2, 0x1.a515209676abep+0},
        {0x1.e872b020c49bap-2, 0x1.fed21891d3f73p+0},
        {0x1.f5c28f5c28f5cp-2, 0x1.29c5c4630ff0ep+1},
        {0x1.fef9db22d0e56p-2, 0x1.8b8cbb7204470p+1},
        {0x1.fffff94a03595p-2, 0x1.4cc1f26b16f84p+2},
        {0x1.fffffffe00000p-2, 0x1.95a1198fcf3d6p+2},
        {0x1.fffffffffc000p-2, 0x1.c30d8560989abp+2},
        {0x1.fffffffffffffp-2, 0x1.095b059d67c4cp+3},
    }};
    for (const auto& [q, expected] : quantiles) {
        CAPTURE(q);
        CHECK(relative_error(detail::normal_quantile(q), expected) < tolerance);
        CHECK(detail::normal_quantile(-q) == -detail::normal_quantile(q));
    }
    CHECK(detail::normal_quantile(0) == 0);
}

TEST_CASE("the normal quantile inverts the distribution function everywhere", "[random]") {
    // In a tail of size p, an error dx of the quantile x changes the tail by about p x dx.
    double worst = 0;
    for (int i = 1; i <= 20'000; ++i) {
        const double p = 0.5 * std::pow(0.998, i); // down to 2^-58
        const double q = p - 0.5;
        if (q <= -0.5) { break; }
        worst = std::max(worst, relative_error(normal_cdf(detail::normal_quantile(q)), 0.5 + q));
    }
    // At the far end x^2 is 68, and x has one or two roundings here and as many in `normal_cdf`.
    CHECK(worst < 256 * std::numeric_limits<double>::epsilon());
}

TEST_CASE("mean and variance are those of the distribution", "[random]") {
    constexpr std::size_t count = 1'000'000;
    struct expectation {
        fill_function fill;
        double a, b, mean, variance, kurtosis; // kurtosis: fourth central moment over variance squared
    };
    // Truncated at two standard deviations: by mpmath, variance 1 - 4 phi(2) / erf(sqrt(2)), fourth moment 1.4162.
    constexpr double truncated = 0.77374130354992325;
    const expectation expected =
        GENERATE(expectation{detail::fill_uniform, -1, 3, 1, 16.0 / 12, 1.8},
                 expectation{detail::fill_normal, 0.5, 2, 0.5, 4, 3},
                 expectation{detail::fill_truncated_normal, 0.5, 2, 0.5, 4 * truncated,
                             1.4161891248494627 / (truncated * truncated)});
    for (const dtype type : floating_types) {
        CAPTURE(to_string(type), expected.mean, expected.variance);
        const std::vector<double> sample = doubles(type, expected.fill, count, expected.a, expected.b);
        double sum = 0;
        for (const double x : sample) { sum += x; }
        const double mean = sum / count;
        double squares = 0;
        for (const double x : sample) { squares += (x - mean) * (x - mean); }
        const double variance = squares / count;
        // Five standard errors, and for the 16-bit types the square of the largest rounding error below 4.
        const double rounding = type == dtype::bfloat16 ? 0x1p-14 : type == dtype::float16 ? 0x1p-20 : 0;
        CHECK(std::abs(mean - expected.mean) < 5 * std::sqrt(expected.variance / count) + rounding);
        CHECK(std::abs(variance - expected.variance) <
              5 * expected.variance * std::sqrt((expected.kurtosis - 1) / count) + rounding);
    }
}

TEST_CASE("samples follow the exact distribution function", "[random]") {
    constexpr std::size_t count = 1'000'000;
    const auto uniform_cdf = [](double x) { return std::clamp(x, 0.0, 1.0); };
    for (const dtype type : {dtype::float32, dtype::float64}) {
        INFO(to_string(type));
        CHECK(distance(doubles(type, detail::fill_uniform, count, 0, 1), uniform_cdf) < unlikely_distance);
        CHECK(distance(doubles(type, detail::fill_normal, count, 0, 1), normal_cdf) < unlikely_distance);
        CHECK(distance(doubles(type, detail::fill_truncated_normal, count, 0, 1), truncated_cdf) < unlikely_distance);
    }
    SECTION("and the test can tell distributions apart") {
        CHECK(distance(doubles(dtype::float32, detail::fill_normal, count, 0, 1), truncated_cdf) > 10);
        CHECK(distance(doubles(dtype::float32, detail::fill_normal, count, 0.005, 1), normal_cdf) > unlikely_distance);
    }
}

TEST_CASE("other seeds, names and elements have unrelated numbers", "[random]") {
    constexpr std::size_t count = 100'000;
    const std::vector<double> base = filled<double>(detail::fill_normal, 0, count, 0, 1);
    const auto correlation = [&](const std::vector<double>& other) {
        double sum = 0;
        for (std::size_t i = 0; i < count; ++i) { sum += base[i] * other[i]; }
        return std::abs(sum) / std::sqrt(static_cast<double>(count)); // in standard errors
    };
    CHECK(correlation(base) > 100);
    CHECK(correlation(filled<double>(detail::fill_normal, 0, count, 0, 1, {kernel.seed + 1, kernel.stream})) < 4);
    CHECK(correlation(filled<double>(detail::fill_normal, 0, count, 0, 1, {kernel.seed, kernel.stream + 1})) < 4);
    CHECK(correlation(filled<double>(detail::fill_normal, 0, count, 0, 1,
                                     {kernel.seed + (std::uint64_t{1} << 32), kernel.stream})) < 4);
    CHECK(correlation(filled<double>(detail::fill_normal, 1, count, 0, 1)) < 4);
    CHECK(correlation(filled<double>(detail::fill_normal, 2, count, 0, 1)) < 4);
}

TEMPLATE_TEST_CASE("uniform numbers include the lower limit and never the upper one", "[random]", float16, bfloat16,
                   float, double) {
    // With four numbers in the interval, plain rounding would give `high` once in eight times.
    const auto below_two = static_cast<double>(detail::next_below(TestType{2.0F}));
    const double step = 2 - below_two;
    const std::vector<TestType> sample = filled<TestType>(detail::fill_uniform, 0, 10'000, 1, 1 + 4 * step);
    const auto count = [&](double value) {
        return std::count_if(sample.begin(), sample.end(),
                             [&](TestType x) { return static_cast<double>(x) == value; });
    };
    CHECK(count(1) > 0);
    CHECK(count(1 + 3 * step) > 0);
    CHECK(count(1) + count(1 + step) + count(1 + 2 * step) + count(1 + 3 * step) == 10'000);

    const auto all_in = [](double low, double high) { // [low, high)
        const std::vector<TestType> values = filled<TestType>(detail::fill_uniform, 0, 10'000, low, high);
        return std::all_of(values.begin(), values.end(), [&](TestType x) {
            return static_cast<double>(x) >= low && static_cast<double>(x) < high;
        });
    };
    CHECK(all_in(0, 1));
    CHECK(all_in(-1, 0));
    CHECK(all_in(-1e-3, 1e-3));
    CHECK(all_in(1 + 0.5 * step, 1 + 3.5 * step)); // limits that the type cannot express
    CHECK(all_in(-1 - 3.5 * step, -1 - 0.5 * step));
    if constexpr (sizeof(TestType) < sizeof(double)) {
        CHECK_FALSE(all_in(1 + 0.4 * step, 1 + 0.45 * step)); // without a number of the type: the nearest
        CHECK(static_cast<double>(
                  filled<TestType>(detail::fill_uniform, 0, 1, 1 + 0.4 * step, 1 + 0.45 * step)[0]) == 1);
    }
}

TEMPLATE_TEST_CASE("truncated normal numbers stay within two standard deviations after rounding", "[random]", float16,
                   bfloat16, float, double) {
    for (const auto& [mean, stddev] : {std::pair{0.0, 0.1}, {0.3, 0.7}, {-5.0, 1e-3}, {1.0, 1e5}}) {
        CAPTURE(mean, stddev);
        double low = mean;
        double high = mean;
        for (const TestType x : filled<TestType>(detail::fill_truncated_normal, 0, 100'000, mean, stddev)) {
            low = std::min(low, static_cast<double>(x));
            high = std::max(high, static_cast<double>(x));
        }
        CHECK(low >= mean - 2 * stddev);
        CHECK(high <= mean + 2 * stddev);
    }
}

TEMPLATE_TEST_CASE("a standard deviation of zero gives the mean", "[random]", float16, bfloat16, float, double) {
    const TestType mean = detail::round_to<TestType>(0.1);
    for (const fill_function fill : {detail::fill_normal, detail::fill_truncated_normal}) {
        const std::vector<TestType> sample = filled<TestType>(fill, 0, 100, 0.1, 0);
        CHECK(std::all_of(sample.begin(), sample.end(),
                          [&](TestType x) { return static_cast<double>(x) == static_cast<double>(mean); }));
    }
}

TEMPLATE_TEST_CASE("16-bit numbers are those of float32, rounded", "[random]", float16, bfloat16) {
    for (const fill_function fill : {detail::fill_normal, detail::fill_truncated_normal}) {
        const std::vector<float> wide = filled<float>(fill, 9, 10'000, 0, 1);
        const std::vector<TestType> narrow = filled<TestType>(fill, 9, 10'000, 0, 1);
        CHECK(std::equal(wide.begin(), wide.end(), narrow.begin(),
                         [](float x, TestType y) { return TestType{x}.bits() == y.bits(); }));
    }
}

TEST_CASE("normal numbers too large for the type become its largest", "[random]") {
    for (const dtype type : {dtype::float16, dtype::bfloat16, dtype::float32}) {
        CAPTURE(to_string(type));
        const double largest = type == dtype::float16    ? 65504
                               : type == dtype::bfloat16 ? 0x1.fep127
                                                         : std::numeric_limits<float>::max();
        const std::vector<double> sample = doubles(type, detail::fill_normal, 1000, 0, 4 * largest);
        CHECK(*std::max_element(sample.begin(), sample.end()) == largest);
        CHECK(*std::min_element(sample.begin(), sample.end()) == -largest);
    }
}

TEST_CASE("whole numbers are equally frequent and the same for every type", "[random]") {
    constexpr std::size_t count = 700'000;
    const std::vector<std::int8_t> sample = integers<std::int8_t>(count, -3, 4);
    std::array<double, 7> frequency{};
    for (const std::int8_t x : sample) { ++frequency.at(static_cast<std::size_t>(x + 3)); }
    double chi_squared = 0;
    for (const double f : frequency) { chi_squared += (f - 100'000) * (f - 100'000) / 100'000; }
    CHECK(chi_squared < 22.46); // 6 degrees of freedom: exceeded once in a thousand samples

    const auto same = [&](auto other) { return std::equal(sample.begin(), sample.end(), other.begin()); };
    CHECK(same(integers<std::int16_t>(count, -3, 4)));
    CHECK(same(integers<std::int32_t>(count, -3, 4)));
    CHECK(same(integers<std::int64_t>(count, -3, 4)));
    CHECK(same(filled<std::int32_t>(detail::fill_uniform, 0, count, -3, 4)));
}

TEST_CASE("whole numbers reach both ends of their type and no further", "[random]") {
    const auto [low, high] = [](const auto& sample) {
        const auto ends = std::minmax_element(sample.begin(), sample.end());
        return std::pair<int, int>{*ends.first, *ends.second};
    }(integers<std::int8_t>(10'000, -128, 128));
    CHECK((low == -128 && high == 127));
    CHECK(integers<std::uint8_t>(3, 255, 256) == std::vector<std::uint8_t>{255, 255, 255});
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    CHECK(integers<std::uint64_t>(1, most - 1, most) == std::vector<std::uint64_t>{0x7ffffffffffffffeU});
}

TEST_CASE("whole numbers of a range near 2^64 are not favoured by their remainder", "[random]") {
    // 64 random bits would give every third of these 3 2^62 numbers twice as often as the others.
    constexpr std::int64_t third = std::int64_t{1} << 61;
    constexpr std::size_t count = 90'000;
    std::array<double, 3> frequency{};
    for (const std::int64_t x : integers<std::int64_t>(count, -3 * third, 3 * third)) {
        ++frequency.at((static_cast<std::uint64_t>(x) + 3 * static_cast<std::uint64_t>(third)) % 3);
    }
    for (const double f : frequency) { CHECK(std::abs(f - 30'000) < 5 * std::sqrt(20'000.0)); }
}

TEST_CASE("any number of threads makes the same bits", "[random]") {
    constexpr std::size_t count = detail::fewest_for_threads + 4'321;
    constexpr std::uint64_t first = 5; // not where a block begins
    const unsigned threads = GENERATE(0U, 2U, 3U, 7U);
    CAPTURE(threads);
    const auto check = [&](std::size_t size, auto fill) {
        std::vector<unsigned char> alone(count * size);
        std::vector<unsigned char> together(count * size);
        fill(alone.data(), 1U);
        fill(together.data(), threads);
        CHECK(alone == together);
    };
    for (const auto& [name, fill] : fills) {
        const auto function = fill;
        for (const dtype type : {dtype::float16, dtype::float32, dtype::float64}) {
            INFO(name << " " << to_string(type));
            check(size_of(type), [&](void* data, unsigned n) { function(type, data, first, count, kernel, 0.25, 1.5, n); });
        }
    }
    check(sizeof(std::int16_t), [&](void* data, unsigned n) {
        detail::fill_uniform_integer(dtype::int16, data, first, count, kernel, -300, 90, n);
    });
}
