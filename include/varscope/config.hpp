/// \file
/// The version of the library. CMake reads it from here.
#pragma once

#define VARSCOPE_VERSION_MAJOR 0
#define VARSCOPE_VERSION_MINOR 1
#define VARSCOPE_VERSION_PATCH 0
