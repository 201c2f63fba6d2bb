/// \file
/// Named lists of a graph's variables and ops.
#pragma once

#include <varscope/graph/nodes.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// Keys of the collections that TensorFlow keeps itself (tf.GraphKeys).
namespace graph_keys {
// Variables.
inline constexpr std::string_view global_variables = "variables";
inline constexpr std::string_view local_variables = "local_variables";
inline constexpr std::string_view metric_variables = "metric_variables";
inline constexpr std::string_view model_variables = "model_variables";
inline constexpr std::string_view trainable_variables = "trainable_variables";
inline constexpr std::string_view moving_average_variables = "moving_average_variables";
inline constexpr std::string_view concatenated_variables = "concatenated_variables";
inline constexpr std::string_view trainable_resource_variables = "trainable_resource_variables";
// All else: kept so that ported programs find them.
inline constexpr std::string_view summaries = "summaries";
inline constexpr std::string_view queue_runners = "queue_runners";
inline constexpr std::string_view table_initializers = "table_initializer";
inline constexpr std::string_view asset_filepaths = "asset_filepaths";
inline constexpr std::string_view regularization_losses = "regularization_losses";
inline constexpr std::string_view savers = "savers";
inline constexpr std::string_view weights = "weights";
inline constexpr std::string_view biases = "biases";
inline constexpr std::string_view activations = "activations";
inline constexpr std::string_view update_ops = "update_ops";
inline constexpr std::string_view losses = "losses";
inline constexpr std::string_view saveable_objects = "saveable_objects";
inline constexpr std::string_view resources = "resources";
inline constexpr std::string_view local_resources = "local_resources";
inline constexpr std::string_view init_op = "init_op";
inline constexpr std::string_view local_init_op = "local_init_op";
inline constexpr std::string_view ready_op = "ready_op";
inline constexpr std::string_view ready_for_local_init_op = "ready_for_local_init_op";
inline constexpr std::string_view summary_op = "summary_op";
inline constexpr std::string_view global_step = "global_step";
inline constexpr std::string_view eval_step = "eval_step";
inline constexpr std::string_view train_op = "train_op";
inline constexpr std::string_view cond_context = "cond_context";
inline constexpr std::string_view while_context = "while_context";
} // namespace graph_keys

/// Lists by key, each in the order of adding, duplicates kept. Not thread-safe.
class collections {
public:
    /// \param created  all that is created, one after the other; of it the lists take what is
    ///                 `is_usually_listed`, once somebody looks: the global variables, and those
    ///                 that are trainable the trainable ones too.
    explicit collections(const std::vector<const detail::node*>* created = nullptr) noexcept
        : created_{created} {}

    void add(std::string_view key, const detail::node& item) {
        list_created();
        notice(key, item);
        find_or_add(key).push_back(&item);
    }

    /// Before such a node is among those created: its lists are there from then on.
    void expect_created(const detail::node& item) {
        if (!has_global_) { (void)find_or_add(graph_keys::global_variables); }
        has_global_ = true;
        notice(graph_keys::global_variables, item);
        if (!item.is_trainable) { return; }
        if (!has_trainable_) { (void)find_or_add(graph_keys::trainable_variables); }
        has_trainable_ = true;
        notice(graph_keys::trainable_variables, item);
    }

    /// What one thread adds to one list; what others add meanwhile is not theirs.
    struct watch {
        std::string_view key;
        std::thread::id thread = std::this_thread::get_id();
        std::vector<const detail::node*> added = {};
    };
    void begin(watch& w) { watches_.push_back(&w); }
    void end(const watch& w) noexcept { std::erase(watches_, &w); }

    /// Empty for a key that was never used.
    [[nodiscard]] std::span<const detail::node* const> get(std::string_view key) const {
        list_created();
        for (const auto& list : lists_) {
            if (list.key == key) { return list.items; }
        }
        return {};
    }

    /// The keys that were used, in the order of first use.
    [[nodiscard]] std::vector<std::string> keys() const {
        std::vector<std::string> result;
        for (const auto& list : lists_) { result.push_back(list.key); }
        return result;
    }

    /// Forgets the list.
    void clear(std::string_view key) {
        list_created();
        has_global_ = has_global_ && key != graph_keys::global_variables;
        has_trainable_ = has_trainable_ && key != graph_keys::trainable_variables;
        for (auto list = lists_.begin(); list != lists_.end(); ++list) {
            if (list->key != key) { continue; }
            if (marks_ > 0) {
                cleared_.push_back({static_cast<std::size_t>(list - lists_.begin()), {}});
                cleared_.back().list.key = list->key;
                std::swap(cleared_.back().list.items, list->items);
            }
            lists_.erase(list);
            return;
        }
    }

    /// A state to come back to. \see set_mark
    struct mark {
        std::vector<std::size_t> sizes; // by list
        std::size_t cleared;
        std::size_t listed;
    };
    /// Begins to remember what is cleared, so that `rewind` can bring it back. Calls nest, and each
    /// is followed by `rewind` or `drop`, the last mark first.
    [[nodiscard]] mark set_mark() {
        list_created();
        mark here{{}, cleared_.size(), listed_};
        for (const auto& list : lists_) { here.sizes.push_back(list.items.size()); }
        ++marks_;
        return here;
    }
    void rewind(const mark& to) {
        // Lists made since stand behind the others, unless one was cleared and made again.
        while (cleared_.size() > to.cleared) {
            cleared_list& last = cleared_.back();
            std::erase_if(
                lists_, [&](const keyed_list& list) { return list.key == last.list.key; });
            lists_.insert(lists_.begin() +
                    static_cast<std::ptrdiff_t>(std::min(last.position, lists_.size())),
                std::move(last.list));
            cleared_.pop_back();
        }
        lists_.resize(to.sizes.size());
        for (std::size_t i = 0; i < lists_.size(); ++i) { lists_[i].items.resize(to.sizes[i]); }
        --marks_;
        listed_ = to.listed;
        has_global_ = has_trainable_ = false; // to be looked up again
    }
    void drop(const mark&) noexcept {
        if (--marks_ == 0) { cleared_.clear(); }
    }

private:
    struct keyed_list {
        std::string key;
        std::vector<const detail::node*> items;
    };

    void notice(std::string_view key, const detail::node& item) {
        for (watch* const w : watches_) {
            if (w->key == key && w->thread == std::this_thread::get_id()) {
                w->added.push_back(&item);
            }
        }
    }

    void list_created() const {
        if (created_ == nullptr || listed_ == created_->size()) { return; }
        std::vector<const detail::node*>* global = nullptr;
        std::vector<const detail::node*>* trainable = nullptr;
        for (auto& list : lists_) {
            if (list.key == graph_keys::global_variables) { global = &list.items; }
            if (list.key == graph_keys::trainable_variables) { trainable = &list.items; }
        }
        const std::size_t count = created_->size() - listed_;
        for (auto* const list : {global, trainable}) { // first all that can fail
            if (list != nullptr && list->capacity() < list->size() + count) {
                list->reserve(std::max(2 * list->capacity(), list->size() + count));
            }
        }
        for (; listed_ < created_->size(); ++listed_) {
            const detail::node* const made = (*created_)[listed_];
            if (!made->is_usually_listed) { continue; }
            global->push_back(made);
            if (made->is_trainable) { trainable->push_back(made); }
        }
    }

    std::vector<const detail::node*>& find_or_add(std::string_view key) {
        for (auto& list : lists_) {
            if (list.key == key) { return list.items; }
        }
        return lists_.emplace_back(keyed_list{std::string(key), {}}).items;
    }

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
