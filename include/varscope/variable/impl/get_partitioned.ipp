// See get_partitioned.hpp.
#pragma once

#include <varscope/initializers/initializer_model.hpp>
#include <varscope/policy/wrong_partition.hpp>
#include <varscope/variable/detail/get_partitioned.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE void throw_partition_invalid(const variable_request& r, const std::string& why) {
    throw partition_invalid("variable '" + r.name + "' cannot be cut into parts: " + why +
            "\n  requested at " + to_string(r.asked_at) + " with shape " + to_string(r.shape) +
            "\n  a partitioner gives one count an axis, all 1 but for one",
        {r.name, r.asked_at});
}

VARSCOPE_INLINE cut cut_of(const variable_request& r) {
    if (!r.shape.is_fully_defined()) {
        throw_partition_invalid(r, "its shape is not fully defined");
    }
    if (r.shape.rank() < 1) { throw_partition_invalid(r, "it is a scalar"); }
    std::vector<std::int64_t> counts;
    try {
        counts = r.partitioner(r.shape, r.dtype);
    } catch (const wrong_partition& e) { throw_partition_invalid(r, e.what()); }
    if (counts.size() != r.shape.rank()) {
        throw_partition_invalid(r,
            "the partitioner gave " + std::to_string(counts.size()) + " counts for " +
                std::to_string(r.shape.rank()) + " axes");
    }
    std::optional<cut> found;
    for (std::size_t axis = 0; axis < counts.size(); ++axis) {
        if (counts[axis] < 1) {
            throw_partition_invalid(
                r, "the partitioner gave no part for axis " + std::to_string(axis));
        }
        if (counts[axis] > 1) {
            if (found) { throw_partition_invalid(r, "the partitioner cuts more than one axis"); }
            found = cut{axis, counts[axis]};
        }
    }
    return found.value_or(cut{});
}

VARSCOPE_INLINE cut cut_of(const variable_node& whole) {
    return whole.extras->parts.size() == 1
        ? cut{}
        : cut{whole.extras->axis, static_cast<std::int64_t>(whole.extras->parts.size())};
}

VARSCOPE_INLINE variable_node& get_partitioned::operator()() {
    if (variable_node* const found = find_or_make()) { return *found; }
    throw_does_not_exist(graph_, request_.name, request_.asked_at);
}

VARSCOPE_INLINE void get_partitioned::throw_conflict(
    const variable_request& r, const variable_node& present, const char* how) {
    throw partition_conflict("variable '" + r.name + "' exists already, " + how +
            describe_creation(present) + "\n  requested at " + to_string(r.asked_at) +
            (r.partitioner ? " with a partitioner" : " without a partitioner") +
            "\n  ask for it as it was made" +
            (r.partitioner ? "" : ", or with vs::reuse, which needs no partitioner"),
        {r.name, r.asked_at, present.defined_at});
}

VARSCOPE_INLINE variable_node* get_partitioned::find_or_make() {
    const std::scoped_lock lock(graph_.creation());
    if (const variable_node* const single = graph_.store().find(id_)) {
        throw_conflict(request_, *single, "in one piece");
    }
    std::optional<cut> wanted;
    if (request_.partitioner) { wanted = cut_of(request_); }
    if (variable_node* const known = graph_.store().find_whole(id_)) {
        return &share(*known, wanted);
    }
    if (request_.reuse == reuse_mode::reuse) { return nullptr; }
    check_parts(*wanted);
    return &make(*wanted);
}

VARSCOPE_INLINE digest get_partitioned::part_id(std::int64_t i) const {
    return extend(id_, "part_" + std::to_string(i));
}

VARSCOPE_INLINE std::string get_partitioned::part_name(std::int64_t i) const {
    return request_.name + "/part_" + std::to_string(i);
}

VARSCOPE_INLINE void get_partitioned::take_initializer_scope(std::int64_t i) const {
    (void)graph_.names().take(root_digest, part_name(i) + "/PartitionedInitializer",
        request_.asked_at, name_taker::name_scope);
}

VARSCOPE_INLINE variable_node& get_partitioned::share(
    variable_node& known, const std::optional<cut>& wanted) const {
    if (request_.reuse == reuse_mode::create) {
        throw_already_exists(known, thread_.innermost->names, false, request_.asked_at);
    }
    check_shareable(known, request_);
    if (wanted && *wanted != cut_of(known)) {
        throw_mismatch(known.get_shape(), cut_of(known).count, wanted->count, known);
    }
    if (sharing_log* const log = graph_.sharing()) {
        log->note_shared(request_.name, request_.asked_at);
    }
    return known;
}

VARSCOPE_INLINE void get_partitioned::check_parts(const cut& wanted) const {
    const variable_node* const first = graph_.store().find(part_id(0));
    if (first == nullptr) { return; }
    std::int64_t present = 1;
    while (graph_.store().find(part_id(present)) != nullptr) { ++present; }
    if (graph_.store().find(part_id(wanted.count - 1)) == nullptr ||
        graph_.store().find(part_id(wanted.count)) != nullptr) {
        throw_mismatch(request_.shape, present, wanted.count, *first);
    }
}

VARSCOPE_INLINE void get_partitioned::throw_mismatch(const shape& present_shape,
    std::int64_t present, std::int64_t asked, const variable_node& v) const {
    throw partition_mismatch("variable '" + request_.name + "' is cut differently\n  there are " +
            std::to_string(present) + " parts of shape " + to_string(present_shape) +
            ", the first created at " + to_string(v.defined_at) + "\n  requested at " +
            to_string(request_.asked_at) + " in " + std::to_string(asked) +
            " parts\n  use the partitioner it was made with",
        {request_.name, request_.asked_at, v.defined_at});
}

VARSCOPE_INLINE variable_node& get_partitioned::make(const cut& c) {
    if (graph_.is_frozen()) { throw_frozen(graph_, request_.name, request_.asked_at); }
    if (const name_link* const names = thread_.innermost->names) { enter_names(*names); }
    take_initializer_scope(0); // whatever fails from here on leaves that taken
    variable_request full = request_;
    if (!full.initializer) { full.initializer = default_initializer(full); }
    using form = initializer_model::form;
    const form kind = full.initializer.model()->kind();
    initializer initial = full.initializer;
    dtype type = full.dtype;
    if (kind == form::value || kind == form::tensor) { // each part is a slice of it
        const origin from =
            origin_of_value(initial, kind == form::value ? std::optional(full.dtype) : std::nullopt,
                full.name, full.asked_at);
        if (from.dimensions != full.shape) {
            throw shape_mismatch("variable '" + full.name +
                    "' cannot be cut from its initial value\n  requested at " +
                    to_string(full.asked_at) + " with shape " + to_string(full.shape) +
                    " and a value of shape " + to_string(from.dimensions) +
                    "\n  give a value of the variable's shape",
                {full.name, full.asked_at}, from.dimensions, full.shape);
        }
        initial = from.initial;
        type = from.type;
    }
    check_shape(full.shape, type, {}, full.name, full.asked_at);
    variable_node& whole =
        graph_.add_whole(graph::new_variable{.op_name = full.name,
                             .key = full.name,
                             .id = id_,
                             .type = type,
                             .full_shape = full.shape,
                             .initial = initial,
                             .is_trainable = full.trainable,
                             .extras = graph_.make_extras(),
                             .defined_at = full.asked_at,
                             .scope_opened_at = thread_.innermost->scope->opened_at()},
            c.axis);
    whole.extras->constraint = full.constraint;
    make_parts(whole, c, full, initial); // of which those made before a failure stay
    graph_.finish_whole(whole);
    if (sharing_log* const log = graph_.sharing()) {
        log->note_created(full.name, true, full.asked_at);
    }
    return whole;
}

VARSCOPE_INLINE void get_partitioned::make_parts(
    variable_node& whole, const cut& c, const variable_request& full, const initializer& initial) {
    const std::int64_t length = full.shape[c.axis];
    variable_request part = full;
    part.initializer = initial;
    part.partitioner = {};
    std::vector<std::size_t> offset(full.shape.rank(), 0);
    for (std::int64_t i = 0; i < c.count; ++i) {
        if (i > 0) { take_initializer_scope(i); }
        part.name = part_name(i);
        const std::int64_t size = length / c.count + (i < length % c.count ? 1 : 0);
        if (size == 0 && length > 0) {
            throw_partition_invalid(
                request_, "there are more parts than axis " + std::to_string(c.axis) + " is long");
        }
        part.shape = {};
        for (std::size_t axis = 0; axis < full.shape.rank(); ++axis) {
            part.shape.push_back(axis == c.axis ? size : full.shape[axis]);
        }
        variable_node& made = get_single(thread_, part, part_id(i)).as_part_of(whole, offset)();
        if (made.extras == nullptr || made.extras->whole != &whole) { adopt(made, whole, offset); }
        offset[c.axis] += static_cast<std::size_t>(size);
    }
}

VARSCOPE_INLINE void get_partitioned::adopt(
    variable_node& part, variable_node& whole, const std::vector<std::size_t>& offset) {
    if (part.extras == nullptr || part.extras->whole == nullptr) {
        throw_conflict(request_, part, "as a variable under the name of its part");
    }
    std::optional<array_value> value;
    if (part.has_value()) { value = any_variable(part).value(); }
    part.extras->whole = &whole;
    part.extras->offset = offset;
    part.data.store(nullptr, std::memory_order_release);
    part.is_initialized.store(false, std::memory_order_release);
    whole.extras->parts.push_back(&part);
    if (value) { graph_.assign(part, value->data()); }
}

} // namespace varscope::inline VARSCOPE_ABI::detail
