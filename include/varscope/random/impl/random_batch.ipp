// See random_batch.hpp.
#pragma once

#include <varscope/random/detail/random_batch.hpp>

#include <cstddef>
#include <cstdint>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void make_batch(random_batch& batch, const random_numbers& wanted,
    const random_stream& from, std::uint64_t block, std::size_t blocks) noexcept {
    make_values<4>(batch, wanted, from, block, blocks);
}

VARSCOPE_INLINE batch_maker best_batch_maker() noexcept {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) { return make_batch_avx512; }
    if (__builtin_cpu_supports("avx2")) { return make_batch_avx2; }
#endif
    return make_batch;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
