// See explain.hpp.
#pragma once

#include <varscope/inspect/explain.hpp>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <ostream>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE std::string to_string(const explanation& e) {
    std::string text;
    for (const auto& fact : e.facts) {
        const bool begins = fact.kind == explanation::fact_kind::subject ||
            fact.kind == explanation::fact_kind::unknown;
        if (!text.empty()) { text += '\n'; }
        text += (begins ? "" : "  ") + fact.text;
    }
    return text;
}

VARSCOPE_INLINE std::ostream& operator<<(std::ostream& out, const explanation& e) {
    return out << to_string(e);
}

} // namespace varscope::inline VARSCOPE_ABI

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE explainer::explainer(graph& g, std::string_view asked) : graph_{g}, holders_{g} {
    result_.asked = asked;
    is_tensor_ = asked.ends_with(":0");
    name_ = asked.substr(0, asked.size() - (is_tensor_ ? 2 : 0));
    while (name_.ends_with('/')) { name_.pop_back(); }
    if (has_hidden_word(name_)) { g.show_hidden(nullptr, name_); }
}

VARSCOPE_INLINE explanation explainer::operator()() && {
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

VARSCOPE_INLINE void explainer::add(
    kind k, std::string text, strings names, std::vector<std::source_location> places) {
    std::erase_if(places, [](const auto& place) { return place.line() == 0; });
    result_.facts.push_back({k, std::move(text), std::move(names), std::move(places)});
}

VARSCOPE_INLINE void explainer::add_holder(const std::string& before, const std::string& name) {
    const auto [text, place] = holders_.holder_of(name);
    add(kind::taken, before + text, {name}, {place});
}

VARSCOPE_INLINE void explainer::explain_node(const node& n) {
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

VARSCOPE_INLINE void explainer::add_names(const node& n) {
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

VARSCOPE_INLINE void explainer::add_parts(const variable_node& whole) {
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

VARSCOPE_INLINE void explainer::add_reasons(const node& n) {
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

VARSCOPE_INLINE void explainer::add_scopes(const node& n, const std::string& wanted) {
    std::string plain; // the name without suffixes
    std::size_t begin = 0;
    for (std::size_t end = wanted.find('/'); end != std::string::npos;
         end = wanted.find('/', end + 1)) {
        const std::string scope = wanted.substr(0, end);
        const auto asked =
            holders_.find_op(scope) == nullptr ? holders_.without_suffix(scope) : std::nullopt;
        if (asked) {
            add_holder("name scope " + in_quotes(scope) + " was asked for as " + in_quotes(*asked) +
                    ", which was taken by ",
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

VARSCOPE_INLINE void explainer::explain_unknown() {
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

VARSCOPE_INLINE void explainer::add_list(kind k, std::string text, strings names) {
    if (names.empty()) { return; }
    const std::size_t shown = std::min<std::size_t>(3, names.size());
    for (std::size_t i = 0; i < shown; ++i) { text += (i == 0 ? "" : ", ") + in_quotes(names[i]); }
    if (names.size() > shown) { text += " and " + std::to_string(names.size() - shown) + " more"; }
    names.resize(shown);
    add(k, std::move(text), std::move(names));
}

VARSCOPE_INLINE explainer::strings explainer::nearest() const {
    strings names = nearest_keys(graph_, name_);
    for (auto& op : nearest_ops(graph_, name_, 3)) {
        if (names.size() < 3 && std::ranges::find(names, op) == names.end()) {
            names.push_back(std::move(op));
        }
    }
    return names;
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE explanation explain(graph& g, name_arg name) {
    const std::scoped_lock lock(g.creation());
    return detail::explainer(g, name.text())();
}

} // namespace varscope::inline VARSCOPE_ABI
