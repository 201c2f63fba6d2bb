/// \file
/// What a name means in a graph, and why things are not called as they were asked for.
#pragma once

#include <varscope/inspect/detail/name_holders.hpp>
#include <varscope/inspect/graph_lookup.hpp>
#include <varscope/names/name.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/variable/variable_errors.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <ostream>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
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

[[nodiscard]] inline std::string to_string(const explanation& e) {
    std::string text;
    for (const auto& fact : e.facts) {
        const bool begins = fact.kind == explanation::fact_kind::subject ||
            fact.kind == explanation::fact_kind::unknown;
        if (!text.empty()) { text += '\n'; }
        text += (begins ? "" : "  ") + fact.text;
    }
    return text;
}
inline std::ostream& operator<<(std::ostream& out, const explanation& e) {
    return out << to_string(e);
}

namespace detail {

/// Finds out about one name. The graph is to be locked as long as this lives.
class explainer {
public:
    explainer(graph& g, std::string_view asked) : graph_{g}, holders_{g} {
        result_.asked = asked;
        is_tensor_ = asked.ends_with(":0");
        name_ = asked.substr(0, asked.size() - (is_tensor_ ? 2 : 0));
        while (name_.ends_with('/')) { name_.pop_back(); }
        if (has_hidden_word(name_)) { g.show_hidden(nullptr, name_); }
    }

    [[nodiscard]] explanation operator()() && {
        const node* const variable = holders_.find_key(name_);
        const node* op = holders_.find_op(name_);
        if (is_tensor_ && op != nullptr && !has_tensor(*op)) { op = nullptr; }
        const bool is_tensor_first = is_tensor_ && op != variable;
        if (is_tensor_first && op != nullptr) { explain_node(*op); }
        if (is_tensor_first && op == nullptr) { explain_unknown(); }
        if (variable != nullptr) { explain_node(*variable); }
        if (!is_tensor_ && op != nullptr && op != variable) { explain_node(*op); }
        if (result_.facts.empty()) { explain_unknown(); }
        return std::move(result_);
    }

private:
    using kind = explanation::fact_kind;
    using strings = std::vector<std::string>;

    static bool has_tensor(const node& n) noexcept {
        return n.is_variable || static_cast<const op_node&>(n).op_type != "NoOp";
    }

    void add(kind k, std::string text, strings names = {},
        std::vector<std::source_location> places = {}) {
        std::erase_if(places, [](const auto& place) { return place.line() == 0; });
        result_.facts.push_back({k, std::move(text), std::move(names), std::move(places)});
    }
    void add_holder(const std::string& before, const std::string& name) {
        const auto [text, place] = holders_.holder_of(name);
        add(kind::taken, before + text, {name}, {place});
    }

    void explain_node(const node& n) {
        const bool is_first = result_.facts.empty();
        const bool has_one_name = n.is_whole || n.key_size == 0 || n.key() == n.op_name();
        std::string text = in_quotes(is_first ? result_.asked : name_);
        text += is_first || result_.facts[0].kind == kind::unknown ? " is " : " is also ";
        if (!has_one_name) {
            text += n.key() == name_ ? "the key of " : is_tensor_ ? "the tensor of " : "the op of ";
        }
        add(kind::subject, text + describe(n));
        add_names(n);
        text = "first created" + at_place(n.defined_at);
        if (!n.is_variable) {
            add(kind::created, text, {}, {n.defined_at});
            add_reasons(n);
            return;
        }
        const auto& v = static_cast<const variable_node&>(n);
        add(kind::created, text + " with " + describe(v.get_shape(), v.type), {}, {n.defined_at});
        if (n.is_whole) {
            add_parts(v);
        } else {
            add_reasons(n);
        }
    }

    /// Key, op and tensor side by side.
    void add_names(const node& n) {
        std::string text = n.key_size > 0 ? "key " + in_quotes(n.key()) + ", "
            : n.is_variable               ? "no key (never shared), "
                                          : "";
        strings names;
        if (n.key_size > 0) { names.emplace_back(n.key()); }
        if (n.is_whole) {
            text += "the ops are those of its parts";
        } else {
            text += "op " + in_quotes(names.emplace_back(n.op_name()));
            text += has_tensor(n) ? ", tensor " + in_quotes(names.emplace_back(n.tensor_name()))
                                  : ", no tensor";
        }
        add(kind::names, text, names);
    }

    void add_parts(const variable_node& whole) {
        constexpr std::size_t shown = 8;
        const auto& parts = whole.extras->parts;
        for (std::size_t i = 0; i < std::min(shown, parts.size()); ++i) {
            add_names(*parts[i]);
            auto& part = result_.facts.back();
            part.kind = kind::part;
            part.text.insert(0, "part " + std::to_string(i) + ": ");
        }
        if (parts.size() > shown) {
            add(kind::part, "and " + std::to_string(parts.size() - shown) + " more");
        }
    }

    /// Why its op is not called as it was asked for.
    void add_reasons(const node& n) {
        const std::string op(n.op_name());
        const auto asked = holders_.without_suffix(op);
        const std::string wanted = asked.value_or(op);
        if (n.key_size > 0 && wanted != n.key()) {
            add(kind::renamed,
                "a creator scope asked for op name " + in_quotes(wanted) + ", not for the key",
                {wanted});
        }
        if (asked) { add_holder("op name " + in_quotes(*asked) + " was taken by ", *asked); }
        if (n.key_size == 0) { add_scopes(n, wanted); } // others stand below no name scope
    }

    /// Why the name scopes around an op are not called as they were asked for.
    void add_scopes(const node& n, const std::string& wanted) {
        std::string plain; // the name without suffixes
        std::size_t begin = 0;
        for (std::size_t end = wanted.find('/'); end != std::string::npos;
             end = wanted.find('/', end + 1)) {
            const std::string scope = wanted.substr(0, end);
            const auto asked =
                holders_.find_op(scope) == nullptr ? holders_.without_suffix(scope) : std::nullopt;
            if (asked) {
                add_holder("name scope " + in_quotes(scope) + " was asked for as " +
                        in_quotes(*asked) + ", which was taken by ",
                    *asked);
            }
            plain += asked.value_or(scope).substr(begin) + '/';
            begin = end + 1;
        }
        plain += wanted.substr(begin);
        const node* other = plain == wanted ? nullptr : holders_.find_key(plain);
        if (other == nullptr) { other = holders_.find_op(plain); }
        if (plain == wanted || other == nullptr || other == &n) { return; }
        add(kind::elsewhere,
            in_quotes(plain) + " is " + describe(*other) + " made" + at_place(other->defined_at),
            {plain}, {other->defined_at});
    }

    void explain_unknown() {
        const bool is_taken = !is_tensor_ && holders_.taker_of(name_).has_value();
        add(kind::unknown,
            is_taken ? in_quotes(name_) +
                    (graph_.options().records_ops() ? " is neither a variable nor a recorded op"
                                                    : " is not a variable; ops were not recorded")
                     : "nothing is called " + in_quotes(result_.asked));
        if (is_taken) {
            add_holder("the name is taken by ", name_);
            std::string next;
            append_suffixed(next, name_, graph_.names().peek(root_digest, name_));
            add(kind::next, "an op of this name would be called " + in_quotes(next), {next});
        }
        strings below;
        for (const variable_node* v : graph_.store().all()) {
            if (v->key().starts_with(name_ + '/')) { below.emplace_back(v->key()); }
        }
        const bool is_known = is_taken || !below.empty() || holders_.find_key(name_) != nullptr;
        add_list(kind::below, "variables below it: ", std::move(below));
        if (!is_known) { add_list(kind::nearest, "nearest: ", nearest()); }
    }

    /// The first three of the names, and how many more.
    void add_list(kind k, std::string text, strings names) {
        if (names.empty()) { return; }
        const std::size_t shown = std::min<std::size_t>(3, names.size());
        for (std::size_t i = 0; i < shown; ++i) {
            text += (i == 0 ? "" : ", ") + in_quotes(names[i]);
        }
        if (names.size() > shown) {
            text += " and " + std::to_string(names.size() - shown) + " more";
        }
        names.resize(shown);
        add(k, std::move(text), std::move(names));
    }
    [[nodiscard]] strings nearest() const {
        strings names = nearest_keys(graph_, name_);
        for (auto& op : nearest_ops(graph_, name_, 3)) {
            if (names.size() < 3 && std::ranges::find(names, op) == names.end()) {
                names.push_back(std::move(op));
            }
        }
        return names;
    }

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
[[nodiscard]] inline explanation explain(graph& g, name_arg name) {
    const std::scoped_lock lock(g.creation());
    return detail::explainer(g, name.text())();
}
/// The same in the graph in force.
[[nodiscard]] inline explanation explain(name_arg name) { return explain(current_graph(), name); }

} // namespace varscope::inline VARSCOPE_ABI
