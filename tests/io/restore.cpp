#include <varscope/io/restore.hpp>
#include <varscope/variable/get_variable.hpp>
#include <varscope/scope/variable_scope.hpp>

#include "catch.hpp"
#include "checkpoints.hpp"
#include "io/bundle_tensors.hpp"
#include "io/bundle_writer.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <type_traits>
#include <vector>

namespace vs = varscope;
using namespace bundle_test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using vs::dtype;
using vs::shape;

namespace {

using vector = xt::xtensor<float, 1>;
using names = std::vector<std::string>;

constexpr unsigned float32_type = 1; // tensorflow/core/framework/types.proto
constexpr unsigned int32_type = 3;

template <class T> std::string bytes_of(const std::vector<T>& values) {
    std::string bytes(values.size() * sizeof(T), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}
std::string bytes_of(const vs::any_variable& v) { return {static_cast<const char*>(v.data()), v.bytes()}; }

/// A graph with the variables a (2), b (2, 2) and int32 c, a and b of ones, and a checkpoint that fits it.
struct sample {
    explicit sample(vs::graph_options options = {})
        : graph(options)
        , a(vs::get_variable<float, 1>(graph, "a", {2}, {.initializer = vs::ones()}))
        , b(vs::get_variable<float, 2>(graph, "b", {2, 2}, {.initializer = vs::ones()}))
        , c(vs::get_variable<int, 0>(graph, "c", {}, {.initializer = vs::ones()})) {
        add_all(writer);
    }
    static void add_all(bundle_writer& writer) {
        writer.add("a", float32_type, {2}, bytes_of<float>({1.5F, 2.5F}));
        writer.add("b", float32_type, {2, 2}, bytes_of<float>({1, 2, 3, 4}));
        writer.add("c", int32_type, {}, bytes_of<int>({7}));
    }
    [[nodiscard]] std::filesystem::path prefix() const { return folder.path() / "model"; }
    [[nodiscard]] bool is_as_before() const {
        return bool(a == vector{1, 1}) && bool(b == xt::xtensor<float, 2>{{1, 1}, {1, 1}}) && c() == 1;
    }

    vs::graph graph;
    vs::variable<float, 1> a;
    vs::variable<float, 2> b;
    vs::variable<int, 0> c;
    temporary_folder folder;
    bundle_writer writer;
};
constexpr vs::graph_options deferred{.initialization = vs::initialization::deferred};

} // namespace

TEST_CASE("variables of every element type are restored", "[restore]") {
    const std::vector<std::pair<unsigned, dtype>> types{
        {1, dtype::float32}, {2, dtype::float64}, {3, dtype::int32}, {4, dtype::uint8}, {5, dtype::int16},
        {6, dtype::int8}, {8, dtype::complex64}, {9, dtype::int64}, {10, dtype::boolean}, {14, dtype::bfloat16},
        {17, dtype::uint16}, {18, dtype::complex128}, {19, dtype::float16}, {22, dtype::uint32}, {23, dtype::uint64}};
    CHECK(types.size() == vs::detail::dtype_table.size());
    vs::graph g;
    const temporary_folder folder;
    bundle_writer writer;
    const auto bytes_for = [](dtype type) { return some_bytes(6 * size_of(type), type == dtype::boolean); };
    for (const auto& [number, type] : types) {
        const std::string name(to_string(type));
        (void)vs::get_variable(g, name, {2, 3}, {.initializer = vs::zeros(), .dtype = type});
        writer.add(name, number, {2, 3}, bytes_for(type));
    }
    writer.write(folder.path() / "model");
    const vs::restore_report report = vs::restore(g, folder.path() / "model");
    CHECK(report.restored.size() == types.size());
    for (const vs::any_variable v : vs::global_variables(g)) {
        CAPTURE(v.dtype());
        CHECK(bytes_of(v) == bytes_for(v.dtype()));
    }
}

TEST_CASE("restoring gives all handles the values in the file", "[restore]") {
    sample s;
    s.writer.write(s.prefix());
    const vs::variable<float> other(s.a);
    const float* const elements = s.a.data();
    const vs::restore_report report = vs::restore(s.graph, s.prefix());
    CHECK(bool(s.a == vector{1.5F, 2.5F}));
    CHECK(bool(s.b == xt::xtensor<float, 2>{{1, 2}, {3, 4}}));
    CHECK(s.c() == 7);
    CHECK(other(1) == 2.5F);
    CHECK(s.a.data() == elements);
    CHECK(report.restored == names{"a", "b", "c"});
    CHECK(report.missing.empty());
    CHECK(report.not_used.empty());
}

TEST_CASE("a checkpoint is named by its prefix or by one of its files", "[restore]") {
    sample s;
    const std::filesystem::path index = s.writer.write(s.prefix());
    CHECK(vs::restore(s.graph, index).restored.size() == 3);
    const vs::as_default guard{s.graph};
    CHECK(vs::restore(s.prefix()).restored.size() == 3);
}

TEST_CASE("restoring initialises the variables of a deferred graph", "[restore]") {
    sample s(deferred);
    s.writer.write(s.prefix());
    CHECK_FALSE(s.a.is_initialized());
    (void)vs::restore(s.graph, s.prefix());
    CHECK(s.a.is_initialized());
    CHECK(bool(s.a == vector{1.5F, 2.5F}));
}

TEST_CASE("tensors that are no variable of the graph are left alone and reported", "[restore]") {
    sample s;
    s.writer.add("other", int32_type, {}, bytes_of<int>({1}));
    s.writer.add_strings("text", {1}, {"hello"});
    s.writer.write(s.prefix());
    const vs::restore_report report = vs::restore(s.graph, s.prefix());
    CHECK(report.not_used == names{"other", "text"});
    CHECK(report.restored.size() == 3);
}

TEST_CASE("a variable is found in a file by the name of its op, not by its key", "[restore]") {
    vs::graph g;
    const vs::as_default guard{g};
    const vs::variable<float, 1> unshared{{0}, "w"};
    const auto keyed = vs::get_variable<float, 1>("w", {1});
    REQUIRE(keyed.key() == "w");
    REQUIRE(keyed.op_name() == "w_1");
    const temporary_folder folder;
    bundle_writer writer;
    writer.add("w", float32_type, {1}, bytes_of<float>({1}));
    writer.add("w_1", float32_type, {1}, bytes_of<float>({2}));
    writer.write(folder.path() / "model");
    (void)vs::restore(folder.path() / "model");
    CHECK(unshared(0) == 1.F);
    CHECK(keyed(0) == 2.F);
}

TEST_CASE("local variables are not restored", "[restore]") {
    sample s;
    const auto local = vs::get_local_variable<float, 1>(s.graph, "local", {2}, {.initializer = vs::zeros()});
    s.writer.add("local", float32_type, {2}, bytes_of<float>({1, 2}));
    s.writer.write(s.prefix());
    CHECK(vs::restore(s.graph, s.prefix()).not_used == names{"local"});
    CHECK(local(0) == 0.F);
}

TEST_CASE("a variable that the file does not have is refused, and names in it that are alike are told", "[restore]") {
    sample s;
    s.writer.entries.erase("a");
    s.writer.add("model/a", float32_type, {2}, bytes_of<float>({1, 2}));
    s.writer.write(s.prefix());
    CHECK_THROWS_MATCHES(vs::restore(s.graph, s.prefix()), vs::checkpoint_error,
                         MessageMatches(ContainsSubstring("variable 'a', created at restore.cpp:") &&
                                        ContainsSubstring("is not in the file; nearest there: 'model/a'")));
    CHECK(s.is_as_before());
}

TEST_CASE("a variable that the file does not have keeps its value if that is asked for", "[restore]") {
    SECTION("in a graph that initialises at once") {
        sample s;
        s.writer.entries.erase("a");
        s.writer.write(s.prefix());
        const vs::restore_report report = vs::restore(s.graph, s.prefix(), {.on_missing = vs::on_missing::keep});
        CHECK(report.missing == names{"a"});
        CHECK(report.restored == names{"b", "c"});
        CHECK(bool(s.a == vector{1, 1}));
        CHECK(s.c() == 7);
    }
    SECTION("in a deferred graph it stays without one") {
        sample s(deferred);
        s.writer.entries.erase("a");
        s.writer.write(s.prefix());
        (void)vs::restore(s.graph, s.prefix(), {.on_missing = vs::on_missing::keep});
        CHECK_FALSE(s.a.is_initialized());
        CHECK(s.b.is_initialized());
    }
}

TEST_CASE("all that does not fit is told in one error, and nothing is restored", "[restore]") {
    sample s;
    s.writer.entries.erase("b");
    s.writer.add("a", float32_type, {3}, bytes_of<float>({1, 2, 3}));
    s.writer.add("c", float32_type, {}, bytes_of<float>({7}));
    s.writer.write(s.prefix());
    CHECK_THROWS_MATCHES(vs::restore(s.graph, s.prefix()), vs::checkpoint_error,
                         MessageMatches(ContainsSubstring("does not fit the graph\n  variable 'a', created at restore.cpp:") &&
                                        ContainsSubstring(", has (2,) float32 here and (3,) float32 in the file\n  variable 'b'") &&
                                        ContainsSubstring(", is not in the file") &&
                                        ContainsSubstring(", has () int32 here and () float32 in the file\n  asked for at restore.cpp:")));
    CHECK(s.is_as_before());
}

TEST_CASE("a shape or type that differs is refused also where missing variables are kept", "[restore]") {
    sample s;
    s.writer.add("a", float32_type, {2, 1}, bytes_of<float>({1, 2}));
    s.writer.write(s.prefix());
    CHECK_THROWS_AS(vs::restore(s.graph, s.prefix(), {.on_missing = vs::on_missing::keep}), vs::checkpoint_error);
    CHECK(s.is_as_before());
}

TEST_CASE("a tensor of a type that varscope does not hold does not fit", "[restore]") {
    sample s;
    s.writer.add_strings("a", {2}, {"x", "y"});
    s.writer.write(s.prefix());
    CHECK_THROWS_MATCHES(vs::restore(s.graph, s.prefix()), vs::checkpoint_error, MessageMatches(ContainsSubstring("(2,) string in the file")));
    CHECK(s.is_as_before());
}

TEST_CASE("more than twenty problems are counted, not listed", "[restore]") {
    vs::graph g;
    for (int i = 0; i < 23; ++i) { (void)vs::get_variable<float>(g, "v" + std::to_string(i), {1}); }
    const temporary_folder folder;
    const bundle_writer writer;
    writer.write(folder.path() / "model");
    CHECK_THROWS_MATCHES(vs::restore(g, folder.path() / "model"), vs::checkpoint_error,
                         MessageMatches(ContainsSubstring("variable 'v19'") && ContainsSubstring("\n  ... and 3 more") &&
                                        !ContainsSubstring("variable 'v20'")));
}

TEST_CASE("a damaged file leaves every variable as it was", "[restore]") {
    sample s;
    sample later(deferred);
    s.writer.write(s.prefix());
    const std::filesystem::path data = bundle_writer::data_path(s.prefix(), 0, 1);
    const std::filesystem::path index = s.prefix().string() + ".index";
    const std::string data_bytes = read_file(data);
    const std::string index_bytes = read_file(index);
    const auto is_refused = [&] {
        CHECK_THROWS_AS(vs::restore(s.graph, s.prefix()), vs::checkpoint_error);
        CHECK_THROWS_AS(vs::restore(later.graph, s.prefix()), vs::checkpoint_error);
        CHECK(s.is_as_before());
        CHECK_FALSE(later.a.is_initialized());
        CHECK_FALSE(later.b.is_initialized());
        CHECK_FALSE(later.c.is_initialized());
    };
    SECTION("any byte of the data flipped") {
        for (std::size_t i = 0; i < data_bytes.size(); ++i) {
            CAPTURE(i);
            std::string damaged = data_bytes;
            damaged[i] = static_cast<char>(damaged[i] ^ 4);
            write_file(data, damaged);
            is_refused();
        }
    }
    SECTION("data cut off") {
        for (std::size_t size = 0; size < data_bytes.size(); size += 5) {
            CAPTURE(size);
            write_file(data, data_bytes.substr(0, size));
            is_refused();
        }
    }
    SECTION("index cut off") {
        for (std::size_t size = 0; size < index_bytes.size(); size += 17) {
            CAPTURE(size);
            write_file(index, index_bytes.substr(0, size));
            is_refused();
        }
    }
    SECTION("data missing") {
        std::filesystem::remove(data);
        is_refused();
    }
    SECTION("index missing") {
        std::filesystem::remove(index);
        is_refused();
    }
}

TEST_CASE("variables without elements and partitioned tensors are restored", "[restore]") {
    vs::graph g;
    const auto empty = vs::get_variable<float, 2>(g, "empty", {0, 3});
    const auto table = vs::get_variable<int, 2>(g, "table", {4, 2});
    const temporary_folder folder;
    bundle_writer writer;
    writer.add("empty", float32_type, {0, 3}, "");
    writer.add_slices("table", int32_type, {4, 2}, slices_of(some_bytes(32), {4, 2}, 4, {{{0, 2}, {}}, {{2, 2}, {}}}));
    writer.write(folder.path() / "model");
    CHECK(vs::restore(g, folder.path() / "model").restored.size() == 2);
    CHECK(bytes_of(table) == some_bytes(32));
    CHECK(empty.size() == 0);
}

TEST_CASE("a variable cut into parts is restored from the tensor of the whole, however that is stored", "[restore]") {
    using boxes = std::vector<std::vector<bundle_test::extent>>;
    const boxes one{{{}, {}}};
    const boxes two{{{0, 2}, {}}, {{2, 2}, {}}};
    const boxes three{{{0, 2}, {}}, {{2, 1}, {}}, {{3, 1}, {}}};
    const boxes columns{{{}, {0, 1}}, {{}, {1, 2}}};
    const std::string elements = some_bytes(48);
    for (const boxes& stored : {boxes(), one, two, three, columns}) {
        for (const auto& [parts, axis] : {std::pair{1, 0}, {2, 0}, {3, 0}, {4, 0}, {2, 1}, {3, 1}}) {
            for (const auto& options : {deferred, vs::graph_options()}) {
                vs::graph g(options);
                const auto table = vs::get_variable<int, 2>(g, "table", {4, 3},
                    {.initializer = vs::zeros(), .partitioner = vs::fixed_size_partitioner(parts, static_cast<std::size_t>(axis))});
                const temporary_folder folder;
                bundle_writer writer;
                if (stored.empty()) {
                    writer.add("table", int32_type, {4, 3}, elements);
                } else {
                    writer.add_slices("table", int32_type, {4, 3}, slices_of(elements, {4, 3}, 4, stored));
                }
                writer.write(folder.path() / "model");
                const vs::restore_report report = vs::restore(g, folder.path() / "model");
                names expected;
                for (int i = 0; i < parts; ++i) { expected.push_back("table/part_" + std::to_string(i)); }
                CHECK(report.restored == expected);
                CHECK(report.missing.empty());
                CHECK(report.not_used.empty());
                CHECK(bytes_of(table) == elements);
                CHECK(table.is_initialized());
                CHECK(vs::restore(g, folder.path() / "model").restored == expected); // into the memory that it has
                CHECK(bytes_of(table) == elements);
            }
        }
    }
}

TEST_CASE("a variable cut into parts is restored part by part from a file that stores them so", "[restore]") {
    vs::graph g;
    const auto table = vs::get_variable<int, 2>(g, "table", {4, 2}, {.partitioner = vs::fixed_size_partitioner(2)});
    const temporary_folder folder;
    bundle_writer writer;
    writer.add("table/part_0", int32_type, {2, 2}, some_bytes(32).substr(0, 16));
    writer.add("table/part_1", int32_type, {2, 2}, some_bytes(32).substr(16));
    writer.write(folder.path() / "model");
    CHECK(vs::restore(g, folder.path() / "model").restored == names{"table/part_0", "table/part_1"});
    CHECK(bytes_of(table) == some_bytes(32));
}

TEST_CASE("only those parts are restored that are in the list of global variables", "[restore]") {
    for (const auto& options : {deferred, vs::graph_options()}) {
        vs::graph g(options);
        const auto table = vs::get_variable<int, 2>(g, "table", {2, 2}, {.initializer = vs::ones(), .partitioner = vs::fixed_size_partitioner(2, 1)});
        vs::clear_collection(g, vs::graph_keys::global_variables);
        vs::add_to_collection(g, vs::graph_keys::global_variables, table.parts()[1]);
        const temporary_folder folder;
        bundle_writer writer;
        writer.add("table", int32_type, {2, 2}, bytes_of<int>({10, 11, 12, 13}));
        writer.write(folder.path() / "model");
        CHECK(vs::restore(g, folder.path() / "model").restored == names{"table/part_1"});
        CHECK(table.parts()[0].is_initialized() == (options.initialization == vs::initialization::immediate));
        g.initialize(table.parts()[0].node());
        CHECK(bytes_of(table) == bytes_of<int>({1, 11, 1, 13}));
    }
}

TEST_CASE("a variable cut into parts that the file does not have, or has otherwise, is refused", "[restore]") {
    sample s;
    const auto table = vs::get_variable<int, 2>(s.graph, "table", {4, 2}, {.initializer = vs::ones(), .partitioner = vs::fixed_size_partitioner(2)});
    SECTION("missing") {
        s.writer.add("model/table", int32_type, {4, 2}, some_bytes(32));
        s.writer.write(s.prefix());
        CHECK_THROWS_MATCHES(vs::restore(s.graph, s.prefix()), vs::checkpoint_error,
            MessageMatches(ContainsSubstring("variable 'table/part_0', created at restore.cpp:") &&
                ContainsSubstring("is not in the file, nor is 'table'; nearest there: 'model/table'")));
        const vs::restore_report report = vs::restore(s.graph, s.prefix(), {.on_missing = vs::on_missing::keep});
        CHECK(report.missing == names{"table/part_0", "table/part_1"});
        CHECK(report.not_used == names{"model/table"});
    }
    SECTION("another shape") {
        s.writer.add("table", int32_type, {2, 4}, some_bytes(32));
        s.writer.write(s.prefix());
        CHECK_THROWS_MATCHES(vs::restore(s.graph, s.prefix()), vs::checkpoint_error,
            MessageMatches(ContainsSubstring("variable 'table', created at restore.cpp:") &&
                ContainsSubstring(", has (4, 2) int32 here and (2, 4) int32 in the file")));
        CHECK(s.is_as_before());
    }
    CHECK(bytes_of(table) == bytes_of<int>({1, 1, 1, 1, 1, 1, 1, 1}));
}

TEST_CASE("a part of a variable that a user's linear Estimator saved is restored from the whole", "[restore][tensorflow]") {
    const auto prefix = find_checkpoint("found/damon");
    if (!prefix) { SKIP("the checkpoint is not here"); }
    vs::graph g;
    const vs::variable_scope s{g, "linear/linear_model/Country_indicator"};
    const auto w = vs::get_variable<float, 2>("weights", {42, 1}, {.partitioner = vs::fixed_size_partitioner(1)});
    CHECK(vs::restore(g, *prefix / "model.ckpt-5000").restored == names{"linear/linear_model/Country_indicator/weights/part_0"});
    CHECK(w(0, 0) == Catch::Approx(-0.354216).epsilon(1e-5));
}

TEST_CASE("of very many variables that the file does not have, some are told", "[restore]") {
    vs::graph g;
    const temporary_folder folder;
    bundle_writer writer;
    for (int i = 0; i < 1'000; ++i) {
        const std::string name = "encoder/layer_" + std::to_string(i) + "/kernel";
        (void)vs::get_variable<float, 1>(g, "bert/" + name, {1});
        writer.add("model/" + name, float32_type, {1}, std::string(4, '\0'));
    }
    writer.write(folder.path() / "model");
    CHECK_THROWS_MATCHES(vs::restore(g, folder.path() / "model"), vs::checkpoint_error,
        MessageMatches(ContainsSubstring("variable 'bert/encoder/layer_19/kernel', created at ") &&
            ContainsSubstring("is not in the file; nearest there: 'model/encoder/layer_0/kernel'") &&
            ContainsSubstring("is not in the file; nearest there: 'model/encoder/layer_19/kernel'") && ContainsSubstring("\n  ... and 980 more\n")));
}

TEST_CASE("a restored variable is reset by its initialiser", "[restore]") {
    sample s(deferred);
    s.writer.write(s.prefix());
    (void)vs::restore(s.graph, s.prefix());
    s.graph.initialize(s.a.node());
    CHECK(bool(s.a == vector{1, 1}));
}

TEST_CASE("a network that TensorFlow trained is restored into variables made by its layers' names", "[restore][tensorflow]") {
    const auto prefix = find_checkpoint("mnist");
    if (!prefix) { SKIP("the checkpoints are not there"); }
    vs::graph g;
    const vs::as_default guard{g};
    {
        const vs::variable_scope dense{"dense"};
        (void)vs::get_variable<float, 2>("kernel", {64, 512});
        (void)vs::get_variable<float, 1>("bias", {512}, {.initializer = vs::zeros()});
    }
    const vs::restore_report report = vs::restore(*prefix / "model.ckpt-46900");
    CHECK(report.restored == names{"dense/kernel", "dense/bias"});
    CHECK(std::ranges::find(report.not_used, "conv2d/kernel") != report.not_used.end());
    const vs::variable<float, 2> kernel(vs::find_variable("dense/kernel").value());
    double squares = 0;
    for (const float x : kernel) { squares += double{x} * double{x}; }
    const double stddev = std::sqrt(squares / static_cast<double>(kernel.size()));
    CHECK(stddev > 0.01); // a trained layer's weights: neither zeros nor noise of the wrong scale
    CHECK(stddev < 1);
}

TEST_CASE("the checkpoint of the example static_paths is what the test's writer makes of its weights", "[restore]") {
    bundle_writer made;
    made.add("network/hidden/bias", float32_type, {2}, bytes_of(std::vector<float>{0, -1}));
    made.add("network/hidden/kernel", float32_type, {2, 2}, bytes_of(std::vector<float>{1, 1, 1, 1}));
    made.add("network/out/bias", float32_type, {1}, bytes_of(std::vector<float>{0}));
    made.add("network/out/kernel", float32_type, {2, 1}, bytes_of(std::vector<float>{1, -2}));

    const std::filesystem::path prefix =
        std::filesystem::path(VARSCOPE_SOURCE_DIR) / "examples/static_paths/model.ckpt";
    CHECK(read_file(prefix.string() + ".index") == made.index());
    CHECK(read_file(bundle_writer::data_path(prefix, 0, 1)) == made.data.at(0));
}
