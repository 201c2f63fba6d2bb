/// \file
/// Named lists of a graph's variables and ops.
#pragma once

#include <varscope/graph/graph_keys.hpp>
#include <varscope/graph/nodes.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// Lists by key, each in the order of adding, duplicates kept. Not thread-safe.
class collections {
public:
    /// \param created  all that is created, one after the other; of it the lists take what is
    ///                 `is_usually_listed`, once somebody looks: the global variables, and those
    ///                 that are trainable the trainable ones too.
    explicit collections(const std::vector<const detail::node*>* created = nullptr) noexcept
        : created_{created} {}

    void add(std::string_view key, const detail::node& item);

    /// Before such a node is among those created: its lists are there from then on.
    void expect_created(const detail::node& item);

    /// What one thread adds to one list; what others add meanwhile is not theirs.
    struct watch {
        std::string_view key;
        std::thread::id thread = std::this_thread::get_id();
        std::vector<const detail::node*> added = {};
    };
    void begin(watch& w) { watches_.push_back(&w); }
    void end(const watch& w) noexcept;

    /// Empty for a key that was never used.
    [[nodiscard]] std::span<const detail::node* const> get(std::string_view key) const;

    /// The keys that were used, in the order of first use.
    [[nodiscard]] std::vector<std::string> keys() const;

    /// Forgets the list.
    void clear(std::string_view key);

    /// A state to come back to. \see set_mark
    struct mark {
        std::vector<std::size_t> sizes; // by list
        std::size_t cleared;
        std::size_t listed;
    };
    /// Begins to remember what is cleared, so that `rewind` can bring it back. Calls nest, and each
    /// is followed by `rewind` or `drop`, the last mark first.
    [[nodiscard]] mark set_mark();
    void rewind(const mark& to);
    void drop(const mark&) noexcept {
        if (--marks_ == 0) { cleared_.clear(); }
    }

private:
    struct keyed_list {
        std::string key;
        std::vector<const detail::node*> items;
    };

    void notice(std::string_view key, const detail::node& item);

    void list_created() const;

    std::vector<const detail::node*>& find_or_add(std::string_view key);

    struct cleared_list {
        std::size_t position;
        keyed_list list;
    };

    const std::vector<const detail::node*>* created_;
    mutable std::size_t listed_ = 0;        // of those
    mutable std::vector<keyed_list> lists_; // few: searched one by one
    bool has_global_ = false;               // whether there is that list
    bool has_trainable_ = false;
    std::vector<cleared_list> cleared_;
    std::size_t marks_ = 0;
    std::vector<watch*> watches_;
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/impl/collections.ipp>
#endif
