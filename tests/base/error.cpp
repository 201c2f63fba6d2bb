#include <varscope/base/error.hpp>

#include "catch.hpp"
#include "thrown.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <set>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using varscope::error_facts;
using varscope::error_kind;
using varscope::shape;

namespace {

// A type of error of its own kind, made from text and facts.
template <class Error>
error_kind kind_of_made() {
    return Error("text", error_facts{}).kind();
}

} // namespace

TEST_CASE("an error keeps its text, kind, name and places", "[error]") {
    const auto first = std::source_location::current();
    const auto asked = std::source_location::current();
    const varscope::already_exists e(
        "text", {.name = "a/b", .asked_at = asked, .first_defined = first});
    CHECK(e.what() == std::string_view("text"));
    CHECK(e.kind() == error_kind::already_exists);
    CHECK(e.name() == "a/b");
    CHECK(e.asked_at().line() == asked.line());
    CHECK(e.first_defined().value().line() == first.line());
}

TEST_CASE("where nothing was defined before, an error has no first place", "[error]") {
    const varscope::does_not_exist e(
        "text", {.name = "a", .asked_at = std::source_location::current()}, {});
    CHECK_FALSE(e.first_defined().has_value());
}

TEST_CASE("each type of error has its own kind", "[error]") {
    CHECK(kind_of_made<varscope::already_exists>() == error_kind::already_exists);
    CHECK(kind_of_made<varscope::shape_required>() == error_kind::shape_required);
    CHECK(kind_of_made<varscope::bad_shape>() == error_kind::bad_shape);
    CHECK(kind_of_made<varscope::bad_parameter>() == error_kind::bad_parameter);
    CHECK(kind_of_made<varscope::constant_with_shape>() == error_kind::constant_with_shape);
    CHECK(kind_of_made<varscope::initializer_dtype_conflict>() ==
        error_kind::initializer_dtype_conflict);
    CHECK(kind_of_made<varscope::initializer_required>() == error_kind::initializer_required);
    CHECK(kind_of_made<varscope::initializer_signature>() == error_kind::initializer_signature);
    CHECK(kind_of_made<varscope::initial_value_required>() == error_kind::initial_value_required);
    CHECK(kind_of_made<varscope::value_dtype>() == error_kind::value_dtype);
    CHECK(kind_of_made<varscope::duplicate_node>() == error_kind::duplicate_node);
    CHECK(kind_of_made<varscope::scope_required>() == error_kind::scope_required);
    CHECK(kind_of_made<varscope::reuse_without_name>() == error_kind::reuse_without_name);
    CHECK(kind_of_made<varscope::uninitialized>() == error_kind::uninitialized);
    CHECK(kind_of_made<varscope::not_fed>() == error_kind::not_fed);
    CHECK(kind_of_made<varscope::wrong_graph>() == error_kind::wrong_graph);
    CHECK(kind_of_made<varscope::division_by_zero>() == error_kind::division_by_zero);
    CHECK(kind_of_made<varscope::ambiguous_name>() == error_kind::ambiguous_name);
    CHECK(kind_of_made<varscope::invalid_pattern>() == error_kind::invalid_pattern);
}

TEST_CASE("errors carry the facts of their kind", "[error]") {
    SECTION("a missing variable names the nearest keys") {
        const varscope::does_not_exist e("text", {}, {"a/kernel", "a/kernels"});
        CHECK(e.kind() == error_kind::does_not_exist);
        CHECK(e.nearest() == std::vector<std::string>{"a/kernel", "a/kernels"});
    }
    SECTION("a wrong shape names both") {
        const varscope::shape_mismatch e("text", {}, {4, 8}, {8, 4});
        CHECK(e.kind() == error_kind::shape_mismatch);
        CHECK(e.present() == shape{4, 8});
        CHECK(e.asked() == shape{8, 4});
    }
    SECTION("a wrong element type names both") {
        const varscope::dtype_mismatch e(
            "text", {}, varscope::dtype::float32, varscope::dtype::float64);
        CHECK(e.kind() == error_kind::dtype_mismatch);
        CHECK(e.present() == varscope::dtype::float32);
        CHECK(e.asked() == varscope::dtype::float64);
    }
    SECTION("an illegal name has the position of the offending byte") {
        const varscope::invalid_name e("text", {.name = "a b", .asked_at = {}}, 1);
        CHECK(e.kind() == error_kind::invalid_name);
        CHECK(e.position() == 1);
    }
    SECTION("an index that is too large has its limit") {
        const varscope::out_of_range e("text", {}, 7, 4);
        CHECK(e.kind() == error_kind::out_of_range);
        CHECK(e.index() == 7);
        CHECK(e.limit() == 4);
    }
    SECTION("an unknown op names the nearest ones") {
        const varscope::unknown_op e("text", {}, {"a/Add", "a/Add_1"});
        CHECK(e.kind() == error_kind::unknown_op);
        CHECK(e.nearest() == std::vector<std::string>{"a/Add", "a/Add_1"});
    }
    SECTION("a damaged file has an offset, and a missing one has none") {
        const std::uint64_t far = std::uint64_t{1} << 40;
        CHECK(varscope::checkpoint_error("text", {}, far).offset() == far);
        CHECK(varscope::checkpoint_error("text", {}).offset() == std::nullopt);
        CHECK(varscope::checkpoint_error("text", {}).kind() == error_kind::checkpoint);
    }
}

TEST_CASE("every error can be caught as varscope::error and as std::runtime_error", "[error]") {
    STATIC_CHECK(std::derived_from<varscope::error, std::runtime_error>);
    CHECK_THROWS_AS(throw varscope::bad_shape("text", {}), varscope::error);
    CHECK_THROWS_AS(throw varscope::shape_mismatch("text", {}, {}, {}), varscope::error);
    CHECK_THROWS_AS(throw varscope::checkpoint_error("text", {}), std::runtime_error);
}

TEST_CASE("each kind of error has its own name", "[error]") {
    std::set<std::string_view> names;
    const auto count = static_cast<std::size_t>(error_kind::checkpoint) + 1; // the last one
    for (std::size_t i = 0; i < count; ++i) { names.insert(to_string(static_cast<error_kind>(i))); }
    CHECK(names.size() == count);
    CHECK(to_string(error_kind::already_exists) == "already_exists");
    CHECK(to_string(error_kind::checkpoint) == "checkpoint");
}

TEST_CASE("the helper that compares errors tells one from another, and from none", "[error]") {
    const auto refuse = [](std::source_location where = std::source_location::current()) {
        throw varscope::bad_shape("bad at " + varscope::to_string(where) + " and x.cpp:1\n", {});
    };
    CHECK(thrown<varscope::bad_shape>([&] { refuse(); }) == "bad at error.cpp:here and x.cpp:1\n");
    CHECK(thrown<varscope::bad_shape>([] {}) == "nothing");
    CHECK_THROWS_AS(thrown<varscope::not_fed>([&] { refuse(); }), varscope::bad_shape);
}

TEST_CASE("a place prints as file and line, without folders", "[error]") {
    CHECK(varscope::to_string(std::source_location::current()).starts_with("error.cpp:"));
    CHECK_THAT(varscope::to_string(std::source_location{}), Catch::Matchers::StartsWith(":"));
// clang-format off
#line 41 "models/model.cpp"
    const auto with_folder = std::source_location::current();
#line 42 "models\\model.cpp"
    const auto with_backslash = std::source_location::current();
    // clang-format on
    CHECK(varscope::to_string(with_folder) == "model.cpp:41");
    CHECK(varscope::to_string(with_backslash) == "model.cpp:42");
}
