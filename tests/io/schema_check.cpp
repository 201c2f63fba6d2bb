#include <varscope/io/schema_check.hpp>

#include "catch.hpp"
#include "checkpoints.hpp"
#include "io/bundle_writer.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace vs = varscope;
using bundle_test::bundle_writer;
using bundle_test::temporary_folder;

namespace {

constexpr unsigned float32_type = 1; // tensorflow/core/framework/types.proto
constexpr unsigned int64_type = 9;

struct tower {
    static constexpr auto layout = vs::scope("tower", vs::var<float, 2>("kernel"), vs::var<std::int64_t>("step"));
};
struct halves {
    static constexpr auto layout = vs::group(vs::var<float>("a"), vs::var<float>("b"), vs::var<float>("c"));
};
struct embedding {
    static constexpr auto layout =
        vs::scope("some_scope", vs::var<float, 5, 16>("embeddings"), vs::var<std::int64_t, 5>("indices"));
};

struct sample {
    sample() {
        writer.add("tower/kernel", float32_type, {2}, std::string(8, '\0'));
        writer.add("tower/step", int64_type, {}, std::string(8, '\0'));
    }
    std::filesystem::path write() {
        writer.write(folder.path() / "model");
        return folder.path() / "model";
    }
    temporary_folder folder;
    bundle_writer writer;
};

} // namespace

TEST_CASE("a checkpoint of what a schema declares differs in nothing", "[schema_check]") {
    sample s;
    const std::filesystem::path prefix = s.write();
    CHECK(vs::check_schema<tower>(prefix).is_empty());
    CHECK(vs::check_schema<tower>(prefix.string() + ".index").is_empty());
    CHECK(vs::check_schema<tower>(vs::io::bundle_reader(prefix)).is_empty());
}

TEST_CASE("each kind of difference from a checkpoint is told", "[schema_check]") {
    sample s;
    s.writer.entries.clear();
    s.writer.add("tower/kernel", float32_type, {3}, std::string(12, '\0'));
    s.writer.add("tower/step_1", int64_type, {}, std::string(8, '\0'));
    CHECK(to_string(vs::check_schema<tower>(s.write())) ==
        "missing: 'tower/step' () int64; nearest: 'tower/step_1'\n"
        "different: 'tower/kernel' is declared as (2,) float32 and is (3,) float32\n"
        "extra: 'tower/step_1' () int64");
}

TEST_CASE("tensors of a type that varscope does not hold are compared too", "[schema_check]") {
    sample s;
    s.writer.add_strings("tower/kernel", {2}, {"a", "b"});
    s.writer.add_strings("words", {1}, {"c"});
    CHECK(to_string(vs::check_schema<tower>(s.write())) ==
        "different: 'tower/kernel' is declared as (2,) float32 and is (2,) string\n"
        "extra: 'words' (1,) string");
}

TEST_CASE("a checkpoint is compared below the scope that a schema is expected in", "[schema_check]") {
    sample s;
    s.writer.add("tower_1/tower/kernel", float32_type, {2}, std::string(8, '\0'));
    s.writer.add("tower_1/tower/step", int64_type, {}, std::string(8, '\0'));
    const vs::schema_difference difference = vs::check_schema<tower>(s.write(), "tower_1");
    CHECK(difference.is_empty());
    CHECK(difference.outside == 2);
}

TEST_CASE("a checkpoint that is not there is an error, not a difference", "[schema_check]") {
    const temporary_folder folder;
    CHECK_THROWS_AS(vs::check_schema<tower>(folder.path() / "none"), vs::checkpoint_error);
}

TEST_CASE("schemas fit checkpoints that TensorFlow wrote", "[schema_check]") {
    const auto half = find_checkpoint("half_plus_two/variables.index");
    const auto bundle = find_checkpoint("bundle_checkpoint/bundle_checkpoint.index");
    if (!half || !bundle) { SKIP("no checkpoints"); }
    CHECK(to_string(vs::check_schema<halves>(*half)) == "nothing differs");
    CHECK(to_string(vs::check_schema<embedding>(*bundle)) == "nothing differs");
    CHECK(vs::check_schema<halves>(*bundle).missing.size() == 3);
}
