/// \file
/// Giving variables the values that a checkpoint holds under their names.
#pragma once

#include <varscope/graph/graph.hpp>

#include <cstdint>
#include <filesystem>
#include <source_location>
#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// What happens to a variable that the checkpoint does not have.
enum class on_missing : std::uint8_t {
    refuse, ///< an error
    keep,   ///< it keeps its value, and is reported
};

/// How to restore.
struct restore_options {
    varscope::on_missing on_missing = varscope::on_missing::refuse;
};

/// What a restore did, by op name; each list in the order of the graph or of the file.
struct restore_report {
    std::vector<std::string> restored; ///< variables that took their value from the file
    std::vector<std::string> missing;  ///< variables that the file does not have
    std::vector<std::string> not_used; ///< tensors in the file that are no variable of the graph
};

/// Reads the global variables of `g` from a checkpoint that TensorFlow wrote (version 2), by op
/// name; those that are cut into parts by the name of the whole, however the file has it cut, or
/// else part by part.
///
/// All names, shapes, element types and checksums are checked before any variable changes: after a
/// throw all of them are as before. Variables that had no memory yet are read into place. Tensors
/// that are no variable here are left alone.
///
/// \param path  "folder/model.ckpt-100", or one of its files.
/// \throws checkpoint_error  a file is missing or damaged; a variable is missing from it (unless
/// `on_missing` says
///                           otherwise), or has another shape or element type there.
/// \throws not_a_variable    an op's tensor was added to the collection of global variables.
/// Safe from any thread, beside all uses of other variables. Follows tf.train.Saver.restore.
restore_report restore(graph& g, const std::filesystem::path& path, restore_options options = {},
    std::source_location where = std::source_location::current());

/// The same for the graph in force.
restore_report restore(const std::filesystem::path& path, restore_options options = {},
    std::source_location where = std::source_location::current());

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/io/impl/restore.ipp>
#endif
