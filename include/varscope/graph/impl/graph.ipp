// See graph.hpp.
#pragma once

#include <varscope/graph/dead_graphs.hpp>
#include <varscope/graph/graph.hpp>
#include <varscope/graph/graph_state.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

namespace detail {

VARSCOPE_INLINE std::uint64_t graph_state::next_serial() noexcept {
    static std::atomic<std::uint64_t> next{1};
    // Shared libraries with hidden visibility have a counter each: pages apart, so its address
    // keeps 2^28 graphs of each from meeting.
    return (reinterpret_cast<std::uint64_t>(&next) << 16U) +
        next.fetch_add(1, std::memory_order_relaxed);
}

VARSCOPE_INLINE graph_state::graph_state(const graph_options& chosen)
    : options{chosen}
    , serial{next_serial()}
    , op_names{chosen.name_case == name_case::ignored ? letter_case::folded : letter_case::exact,
          store, chosen.records_ops()}
    , elements{chosen.seed, chosen.initialization_threads} {}

} // namespace detail

VARSCOPE_INLINE graph::graph(graph_options options, std::source_location where)
    : state_{std::make_unique<detail::graph_state>(options)} {
    state_->records.origins.emplace_back(new detail::node_origin{this, nullptr, where}); // of ops
    if (options.record_sharing) { record_sharing(); }
}

VARSCOPE_INLINE const graph_options& graph::options() const noexcept { return state_->options; }
VARSCOPE_INLINE unique_names& graph::names() noexcept { return state_->op_names.table(); }
VARSCOPE_INLINE const variable_store& graph::store() const noexcept { return state_->store; }
VARSCOPE_INLINE detail::observed_mutex& graph::creation() const noexcept {
    return state_->creation;
}
VARSCOPE_INLINE const detail::literal_slots& graph::literals() const noexcept {
    return state_->literals;
}
VARSCOPE_INLINE void graph::drop(const mark& to) noexcept { state_->collections.drop(to.lists); }
VARSCOPE_INLINE detail::sharing_log* graph::sharing() const noexcept {
    return state_->sharing.get();
}
VARSCOPE_INLINE detail::near_miss_watch* graph::near_misses() const noexcept {
    return state_->near_misses.get();
}
VARSCOPE_INLINE std::uint64_t graph::serial() const noexcept { return state_->serial; }
VARSCOPE_INLINE std::weak_ptr<const void> graph::lifetime() const noexcept {
    return state_->lifetime;
}
VARSCOPE_INLINE const std::source_location& graph::made_at() const noexcept {
    return state_->records.origins.front()->graph_made_at;
}

VARSCOPE_INLINE void graph::remember(
    detail::literal_number& place, const detail::digest& scope, detail::variable_node& found) {
    const std::unique_lock lock(state_->creation, std::try_to_lock); // sharing waits for nobody
    if (!lock || state_->store.find(found.id) != &found) {
        return;
    } // or it was taken back meanwhile
    if (state_->literals.has_room(place)) { state_->literals.insert(place, scope, found); }
}

VARSCOPE_INLINE bool graph::creates_plainly() const noexcept {
    return !state_->is_frozen && state_->sharing == nullptr && state_->near_misses == nullptr &&
        state_->names_journal == nullptr && !state_->options.strict_names &&
        !state_->op_names.has_exact();
}

VARSCOPE_INLINE detail::variable_extras* graph::make_extras() {
    return state_->records.extras.emplace_back(std::make_unique<detail::variable_extras>()).get();
}

VARSCOPE_INLINE std::string graph::take_op_name(
    const detail::name_link* scope, std::string_view name, const std::source_location& where) {
    const std::scoped_lock lock(state_->creation);
    return state_->op_names.take(state_->nodes, scope, name, where, false);
}

VARSCOPE_INLINE std::string graph::take_variable_name(
    const detail::name_link* scope, std::string_view name, const std::source_location& where) {
    const std::scoped_lock lock(state_->creation);
    return state_->op_names.take(
        state_->nodes, scope, name, where, state_->options.strict_names, "variable");
}

VARSCOPE_INLINE void graph::show_hidden(const detail::name_link* scope, std::string_view name) {
    const std::scoped_lock lock(state_->creation);
    state_->op_names.show_hidden(state_->nodes, scope, name);
}

VARSCOPE_INLINE void graph::initialize(detail::variable_node& v) {
    const std::scoped_lock lock(state_->creation);
    state_->elements.initialize(v);
}

VARSCOPE_INLINE void graph::assign(detail::variable_node& v, const void* from) {
    const std::scoped_lock lock(state_->creation);
    state_->elements.assign(v, from);
}

VARSCOPE_INLINE void graph::read(detail::variable_node& v, void* to) {
    const std::scoped_lock lock(state_->creation);
    state_->elements.read(v, to);
}

[[gnu::noinline]] VARSCOPE_INLINE void* graph::make_elements(detail::variable_node& v) {
    const auto find = [&] { return v.data.load(std::memory_order_acquire); };
    if (void* const present = detail::await(state_->creation, find)) { return present; }
    const std::scoped_lock lock(state_->creation);
    return state_->elements.make(v);
}

VARSCOPE_INLINE void* graph::find_first_element(detail::variable_node& v) {
    const std::scoped_lock lock(state_->creation);
    return state_->elements.first_element(v);
}

VARSCOPE_INLINE void graph::keep(std::shared_ptr<const void> thing) {
    const std::scoped_lock lock(state_->creation);
    state_->kept.push_back(std::move(thing));
}

VARSCOPE_INLINE graph::mark graph::set_mark() {
    return {state_->nodes.size(), state_->store.size(), state_->store.wholes().size(),
        state_->op_names.index().shown(), state_->op_names.exact_count(),
        state_->collections.set_mark()};
}

VARSCOPE_INLINE void graph::rewind(const mark& to) {
    state_->collections.rewind(to.lists);
    for (std::size_t i = to.variables; i < state_->store.size(); ++i) {
        state_->literals.erase(*state_->store.all()[i]);
        state_->elements.forget_place(
            state_->store.all()[i]->id); // another one of its name is not in a block
    }
    state_->store.rewind(to.variables, to.wholes);
    state_->op_names.index().rewind(to.shown);
    state_->op_names.rewind(to.exact_names);
    while (state_->nodes.size() > to.nodes) {
        state_->op_names.index().remove(*state_->nodes.back());
        state_->nodes.pop_back();
    }
}

VARSCOPE_INLINE void graph::record_sharing() {
    const std::scoped_lock lock(state_->creation);
    state_->sharing = std::make_unique<detail::sharing_log>();
}

VARSCOPE_INLINE void graph::stop_recording_sharing() noexcept {
    const std::scoped_lock lock(state_->creation);
    state_->sharing.reset();
}

VARSCOPE_INLINE void graph::watch_near_misses(
    std::unique_ptr<detail::near_miss_watch> watch) noexcept {
    const std::scoped_lock lock(state_->creation);
    state_->near_misses = std::move(watch);
}

VARSCOPE_INLINE void graph::freeze() noexcept {
    const std::scoped_lock lock(state_->creation);
    state_->is_frozen = true;
}

VARSCOPE_INLINE void graph::finalize() noexcept {
    const std::scoped_lock lock(state_->creation);
    state_->is_frozen = true;
    state_->is_final = true;
}

VARSCOPE_INLINE bool graph::is_frozen() const noexcept {
    const std::scoped_lock lock(state_->creation);
    return state_->is_frozen;
}

VARSCOPE_INLINE bool graph::is_final() const noexcept {
    const std::scoped_lock lock(state_->creation);
    return state_->is_final;
}

VARSCOPE_INLINE std::vector<const detail::node*> graph::records() const {
    const std::scoped_lock lock(state_->creation);
    return state_->nodes;
}

VARSCOPE_INLINE const detail::node* graph::find_node(std::string_view op_name) const {
    const std::vector<const detail::node*> all = records();
    const auto found = std::ranges::find(all, op_name, &detail::node::op_name);
    return found == all.end() ? nullptr : *found;
}

VARSCOPE_INLINE graph::~graph() {
    const auto* const threads = detail::graph_users.load(std::memory_order_acquire);
    if (detail::watches_dead_graphs()) {
        if (threads != nullptr) { threads->refuse_open_scopes(*this); }
        keep_records();
    }
    if (threads != nullptr) { threads->forget(*this); }
}

/// Keeps what handles refer to, so that they find that their graph ended.
VARSCOPE_INLINE void graph::keep_records() noexcept {
    const auto empty = [](detail::variable_node& v) {
        v.data.store(nullptr, std::memory_order_relaxed);
        v.is_initialized.store(false, std::memory_order_relaxed);
    };
    for (const detail::node* const n : state_->nodes) {
        if (n->is_variable) {
            empty(detail::variable_of(*n));
        } else {
            static_cast<const detail::op_node*>(n)->source.store(
                nullptr, std::memory_order_relaxed);
        }
    }
    for (const detail::variable_node* const v : state_->store.wholes()) {
        empty(detail::variable_of(*v));
    }
    for (const auto& extras : state_->records.extras) {
        extras->block.store(nullptr, std::memory_order_relaxed);
    }
    for (const auto& origin : state_->records.origins) { origin->owner = nullptr; }
    struct kept {
        detail::graph_state::node_memory all;
        std::vector<std::shared_ptr<const void>> things; // ops that collections lead to
        kept* next;
    };
    static constinit std::atomic<kept*> last{nullptr}; // so that it is no leak
    auto* const added = new kept{
        std::move(state_->records), std::move(state_->kept), last.load(std::memory_order_relaxed)};
    while (!last.compare_exchange_weak(added->next, added)) {}
}

VARSCOPE_INLINE const detail::node_origin& graph::origin_of(const initializer& initial) {
    auto& origins = state_->records.origins;
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
VARSCOPE_INLINE detail::variable_node& graph::make_node(
    const new_variable& v, std::string_view scope, std::string_view name) {
    const shape& dimensions = v.full_shape;
    const std::size_t gap = scope.empty() ? 0 : 1;
    const std::size_t text_size = scope.size() + gap + name.size() + 2;
    const bool is_key_behind = v.key.data() != name.data() && !name.starts_with(v.key);
    void* const memory = state_->records.memory.allocate(sizeof(detail::variable_node) +
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

VARSCOPE_INLINE detail::variable_node& graph::add(const new_variable& v) {
    const std::scoped_lock lock(state_->creation);
    detail::variable_node& added = make_node(v, {}, v.op_name);
    if (state_->options.initialization == initialization::immediate) { initialize_new(added); }
    if (const detail::variable_node* const other = v.has_key ? state_->store.find(v.id) : nullptr) {
        const std::string key(other->key());
        throw already_exists("variable '" + key + "' already exists\n  first created at " +
                to_string(other->defined_at) + ", by its own initializer\n  requested at " +
                to_string(v.defined_at) + "\n  let the initializer ask for other names only",
            {key, v.defined_at, other->defined_at});
    }
    return add_node(added, v.has_key);
}

/// Before anybody knows the variable, since its rule may fail.
VARSCOPE_INLINE void graph::initialize_new(detail::variable_node& added) {
    detail::variable_node* const whole = added.extras == nullptr ? nullptr : added.extras->whole;
    if (whole != nullptr && whole->extras->parts.size() == 0) {
        state_->elements.initialize(*whole);
    }
    if (whole != nullptr && whole->is_initialized.load(std::memory_order_relaxed)) {
        added.is_initialized.store(true, std::memory_order_release); // a slice of that
    } else {
        state_->elements.initialize(added);
    }
}

VARSCOPE_INLINE detail::variable_node& graph::add_node(detail::variable_node& added, bool has_key) {
    if (state_->nodes.size() == state_->nodes.capacity()) {
        state_->nodes.reserve(2 * state_->nodes.size() + 16);
    }
    state_->op_names.index().add(added);
    if (has_key) {
        try {
            state_->store.insert(added);
        } catch (...) {
            state_->op_names.index().remove(added);
            throw;
        }
    }
    state_->nodes.push_back(&added);
    return added;
}

VARSCOPE_INLINE detail::variable_node& graph::add_plain(const plain_variable& v) {
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
    if (state_->options.initialization == initialization::immediate) {
        added.is_initialized.store(true, std::memory_order_relaxed); // by its rule, once needed
    }
    added.is_usually_listed = true;
    added.holds_own_name = true;
    state_->collections.expect_created(added);
    add_node(added, true);
    return added;
}

VARSCOPE_INLINE detail::variable_node& graph::add_whole(const new_variable& v, std::size_t axis) {
    const std::scoped_lock lock(state_->creation);
    detail::variable_node& whole = make_node(v, {}, v.op_name);
    whole.is_whole = true;
    whole.extras->axis = axis;
    return whole;
}

VARSCOPE_INLINE void graph::finish_whole(detail::variable_node& whole) {
    const std::scoped_lock lock(state_->creation);
    state_->store.insert_whole(whole);
}

VARSCOPE_INLINE std::shared_ptr<const detail::op_node> graph::add(const new_op& op) {
    struct own_op {
        detail::op_node node;
        detail::arena memory{512}; // enough for its name and shape
    };
    const std::scoped_lock lock(state_->creation);
    std::shared_ptr<own_op> own;
    if (!state_->options.records_ops()) { own = std::make_shared<own_op>(); }
    detail::arena& memory = own ? own->memory : state_->records.memory;
    detail::op_node& added = own ? own->node : *memory.create<detail::op_node>();
    auto* const text = static_cast<char*>(memory.allocate(op.op_name.size() + 2, 1));
    std::memcpy(text, op.op_name.data(), op.op_name.size());
    std::memcpy(text + op.op_name.size(), ":0", 2);
    added.name_text = text;
    added.text_size = static_cast<std::uint32_t>(op.op_name.size() + 2);
    added.key_size = 0;
    added.origin = state_->records.origins.front().get();
    added.defined_at = op.defined_at;
    added.type = op.type;
    added.is_variable = false;
    added.op_type = memory.copy(op.op_type);
    added.out_shape = memory.create<shape>(op.out_shape);
    if (own) { return {own, &own->node}; } // the index would outlive it
    state_->op_names.index().add(added);
    auto* const inputs = static_cast<const detail::node**>(memory.allocate(
        op.inputs.size() * sizeof(const detail::node*), alignof(const detail::node*)));
    std::uninitialized_copy(op.inputs.begin(), op.inputs.end(), inputs);
    added.inputs = {inputs, op.inputs.size()};
    state_->nodes.push_back(&added);
    return {std::shared_ptr<void>(), &added};
}

} // namespace varscope::inline VARSCOPE_ABI

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE creation_lock::creation_lock(const graph& g) : mutex_{g.creation()} {
    mutex_.lock();
}
VARSCOPE_INLINE creation_lock::~creation_lock() { mutex_.unlock(); }

// Apart, so that a read of elements that are there saves no register for it.
[[gnu::noinline]] VARSCOPE_INLINE void* variable_node::elements_slowly() const {
    return owner().make_elements(const_cast<variable_node&>(
        *this)); // NOLINT(cppcoreguidelines-pro-type-const-cast): reading is what makes them
}

VARSCOPE_INLINE void* variable_node::first_element() const {
    if (void* const present = data.load(std::memory_order_acquire)) { return present; }
    if (extras != nullptr && extras->whole != nullptr && has_value()) {
        void* const block = extras->whole->extras->block.load(std::memory_order_acquire);
        if (block != nullptr) { return static_cast<std::byte*>(block) + start_in_whole(); }
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): as above
    return owner().find_first_element(const_cast<variable_node&>(*this));
}

VARSCOPE_INLINE void variable_node::read(void* to) const {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): as above
    owner().read(const_cast<variable_node&>(*this), to);
}

} // namespace varscope::inline VARSCOPE_ABI::detail
