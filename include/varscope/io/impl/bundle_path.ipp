// See bundle_path.hpp.
#pragma once

#include <varscope/io/bundle_path.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <source_location>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::io::detail {

VARSCOPE_INLINE std::filesystem::path bundle_data(
    std::filesystem::path prefix, std::uint64_t shard, std::uint64_t shards) {
    const auto padded = [](std::uint64_t number) {
        std::string text = std::to_string(number);
        return text.size() < 5 ? text.insert(0, 5 - text.size(), '0') : text;
    };
    return prefix += ".data-" + padded(shard) + "-of-" + padded(shards);
}

VARSCOPE_INLINE std::string_view without_bundle_ending(std::string_view name) {
    if (name.ends_with(".index")) { return name.substr(0, name.size() - 6); }
    const auto digits_at_end = [](std::string_view text) {
        const std::size_t last = text.find_last_not_of("0123456789");
        return last == std::string_view::npos ? text.size() : text.size() - last - 1;
    };
    std::string_view rest = name;
    for (const std::string_view before : {std::string_view("-of-"), std::string_view(".data-")}) {
        const std::size_t digits = digits_at_end(rest);
        rest.remove_suffix(digits);
        if (digits == 0 || !rest.ends_with(before)) { return name; }
        rest.remove_suffix(before.size());
    }
    return rest;
}

VARSCOPE_INLINE std::vector<std::string> names_in(
    const std::filesystem::path& folder, std::string_view start, std::string_view ending) {
    std::vector<std::string> names;
    std::error_code problem;
    for (std::filesystem::directory_iterator file(folder, problem), end; !problem && file != end;
         file.increment(problem)) {
        std::string name = file->path().filename().string();
        if (name.starts_with(start) && name.ends_with(ending)) { names.push_back(std::move(name)); }
    }
    std::ranges::sort(names);
    return names;
}

VARSCOPE_INLINE std::string enumerate(const std::vector<std::string>& names) {
    constexpr std::size_t most = 8;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
        text += (i == 0 ? "" : ", ") + in_quotes(names[i]);
    }
    if (names.size() > most) { text += " and " + std::to_string(names.size() - most) + " more"; }
    return text;
}

VARSCOPE_INLINE std::string checkpoints_in(const std::filesystem::path& folder) {
    std::vector<std::string> names = names_in(folder, "", ".index");
    for (std::string& name : names) { name = std::string(without_bundle_ending(name)); }
    return names.empty()
        ? "there is no checkpoint in " + in_quotes(folder.string())
        : "there are these in " + in_quotes(folder.string()) + ": " + enumerate(names);
}

VARSCOPE_INLINE std::string latest_in(
    const std::filesystem::path& folder, const std::source_location& where) {
    const std::filesystem::path path = folder / "checkpoint";
    std::error_code problem;
    if (!std::filesystem::is_regular_file(path, problem)) { return {}; }
    const input_file file(path, where);
    std::vector<std::byte> bytes(std::min<std::size_t>(file.size(), std::size_t{1} << 16));
    file.read(0, bytes);
    std::string text;
    for (const std::byte b : bytes) { text += static_cast<char>(b); }

    constexpr std::string_view field =
        "model_checkpoint_path:"; // CheckpointState, as text; others begin with "all_"
    for (std::size_t at = text.find(field); at != std::string::npos;
         at = text.find(field, at + 1)) {
        if (at != 0 && text[at - 1] != '\n') { continue; }
        const std::size_t open = text.find('"', at);
        const std::size_t close = open == std::string::npos ? open : text.find('"', open + 1);
        if (close != std::string::npos) {
            return (folder / text.substr(open + 1, close - open - 1)).string();
        }
    }
    return {};
}

VARSCOPE_INLINE void refuse_path(const std::filesystem::path& path, std::string_view what,
    const std::string& fact, std::string_view advice, const std::source_location& where) {
    throw checkpoint_error("checkpoint " + in_quotes(path.string()) + " " + std::string(what) +
            "\n  " + fact + "\n  " + std::string(advice),
        {path.string(), where});
}

VARSCOPE_INLINE std::filesystem::path find_bundle(
    const std::filesystem::path& given, const std::source_location& where) {
    std::error_code problem;
    std::filesystem::path path = std::filesystem::absolute(given, problem);
    if (problem) { path = given; }
    if (std::filesystem::exists(bundle_index(path), problem)) { return path; }

    const std::string name = path.filename().string();
    const std::string_view stem = without_bundle_ending(name);
    std::filesystem::path stripped = path.parent_path() / stem;
    if (stem != name && std::filesystem::exists(bundle_index(stripped), problem)) {
        return stripped;
    }

    if (std::filesystem::is_directory(path, problem)) {
        const std::string latest = latest_in(path, where);
        refuse_path(path, "is a folder; a checkpoint is named by the prefix of its files",
            latest.empty() ? checkpoints_in(path)
                           : "its file 'checkpoint' names the prefix " + in_quotes(latest),
            latest.empty() ? "give the folder and the prefix" : "give this one, or another", where);
    }
    if (std::filesystem::is_regular_file(path, problem)) {
        const input_file file(path, where);
        std::array<std::byte, 8> ending{};
        if (file.size() >= table_footer_size) { file.read(file.size() - ending.size(), ending); }
        if (byte_reader(ending, file.origin()).read_u64("the magic number") == table_magic) {
            refuse_path(path, "is of version 1", "expected '.index' beside it, found none",
                v1_advice, where);
        }
    }
    const std::filesystem::path folder = stripped.parent_path();
    refuse_path(bundle_index(stripped), "does not exist",
        std::filesystem::is_directory(folder, problem)
            ? checkpoints_in(folder)
            : "there is no folder " + in_quotes(folder.string()),
        "give the folder and the prefix, as in 'folder/model.ckpt-100'", where);
}

VARSCOPE_INLINE void require_bundle_data(const std::filesystem::path& prefix,
    const std::filesystem::path& path, std::string_view tensor, const std::source_location& where) {
    std::error_code problem;
    if (std::filesystem::exists(path, problem)) { return; }
    const auto names = names_in(path.parent_path(), prefix.filename().string() + ".data-", "");
    refuse_path(path, "does not exist",
        "the index says that it holds tensor " + in_quotes(tensor) + "; " +
            (names.empty() ? std::string("there are no data files of this prefix")
                           : "of this prefix there are " + enumerate(names)),
        "keep all files of a checkpoint together, under the names they were written with", where);
}

} // namespace varscope::inline VARSCOPE_ABI::io::detail
