/// \file
/// The object that owns variables, ops, names and collections.
#pragma once

#include <varscope/collections.hpp>
#include <varscope/detail/ambient.hpp>
#include <varscope/detail/arena.hpp>
#include <varscope/detail/nodes.hpp>
#include <varscope/unique_names.hpp>
#include <varscope/variable_store.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace varscope {

/// When variables get their first value.
enum class initialization : std::uint8_t {
    immediate, ///< when they are created
    deferred,  ///< by `global_variables_initializer()`, a restore, an assignment, or not at all, as
               ///< in TensorFlow
};

struct graph_options {
    std::uint64_t seed = 0; ///< random initial values depend on it and on the variable's name
    varscope::initialization initialization = varscope::initialization::immediate;
    bool record_ops = true; ///< keep a record of each op and its inputs; without it ops still get
                            ///< their unique names
};

/// Owns everything that has state: variables and their memory, names, collections, the record of
/// ops.
///
/// Handles, scopes and ops of a graph are valid as long as it lives. Safe from any thread, but for
/// its destruction. Memory for a variable's elements is taken when they are first read or written.
/// Not for computing: see `session`. Follows tf.Graph.
class graph {
public:
    explicit graph(graph_options options = {}) : options_{options}, serial_{next_serial()} {}
    graph(const graph&) = delete;
    graph& operator=(const graph&) = delete;
    graph(graph&&) = delete;
    graph& operator=(graph&&) = delete;
    ~graph();

    [[nodiscard]] const graph_options& options() const noexcept { return options_; }

    /// \name For the layers above
    /// Plain operations on the state; names and scopes have been worked out by the caller.
    /// \{

    [[nodiscard]] unique_names& names() noexcept { return names_; }
    [[nodiscard]] const variable_store& store() const noexcept { return store_; }

    /// Held while something is created or gets its first value. Recursive, so that an initializer
    /// may ask for variables itself.
    [[nodiscard]] std::recursive_mutex& creation() const noexcept { return creation_; }

    /// What a new variable is made of.
    struct new_variable {
        std::string_view op_name;
        std::size_t key_size; // its first characters that are the key, or one more: it and '/'; 0:
                              // not to be shared by name
        detail::digest id;    // of the key
        dtype type;
        const varscope::shape& full_shape;
        const initializer& initial;
        bool is_trainable;
        std::source_location defined_at;
    };
    /// Adds a variable to the graph, and to the store if it has a key; not to any collection.
    /// \throws what the user's initializer throws, and already_exists if that created the variable
    /// itself; then nothing
    ///         was added.
    detail::variable_node& add(const new_variable& v);

    /// Takes `scope/name`, made unique, for an op; with '/' at the end of `name`, exactly that. To
    /// be followed by `add`, with `creation()` held over both. \throws duplicate_node  exactly this
    /// name was asked for, now or before, and the other one is an op.
    [[nodiscard]] std::string take_op_name(
        const detail::name_link* scope, std::string_view name, const std::source_location& where);

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

    /// Gives the variable its initial value (again).
    void initialize(detail::variable_node& v);
    /// Copies the elements in, which makes the variable initialised.
    void assign(detail::variable_node& v, const void* from);
    /// For `detail::variable_node::elements`.
    void* make_elements(detail::variable_node& v);

    /// All variables and ops in the order of creation (ops only if they are recorded).
    [[nodiscard]] std::vector<const detail::node*> nodes() const {
        const std::scoped_lock lock(creation_);
        return nodes_;
    }

    /// The variable or op with this op name, or null. Looks at one after the other: for messages.
    [[nodiscard]] const detail::node* find_node(std::string_view op_name) const {
        const std::scoped_lock lock(creation_);
        const auto found = std::ranges::find(nodes_, op_name, &detail::node::op_name);
        return found == nodes_.end() ? nullptr : *found;
    }

    /// Never given to another graph.
    [[nodiscard]] std::uint64_t serial() const noexcept { return serial_; }
    /// Expires with the graph.
    [[nodiscard]] std::weak_ptr<const void> lifetime() const noexcept { return lifetime_; }

    struct free_elements {
        void operator()(void* memory) const noexcept {
            ::operator delete(memory, std::align_val_t{data_alignment});
        }
    };
    /// Memory for the elements of one variable, not yet its own.
    using elements = std::unique_ptr<void, free_elements>;
    [[nodiscard]] static elements allocate(const detail::variable_node& v) {
        return elements(
            ::operator new(std::max<std::size_t>(v.bytes(), 1), std::align_val_t{data_alignment}));
    }
    /// Makes room for so many calls of `adopt`, which then cannot fail.
    void reserve_adoptions(std::size_t count) {
        const std::scoped_lock lock(creation_);
        large_elements_.reserve(large_elements_.size() + count);
    }
    /// Makes `values` the variable's elements; copies them if it has memory already, which handles
    /// may refer to.
    void adopt(detail::variable_node& v, elements values) noexcept;
    /// \}

private:
    static constexpr std::size_t data_alignment = 64;
    static constexpr std::size_t small_data = 256; // bytes; up to here elements stand in the arena

    static std::uint64_t next_serial() noexcept {
        static std::atomic<std::uint64_t> next{1};
        return next.fetch_add(1, std::memory_order_relaxed);
    }

    [[nodiscard]] void* allocate_elements(const detail::variable_node& v);
    void fill(const detail::variable_node& v, void* to) const;
    const detail::initializer_model* keep(const initializer& initial);
    static const char* copy_tensor_name(
        detail::arena& memory, std::string_view op_name, std::size_t key_size = 0);

    graph_options options_;
    std::uint64_t serial_;
    std::shared_ptr<const void> lifetime_ = std::make_shared<char>();

    unique_names names_;
    variable_store store_;
    collections collections_;

    mutable std::recursive_mutex creation_; // guards all below
    detail::arena memory_;
    std::vector<const detail::node*> nodes_;
    std::vector<std::shared_ptr<const detail::initializer_model>> initializers_;
    std::unordered_set<std::string> op_names_; // only once an exact name was asked for
    bool has_exact_names_ = false;

    detail::arena small_elements_;
    std::vector<elements> large_elements_;
};

inline graph::~graph() {
    detail::ambient& here = detail::this_thread();
    if (here.known == nullptr) { return; }
    std::erase_if(*here.known, [&](const detail::ambient::entry& entry) {
        if (entry.serial != serial_) { return false; }
        if (here.current == entry.scopes.get()) { here.current = nullptr; }
        return true;
    });
}

inline const char* graph::copy_tensor_name(
    detail::arena& memory, std::string_view op_name, std::size_t key_size) {
    const bool is_key_longer = key_size > op_name.size();
    auto* const text =
        static_cast<char*>(memory.allocate(op_name.size() + 2 + (is_key_longer ? key_size : 0), 1));
    std::memcpy(text, op_name.data(), op_name.size());
    std::memcpy(text + op_name.size(), ":0", 2);
    if (is_key_longer) {
        char* const key = text + op_name.size() + 2;
        std::memcpy(key, op_name.data(), op_name.size());
        std::memset(key + op_name.size(), '/', key_size - op_name.size());
    }
    return text;
}

inline const detail::initializer_model* graph::keep(const initializer& initial) {
    if (initializers_.empty() || initializers_.back() != initial.model()) {
        initializers_.push_back(initial.model());
    }
    return initial.model().get();
}

inline detail::variable_node& graph::add(const new_variable& v) {
    const std::scoped_lock lock(creation_);
    const shape& dimensions = v.full_shape;
    void* const memory =
        memory_.allocate(sizeof(detail::variable_node) + dimensions.rank() * sizeof(std::size_t),
            alignof(detail::variable_node));
    auto& added = *::new (memory) detail::variable_node{};
    added.text = copy_tensor_name(memory_, v.op_name, v.key_size);
    added.text_size = static_cast<std::uint32_t>(v.op_name.size() + 2);
    added.key_size = static_cast<std::uint32_t>(v.key_size);
    added.owner = this;
    added.defined_at = v.defined_at;
    added.type = v.type;
    added.is_variable = true;
    added.id = v.id;
    added.is_trainable = v.is_trainable;
    added.rank = static_cast<std::uint8_t>(dimensions.rank());
    added.size = 1;
    auto* dimension = reinterpret_cast<std::size_t*>(&added + 1);
    for (const auto d : dimensions) {
        added.size *= static_cast<std::size_t>(d);
        ::new (dimension++) std::size_t(static_cast<std::size_t>(d));
    }
    added.initial = keep(v.initial);
    if (options_.initialization == initialization::immediate) { initialize(added); }
    if (const detail::variable_node* const other = v.key_size > 0 ? store_.find(v.id) : nullptr) {
        const std::string key(other->key());
        throw already_exists("variable '" + key + "' already exists\n  first created at " +
                to_string(other->defined_at) + ", by its own initializer\n  requested at " +
                to_string(v.defined_at) + "\n  let the initializer ask for other names only",
            {key, v.defined_at, other->defined_at});
    }
    nodes_.reserve(nodes_.size() == nodes_.capacity() ? 2 * nodes_.size() + 16 : 0);
    if (has_exact_names_) { op_names_.emplace(v.op_name); }
    if (v.key_size > 0) { store_.insert(added); }
    nodes_.push_back(&added);
    return added;
}

inline std::string graph::take_op_name(
    const detail::name_link* scope, std::string_view name, const std::source_location& where) {
    std::string full;
    const bool is_exact = name.ends_with('/');
    if (is_exact) {
        full = name.substr(0, name.size() - 1);
    } else {
        const auto illegal = scope == nullptr ? detail::illegal_position(name)
                                              : detail::illegal_position_nested(name);
        if (illegal || name.empty()) {
            detail::throw_invalid_name("op", name, illegal.value_or(0), where);
        }
        full = path_of(scope);
        if (scope != nullptr) { full += '/'; }
        detail::append_suffixed(full, name, names_.take(detail::id_of(scope), name));
    }
    if (is_exact || has_exact_names_) {
        if (!has_exact_names_) {
            for (const detail::node* n : nodes_) { op_names_.emplace(n->op_name()); }
            has_exact_names_ = true;
        }
        if (const auto illegal = detail::illegal_position(full)) {
            detail::throw_invalid_name("op", full, *illegal, where);
        }
        if (op_names_.contains(full)) {
            error_facts facts{full, where};
            std::string text =
                "op '" + full + "' exists already, and its name was asked for exactly";
            for (const detail::node* n : nodes_) {
                if (n->op_name() == full) {
                    facts.first_defined = n->defined_at;
                    text += "\n  first created at " + to_string(n->defined_at);
                    break;
                }
            }
            text += "\n  requested again at " + to_string(where) +
                "\n  a name that ends in '/' is neither made unique nor reserved; leave out the "
                "'/' to get a name of its own";
            throw duplicate_node(text, std::move(facts));
        }
    }
    return full;
}

inline std::shared_ptr<const detail::op_node> graph::add(const new_op& op) {
    struct own_op {
        detail::op_node node;
        detail::arena memory{512}; // enough for its name and shape
    };
    const std::scoped_lock lock(creation_);
    std::shared_ptr<own_op> own;
    if (!options_.record_ops) { own = std::make_shared<own_op>(); }
    detail::arena& memory = own ? own->memory : memory_;
    detail::op_node& added = own ? own->node : *memory.create<detail::op_node>();
    added.text = copy_tensor_name(memory, op.op_name);
    added.text_size = static_cast<std::uint32_t>(op.op_name.size() + 2);
    added.key_size = 0;
    added.owner = this;
    added.defined_at = op.defined_at;
    added.type = op.type;
    added.is_variable = false;
    added.op_type = memory.copy(op.op_type);
    added.out_shape = memory.create<shape>(op.out_shape);
    if (has_exact_names_) { op_names_.emplace(op.op_name); }
    if (own) { return {own, &own->node}; }
    auto* const inputs = static_cast<const detail::node**>(memory.allocate(
        op.inputs.size() * sizeof(const detail::node*), alignof(const detail::node*)));
    std::uninitialized_copy(op.inputs.begin(), op.inputs.end(), inputs);
    added.inputs = {inputs, op.inputs.size()};
    nodes_.push_back(&added);
    return {std::shared_ptr<void>(), &added};
}

inline void* graph::allocate_elements(const detail::variable_node& v) {
    const std::size_t bytes = std::max<std::size_t>(v.bytes(), 1);
    if (bytes <= small_data) { return small_elements_.allocate(bytes, 16); }
    large_elements_.push_back(allocate(v));
    return large_elements_.back().get();
}

inline void graph::fill(const detail::variable_node& v, void* to) const {
    const shape full = v.get_shape();
    try {
        v.initial->fill({v.type, full, to, v.size,
            {options_.seed, detail::stream_of(v.key_size > 0 ? v.key() : v.op_name())}});
    } catch (const detail::wrong_result& e) {
        const std::string name(v.op_name());
        throw shape_mismatch("variable '" + name + "' was not given an initial value\n  " +
                e.what() + "\n  requested at " + to_string(v.defined_at) +
                "\n  return the shape that the function is called with, in the variable's type",
            {name, v.defined_at}, full, full);
    }
}

inline void graph::initialize(detail::variable_node& v) {
    const std::scoped_lock lock(creation_);
    if (void* const present = v.data.load(std::memory_order_relaxed)) {
        fill(v, present);
    } else if (!v.initial->is_pure()) {
        void* const memory = allocate_elements(v);
        fill(v, memory);
        v.data.store(memory, std::memory_order_release);
    }
    v.is_initialized.store(true, std::memory_order_release);
}

inline void graph::assign(detail::variable_node& v, const void* from) {
    const std::scoped_lock lock(creation_);
    void* const present = v.data.load(std::memory_order_relaxed);
    void* const memory = present != nullptr ? present : allocate_elements(v);
    if (v.size > 0) { std::memmove(memory, from, v.bytes()); }
    v.is_initialized.store(true, std::memory_order_relaxed);
    v.data.store(memory, std::memory_order_release);
}

inline void graph::adopt(detail::variable_node& v, elements values) noexcept {
    const std::scoped_lock lock(creation_);
    if (void* const present = v.data.load(std::memory_order_relaxed)) {
        std::memcpy(present, values.get(), v.bytes());
    } else {
        large_elements_.push_back(std::move(values));
        v.data.store(large_elements_.back().get(), std::memory_order_release);
    }
    v.is_initialized.store(true, std::memory_order_release);
}

inline void* graph::make_elements(detail::variable_node& v) {
    if (!v.is_initialized.load(std::memory_order_acquire)) {
        const std::string name(v.op_name());
        throw uninitialized("variable '" + name +
                "' was read before it had a value\n  created at " + to_string(v.defined_at) +
                " in a graph with deferred initialisation\n  run global_variables_initializer(), "
                "restore a "
                "checkpoint or assign to it first",
            {name, v.defined_at, v.defined_at});
    }
    const std::scoped_lock lock(creation_);
    if (void* const present = v.data.load(std::memory_order_relaxed)) {
        return present;
    } // another thread was faster
    void* const memory = allocate_elements(v);
    fill(v, memory);
    v.data.store(memory, std::memory_order_release);
    return memory;
}

namespace detail {

inline void* variable_node::elements_slowly() const {
    return owner->make_elements(const_cast<variable_node&>(
        *this)); // NOLINT(cppcoreguidelines-pro-type-const-cast): reading is what makes them
}

} // namespace detail
} // namespace varscope
