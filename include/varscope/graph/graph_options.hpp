/// \file
/// What a graph is told when it is made.
#pragma once

#include <varscope/version.hpp>

#include <cstdint>
#include <optional>

namespace varscope::inline VARSCOPE_ABI {

/// When variables get their first value.
enum class initialization : std::uint8_t {
    immediate, ///< when they are created
    deferred,  ///< by `global_variables_initializer()`, a restore, an assignment, or not at all, as
               ///< in TensorFlow
};

/// Whether op names that differ only in upper and lower case are made unique. Store keys always are
/// what they are.
enum class name_case : std::uint8_t {
    ignored,     ///< `w`, then `W_1`: TensorFlow's since 1.9
    significant, ///< `w`, then `W`: TensorFlow's before
};

/// What a graph is made with. Options are written in the order in which they stand here.
struct graph_options {
    std::uint64_t seed = 0; ///< random initial values depend on it and on the variable's name
    varscope::initialization initialization = varscope::initialization::immediate;
    /// Keep a record of each op and its inputs, as long as the graph: see `records_ops`. Without it
    /// ops still get their unique names.
    std::optional<bool> record_ops{};
    varscope::name_case name_case = varscope::name_case::ignored;
    bool strict_names = false;   ///< a variable whose name would need a suffix to be unique is an
                                 ///< error (`name_taken`)
    bool record_sharing = false; ///< keep a record of who creates and shares what: see sharing.hpp
    unsigned initialization_threads = 0; ///< in how many threads, at most, a rule fills a large
                                         ///< variable with random numbers, which are the same for
                                         ///< any; 0: as many as the machine runs at once

    /// Whether ops are recorded: as asked for; else in a graph that is built once and run often, as
    /// TensorFlow's, which is one with deferred initialisation, and not in an immediate one, where
    /// the same layers are called again and again.
    [[nodiscard]] bool records_ops() const noexcept {
        return record_ops.value_or(initialization == varscope::initialization::deferred);
    }
};

} // namespace varscope::inline VARSCOPE_ABI
