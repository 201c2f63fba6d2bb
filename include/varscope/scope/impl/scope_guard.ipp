// See scope_guard.hpp.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/detail/scope_guard.hpp>

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE bool scope_guard::is_innermost() const noexcept {
    return this_thread().current == frame_.thread && // or it is another thread's
        frame_.thread->innermost->scope == &slot_;
}

VARSCOPE_INLINE const digest& scope_guard::id() const noexcept { return frame_.place->id; }

/// The common case, where the graph is in force already, without a call and without a change unless
/// it succeeds: a scope of one component that this thread opened before, in a name scope in which
/// nothing is named yet or whose name was opened before.
template <scope_guard::name_scope_use Use>
[[gnu::always_inline]] inline bool scope_guard::enter_quickly(
    thread_scopes& thread, const name_arg& name, reuse_mode mode) {
    const hashed_name* const asked = name.component();
    if (asked == nullptr) [[unlikely]] { return false; }
    scope_frame& outer = *thread.innermost;
    scope_node* const known = scope_tree::find_next(*outer.place, *asked);
    const name_link* const around = outer.names;
    if (known == nullptr || thread.tree.has_mark()) [[unlikely]] { return false; }
    scope_node& place = *known;
    // What comes next, if all goes as it did last time.
    __builtin_prefetch(place.last_child);
    __builtin_prefetch(place.next_sibling);
    const name_link* names = around;
    if constexpr (Use == name_scope_use::opened) {
        const link_name& own = place.own_name;
        if (around == nullptr || around->is_in_table()) {
            name_entry* const entry = place.entry;
            if (entry == nullptr || !is_id_in_table(around, place.names_in)) [[unlikely]] {
                return false;
            }
            open_again& opened = *thread.opened_again;
            const std::uint32_t number = own.table->open_known(opened, *entry);
            if (number == 0) [[unlikely]] { return false; }
            link_.suffix = number;
            link_.thread =
                opened.base.load(std::memory_order_relaxed) != nullptr ? &opened : nullptr;
        } else {
            if (around->may_be_hidden) [[unlikely]] { return false; }
            const name_event* const step = unique_names::do_likely_step(
                *around->thread, name_step::open, own.hash, own.opened);
            if (step == nullptr) [[unlikely]] { return false; }
            own.opened = step;
            link_.suffix = step->number;
            link_.thread = around->thread;
        }
        link_.outer = around;
        link_.name = &own;
        names = &link_;
    }
    frame_ = {&outer, &thread, names, &slot_, &place};
    slot_.set(place.path, outer.scope->state(), names, mode);
    thread.tree.open_unmarked(place);
    thread.innermost = &frame_;
    return true;
}

/// Does what may fail once the scope is open.
template <class Function>
void scope_guard::or_leave(Function&& function) {
    try {
        std::forward<Function>(function)();
    } catch (...) {
        leave_slowly(is_left(link_));
        throw;
    }
}

[[gnu::noinline]] VARSCOPE_INLINE scope_guard::~scope_guard() {
    thread_scopes& thread = *frame_.thread;
    ambient& here = leave_in(thread.home, "vs::variable_scope");
    const bool has_left_names = is_left(link_);
    if (!has_left_names || !thread.is_innermost(frame_) || slot_.extras() != nullptr ||
        thread.tree.has_mark()) [[unlikely]] {
        leave_slowly(has_left_names);
        return;
    }
    thread.innermost = frame_.outer;
    here.current = before_;
    thread.tree.close_unmarked(*frame_.place);
}

/// What holds in the scope: as in `from`, but for what the options say.
VARSCOPE_INLINE void scope_guard::inherit(const scope_state& from, const scope_options& options) {
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

VARSCOPE_INLINE void scope_guard::push(thread_scopes& thread) {
    thread.tree.open(*frame_.place);
    frame_.thread = &thread;
    frame_.scope = &slot_;
    thread.push(frame_);
    this_thread().current = &thread;
}

/// For a scope entered through an object: leaving brings the names back that are in use now.
VARSCOPE_INLINE void scope_guard::set_mark(scope_tree& tree) {
    scope_extras& own = slot_.own();
    own.mark = tree.set_mark();
    own.is_left_by_mark = true;
}

[[gnu::noinline]] VARSCOPE_INLINE void scope_guard::leave_slowly(bool has_left_names) {
    thread_scopes& thread = *frame_.thread;
    if (!has_left_names) { leave_link(link_); }
    thread.pop(frame_);
    this_thread().current = before_;
    const scope_extras* const own = slot_.extras();
    if (own != nullptr && own->is_left_by_mark) {
        thread.tree.rewind(own->mark);
    } else if (own == nullptr || !own->is_left_silently) {
        thread.tree.close(*frame_.place);
    }
}

/// The scope at `place`, below the current one; all but what only options can say. After its
/// original name scope was set.
VARSCOPE_INLINE void scope_guard::set_place(
    const scope_frame& outer, scope_node& place, reuse_mode mode) {
    frame_.place = &place;
    slot_.set(place.path, outer.scope->state(), slot_.state().original, mode);
}

/// Opens the name scope of `name`, which is the last component of `place`.
VARSCOPE_INLINE void scope_guard::open_names(const scope_frame& outer, scope_node& place,
    const hashed_name& name, const std::source_location& where) {
    const name_link* const around = outer.names;
    if (!place.is_plain_name(around == nullptr) || (around != nullptr && around->may_be_hidden)) {
        open_other_names(outer, name.text, where);
        return;
    }
    frame_.names = &link_;
    link_.outer = around;
    link_.name = &place.own_name;
    link_.where = where;
    if (name_entry* const entry = open_link(link_, outer.thread->unused_open_again(), name)) {
        place.names_in = id_of(around);
        place.entry = entry;
    }
}

/// Opens the name scope of a name that is no part of the scope's path.
VARSCOPE_INLINE void scope_guard::open_other_names(
    const scope_frame& outer, std::string_view name, const std::source_location& where) {
    link_.outer = nullptr;
    link_.suffix = 0;
    link_.where = where;
    scope_extras& own = slot_.own();
    own.name_text = name;
    own.name.text = own.name_text;
    frame_.names = open_name_scope(*outer.thread, outer.names, link_, hashed_name(name), own.name);
}

/// A name, and no options.
[[gnu::noinline]] VARSCOPE_INLINE void scope_guard::enter(
    thread_scopes& thread, const name_arg& name, reuse_mode mode) {
    thread.tidy();
    const hashed_name& asked = name.hashed();
    if (!asked.exact.is_component) {
        enter(thread, name, scope_options{.reuse = mode});
        return;
    }
    const scope_frame& outer = *thread.innermost;
    thread.tree.make_next(*outer.place, asked);
    if (enter_quickly<name_scope_use::opened>(thread, name, mode)) {
        this_thread().current = &thread;
        return;
    }
    scope_node& place = thread.tree.below(*outer.place, asked);
    thread.tree.expect(place);
    open_names(outer, place, asked, name.where());
    slot_.state().original = frame_.names;
    set_place(outer, place, mode);
    push(thread);
}

[[gnu::noinline]] VARSCOPE_INLINE void scope_guard::enter_slowly(
    const name_arg& name, reuse_mode mode) {
    enter(current_scopes(), name, mode);
}

[[gnu::noinline]] VARSCOPE_INLINE void scope_guard::enter(const name_arg& name, reuse_mode mode) {
    before_ = this_thread().current;
    if (before_ == nullptr || !enter_quickly<name_scope_use::opened>(*before_, name, mode))
        [[unlikely]] {
        enter_slowly(name, mode);
    }
}
VARSCOPE_INLINE void scope_guard::enter_with(const name_arg& name, const scope_options& options) {
    before_ = this_thread().current;
    enter(current_scopes(), name, options);
}
VARSCOPE_INLINE scope_guard::scope_guard(
    thread_scopes& thread, const name_arg& name, reuse_mode mode)
    : before_{this_thread().current}
    , link_{unset, name.where()}
    , slot_{unset, name.where()} {
    enter(thread, name, mode);
}
VARSCOPE_INLINE scope_guard::scope_guard(
    thread_scopes& thread, const name_arg& name, const scope_options& options)
    : before_{this_thread().current}
    , link_{unset, name.where()}
    , slot_{unset, name.where()} {
    enter(thread, name, options);
}
VARSCOPE_INLINE scope_guard::scope_guard(thread_scopes& thread, const scope_state& scope,
    const scope_options& options, const std::source_location& where)
    : before_{this_thread().current}
    , slot_{unset, where} {
    enter(thread, scope, options, where);
}
VARSCOPE_INLINE scope_guard::scope_guard(thread_scopes& thread, scope_context& context)
    : before_{this_thread().current}
    , slot_{unset, context.where_} {
    enter(thread, context);
}

[[gnu::noinline]] VARSCOPE_INLINE void scope_guard::enter_without_names_slowly(
    const name_arg& name, reuse_mode mode) {
    thread_scopes& thread = current_scopes();
    thread.tidy();
    const hashed_name& asked = name.hashed();
    if (asked.exact.is_component) {
        thread.tree.make_next(*thread.innermost->place, asked);
        if (enter_quickly<name_scope_use::none>(thread, name, mode)) {
            this_thread().current = &thread;
            return;
        }
    }
    enter(thread, name, scope_options{.reuse = mode, .auxiliary_name_scope = false});
}

[[gnu::noinline]] VARSCOPE_INLINE void scope_guard::enter_without_names(
    const name_arg& name, reuse_mode mode) {
    before_ = this_thread().current;
    if (before_ == nullptr || !enter_quickly<name_scope_use::none>(*before_, name, mode))
        [[unlikely]] {
        enter_without_names_slowly(name, mode);
    }
}

VARSCOPE_INLINE void scope_guard::enter(
    thread_scopes& thread, const name_arg& name, const scope_options& options) {
    thread.tidy();
    const scope_frame& outer = *thread.innermost;
    if (!name.is_given()) {
        if (!options.default_name) {
            throw scope_required("a variable scope needs a name or a default name\n  opened at " +
                    to_string(name.where()) +
                    "\n  give a name, or {.default_name = \"...\"} to have one made unique",
                {{}, name.where()});
        }
        if (options.reuse == reuse_mode::reuse || options.reuse == reuse_mode::auto_reuse) {
            throw reuse_without_name("a variable scope with the default name '" +
                    std::string(*options.default_name) + "' cannot reuse\n  opened at " +
                    to_string(name.where()) +
                    "\n  a default name is new each time, so there is nothing to share: give a "
                    "name",
                {std::string(*options.default_name), name.where()});
        }
    }
    const hashed_name asked = name.is_given() ? name.hashed() : hashed_name(*options.default_name);
    scope_node& above = *outer.place;
    const bool is_root_itself = asked.text.empty() && above.id == root_digest; // not a scope in it
    scope_node& place = is_root_itself ? above : thread.tree.below(above, asked);
    scope_state& s = slot_.state();
    s.original = nullptr;
    const std::uint32_t suffix = name.is_given() ? 0 : thread.tree.first_free(above, asked.text);
    if (suffix == 0) {
        set_place(outer, place, options.reuse);
    } else {
        std::string unique;
        append_suffixed(unique, asked.text, suffix);
        set_place(outer, thread.tree.below(above, unique), options.reuse);
    }
    inherit(outer.scope->state(), options);
    if (is_root_itself) { slot_.own().is_left_silently = true; }
    thread.tree.expect(*frame_.place);
    // The name comes last, so that it is not taken in vain.
    frame_.names = outer.names;
    if (!options.auxiliary_name_scope) {
        s.original = outer.names;
    } else if (!asked.text.empty() || !name.is_given()) {
        if (!asked.exact.is_component) {
            open_other_names(outer, asked.text, name.where());
        } else {
            open_names(outer, place, asked, name.where());
        }
        s.original = frame_.names;
        if (frame_.names == nullptr) { s.set_original("/"); } // which is what TensorFlow says of it
    }
    push(thread);
}

VARSCOPE_INLINE void scope_guard::enter(thread_scopes& thread, const scope_state& scope,
    const scope_options& options, const std::source_location& where) {
    thread.tidy();
    const scope_frame& outer = *thread.innermost;
    const std::string_view full = scope.path->view();
    scope_node& place =
        full.empty() ? thread.tree.root() : thread.tree.below(thread.tree.root(), full);
    scope_state& s = slot_.state();
    s.original = nullptr;
    copy_to(s, scope);
    s.extras->defaults = // an object's are its own, so they stay
        scope.extras == nullptr ? nullptr : scope.extras->defaults;
    s.path = &s.extras->path;
    frame_.place = &place;
    inherit(scope, options);
    thread.tree.expect(place);
    frame_.names = outer.names;
    const std::string_view last = full.substr(full.find_last_of('/') + 1);
    if (options.auxiliary_name_scope && !last.empty()) {
        open_names(outer, place, hashed_name(last), where);
    }
    push(thread);
    set_mark(thread.tree);
}

VARSCOPE_INLINE void scope_guard::enter(thread_scopes& thread, scope_context& context) {
    thread.tidy();
    if (context.was_entered_) {
        enter_again(thread, context);
        return;
    }
    context.outer_name_scope_ = path_of(thread.innermost->names) + '/';
    if (context.object_ != nullptr) {
        enter(thread, *context.object_, context.options_, context.where_);
        or_leave([&] { context.object_ = slot_.keep(); });
    } else {
        const name_arg name = context.is_named_ ? name_arg(context.text_, context.where_)
                                                : name_arg(no_name, context.where_);
        const scope_node& above = *thread.innermost->place;
        enter(thread, name, context.options_);
        const scope_state& s = slot_.state();
        or_leave([&] {
            std::string original = s.original_name_scope();
            if (!context.is_named_) {
                context.text_ = s.path->view().substr(
                    &above == &thread.tree.root() ? 0 : above.view().size() + 1);
            }
            context.original_name_scope_ = std::move(original);
        });
        if (s.reuse == reuse_mode::reuse || s.reuse == reuse_mode::auto_reuse) {
            context.options_.reuse = s.reuse;
        }
    }
    context.was_entered_ = true;
}

VARSCOPE_INLINE void scope_guard::enter_again(thread_scopes& thread, scope_context& context) {
    const scope_frame& outer = *thread.innermost;
    const scope_options& options = context.options_;
    // The name scope anew: for a default name by that name, as it was asked for.
    const std::string full = context.object_ == nullptr ? std::string() : context.object_->name();
    const std::string_view wanted = context.object_ != nullptr
        ? std::string_view(full).substr(full.find_last_of('/') + 1)
        : context.is_named_ ? std::string_view(context.text_)
                            : std::string_view(context.default_name_);
    const auto open_wanted = [&] {
        thread.tree.expect(*frame_.place);
        frame_.names = outer.names;
        if (!options.auxiliary_name_scope) {
            open_other_names(outer,
                context.outer_name_scope_ == "/" ? std::string_view() : context.outer_name_scope_,
                context.where_);
        } else if (!wanted.empty()) {
            open_other_names(outer, wanted, context.where_);
        }
        push(thread);
    };
    if (context.object_ != nullptr) {
        slot_.adopt(context.object_);
        frame_.place =
            full.empty() ? &thread.tree.root() : &thread.tree.below(thread.tree.root(), full);
        open_wanted();
        set_mark(thread.tree);
        return;
    }
    scope_node& above = *outer.place;
    const bool is_root_itself = context.text_.empty() && above.id == root_digest;
    scope_state& s = slot_.state();
    s.original = nullptr;
    set_place(
        outer, is_root_itself ? above : thread.tree.below(above, context.text_), options.reuse);
    s.set_original(context.original_name_scope_);
    inherit(outer.scope->state(), options);
    if (is_root_itself) { slot_.own().is_left_silently = true; }
    open_wanted();
    if (s.reuse == reuse_mode::reuse || s.reuse == reuse_mode::auto_reuse) {
        context.options_.reuse = s.reuse;
    }
}

} // namespace varscope::inline VARSCOPE_ABI::detail
