/// \file
/// Reading a TensorFlow checkpoint of 1 GiB, which is written for it, beside reading its bytes.

#include <varscope/io/bundle.hpp>
#include <varscope/io/crc32c.hpp>

#include "io/bundle_writer.hpp"
#include "table.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

namespace {

namespace io = varscope::io;

constexpr std::size_t tensors = 200;

/// A checkpoint of 200 equal tensors, and memory for one.
class checkpoint {
public:
    explicit checkpoint(std::size_t bytes)
        : buffer_(bytes / tensors / sizeof(float) * sizeof(float)) {
        const std::string elements(buffer_.size(), 'x');
        const bundle_test::record first{.type = 1,
            .shape = {static_cast<std::int64_t>(buffer_.size() / sizeof(float))},
            .size = elements.size(),
            .crc = bundle_test::masked_crc(elements)};
        bundle_test::bundle_writer writer;
        std::ofstream data(data_path(), std::ios::binary);
        for (std::size_t i = 0; i < tensors; ++i) {
            bundle_test::record each = first;
            each.offset = i * elements.size();
            writer.entries["layer_" + std::to_string(i) + "/kernel"] = bundle_test::encode(each);
            data << elements;
        }
        if (!data.flush()) { throw std::runtime_error("cannot write " + data_path().string()); }
        bundle_test::write_file(prefix().string() + ".index", writer.index());
    }

    [[nodiscard]] std::filesystem::path prefix() const { return folder_.path() / "model"; }
    [[nodiscard]] std::filesystem::path data_path() const {
        return bundle_test::bundle_writer::data_path(prefix(), 0, 1);
    }
    [[nodiscard]] std::span<std::byte> buffer() noexcept { return buffer_; }
    [[nodiscard]] double bytes() const noexcept {
        return static_cast<double>(buffer_.size() * tensors);
    }

private:
    bundle_test::temporary_folder folder_;
    std::vector<std::byte> buffer_;
};

void read_checkpoint(checkpoint& from) {
    const io::bundle_reader reader(from.prefix());
    for (const io::bundle_entry& entry : reader.entries()) { reader.read(entry, from.buffer()); }
}

/// The bytes alone, in the same pieces.
void read_bytes(checkpoint& from, bool is_summed) {
    const int file = open(from.data_path().c_str(), O_RDONLY | O_CLOEXEC);
    std::size_t rest = tensors;
    for (; file >= 0 && rest > 0; --rest) {
        const std::span<std::byte> to = from.buffer();
        std::size_t done = 0;
        while (done < to.size()) {
            const auto got = read(file, to.data() + done, to.size() - done);
            if (got <= 0) { break; }
            if (is_summed) { keep(io::crc32c(to.subspan(done, static_cast<std::size_t>(got)))); }
            done += static_cast<std::size_t>(got);
        }
        if (done < to.size()) { break; }
    }
    close(file);
    if (rest > 0) { throw std::runtime_error("cannot read " + from.data_path().string()); }
}

/// One for all sides of a row.
[[nodiscard]] std::shared_ptr<checkpoint> make_checkpoint(std::size_t bytes) {
    static std::weak_ptr<checkpoint> made;
    auto shared = made.lock();
    if (!shared) {
        shared = std::make_shared<checkpoint>(bytes);
        made = shared;
    }
    return shared;
}

template <class Read>
[[nodiscard]] measurement gigabytes_per_second(std::size_t bytes, Read read) {
    return {.sampled = [=] {
        const auto from = make_checkpoint(bytes);
        return [=] {
            const double start = wall_seconds();
            read(*from);
            return from->bytes() / (wall_seconds() - start) * 1e-9;
        };
    }};
}

} // namespace

void add_bundle(table& t) {
    const std::size_t bytes = t.said().is_quick ? std::size_t{1} << 20U : std::size_t{1} << 30U;
    t.add({.workload = "read a TensorFlow checkpoint of 1 GiB (large), verified",
        .unit = "GB/s",
        .better = better::higher,
        .ours = gigabytes_per_second(bytes, [](checkpoint& from) { read_checkpoint(from); }),
        .peers = {{"read(2), CRC-32C",
                      gigabytes_per_second(
                          bytes, [](checkpoint& from) { read_bytes(from, true); })},
            {"read(2)",
                gigabytes_per_second(bytes, [](checkpoint& from) { read_bytes(from, false); })}},
        .repetitions = 5});
}

} // namespace bench
