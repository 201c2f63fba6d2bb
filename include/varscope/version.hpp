/// \file
/// The version of the library, which CMake reads from here, and what the compiler must have. Every
/// header includes this one before anything else.
#pragma once

// One error that says why, and no other one after it: the file that is not there ends the
// compilation.
#if __cplusplus < 202002L
#error "varscope needs C++20: compile with -std=c++20, with GCC 12, Clang 16 or newer"
#include <varscope_needs_cpp20_see_the_error_above>
#endif
#include <version>
#if !defined(__cpp_lib_source_location)
#error "varscope needs std::source_location: compile with GCC 12, Clang 16 or newer"
#include <varscope_needs_source_location_see_the_error_above>
#elif !defined(__cpp_exceptions)
#error "varscope tells what is wrong by exceptions: compile without -fno-exceptions"
#include <varscope_needs_exceptions_see_the_error_above>
#endif

#define VARSCOPE_VERSION_MAJOR 0
#define VARSCOPE_VERSION_MINOR 1
#define VARSCOPE_VERSION_PATCH 0

// All names are in this inline namespace of varscope: what is compiled with one version does not
// link with what is compiled with another.
#define VARSCOPE_ABI_NAME(major, minor, patch) v##major##_##minor##_##patch
#define VARSCOPE_ABI_OF(major, minor, patch) VARSCOPE_ABI_NAME(major, minor, patch)
#define VARSCOPE_ABI                                                                               \
    VARSCOPE_ABI_OF(VARSCOPE_VERSION_MAJOR, VARSCOPE_VERSION_MINOR, VARSCOPE_VERSION_PATCH)

// Where the functions of the library are defined: in every file that includes it; or, where all
// files are compiled with VARSCOPE_SEPARATE_COMPILATION, in the one that includes
// <varscope/src.hpp>.
#ifdef VARSCOPE_SEPARATE_COMPILATION
#define VARSCOPE_INLINE
#else
#define VARSCOPE_INLINE inline
#endif
