/// \file
/// Running what was built: initialisers and expressions, with values fed to placeholders.
#pragma once

#include <varscope/op/ops.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

/// The values that runs feed a placeholder. Safe from any thread.
class fed_values {
public:
    fed_values();
    fed_values(const fed_values&) = delete;
    fed_values& operator=(const fed_values&) = delete;
    fed_values(fed_values&&) = delete;
    fed_values& operator=(fed_values&&) = delete;
    ~fed_values();

    /// Feeds a value to this thread, until it takes it back.
    void add(const void* value);
    void take_back(const void* value) noexcept;
    /// What this thread's innermost run feeds; null: nothing.
    [[nodiscard]] const void* innermost() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

/// What a placeholder's handle, its copies in expressions and a feed share.
template <class Container>
class placeholder_state {
public:
    /// A value fed by a run of this thread, until the end of the block. What it replaces holds
    /// again then.
    class fed {
    public:
        fed(placeholder_state& placeholder, const Container& value)
            : placeholder_{placeholder}
            , value_{&value} {
            placeholder_.values_.add(value_);
        }
        fed(const fed&) = delete;
        fed& operator=(const fed&) = delete;
        fed(fed&&) = delete;
        fed& operator=(fed&&) = delete;
        ~fed() { placeholder_.values_.take_back(value_); }

    private:
        placeholder_state& placeholder_;
        const Container* value_;
    };

    /// What this thread's innermost run feeds; null: nothing.
    [[nodiscard]] const Container* value() const {
        return static_cast<const Container*>(values_.innermost());
    }

    std::string name;
    std::source_location defined_at;

private:
    fed_values values_;
};

template <class Container>
struct placeholder_function {
    std::shared_ptr<placeholder_state<Container>> state;

    void check() const { (void)value(); }
    Container operator()() const { return value(); }
    const typename Container::value_type* in_memory() const { return value().data(); }

private:
    const Container& value() const {
        if (const Container* const fed = state->value()) { return *fed; }
        throw not_fed("placeholder '" + state->name + "' was read without a value\n  created at " +
                to_string(state->defined_at) +
                "\n  evaluate it in session.run(..., vs::feed(placeholder, value))",
            {state->name, state->defined_at, state->defined_at});
    }
};

} // namespace detail

/// What `placeholder` returns.
template <element T, std::size_t N>
using placeholder_op = op<detail::computed<xt::xtensor<T, N, xt::layout_type::row_major>,
    detail::placeholder_function<xt::xtensor<T, N, xt::layout_type::row_major>>>>;

/// A tensor whose value is given when it is run: `auto images = vs::placeholder<float, 2>({128,
/// 784}, "images")`.
///
/// A lazy expression of fixed shape with the name of an op (default "Placeholder"). Reading it
/// outside a run that feeds it, or in another thread, throws `not_fed`. A run within a run that
/// does not feed it reads what the outer one feeds.
/// \throws bad_shape, invalid_name, duplicate_node
/// Follows tf.placeholder, but that every dimension must be known.
template <element T, std::size_t N>
[[nodiscard]] placeholder_op<T, N> placeholder(const shape& dimensions, name_arg name = no_name) {
    using container = xt::xtensor<T, N, xt::layout_type::row_major>;
    using function = detail::placeholder_function<container>;
    if (!dimensions.is_fully_defined()) {
        throw bad_shape("a placeholder cannot have shape " + to_string(dimensions) +
                ": every dimension must be known\n  asked for at " + to_string(name.where()),
            {std::string(name.text()), name.where()});
    }
    detail::check_shape(dimensions, dtype_of<T>, N, name.text(), name.where());
    std::array<std::size_t, N> lengths{};
    std::copy(dimensions.begin(), dimensions.end(), lengths.begin());
    const auto state = std::make_shared<detail::placeholder_state<container>>();
    auto made = detail::record("Placeholder", "Placeholder", name, dimensions, {},
        detail::computed<container, function>(lengths, function{state}));
    state->name = made.op_name();
    state->defined_at = name.where();
    return made;
}

/// A value for a placeholder, for `session::run`: `vs::feed(images, batch)`. It holds in the thread
/// that runs, until the run ends; what an outer run fed holds again then.
template <element T, std::size_t N>
class feed {
public:
    /// \param value  an xtensor expression of the placeholder's shape; evaluated now.
    /// \throws shape_mismatch, uninitialized
    template <class E>
    feed(const placeholder_op<T, N>& target, const xt::xexpression<E>& value)
        : state_{target.function().state}
        , value_(checked(target, value.derived_cast())) {}

    /// For the session: feeds it as long as the result lives.
    [[nodiscard]] auto begin() const {
        return typename detail::placeholder_state<container>::fed(*state_, value_);
    }

private:
    using container = xt::xtensor<T, N, xt::layout_type::row_major>;

    /// The value, which has the placeholder's shape.
    template <class E>
    static const E& checked(const placeholder_op<T, N>& target, const E& value) {
        static_assert(detail::may_have_rank<E, N>,
            "varscope: a placeholder cannot be fed values of another number of axes");
        const shape wanted(target.shape());
        const shape given = detail::shape_of(value);
        if (given != wanted) {
            const auto& state = *target.function().state;
            throw shape_mismatch("placeholder '" + state.name + "' cannot be fed shape " +
                    to_string(given) + "\n  created at " + to_string(state.defined_at) +
                    " with shape " + to_string(wanted),
                {state.name, state.defined_at, state.defined_at}, wanted, given);
        }
        detail::check_readable(value);
        return value;
    }

    std::shared_ptr<detail::placeholder_state<container>> state_;
    container value_;
};
template <class Container, class E>
feed(const op<detail::computed<Container, detail::placeholder_function<Container>>>&,
    const xt::xexpression<E>&) -> feed<typename Container::value_type, Container::rank>;

namespace detail {

template <class X>
inline constexpr bool is_feed = false;
template <element T, std::size_t N>
inline constexpr bool is_feed<feed<T, N>> = true;

} // namespace detail

/// What gives variables their initial values, when a session runs it. Running it writes elements:
/// not beside those who read or write them.
class initializer_op {
public:
    initializer_op(tensor op, std::vector<any_variable> variables)
        : op_{std::move(op)}
        , variables_{std::move(variables)} {}

    /// The op's own name, "init".
    [[nodiscard]] std::string_view name() const noexcept { return op_.op_name(); }
    [[nodiscard]] const std::vector<any_variable>& variables() const noexcept { return variables_; }

    /// Gives each variable its initial value, whatever it holds now. The numbers are made when
    /// first read.
    void run() const {
        for (const auto& v : variables_) { v.graph().initialize(v.node()); }
    }

private:
    tensor op_;
    std::vector<any_variable> variables_;
};

/// The initialiser of all global variables there are now. Records an op "init".
/// \throws not_a_variable  an op's tensor is in the collection, which has no initial value.
/// Safe from any thread. Follows tf.global_variables_initializer.
[[nodiscard]] initializer_op global_variables_initializer();
/// The initialiser of all local variables there are now. \throws as above. Safe from any thread.
/// Follows tf.local_variables_initializer.
[[nodiscard]] initializer_op local_variables_initializer();

/// Evaluates expressions and runs initialisers, so that a program written for TensorFlow's sessions
/// reads the same here.
///
/// Holds nothing: values are the variables' own, and one session sees what another one did. Not
/// needed to evaluate an expression, which any assignment to a container does too. Safe from any
/// thread, but that elements are not read beside writing them; several may run one op, each with
/// its own feeds. Follows tf.Session.
class session {
public:
    /// Initialises the variables.
    void run(const initializer_op& init) const { init.run(); }

    /// Evaluates `expression` to a container of its own: each op in it is computed from what the
    /// variables hold now, once. A run within a run, by the function of an op, is an evaluation of
    /// its own.
    ///
    /// \param feeds  values for the placeholders in it, e.g. `vs::feed(x, images)`; of two for one
    /// placeholder the last counts.
    /// \throws uninitialized  a variable in it has no value.
    /// \throws not_fed        a placeholder in it is not fed.
    template <class E, class... Feeds>
    [[nodiscard]] auto run(const xt::xexpression<E>& expression, const Feeds&... feeds) const {
        static_assert((detail::is_feed<Feeds> && ...),
            "varscope: session.run(expression, feeds...): what follows the expression must be "
            "vs::feed(placeholder, value); run each expression by itself");
        [[maybe_unused]] const auto now = detail::evaluation_scope::of_its_own();
        return run_fed(expression.derived_cast(), feeds...);
    }

private:
    template <class E, class Feed, class... Feeds>
    static auto run_fed(const E& e, const Feed& feed, const Feeds&... feeds) {
        [[maybe_unused]] const auto fed = feed.begin();
        return run_fed(e, feeds...);
    }
    template <class E>
    static auto run_fed(const E& e) {
        detail::check_readable(e);
        return detail::container_of_t<E>(e);
    }
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/op/impl/session.ipp>
#endif
