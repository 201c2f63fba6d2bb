/// \file
/// What opening a variable scope does: the plain code behind all its guards.
#pragma once

#include <varscope/name_scope.hpp>
#include <varscope/scope_context.hpp>
#include <varscope/scope_handle.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::detail {

/// The name that a scope is opened with, and where that was written.
struct asked_scope {
    explicit asked_scope(const name_arg& name, const scope_options& options) noexcept
        : hashed{name.is_given() ? name.text() : options.default_name.value_or("")}
        , is_given{name.is_given()}
        , where{name.where()} {}
    /// A name that was hashed while compiling.
    asked_scope(const hashed_name& name, const std::source_location& asked_at) noexcept
        : hashed{name}
        , is_given{true}
        , where{asked_at} {}

    hashed_name hashed;
    bool is_given; // else it is the default name
    std::source_location where;
};

/// An open variable scope; the base of `variable_scope`, which has the constructors.
class scope_guard {
public:
    scope_guard(const scope_guard&) = delete;
    scope_guard& operator=(const scope_guard&) = delete;
    scope_guard(scope_guard&&) = delete;
    scope_guard& operator=(scope_guard&&) = delete;
    static void* operator new(std::size_t) = delete;

    [[nodiscard]] std::string name() const { return state().name(); }
    /// The name scope opened with it, with '/' at its end; empty if there is none.
    [[nodiscard]] std::string original_name_scope() const { return state().original_name_scope(); }
    [[nodiscard]] reuse_mode reuse() const noexcept { return state().reuse; }
    /// From here on this block only shares: an unknown name is an error.
    void reuse_variables() noexcept { slot_.state().reuse = reuse_mode::reuse; }
    /// The scope as an object that can be kept. Not of a temporary guard in the declaration of
    /// another: `variable_scope s{variable_scope("a").handle()}` would leave the first one after
    /// the second, which ends the program. Cost: one allocation, the first time.
    [[nodiscard]] scope_handle handle() { return scope_handle(slot_.keep()); }

    /// \name For the layers above
    /// \{
    [[nodiscard]] const scope_state& state() const noexcept { return slot_.state(); }
    [[nodiscard]] thread_scopes& thread() const noexcept { return *frame_.thread; }
    /// Whether no other variable scope was opened in it, or instead of it.
    [[nodiscard]] bool is_innermost() const noexcept {
        return this_thread().current == frame_.thread && // or it is another thread's
            frame_.thread->innermost->scope == &slot_;
    }
    /// \}

protected:
    scope_guard(thread_scopes& thread, const asked_scope& asked, const scope_options& options)
        : before_{this_thread().current} {
        enter(thread, asked, options);
    }
    scope_guard(thread_scopes& thread, const scope_state& scope, const scope_options& options,
        const std::source_location& where)
        : before_{this_thread().current} {
        enter(thread, scope, options, where);
    }
    scope_guard(thread_scopes& thread, scope_context& context)
        : before_{this_thread().current} {
        enter(thread, context);
    }
    ~scope_guard() {
        thread_scopes& thread = *frame_.thread;
        thread.pop(frame_);
        if (mark_) {
            thread.counts.rewind(*mark_);
        } else if (slot_.counts != &thread.counts.root()) {
            thread.counts.close(*slot_.counts);
        }
        --this_thread().nested;
        this_thread().current = before_;
    }

private:
    void enter(thread_scopes& thread, const asked_scope& asked, const scope_options& options);
    void enter(thread_scopes& thread, const scope_state& scope, const scope_options& options,
        const std::source_location& where);
    void enter(thread_scopes& thread, scope_context& context);
    void enter_again(thread_scopes& thread, scope_context& context);
    void enter_below(const scope_frame& outer, const hashed_name& name, std::uint32_t suffix);
    void inherit(const scope_state& from, const scope_options& options);
    void push(thread_scopes& thread);

    thread_scopes* before_;
    name_link link_;
    scope_slot slot_;
    scope_frame frame_;
    std::optional<scope_counts::mark> mark_; // entered through an object
};

/// What holds in the scope: as in `from`, but for what the options say.
inline void scope_guard::inherit(const scope_state& from, const scope_options& options) {
    scope_state& s = slot_.state();
    s.reuse = options.reuse == reuse_mode::reuse || options.reuse == reuse_mode::auto_reuse
        ? options.reuse
        : from.reuse;
    s.type = options.dtype.value_or(from.type);
    s.constraint = options.constraint;
    s.defaults = from.defaults;
    if (options.initializer || options.regularizer || options.partitioner ||
        options.custom_getter) {
        s.change_defaults([&](scope_defaults& d) {
            if (options.initializer) { d.initializer = options.initializer; }
            if (options.regularizer) { d.regularizer = options.regularizer; }
            if (options.partitioner) { d.partitioner = options.partitioner; }
            if (options.custom_getter) {
                d.getters = std::make_shared<const getter_chain>(
                    getter_chain{options.custom_getter, d.getters});
            }
        });
    }
}

inline void scope_guard::push(thread_scopes& thread) {
    thread.counts.open(*slot_.counts);
    frame_.thread = &thread;
    frame_.scope = &slot_;
    thread.push(frame_);
    this_thread().current = &thread;
    ++this_thread().nested;
}

inline void scope_guard::enter(
    thread_scopes& thread, const asked_scope& asked, const scope_options& options) {
    const scope_frame& outer = *thread.innermost;
    if (!asked.is_given) {
        if (!options.default_name) {
            throw scope_required("a variable scope needs a name or a default name\n  opened at " +
                    to_string(asked.where) +
                    "\n  give a name, or {.default_name = \"...\"} to have one made unique",
                {{}, asked.where});
        }
        if (options.reuse == reuse_mode::reuse || options.reuse == reuse_mode::auto_reuse) {
            throw reuse_without_name("a variable scope with the default name '" +
                    std::string(*options.default_name) + "' cannot reuse\n  opened at " +
                    to_string(asked.where) +
                    "\n  a default name is new each time, so there is nothing to share: give a "
                    "name",
                {std::string(*options.default_name), asked.where});
        }
    }
    const std::string_view name = asked.hashed.text;
    scope_state& s = slot_.state();
    frame_.names = outer.names;
    if (!options.auxiliary_name_scope) {
        s.original = outer.names;
    } else if (!name.empty() || !asked.is_given) {
        frame_.names =
            open_name_scope(*thread.owner, outer.names, link_, asked.hashed, asked.where);
        s.original = frame_.names;
        if (frame_.names == nullptr) { // "/", which is what TensorFlow says of it
            s.original_text = "/";
            s.has_original_text = true;
        }
    }
    const std::uint32_t suffix =
        asked.is_given ? 0 : thread.counts.first_free(*outer.scope->counts, name);
    enter_below(outer, asked.hashed, suffix);
    inherit(outer.scope->state(), options);
    push(thread);
}

/// The scope `name_suffix` below the current one; all but what it inherits.
inline void scope_guard::enter_below(
    const scope_frame& outer, const hashed_name& name, std::uint32_t suffix) {
    const scope_state& from = outer.scope->state();
    scope_counts& counts = outer.thread->counts;
    scope_state& s = slot_.state();
    s.prefix = &from;
    s.text.assign(name.text);
    s.suffix = suffix;
    if (from.id == root_digest && name.text.empty()) { // "" at the root is the root
        slot_.counts = &counts.root();
    } else if (suffix == 0) {
        slot_.counts = &counts.below(*outer.scope->counts, name);
    } else {
        std::string unique;
        append_suffixed(unique, name.text, suffix);
        slot_.counts = &counts.below(*outer.scope->counts, unique);
    }
    s.id = slot_.counts->id;
}

inline void scope_guard::enter(thread_scopes& thread, const scope_state& scope,
    const scope_options& options, const std::source_location& where) {
    const scope_frame& outer = *thread.innermost;
    const std::string full = scope.name();
    const std::string_view last = std::string_view(full).substr(full.find_last_of('/') + 1);
    frame_.names = options.auxiliary_name_scope && !last.empty()
        ? open_name_scope(*thread.owner, outer.names, link_, hashed_name(last), where)
        : outer.names;
    scope_state& s = slot_.state();
    copy_to(s, scope);
    s.own_defaults = scope.own_defaults; // an object's are its own, so they stay
    slot_.counts =
        full.empty() ? &thread.counts.root() : &thread.counts.below(thread.counts.root(), full);
    inherit(scope, options);
    push(thread);
    mark_ = thread.counts.set_mark();
}

inline void scope_guard::enter(thread_scopes& thread, scope_context& context) {
    if (context.was_entered_) {
        enter_again(thread, context);
        return;
    }
    context.outer_name_scope_ = path_of(thread.innermost->names) + '/';
    if (context.object_ != nullptr) {
        enter(thread, *context.object_, context.options_, context.where_);
        context.object_ = slot_.keep();
    } else {
        const name_arg name = context.is_named_ ? name_arg(context.text_, context.where_)
                                                : name_arg(no_name, context.where_);
        enter(thread, asked_scope(name, context.options_), context.options_);
        const scope_state& s = slot_.state();
        context.original_name_scope_ = s.original_name_scope();
        if (!context.is_named_) { append_suffixed(context.text_, s.text.view(), s.suffix); }
        if (s.reuse == reuse_mode::reuse || s.reuse == reuse_mode::auto_reuse) {
            context.options_.reuse = s.reuse;
        }
    }
    context.was_entered_ = true;
}

inline void scope_guard::enter_again(thread_scopes& thread, scope_context& context) {
    const scope_frame& outer = *thread.innermost;
    const scope_options& options = context.options_;
    // The name scope anew: for a default name by that name, as it was asked for.
    const std::string full = context.object_ == nullptr ? std::string() : context.object_->name();
    const std::string_view wanted = context.object_ != nullptr
        ? std::string_view(full).substr(full.find_last_of('/') + 1)
        : context.is_named_ ? std::string_view(context.text_)
                            : std::string_view(context.default_name_);
    frame_.names = outer.names;
    if (!options.auxiliary_name_scope) {
        frame_.names = open_name_scope(*thread.owner, outer.names, link_,
            hashed_name(
                context.outer_name_scope_ == "/" ? std::string_view() : context.outer_name_scope_),
            context.where_);
    } else if (!wanted.empty()) {
        frame_.names = open_name_scope(
            *thread.owner, outer.names, link_, hashed_name(wanted), context.where_);
    }
    if (context.object_ != nullptr) {
        slot_.adopt(context.object_);
        slot_.counts =
            full.empty() ? &thread.counts.root() : &thread.counts.below(thread.counts.root(), full);
        push(thread);
        mark_ = thread.counts.set_mark();
        return;
    }
    enter_below(outer, hashed_name(context.text_), 0);
    scope_state& s = slot_.state();
    s.original_text = context.original_name_scope_;
    s.has_original_text = true;
    inherit(outer.scope->state(), options);
    if (s.reuse == reuse_mode::reuse || s.reuse == reuse_mode::auto_reuse) {
        context.options_.reuse = s.reuse;
    }
    push(thread);
}

} // namespace varscope::detail
