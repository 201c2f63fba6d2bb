/// \file
/// Runs scope programs in the conformance format, through the public interface of the library.
#pragma once

#include <varscope/varscope.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replay {

namespace vs = varscope;
using nlohmann::json;

/// What a step asks for that the library does not have (yet).
struct unsupported {
    std::string what;
};

/// One program's state. `run` executes its steps and returns an answer for each.
class machine {
public:
    [[nodiscard]] json run(const json& steps) {
        answers_ = json::array();
        for (std::size_t at = 0; at < steps.size();) { at = run_block(steps, at); }
        return std::move(answers_);
    }

private:
    /// Executes steps until the `end` of the current block; returns the index of the step after it.
    std::size_t run_block(const json& steps, std::size_t at) {
        while (at < steps.size()) {
            const json& step = steps[at];
            const std::string& op = step["op"].get_ref<const std::string&>();
            if (op == "end") {
                answers_.push_back(json::object());
                return at + 1;
            }
            at = op == "name_scope" || op == "variable_scope" ? begin(op, steps, at) : leaf(op, steps, at);
        }
        return at;
    }

    /// A step that opens a block: runs the block too, unless it could not be opened.
    std::size_t begin(const std::string& op, const json& steps, std::size_t at) {
        const json& step = steps[at];
        std::size_t next = at + 1;
        bool is_open = false;
        try {
            if (op == "name_scope") {
                vs::name_scope scope(name_of(step, "name"), name_of(step, "default_name"));
                is_open = true;
                answers_.push_back({{"scope", scope.name()}});
                next = run_block(steps, next);
            } else {
                refuse(step, {"regularizer", "constraint", "partitioner", "custom_getter", "cm"});
                if (step.contains("scope")) {
                    vs::variable_scope scope(scopes_.at(step["scope"].dump()), options_of(step));
                    is_open = true;
                    next = inside(scope, steps, at);
                } else {
                    vs::variable_scope scope(name_of(step, "name"), options_of(step));
                    is_open = true;
                    next = inside(scope, steps, at);
                }
            }
        } catch (const vs::error& e) {
            if (is_open) { throw; }
            answers_.push_back(error_answer(to_string(e.kind())));
        } catch (const unsupported& e) {
            if (is_open) { throw; }
            answers_.push_back(error_answer("unsupported: " + e.what));
        } catch (const std::out_of_range&) {
            if (is_open) { throw; }
            answers_.push_back(error_answer("refers to what an earlier step did not make"));
        }
        return next;
    }

    std::size_t inside(vs::variable_scope& scope, const json& steps, std::size_t at) {
        if (steps[at].contains("as")) { scopes_.insert_or_assign(steps[at]["as"].dump(), scope.handle()); }
        answers_.push_back(where());
        return run_block(steps, at + 1);
    }

    std::size_t leaf(const std::string& op, const json& steps, std::size_t at) {
        const json& step = steps[at];
        try {
            answers_.push_back(answer(op, step));
        } catch (const vs::error& e) {
            answers_.push_back(error_answer(to_string(e.kind())));
        } catch (const unsupported& e) {
            answers_.push_back(error_answer("unsupported: " + e.what));
        } catch (const std::out_of_range&) {
            answers_.push_back(error_answer("refers to what an earlier step did not make"));
        }
        return at + 1;
    }

    json answer(const std::string& op, const json& step) {
        if (op == "where") { return where(); }
        if (op == "get_variable" || op == "get_local_variable") { return get_variable(op, step); }
        if (op == "variable") { return variable(step); }
        if (op == "op") { return make_op(step); }
        if (op == "unique_name") {
            const bool is_marked = step.value("mark", true);
            return {{"name", vs::unique_name(step["name"].get_ref<const std::string&>(),
                                             is_marked ? vs::name_use::take : vs::name_use::ask)}};
        }
        if (op == "get_variable_scope") {
            const vs::scope_handle scope = vs::get_variable_scope();
            if (step.contains("as")) { scopes_.insert_or_assign(step["as"].dump(), scope); }
            return scope_answer(scope);
        }
        if (op == "reuse_variables") {
            scope_of(step).reuse_variables();
            return {{"reuse", true}};
        }
        if (op == "scope_info") {
            const vs::scope_handle scope = scope_of(step);
            json result = scope_answer(scope);
            result["dtype"] = to_string(scope.dtype());
            result["has_initializer"] = scope.has_initializer();
            result["has_regularizer"] = false; // these four come with the steps that set them
            result["has_partitioner"] = false;
            result["has_getter"] = false;
            result["constraint"] = nullptr;
            return result;
        }
        throw unsupported{op};
    }

    json get_variable(const std::string& op, const json& step) {
        refuse(step, {"regularizer", "partitioner", "custom_getter", "constraint", "validate_shape"});
        if (step["name"].is_null()) { return {{"skipped", true}}; }
        const std::string& name = step["name"].get_ref<const std::string&>();
        const vs::variable_options options = variable_options_of(step, "initializer");
        const vs::shape shape = shape_of(step);
        const vs::any_variable v = op == "get_variable" ? vs::get_variable(name, shape, options)
                                                        : vs::get_local_variable(name, shape, options);
        const bool is_random = is_floating(v.dtype()) && !is_set(step, "initializer");
        return variable_answer(v, is_random);
    }

    json variable(const json& step) {
        refuse(step, {"constraint", "validate_shape"});
        return variable_answer(vs::make_variable(name_of(step, "name"), variable_options_of(step, "initial_value")), false);
    }

    json make_op(const json& step) {
        static const std::map<std::string_view, std::pair<std::string_view, std::string_view>> kinds{
            {"add", {"Add", "Add"}}, {"subtract", {"Sub", "Sub"}}, {"multiply", {"Mul", "Mul"}},
            {"negative", {"Neg", "Neg"}}, {"square", {"Square", "Square"}}, {"identity", {"Identity", "Identity"}},
            {"constant", {"Const", "Const"}}, {"placeholder", {"Placeholder", "Placeholder"}}, {"no_op", {"NoOp", "NoOp"}},
            {"op_add", {"Add", "add"}}, {"op_mul", {"Mul", "mul"}}, {"op_neg", {"Neg", "Neg"}},
        };
        const auto [type, default_name] = kinds.at(step["type"].get_ref<const std::string&>());
        std::vector<vs::tensor> inputs;
        if (step.contains("in")) {
            for (const json& operand : step["in"]) {
                if (!operand.is_object()) { continue; } // a number: a hidden constant inside the op's own scope
                if (operand.contains("v")) { inputs.emplace_back(variables_.at(operand["v"].get<std::size_t>())); }
                if (operand.contains("t")) { inputs.push_back(tensors_.at(operand["t"].get<std::size_t>())); }
            }
        }
        const vs::tensor result = vs::make_op({.type = type, .default_name = default_name, .inputs = inputs}, name_of(step, "name"));
        if (type == "NoOp") { return {{"name", result.op_name()}}; }
        tensors_.push_back(result);
        return {{"t", tensors_.size() - 1}, {"name", result.name()}};
    }

    // ---- arguments

    static bool is_set(const json& step, const char* key) { return step.contains(key) && !step[key].is_null(); }

    static void refuse(const json& step, std::initializer_list<const char*> keys) {
        for (const char* key : keys) {
            if (is_set(step, key)) { throw unsupported{key}; }
        }
    }

    static vs::name_arg name_of(const json& step, const char* key) {
        if (!is_set(step, key)) { return vs::no_name; }
        return step[key].get_ref<const std::string&>();
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

    vs::scope_handle scope_of(const json& step) const {
        return is_set(step, "scope") ? scopes_.at(step["scope"].dump()) : vs::get_variable_scope();
    }

    vs::scope_options options_of(const json& step) const {
        vs::scope_options options;
        if (is_set(step, "reuse")) {
            options.reuse = step["reuse"] == "auto" ? vs::auto_reuse : step["reuse"] == true ? vs::reuse : vs::reuse_mode::inherit;
        }
        options.initializer = initializer_of(step, "initializer");
        options.dtype = dtype_of(step);
        if (is_set(step, "default_name")) { options.default_name = step["default_name"].get_ref<const std::string&>(); }
        options.auxiliary_name_scope = step.value("auxiliary_name_scope", true);
        return options;
    }

    vs::variable_options variable_options_of(const json& step, const char* initial) const {
        vs::variable_options options;
        options.initializer = initializer_of(step, initial);
        options.dtype = dtype_of(step);
        if (is_set(step, "trainable")) { options.trainable = step["trainable"].get<bool>(); }
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
            if (kind == "random_uniform") { return vs::random_uniform(); }
            if (kind == "random_normal") { return vs::random_normal(); }
            if (kind == "truncated_normal") { return vs::truncated_normal(); }
            if (kind == "glorot_uniform") { return vs::glorot_uniform(); }
        }
        throw unsupported{"initializer " + asked.dump()};
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

    // ---- answers

    static json error_answer(std::string_view kind) { return {{"error", {{"kind", kind}}}}; }

    static json reuse_answer(vs::reuse_mode mode) { return mode == vs::auto_reuse ? json("auto") : json(true); }

    static json scope_answer(const vs::scope_handle& scope) {
        json result{{"name", scope.name()}, {"ons", scope.original_name_scope()}};
        if (scope.reuse() != vs::reuse_mode::inherit) { result["reuse"] = reuse_answer(scope.reuse()); }
        return result;
    }

    static json where() {
        json result = scope_answer(vs::get_variable_scope());
        result["ns"] = vs::get_name_scope();
        return result;
    }

    json variable_answer(const vs::any_variable& v, bool is_random) {
        for (std::size_t i = 0; i < variables_.size(); ++i) {
            if (variables_[i].is(v)) { return {{"v", i}, {"name", v.name()}}; }
        }
        variables_.push_back(v);
        json result{{"v", variables_.size() - 1}, {"name", v.name()}};
        result["shape"] = json::array();
        for (const auto d : v.shape()) { result["shape"].push_back(d); }
        if (v.dtype() != vs::dtype::float32) { result["dtype"] = to_string(v.dtype()); }
        if (!v.is_trainable()) { result["trainable"] = false; }
        if (!is_random) { result["init"] = values_of(v); }
        return result;
    }

    /// The elements; a single one if all are equal.
    static json values_of(const vs::any_variable& v) {
        json values = json::array();
        visit_dtype(v.dtype(), [&]<class T>(std::type_identity<T>) {
            const auto* const elements = static_cast<const T*>(v.data());
            for (std::size_t i = 0; i < v.size(); ++i) {
                if constexpr (vs::is_complex(vs::dtype_of<T>)) {
                    values.push_back(static_cast<double>(elements[i].real()));
                } else if constexpr (vs::is_floating(vs::dtype_of<T>)) {
                    values.push_back(std::round(static_cast<double>(elements[i]) * 1e6) / 1e6);
                } else {
                    values.push_back(elements[i]);
                }
            }
        });
        const bool is_uniform = !values.empty() && std::all_of(values.begin(), values.end(), [&](const json& x) { return x == values[0]; });
        return is_uniform ? values[0] : values;
    }

    vs::graph graph_;
    vs::as_default default_{graph_};
    json answers_;
    std::vector<vs::any_variable> variables_;
    std::vector<vs::tensor> tensors_;
    std::map<std::string, vs::scope_handle> scopes_;
};

} // namespace replay
