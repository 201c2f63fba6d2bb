// See index_array.hpp.
#pragma once

#include <varscope/op/index_array.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE index_array::index_array(std::initializer_list<detail::index_row> rows)
    : shape_{rows.size()} {
    const bool are_lists = rows.size() > 0 && rows.begin()->is_list();
    const std::size_t length = rows.size() == 0 ? 0 : rows.begin()->numbers().size();
    if (are_lists) { shape_.push_back(static_cast<std::int64_t>(length)); }
    for (const detail::index_row& row : rows) {
        if (row.is_list() != are_lists || row.numbers().size() != length) {
            throw bad_shape("lists of indices have different lengths", {});
        }
        numbers_.insert(numbers_.end(), row.numbers().begin(), row.numbers().end());
    }
}

} // namespace varscope::inline VARSCOPE_ABI
