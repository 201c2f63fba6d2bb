#include <varscope/io/bundle.hpp>

#include "catch.hpp"
#include "checkpoints.hpp"
#include "io/bundle_tensors.hpp"
#include "io/bundle_writer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace bundle_test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using varscope::checkpoint_error;
using varscope::dtype;
using varscope::shape;

namespace {

template <class T>
std::string bytes_of(const std::vector<T>& values) {
    std::string bytes(values.size() * sizeof(T), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

struct type_case {
    unsigned number;
    const char* name;
    std::optional<dtype> type;
    std::size_t size;  // bytes of an element
    std::size_t width; // bytes of the numbers that it is made of
};

// tensorflow/core/framework/types.proto
const std::vector<type_case> held_types{
    {1, "float32", dtype::float32, 4, 4},
    {2, "float64", dtype::float64, 8, 8},
    {3, "int32", dtype::int32, 4, 4},
    {4, "uint8", dtype::uint8, 1, 1},
    {5, "int16", dtype::int16, 2, 2},
    {6, "int8", dtype::int8, 1, 1},
    {8, "complex64", dtype::complex64, 8, 4},
    {9, "int64", dtype::int64, 8, 8},
    {10, "bool", dtype::boolean, 1, 1},
    {14, "bfloat16", dtype::bfloat16, 2, 2},
    {17, "uint16", dtype::uint16, 2, 2},
    {18, "complex128", dtype::complex128, 16, 8},
    {19, "float16", dtype::float16, 2, 2},
    {22, "uint32", dtype::uint32, 4, 4},
    {23, "uint64", dtype::uint64, 8, 8},
};
const std::vector<type_case> other_types{
    {7, "string", {}, 0, 0},
    {11, "qint8", {}, 1, 1},
    {12, "quint8", {}, 1, 1},
    {13, "qint32", {}, 4, 4},
    {15, "qint16", {}, 2, 2},
    {16, "quint16", {}, 2, 2},
    {20, "resource", {}, 0, 0},
    {21, "variant", {}, 0, 0},
    {24, "type 24", {}, 0, 0},
    {99, "type 99", {}, 0, 0},
};

} // namespace

TEST_CASE("tensors of every element type are read as they were written, in both byte orders",
    "[bundle]") {
    for (const bool is_big_endian : {false, true}) {
        const temporary_folder folder;
        bundle_writer writer(1, is_big_endian);
        for (const type_case& type : held_types) {
            const std::string native = some_bytes(6 * type.size, type.number == 10);
            writer.add(
                type.name, type.number, {2, 3}, as_in_file(native, type.width, is_big_endian));
            writer.add(std::string(type.name) + "_ref", 100 + type.number, {6},
                as_in_file(native, type.width, is_big_endian));
            writer.add_slices(std::string(type.name) + "_sliced", type.number, {2, 3},
                slices_of(as_in_file(native, type.width, is_big_endian), {2, 3}, type.size,
                    {{{}, {0, 1}}, {{}, {1, 2}}}));
        }
        writer.write(folder.path() / "all");
        const bundle_reader reader(folder.path() / "all");
        CHECK(reader.entries().size() == 3 * held_types.size());
        for (const type_case& type : held_types) {
            const std::string native = some_bytes(6 * type.size, type.number == 10);
            for (const std::string name : {"", "_ref", "_sliced"}) {
                CAPTURE(type.name, name, is_big_endian);
                const bundle_entry* entry = reader.find(type.name + name);
                REQUIRE(entry != nullptr);
                CHECK(entry->type == type.type);
                CHECK(entry->type_name == type.name);
                CHECK(entry->shape == (name == "_ref" ? shape{6} : shape{2, 3}));
                CHECK(entry->bytes == native.size());
                CHECK(entry->is_sliced == (name == "_sliced"));
                CHECK_NOTHROW(reader.verify(*entry));
                CHECK(read_text(reader, *entry) == native);
            }
        }
    }
}

TEST_CASE("types that varscope does not hold are listed, and reading them is refused", "[bundle]") {
    const temporary_folder folder;
    bundle_writer writer;
    for (const type_case& type : other_types) {
        writer.add(type.name, type.number, {3}, some_bytes(type.size == 0 ? 10 : 3 * type.size));
    }
    writer.add_strings("strings", {2}, {"hello", ""});
    writer.add("weights", 1, {}, some_bytes(4));
    writer.write(folder.path() / "model");
    const bundle_reader reader(folder.path() / "model");
    CHECK(reader.entries().size() == other_types.size() + 2);
    for (const type_case& type : other_types) {
        const bundle_entry* entry = reader.find(type.name);
        CAPTURE(type.name);
        REQUIRE(entry != nullptr);
        CHECK(entry->type == std::nullopt);
        CHECK(entry->type_name == type.name);
        CHECK(entry->shape == shape{3});
        CHECK_THROWS_MATCHES(read_text(reader, *entry), checkpoint_error,
            MessageMatches(ContainsSubstring(std::string("is of type ") + type.name)));
        CHECK_THROWS_AS(reader.verify(*entry), checkpoint_error);
    }
    CHECK(reader.find("strings")->bytes == 11);
    CHECK(read_text(reader, "weights") == some_bytes(4));
}

TEST_CASE("entries are sorted, and found by their full names only", "[bundle]") {
    const temporary_folder folder;
    bundle_writer writer;
    for (const std::string name : {"b", "a/z", "a", "\xC3\xA4", "A"}) {
        writer.add(name, 4, {1}, "x");
    }
    writer.write(folder.path() / "model");
    const bundle_reader reader(folder.path() / "model");
    std::vector<std::string> names;
    for (const bundle_entry& entry : reader.entries()) { names.push_back(entry.name); }
    CHECK(names == std::vector<std::string>{"A", "a", "a/z", "b", "\xC3\xA4"});
    for (const std::string& name : names) { CHECK(reader.find(name)->name == name); }
    for (const std::string name : {"", "a/", "a/zz", "z", "~~~"}) {
        CHECK(reader.find(name) == nullptr);
    }
}

TEST_CASE("scalars, empty tensors and empty checkpoints are read", "[bundle]") {
    const temporary_folder folder;
    bundle_writer writer;
    SECTION("no tensors") {
        writer.write(folder.path() / "model");
        CHECK(bundle_reader(folder.path() / "model").entries().empty());
    }
    SECTION("tensors without axes and without elements") {
        writer.add("empty", 1, {3, 0, 2}, "");
        writer.add("huge_and_empty", 1, {std::numeric_limits<std::int64_t>::max(), 5, 0}, "");
        writer.add("scalar", 2, {}, some_bytes(8));
        writer.write(folder.path() / "model");
        const bundle_reader reader(folder.path() / "model");
        CHECK(reader.find("empty")->shape == shape{3, 0, 2});
        CHECK(read_text(reader, "empty").empty());
        CHECK(read_text(reader, "huge_and_empty").empty());
        CHECK(reader.find("scalar")->shape == shape{});
        CHECK(read_text(reader, "scalar") == some_bytes(8));
    }
}

TEST_CASE("a checkpoint is read whatever the layout of its index and the number of its data files",
    "[bundle]") {
    const temporary_folder folder;
    for (const compression method :
        {compression::none, compression::snappy_literals, compression::snappy_copies}) {
        for (const std::size_t per_block : {1U, 3U, 1000U}) {
            for (const std::uint64_t shards : {1U, 3U}) {
                bundle_writer writer(shards);
                for (int i = 10; i < 40; ++i) {
                    writer.add("layer/" + std::to_string(i), 4, {i},
                        some_bytes(static_cast<std::size_t>(i)),
                        static_cast<std::uint64_t>(i) % shards);
                }
                writer.write(folder.path() / "model", {method, per_block, 4});
                const bundle_reader reader(folder.path() / "model");
                CHECK(reader.entries().size() == 30);
                for (int i = 10; i < 40; ++i) {
                    CHECK(read_text(reader, "layer/" + std::to_string(i)) ==
                        some_bytes(static_cast<std::size_t>(i)));
                }
            }
        }
    }
}

TEST_CASE("object-based checkpoints are listed", "[bundle]") {
    const temporary_folder folder;
    bundle_writer writer;
    writer.add("model/layer/kernel/.ATTRIBUTES/VARIABLE_VALUE", 1, {2}, some_bytes(8));
    writer.add_strings("_CHECKPOINTABLE_OBJECT_GRAPH", {}, {some_bytes(300)});
    writer.write(folder.path() / "ckpt-1");
    const bundle_reader reader(folder.path() / "ckpt-1");
    REQUIRE(reader.entries().size() == 2);
    CHECK(reader.entries()[0].type_name == "string");
    CHECK(reader.entries()[0].shape == shape{});
    CHECK(read_text(reader, "model/layer/kernel/.ATTRIBUTES/VARIABLE_VALUE") == some_bytes(8));
}

TEST_CASE("room of another size and entries of another checkpoint are refused", "[bundle]") {
    const temporary_folder folder;
    small_checkpoint().write(folder.path() / "model");
    const bundle_reader reader(folder.path() / "model");
    std::array<std::byte, 13> room{};
    const bundle_entry& bias = *reader.find("dense/bias");
    CHECK_THROWS_MATCHES(reader.read(bias, room), checkpoint_error,
        MessageMatches(ContainsSubstring("expected 12 bytes, found 13")));
    CHECK_THROWS_AS(reader.read(bias, std::span(room).first(11)), checkpoint_error);
    SECTION("a changed entry has no effect but by its name") {
        bundle_entry changed = bias;
        changed.bytes = 1000;
        changed.shape = {1000};
        CHECK(read_text(reader, bias) == some_bytes(12));
        CHECK_NOTHROW(reader.read(changed, std::span(room).first(12)));
        changed.name = "nothing";
        CHECK_THROWS_MATCHES(reader.read(changed, room), checkpoint_error,
            MessageMatches(ContainsSubstring("there is no tensor 'nothing'")));
        CHECK_THROWS_AS(reader.verify(changed), checkpoint_error);
    }
}

TEST_CASE("an error knows where the user asked", "[bundle]") {
    const temporary_folder folder;
    unsigned line = 0;
    try {
        line = std::source_location::current().line() + 1;
        const bundle_reader reader(folder.path() / "none");
    } catch (const checkpoint_error& e) { CHECK(e.asked_at().line() == line); }
    small_checkpoint().write(folder.path() / "model");
    const bundle_reader reader(folder.path() / "model");
    try {
        line = std::source_location::current().line() + 1;
        reader.read(reader.entries()[0], {});
    } catch (const checkpoint_error& e) { CHECK(e.asked_at().line() == line); }
}

TEST_CASE("several threads read from one reader", "[bundle][threads]") {
    const temporary_folder folder;
    const bundle_writer writer = small_checkpoint();
    writer.write(folder.path() / "model");
    const picture expected = take_picture(folder.path() / "model");
    const bundle_reader reader(folder.path() / "model");
    std::vector<std::string> found(4);
    std::vector<std::thread> threads;
    for (std::string& data : found) {
        threads.emplace_back([&] {
            for (int turn = 0; turn < 20; ++turn) {
                data.clear();
                for (const bundle_entry& entry : reader.entries()) {
                    data += read_text(reader, entry);
                }
            }
        });
    }
    for (std::thread& thread : threads) { thread.join(); }
    for (const std::string& data : found) { CHECK(data == expected.data); }
}

TEST_CASE("the smallest checkpoint that TensorFlow wrote", "[bundle][tensorflow]") {
    const auto prefix = find_checkpoint("half_plus_two");
    if (!prefix) { SKIP("the checkpoints are not there"); }
    const bundle_reader reader(*prefix / "variables");
    CHECK(reader.entries().size() == 3);
    CHECK(reader.find("a")->shape == shape{});
    CHECK(read_values<float>(reader, "a") == std::vector{0.5F});
    CHECK(read_values<float>(reader, "b") == std::vector{2.F});
    CHECK(read_values<float>(reader, "c") == std::vector{3.F});
    SECTION("is what the tests' writer writes") {
        bundle_writer writer;
        writer.add("a", 1, {}, bytes_of(std::vector{0.5F}));
        writer.add("b", 1, {}, bytes_of(std::vector{2.F}));
        writer.add("c", 1, {}, bytes_of(std::vector{3.F}));
        std::string written = writer.index();
        std::string original = read_file(*prefix / "variables.index");
        // The one difference: LevelDB shortens the last key of the index block, and so its checksum
        // and size differ.
        CHECK(written.substr(0, 0x55) == original.substr(0, 0x55));
        CHECK(written.substr(written.size() - 8) == original.substr(original.size() - 8));
    }
}

TEST_CASE("integers and matrices that TensorFlow wrote", "[bundle][tensorflow]") {
    const auto prefix = find_checkpoint("bundle_checkpoint");
    if (!prefix) { SKIP("the checkpoints are not there"); }
    const bundle_reader reader(*prefix / "bundle_checkpoint");
    CHECK(reader.entries().size() == 2);
    const bundle_entry* embeddings = reader.find("some_scope/embeddings");
    REQUIRE(embeddings != nullptr);
    CHECK(embeddings->shape == shape{5, 16});
    std::vector<float> counted(80);
    std::iota(counted.begin(), counted.end(), 0.F);
    CHECK(read_values<float>(reader, "some_scope/embeddings") == counted);
    const bundle_entry* indices = reader.find("some_scope/indices");
    REQUIRE(indices != nullptr);
    CHECK(indices->type == dtype::int64);
    CHECK(indices->shape == shape{5});
    CHECK(read_values<std::int64_t>(reader, "some_scope/indices").size() == 5);
}

TEST_CASE("strings that TensorFlow wrote are listed and refused", "[bundle][tensorflow]") {
    const auto prefix = find_checkpoint("old_string_tensors");
    if (!prefix) { SKIP("the checkpoints are not there"); }
    const bundle_reader reader(*prefix / "foo");
    REQUIRE(reader.entries().size() == 4);
    CHECK(read_values<float>(reader, "floats").size() == 6);
    for (const char* const name : {"scalar", "string_tensor", "strs"}) {
        CHECK(reader.find(name)->type_name == "string");
        CHECK_THROWS_MATCHES(read_text(reader, name), checkpoint_error,
            MessageMatches(ContainsSubstring("is of type string")));
    }
}

TEST_CASE("a network that TensorFlow trained", "[bundle][tensorflow]") {
    const auto prefix = find_checkpoint("mnist");
    if (!prefix) { SKIP("the checkpoints are not there"); }
    const bundle_reader reader(*prefix / "model.ckpt-46900");
    const std::vector<std::pair<std::string, shape>> variables{
        {"conv2d/kernel", {3, 3, 1, 32}},
        {"conv2d/bias", {32}},
        {"conv2d_1/kernel", {3, 3, 32, 64}},
        {"conv2d_1/bias", {64}},
        {"dense/kernel", {64, 512}},
        {"dense/bias", {512}},
        {"dense_1/kernel", {512, 10}},
        {"dense_1/bias", {10}},
    };
    CHECK(reader.entries().size() == 3 * variables.size() + 3);
    for (const bundle_entry& entry : reader.entries()) { CHECK_NOTHROW(reader.verify(entry)); }
    for (const auto& [name, size] : variables) {
        for (const std::string slot : {"", "/Adam", "/Adam_1"}) {
            CAPTURE(name, slot);
            const bundle_entry* entry = reader.find(name + slot);
            REQUIRE(entry != nullptr);
            CHECK(entry->type == dtype::float32);
            CHECK(entry->shape == size);
            CHECK_FALSE(entry->is_sliced);
        }
    }
    CHECK(read_values<std::int64_t>(reader, "global_step") == std::vector<std::int64_t>{46900});
    CHECK(read_values<float>(reader, "beta1_power")[0] ==
        Catch::Approx(0).margin(1e-30));                          // 0.9 to the power 46900
    CHECK(read_values<float>(reader, "beta2_power")[0] < 1e-20F); // 0.999
}
