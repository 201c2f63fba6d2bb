/// \file
/// One flat table from digest to node, which may be read while it grows.
#pragma once

#include <varscope/names/digest.hpp>

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace varscope::inline VARSCOPE_ABI::detail {

/// Maps digests to nodes that know their own digest (a member `id`) and live elsewhere.
///
/// Open addressing with linear probing; a slot is a pointer with 16 bits of the digest in its
/// unused upper bits, so a miss rarely touches a node. `find` takes no lock and may run beside one
/// `insert`; inserts must exclude each other. Tables that were outgrown keep their addresses until
/// the end, for readers that still look at them; large ones give their memory back, where the
/// system can, and read as empty.
template <class Node>
class flat_table {
    static_assert(sizeof(void*) == 8,
        "varscope keeps 16 bits of a digest beside a pointer: 64-bit targets only");

public:
    flat_table() = default;
    flat_table(const flat_table&) = delete;
    flat_table& operator=(const flat_table&) = delete;
    flat_table(flat_table&&) = delete;
    flat_table& operator=(flat_table&&) = delete;
    ~flat_table() = default;

    /// The node with this digest, or null. Safe beside one `insert`. Cost: one cache miss, two
    /// where it is found.
    [[nodiscard, gnu::always_inline]] Node* find(const digest& id) const noexcept {
        const block* table = current_.load(std::memory_order_acquire);
        if (table == nullptr) { return nullptr; }
        for (std::size_t i = id.low & table->mask;; i = (i + 1) & table->mask) {
            const std::uint64_t slot = table->entries[i].load(std::memory_order_acquire);
            if (slot == 0) {
                const block* const now = current_.load(std::memory_order_acquire);
                if (now == table) [[likely]] { return nullptr; }
                table = now; // the one before was given back
                i = (id.low - 1) & table->mask;
                continue;
            }
            if ((slot >> pointer_bits) == (id.high >> pointer_bits) && slot != erased) {
                auto* const node = reinterpret_cast<Node*>(slot & pointer_mask);
                if (node->id == id) { return node; }
            }
        }
    }

    /// Has memory fetch what `find` or `insert` of this digest will look at first.
    [[gnu::always_inline]] void prefetch(const digest& id) const noexcept {
        const block* const table = current_.load(std::memory_order_acquire);
        if (table != nullptr) { __builtin_prefetch(&table->entries[id.low & table->mask]); }
    }

    /// Adds `node`, whose digest must not be in the table. One caller at a time.
    void insert(Node& node) {
        if ((used_ + 1) * 5 > capacity() * 4) { grow(); }
        place(*blocks_.back(), node);
        count_.fetch_add(1, std::memory_order_relaxed);
        ++used_;
    }

    /// Takes `node`, which must be in the table, out of it. Readers may still come to it meanwhile.
    /// One caller at a time.
    void erase(const Node& node) noexcept {
        block& table = *blocks_.back();
        const auto address = reinterpret_cast<std::uint64_t>(&node);
        for (std::size_t i = node.id.low & table.mask;; i = (i + 1) & table.mask) {
            const std::uint64_t slot = table.entries[i].load(std::memory_order_relaxed);
            assert(slot != 0);
            if ((slot & pointer_mask) == address) {
                table.entries[i].store(erased, std::memory_order_release);
                count_.fetch_sub(1, std::memory_order_relaxed);
                return;
            }
        }
    }

    /// Safe from any thread.
    [[nodiscard]] std::size_t size() const noexcept {
        return count_.load(std::memory_order_relaxed);
    }

private:
    static constexpr int pointer_bits = 48;
    static constexpr std::uint64_t pointer_mask = (std::uint64_t{1} << pointer_bits) - 1;
    static constexpr std::uint64_t erased = 1; // in a slot: no node has this address

    using atomic_slot = std::atomic<std::uint64_t>; // 0: empty
    // Tables from this size on begin with a page, so that they can be given back.
    static constexpr std::size_t large = std::size_t{1} << 13; // slots
    static constexpr std::size_t page =
        4096; // bytes; where pages are larger, nothing is given back

    struct block {
        explicit block(std::size_t capacity)
            : mask{capacity - 1}
            , entries{static_cast<atomic_slot*>(
                  ::operator new(capacity * sizeof(atomic_slot), alignment()))} {
            std::uninitialized_value_construct_n(entries, capacity);
        }
        block(const block&) = delete;
        block& operator=(const block&) = delete;
        block(block&&) = delete;
        block& operator=(block&&) = delete;
        ~block() { ::operator delete(entries, alignment()); }

        [[nodiscard]] std::size_t capacity() const noexcept { return mask + 1; }
        [[nodiscard]] std::align_val_t alignment() const noexcept {
            return std::align_val_t{capacity() < large ? std::size_t{64} : page};
        }

        std::size_t mask;
        atomic_slot* entries;
    };

    /// Gives the memory of a table back that nobody needs but readers on their way.
    static void give_back([[maybe_unused]] const block& outgrown) noexcept {
#if defined(__linux__)
        const std::size_t bytes = outgrown.capacity() * sizeof(atomic_slot);
        if (outgrown.capacity() >= large) {
            (void)::madvise(outgrown.entries, bytes, MADV_DONTNEED);
        }
#endif
    }

    [[nodiscard]] std::size_t capacity() const noexcept {
        return blocks_.empty() ? 0 : blocks_.back()->mask + 1;
    }

    static void place(block& table, Node& node) noexcept {
        const auto address = reinterpret_cast<std::uint64_t>(&node);
        assert((address & ~pointer_mask) == 0);
        const std::uint64_t slot = address | (node.id.high & ~pointer_mask);
        std::size_t i = node.id.low & table.mask;
        while (table.entries[i].load(std::memory_order_relaxed) != 0) { i = (i + 1) & table.mask; }
        table.entries[i].store(slot, std::memory_order_release);
    }

    void grow() {
        auto larger = std::make_unique<block>(blocks_.empty() ? 16 : 2 * capacity());
        if (!blocks_.empty()) {
            const block& old = *blocks_.back();
            constexpr std::size_t ahead = 16; // nodes are anywhere in memory
            for (std::size_t i = 0; i <= old.mask; ++i) {
                const std::uint64_t next =
                    old.entries[(i + ahead) & old.mask].load(std::memory_order_relaxed);
                __builtin_prefetch(reinterpret_cast<const void*>(next & pointer_mask));
                if (const std::uint64_t slot = old.entries[i].load(std::memory_order_relaxed);
                    slot != 0 && slot != erased) {
                    place(*larger, *reinterpret_cast<Node*>(slot & pointer_mask));
                }
            }
        }
        blocks_.push_back(std::move(larger));
        used_ = size();
        current_.store(blocks_.back().get(), std::memory_order_release);
        if (blocks_.size() > 1) { give_back(*blocks_[blocks_.size() - 2]); }
    }

    std::atomic<const block*> current_{nullptr};
    std::atomic<std::size_t> count_{0};
    std::size_t used_ = 0; // slots of the current block, those of erased nodes too
    std::vector<std::unique_ptr<block>> blocks_; // the last one is current
};

} // namespace varscope::inline VARSCOPE_ABI::detail
