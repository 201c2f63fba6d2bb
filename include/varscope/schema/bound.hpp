/// \file
/// The variables of a schema in a graph, found by names that are checked while compiling.
#pragma once

#include <varscope/schema/detail/bind.hpp>
#include <varscope/schema/detail/schema_lookup.hpp>
#include <varscope/schema/path.hpp>
#include <varscope/schema/schema.hpp>
#include <varscope/schema/static_variable.hpp>

#include <boost/hana/config.hpp>
#include <boost/hana/fwd/unpack.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <source_location>
#include <span>
#include <string_view>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

/// One variable of a bound schema, as it is handed to those who go through all of them: its name,
/// type and shape are constant expressions.
/// \tparam S, Index  the schema, and the variable's number in the order of declaration, from 0.
template <class S, std::size_t Index>
class bound_variable {
    static constexpr const declared_variable& declared_ = schema<S>::declared[Index];

public:
    explicit bound_variable(detail::variable_node& node) noexcept : node_{&node} {}

    using element_type = element_of<declared_.dtype>;
    static constexpr std::size_t rank = declared_.dimensions.size();
    static constexpr std::size_t index = Index;

    /// In full, as in the schema.
    [[nodiscard]] static constexpr std::string_view name() noexcept {
        return schema<S>::names[Index];
    }
    [[nodiscard]] static constexpr varscope::dtype dtype() noexcept { return declared_.dtype; }
    [[nodiscard]] static constexpr varscope::shape shape() noexcept { return declared_.shape(); }
    [[nodiscard]] static constexpr const declared_variable& declared() noexcept {
        return declared_;
    }
    /// The handle.
    [[nodiscard]] auto variable() const {
        return detail::make_declared<element_type, rank>(*node_, declared_);
    }

private:
    detail::variable_node* node_;
};

template <class S>
class bound;
template <class S, literal Prefix>
class bound_scope;

namespace detail {

template <class S>
using bound_nodes = std::array<variable_node*, schema<S>::variable_count>;

/// For Boost.Hana: what can be unpacked into its variables.
struct bound_tag;

/// What a bound schema and its scopes have in common: looking up names below `Prefix`.
template <class Self, class S, literal Prefix>
class bound_names {
public:
    using hana_tag = bound_tag;

    /// The variable at `Path`, which is checked while compiling. An empty path is that of the scope
    /// itself: it leads to the variable of the same name, as where there are `kernel` and
    /// `kernel/Adam`.
    ///
    /// What does not compile: a path that is no variable's, with the nearest ones that are; another
    /// element type, rank or dimension than the declared one, where `T` and the dimensions are
    /// written for the reader.
    /// \returns a `variable<T, N>` of the declared element type and rank.
    /// Safe from any thread. Cost: a load; the handle costs nothing where it is used at once.
    // One function for both: compilers would evaluate the path for each candidate.
    template <literal Path, class T = as_declared, auto... Dimensions>
    [[nodiscard]] auto get() const {
        constexpr schema_answer found = schema<S>::find(Path.view(), start<Path.view().empty()>);
        if constexpr (found.kind != schema_kind::variable) {
            report_variable<S, join_literals<Prefix, Path>(), found.kind>();
        } else if constexpr (!std::same_as<T, as_declared>) {
            check_declared<S, join_literals<Prefix, Path>(), found.index, T, Dimensions...>();
        }
        return handle<element_of<found.dtype>, found.rank>(found.index);
    }

    /// What the schema says of the variable at `Path`: a constant expression.
    template <literal Path>
    [[nodiscard]] static constexpr const declared_variable& declared() noexcept {
        constexpr schema_answer found = schema<S>::find(Path.view(), start<Path.view().empty()>);
        if constexpr (found.kind != schema_kind::variable) {
            report_variable<S, join_literals<Prefix, Path>(), found.kind>();
        }
        return schema<S>::declared[found.index];
    }

    /// The variables below scope `Path`, to be handed on: names are asked for relative to it. Valid
    /// as long as the bound schema, which must have a name. Cost: none.
    template <literal Path>
    [[nodiscard]] auto scope() const& noexcept {
        constexpr auto full = join_literals<Prefix, Path>();
        check_scope<S, full>();
        return bound_scope<S, full>(nodes());
    }
    template <literal Path>
    [[nodiscard]] auto scope() const&& noexcept {
        static_assert(!std::same_as<Self, bound<S>>,
            "varscope::bound<S>::scope<path>(): this bound schema ends with the line, and its "
            "scope "
            "refers to it; give it a name first: const vs::bound<S> model{graph};");
        return static_cast<const bound_names&>(*this).template scope<Path>();
    }

    /// Calls `function` with the `bound_variable` of each variable below, in the order of
    /// declaration. A function object is instantiated for each: for long lists go through them by
    /// number.
    template <class Function>
    void for_each(Function&& function) const {
        unpack([&](const auto&... variables) { (function(variables), ...); });
    }
    /// `function(... function(function(state, first), second) ..., last)`.
    template <class State, class Function>
    [[nodiscard]] State fold(State state, Function&& function) const {
        for_each([&](const auto& v) { state = function(std::move(state), v); });
        return state;
    }
    /// Calls `function` with the `bound_variable`s of all variables below as its arguments.
    template <class Function>
    decltype(auto) unpack(Function&& function) const {
        return [&]<std::size_t... I>(std::index_sequence<I...>) -> decltype(auto) {
            return std::forward<Function>(function)(
                bound_variable<S, below[I]>(*nodes()[below[I]])...);
        }(std::make_index_sequence<below.size()>{});
    }

    /// \name By number
    /// In the order of declaration, from 0.
    /// \{
    [[nodiscard]] static constexpr std::size_t size() noexcept { return below.size(); }
    [[nodiscard]] any_variable operator[](std::size_t i) const noexcept {
        return any_variable(*nodes()[below[i]]);
    }
    /// \}

protected:
    /// Where the look-up of a path begins. That of an empty one is at its end already.
    template <bool IsEmpty>
    static constexpr text_key start =
        IsEmpty ? extend_key(empty_key, Prefix.text, Prefix.view().size())
                : key_within(Prefix.view());
    /// The numbers of the variables below the prefix.
    static constexpr auto below = numbers_below<S, Prefix>();

private:
    /// One function for each type, and not for each name.
    template <class T, std::size_t N>
    [[nodiscard, gnu::always_inline]] variable<T, N> handle(std::size_t index) const {
        return make_declared<T, N>(*nodes()[index], schema<S>::declared[index]);
    }
    [[nodiscard]] const bound_nodes<S>& nodes() const noexcept {
        return static_cast<const Self&>(*this).nodes_;
    }
};

} // namespace detail

/// All variables of schema `S` in a graph.
///
///     vs::bound<tower> model{graph};
///     model.get<"tower/kernel">() += 1.f;        // a typo does not compile
///
/// Made at run time, once: it creates the variables that do not exist, and shares those that do,
/// all or none of them. They are the same ones as by `get_variable` with those names, in the
/// variable scope that is in force or given; no scope is opened for the names' parts. Afterwards
/// nothing is looked up, allocated or thrown any more: memory for the elements is taken here, and
/// filled when they are first read.
///
/// Hand it on by reference; each of its scopes (`scope<"tower">()`) can be handed on too, as the
/// parameters of one layer. Valid as long as the graph. Reading it is safe from any thread. Not for
/// names that are put together at run time: see `get_variable`.
template <class S>
class bound : public detail::bound_names<bound<S>, S, ""> {
public:
    using schema_type = schema<S>;

    /// \param in  a graph, a variable scope or a scope_handle; without one, the scope in force.
    /// \throws already_exists, does_not_exist   as the reuse mode in the options says.
    /// \throws shape_mismatch, dtype_mismatch   a variable exists and is another one.
    /// \throws placed_elsewhere  one block is asked for, and a variable has its elements elsewhere.
    /// \throws partition_conflict, frozen, and what initializers and getters throw
    /// After a throw the graph is as before; memory that was taken is freed, unless values stand in
    /// it already. Holds the graph's lock against others who create.
    [[nodiscard]] explicit bound(const detail::asked_place& in = {},
        const bind_options& options = {},
        const std::source_location& where = std::source_location::current()) {
        block_ = detail::schema_binding(
            in, S::layout.items, schema<S>::declared, nodes_, options, where)();
    }

    /// The block that the elements stand in, `schema<S>::block_bytes` bytes; empty if they are
    /// separate. \throws uninitialized  a variable has no value yet.
    [[nodiscard]] std::span<std::byte> block() const {
        if (block_ == nullptr) { return {}; }
        for (const detail::variable_node* v : nodes_) { (void)v->elements(); }
        return {static_cast<std::byte*>(block_), schema<S>::block_bytes};
    }
    /// The same as elements, where all variables are of type T: one list of all parameters.
    template <element T>
    [[nodiscard]] std::span<T> elements() const {
        static_assert(detail::all_are<S, T>(),
            "varscope::bound<S>::elements<T>(): a variable of the schema has another element type");
        static_assert(detail::is_stored_type<T>,
            "varscope::bound<S>::elements<T>(): elements of this size are stored as another "
            "integer "
            "type than T; write the one of <cstdint>");
        const std::span<std::byte> bytes = block();
        return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
    }

private:
    template <class Self, class Schema, literal Prefix>
    friend class detail::bound_names;

    detail::bound_nodes<S> nodes_{};
    void* block_ = nullptr;
};

/// The variables of a bound schema below one of its scopes; names are relative to that. Refers to
/// the `bound` that it is from.
template <class S, literal Prefix>
class bound_scope : public detail::bound_names<bound_scope<S, Prefix>, S, Prefix> {
public:
    explicit bound_scope(const detail::bound_nodes<S>& nodes) noexcept : nodes_{nodes} {}

    /// Its path in the schema.
    [[nodiscard]] static constexpr std::string_view name() noexcept { return Prefix.view(); }

private:
    template <class Self, class Schema, literal Outer>
    friend class detail::bound_names;

    const detail::bound_nodes<S>& nodes_;
};

} // namespace varscope::inline VARSCOPE_ABI

namespace boost::hana {

// So that hana::for_each, hana::fold_left and the like take a bound schema.
template <>
struct unpack_impl<varscope::detail::bound_tag> {
    template <class Bound, class Function>
    static constexpr decltype(auto) apply(Bound&& bound, Function&& function) {
        return bound.unpack(static_cast<Function&&>(function));
    }
};

} // namespace boost::hana
