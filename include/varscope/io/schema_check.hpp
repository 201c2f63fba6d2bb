/// \file
/// Comparing a schema with the tensors of a checkpoint that TensorFlow wrote.
#pragma once

#include <varscope/inspect/schema_check.hpp>
#include <varscope/io/bundle.hpp>
#include <varscope/names/name.hpp>

#include <filesystem>
#include <source_location>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

[[nodiscard]] std::vector<described_variable> list_variables(const io::bundle_reader& file);

} // namespace detail

/// Compares the variables of schema `S` with all tensors of a checkpoint, by full name, shape and
/// element type; those of a type that varscope does not hold too.
///
/// \param scope  where the schema is expected: its `kernel` is then stored as `<scope>/kernel`, and
///               what is stored outside is not compared. Without it all tensors are.
/// \returns what differs; an optimizer's slots, for one, are extra unless they are declared.
/// Elements are not read.
template <class S>
[[nodiscard]] schema_difference check_schema(const io::bundle_reader& file, name_arg scope = "") {
    return check_schema<S>(detail::list_variables(file), scope);
}

/// The same, with the file opened for it.
/// \param path  "folder/model.ckpt-100", or one of its files.
/// \throws checkpoint_error  a file is missing or damaged.
template <class S>
[[nodiscard]] schema_difference check_schema(const std::filesystem::path& path, name_arg scope = "",
    std::source_location where = std::source_location::current()) {
    return check_schema<S>(io::bundle_reader(path, where), scope);
}

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/io/impl/schema_check.ipp>
#endif
