/// \file
/// Which files a TensorFlow V2 checkpoint consists of, and what to say when they are not there.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/io/bundle_format.hpp>
#include <varscope/io/file.hpp>
#include <varscope/io/sorted_table.hpp>

#include <cstdint>
#include <filesystem>
#include <source_location>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::io::detail {

[[nodiscard]] inline std::filesystem::path bundle_index(std::filesystem::path prefix) {
    return prefix += ".index";
}

/// "P.data-00000-of-00002" for shard 0 of 2.
[[nodiscard]] std::filesystem::path bundle_data(
    std::filesystem::path prefix, std::uint64_t shard, std::uint64_t shards);

/// The prefix in the name of an index or data file; other names as they are.
[[nodiscard]] std::string_view without_bundle_ending(std::string_view name);

/// Names in a folder that begin with `start` and end with `ending`, sorted; none if it cannot be
/// read.
[[nodiscard]] std::vector<std::string> names_in(
    const std::filesystem::path& folder, std::string_view start, std::string_view ending);

/// "'a', 'b' and 3 more"
[[nodiscard]] std::string enumerate(const std::vector<std::string>& names);

/// One line about the checkpoints in a folder.
[[nodiscard]] std::string checkpoints_in(const std::filesystem::path& folder);

/// What the text file 'checkpoint' of a folder names as the latest one; empty if it names none.
[[nodiscard]] std::string latest_in(
    const std::filesystem::path& folder, const std::source_location& where);

[[noreturn]] void refuse_path(const std::filesystem::path& path, std::string_view what,
    const std::string& fact, std::string_view advice, const std::source_location& where);

/// The absolute prefix that a user's path means. Its index file exists.
///
/// \throws checkpoint_error  there is no index file; the text says what there is instead.
[[nodiscard]] std::filesystem::path find_bundle(
    const std::filesystem::path& given, const std::source_location& where);

/// Throws unless the data file exists.
void require_bundle_data(const std::filesystem::path& prefix, const std::filesystem::path& path,
    std::string_view tensor, const std::source_location& where);

} // namespace varscope::inline VARSCOPE_ABI::io::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/io/impl/bundle_path.ipp>
#endif
