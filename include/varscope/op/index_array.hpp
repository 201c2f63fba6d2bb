/// \file
/// Indices for scatter and gather: whole numbers with a shape.
#pragma once

#include <varscope/base/array_value.hpp>
#include <varscope/base/error.hpp>
#include <varscope/base/shape.hpp>
#include <varscope/op/op.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

template <class Index>
concept index_number = std::integral<Index> && !std::same_as<std::remove_cv_t<Index>, bool>;

/// A number in a list of indices, or a list of numbers.
class index_row {
public:
    template <index_number Index>
    index_row(Index index) // NOLINT(google-explicit-constructor): written as a plain number
        : numbers_{static_cast<std::int64_t>(index)} {}
    index_row(std::initializer_list<std::int64_t> indices) : numbers_{indices}, is_list_{true} {}

    [[nodiscard]] const std::vector<std::int64_t>& numbers() const noexcept { return numbers_; }
    [[nodiscard]] bool is_list() const noexcept { return is_list_; }

private:
    std::vector<std::int64_t> numbers_;
    bool is_list_ = false;
};

} // namespace detail

/// The indices that `scatter_update`, `gather` and the like are given.
///
/// Made implicitly from a number, a list of numbers, a list of lists of one length, a range of
/// integers, or an xtensor expression of integers, evaluated then. An argument type: it owns a copy
/// of the numbers, so each thread has its own. Not for reading elements of xtensor's containers:
/// see xt::index_view.
class index_array {
public:
    /// No index at all, shape (0,): what `{}` stands for.
    index_array() : shape_{0} {}

    template <detail::index_number Index>
    index_array(Index index) // NOLINT(google-explicit-constructor): see above
        : numbers_{narrowed(index)} {}

    /// `{0, 2}` or `{{0, 1}, {2, 3}}`
    /// \throws bad_shape  lists of several lengths, or numbers beside lists.
    index_array(std::initializer_list<detail::index_row> rows);

    template <std::ranges::input_range Range>
        requires(detail::index_number<std::ranges::range_value_t<Range>> &&
            !detail::array_expression<Range> &&
            !std::same_as<std::remove_cvref_t<Range>, index_array>)
    index_array(const Range& indices) { // NOLINT(google-explicit-constructor): see above
        for (const auto index : indices) { numbers_.push_back(narrowed(index)); }
        shape_ = varscope::shape(numbers_.size());
    }

    /// \throws uninitialized, not_fed
    template <class E>
        requires(xt::is_xexpression<E>::value && detail::index_number<typename E::value_type>)
    index_array(const E& indices) { // NOLINT(google-explicit-constructor): see above
        detail::check_readable(indices);
        const xt::xarray<std::remove_cv_t<typename E::value_type>, xt::layout_type::row_major>
            evaluated(indices);
        for (const auto index : evaluated.storage()) { numbers_.push_back(narrowed(index)); }
        shape_ = varscope::shape(evaluated.shape());
    }

    [[nodiscard]] const varscope::shape& shape() const noexcept { return shape_; }
    /// In row-major order.
    [[nodiscard]] std::span<const std::int64_t> numbers() const noexcept { return numbers_; }

private:
    /// Numbers beyond int64 become its largest one, which is as far beyond every axis.
    template <class Index>
    static std::int64_t narrowed(Index index) noexcept {
        constexpr auto largest = std::numeric_limits<std::int64_t>::max();
        if constexpr (std::is_unsigned_v<Index>) {
            return static_cast<std::int64_t>(
                std::min<std::uint64_t>(index, static_cast<std::uint64_t>(largest)));
        } else {
            return static_cast<std::int64_t>(index);
        }
    }

    std::vector<std::int64_t> numbers_;
    varscope::shape shape_;
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/op/impl/index_array.ipp>
#endif
