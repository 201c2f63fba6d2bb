#include <varscope/io/bundle_path.hpp>

#include "catch.hpp"
#include "io/bundle_tensors.hpp"
#include "io/bundle_writer.hpp"

#include <filesystem>
#include <string>

using namespace bundle_test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using varscope::checkpoint_error;

TEST_CASE("a checkpoint can be named by its prefix and by each of its files", "[bundle]") {
    const temporary_folder folder;
    const auto prefix = folder.path() / "model.ckpt-100";
    small_checkpoint().write(prefix);
    for (const std::string ending :
        {"", ".index", ".data-00000-of-00002", ".data-00001-of-00002"}) {
        CHECK(bundle_reader(prefix.string() + ending).prefix() == prefix);
    }
    SECTION("also if the prefix itself ends like a file") {
        const auto odd = folder.path() / "other.index";
        small_checkpoint().write(odd);
        CHECK(bundle_reader(odd).prefix() == odd);
        CHECK(bundle_reader(odd.string() + ".index").prefix() == odd);
    }
    SECTION("but not by what only looks alike") {
        for (const std::string ending :
            {".data-00000-of-", ".data--of-00002", ".data-of-2", ".meta", "0"}) {
            CHECK_THROWS_AS(bundle_reader(prefix.string() + ending), checkpoint_error);
        }
    }
}

TEST_CASE("a missing checkpoint is told with what is beside it", "[bundle]") {
    const temporary_folder folder;
    const auto path = folder.path() / "model.ckpt";
    SECTION("nothing") {
        CHECK_THROWS_MATCHES(bundle_reader(path), checkpoint_error,
            MessageMatches(ContainsSubstring("'" + path.string() + ".index' does not exist") &&
                ContainsSubstring("there is no checkpoint in")));
    }
    SECTION("no folder") {
        CHECK_THROWS_MATCHES(bundle_reader(path / "x" / "y"), checkpoint_error,
            MessageMatches(
                ContainsSubstring("there is no folder '" + (path / "x").string() + "'")));
    }
    SECTION("others") {
        for (int step = 100; step < 1100; step += 100) {
            small_checkpoint().write(path.string() + "-" + std::to_string(step));
        }
        CHECK_THROWS_MATCHES(bundle_reader(path.string() + ".index"), checkpoint_error,
            MessageMatches(
                ContainsSubstring("'model.ckpt-100', 'model.ckpt-1000', 'model.ckpt-200'") &&
                ContainsSubstring("and 2 more")));
    }
}

TEST_CASE("a folder is no checkpoint, and the error says which it holds", "[bundle]") {
    const temporary_folder folder;
    small_checkpoint().write(folder.path() / "model.ckpt-7");
    CHECK_THROWS_MATCHES(bundle_reader(folder.path()), checkpoint_error,
        MessageMatches(ContainsSubstring("is a folder") && ContainsSubstring("'model.ckpt-7'")));
    write_file(folder.path() / "checkpoint",
        "all_model_checkpoint_paths: \"model.ckpt-6\"\n"
        "model_checkpoint_path: \"model.ckpt-7\"\n");
    const std::string named = (folder.path() / "model.ckpt-7").string();
    CHECK_THROWS_MATCHES(bundle_reader(folder.path()), checkpoint_error,
        MessageMatches(
            ContainsSubstring("its file 'checkpoint' names the prefix '" + named + "'")));
    for (const std::string text :
        {"", "model_checkpoint_path:", "model_checkpoint_path: \"x", "\0\n\"\""}) {
        write_file(folder.path() / "checkpoint", text);
        CHECK_THROWS_MATCHES(bundle_reader(folder.path()), checkpoint_error,
            MessageMatches(ContainsSubstring("there are these")));
    }
}

TEST_CASE("a missing data file is named, with those that are there", "[bundle]") {
    const temporary_folder folder;
    const auto prefix = folder.path() / "model";
    small_checkpoint().write(prefix);
    std::filesystem::rename(
        prefix.string() + ".data-00001-of-00002", prefix.string() + ".data-00001-of-00003");
    CHECK_THROWS_MATCHES(bundle_reader(prefix), checkpoint_error,
        MessageMatches(
            ContainsSubstring(prefix.string() + ".data-00001-of-00002' does not exist") &&
            ContainsSubstring("holds tensor 'dense/kernel'") &&
            ContainsSubstring("'model.data-00000-of-00002', 'model.data-00001-of-00003'")));
}

TEST_CASE("what is not a regular file is refused without waiting for it", "[bundle]") {
    const temporary_folder folder;
    const auto prefix = folder.path() / "model";
    small_checkpoint().write(prefix);
    std::filesystem::remove(prefix.string() + ".data-00001-of-00002");
    std::filesystem::create_directory(prefix.string() + ".data-00001-of-00002");
    CHECK_THROWS_MATCHES(bundle_reader(prefix), checkpoint_error,
        MessageMatches(ContainsSubstring("is not a regular file")));
}

TEST_CASE("checkpoints of version 1 are told as such", "[bundle]") {
    const temporary_folder folder;
    // The key "" of a version 1 file holds a SavedTensorSlices message with the field meta = 1.
    const std::string v1 =
        make_table({{"", bytes_field(1, bytes_field(1, bytes_field(1, "v")))}, {"x", ""}});
    SECTION("one file without ending") {
        write_file(folder.path() / "model.ckpt", v1);
        CHECK_THROWS_MATCHES(bundle_reader(folder.path() / "model.ckpt"), checkpoint_error,
            MessageMatches(
                ContainsSubstring("is of version 1") && ContainsSubstring("are not supported")));
    }
    SECTION("renamed") {
        write_file(folder.path() / "model.index", v1);
        CHECK_THROWS_MATCHES(bundle_reader(folder.path() / "model"), checkpoint_error,
            MessageMatches(ContainsSubstring("not a checkpoint of version 2") &&
                ContainsSubstring("version 1")));
    }
    SECTION("a table without a header, or without anything") {
        for (const table_entries& entries : {table_entries{}, table_entries{{"a", ""}}}) {
            write_file(folder.path() / "model.index", make_table(entries));
            CHECK_THROWS_MATCHES(bundle_reader(folder.path() / "model"), checkpoint_error,
                MessageMatches(ContainsSubstring("expected the key '' first")));
        }
    }
    SECTION("a file that is neither") {
        write_file(folder.path() / "model.ckpt", some_bytes(100));
        CHECK_THROWS_MATCHES(bundle_reader(folder.path() / "model.ckpt"), checkpoint_error,
            MessageMatches(ContainsSubstring("does not exist")));
    }
}
