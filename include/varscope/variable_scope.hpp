/// \file
/// Scope guards under which variables are asked for by name, and shared.
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
#include <utility>

namespace varscope {

/// Until the end of the block, `get_variable` asks for names below this scope's.
///
/// Entering a name again leads to the same variables: whether they are created or shared says
/// `reuse`. A name scope of the same name is opened too, made unique, for the ops: `tower`, then
/// `tower_1`. Entered through a `scope_handle`, the scope is exactly that one, wherever the block
/// stands. Belongs to the thread that made it; must be left in reverse order. Cost: a few hash
/// look-ups; allocates only for names longer than 56 characters and at first use of a name. Follows
/// tf.variable_scope (TensorFlow 1.15).
class variable_scope {
public:
    /// \param name  one or more components, below the current scope; `no_name` to use
    /// `default_name`. \throws invalid_name        an illegal character. \throws scope_required
    /// neither a name nor a default name. \throws reuse_without_name  reuse or auto_reuse, with a
    /// default name only.
    [[nodiscard]] explicit variable_scope(name_arg name) : variable_scope(name, scope_options{}) {}
    [[nodiscard]] variable_scope(name_arg name, reuse_mode reuse)
        : variable_scope(name, scope_options{.reuse = reuse}) {}
    variable_scope(name_arg name, bool reuse) = delete; // TensorFlow's True is vs::reuse
    [[nodiscard]] variable_scope(name_arg name, const scope_options& options)
        : variable_scope(detail::current_scopes(), name, options) {}

    /// The same in graph `g`, which is in force until the end of the block.
    [[nodiscard]] variable_scope(graph& g, name_arg name, const scope_options& options = {})
        : variable_scope(detail::scopes_in(g), name, options) {}
    [[nodiscard]] variable_scope(graph& g, name_arg name, reuse_mode reuse)
        : variable_scope(g, name, scope_options{.reuse = reuse}) {}

    /// Enters a copy of `scope`, which need not outlive the call; the options given replace its
    /// own.
    [[nodiscard]] explicit variable_scope(const scope_handle& scope,
        const scope_options& options = {},
        const std::source_location& where = std::source_location::current())
        : before_{detail::this_thread().current} {
        enter(detail::current_scopes(), scope.state(), options, where);
    }
    /// The same in graph `g`, which is in force until the end of the block.
    [[nodiscard]] variable_scope(graph& g, const scope_handle& scope,
        const scope_options& options = {},
        const std::source_location& where = std::source_location::current())
        : before_{detail::this_thread().current} {
        enter(detail::scopes_in(g), scope.state(), options, where);
    }

    /// Enters `context`, once more if it was entered before.
    [[nodiscard]] explicit variable_scope(scope_context& context)
        : before_{detail::this_thread().current} {
        enter(detail::current_scopes(), context);
    }

    variable_scope(const variable_scope&) = delete;
    variable_scope& operator=(const variable_scope&) = delete;
    variable_scope(variable_scope&&) = delete;
    variable_scope& operator=(variable_scope&&) = delete;
    ~variable_scope() {
        detail::thread_scopes& thread = *frame_.thread;
        thread.pop(frame_);
        if (mark_) {
            thread.counts.rewind(*mark_);
        } else if (slot_.counts != &thread.counts.root()) {
            thread.counts.close(*slot_.counts);
        }
        --detail::this_thread().nested;
        detail::this_thread().current = before_;
    }
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

private:
    variable_scope(
        detail::thread_scopes& thread, const name_arg& name, const scope_options& options)
        : before_{detail::this_thread().current} {
        enter(thread, name, options);
    }

    void enter(detail::thread_scopes& thread, const name_arg& name, const scope_options& options);
    void enter(detail::thread_scopes& thread, const detail::scope_state& scope,
        const scope_options& options, const std::source_location& where);
    void enter(detail::thread_scopes& thread, scope_context& context);
    void enter_below(
        const detail::scope_frame& outer, const detail::hashed_name& hashed, std::uint32_t suffix);

    void inherit(const detail::scope_state& from, const scope_options& options) {
        detail::scope_state& s = slot_.state();
        s.reuse = options.reuse == reuse_mode::reuse || options.reuse == reuse_mode::auto_reuse
            ? options.reuse
            : from.reuse;
        s.type = options.dtype.value_or(from.type);
        s.constraint = options.constraint;
        s.defaults = from.defaults;
        if (options.initializer || options.regularizer || options.partitioner ||
            options.custom_getter) {
            s.change_defaults([&](detail::scope_defaults& d) {
                if (options.initializer) { d.initializer = options.initializer; }
                if (options.regularizer) { d.regularizer = options.regularizer; }
                if (options.partitioner) { d.partitioner = options.partitioner; }
                if (options.custom_getter) {
                    d.getters = std::make_shared<const detail::getter_chain>(
                        detail::getter_chain{options.custom_getter, d.getters});
                }
            });
        }
    }

    void push(detail::thread_scopes& thread) {
        thread.counts.open(*slot_.counts);
        frame_.thread = &thread;
        frame_.scope = &slot_;
        thread.push(frame_);
        detail::this_thread().current = &thread;
        ++detail::this_thread().nested;
    }

    [[nodiscard]] const detail::scope_state& state() const noexcept {
        return const_cast<variable_scope*>(this)
            ->slot_.state(); // NOLINT(cppcoreguidelines-pro-type-const-cast): only read
    }

    detail::thread_scopes* before_;
    detail::name_link link_;
    detail::scope_slot slot_;
    detail::scope_frame frame_;
    std::optional<detail::scope_counts::mark> mark_; // entered through an object
};

inline void variable_scope::enter(
    detail::thread_scopes& thread, const name_arg& name, const scope_options& options) {
    const detail::scope_frame& outer = *thread.innermost;
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
    const detail::hashed_name hashed(name.is_given() ? name.text() : *options.default_name);
    const std::string_view asked = hashed.text;
    detail::scope_state& s = slot_.state();
    frame_.names = outer.names;
    if (!options.auxiliary_name_scope) {
        s.original = outer.names;
    } else if (!asked.empty() || !name.is_given()) {
        frame_.names =
            detail::open_name_scope(*thread.owner, outer.names, link_, hashed, name.where());
        s.original = frame_.names;
        if (frame_.names == nullptr) { // "/", which is what TensorFlow says of it
            s.original_text = "/";
            s.has_original_text = true;
        }
    }
    std::uint32_t suffix = 0;
    if (!name.is_given()) { suffix = thread.counts.first_free(*outer.scope->counts, asked); }
    enter_below(outer, hashed, suffix);
    inherit(outer.scope->state(), options);
    push(thread);
}

/// The scope `name_suffix` below the current one; all but what it inherits.
inline void variable_scope::enter_below(
    const detail::scope_frame& outer, const detail::hashed_name& hashed, std::uint32_t suffix) {
    const detail::scope_state& from = outer.scope->state();
    detail::scope_counts& counts = outer.thread->counts;
    detail::scope_state& s = slot_.state();
    s.prefix = &from;
    s.text.assign(hashed.text);
    s.suffix = suffix;
    if (from.id == detail::root_digest && hashed.text.empty()) { // "" at the root is the root
        slot_.counts = &counts.root();
    } else if (suffix == 0) {
        slot_.counts = &counts.below(*outer.scope->counts, hashed);
    } else {
        std::string unique;
        detail::append_suffixed(unique, hashed.text, suffix);
        slot_.counts = &counts.below(*outer.scope->counts, unique);
    }
    s.id = slot_.counts->id;
}

inline void variable_scope::enter(detail::thread_scopes& thread, const detail::scope_state& scope,
    const scope_options& options, const std::source_location& where) {
    const detail::scope_frame& outer = *thread.innermost;
    const std::string full = scope.name();
    const std::string_view last = std::string_view(full).substr(full.find_last_of('/') + 1);
    frame_.names = options.auxiliary_name_scope && !last.empty()
        ? detail::open_name_scope(
              *thread.owner, outer.names, link_, detail::hashed_name(last), where)
        : outer.names;
    const auto copy = detail::copy_of(scope);
    slot_.adopt(copy);
    slot_.counts =
        full.empty() ? &thread.counts.root() : &thread.counts.below(thread.counts.root(), full);
    inherit(scope, options);
    if (copy->defaults != copy->own_defaults.get()) { // those of `scope`, which need not stay
        copy->own_defaults = std::make_shared<detail::scope_defaults>(*copy->defaults);
        copy->defaults = copy->own_defaults.get();
    }
    push(thread);
    mark_ = thread.counts.set_mark();
}

inline void variable_scope::enter(detail::thread_scopes& thread, scope_context& context) {
    const scope_options& options = context.options_;
    detail::scope_frame& outer = *thread.innermost;
    if (!context.was_entered_) {
        context.outer_name_scope_ = path_of(outer.names) + '/';
        if (context.object_ != nullptr) {
            enter(thread, *context.object_, options, context.where_);
            context.object_ = slot_.keep();
        } else {
            enter(thread,
                context.is_named_ ? name_arg(context.text_, context.where_)
                                  : name_arg(no_name, context.where_),
                options);
            const detail::scope_state& s = slot_.state();
            context.original_name_scope_ = s.original_name_scope();
            if (!context.is_named_) {
                detail::append_suffixed(context.text_, s.text.view(), s.suffix);
            }
            if (s.reuse == reuse_mode::reuse || s.reuse == reuse_mode::auto_reuse) {
                context.options_.reuse = s.reuse;
            }
        }
        context.was_entered_ = true;
        return;
    }
    // The name scope anew: for a default name by that name, as it was asked for.
    const std::string full = context.object_ == nullptr ? std::string() : context.object_->name();
    const std::string_view wanted = context.object_ != nullptr
        ? std::string_view(full).substr(full.find_last_of('/') + 1)
        : context.is_named_ ? std::string_view(context.text_)
                            : std::string_view(context.default_name_);
    frame_.names = outer.names;
    if (!options.auxiliary_name_scope) {
        frame_.names = detail::open_name_scope(*thread.owner, outer.names, link_,
            detail::hashed_name(
                context.outer_name_scope_ == "/" ? std::string_view() : context.outer_name_scope_),
            context.where_);
    } else if (!wanted.empty()) {
        frame_.names = detail::open_name_scope(
            *thread.owner, outer.names, link_, detail::hashed_name(wanted), context.where_);
    }
    if (context.object_ != nullptr) {
        slot_.adopt(context.object_);
        slot_.counts =
            full.empty() ? &thread.counts.root() : &thread.counts.below(thread.counts.root(), full);
        push(thread);
        mark_ = thread.counts.set_mark();
        return;
    }
    enter_below(outer, detail::hashed_name(context.text_), 0);
    detail::scope_state& s = slot_.state();
    s.original_text = context.original_name_scope_;
    s.has_original_text = true;
    inherit(outer.scope->state(), options);
    if (s.reuse == reuse_mode::reuse || s.reuse == reuse_mode::auto_reuse) {
        context.options_.reuse = s.reuse;
    }
    push(thread);
}

} // namespace varscope
