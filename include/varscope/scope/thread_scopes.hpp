/// \file
/// The open scopes of one thread, and what they hand down.
#pragma once

#include <varscope/initializers/initializer.hpp>
#include <varscope/names/names_in_scopes.hpp>
#include <varscope/policy/constraint.hpp>
#include <varscope/policy/custom_getter.hpp>
#include <varscope/policy/partitioner.hpp>
#include <varscope/policy/regularizer.hpp>
#include <varscope/scope/scope_frame.hpp>
#include <varscope/scope/scope_tree.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

class graph;

namespace detail {

/// What a variable scope hands down to the variables and scopes in it. Never changes once it is
/// made: a setter makes a new one, so that inner scopes keep what they were opened with.
struct scope_defaults {
    varscope::initializer initializer;
    varscope::regularizer regularizer;
    varscope::partitioner partitioner;
    std::shared_ptr<const getter_chain> getters;
    bool is_plain = true; // neither initializer, partitioner nor getters
    // By this; inner scopes may refer to it.
    mutable std::shared_ptr<const scope_defaults> replaced;

    scope_defaults() = default;
    scope_defaults(const scope_defaults&) = default;
    scope_defaults& operator=(const scope_defaults&) = delete;
    scope_defaults(scope_defaults&&) = delete;
    scope_defaults& operator=(scope_defaults&&) = delete;
    /// One after the other: as many as setters were called would not fit on the stack.
    ~scope_defaults();

    [[nodiscard]] static const scope_defaults& none();
};

/// What few variable scopes have of their own.
struct scope_extras {
    std::shared_ptr<const scope_defaults> defaults;
    varscope::constraint constraint; // not inherited
    std::string text;                // of the path of a scope that is independent of guards
    scope_path path{};
    std::string original_name_scope; // of one that was opened elsewhere before ...
    bool has_original = false;       // ... may be empty
    // Of an open scope:
    std::shared_ptr<scope_state> kept; // what is in force instead
    std::string name_text;             // of its name scope, if that is no part of its path
    link_name name{};
    bool is_left_by_mark = false;  // it was entered through an object
    bool is_left_silently = false; // it is the root
    scope_tree::mark mark{};
};

template <class Change>
void scope_state::change_defaults(Change&& change) {
    auto changed = std::make_shared<scope_defaults>(*defaults);
    changed->replaced = own().defaults;
    std::forward<Change>(change)(*changed);
    changed->is_plain =
        !changed->initializer && !changed->partitioner && changed->getters == nullptr;
    defaults = changed.get();
    extras->defaults = std::move(changed);
}

struct creator_link;

/// The open scopes of one thread in one graph.
struct thread_scopes {
    thread_scopes(graph& g, unique_names& names, std::uint64_t thread);
    thread_scopes(const thread_scopes&) = delete;
    thread_scopes& operator=(const thread_scopes&) = delete;
    thread_scopes(thread_scopes&&) = delete;
    thread_scopes& operator=(thread_scopes&&) = delete;
    ~thread_scopes() = default;

    void push(scope_frame& frame) noexcept;
    /// For a scope opened again that stands in none.
    [[nodiscard]] open_again& unused_open_again();
    /// Gives back scopes that are not open, now and then.
    void tidy();
    [[nodiscard]] bool is_innermost(const scope_frame& frame) const noexcept {
        return innermost == &frame;
    }
    void pop(const scope_frame& frame) noexcept;

    graph* owner;
    std::uint64_t home; // the thread's number
    unique_names* table;
    std::shared_ptr<open_again> opened_again; // shared with the graph, which may end first ...
    std::vector<std::shared_ptr<open_again>> more_opened_again; // ... while that one is open
    scope_tree tree;
    scope_slot root;
    scope_frame base;
    scope_frame* innermost = &base;
    creator_link* creators = nullptr; // of the open variable_creator_scopes, the innermost first
};

/// Opens name scope `hashed` in `outer`: makes `link` stand for it, whose name is `kept`, and
/// returns the name scope then in force. \throws invalid_name
[[nodiscard]] const name_link* open_name_scope(thread_scopes& thread, const name_link* outer,
    name_link& link, const hashed_name& hashed, link_name& kept);

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/impl/scope_frame.ipp>
#include <varscope/scope/impl/thread_scopes.ipp>
#endif
