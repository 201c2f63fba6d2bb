/// \file
/// The open scopes of one thread: what a scope is made of, and the stack that it stands in.
#pragma once

#include <varscope/constraint.hpp>
#include <varscope/custom_getter.hpp>
#include <varscope/detail/digest.hpp>
#include <varscope/detail/scope_counts.hpp>
#include <varscope/detail/small_text.hpp>
#include <varscope/dtype.hpp>
#include <varscope/initializer.hpp>
#include <varscope/name.hpp>
#include <varscope/partitioner.hpp>
#include <varscope/regularizer.hpp>
#include <varscope/reuse.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace varscope {

class graph;

namespace detail {

/// A name scope: one or more components below another one. The root has none: a null pointer stands
/// for it.
struct name_link {
    const name_link* outer = nullptr;
    mutable digest id{};                       // of the full path, letter case folded ...
    mutable bool has_id = false;               // ... once somebody asked
    small_text text;                           // the components as asked for ...
    std::uint32_t suffix = 0;                  // ... and the number that made them unique
    letter_case letters = letter_case::folded; // as the graph compares names
    bool may_be_hidden = false; // may lead below an op that a variable made for itself
};

/// The digest of the full path, letter case as the graph compares it. Worked out for scopes that
/// something is named in, not for all.
[[nodiscard]] inline digest id_of(const name_link* link) {
    if (link == nullptr) { return root_digest; }
    if (!link->has_id) {
        std::string unique;
        append_suffixed(unique, link->text.view(), link->suffix);
        link->id = extend(id_of(link->outer), unique, link->letters);
        link->has_id = true;
    }
    return link->id;
}

/// The full path, without '/' at its end.
[[nodiscard]] inline std::string path_of(const name_link* link) {
    if (link == nullptr) { return {}; }
    std::string path = path_of(link->outer);
    if (link->outer != nullptr) { path += '/'; }
    append_suffixed(path, link->text.view(), link->suffix);
    return path;
}

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

/// A variable scope: a path, and what holds for the variables asked for in it.
struct scope_state {
    const scope_state* prefix =
        nullptr; // the path of which `text` is the rest; null: `text` is all of it
    small_text text;
    std::uint32_t suffix = 0; // made a default name unique
    digest id = root_digest;  // of the full path
    reuse_mode reuse = reuse_mode::inherit;
    dtype type = dtype::float32;
    const scope_defaults* defaults = nullptr;           // never null in an open scope ...
    std::shared_ptr<const scope_defaults> own_defaults; // ... the enclosing scope's, or these
    varscope::constraint constraint;                    // not inherited
    const name_link* original = nullptr; // the name scope it was first opened with ...
    std::string original_text;           // ... once that may be gone
    bool has_original_text = false;

    /// Whether a variable that exists is shared without a look at what the scope hands down.
    [[nodiscard]] bool shares_as_is() const noexcept {
        const bool shares = reuse == reuse_mode::reuse || reuse == reuse_mode::auto_reuse;
        return shares && defaults->is_plain;
    }

    /// Changes what is handed down from here on.
    template <class Change>
    void change_defaults(Change&& change) {
        auto changed = std::make_shared<scope_defaults>(*defaults);
        changed->replaced = own_defaults;
        std::forward<Change>(change)(*changed);
        changed->is_plain =
            !changed->initializer && !changed->partitioner && changed->getters == nullptr;
        defaults = changed.get();
        own_defaults = std::move(changed);
    }

    [[nodiscard]] std::string name() const {
        std::string path = prefix == nullptr ? std::string() : prefix->name();
        if (!path.empty()) { path += '/'; }
        append_suffixed(path, text.view(), suffix);
        return path;
    }

    /// With '/' at its end; empty if there is none.
    [[nodiscard]] std::string original_name_scope() const {
        if (has_original_text) { return original_text; }
        return original == nullptr ? std::string() : path_of(original) + '/';
    }
};

/// Makes `to` the same scope, independent of the guards of the enclosing ones. Its defaults are
/// still those of `from`.
inline void copy_to(scope_state& to, const scope_state& from) {
    to.text.assign(from.name());
    to.id = from.id;
    to.reuse = from.reuse;
    to.type = from.type;
    to.defaults = from.defaults;
    to.constraint = from.constraint;
    to.original_text = from.original_name_scope();
    to.has_original_text = true;
}

/// The same scope, independent of every guard's lifetime: with defaults of its own.
[[nodiscard]] inline std::shared_ptr<scope_state> copy_of(const scope_state& s) {
    auto copy = std::make_shared<scope_state>();
    copy_to(*copy, s);
    copy->own_defaults = s.own_defaults;
    if (s.own_defaults.get() != s.defaults) {
        copy->own_defaults = std::make_shared<scope_defaults>(*s.defaults);
    }
    copy->defaults = copy->own_defaults.get();
    return copy;
}

/// Where a scope's state is: in the guard that opened it, until somebody wants to keep it.
class scope_slot {
public:
    [[nodiscard]] scope_state& state() noexcept { return kept_ ? *kept_ : own_; }
    [[nodiscard]] const scope_state& state() const noexcept { return kept_ ? *kept_ : own_; }

    /// The state, shared with the open scope and independent of every guard's lifetime.
    [[nodiscard]] const std::shared_ptr<scope_state>& keep() {
        if (!kept_) { kept_ = copy_of(own_); }
        return kept_;
    }
    /// Enters a state that was kept.
    void adopt(std::shared_ptr<scope_state> state) noexcept { kept_ = std::move(state); }

    scope_counts::scope* counts = nullptr;

private:
    scope_state own_;
    std::shared_ptr<scope_state> kept_;
};

struct thread_scopes;
struct creator_link;

/// One open block. Lives in its guard; the innermost one is known to the thread.
struct scope_frame {
    scope_frame* outer = nullptr;
    thread_scopes* thread = nullptr;
    const name_link* names = nullptr; // the name scope in force
    scope_slot* scope = nullptr;      // the variable scope in force
};

/// The open scopes of one thread in one graph.
struct thread_scopes {
    explicit thread_scopes(graph& g) noexcept : owner{&g} {
        root.counts = &counts.root();
        root.state().defaults = &scope_defaults::none();
        base = {nullptr, this, nullptr, &root};
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
    void pop(const scope_frame& frame) noexcept {
        if (innermost != &frame) {
            std::fputs("varscope: a scope was left that is not the innermost one of its thread\n"
                       "  guards must be destroyed in the reverse order of their creation, in the "
                       "same thread\n",
                stderr);
            std::abort();
        }
        innermost = frame.outer;
    }

    graph* owner;
    scope_counts counts;
    scope_slot root;
    scope_frame base;
    scope_frame* innermost = &base;
    creator_link* creators = nullptr; // of the open variable_creator_scopes, the innermost first
};

} // namespace detail
} // namespace varscope
