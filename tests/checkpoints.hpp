/// \file
/// Where the checkpoints are that TensorFlow wrote.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>

/// The file or folder `name` of the checkpoints: below the folder that the environment names in
/// `VARSCOPE_CHECKPOINTS`, or else `../shared/checkpoints` from the project's root. None if it is
/// not there: the test is then skipped.
inline std::optional<std::filesystem::path> find_checkpoint(std::string_view name) {
    const char* const named = std::getenv("VARSCOPE_CHECKPOINTS");
    const std::filesystem::path folder = named != nullptr && *named != '\0'
        ? std::filesystem::path(named)
        : std::filesystem::path(VARSCOPE_SOURCE_DIR) / "../shared/checkpoints";
    if (std::filesystem::path path = folder / name; exists(path)) { return path; }
    return std::nullopt;
}
