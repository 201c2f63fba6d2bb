// See name_holders.hpp.
#pragma once

#include <varscope/inspect/detail/name_holders.hpp>

#include <algorithm>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::string in_quotes(std::string_view name) {
    return '\'' + std::string(name) + '\'';
}

VARSCOPE_INLINE std::string at_place(const std::source_location& place) {
    return place.line() == 0 ? std::string() : " at " + to_string(place);
}

VARSCOPE_INLINE std::string describe(const node& n) {
    if (!n.is_variable) {
        return "an op of type " + std::string(static_cast<const op_node&>(n).op_type);
    }
    const auto* const extras = static_cast<const variable_node&>(n).extras;
    if (n.is_whole) {
        return "a shared variable in " + std::to_string(extras->parts.size()) + " parts";
    }
    if (extras != nullptr && extras->whole != nullptr) {
        return "a part of the shared variable " + in_quotes(extras->whole->key());
    }
    return n.key_size > 0 ? "a shared variable" : "a variable of its own";
}

VARSCOPE_INLINE const node* name_holders::find_op(std::string_view name) const {
    const auto found = std::ranges::find(nodes_, name, &node::op_name);
    return found == nodes_.end() ? nullptr : *found;
}

VARSCOPE_INLINE const node* name_holders::find_taker(std::string_view name) const {
    if (const node* const exact = find_op(name)) { return exact; }
    if (graph_.names().letters() == letter_case::exact) { return nullptr; }
    const auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : int{c}; };
    const auto found = std::ranges::find_if(nodes_,
        [&](const node* n) { return std::ranges::equal(n->op_name(), name, {}, fold, fold); });
    return found == nodes_.end() ? nullptr : *found;
}

VARSCOPE_INLINE const node* name_holders::find_key(std::string_view key) const {
    const node* const found = graph_.store().find(key);
    return found != nullptr ? found : graph_.store().find_whole(extend(root_digest, key));
}

VARSCOPE_INLINE std::optional<std::string> name_holders::without_suffix(
    std::string_view name) const {
    const auto parts = split_suffix(name);
    if (!parts || taker_of(name) != name_taker::suffix) { return std::nullopt; }
    return std::string(parts->base);
}

VARSCOPE_INLINE name_holders::holder name_holders::holder_of(const std::string& name) const {
    if (const node* const n = find_taker(name)) {
        std::string text = describe(*n);
        if (n->op_name() != name) { text += ' ' + in_quotes(n->op_name()); }
        if (n->key_size > 0 && n->key() != n->op_name()) {
            text += " with key " + in_quotes(n->key());
        }
        return {text + " made" + at_place(n->defined_at), n->defined_at};
    }
    const auto place = graph_.names().first_taken(root_digest, name);
    const auto told = [&](const std::string& text) {
        return holder{text + at_place(place.value_or(std::source_location())),
            place.value_or(std::source_location())};
    };
    switch (taker_of(name).value_or(name_taker::op)) {
    case name_taker::name_scope: return told("a name scope opened");
    case name_taker::reserved: return told("vs::unique_name");
    case name_taker::suffix:
        return {"a name scope or reserved name that was asked for as " +
                in_quotes(split_suffix(name)->base),
            {}};
    case name_taker::op: break;
    }
    if (const node* const maker = maker_of(name)) {
        return {"an op that variable " + in_quotes(maker->op_name()) + " makes for itself", {}};
    }
    return told("an op that is not recorded, asked for");
}

VARSCOPE_INLINE const node* name_holders::maker_of(std::string_view name) const {
    if (!has_hidden_word(name)) { return nullptr; }
    for (std::size_t end = name.find('/'); end != std::string_view::npos;
         end = name.find('/', end + 1)) {
        const node* const above = find_taker(name.substr(0, end));
        if (above != nullptr && above->is_variable) { return above; }
    }
    return nullptr;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
