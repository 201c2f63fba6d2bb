/// \file
/// The variable scopes that a thread has opened so far, by their paths.
#pragma once

#include <varscope/graph/nodes.hpp>
#include <varscope/names/digest.hpp>
#include <varscope/names/flat_table.hpp>
#include <varscope/names/name.hpp>
#include <varscope/names/name_link.hpp>
#include <varscope/scope/detail/scope_times.hpp>
#include <varscope/scope/scope_frame.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

struct name_entry;

/// A path that a thread has opened, or asked for variables in.
//
// Three cache lines: the first one is what has to be read when a scope is opened and something
// is asked for in it again, the second one is mostly written, the third one is for the rest.
struct alignas(64) scope_node {
    digest id;
    // Both of plain names only; never null.
    scope_node* last_child;            // that was asked for
    scope_node* next_sibling;          // that was asked for after this one last time
    variable_node* variable = nullptr; // that was asked for in it last
    link_name own_name{};              // what name scopes are opened with: its last component
    // By the clock of the tree, which openings move on.
    std::uint64_t opened = 0; // 0: never
    std::uint64_t left = 0;   // by name: after what was opened by then
    // Where its name stands in the table of taken names, in one name scope.
    name_entry* entry = nullptr;
    digest names_in{};
    scope_path path; // with the same id
    scope_node* parent = nullptr;
    std::uint64_t suffix_at = 0; // this path with _1, ..., _(next_suffix - 1) is in use, if no
                                 // scope above was left since
    std::uint32_t next_suffix = 1;
    bool is_plain_first = false; // see is_plain_name
    bool is_plain_inner = false;
    enum class key_state : std::uint8_t { unknown, plain, other };
    key_state keys = key_state::unknown; // see is_plain_path
    bool has_times_below : 1 = false;    // of scopes that were given back, whose names were in use
    bool is_needed : 1 = false;          // see give_back
    std::uint64_t saved_for = 0;         // the mark for which the journal has this scope's state

    [[nodiscard]] std::string_view view() const noexcept { return path.view(); }

    /// Whether the last component is a legal name for a name scope, and no op that a variable
    /// makes for itself can be called so.
    [[nodiscard]] bool is_plain_name(bool is_outermost) const noexcept {
        return is_outermost ? is_plain_first : is_plain_inner;
    }
    /// The last `count` characters of the path.
    [[nodiscard]] std::string_view tail(std::size_t count) const noexcept {
        return view().substr(path.size - count);
    }
};

/// The paths that one thread has opened in one graph, and which of their names are in use for
/// default names.
///
/// A name is in use once a scope was opened by it. Leaving a scope that was opened by its name
/// frees the names of all scopes below it; leaving one that was opened through a scope object
/// brings the names back that were in use just after entering it. Instead of counting openings,
/// each scope knows when it was last opened and last left: its name is in use if none of the scopes
/// above it was left since. Follows _VariableScopeStore (TensorFlow 1.15). Not thread-safe.
///
/// Scopes that nothing refers to are given back now and then (`give_back`); of those only the times
/// are kept that default names need.
class scope_tree {
public:
    /// \param names  the table in which the names of their name scopes are taken.
    explicit scope_tree(unique_names* names = nullptr)
        : names_{names}
        , root_{create(root_digest, {})} {}

    scope_tree(const scope_tree&) = delete;
    scope_tree& operator=(const scope_tree&) = delete;
    scope_tree(scope_tree&&) = delete;
    scope_tree& operator=(scope_tree&&) = delete;
    ~scope_tree() {
        for (scope_node* s : all_) { destroy(s); }
    }

    [[nodiscard]] scope_node& root() noexcept { return *root_; }

    /// Whether there are so many scopes that it is worth giving some back.
    [[nodiscard]] bool is_large() const noexcept { return all_.size() >= large_ && !has_mark(); }
    /// Gives back all scopes but those that are needed, and those that they stand in.
    /// \param for_each_needed  calls what it is given with each scope that is referred to.
    template <class ForEachNeeded>
    void give_back(ForEachNeeded&& for_each_needed) {
        root_->is_needed = true;
        const auto need = [](scope_node& s) {
            for (scope_node* at = &s; !at->is_needed; at = at->parent) { at->is_needed = true; }
        };
        std::forward<ForEachNeeded>(for_each_needed)(need);
        for (scope_node* s :
            all_) { // where suffixes were counted far, they would have to be counted again
            if (s->next_suffix > 8) { need(*s); }
        }
        std::vector<scope_times::record> times;
        for (scope_node* s : all_) {
            if (s->is_needed) { continue; }
            std::uint64_t left = 0;
            for (const scope_node* above = s->parent; above != nullptr; above = above->parent) {
                left = std::max(left, above->left);
            }
            if (s->opened <= left) { continue; } // its name is free
            times.push_back({scope_times::key_of(s->id, scope_times::kind::opened), s->opened});
            for (scope_node* above = s->parent; above != nullptr && !above->has_times_below;
                 above = above->parent) {
                above->has_times_below = true;
            }
        }
        for (const scope_node* s : all_) {
            if (s->is_needed || !s->has_times_below) { continue; }
            times.push_back({scope_times::key_of(s->id, scope_times::kind::left), s->left});
        }
        times_.add(std::move(times)); // the last step that can fail
        std::erase_if(all_, [&](scope_node* s) {
            if (!s->is_needed) {
                scopes_.erase(*s);
                destroy(s);
                return true;
            }
            s->is_needed = false;
            s->last_child = &none_;
            s->next_sibling = &none_;
            return false;
        });
        large_ = std::max(min_large, 2 * all_.size());
    }
    /// Scopes and times held, for measuring.
    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
    [[nodiscard]] std::size_t times() const noexcept { return times_.size(); }

    /// The scope `name` (one or more components) below `parent`. Cost: a hash look-up.
    [[nodiscard]] scope_node& below(scope_node& parent, const hashed_name& name);
    /// The same for a name of one component that is plain, both outermost and not (see
    /// is_plain_name), if it was asked for last, or came after that one last time; else null.
    [[nodiscard, gnu::always_inline]] static scope_node* find_next(
        scope_node& parent, const hashed_name& name) noexcept {
        scope_node* const last = parent.last_child;
        if (last->own_name.hash == name.exact.hash) { return last; }
        scope_node* const next = last->next_sibling;
        if (next->own_name.hash != name.exact.hash) [[unlikely]] { return nullptr; }
        return parent.last_child = next;
    }
    /// Has `find_next` find the child, if it is there and such a one. Cost: a hash look-up.
    void make_next(scope_node& parent, const hashed_name& name) noexcept;
    [[nodiscard]] scope_node& below(scope_node& parent, std::string_view name) {
        return below(parent, hashed_name(name));
    }

    /// Whether the path is legal in front of a variable's name, without capitals, and no op that a
    /// variable makes for itself can be called so. The first time it is mentioned to `names`.
    [[nodiscard]] bool is_plain_path(scope_node& asked, unique_names& names);

    /// Makes sure that opening this scope cannot fail.
    void expect(scope_node& opened) { save(opened); }
    void open(scope_node& opened);
    /// The same where changes are not remembered.
    void open_unmarked(scope_node& opened) noexcept;

    /// After a scope opened by name was left.
    void close(scope_node& left);
    /// The same where changes are not remembered.
    void close_unmarked(scope_node& left) noexcept;

    /// Whether changes are remembered now.
    [[nodiscard]] bool has_mark() const noexcept { return current_mark_ != 0; }

    using mark = scope_mark;

    /// Begins to remember changes, so that `rewind` can take them back. Calls nest.
    [[nodiscard]] mark set_mark() noexcept;
    void rewind(const mark& to) noexcept;

    /// Keeps what changed since.
    void drop(const mark& to) noexcept;

    /// `name`, or the first of `name_1`, `name_2`, ... that is not in use; 0 stands for no suffix.
    [[nodiscard]] std::uint32_t first_free(scope_node& parent, std::string_view name);

private:
    static constexpr std::size_t min_large = 4096; // scopes

    /// A scope, with its path behind it.
    [[nodiscard]] scope_node* create(
        const digest& id, std::string_view path, scope_node* parent = nullptr);
    static void destroy(scope_node* s) noexcept;

    struct change {
        scope_node* where;
        std::uint64_t opened;
        std::uint64_t left;
        std::uint64_t suffix_at;
        std::uint32_t next_suffix;
        std::uint64_t saved_for;
    };

    // Once for each scope and mark, so that the journal does not grow with the number of openings.
    void save(scope_node& s) {
        if (current_mark_ != 0 && s.saved_for != current_mark_) { write_down(s); }
    }
    void write_down(scope_node& s);

    scope_node& add(scope_node& parent, std::string_view name);
    static std::string join_to(std::string_view path, std::string_view component);

    unique_names* names_;
    std::vector<scope_node*> all_;
    std::size_t large_ = min_large;
    scope_times times_;
    flat_table<scope_node> scopes_;
    scope_node none_{
        .id = {}, .last_child = &none_, .next_sibling = &none_, .path = {}}; // of no name
    scope_node* root_;
    std::vector<change> journal_;
    std::uint64_t clock_ = 0;
    std::uint64_t current_mark_ = 0; // 0: nothing to come back to
    std::uint64_t last_mark_ = 0;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/impl/scope_tree.ipp>
#endif
