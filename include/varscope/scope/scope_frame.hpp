/// \file
/// The open scopes of one thread: what a scope is made of, and the stack that it stands in.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/names/digest.hpp>
#include <varscope/names/name_link.hpp>
#include <varscope/policy/reuse.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI {

class constraint;

namespace detail {

struct scope_defaults;
struct scope_extras;
struct scope_node;

/// What a variable scope is called.
struct scope_path {
    digest id;
    const char* text;
    std::size_t size;

    [[nodiscard]] std::string_view view() const noexcept { return {text, size}; }
};

/// A variable scope: a path, and what holds for the variables asked for in it.
struct scope_state {
    scope_state() noexcept
        : path{nullptr}
        , defaults{nullptr}
        , original{nullptr}
        , reuse{reuse_mode::inherit}
        , type{dtype::float32} {}
    explicit scope_state(unset_t) noexcept {}
    scope_state(const scope_state&) = delete;
    scope_state& operator=(const scope_state&) = delete;
    scope_state(scope_state&&) = delete;
    scope_state& operator=(scope_state&&) = delete;
    ~scope_state() = default;

    const scope_path* path;
    const scope_defaults* defaults; // never null in an open scope
    const name_link* original;      // the name scope it was first opened with; null: none
    reuse_mode reuse;
    dtype type;
    struct delete_extras {
        void operator()(scope_extras* gone) const noexcept;
    };
    std::unique_ptr<scope_extras, delete_extras> extras; // mostly none

    /// Whether a variable that exists is shared without a look at what the scope hands down.
    [[nodiscard]] bool shares_as_is() const noexcept;

    [[nodiscard]] scope_extras& own();
    [[nodiscard]] const digest& id() const noexcept { return path->id; }
    void set_path(std::string_view text, const digest& id);
    void set_original(std::string name_scope);
    [[nodiscard]] const varscope::constraint& constraint() const;

    /// Changes what is handed down from here on.
    template <class Change>
    void change_defaults(Change&& change); // thread_scopes.hpp

    [[nodiscard]] std::string name() const;

    /// With '/' at its end; empty if there is none.
    [[nodiscard]] std::string original_name_scope() const;
};

/// Makes `to` the same scope, independent of the guards of the enclosing ones. Its defaults are
/// still those of `from`.
void copy_to(scope_state& to, const scope_state& from);

/// The same scope, independent of every guard's lifetime: with defaults of its own.
[[nodiscard]] std::shared_ptr<scope_state> copy_of(const scope_state& s);

/// Where a scope's state is: in the guard that opened it, until somebody wants to keep it.
class scope_slot {
public:
    scope_slot() = default;
    scope_slot(unset_t, const std::source_location& opened_at) noexcept
        : own_{unset}
        , opened_at_{opened_at} {}
    scope_slot(const scope_slot&) = delete;
    scope_slot& operator=(const scope_slot&) = delete;
    scope_slot(scope_slot&&) = delete;
    scope_slot& operator=(scope_slot&&) = delete;
    ~scope_slot() = default;

    [[nodiscard]] scope_state& state() noexcept { return *state_; }
    [[nodiscard]] const scope_state& state() const noexcept { return *state_; }

    /// The state, shared with the open scope and independent of every guard's lifetime.
    [[nodiscard]] std::shared_ptr<scope_state> keep();
    /// Enters a state that was kept.
    void adopt(std::shared_ptr<scope_state> state);

    /// All that a scope has without options.
    void set(const scope_path& path, const scope_state& from, const name_link* original,
        reuse_mode mode) noexcept;

    /// What there is beyond the state in force.
    [[nodiscard]] const scope_extras* extras() const noexcept { return own_.extras.get(); }
    [[nodiscard]] scope_extras& own() { return own_.own(); }
    /// Line 0 for the root.
    [[nodiscard]] const std::source_location& opened_at() const noexcept { return opened_at_; }

private:
    scope_state own_;
    scope_state* state_ = &own_;
    std::source_location opened_at_;
};

struct thread_scopes;

/// A state of a thread's scopes to come back to: see scope_tree.
struct scope_mark {
    std::size_t changes;
    std::uint64_t outer;
};

/// One open block. Lives in its guard; the innermost one is known to the thread.
struct scope_frame {
    scope_frame* outer;
    thread_scopes* thread;
    const name_link* names; // the name scope in force
    scope_slot* scope;      // the variable scope in force ...
    scope_node* place;      // ... in the tree of the thread
};

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/thread_scopes.hpp>
#endif
