/// \file
/// The object that owns variables, ops, names and collections.
#pragma once

#include <varscope/base/arena.hpp>
#include <varscope/base/observed_mutex.hpp>
#include <varscope/graph/collections.hpp>
#include <varscope/graph/dead_graphs.hpp>
#include <varscope/graph/detail/element_memory.hpp>
#include <varscope/graph/detail/op_names.hpp>
#include <varscope/graph/graph_options.hpp>
#include <varscope/graph/literal_slots.hpp>
#include <varscope/graph/near_miss_watch.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/graph/sharing_log.hpp>
#include <varscope/graph/variable_store.hpp>
#include <varscope/names/unique_names.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

class graph;
class tensor;

namespace detail {

/// What those do who use graphs by threads when one ends.
struct graph_use {
    void (*refuse_open_scopes)(const graph&) noexcept; // ends the program if this thread has some
    void (*forget)(const graph&) noexcept;
};
/// Null as long as there are none.
inline constinit std::atomic<const graph_use*> graph_users{nullptr};

} // namespace detail

/// Owns everything that has state: variables and their memory, names, collections, the record of
/// ops.
///
/// Handles, scopes and ops of a graph are valid as long as it lives; `watch_dead_graphs` notices
/// what is used longer. Safe from any thread, but for
/// its destruction. Memory for a variable's elements is taken when they are first read or written.
/// Not for computing: see `session`. Follows tf.Graph.
class graph {
public:
    /// \param where  is told by messages.
    explicit graph(
        graph_options options = {}, std::source_location where = std::source_location::current())
        : options_{options}
        , serial_{next_serial()}
        , op_names_{options.name_case == name_case::ignored ? detail::letter_case::folded
                                                            : detail::letter_case::exact,
              store_, options.records_ops()}
        , elements_{options.seed, options.initialization_threads} {
        node_memory_.origins.emplace_back(new detail::node_origin{this, nullptr, where}); // of ops
        if (options.record_sharing) { record_sharing(); }
    }
    graph(const graph&) = delete;
    graph& operator=(const graph&) = delete;
    graph(graph&&) = delete;
    graph& operator=(graph&&) = delete;
    ~graph();

    [[nodiscard]] const graph_options& options() const noexcept { return options_; }

    /// \name For the layers above
    /// Plain operations on the state; names and scopes have been worked out by the caller.
    /// \{

    [[nodiscard]] unique_names& names() noexcept { return op_names_.table(); }
    [[nodiscard]] const variable_store& store() const noexcept { return store_; }

    /// Held while something is created or gets its first value. Recursive, so that an initializer
    /// may ask for variables itself.
    [[nodiscard]] detail::observed_mutex& creation() const noexcept { return creation_; }

    /// What a new variable is made of.
    struct new_variable {
        std::string_view op_name;
        std::string_view key; // empty: not to be shared by name
        detail::digest id;    // of the key
        dtype type;
        const varscope::shape& full_shape;
        const initializer& initial;
        detail::initial_op initial_from = detail::initial_op::value;
        bool is_trainable;
        bool has_key = true;                       // whether it can be shared
        detail::variable_extras* extras = nullptr; // made by `make_extras`
        std::source_location defined_at;
        std::source_location scope_opened_at = {};
    };
    /// Where literal names led to. To remember is left out where somebody creates.
    [[nodiscard]] const detail::literal_slots& literals() const noexcept { return literals_; }
    void remember(
        detail::literal_number& place, const detail::digest& scope, detail::variable_node& found) {
        const std::unique_lock lock(creation_, std::try_to_lock); // sharing waits for nobody
        if (!lock || store_.find(found.id) != &found) { return; } // or it was taken back meanwhile
        if (literals_.has_room(place)) { literals_.insert(place, scope, found); }
    }

    /// Adds a variable to the graph, and to the store if it has a key; not to any collection.
    /// \throws what the user's initializer throws, and already_exists if that created the variable
    /// itself; then nothing
    ///         was added.
    detail::variable_node& add(const new_variable& v);

    /// Whether nobody looks at what is created beyond the lists, and names are given as ever.
    /// `creation()` is held.
    [[nodiscard]] bool creates_plainly() const noexcept {
        return !is_frozen_ && sharing_ == nullptr && near_misses_ == nullptr &&
            names_journal_ == nullptr && !options_.strict_names && !op_names_.has_exact();
    }
    /// What a variable is made of that has a rule for its value, a key, and that as its op's name.
    struct plain_variable {
        std::string_view scope;
        std::string_view name;
        detail::digest id;
        dtype type;
        const varscope::shape& full_shape;
        const initializer& initial;
        bool is_trainable;
        std::source_location defined_at;
        std::source_location scope_opened_at = {};
    };
    /// Adds such a variable, whose names are taken already, to the graph, to the store, and to the
    /// usual collections. `creation()` is held.
    detail::variable_node& add_plain(const plain_variable& v);

    /// A variable that is cut into parts, which are to be added next. It is known by its key, and
    /// in no collection.
    detail::variable_node& add_whole(const new_variable& v, std::size_t axis);
    /// Makes a whole known to the store, once its parts are there.
    void finish_whole(detail::variable_node& whole);

    [[nodiscard]] detail::variable_extras* make_extras() {
        return node_memory_.extras.emplace_back(std::make_unique<detail::variable_extras>()).get();
    }

    /// The names of ops and scopes. To take one for an op, and to add the op then, hold
    /// `creation()` over both.
    [[nodiscard]] std::string take_op_name(
        const detail::name_link* scope, std::string_view name, const std::source_location& where) {
        const std::scoped_lock lock(creation_);
        return op_names_.take(nodes_, scope, name, where, false);
    }
    /// The same for a variable, whose name may have to be new (`graph_options::strict_names`).
    [[nodiscard]] std::string take_variable_name(
        const detail::name_link* scope, std::string_view name, const std::source_location& where) {
        const std::scoped_lock lock(creation_);
        return op_names_.take(nodes_, scope, name, where, options_.strict_names, "variable");
    }
    /// Enters the ops that variables made for themselves, if `scope/name` stands below one.
    void show_hidden(const detail::name_link* scope, std::string_view name) {
        const std::scoped_lock lock(creation_);
        op_names_.show_hidden(nodes_, scope, name);
    }

    struct new_op {
        std::string_view op_name;
        std::string_view op_type;
        dtype type;
        const varscope::shape& out_shape;
        std::span<const detail::node* const> inputs;
        std::source_location defined_at;
    };
    /// Adds an op to the record. If the graph keeps none, the op is the caller's own, and forgets
    /// its inputs.
    [[nodiscard]] std::shared_ptr<const detail::op_node> add(const new_op& op);

    /// Calls `function(collections&)` while nobody else uses them.
    template <class Function>
    decltype(auto) with_collections(Function&& function) {
        const std::scoped_lock lock(creation_);
        return std::forward<Function>(function)(collections_);
    }

    /// Calls `function(element_memory&)` while nobody else uses it.
    template <class Function>
    decltype(auto) with_elements(Function&& function) {
        const std::scoped_lock lock(creation_);
        return std::forward<Function>(function)(elements_);
    }

    /// Gives the variable its initial value (again).
    void initialize(detail::variable_node& v) {
        const std::scoped_lock lock(creation_);
        elements_.initialize(v);
    }
    /// Copies the elements in, which makes the variable initialised.
    void assign(detail::variable_node& v, const void* from) {
        const std::scoped_lock lock(creation_);
        elements_.assign(v, from);
    }
    /// Copies the elements out. \throws uninitialized
    void read(detail::variable_node& v, void* to) {
        const std::scoped_lock lock(creation_);
        elements_.read(v, to);
    }
    /// For `detail::variable_node::elements`.
    [[gnu::noinline]] void* make_elements(detail::variable_node& v) {
        const auto find = [&] { return v.data.load(std::memory_order_acquire); };
        if (void* const present = detail::await(creation_, find)) { return present; }
        const std::scoped_lock lock(creation_);
        return elements_.make(v);
    }

    /// For `detail::variable_node::first_element`.
    void* find_first_element(detail::variable_node& v) {
        const std::scoped_lock lock(creation_);
        return elements_.first_element(v);
    }

    /// Keeps something alive as long as the graph.
    void keep(std::shared_ptr<const void> thing) {
        const std::scoped_lock lock(creation_);
        kept_.push_back(std::move(thing));
    }

    /// A state to come back to. \see transaction.hpp
    struct mark {
        std::size_t nodes;
        std::size_t variables;
        std::size_t wholes;
        std::size_t shown;
        std::size_t exact_names;
        collections::mark lists;
    };
    /// With `creation()` held until `rewind` or `drop`.
    [[nodiscard]] mark set_mark() {
        return {nodes_.size(), store_.size(), store_.wholes().size(), op_names_.index().shown(),
            op_names_.exact_count(), collections_.set_mark()};
    }
    /// Takes out what was added since; handles of it stay valid. Names are the caller's part.
    void rewind(const mark& to) {
        collections_.rewind(to.lists);
        for (std::size_t i = to.variables; i < store_.size(); ++i) {
            literals_.erase(*store_.all()[i]);
            elements_.forget_place(
                store_.all()[i]->id); // another one of its name is not in a block
        }
        store_.rewind(to.variables, to.wholes);
        op_names_.index().rewind(to.shown);
        op_names_.rewind(to.exact_names);
        while (nodes_.size() > to.nodes) {
            op_names_.index().remove(*nodes_.back());
            nodes_.pop_back();
        }
    }
    void drop(const mark& to) noexcept { collections_.drop(to.lists); }
    /// Of the names taken in a transaction; null outside.
    std::unique_ptr<unique_names::journal>& names_journal() noexcept { return names_journal_; }

    /// The record of who creates and shares what; null if none is kept.
    [[nodiscard]] detail::sharing_log* sharing() const noexcept { return sharing_.get(); }
    void record_sharing() {
        const std::scoped_lock lock(creation_);
        sharing_ = std::make_unique<detail::sharing_log>();
    }
    void stop_recording_sharing() noexcept {
        const std::scoped_lock lock(creation_);
        sharing_.reset();
    }
    /// Who is told of new variables that are called nearly like others; null: nobody.
    [[nodiscard]] detail::near_miss_watch* near_misses() const noexcept {
        return near_misses_.get();
    }
    void watch_near_misses(std::unique_ptr<detail::near_miss_watch> watch) noexcept {
        const std::scoped_lock lock(creation_);
        near_misses_ = std::move(watch);
    }

    /// From here on, a new variable is an error (`frozen`).
    void freeze() noexcept {
        const std::scoped_lock lock(creation_);
        is_frozen_ = true;
    }
    /// From here on, a new variable or op is an error (`frozen`).
    void finalize() noexcept {
        const std::scoped_lock lock(creation_);
        is_frozen_ = true;
        is_final_ = true;
    }
    [[nodiscard]] bool is_frozen() const noexcept {
        const std::scoped_lock lock(creation_);
        return is_frozen_;
    }
    [[nodiscard]] bool is_final() const noexcept {
        const std::scoped_lock lock(creation_);
        return is_final_;
    }

    /// All variables and ops in the order of creation (ops only if they are recorded).
    [[nodiscard]] std::vector<tensor> nodes() const; // tensor.hpp
    /// The same as what the graph itself holds; their names stay as long as it lives.
    [[nodiscard]] std::vector<const detail::node*> records() const {
        const std::scoped_lock lock(creation_);
        return nodes_;
    }

    /// The variable or op with this op name, or null. Looks at one after the other, without the
    /// lock: for messages.
    [[nodiscard]] const detail::node* find_node(std::string_view op_name) const {
        const std::vector<const detail::node*> all = records();
        const auto found = std::ranges::find(all, op_name, &detail::node::op_name);
        return found == all.end() ? nullptr : *found;
    }

    /// Never given to another graph.
    [[nodiscard]] std::uint64_t serial() const noexcept { return serial_; }
    /// Expires with the graph.
    [[nodiscard]] std::weak_ptr<const void> lifetime() const noexcept { return lifetime_; }
    /// Where it was made.
    [[nodiscard]] const std::source_location& made_at() const noexcept {
        return node_memory_.origins.front()->graph_made_at;
    }

    /// Memory for the elements of one variable, not yet its own.
    using elements = detail::element_memory::elements;
    [[nodiscard]] static elements allocate(const detail::variable_node& v) {
        return detail::element_memory::allocate(v);
    }
    /// \}

private:
    static std::uint64_t next_serial() noexcept {
        static std::atomic<std::uint64_t> next{1};
        // Shared libraries with hidden visibility have a counter each: pages apart, so its address
        // keeps 2^28 graphs of each from meeting.
        return (reinterpret_cast<std::uint64_t>(&next) << 16U) +
            next.fetch_add(1, std::memory_order_relaxed);
    }

    const detail::node_origin& origin_of(const initializer& initial);
    void keep_records() noexcept;
    detail::variable_node& make_node(
        const new_variable& v, std::string_view scope, std::string_view name);
    void initialize_new(detail::variable_node& added);
    detail::variable_node& add_node(detail::variable_node& added, bool has_key);

    graph_options options_;
    std::uint64_t serial_;
    std::shared_ptr<const void> lifetime_ = std::make_shared<char>();

    variable_store store_;
    detail::literal_slots literals_;
    std::vector<const detail::node*> nodes_; // guarded by creation_, as are the collections
    collections collections_{&nodes_};

    mutable detail::observed_mutex creation_; // guards all below
    // What nodes stand in and refer to.
    struct node_memory {
        detail::arena memory;
        std::vector<std::unique_ptr<detail::node_origin>> origins; // the first is that of ops
        std::vector<std::unique_ptr<detail::variable_extras>> extras;
    };
    node_memory node_memory_;
    std::vector<std::shared_ptr<const void>> kept_;
    detail::op_names op_names_;
    detail::element_memory elements_;
    std::unique_ptr<unique_names::journal> names_journal_;
    std::unique_ptr<detail::sharing_log> sharing_;
    std::unique_ptr<detail::near_miss_watch> near_misses_;
    bool is_frozen_ = false;
    bool is_final_ = false;
};

inline graph::~graph() {
    const auto* const threads = detail::graph_users.load(std::memory_order_acquire);
    if (detail::watches_dead_graphs()) {
        if (threads != nullptr) { threads->refuse_open_scopes(*this); }
        keep_records();
    }
    if (threads != nullptr) { threads->forget(*this); }
}

/// Keeps what handles refer to, so that they find that their graph ended.
inline void graph::keep_records() noexcept {
    const auto empty = [](detail::variable_node& v) {
        v.data.store(nullptr, std::memory_order_relaxed);
        v.is_initialized.store(false, std::memory_order_relaxed);
    };
    for (const detail::node* const n : nodes_) {
        if (n->is_variable) {
            empty(detail::variable_of(*n));
        } else {
            static_cast<const detail::op_node*>(n)->source.store(
                nullptr, std::memory_order_relaxed);
        }
    }
    for (const detail::variable_node* const v : store_.wholes()) { empty(detail::variable_of(*v)); }
    for (const auto& extras : node_memory_.extras) {
        extras->block.store(nullptr, std::memory_order_relaxed);
    }
    for (const auto& origin : node_memory_.origins) { origin->owner = nullptr; }
    struct kept {
        node_memory all;
        std::vector<std::shared_ptr<const void>> things; // ops that collections lead to
        kept* next;
    };
    static constinit std::atomic<kept*> last{nullptr}; // so that it is no leak
    auto* const added =
        new kept{std::move(node_memory_), std::move(kept_), last.load(std::memory_order_relaxed)};
    while (!last.compare_exchange_weak(added->next, added)) {}
}

inline const detail::node_origin& graph::origin_of(const initializer& initial) {
    auto& origins = node_memory_.origins;
    const auto last = origins.end() -
        std::min<std::ptrdiff_t>(4, std::ssize(origins)); // kernels and biases take turns
    const auto known = std::find_if(last, origins.end(),
        [&](const auto& origin) { return origin->initial == initial.model(); });
    if (known != origins.end()) { return **known; }
    origins.emplace_back(
        new detail::node_origin{this, initial.model(), origins.front()->graph_made_at});
    return *origins.back();
}

/// The op's name in two pieces, of which the first may be a scope.
inline detail::variable_node& graph::make_node(
    const new_variable& v, std::string_view scope, std::string_view name) {
    const shape& dimensions = v.full_shape;
    const std::size_t gap = scope.empty() ? 0 : 1;
    const std::size_t text_size = scope.size() + gap + name.size() + 2;
    const bool is_key_behind = v.key.data() != name.data() && !name.starts_with(v.key);
    void* const memory = node_memory_.memory.allocate(sizeof(detail::variable_node) +
            dimensions.rank() * sizeof(std::size_t) + text_size +
            (is_key_behind ? v.key.size() : 0),
        alignof(detail::variable_node));
    auto& made = *::new (memory) detail::variable_node{};
    made.origin = &origin_of(v.initial);
    made.defined_at = v.defined_at;
    made.scope_opened_at = v.scope_opened_at;
    made.text_size = static_cast<std::uint32_t>(text_size);
    made.key_size = static_cast<std::uint32_t>(
        v.key.data() == name.data() && gap == 1 ? text_size - 2 : v.key.size());
    made.type = v.type;
    made.rank = static_cast<std::uint8_t>(dimensions.rank());
    made.initial_from = v.initial_from;
    made.is_variable = true;
    made.is_trainable = v.is_trainable;
    made.is_key_behind = is_key_behind;
    made.id = v.id;
    made.extras = v.extras;
    auto* dimension = reinterpret_cast<std::size_t*>(&made + 1);
    for (const auto d : dimensions) {
        ::new (dimension++) std::size_t(static_cast<std::size_t>(d));
    }
    auto* text = reinterpret_cast<char*>(dimension);
    text = std::copy(scope.begin(), scope.end(), text);
    if (gap == 1) { *text++ = '/'; }
    text = std::copy(name.begin(), name.end(), text);
    *text++ = ':';
    *text++ = '0';
    if (is_key_behind) { std::copy(v.key.begin(), v.key.end(), text); }
    return made;
}

inline detail::variable_node& graph::add(const new_variable& v) {
    const std::scoped_lock lock(creation_);
    detail::variable_node& added = make_node(v, {}, v.op_name);
    if (options_.initialization == initialization::immediate) { initialize_new(added); }
    if (const detail::variable_node* const other = v.has_key ? store_.find(v.id) : nullptr) {
        const std::string key(other->key());
        throw already_exists("variable '" + key + "' already exists\n  first created at " +
                to_string(other->defined_at) + ", by its own initializer\n  requested at " +
                to_string(v.defined_at) + "\n  let the initializer ask for other names only",
            {key, v.defined_at, other->defined_at});
    }
    return add_node(added, v.has_key);
}

/// Before anybody knows the variable, since its rule may fail.
inline void graph::initialize_new(detail::variable_node& added) {
    detail::variable_node* const whole = added.extras == nullptr ? nullptr : added.extras->whole;
    if (whole != nullptr && whole->extras->parts.size() == 0) { elements_.initialize(*whole); }
    if (whole != nullptr && whole->is_initialized.load(std::memory_order_relaxed)) {
        added.is_initialized.store(true, std::memory_order_release); // a slice of that
    } else {
        elements_.initialize(added);
    }
}

inline detail::variable_node& graph::add_node(detail::variable_node& added, bool has_key) {
    if (nodes_.size() == nodes_.capacity()) { nodes_.reserve(2 * nodes_.size() + 16); }
    op_names_.index().add(added);
    if (has_key) {
        try {
            store_.insert(added);
        } catch (...) {
            op_names_.index().remove(added);
            throw;
        }
    }
    nodes_.push_back(&added);
    return added;
}

inline detail::variable_node& graph::add_plain(const plain_variable& v) {
    detail::variable_node& added = make_node({.op_name = v.name,
                                                 .key = v.name, // behind the scope, as the op's
                                                 .id = v.id,
                                                 .type = v.type,
                                                 .full_shape = v.full_shape,
                                                 .initial = v.initial,
                                                 .initial_from = detail::initial_op::function,
                                                 .is_trainable = v.is_trainable,
                                                 .defined_at = v.defined_at,
                                                 .scope_opened_at = v.scope_opened_at},
        v.scope, v.name);
    if (options_.initialization == initialization::immediate) {
        added.is_initialized.store(true, std::memory_order_relaxed); // by its rule, once needed
    }
    added.is_usually_listed = true;
    added.holds_own_name = true;
    collections_.expect_created(added);
    add_node(added, true);
    return added;
}

inline detail::variable_node& graph::add_whole(const new_variable& v, std::size_t axis) {
    const std::scoped_lock lock(creation_);
    detail::variable_node& whole = make_node(v, {}, v.op_name);
    whole.is_whole = true;
    whole.extras->axis = axis;
    return whole;
}

inline void graph::finish_whole(detail::variable_node& whole) {
    const std::scoped_lock lock(creation_);
    store_.insert_whole(whole);
}

inline std::shared_ptr<const detail::op_node> graph::add(const new_op& op) {
    struct own_op {
        detail::op_node node;
        detail::arena memory{512}; // enough for its name and shape
    };
    const std::scoped_lock lock(creation_);
    std::shared_ptr<own_op> own;
    if (!options_.records_ops()) { own = std::make_shared<own_op>(); }
    detail::arena& memory = own ? own->memory : node_memory_.memory;
    detail::op_node& added = own ? own->node : *memory.create<detail::op_node>();
    auto* const text = static_cast<char*>(memory.allocate(op.op_name.size() + 2, 1));
    std::memcpy(text, op.op_name.data(), op.op_name.size());
    std::memcpy(text + op.op_name.size(), ":0", 2);
    added.name_text = text;
    added.text_size = static_cast<std::uint32_t>(op.op_name.size() + 2);
    added.key_size = 0;
    added.origin = node_memory_.origins.front().get();
    added.defined_at = op.defined_at;
    added.type = op.type;
    added.is_variable = false;
    added.op_type = memory.copy(op.op_type);
    added.out_shape = memory.create<shape>(op.out_shape);
    if (own) { return {own, &own->node}; } // the index would outlive it
    op_names_.index().add(added);
    auto* const inputs = static_cast<const detail::node**>(memory.allocate(
        op.inputs.size() * sizeof(const detail::node*), alignof(const detail::node*)));
    std::uninitialized_copy(op.inputs.begin(), op.inputs.end(), inputs);
    added.inputs = {inputs, op.inputs.size()};
    nodes_.push_back(&added);
    return {std::shared_ptr<void>(), &added};
}

namespace detail {

// Apart, so that a read of elements that are there saves no register for it.
[[gnu::cold, gnu::noinline]] inline void* variable_node::elements_slowly() const {
    return owner().make_elements(const_cast<variable_node&>(
        *this)); // NOLINT(cppcoreguidelines-pro-type-const-cast): reading is what makes them
}

inline void* variable_node::first_element() const {
    if (void* const present = data.load(std::memory_order_acquire)) { return present; }
    if (extras != nullptr && extras->whole != nullptr && has_value()) {
        void* const block = extras->whole->extras->block.load(std::memory_order_acquire);
        if (block != nullptr) { return static_cast<std::byte*>(block) + start_in_whole(); }
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): as above
    return owner().find_first_element(const_cast<variable_node&>(*this));
}

inline void variable_node::read(void* to) const {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): as above
    owner().read(const_cast<variable_node&>(*this), to);
}

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI
