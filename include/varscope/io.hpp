/// \file
/// Files: reading those that TensorFlow wrote.
#pragma once

#include <varscope/io/bundle.hpp>
#include <varscope/io/bundle_data.hpp>
#include <varscope/io/bundle_format.hpp>
#include <varscope/io/bundle_path.hpp>
#include <varscope/io/bundle_slices.hpp>
#include <varscope/io/crc32c.hpp>
#include <varscope/io/file.hpp>
#include <varscope/io/restore.hpp>
#include <varscope/io/schema_check.hpp>
#include <varscope/io/snappy.hpp>
#include <varscope/io/sorted_table.hpp>
#include <varscope/io/wire.hpp>
