/// \file
/// The open scopes of one thread: what a scope is made of, and the stack that it stands in.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/initializers/initializer.hpp>
#include <varscope/names/digest.hpp>
#include <varscope/names/name_link.hpp>
#include <varscope/policy/constraint.hpp>
#include <varscope/policy/custom_getter.hpp>
#include <varscope/policy/partitioner.hpp>
#include <varscope/policy/regularizer.hpp>
#include <varscope/policy/reuse.hpp>
#include <varscope/scope/scope_tree.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
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
    ~scope_defaults() {
        while (replaced != nullptr && replaced.use_count() == 1) {
            auto next = std::move(replaced->replaced);
            replaced = std::move(next);
        }
    }

    [[nodiscard]] static const scope_defaults& none() {
        static const scope_defaults& shared = *new scope_defaults; // for static objects too
        return shared;
    }
};

struct scope_state;

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
    std::unique_ptr<scope_extras> extras; // mostly none

    /// Whether a variable that exists is shared without a look at what the scope hands down.
    [[nodiscard]] bool shares_as_is() const noexcept {
        const bool shares = reuse == reuse_mode::reuse || reuse == reuse_mode::auto_reuse;
        return shares && defaults->is_plain;
    }

    [[nodiscard]] scope_extras& own() {
        if (extras == nullptr) { extras = std::make_unique<scope_extras>(); }
        return *extras;
    }
    [[nodiscard]] const digest& id() const noexcept { return path->id; }
    void set_path(std::string_view text, const digest& id) {
        own().text = text;
        extras->path = {id, extras->text.data(), text.size()};
        path = &extras->path;
    }
    void set_original(std::string name_scope) {
        own().original_name_scope = std::move(name_scope);
        extras->has_original = true;
    }
    [[nodiscard]] const varscope::constraint& constraint() const {
        static const varscope::constraint& none =
            *new varscope::constraint; // for static objects too
        return extras == nullptr ? none : extras->constraint;
    }

    /// Changes what is handed down from here on.
    template <class Change>
    void change_defaults(Change&& change) {
        auto changed = std::make_shared<scope_defaults>(*defaults);
        changed->replaced = own().defaults;
        std::forward<Change>(change)(*changed);
        changed->is_plain =
            !changed->initializer && !changed->partitioner && changed->getters == nullptr;
        defaults = changed.get();
        extras->defaults = std::move(changed);
    }

    [[nodiscard]] std::string name() const { return std::string(path->view()); }

    /// With '/' at its end; empty if there is none.
    [[nodiscard]] std::string original_name_scope() const {
        if (extras != nullptr && extras->has_original) { return extras->original_name_scope; }
        return original == nullptr ? std::string() : path_of(original) + '/';
    }
};

/// Makes `to` the same scope, independent of the guards of the enclosing ones. Its defaults are
/// still those of `from`.
inline void copy_to(scope_state& to, const scope_state& from) {
    to.set_path(from.path->view(), from.id());
    to.reuse = from.reuse;
    to.type = from.type;
    to.defaults = from.defaults;
    to.extras->constraint = from.constraint();
    to.set_original(from.original_name_scope());
}

/// The same scope, independent of every guard's lifetime: with defaults of its own.
[[nodiscard]] inline std::shared_ptr<scope_state> copy_of(const scope_state& s) {
    auto copy = std::make_shared<scope_state>();
    copy_to(*copy, s);
    auto& own = copy->extras->defaults;
    if (s.extras != nullptr && s.extras->defaults.get() == s.defaults) {
        own = s.extras->defaults;
    } else {
        own = std::make_shared<scope_defaults>(*s.defaults);
    }
    copy->defaults = own.get();
    return copy;
}

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
    [[nodiscard]] std::shared_ptr<scope_state> keep() {
        if (state_ == &own_) { adopt(copy_of(own_)); }
        return own_.extras->kept;
    }
    /// Enters a state that was kept.
    void adopt(std::shared_ptr<scope_state> state) {
        own_.own().kept = std::move(state);
        state_ = own_.extras->kept.get();
    }

    /// All that a scope has without options.
    void set(const scope_path& path, const scope_state& from, const name_link* original,
        reuse_mode mode) noexcept {
        own_.path = &path;
        own_.defaults = from.defaults;
        own_.original = original;
        own_.reuse = from.reuse;
        own_.type = from.type;
        if (mode == reuse_mode::reuse || mode == reuse_mode::auto_reuse) { own_.reuse = mode; }
    }

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
struct creator_link;

/// One open block. Lives in its guard; the innermost one is known to the thread.
struct scope_frame {
    scope_frame* outer;
    thread_scopes* thread;
    const name_link* names;   // the name scope in force
    scope_slot* scope;        // the variable scope in force ...
    scope_tree::scope* place; // ... in the tree of the thread
};

/// The open scopes of one thread in one graph.
struct thread_scopes {
    thread_scopes(graph& g, unique_names& names, std::uint64_t thread)
        : owner{&g}
        , home{thread}
        , table{&names}
        , opened_again{names.add_thread()}
        , tree{&names} {
        root.state().path = &tree.root().path;
        root.state().defaults = &scope_defaults::none();
        base = {nullptr, this, nullptr, &root, &tree.root()};
    }
    thread_scopes(const thread_scopes&) = delete;
    thread_scopes& operator=(const thread_scopes&) = delete;
    thread_scopes(thread_scopes&&) = delete;
    thread_scopes& operator=(thread_scopes&&) = delete;
    ~thread_scopes() = default;

    void push(scope_frame& frame) noexcept {
        frame.outer = innermost;
        innermost = &frame;
    }
    /// For a scope opened again that stands in none.
    [[nodiscard]] open_again& unused_open_again() {
        const auto is_unused = [](const auto& again) {
            return again->base.load(std::memory_order_relaxed) == nullptr;
        };
        if (is_unused(opened_again)) { return *opened_again; }
        const auto unused = std::ranges::find_if(more_opened_again, is_unused);
        if (unused != more_opened_again.end()) { return **unused; }
        return *more_opened_again.emplace_back(table->add_thread());
    }
    /// Gives back scopes that are not open, now and then.
    void tidy() {
        if (!tree.is_large()) [[likely]] { return; }
        tree.give_back([&](const auto& need) {
            for (const scope_frame* f = innermost; f != nullptr; f = f->outer) { need(*f->place); }
        });
    }
    [[nodiscard]] bool is_innermost(const scope_frame& frame) const noexcept {
        return innermost == &frame;
    }
    void pop(const scope_frame& frame) noexcept {
        if (innermost != &frame) {
            std::fputs("varscope: a scope was left that is not the innermost one of its thread\n"
                       "  guards must be destroyed in the reverse order of their creation\n",
                stderr);
            std::abort();
        }
        innermost = frame.outer;
    }

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

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI
