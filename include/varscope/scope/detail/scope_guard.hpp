/// \file
/// What opening a variable scope does: the plain code behind all its guards.
#pragma once

#include <varscope/scope/name_scope.hpp>
#include <varscope/scope/scope_context.hpp>
#include <varscope/scope/scope_handle.hpp>

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

class scope_tree;

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
    /// The digest of its path.
    [[nodiscard]] const digest& id() const noexcept;
    /// Whether no other variable scope was opened in it, or instead of it.
    [[nodiscard]] bool is_innermost() const noexcept;
    /// \}

protected:
    scope_guard(const name_arg& name, reuse_mode mode)
        : link_{unset, name.where()}
        , slot_{unset, name.where()} {
        enter(name, mode);
    }
    [[gnu::always_inline]] scope_guard(const name_arg& name, const scope_options& options)
        : link_{unset, name.where()}
        , slot_{unset, name.where()} {
        // Options that are written where the scope is opened are constants here, and vanish.
        if (!is_plain(options)) {
            enter_with(name, options);
        } else if (options.auxiliary_name_scope) {
            enter(name, options.reuse);
        } else {
            enter_without_names(name, options.reuse);
        }
    }
    scope_guard(thread_scopes& thread, const name_arg& name, reuse_mode mode);
    scope_guard(thread_scopes& thread, const name_arg& name, const scope_options& options);
    scope_guard(thread_scopes& thread, const scope_state& scope, const scope_options& options,
        const std::source_location& where);
    scope_guard(thread_scopes& thread, scope_context& context);
    ~scope_guard();

private:
    /// Whether nothing is said but the reuse mode and whether to open a name scope.
    [[nodiscard, gnu::always_inline]] static bool is_plain(const scope_options& o) noexcept {
        return !o.dtype && !o.default_name && !o.initializer && !o.regularizer && !o.partitioner &&
            !o.custom_getter && !o.constraint;
    }
    enum class name_scope_use : std::uint8_t { opened, none };
    template <name_scope_use Use>
    [[nodiscard]] bool enter_quickly(thread_scopes& thread, const name_arg& name, reuse_mode mode);
    void enter(const name_arg& name, reuse_mode mode);
    void enter_with(const name_arg& name, const scope_options& options);
    void enter_slowly(const name_arg& name, reuse_mode mode);
    void enter_without_names(const name_arg& name, reuse_mode mode);
    void enter_without_names_slowly(const name_arg& name, reuse_mode mode);
    void enter(thread_scopes& thread, const name_arg& name, reuse_mode mode);
    void enter(thread_scopes& thread, const name_arg& name, const scope_options& options);
    void enter(thread_scopes& thread, const scope_state& scope, const scope_options& options,
        const std::source_location& where);
    void enter(thread_scopes& thread, scope_context& context);
    void enter_again(thread_scopes& thread, scope_context& context);
    void open_names(const scope_frame& outer, scope_node& place, const hashed_name& name,
        const std::source_location& where);
    void open_other_names(
        const scope_frame& outer, std::string_view name, const std::source_location& where);
    void set_place(const scope_frame& outer, scope_node& place, reuse_mode mode);
    void inherit(const scope_state& from, const scope_options& options);
    void set_mark(scope_tree& tree);
    void push(thread_scopes& thread);

    void leave_slowly(bool has_left_names);
    /// Does what may fail once the scope is open.
    template <class Function>
    void or_leave(Function&& function);

    thread_scopes* before_;
    scope_frame frame_;
    name_link link_{unset};
    scope_slot slot_;
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/impl/scope_guard.ipp>
#endif
