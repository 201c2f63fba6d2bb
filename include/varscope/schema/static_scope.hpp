/// \file
/// Variable scopes whose name is known while compiling.
#pragma once

#include <varscope/base/error.hpp>
#include <varscope/names/digest.hpp>
#include <varscope/schema/path.hpp>
#include <varscope/scope/variable_scope.hpp>

#include <concepts>
#include <source_location>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// The hashes of a static name, made while compiling.
template <static_name Name>
inline constexpr hashed_name hashed_static_name{static_text<Name>};

[[noreturn]] void throw_not_innermost(
    const scope_guard& outer, std::string_view name, const std::source_location& where);

[[nodiscard]] thread_scopes& thread_of_innermost(
    const scope_guard& outer, std::string_view name, const std::source_location& where);

} // namespace detail

/// A variable scope that has a path in its type.
///
///     vs::static_scope tower{"tower"_path};          // static_scope<path<"tower">>
///     vs::static_scope dense{tower, "dense"_path};   // static_scope<path<"tower/dense">>
///
/// Is in all else what a scope of that name is: opened in whichever scope is in force, with the
/// same names, variables and reuse modes, and other scopes can be opened in it. Its path is what
/// the program says, below the scope that was in force where the outermost of the static scopes
/// was opened; `name()` has all of it. The name is checked and hashed while compiling. Belongs to
/// the thread that made it; must be left in reverse order. Follows tf.variable_scope
/// (TensorFlow 1.15).
/// \tparam Path  its path and that of the static scopes it was said to be in.
template <static_name Path>
class static_scope : public detail::scope_guard {
public:
    using path = Path;

    /// \param name  a path, or a boost::hana::string.
    /// \throws invalid_name  '_', '-' or '>' comes first, and the scope is inside no other one.
    template <static_name Name>
        requires(std::same_as<Path, path_of_name<Name>>)
    [[nodiscard("name the guard: it ends at once")]] explicit static_scope(const Name&,
        const named_scope_options& options = {},
        const std::source_location& where = std::source_location::current())
        : scope_guard(detail::current_scopes(), asked<Path>(where), options) {}
    template <static_name Name>
        requires(std::same_as<Path, path_of_name<Name>>)
    [[nodiscard("name the guard: it ends at once")]] static_scope(const Name&, reuse_mode mode,
        const std::source_location& where = std::source_location::current())
        : scope_guard(detail::current_scopes(), asked<Path>(where), mode) {}

    /// The same in graph `g`, which is in force until the end of the block.
    template <static_name Name>
        requires(std::same_as<Path, path_of_name<Name>>)
    [[nodiscard("name the guard: it ends at once")]] static_scope(graph& g, const Name&,
        const named_scope_options& options = {},
        const std::source_location& where = std::source_location::current())
        : scope_guard(detail::scopes_in(g), asked<Path>(where), options) {}
    template <static_name Name>
        requires(std::same_as<Path, path_of_name<Name>>)
    [[nodiscard("name the guard: it ends at once")]] static_scope(graph& g, const Name&,
        reuse_mode mode, const std::source_location& where = std::source_location::current())
        : scope_guard(detail::scopes_in(g), asked<Path>(where), mode) {}

    /// The scope `name` in `outer`, whose path goes before its own.
    /// \throws improper_nesting  `outer` is not the innermost variable scope of this thread.
    template <static_name Outer, static_name Name>
        requires(std::same_as<Path, decltype(std::declval<Outer>() / std::declval<Name>())>)
    [[nodiscard("name the guard: it ends at once")]] static_scope(const static_scope<Outer>& outer,
        const Name&, const named_scope_options& options = {},
        const std::source_location& where = std::source_location::current())
        : scope_guard(detail::thread_of_innermost(outer, static_text<Name>, where),
              asked<Name>(where), options) {}
    template <static_name Outer, static_name Name>
        requires(std::same_as<Path, decltype(std::declval<Outer>() / std::declval<Name>())>)
    [[nodiscard("name the guard: it ends at once")]] static_scope(const static_scope<Outer>& outer,
        const Name&, reuse_mode mode,
        const std::source_location& where = std::source_location::current())
        : scope_guard(detail::thread_of_innermost(outer, static_text<Name>, where),
              asked<Name>(where), mode) {}

private:
    template <static_name Name>
    [[nodiscard]] static name_arg asked(const std::source_location& where) noexcept {
        return {detail::hashed_static_name<path_of_name<Name>>, where};
    }
};

template <static_name Name>
static_scope(const Name&) -> static_scope<path_of_name<Name>>;
template <static_name Name>
static_scope(const Name&, const named_scope_options&) -> static_scope<path_of_name<Name>>;
template <static_name Name>
static_scope(const Name&, reuse_mode) -> static_scope<path_of_name<Name>>;
template <static_name Name>
static_scope(graph&, const Name&) -> static_scope<path_of_name<Name>>;
template <static_name Name>
static_scope(graph&, const Name&, const named_scope_options&) -> static_scope<path_of_name<Name>>;
template <static_name Name>
static_scope(graph&, const Name&, reuse_mode) -> static_scope<path_of_name<Name>>;
template <static_name Outer, static_name Name>
static_scope(const static_scope<Outer>&, const Name&)
    -> static_scope<decltype(std::declval<Outer>() / std::declval<Name>())>;
template <static_name Outer, static_name Name>
static_scope(const static_scope<Outer>&, const Name&, const named_scope_options&)
    -> static_scope<decltype(std::declval<Outer>() / std::declval<Name>())>;
template <static_name Outer, static_name Name>
static_scope(const static_scope<Outer>&, const Name&, reuse_mode)
    -> static_scope<decltype(std::declval<Outer>() / std::declval<Name>())>;

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/schema/impl/static_scope.ipp>
#endif
