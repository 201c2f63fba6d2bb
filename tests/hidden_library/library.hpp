/// \file
/// What a shared library that uses varscope, and is built with hidden visibility, lets its program call.
#pragma once

#include <varscope/graph/graph.hpp>
#include <varscope/scope/scope_handle.hpp>

#include <string>

#define EXPORTED __attribute__((visibility("default")))

namespace library {

/// A graph of the library.
EXPORTED varscope::graph& its_graph();
/// The library's own default graph.
EXPORTED varscope::graph& its_default_graph();
/// The key of a variable that the library asks for in graph `g`, in the scope that it finds open there.
EXPORTED std::string ask_in(varscope::graph& g);
/// The same below a scope object of the program's.
EXPORTED std::string ask_in_scope(varscope::graph& g, const varscope::scope_handle& scope);
/// Opens a scope, and names something in it.
EXPORTED void name_in_scope(varscope::graph& g);
/// Asks for a new variable, which throws if there is one.
EXPORTED void ask_as_new(varscope::graph& g);

} // namespace library
