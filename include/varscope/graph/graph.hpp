/// \file
/// The object that owns variables, ops, names and collections.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/graph/graph_options.hpp>
#include <varscope/graph/literal_number.hpp>
#include <varscope/graph/nodes.hpp>
#include <varscope/names/digest.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

class collections;
class initializer;
class tensor;
class unique_names;
class variable_store;

namespace detail {

class element_memory;
struct graph_state;
class literal_slots;
struct name_link;
class near_miss_watch;
class observed_mutex;
class sharing_log;

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
        graph_options options = {}, std::source_location where = std::source_location::current());
    graph(const graph&) = delete;
    graph& operator=(const graph&) = delete;
    graph(graph&&) = delete;
    graph& operator=(graph&&) = delete;
    ~graph();

    [[nodiscard]] const graph_options& options() const noexcept;

    /// \name For the layers above
    /// Plain operations on the state; names and scopes have been worked out by the caller.
    /// \{

    [[nodiscard]] unique_names& names() noexcept;
    [[nodiscard]] const variable_store& store() const noexcept;

    /// Held while something is created or gets its first value. Recursive, so that an initializer
    /// may ask for variables itself.
    [[nodiscard]] detail::observed_mutex& creation() const noexcept;

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
    [[nodiscard]] const detail::literal_slots& literals() const noexcept;
    void remember(
        detail::literal_number& place, const detail::digest& scope, detail::variable_node& found);

    /// Adds a variable to the graph, and to the store if it has a key; not to any collection.
    /// \throws what the user's initializer throws, and already_exists if that created the variable
    /// itself; then nothing
    ///         was added.
    detail::variable_node& add(const new_variable& v);

    /// Whether nobody looks at what is created beyond the lists, and names are given as ever.
    /// `creation()` is held.
    [[nodiscard]] bool creates_plainly() const noexcept;
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

    [[nodiscard]] detail::variable_extras* make_extras();

    /// The names of ops and scopes. To take one for an op, and to add the op then, hold
    /// `creation()` over both.
    [[nodiscard]] std::string take_op_name(
        const detail::name_link* scope, std::string_view name, const std::source_location& where);
    /// The same for a variable, whose name may have to be new (`graph_options::strict_names`).
    [[nodiscard]] std::string take_variable_name(
        const detail::name_link* scope, std::string_view name, const std::source_location& where);
    /// Enters the ops that variables made for themselves, if `scope/name` stands below one.
    void show_hidden(const detail::name_link* scope, std::string_view name);

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
    decltype(auto) with_collections(Function&& function); // graph_state.hpp

    /// Calls `function(element_memory&)` while nobody else uses it.
    template <class Function>
    decltype(auto) with_elements(Function&& function); // graph_state.hpp

    /// Gives the variable its initial value (again).
    void initialize(detail::variable_node& v);
    /// Copies the elements in, which makes the variable initialised.
    void assign(detail::variable_node& v, const void* from);
    /// Copies the elements out. \throws uninitialized
    void read(detail::variable_node& v, void* to);
    /// For `detail::variable_node::elements`.
    void* make_elements(detail::variable_node& v);

    /// For `detail::variable_node::first_element`.
    void* find_first_element(detail::variable_node& v);

    /// Keeps something alive as long as the graph.
    void keep(std::shared_ptr<const void> thing);

    /// A state to come back to. \see transaction.hpp
    struct mark; // graph_state.hpp
    /// With `creation()` held until `rewind` or `drop`.
    [[nodiscard]] mark set_mark();
    /// Takes out what was added since; handles of it stay valid. Names are the caller's part.
    void rewind(const mark& to);
    void drop(const mark& to) noexcept;
    /// The record of who creates and shares what; null if none is kept.
    [[nodiscard]] detail::sharing_log* sharing() const noexcept;
    void record_sharing();
    void stop_recording_sharing() noexcept;
    /// Who is told of new variables that are called nearly like others; null: nobody.
    [[nodiscard]] detail::near_miss_watch* near_misses() const noexcept;
    void watch_near_misses(std::unique_ptr<detail::near_miss_watch> watch) noexcept;

    /// From here on, a new variable is an error (`frozen`).
    void freeze() noexcept;
    /// From here on, a new variable or op is an error (`frozen`).
    void finalize() noexcept;
    [[nodiscard]] bool is_frozen() const noexcept;
    [[nodiscard]] bool is_final() const noexcept;

    /// All variables and ops in the order of creation (ops only if they are recorded).
    [[nodiscard]] std::vector<tensor> nodes() const; // tensor.hpp
    /// The same as what the graph itself holds; their names stay as long as it lives.
    [[nodiscard]] std::vector<const detail::node*> records() const;

    /// The variable or op with this op name, or null. Looks at one after the other, without the
    /// lock: for messages.
    [[nodiscard]] const detail::node* find_node(std::string_view op_name) const;

    /// Never given to another graph.
    [[nodiscard]] std::uint64_t serial() const noexcept;
    /// Expires with the graph.
    [[nodiscard]] std::weak_ptr<const void> lifetime() const noexcept;
    /// Where it was made.
    [[nodiscard]] const std::source_location& made_at() const noexcept;
    /// All that it holds.
    [[nodiscard]] detail::graph_state& state() const noexcept { return *state_; }
    /// \}

private:
    const detail::node_origin& origin_of(const initializer& initial);
    void keep_records() noexcept;
    detail::variable_node& make_node(
        const new_variable& v, std::string_view scope, std::string_view name);
    void initialize_new(detail::variable_node& added);
    detail::variable_node& add_node(detail::variable_node& added, bool has_key);

    std::unique_ptr<detail::graph_state> state_;
};

namespace detail {

/// Holds a graph's `creation()` until the end of the block.
class creation_lock {
public:
    [[nodiscard]] explicit creation_lock(const graph& g);
    creation_lock(const creation_lock&) = delete;
    creation_lock& operator=(const creation_lock&) = delete;
    creation_lock(creation_lock&&) = delete;
    creation_lock& operator=(creation_lock&&) = delete;
    ~creation_lock();

private:
    observed_mutex& mutex_;
};

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/graph/graph_state.hpp>
#endif
