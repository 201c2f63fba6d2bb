/// \file
/// Scope guards under which variables are asked for by name, and shared.
#pragma once

#include <varscope/name_scope.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace varscope {

/// What a variable scope is opened with; the parameters of tf.variable_scope.
struct scope_options {
    reuse_mode reuse = reuse_mode::inherit;
    varscope::initializer initializer =
        {}; ///< for the variables in it that bring none; inherited by inner scopes
    std::optional<varscope::dtype> dtype =
        {}; ///< of the variables in it that are asked for without; inherited
    std::optional<std::string_view> default_name =
        {};                           ///< used, made unique, if the scope is opened without a name
    bool auxiliary_name_scope = true; ///< whether to open a name scope of the same name too
};

/// A variable scope as an object: to look at, to change, and to enter again. Copies refer to the
/// same scope, and keep it after its block has ended. Belongs to one thread. Follows
/// tf.VariableScope.
class scope_handle {
public:
    explicit scope_handle(std::shared_ptr<detail::scope_state> state) noexcept
        : state_{std::move(state)} {}

    [[nodiscard]] std::string name() const { return state_->name(); }
    /// The name scope it was first opened with, with '/' at its end; empty if there was none.
    [[nodiscard]] std::string original_name_scope() const { return state_->original_name_scope(); }
    [[nodiscard]] reuse_mode reuse() const noexcept { return state_->reuse; }
    [[nodiscard]] varscope::dtype dtype() const noexcept { return state_->type; }
    [[nodiscard]] bool has_initializer() const noexcept {
        return state_->active_initializer() != nullptr;
    }

    /// From here on its block only shares: an unknown name is an error. Inner scopes opened later
    /// inherit that.
    void reuse_variables() noexcept { state_->reuse = reuse_mode::reuse; }

    [[nodiscard]] detail::scope_state& state() const noexcept { return *state_; }

private:
    std::shared_ptr<detail::scope_state> state_;
};

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
        detail::this_thread().current = before_;
    }
    static void* operator new(std::size_t) = delete;

    [[nodiscard]] std::string name() const { return state().name(); }
    /// The name scope opened with it, with '/' at its end; empty if there is none.
    [[nodiscard]] std::string original_name_scope() const { return state().original_name_scope(); }
    [[nodiscard]] reuse_mode reuse() const noexcept { return state().reuse; }
    /// From here on this block only shares: an unknown name is an error.
    void reuse_variables() noexcept { slot_.state().reuse = reuse_mode::reuse; }
    /// The scope as an object that can be kept. Cost: one allocation, the first time.
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

    void inherit(const detail::scope_state& from, const scope_options& options) {
        detail::scope_state& s = slot_.state();
        s.reuse = options.reuse == reuse_mode::inherit ? from.reuse : options.reuse;
        s.type = options.dtype.value_or(from.type);
        if (options.initializer) {
            s.own_initializer = options.initializer;
        } else {
            s.inherited_initializer = from.active_initializer();
        }
    }
    void inherit_copy(const detail::scope_state& from, const scope_options& options) {
        inherit(from, options);
        detail::scope_state& s = slot_.state();
        if (const initializer* const theirs = std::exchange(s.inherited_initializer, nullptr)) {
            s.own_initializer = *theirs;
        }
    }

    void push(detail::thread_scopes& thread) {
        thread.counts.open(*slot_.counts);
        frame_.thread = &thread;
        frame_.scope = &slot_;
        thread.push(frame_);
        detail::this_thread().current = &thread;
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

/// The variable scope in force in this thread. Follows tf.get_variable_scope.
[[nodiscard]] inline scope_handle get_variable_scope() {
    return scope_handle(detail::current_scopes().innermost->scope->keep());
}
[[nodiscard]] inline scope_handle get_variable_scope(graph& g) {
    return scope_handle(detail::scopes_in(g).innermost->scope->keep());
}

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
        if (options.reuse != reuse_mode::inherit) {
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
    }
    const detail::scope_state& from = outer.scope->state();
    if (!name.is_given()) { s.suffix = thread.counts.first_free(*outer.scope->counts, asked); }
    s.prefix = &from;
    s.text.assign(asked);
    if (from.id == detail::root_digest && asked.empty()) { // "" at the root is the root
        slot_.counts = &thread.counts.root();
    } else if (s.suffix == 0) {
        slot_.counts = &thread.counts.below(*outer.scope->counts, hashed);
    } else {
        std::string unique;
        detail::append_suffixed(unique, asked, s.suffix);
        slot_.counts = &thread.counts.below(*outer.scope->counts, unique);
    }
    s.id = slot_.counts->id;
    inherit(from, options);
    push(thread);
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
    detail::scope_state& s = slot_.state();
    s.text.assign(full);
    s.id = scope.id;
    s.original_text = scope.original_name_scope();
    s.has_original_text = true;
    slot_.counts =
        full.empty() ? &thread.counts.root() : &thread.counts.below(thread.counts.root(), full);
    inherit_copy(scope, options);
    push(thread);
    mark_ = thread.counts.set_mark();
}

} // namespace varscope
