/// \file
/// What opening a variable scope does: the plain code behind all its guards.
#pragma once

#include <varscope/name_scope.hpp>
#include <varscope/scope_context.hpp>
#include <varscope/scope_handle.hpp>

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::detail {

/// The name that a scope is opened with, and where that was written.
struct asked_scope {
    explicit asked_scope(const name_arg& name) noexcept
        : hashed{name.text()}
        , is_given{name.is_given()}
        , where{name.where()} {}
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
    scope_guard(thread_scopes& thread, const asked_scope& asked, reuse_mode mode)
        : before_{this_thread().current} {
        enter(thread, asked, mode);
    }
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
        if (!link_.is_in_table) { leave_link(link_); }
        thread.pop(frame_);
        if (mark_.is_set) {
            thread.tree.rewind(mark_.tree);
        } else if (slot_.place != &thread.tree.root()) {
            thread.tree.close(*slot_.place);
        }
        --this_thread().nested;
        this_thread().current = before_;
    }

private:
    void enter(thread_scopes& thread, const asked_scope& asked, reuse_mode mode);
    void enter(thread_scopes& thread, const asked_scope& asked, const scope_options& options);
    void enter(thread_scopes& thread, const scope_state& scope, const scope_options& options,
        const std::source_location& where);
    void enter(thread_scopes& thread, scope_context& context);
    void enter_again(thread_scopes& thread, scope_context& context);
    void open_names(const scope_frame& outer, scope_tree::scope& place, std::size_t name_size,
        const hashed_name& name, const std::source_location& where);
    void open_absolute(const scope_frame& outer, std::string_view name);
    void set_place(const scope_frame& outer, scope_tree::scope& place, reuse_mode mode);
    void inherit(const scope_state& from, const scope_options& options);
    void push(thread_scopes& thread);

    /// Of the names in use, for a scope entered through an object.
    struct entered_mark {
        bool is_set = false;
        scope_tree::mark tree;
    };

    thread_scopes* before_;
    name_link link_;
    scope_slot slot_;
    scope_frame frame_;
    entered_mark mark_;
};

/// What holds in the scope: as in `from`, but for what the options say.
inline void scope_guard::inherit(const scope_state& from, const scope_options& options) {
    scope_state& s = slot_.state();
    s.reuse = options.reuse == reuse_mode::reuse || options.reuse == reuse_mode::auto_reuse
        ? options.reuse
        : from.reuse;
    s.type = options.dtype.value_or(from.type);
    if (options.constraint || s.extras != nullptr) { s.own().constraint = options.constraint; }
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
    thread.tree.open(*slot_.place);
    frame_.thread = &thread;
    frame_.scope = &slot_;
    thread.push(frame_);
    ambient& here = this_thread();
    here.current = &thread;
    ++here.nested;
}

/// The scope at `place`, below the current one; all but what only options can say.
inline void scope_guard::set_place(
    const scope_frame& outer, scope_tree::scope& place, reuse_mode mode) {
    const scope_state& from = outer.scope->state();
    scope_state& s = slot_.state();
    slot_.place = &place;
    s.path = place.path();
    s.id = place.id;
    s.reuse = mode == reuse_mode::reuse || mode == reuse_mode::auto_reuse ? mode : from.reuse;
    s.type = from.type;
    s.defaults = from.defaults;
}

/// Opens the name scope of `name`, with which the path of `place` ends.
inline void scope_guard::open_names(const scope_frame& outer, scope_tree::scope& place,
    std::size_t name_size, const hashed_name& name, const std::source_location& where) {
    link_.text = place.tail(name_size);
    link_.where = where;
    const bool is_legal = outer.names == nullptr ? place.can_be_first : place.can_be_inner;
    const bool is_simple = is_legal && !name.exact.has_slash && name_size > 0;
    const bool may_be_hidden =
        place.may_be_hidden || (outer.names != nullptr && outer.names->may_be_hidden);
    if (!is_simple || may_be_hidden) {
        frame_.names = open_name_scope(*outer.thread->owner, outer.names, link_, name);
        return;
    }
    frame_.names = &link_;
    link_.outer = outer.names;
    if (outer.names != nullptr && !outer.names->is_in_table) {
        link_.is_in_table = false;
        link_.table = outer.names->table;
        return;
    }
    link_.table = &outer.thread->owner->names();
    const digest in = id_in_table(outer.names);
    if (place.name != nullptr && place.names_in == in) {
        open_link(link_, outer.names, name, place.name, nullptr);
    } else {
        place.name = nullptr;
        open_link(link_, outer.names, name, nullptr, &place.name);
        place.names_in = in;
    }
}

/// Opens the name scope of `name`, which need not be part of a path that is kept.
inline void scope_guard::open_absolute(const scope_frame& outer, std::string_view name) {
    link_.copy_text(name);
    frame_.names = open_name_scope(*outer.thread->owner, outer.names, link_, hashed_name(name));
}

/// The common case: a name, and no options.
inline void scope_guard::enter(thread_scopes& thread, const asked_scope& asked, reuse_mode mode) {
    const std::string_view name = asked.hashed.text;
    const scope_frame& outer = *thread.innermost;
    scope_tree::scope& above = *outer.scope->place;
    const bool is_root_itself = name.empty() && above.id == root_digest;
    if (!asked.is_given || is_root_itself || name.ends_with('/')) {
        enter(thread, asked, scope_options{.reuse = mode});
        return;
    }
    scope_tree::scope& place = thread.tree.below(above, asked.hashed);
    frame_.names = outer.names;
    if (!name.empty()) {
        open_names(outer, place, name.size(), asked.hashed, asked.where);
        slot_.state().original = frame_.names;
    }
    set_place(outer, place, mode);
    push(thread);
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
    scope_tree::scope& above = *outer.scope->place;
    const bool is_root_itself = name.empty() && above.id == root_digest; // and not a scope in it
    scope_tree::scope& place =
        is_root_itself ? thread.tree.root() : thread.tree.below(above, asked.hashed);
    scope_state& s = slot_.state();
    frame_.names = outer.names;
    if (!options.auxiliary_name_scope) {
        s.original = outer.names;
    } else if (!name.empty() || !asked.is_given) {
        if (name.ends_with('/') || is_root_itself) {
            link_.where = asked.where;
            open_absolute(outer, name);
        } else {
            open_names(outer, place, name.size(), asked.hashed, asked.where);
        }
        s.original = frame_.names;
        if (frame_.names == nullptr) { s.set_original("/"); } // which is what TensorFlow says of it
    }
    const std::uint32_t suffix = asked.is_given ? 0 : thread.tree.first_free(above, name);
    if (suffix == 0) {
        set_place(outer, place, options.reuse);
    } else {
        std::string unique;
        append_suffixed(unique, name, suffix);
        set_place(outer, thread.tree.below(above, unique), options.reuse);
    }
    inherit(outer.scope->state(), options);
    push(thread);
}

inline void scope_guard::enter(thread_scopes& thread, const scope_state& scope,
    const scope_options& options, const std::source_location& where) {
    const scope_frame& outer = *thread.innermost;
    const std::string_view full = scope.path;
    scope_tree::scope& place =
        full.empty() ? thread.tree.root() : thread.tree.below(thread.tree.root(), full);
    const std::string_view last = full.substr(full.find_last_of('/') + 1);
    frame_.names = outer.names;
    if (options.auxiliary_name_scope && !last.empty()) {
        open_names(outer, place, last.size(), hashed_name(last), where);
    }
    scope_state& s = slot_.state();
    copy_to(s, scope);
    s.extras->defaults = // an object's are its own, so they stay
        scope.extras == nullptr ? nullptr : scope.extras->defaults;
    slot_.place = &place;
    inherit(scope, options);
    push(thread);
    mark_ = {true, thread.tree.set_mark()};
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
        const scope_tree::scope& above = *thread.innermost->scope->place;
        enter(thread, asked_scope(name, context.options_), context.options_);
        const scope_state& s = slot_.state();
        context.original_name_scope_ = s.original_name_scope();
        if (!context.is_named_) { context.text_ = s.path.substr(&above == &thread.tree.root() ? 0 : above.size + 1U); }
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
    link_.where = context.where_;
    if (!options.auxiliary_name_scope) {
        open_absolute(outer,
            context.outer_name_scope_ == "/" ? std::string_view() : context.outer_name_scope_);
    } else if (!wanted.empty()) {
        open_absolute(outer, wanted);
    }
    if (context.object_ != nullptr) {
        slot_.adopt(context.object_);
        slot_.place =
            full.empty() ? &thread.tree.root() : &thread.tree.below(thread.tree.root(), full);
        push(thread);
        mark_ = {true, thread.tree.set_mark()};
        return;
    }
    scope_tree::scope& above = *outer.scope->place;
    const bool is_root_itself = context.text_.empty() && above.id == root_digest;
    set_place(outer,
        is_root_itself ? thread.tree.root() : thread.tree.below(above, context.text_),
        options.reuse);
    scope_state& s = slot_.state();
    s.set_original(context.original_name_scope_);
    inherit(outer.scope->state(), options);
    if (s.reuse == reuse_mode::reuse || s.reuse == reuse_mode::auto_reuse) {
        context.options_.reuse = s.reuse;
    }
    push(thread);
}

} // namespace varscope::detail
