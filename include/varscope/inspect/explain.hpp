/// \file
/// What a name means in a graph, and why things are not called as they were asked for.
#pragma once

#include <varscope/inspect/detail/name_holders.hpp>
#include <varscope/inspect/graph_lookup.hpp>
#include <varscope/names/name.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/variable/variable_errors.hpp>

#include <cstdint>
#include <ostream>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// What `explain` found out, fact by fact; printed with one fact a line.
struct explanation {
    enum class fact_kind : std::uint8_t {
        subject,   ///< a variable or op that the name means; the facts up to the next one are about
                   ///< it
        unknown,   ///< the name means no variable and no op
        names,     ///< key, name of the op and name of the tensor, as far as there are any
        created,   ///< where it was first asked for
        part,      ///< one of its parts, and that part's names
        renamed,   ///< a creator scope asked for another name of the op than the key
        taken,     ///< a name, and who has it: so the subject, or a scope of its, got a suffix
        elsewhere, ///< who has the name that it would have without suffixes
        next,      ///< what another op of this name would be called
        below,     ///< variables whose keys begin with the name
        nearest,   ///< names that are spelled most alike
    };
    struct fact {
        fact_kind kind;
        std::string text;                         ///< without indent and end of line
        std::vector<std::string> names;           ///< that the text mentions beside what was asked
        std::vector<std::source_location> places; ///< that the text mentions
    };

    std::string asked;
    std::vector<fact> facts;
};

[[nodiscard]] std::string to_string(const explanation& e);
std::ostream& operator<<(std::ostream& out, const explanation& e);

namespace detail {

/// Finds out about one name. The graph is to be locked as long as this lives.
class explainer {
public:
    explainer(graph& g, std::string_view asked);

    [[nodiscard]] explanation operator()() &&;

private:
    using kind = explanation::fact_kind;
    using strings = std::vector<std::string>;

    static bool has_tensor(const node& n) noexcept {
        return n.is_variable || static_cast<const op_node&>(n).op_type != "NoOp";
    }

    void add(kind k, std::string text, strings names = {},
        std::vector<std::source_location> places = {});
    void add_holder(const std::string& before, const std::string& name);

    void explain_node(const node& n);

    /// Key, op and tensor side by side.
    void add_names(const node& n);

    void add_parts(const variable_node& whole);

    /// Why its op is not called as it was asked for.
    void add_reasons(const node& n);

    /// Why the name scopes around an op are not called as they were asked for.
    void add_scopes(const node& n, const std::string& wanted);

    void explain_unknown();

    /// The first three of the names, and how many more.
    void add_list(kind k, std::string text, strings names);
    [[nodiscard]] strings nearest() const;

    graph& graph_;
    name_holders holders_;
    std::string name_;       // without what makes it the name of a tensor or scope
    bool is_tensor_ = false; // asked for as one
    explanation result_;
};

} // namespace detail

/// What `name` means in graph `g`: given as a key ("scope/v"), as the name of an op ("scope/v_1"),
/// of a tensor ("scope/v_1:0") or of a name scope ("scope/").
///
/// Tells all variables and ops that it can mean, with their three names side by side and the place
/// where each was first asked for; if one has a suffix, who has the name that it did not get. The
/// usual trap is told too: a variable that `get_variable("v")` shares may have the op `v_1`, while
/// op `v` is another variable, which is never shared. For a name that is free, tells the nearest
/// ones.
///
/// Names are full: open scopes do not count. Creates and reserves nothing. Ops are known as far as
/// the graph keeps a record of them. Safe from any thread; holds the graph's lock. Cost: several
/// looks at each op of the graph. There is no counterpart in TensorFlow.
[[nodiscard]] explanation explain(graph& g, name_arg name);
/// The same in the graph in force.
[[nodiscard]] inline explanation explain(name_arg name) { return explain(current_graph(), name); }

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/inspect/impl/explain.ipp>
#endif
