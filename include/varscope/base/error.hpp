/// \file
/// What can go wrong, one type a kind; each carries its facts as members and says what to do next.
#pragma once

#include <varscope/base/dtype.hpp>
#include <varscope/base/shape.hpp>

#include <cstdint>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// The kinds of error, in TensorFlow's terms where it has one. `to_string` gives the enumerator's
/// name.
enum class error_kind : std::uint8_t {
    already_exists,
    does_not_exist,
    shape_mismatch,
    dtype_mismatch,
    shape_required,
    bad_shape,
    bad_parameter,
    constant_with_shape,
    initializer_dtype_conflict,
    initializer_required,
    initializer_signature,
    initial_value_required,
    value_dtype,
    invalid_name,
    duplicate_node,
    scope_required,
    reuse_without_name,
    uninitialized,
    not_fed,
    wrong_graph,
    partition_conflict,
    partition_mismatch,
    partition_invalid,
    template_new_variable,
    nested_reset,
    improper_nesting,
    placed_elsewhere,
    name_taken,
    frozen,
    scattered_part,
    no_value,
    not_a_variable,
    near_miss,
    not_shared,
    out_of_range,
    division_by_zero,
    unknown_op,
    ambiguous_name,
    invalid_pattern,
    checkpoint,
};

[[nodiscard]] constexpr std::string_view to_string(error_kind kind) noexcept {
    switch (kind) {
    case error_kind::already_exists: return "already_exists";
    case error_kind::does_not_exist: return "does_not_exist";
    case error_kind::shape_mismatch: return "shape_mismatch";
    case error_kind::dtype_mismatch: return "dtype_mismatch";
    case error_kind::shape_required: return "shape_required";
    case error_kind::bad_shape: return "bad_shape";
    case error_kind::bad_parameter: return "bad_parameter";
    case error_kind::constant_with_shape: return "constant_with_shape";
    case error_kind::initializer_dtype_conflict: return "initializer_dtype_conflict";
    case error_kind::initializer_required: return "initializer_required";
    case error_kind::initializer_signature: return "initializer_signature";
    case error_kind::initial_value_required: return "initial_value_required";
    case error_kind::value_dtype: return "value_dtype";
    case error_kind::invalid_name: return "invalid_name";
    case error_kind::duplicate_node: return "duplicate_node";
    case error_kind::scope_required: return "scope_required";
    case error_kind::reuse_without_name: return "reuse_without_name";
    case error_kind::uninitialized: return "uninitialized";
    case error_kind::not_fed: return "not_fed";
    case error_kind::wrong_graph: return "wrong_graph";
    case error_kind::partition_conflict: return "partition_conflict";
    case error_kind::partition_mismatch: return "partition_mismatch";
    case error_kind::partition_invalid: return "partition_invalid";
    case error_kind::template_new_variable: return "template_new_variable";
    case error_kind::nested_reset: return "nested_reset";
    case error_kind::improper_nesting: return "improper_nesting";
    case error_kind::placed_elsewhere: return "placed_elsewhere";
    case error_kind::name_taken: return "name_taken";
    case error_kind::frozen: return "frozen";
    case error_kind::scattered_part: return "scattered_part";
    case error_kind::not_a_variable: return "not_a_variable";
    case error_kind::no_value: return "no_value";
    case error_kind::near_miss: return "near_miss";
    case error_kind::not_shared: return "not_shared";
    case error_kind::out_of_range: return "out_of_range";
    case error_kind::division_by_zero: return "division_by_zero";
    case error_kind::unknown_op: return "unknown_op";
    case error_kind::ambiguous_name: return "ambiguous_name";
    case error_kind::invalid_pattern: return "invalid_pattern";
    case error_kind::checkpoint: break;
    }
    return "checkpoint";
}

/// "model.cpp:41": a place in the user's source, by the file's last path component.
[[nodiscard]] std::string to_string(const std::source_location& place);

/// What an error is about: the full name concerned, and the places that matter.
struct error_facts {
    std::string name;
    std::source_location asked_at;
    std::optional<std::source_location> first_defined = {};
};

/// Base of everything that varscope throws on purpose.
///
/// `what()` has one fact per line: what happened and to which name; where it was first defined;
/// what was asked now; what to do.
class error : public std::runtime_error {
public:
    error(error_kind kind, const std::string& text, error_facts facts);

    [[nodiscard]] error_kind kind() const noexcept { return kind_; }
    /// The full name of the variable, op or scope; the path for files; empty where there is none.
    [[nodiscard]] const std::string& name() const noexcept { return facts_.name; }
    /// Where the user's code asked for what could not be done.
    [[nodiscard]] const std::source_location& asked_at() const noexcept { return facts_.asked_at; }
    /// Where the thing of this name was first defined, if there is one.
    [[nodiscard]] const std::optional<std::source_location>& first_defined() const noexcept {
        return facts_.first_defined;
    }

private:
    error_kind kind_;
    error_facts facts_;
};

namespace detail {

/// An error type that has no facts but those of `error`.
template <error_kind Kind>
class error_of_kind : public error {
public:
    error_of_kind(const std::string& text, error_facts facts)
        : error(Kind, text, std::move(facts)) {}
};

} // namespace detail

/// `get_variable` of a stored name in a scope that does not reuse.
struct already_exists : detail::error_of_kind<error_kind::already_exists> {
    using error_of_kind::error_of_kind;
};

/// `get_variable` of an unknown name in a scope that only reuses.
class does_not_exist : public error {
public:
    does_not_exist(const std::string& text, error_facts facts, std::vector<std::string> nearest)
        : error(error_kind::does_not_exist, text, std::move(facts))
        , nearest_{std::move(nearest)} {}
    /// Keys that exist and are spelled most alike, the nearest first; may be empty.
    [[nodiscard]] const std::vector<std::string>& nearest() const noexcept { return nearest_; }

private:
    std::vector<std::string> nearest_;
};

/// A variable, value or expression has another shape than what was asked for.
class shape_mismatch : public error {
public:
    shape_mismatch(
        const std::string& text, error_facts facts, const shape& present, const shape& asked)
        : error(error_kind::shape_mismatch, text, std::move(facts))
        , present_{present}
        , asked_{asked} {}
    [[nodiscard]] const shape& present() const noexcept { return present_; }
    [[nodiscard]] const shape& asked() const noexcept { return asked_; }

private:
    shape present_;
    shape asked_;
};

/// A variable has another element type than what was asked for.
class dtype_mismatch : public error {
public:
    dtype_mismatch(const std::string& text, error_facts facts, dtype present, dtype asked)
        : error(error_kind::dtype_mismatch, text, std::move(facts))
        , present_{present}
        , asked_{asked} {}
    [[nodiscard]] dtype present() const noexcept { return present_; }
    [[nodiscard]] dtype asked() const noexcept { return asked_; }

private:
    dtype present_;
    dtype asked_;
};

/// A new variable needs a fully defined shape, and none was given.
struct shape_required : detail::error_of_kind<error_kind::shape_required> {
    using error_of_kind::error_of_kind;
};

/// A negative dimension, more elements than memory can address, or a shape that the initializer
/// does not make.
struct bad_shape : detail::error_of_kind<error_kind::bad_shape> {
    using error_of_kind::error_of_kind;
};

/// A parameter of a rule that has no meaning, such as a negative scale; `name()` is the rule's.
struct bad_parameter : detail::error_of_kind<error_kind::bad_parameter> {
    using error_of_kind::error_of_kind;
};

/// A shape was given although the initializer is a value, which has its own.
struct constant_with_shape : detail::error_of_kind<error_kind::constant_with_shape> {
    using error_of_kind::error_of_kind;
};

/// The element type asked for differs from that of the value given as initializer.
struct initializer_dtype_conflict : detail::error_of_kind<error_kind::initializer_dtype_conflict> {
    using error_of_kind::error_of_kind;
};

/// There is no default initializer for this element type.
struct initializer_required : detail::error_of_kind<error_kind::initializer_required> {
    using error_of_kind::error_of_kind;
};

/// A shape was given together with an initializer function that takes none.
struct initializer_signature : detail::error_of_kind<error_kind::initializer_signature> {
    using error_of_kind::error_of_kind;
};

/// A variable that is not shared was made without an initial value.
struct initial_value_required : detail::error_of_kind<error_kind::initial_value_required> {
    using error_of_kind::error_of_kind;
};

/// A value cannot be converted to the element type asked for.
struct value_dtype : detail::error_of_kind<error_kind::value_dtype> {
    using error_of_kind::error_of_kind;
};

/// An illegal character in the name of an op, variable or scope, or an empty name.
class invalid_name : public error {
public:
    invalid_name(const std::string& text, error_facts facts, std::size_t position)
        : error(error_kind::invalid_name, text, std::move(facts))
        , position_{position} {}
    /// Index of the first offending byte in `name()`; its size when the name is empty.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }

private:
    std::size_t position_;
};

/// A name with a trailing '/' asks for exactly this op name, and it is taken.
struct duplicate_node : detail::error_of_kind<error_kind::duplicate_node> {
    using error_of_kind::error_of_kind;
};

/// A variable scope was opened with neither a name nor a default name.
struct scope_required : detail::error_of_kind<error_kind::scope_required> {
    using error_of_kind::error_of_kind;
};

/// Reuse was asked for together with a default name, which is new each time.
struct reuse_without_name : detail::error_of_kind<error_kind::reuse_without_name> {
    using error_of_kind::error_of_kind;
};

/// A variable was read before it had a value.
struct uninitialized : detail::error_of_kind<error_kind::uninitialized> {
    using error_of_kind::error_of_kind;
};

/// A placeholder was read outside a `session::run` that feeds it.
struct not_fed : detail::error_of_kind<error_kind::not_fed> {
    using error_of_kind::error_of_kind;
};

/// A variable or op of one graph was given to another one.
struct wrong_graph : detail::error_of_kind<error_kind::wrong_graph> {
    using error_of_kind::error_of_kind;
};

/// A name is asked for cut into parts, and exists in one piece; or the other way round.
struct partition_conflict : detail::error_of_kind<error_kind::partition_conflict> {
    using error_of_kind::error_of_kind;
};

/// A variable that is cut into parts is shared, and asked for cut differently.
struct partition_mismatch : detail::error_of_kind<error_kind::partition_mismatch> {
    using error_of_kind::error_of_kind;
};

/// A partitioner's answer does not fit the shape.
struct partition_invalid : detail::error_of_kind<error_kind::partition_invalid> {
    using error_of_kind::error_of_kind;
};

/// A template made a trainable variable after its first call.
struct template_new_variable : detail::error_of_kind<error_kind::template_new_variable> {
    using error_of_kind::error_of_kind;
};

/// The default graph cannot be reset while a block holds on to a graph.
struct nested_reset : detail::error_of_kind<error_kind::nested_reset> {
    using error_of_kind::error_of_kind;
};

/// A scope was to be opened in one that is not the innermost one of its thread.
struct improper_nesting : detail::error_of_kind<error_kind::improper_nesting> {
    using error_of_kind::error_of_kind;
};

/// A variable was to stand in one block of memory with others, and has its elements elsewhere.
struct placed_elsewhere : detail::error_of_kind<error_kind::placed_elsewhere> {
    using error_of_kind::error_of_kind;
};

/// The name of a new variable is taken, and its graph has strict names.
struct name_taken : detail::error_of_kind<error_kind::name_taken> {
    using error_of_kind::error_of_kind;
};

/// Something was to be created in a graph that is frozen or final.
struct frozen : detail::error_of_kind<error_kind::frozen> {
    using error_of_kind::error_of_kind;
};

/// The elements of a part of a variable were asked for in a row, and stand apart.
struct scattered_part : detail::error_of_kind<error_kind::scattered_part> {
    using error_of_kind::error_of_kind;
};

/// An index beyond an axis of a variable, or a counter that has reached its limit.
class out_of_range : public error {
public:
    out_of_range(const std::string& text, error_facts facts, std::int64_t index, std::int64_t limit)
        : error(error_kind::out_of_range, text, std::move(facts))
        , index_{index}
        , limit_{limit} {}
    /// The index asked for, or the counter's value.
    [[nodiscard]] std::int64_t index() const noexcept { return index_; }
    /// What it should be less than.
    [[nodiscard]] std::int64_t limit() const noexcept { return limit_; }

private:
    std::int64_t index_;
    std::int64_t limit_;
};

/// Whole numbers were to be divided by 0.
struct division_by_zero : detail::error_of_kind<error_kind::division_by_zero> {
    using error_of_kind::error_of_kind;
};

/// A name that no op of the graph has.
class unknown_op : public error {
public:
    unknown_op(const std::string& text, error_facts facts, std::vector<std::string> nearest)
        : error(error_kind::unknown_op, text, std::move(facts))
        , nearest_{std::move(nearest)} {}
    /// Names of ops that exist and are spelled most alike, the nearest first; may be empty.
    [[nodiscard]] const std::vector<std::string>& nearest() const noexcept { return nearest_; }

private:
    std::vector<std::string> nearest_;
};

/// What should tell one variable from all others fits several.
struct ambiguous_name : detail::error_of_kind<error_kind::ambiguous_name> {
    using error_of_kind::error_of_kind;
};

/// A pattern of names that is no regular expression, or too complex a one.
struct invalid_pattern : detail::error_of_kind<error_kind::invalid_pattern> {
    using error_of_kind::error_of_kind;
};

/// The value of an op was asked for that is only a record.
struct no_value : detail::error_of_kind<error_kind::no_value> {
    using error_of_kind::error_of_kind;
};

/// A variable was asked for, and a custom getter made an op of it.
struct not_a_variable : detail::error_of_kind<error_kind::not_a_variable> {
    using error_of_kind::error_of_kind;
};

/// A new variable is called nearly like one that exists, and that counts as an error here.
struct near_miss : detail::error_of_kind<error_kind::near_miss> {
    using error_of_kind::error_of_kind;
};

/// A variable was expected to be shared, and is not.
struct not_shared : detail::error_of_kind<error_kind::not_shared> {
    using error_of_kind::error_of_kind;
};

/// A checkpoint file is missing, damaged, of an unknown kind, or does not fit the graph.
class checkpoint_error : public error {
public:
    checkpoint_error(
        const std::string& text, error_facts facts, std::optional<std::uint64_t> offset = {})
        : error(error_kind::checkpoint, text, std::move(facts))
        , offset_{offset} {}
    /// Byte offset in the file `name()` at which the damage was found.
    [[nodiscard]] std::optional<std::uint64_t> offset() const noexcept { return offset_; }

private:
    std::optional<std::uint64_t> offset_;
};

} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/base/impl/error.ipp>
#endif
