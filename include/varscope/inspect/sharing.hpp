/// \file
/// Reports on what is created and shared, and a check for tests.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/graph/graph.hpp>
#include <varscope/graph/sharing_log.hpp>
#include <varscope/names/name.hpp>
#include <varscope/scope/current_graph.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// Records in the graph, from here on, each creation and each sharing of a variable with the place
/// it was asked for at. Begun again, it forgets what was recorded.
///
/// Off in a new graph (`graph_options::record_sharing`). Must not run beside other threads that ask
/// for variables. Cost: none while off; while on, a lock and a search by text for each call.
inline void record_sharing(graph& g = current_graph()) { g.record_sharing(); }
/// Ends that, and forgets what was recorded. Must not run beside other threads that ask for
/// variables.
inline void stop_recording_sharing(graph& g = current_graph()) { g.stop_recording_sharing(); }

/// What became of each name, in the order in which they were first asked for since the recording
/// began; empty if nothing is recorded. Safe from any thread.
[[nodiscard]] std::vector<sharing_record> sharing_report(const graph& g = current_graph());

/// "tower/kernel: created once (model.cpp:12), shared 3 times (model.cpp:31, 2 at train.cpp:7)"
[[nodiscard]] std::string to_string(const sharing_record& r);
[[nodiscard]] std::string to_string(const std::vector<sharing_record>& report);

namespace detail {

/// Whether `text` is as `pattern` says, in which '*' stands for any characters and '?' for one.
[[nodiscard]] bool fits_glob(std::string_view pattern, std::string_view text) noexcept;

} // namespace detail

/// For tests: throws unless every variable whose key fits `pattern`, and at least one, was shared
/// since the recording began.
///
/// \param pattern  of keys: '*' stands for any characters, '/' among them, '?' for one.
/// \throws not_shared  with the name of each that was not, and where it was created.
/// Safe from any thread. \see record_sharing
void expect_shared(const graph& g, name_arg pattern);
inline void expect_shared(name_arg pattern) { expect_shared(current_graph(), pattern); }

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/inspect/impl/sharing.ipp>
#endif
