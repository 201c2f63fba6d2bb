/// \file
/// The arguments of a step, from the conformance format.
#pragma once

#include "answers.hpp"
#include "arithmetic.hpp"

#include <varscope/varscope.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace replay {

/// What a step asks for that the library does not have (yet).
struct unsupported {
    std::string what;
};

/// What the steps of one program are told, some of it by the numbers in its answers.
class arguments : public answer_sheet {
public:
    using answer_sheet::variable_answer;
    json variable_answer(const json& step, const vs::name_arg& name) {
        return variable_answer(vs::make_variable(name, variable_options_of<vs::untyped_new_variable_options>(step, "initial_value")));
    }

    json op_answer(const json& step, const vs::name_arg& name) {
        static const std::map<std::string_view, std::pair<std::string_view, std::string_view>> kinds{
            {"add", {"Add", "Add"}}, {"subtract", {"Sub", "Sub"}}, {"multiply", {"Mul", "Mul"}},
            {"negative", {"Neg", "Neg"}}, {"square", {"Square", "Square"}}, {"identity", {"Identity", "Identity"}},
            {"constant", {"Const", "Const"}}, {"placeholder", {"Placeholder", "Placeholder"}}, {"no_op", {"NoOp", "NoOp"}},
            {"op_add", {"Add", "add"}}, {"op_mul", {"Mul", "mul"}}, {"op_neg", {"Neg", "Neg"}},
        };
        const auto [type, default_name] = kinds.at(step["type"].get_ref<const std::string&>());
        std::vector<vs::tensor> inputs;
        std::optional<arithmetic> value = arithmetic{std::string(type), {}};
        vs::op_description what{.type = type, .default_name = default_name};
        if (type == "Placeholder") { what.shape = shape_of(step); }
        if (type == "Const") {
            const vs::array_value constant = value_of(step["value"]);
            what.dtype = constant.type();
            what.shape = constant.shape();
            what.value = [constant] { return constant; };
        }
        if (step.contains("in")) {
            what.shape = {};
            for (const json& given : step["in"]) {
                if (given.is_object()) { // a number is a hidden constant inside the op's own scope
                    inputs.push_back(operand(given));
                    what.shape = arithmetic::broadcast(what.shape, inputs.back().static_shape());
                    what.dtype = inputs.back().dtype();
                    const auto known = inputs.back().is_variable() ? std::nullopt : value_now(inputs.back());
                    if (!known) { value.reset(); }
                    if (value) { value->operands.push_back(*known); }
                } else if (value) {
                    value->operands.emplace_back(given.get<float>());
                }
            }
            if (value) { what.value = [value = *value, shape = what.shape] { return value(shape); }; }
        }
        what.inputs = inputs;
        const vs::tensor result = vs::make_op(what, name);
        if (type == "NoOp") { return {{"name", result.op_name()}}; }
        return tensor_answer(result);
    }

    static bool is_set(const json& step, const char* key) { return step.contains(key) && !step[key].is_null(); }

    /// None if it is made of what has no value (yet).
    static std::optional<vs::array_value> value_now(const vs::tensor& t) {
        if (!t.has_value()) { return std::nullopt; }
        try {
            return t.value();
        } catch (const vs::uninitialized&) { return std::nullopt; }
    }

    static vs::name_arg name_of(const json& step, const char* key) {
        if (!is_set(step, key)) { return vs::name_arg(vs::no_name); }
        return vs::name_arg(step[key].get_ref<const std::string&>());
    }

    static vs::shape shape_of(const json& step) {
        if (!is_set(step, "shape")) { return vs::any_shape; }
        const json& asked = step["shape"];
        if (asked.is_number()) { return {asked.get<std::int64_t>()}; }
        vs::shape result;
        for (const json& d : asked) { result.push_back(d.is_null() ? vs::unknown_dimension : d.get<std::int64_t>() == -1 ? -2 : d.get<std::int64_t>()); }
        return result;
    }

    static std::optional<vs::dtype> dtype_of(const json& step) {
        if (!is_set(step, "dtype")) { return std::nullopt; }
        return vs::dtype_from_string(step["dtype"].get_ref<const std::string&>());
    }

    static vs::reuse_mode reuse_of(const json& step) {
        if (!is_set(step, "reuse")) { return vs::reuse_mode::inherit; }
        return step["reuse"] == "auto" ? vs::auto_reuse : step["reuse"] == true ? vs::reuse : vs::reuse_mode::create;
    }

    /// What a step says, also where it cannot count: TensorFlow takes it without a word.
    template <class Option, class Value>
    static void say(Option& option, Value&& value) {
        option = std::forward<Value>(value);
    }
    template <class Value>
    static void say(vs::no_option&, Value&&) {}

    template <class Options>
    Options options_of(const json& step) const {
        Options options;
        options.reuse = reuse_of(step);
        options.regularizer = regularizer_of(step, "regularizer");
        options.partitioner = partitioner_of(step, "partitioner");
        options.custom_getter = getter_of(step, "custom_getter");
        if (is_set(step, "constraint")) { options.constraint = step["constraint"].get_ref<const std::string&>(); }
        options.initializer = initializer_of(step, "initializer");
        options.dtype = dtype_of(step);
        if (is_set(step, "default_name")) { say(options.default_name, step["default_name"].get_ref<const std::string&>()); }
        options.auxiliary_name_scope = step.value("auxiliary_name_scope", true);
        return options;
    }

    template <class Options>
    Options variable_options_of(const json& step, const char* initial) const {
        Options options;
        options.initializer = initializer_of(step, initial);
        options.dtype = dtype_of(step);
        say(options.reuse, reuse_of(step));
        say(options.regularizer, regularizer_of(step, "regularizer"));
        say(options.partitioner, partitioner_of(step, "partitioner"));
        say(options.custom_getter, getter_of(step, "custom_getter"));
        if (is_set(step, "constraint")) { options.constraint = step["constraint"].get_ref<const std::string&>(); }
        options.validate_shape = step.value("validate_shape", true);
        if (is_set(step, "trainable")) { say(options.trainable, step["trainable"].get<bool>()); }
        if (is_set(step, "collections")) { options.collections = step["collections"].get<std::vector<std::string>>(); }
        return options;
    }

    vs::initializer initializer_of(const json& step, const char* key) const {
        if (!is_set(step, key)) { return {}; }
        const json& asked = step[key];
        if (asked.contains("value")) { return value_of(asked["value"]); }
        if (asked.contains("fn")) {
            const vs::dtype type = dtype_of(asked).value_or(vs::dtype::float32);
            vs::array_value value(type, shape_of(asked));
            visit_dtype(type, [&]<class T>(std::type_identity<T>) {
                const double fill = asked["fn"] == "zeros" ? 0 : asked["fn"] == "ones" ? 1 : number_of(asked["fill"]);
                std::fill_n(static_cast<T*>(value.memory()), value.size(), T(static_cast<float>(fill)));
            });
            return vs::initializer([value] { return value; });
        }
        if (asked.contains("init")) {
            const std::string& kind = asked["init"].get_ref<const std::string&>();
            if (kind == "zeros") { return vs::zeros(); }
            if (kind == "ones") { return vs::ones(); }
            if (kind == "constant") {
                const json& fill = asked["fill"];
                if (fill.is_boolean()) { return vs::constant_initializer(fill.get<bool>()); }
                if (fill.is_number_integer()) { return vs::constant_initializer(fill.get<std::int32_t>()); }
                return vs::constant_initializer(fill.get<double>());
            }
            if (kind == "random_uniform") { return not_told(vs::random_uniform()); }
            if (kind == "random_normal") { return not_told(vs::random_normal()); }
            if (kind == "truncated_normal") { return not_told(vs::truncated_normal()); }
            if (kind == "glorot_uniform") { return vs::glorot_uniform(); }
        }
        if (asked.contains("v")) { return not_told(vs::tensor(variable(asked["v"]))); }
        if (asked.contains("t")) {
            const vs::tensor t = operand(asked);
            return value_now(t) ? vs::initializer(t) : not_told(t);
        }
        throw unsupported{"initializer " + asked.dump()};
    }

    static vs::regularizer regularizer_of(const json& step, const char* key) {
        if (!is_set(step, key)) { return {}; }
        const std::string kind = step[key].get<std::string>();
        return [kind](const vs::any_variable& v) -> std::optional<vs::tensor> {
            if (kind == "none") { return std::nullopt; }
            const vs::tensor in[] = {v};
            const vs::op_description negative{.type = "Neg", .shape = v.static_shape(), .inputs = in};
            return kind == "neg" ? vs::make_op(negative) : vs::make_op(negative, kind);
        };
    }

    static vs::partitioner partitioner_of(const json& step, const char* key) {
        if (!is_set(step, key)) { return {}; }
        const json& asked = step[key];
        const std::string& kind = asked["part"].get_ref<const std::string&>();
        const auto axis = asked.value("axis", std::size_t{0});
        if (kind == "fixed") { return vs::fixed_size_partitioner(asked["shards"].get<std::int64_t>(), axis); }
        if (kind == "axis_size") {
            return vs::variable_axis_size_partitioner(asked["max_shard_bytes"].get<std::int64_t>(), axis,
                is_set(asked, "max_shards") ? std::optional(asked["max_shards"].get<std::int64_t>()) : std::nullopt);
        }
        if (kind == "min_max") {
            return vs::min_max_variable_partitioner(
                asked["max_partitions"].get<std::int64_t>(), axis, asked.value("min_slice_size", std::int64_t{262144}));
        }
        return [slices = asked["slices"].get<std::vector<std::int64_t>>()](const vs::shape&, vs::dtype) { return slices; };
    }

    vs::custom_getter getter_of(const json& step, const char* key) const {
        if (!is_set(step, key)) { return {}; }
        return [this, asked = step[key]](const vs::next_getter& next, vs::variable_request request) {
            return get(asked, next, std::move(request));
        };
    }

    vs::tensor get(const json& asked, const vs::next_getter& next, vs::variable_request request) const {
        if (asked.contains("tag")) { log_.push_back(json::array({asked["tag"], request.name})); }
        const std::string& kind = asked["getter"].get_ref<const std::string&>();
        if (kind == "suffix") { request.name += asked["text"].get<std::string>(); }
        if (kind == "prefix") { request.name = asked["text"].get<std::string>() + request.name; }
        if (kind == "override") {
            const json& set = asked["set"];
            if (set.contains("dtype")) { request.dtype = dtype_of(set).value_or(vs::dtype::float32); }
            if (set.contains("initializer")) { request.initializer = initializer_of(set, "initializer"); }
            if (set.contains("regularizer")) { request.regularizer = regularizer_of(set, "regularizer"); }
            if (set.contains("reuse")) { request.reuse = reuse_of(set); }
            if (set.contains("constraint")) {
                request.constraint = is_set(set, "constraint") ? vs::constraint(set["constraint"].get<std::string>()) : vs::constraint();
            }
            if (is_set(set, "trainable")) { request.trainable = set["trainable"].get<bool>(); }
            if (is_set(set, "collections")) { request.collections = set["collections"].get<std::vector<std::string>>(); }
            if (set.contains("shape")) { request.shape = shape_of(set); }
        }
        if (kind == "sum") {
            const std::vector<std::string> suffixes = asked.value("suffixes", std::vector<std::string>{"/0", "/1"});
            const std::string name = request.name;
            std::vector<vs::tensor> both;
            for (const std::string& suffix : suffixes) {
                request.name = name + suffix;
                both.push_back(next(request));
            }
            const bool is_product = asked.value("product", false);
            const vs::op_description what{
                .type = is_product ? "Mul" : "Add", .default_name = is_product ? "mul" : "add", .shape = both[0].static_shape(), .inputs = both};
            if (!is_set(asked, "scope")) { return vs::make_op(what); }
            const vs::name_scope in(asked["scope"].get_ref<const std::string&>());
            return vs::make_op(what);
        }
        if (kind == "wrap") {
            const bool reuses = request.reuse == vs::reuse || request.reuse == vs::auto_reuse;
            const vs::tensor inner[] = {next(request)};
            const vs::op_description what{.type = "Identity", .dtype = inner[0].dtype(), .shape = inner[0].static_shape(), .inputs = inner};
            return vs::make_op(what, reuses && is_set(asked, "name_if_reuse") ? name_of(asked, "name_if_reuse") : name_of(asked, "name"));
        }
        return next(request);
    }

    static double number_of(const json& value) { return value.is_boolean() ? double(value.get<bool>()) : value.get<double>(); }

    /// A plain value: a number, or nested lists of numbers.
    static vs::array_value value_of(const json& value) {
        vs::shape shape;
        const json* first = &value;
        while (first->is_array()) {
            shape.push_back(static_cast<std::int64_t>(first->size()));
            if (first->empty()) { break; }
            first = &first->front();
        }
        const vs::dtype type = first->is_boolean() ? vs::dtype::boolean : first->is_number_integer() ? vs::dtype::int32 : vs::dtype::float32;
        vs::array_value result(type, shape);
        visit_dtype(type, [&]<class T>(std::type_identity<T>) {
            T* to = static_cast<T*>(result.memory());
            const std::function<void(const json&)> copy = [&](const json& part) {
                if (part.is_array()) {
                    for (const json& inner : part) { copy(inner); }
                } else {
                    *to++ = T(static_cast<float>(number_of(part)));
                }
            };
            copy(value);
        });
        return result;
    }

protected:
    mutable json log_ = json::array(); // what getters logged in this step
};

} // namespace replay
