/// \file
/// Catch2 for the tests, which are written for version 3; adds what version 2.13 lacks of it.
///
/// Also tells Catch2 how to print types of the library in failure messages.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/error.hpp>
#include <varscope/base/shape.hpp>

#define CATCH_CONFIG_ENABLE_ALL_STRINGMAKERS
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#define VARSCOPE_TESTS_CATCH_2
#endif

#include <exception>
#include <string>

#ifdef VARSCOPE_TESTS_CATCH_2

namespace Catch {

using Detail::Approx;

namespace Matchers {

using Impl::MatcherBase;

inline auto ContainsSubstring(const std::string& text) { return Contains(text); }

/// Applies a matcher of strings to what an exception says.
template <class Matcher>
class message_matches : public MatcherBase<std::exception> {
public:
    explicit message_matches(const Matcher& matcher) : matcher_{matcher} {}
    bool match(const std::exception& e) const override { return matcher_.match(e.what()); }
    std::string describe() const override { return "message " + matcher_.toString(); }

private:
    Matcher matcher_; // if combined from others, refers to them: use within one expression
};

template <class Matcher>
auto MessageMatches(const Matcher& matcher) {
    return message_matches<Matcher>{matcher};
}

} // namespace Matchers
} // namespace Catch

#define STATIC_CHECK(...) STATIC_REQUIRE(__VA_ARGS__)
#define STATIC_CHECK_FALSE(...) STATIC_REQUIRE_FALSE(__VA_ARGS__)
/// Leaves a test case; CTest reports it as skipped.
#define SKIP(...)                                                                                  \
    do {                                                                                           \
        WARN("skipped: " << __VA_ARGS__);                                                          \
        return;                                                                                    \
    } while (false)

#endif

namespace Catch {

template <>
struct StringMaker<varscope::dtype> {
    static std::string convert(varscope::dtype type) { return std::string(to_string(type)); }
};
template <>
struct StringMaker<varscope::error_kind> {
    static std::string convert(varscope::error_kind kind) { return std::string(to_string(kind)); }
};
template <>
struct StringMaker<varscope::shape> {
    static std::string convert(const varscope::shape& shape) { return to_string(shape); }
};

} // namespace Catch
