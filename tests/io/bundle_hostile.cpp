#include <varscope/io/bundle.hpp>

#include "catch.hpp"
#include "checkpoints.hpp"
#include "io/bundle_tensors.hpp"
#include "io/bundle_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>

using namespace bundle_test;
using varscope::checkpoint_error;

TEST_CASE("every changed bit of an index file is refused, or is where nothing is kept",
    "[bundle][hostile]") {
    for (const compression method : {compression::none, compression::snappy_copies}) {
        const temporary_folder folder;
        const auto path = small_checkpoint().write(folder.path() / "model", {method, 4, 2});
        const picture expected = take_picture(path);
        const std::string good = read_file(path);
        std::size_t different = 0;
        std::size_t unnoticed = 0;
        for (std::size_t at = 0; at < good.size(); ++at) {
            for (int bit = 0; bit < 8; ++bit) {
                std::string bad = good;
                bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
                write_file(path, bad);
                try {
                    different += take_picture(path) == expected ? 0U : 1U;
                    // Nothing is kept in the zeros of the footer; the top bit of the number before
                    // takes one in.
                    const bool is_zero =
                        at >= good.size() - 48 && at < good.size() - 8 && good[at] == '\0';
                    const bool is_before =
                        at >= good.size() - 48 && good[at + 1] == '\0' && bit == 7;
                    unnoticed += is_zero || is_before ? 0U : 1U;
                } catch (const checkpoint_error&) {} // as it should be
            }
        }
        CHECK(different == 0);
        CHECK(unnoticed == 0);
    }
}

TEST_CASE("every changed bit of a data file is told", "[bundle][hostile]") {
    const temporary_folder folder;
    const auto prefix = folder.path() / "model";
    const bundle_writer writer = small_checkpoint();
    const auto path = writer.write(prefix);
    for (std::size_t shard = 0; shard < 2; ++shard) {
        std::size_t unnoticed = 0;
        for (std::size_t at = 0; at < writer.data[shard].size(); ++at) {
            for (int bit = 0; bit < 8; ++bit) {
                std::string bad = writer.data[shard];
                bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
                write_file(bundle_writer::data_path(prefix, shard, 2), bad);
                try {
                    take_picture(path);
                    ++unnoticed;
                } catch (const checkpoint_error&) {} // as it should be
            }
        }
        CHECK(unnoticed == 0);
        write_file(bundle_writer::data_path(prefix, shard, 2), writer.data[shard]);
    }
}

TEST_CASE("a file cut off anywhere is refused when the checkpoint is opened", "[bundle][hostile]") {
    const temporary_folder folder;
    const auto prefix = folder.path() / "model";
    const auto path = small_checkpoint().write(prefix, {compression::snappy_copies, 4, 2});
    for (const auto& file :
        {path, bundle_writer::data_path(prefix, 0, 2), bundle_writer::data_path(prefix, 1, 2)}) {
        const std::string good = read_file(file);
        std::size_t unnoticed = 0;
        for (std::size_t size = 0; size < good.size(); ++size) {
            write_file(file, good.substr(0, size));
            try {
                const bundle_reader reader(prefix);
                ++unnoticed;
            } catch (const checkpoint_error&) {} // as it should be
        }
        CHECK(unnoticed == 0);
        write_file(file, good);
    }
    CHECK_NOTHROW(take_picture(path));
}

TEST_CASE("changed values under right checksums never break the reader", "[bundle][hostile]") {
    const temporary_folder folder;
    const auto prefix = folder.path() / "model";
    const bundle_writer good = small_checkpoint();
    good.write(prefix);
    std::size_t read = 0;
    std::size_t refused = 0;
    const auto attempt = [&](const bundle_writer& writer) {
        write_file(prefix.string() + ".index", writer.index());
        try {
            take_picture(prefix);
            ++read;
        } catch (const checkpoint_error&) { ++refused; }
    };
    for (std::size_t at = 0; at < good.header.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            bundle_writer bad = good;
            bad.header[at] = static_cast<char>(bad.header[at] ^ (1 << bit));
            attempt(bad);
        }
    }
    for (const auto& [key, value] : good.entries) {
        for (std::size_t at = 0; at < value.size(); ++at) {
            for (int bit = 0; bit < 8; ++bit) {
                bundle_writer bad = good;
                bad.entries[key][at] = static_cast<char>(value[at] ^ (1 << bit));
                attempt(bad);
            }
            bundle_writer bad = good; // a length or number of many bytes
            bad.entries[key] = value.substr(0, at) +
                varint(std::numeric_limits<std::uint64_t>::max()) + value.substr(at);
            attempt(bad);
            bad.entries[key] = value.substr(0, at);
            attempt(bad);
        }
    }
    CHECK(read > 0);
    CHECK(refused > read);
}

TEST_CASE("every cut and every changed byte of an index that TensorFlow wrote is refused",
    "[bundle][tensorflow][hostile]") {
    const auto source = find_checkpoint("mnist");
    if (!source) { SKIP("the checkpoints are not there"); }
    const temporary_folder folder;
    const auto prefix = folder.path() / "model.ckpt-46900";
    const std::string data = prefix.string() + ".data-00000-of-00001";
    const std::string index = prefix.string() + ".index";
    std::filesystem::copy_file(*source / "model.ckpt-46900.data-00000-of-00001", data);
    const std::string good = read_file(*source / "model.ckpt-46900.index");
    std::size_t refused = 0;
    const auto attempt = [&](const std::string& bytes) {
        write_file(index, bytes);
        try {
            const bundle_reader reader(prefix);
        } catch (const checkpoint_error&) { ++refused; }
    };
    for (std::size_t at = 0; at < good.size(); ++at) {
        attempt(good.substr(0, at));
        std::string bad = good;
        bad[at] = static_cast<char>(~bad[at]);
        attempt(bad);
    }
    const std::size_t padding = 40 - 6; // two handles of three bytes each
    CHECK(refused == 2 * good.size() - padding);
}
