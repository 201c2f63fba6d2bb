// A guard that has no name ends at once: compilers say so.
// errors: 8
#include <varscope/scope/capture.hpp>
#include <varscope/schema/static_scope.hpp>
#include <varscope/scope/transaction.hpp>
#include <varscope/variable/variable_creator.hpp>

namespace vs = varscope;
using namespace varscope::literals;
inline void good(vs::graph& g) {
    const vs::as_default in(g);
    const vs::variable_scope s("s");
}
#ifndef VARSCOPE_GOOD
inline void bad(vs::graph& g, const vs::captured_scope& captured, const vs::variable_creator& creator) {
    vs::variable_scope{"s"}; // error: name the guard: it ends at once
    vs::variable_scope{g, "s", vs::reuse};
    vs::static_scope{"s"_path};
    vs::name_scope{"n"};
    vs::as_default{g};
    vs::resume{captured};
    vs::transaction{g};
    vs::variable_creator_scope{creator};
}
#endif
