/// \file
/// Typed handles: variables as xtensor containers.
#pragma once

#include <varscope/base/expressions.hpp>
#include <varscope/base/xtensor.hpp>
#include <varscope/graph/any_variable.hpp>
#include <varscope/graph/tensor.hpp>
#include <varscope/policy/constraint.hpp>
#include <varscope/variable/detail/checked_views.hpp>
#include <varscope/variable/detail/in_place.hpp>
#include <varscope/variable/new_variable.hpp>
#include <varscope/variable/updates.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

template <element T, std::size_t N>
class variable;

namespace detail {

/// What refers to a variable, of whatever element type and rank.
template <class H>
concept handle = requires(const H& h) {
    { h.node() } -> std::same_as<variable_node&>;
};

/// The elements of a variable as xtensor wants a container's storage: found through the node at
/// each use, by `Find`.
template <class T, void* (variable_node::*Find)() const = &variable_node::elements>
class variable_storage {
public:
    using value_type = T;
    using reference = T&;
    using const_reference = const T&;
    using pointer = T*;
    using const_pointer = const T*;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using iterator = T*;
    using const_iterator = const T*;
    using reverse_iterator = std::reverse_iterator<T*>;
    using const_reverse_iterator = std::reverse_iterator<const T*>;
    using allocator_type =
        std::allocator<T>; // named by xtensor, never used: the graph owns the memory

    explicit variable_storage(variable_node& node) noexcept : node_{&node} {
        static_assert(is_stored_type<T>,
            "varscope::variable<T, N>: elements of this size are stored as another integer type "
            "than T; write the one of <cstdint>, e.g. std::int64_t instead of long long");
    }

    [[nodiscard]] size_type size() const noexcept { return node_->size(); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] pointer data() { return static_cast<T*>((node_->*Find)()); }
    [[nodiscard]] const_pointer data() const { return static_cast<const T*>((node_->*Find)()); }
    [[nodiscard]] reference operator[](size_type i) { return data()[i]; }
    [[nodiscard]] const_reference operator[](size_type i) const { return data()[i]; }
    [[nodiscard]] iterator begin() { return data(); }
    [[nodiscard]] iterator end() { return data() + size(); }
    [[nodiscard]] const_iterator begin() const { return data(); }
    [[nodiscard]] const_iterator end() const { return data() + size(); }
    [[nodiscard]] const_iterator cbegin() const { return data(); }
    [[nodiscard]] const_iterator cend() const { return data() + size(); }
    [[nodiscard]] reverse_iterator rbegin() { return reverse_iterator(end()); }
    [[nodiscard]] reverse_iterator rend() { return reverse_iterator(begin()); }
    [[nodiscard]] const_reverse_iterator rbegin() const { return const_reverse_iterator(end()); }
    [[nodiscard]] const_reverse_iterator rend() const { return const_reverse_iterator(begin()); }
    [[nodiscard]] const_reverse_iterator crbegin() const { return rbegin(); }
    [[nodiscard]] const_reverse_iterator crend() const { return rend(); }

    [[nodiscard]] variable_node& node() const noexcept { return *node_; }

private:
    variable_node* node_;
};

template <class T, std::size_t N>
struct variable_types {
    using shape_type = std::array<std::size_t, N>;
    using kept_shape = axis_sizes<N>;
    using temporary_type = xt::xtensor<T, N, xt::layout_type::row_major>;
    static shape_type make_shape(const variable_node& v) {
        shape_type result;
        std::copy_n(v.dimensions(), N, result.begin());
        return result;
    }
    /// As xtensor's own: 0 along an axis of one element. Written out and not a loop, so that a
    /// handle that is used at once leaves nothing of them, also with little optimisation.
    template <class Strides>
    static void compute_strides(
        const shape_type& shape, Strides& strides, Strides& backstrides) noexcept {
        [[maybe_unused]] std::ptrdiff_t step = 1;
        const auto set = [&](std::size_t axis) {
            const auto size = static_cast<std::ptrdiff_t>(shape[axis]);
            strides[axis] = size == 1 ? 0 : step;
            backstrides[axis] = strides[axis] * (size - 1);
            step *= size;
        };
        [&]<std::size_t... I>(std::index_sequence<I...>) { (set(N - 1 - I), ...); }(
            std::make_index_sequence<N>{});
    }
};
template <class T>
struct variable_types<T, dynamic_rank> {
    using shape_type = xt::dynamic_shape<std::size_t>;
    using kept_shape = shape_type;
    using temporary_type = xt::xarray<T, xt::layout_type::row_major>;
    static shape_type make_shape(const variable_node& v) {
        return shape_type(v.dimensions(), v.dimensions() + v.rank);
    }
    template <class Strides>
    static void compute_strides(const shape_type& shape, Strides& strides, Strides& backstrides) {
        strides.resize(shape.size());
        backstrides.resize(shape.size());
        xt::compute_strides(shape, xt::layout_type::row_major, strides, backstrides);
    }
};

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

namespace xt {

template <class T, std::size_t N>
struct xcontainer_inner_types<varscope::variable<T, N>> {
    using storage_type = varscope::detail::variable_storage<T>;
    using reference = T&;
    using const_reference = const T&;
    using size_type = std::size_t;
    using shape_type = typename varscope::detail::variable_types<T, N>::shape_type;
    using strides_type = get_strides_t<shape_type>;
    using backstrides_type = strides_type;
    using inner_shape_type = typename varscope::detail::variable_types<T, N>::kept_shape;
    using inner_strides_type = strides_type;
    using inner_backstrides_type = backstrides_type;
    using temporary_type = typename varscope::detail::variable_types<T, N>::temporary_type;
    static constexpr layout_type layout = layout_type::row_major;
};

template <class T, std::size_t N>
struct xiterable_inner_types<varscope::variable<T, N>>
    : xcontainer_iterable_types<varscope::variable<T, N>> {};

template <class T, std::size_t N>
class noalias_proxy<varscope::variable<T, N>>
    : public varscope::detail::noalias_of<varscope::variable<T, N>> {
    using base = varscope::detail::noalias_of<varscope::variable<T, N>>;

public:
    using base::base;
    using base::operator=;
};

namespace detail {

// A contiguous view of xtensor's refers to the shape inside the expression that it was first made
// of, also where it holds a copy of that, and dangles once it is copied or moved. So views of
// variables are strided ones, which have a shape of their own.
template <class E, class... S>
struct is_contiguous_view;
template <class T, std::size_t N, class... S>
struct is_contiguous_view<varscope::variable<T, N>, S...> : std::false_type {};

// Copies of a handle share one variable anyway. Without the pointer that xt::share keeps in other
// containers it is smaller, and copied and dropped for nothing; see varscope::make_xshared.
template <class E>
struct is_sharable;
template <class T, std::size_t N>
struct is_sharable<varscope::variable<T, N>> : std::false_type {};

} // namespace detail
} // namespace xt

// Expressions hold handles by value, so that they outlive the handles they were made from. Not
// through xt::xclosure: xt::view asks xtl itself; and it cannot hold a constant by value, so that a
// view of a constant handle is a view of a copy.
namespace xtl {

template <class T, std::size_t N>
struct closure_type<varscope::variable<T, N>&> {
    using type = varscope::variable<T, N>;
};
template <class T, std::size_t N>
struct closure_type<const varscope::variable<T, N>&> {
    using type = varscope::variable<T, N>;
};
template <class T, std::size_t N>
struct const_closure_type<varscope::variable<T, N>&> {
    using type = const varscope::variable<T, N>;
};
template <class T, std::size_t N>
struct const_closure_type<const varscope::variable<T, N>&> {
    using type = const varscope::variable<T, N>;
};

} // namespace xtl

namespace varscope::inline VARSCOPE_ABI {

/// A handle to a variable of element type `T` and rank `N`, and an xtensor container over its
/// elements (row-major).
///
/// Use it wherever xtensor takes an expression, view or container. Assigning an expression writes
/// the elements, as everywhere in xtensor; a handle never refers to another variable later. Copies
/// of a handle refer to one variable and share its elements; `is` asks for that, `==` compares
/// elements. The shape is fixed: values of another one are an error, and where both numbers of axes
/// are known while compiling, do not compile. Expressions hold handles by value and read the
/// elements when they are evaluated.
///
/// Assigning a handle to a handle does not compile: it would copy elements where a reader, or an
/// algorithm that swaps, sorts or erases handles, means the handle. `v.assign(w)` copies the
/// elements, `auto v2 = w` makes another handle; keep `any_variable`, which may be assigned, where
/// handles are moved about.
///
/// A variable without a value yet (deferred initialisation) throws `uninitialized` when it is read,
/// alone or in an expression that is assigned. Where xtensor lets no exception pass it ends the
/// program instead, with the same message: see docs/porting.md. `session::run` looks first.
///
/// A view of a constant handle can write, as a copy of it can. xtensor's operators refer to numbers
/// that have a name.
///
/// Valid as long as the variable's graph. Reading is safe from any thread; writing beside it is a
/// race, as with any container. Cost: a pointer beside shape and strides; each access to the
/// elements loads the pointer to them.
// maybe_unused: get_variable is often called for the variable alone. Expressions copy handles, so
// they are small, without the layout that an xstrided_container keeps, and aligned, so that no copy
// of 16 bytes lies across cache lines.
template <element T, std::size_t N = dynamic_rank>
class [[maybe_unused]] alignas(16) variable : public xt::xcontainer<variable<T, N>>,
                                              public xt::xcontainer_semantic<variable<T, N>> {
    using container = xt::xcontainer<variable<T, N>>;
    using types = detail::variable_types<T, N>;

public:
    using storage_type = detail::variable_storage<T>;
    using temporary_type = typename types::temporary_type;
    using shape_type = typename types::shape_type;
    using expression_tag = detail::expression_tag;
    using strides_type = typename container::strides_type;
    using pointer = T*;
    using const_pointer = const T*;
    static constexpr std::size_t rank = N;

    /// A new variable, never shared by name, in the current name scope: named apart from all others
    /// (`w`, `w_1`).
    ///
    /// \param initial  its elements and shape: nested lists, or an xtensor expression.
    /// \param name     relative to the current name scope; "Variable" unless given.
    /// \param options  trainable, collections, constraint, validate_shape; no others compile.
    /// \throws invalid_name, duplicate_node, shape_mismatch
    /// Safe from any thread. Follows tf.Variable (TensorFlow 1.15).
    // name_arg(no_name), not no_name: GCC 12 would otherwise take this line for the caller's.
    explicit variable(const temporary_type& initial, name_arg name = name_arg(no_name),
        const new_variable_options& options = {})
        : variable(make(detail::current_scopes(), initial, name, options)) {}
    /// The same in graph `g`.
    explicit variable(varscope::graph& g, const temporary_type& initial,
        name_arg name = name_arg(no_name), const new_variable_options& options = {})
        : variable(make(detail::scopes_in(g), initial, name, options)) {}
    // Apart from the lists: xtensor would make a `temporary_type` of values of any rank.
    template <class E>
    explicit variable(const xt::xexpression<E>& initial, name_arg name = name_arg(no_name),
        const new_variable_options& options = {})
        : variable(make(detail::current_scopes(), evaluate(initial), name, options)) {}
    template <class E>
    explicit variable(varscope::graph& g, const xt::xexpression<E>& initial,
        name_arg name = name_arg(no_name), const new_variable_options& options = {})
        : variable(make(detail::scopes_in(g), evaluate(initial), name, options)) {}

    /// The variable that `v` refers to.
    /// \throws dtype_mismatch, shape_mismatch  it has another element type or rank.
    explicit variable(
        const any_variable& v, const std::source_location& where = std::source_location::current())
        : variable((detail::check_fits(v.node(), dtype_of<T>, expected_rank(), where), v.node())) {}

    /// The same, with the rank made known, or forgotten.
    template <std::size_t M>
        requires(M != N && (M == dynamic_rank || N == dynamic_rank))
    explicit variable(const variable<T, M>& v,
        const std::source_location& where = std::source_location::current())
        : variable(any_variable(v), where) {}
    /// Not of another rank, nor of another element type: `variable<T, N>(w, "name")` makes a
    /// variable of its elements.
    template <class U, std::size_t M>
        requires(!std::same_as<U, T> || (M != N && M != dynamic_rank && N != dynamic_rank))
    explicit variable(const variable<U, M>& w,
        const std::source_location& where = std::source_location::current()) = delete;

    /// For the layers below: a node that is known to fit.
    explicit variable(detail::variable_node& node) : variable(node, types::make_shape(node)) {}
    /// The same where its dimensions are at hand.
    variable(detail::variable_node& node, shape_type dimensions)
        : shape_{std::move(dimensions)}
        , storage_{node} {
        types::compute_strides(shape_, strides_, backstrides_);
    }

    variable(const variable&) = default;
    variable(variable&&) noexcept = default;
    ~variable() = default;

    // Compilers print these lines where a handle is assigned to a handle.
    // clang-format off
    variable& operator=(const variable&) = delete; // v.assign(w) copies the elements, auto v2 = w makes another handle
    template <detail::handle H>
    variable& operator=(const H&) = delete; // v.assign(w) copies the elements, auto v2 = w makes another handle
    friend void swap(variable&, variable&) = delete; // std::swap_ranges(v.begin(), v.end(), w.begin()) exchanges the elements
    // clang-format on

    /// Writes the elements: those of an xtensor expression, which may read the variable itself, or
    /// of nested lists. So do `+=` and the others, which broadcast what stands on their right to
    /// the variable's shape.
    /// \throws shape_mismatch, uninitialized, not_fed
    template <class E>
    variable& operator=(const xt::xexpression<E>& values) {
        detail::check_written<N>(node(), values.derived_cast());
        return write(temporary_type(values));
    }
    variable& operator=(const temporary_type& values) { return write(values); }
    variable& operator=(temporary_type&& values) { return write(values); }

    /// The same as `varscope::assign`, which documents it.
    template <class X = temporary_type>
        requires detail::update_operand<X>
    variable assign(const X& values,
        const std::source_location& where = std::source_location::current()) const {
        const auto evaluated = detail::values_for<T, N>(node(), values, "v.fill(number)", where);
        graph().assign(node(), evaluated.data());
        return *this;
    }
    /// For xtensor: `plus_assign` and the others, which are the same as `+=`.
    template <class E>
    variable& computed_assign(const xt::xexpression<E>& values) {
        return *this = values;
    }
    /// For xt::noalias: writes where the elements stand, without a temporary, as values that read
    /// the variable at other places do not allow. It may give the first value.
    template <class E>
    variable& assign_xexpression(const xt::xexpression<E>& values) {
        if (!is_initialized()) { return *this = values; }
        detail::check_written<N>(node(), values.derived_cast());
        return xt::xcontainer_semantic<variable>::assign_xexpression(values);
    }

    /// \name The variable
    /// \see any_variable
    /// \{
    [[nodiscard]] std::string_view key() const noexcept { return node().key(); }
    [[nodiscard]] std::string_view op_name() const noexcept { return node().op_name(); }
    [[nodiscard]] std::string_view name() const noexcept { return node().tensor_name(); }
    [[nodiscard]] static constexpr varscope::dtype dtype() noexcept { return dtype_of<T>; }
    [[nodiscard]] bool is_trainable() const noexcept { return node().is_trainable; }
    [[nodiscard]] bool is_initialized() const noexcept {
        return any_variable(node()).is_initialized();
    }
    [[nodiscard]] const std::source_location& defined_at() const noexcept {
        return node().defined_at;
    }
    [[nodiscard]] varscope::graph& graph() const noexcept { return node().owner(); }
    [[nodiscard]] bool is(const any_variable& other) const noexcept {
        return any_variable(node()).is(other);
    }
    operator any_variable() const noexcept {
        return any_variable(node());
    } // NOLINT(google-explicit-constructor): forgets only types
    [[nodiscard]] varscope::constraint constraint() const {
        return any_variable(node()).constraint();
    }
    [[nodiscard]] bool is_partitioned() const noexcept { return node().is_whole; }
    [[nodiscard]] std::vector<any_variable> parts() const { return any_variable(node()).parts(); }
    [[nodiscard]] std::optional<any_variable> whole() const { return any_variable(node()).whole(); }
    [[nodiscard]] tensor as_tensor() const noexcept { return any_variable(node()); }
    [[nodiscard]] detail::variable_node& node() const noexcept { return storage_.node(); }
    /// \}

    /// \name As a container
    /// Like those of xtensor's containers, but they throw `uninitialized` where those cannot fail,
    /// and keep the shape.
    /// \{
    [[nodiscard]] pointer data() { return storage_.data(); }
    [[nodiscard]] const_pointer data() const { return storage_.data(); }
    [[nodiscard]] static constexpr xt::layout_type layout() noexcept {
        return xt::layout_type::row_major;
    }
    [[nodiscard]] static constexpr bool is_contiguous() noexcept { return true; }

    /// An element, for as many indices as there are axes. The last stride is 1, or 0 where there is
    /// one element along the axis, so that no product is needed for it.
    template <std::integral... Index>
        requires(sizeof...(Index) == N && N > 0)
    [[nodiscard]] T& operator()(Index... index) {
        return data()[offset(index...)];
    }
    template <std::integral... Index>
        requires(sizeof...(Index) == N && N > 0)
    [[nodiscard]] const T& operator()(Index... index) const {
        return data()[offset(index...)];
    }
    using container::operator();

    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto begin() {
        return require().container::template begin<L>();
    }
    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto end() {
        return require().container::template end<L>();
    }
    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto begin() const {
        return require().container::template begin<L>();
    }
    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto end() const {
        return require().container::template end<L>();
    }
    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto cbegin() const {
        return begin<L>();
    }
    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto cend() const {
        return end<L>();
    }
    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto rbegin() {
        return require().container::template rbegin<L>();
    }
    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto rend() {
        return require().container::template rend<L>();
    }
    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto rbegin() const {
        return require().container::template rbegin<L>();
    }
    template <xt::layout_type L = XTENSOR_DEFAULT_TRAVERSAL>
    [[nodiscard]] auto rend() const {
        return require().container::template rend<L>();
    }
    using container::begin;
    using container::cbegin;
    using container::cend;
    using container::end;
    using container::rbegin;
    using container::rend;

    /// Like an assignment, it may give the first value.
    void fill(const T& value) {
        if (is_initialized()) {
            std::fill_n(data(), this->size(), value);
        } else {
            write(temporary_type(this->shape(), value));
        }
    }

    template <class S>
    bool broadcast_shape(S& shape, bool reuse_cache = false) const {
        return require().container::broadcast_shape(shape, reuse_cache);
    }
    template <class S>
    [[nodiscard]] auto stepper_begin(const S& shape) {
        return require().container::stepper_begin(shape);
    }
    template <class S>
    [[nodiscard]] auto stepper_end(const S& shape, xt::layout_type l) {
        return require().container::stepper_end(shape, l);
    }
    template <class S>
    [[nodiscard]] auto stepper_begin(const S& shape) const {
        return require().container::stepper_begin(shape);
    }
    template <class S>
    [[nodiscard]] auto stepper_end(const S& shape, xt::layout_type l) const {
        return require().container::stepper_end(shape, l);
    }

    template <class E>
    void assign_to(xt::xexpression<E>& target) const {
        (void)require();
        const xt::xexpression<variable>& self = *this;
        xt::xexpression_assigner<xt::xtensor_expression_tag>::assign_xexpression(target, self);
    }

    /// \throws shape_mismatch  if that would change the shape.
    template <class S>
    void resize(S&& shape, bool = false) const {
        if (!std::equal(shape.begin(), shape.end(), this->shape().begin(), this->shape().end())) {
            detail::throw_other_shape(node(), varscope::shape(shape));
        }
    }
    template <class S>
    void reshape(S&&, xt::layout_type = {}) = delete; // see xt::reshape_view
    /// \}

private:
    friend class xt::xcontainer<variable<T, N>>;

    static constexpr std::optional<std::size_t> expected_rank() noexcept {
        return N == dynamic_rank ? std::nullopt : std::optional(N);
    }

    static detail::variable_node& make(detail::thread_scopes& thread, const initializer& initial,
        const name_arg& name, const new_variable_options& options) {
        detail::new_variable_call call(initial, options);
        call.type = dtype_of<T>;
        call.rank = expected_rank();
        call.is_typed = true;
        return make_unshared(thread, name, call);
    }
    /// The values of a new variable, of whatever rank they have.
    template <class E>
    static detail::update_values<T> evaluate(const xt::xexpression<E>& initial) {
        static_assert(detail::may_have_rank<E, N>,
            "varscope: a variable cannot be made of values of another number of axes");
        detail::check_readable(initial.derived_cast());
        return detail::update_values<T>(initial);
    }

    variable& write(const temporary_type& values) {
        resize(values.shape());
        node().owner().assign(node(), values.data());
        return *this;
    }

    template <class... Index>
    [[nodiscard]] std::size_t offset(Index... index) const {
        XTENSOR_TRY(xt::check_index(this->shape(), index...));
        const std::array<std::ptrdiff_t, N> at{static_cast<std::ptrdiff_t>(index)...};
        const auto& strides = this->strides();
        std::ptrdiff_t sum = at[N - 1] & -strides[N - 1];
        for (std::size_t axis = 0; axis + 1 < N; ++axis) { sum += at[axis] * strides[axis]; }
        return static_cast<std::size_t>(sum);
    }

    // Elements there, or an exception: before xtensor's own code, part of which is noexcept.
    container& require() {
        (void)node().elements();
        return *this;
    }
    const container& require() const {
        (void)node().elements();
        return *this;
    }

    const typename container::inner_shape_type& shape_impl() const noexcept { return shape_; }
    const strides_type& strides_impl() const noexcept { return strides_; }
    const strides_type& backstrides_impl() const noexcept { return backstrides_; }
    storage_type& storage_impl() noexcept { return storage_; }
    const storage_type& storage_impl() const noexcept { return storage_; }

    typename container::inner_shape_type shape_;
    strides_type strides_;
    strides_type backstrides_;
    storage_type storage_;
};

/// For xt::share, and for what xtensor shares itself, such as the argument of xt::variance: found
/// there by argument-dependent look-up. The handle is copied; the elements are the variable's.
template <element T, std::size_t N>
[[nodiscard]] xt::xshared_expression<variable<T, N>> make_xshared(
    xt::xexpression<variable<T, N>>&& v) {
    return xt::xshared_expression<variable<T, N>>(
        std::make_shared<variable<T, N>>(std::move(v).derived_cast()));
}

} // namespace varscope::inline VARSCOPE_ABI
