/// \file
/// How the answers of scope programs are written, and what is numbered in them.
#pragma once

#include <varscope/varscope.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace replay {

namespace vs = varscope;
using nlohmann::json;

/// The answers of one program so far: the numbers of its variables and tensors.
class answer_sheet {
public:
    /// By number; without those of a default graph that was reset.
    [[nodiscard]] const std::vector<std::optional<vs::any_variable>>& variables() const noexcept { return variables_; }

    [[nodiscard]] const vs::any_variable& variable(const json& number) const {
        const auto& found = variables_.at(number.get<std::size_t>());
        if (!found) { throw std::out_of_range("a variable of a graph that is gone"); }
        return *found;
    }
    [[nodiscard]] vs::tensor operand(const json& given) const {
        if (given.contains("v")) { return variable(given["v"]); }
        return tensors_.at(given.at("t").get<std::size_t>());
    }

    /// The variables of a graph that is gone: another one may get its place in memory.
    void forget(const vs::graph* gone) {
        for (auto& v : variables_) {
            if (v && graphs_of_[static_cast<std::size_t>(&v - variables_.data())] == gone) { v.reset(); }
        }
    }

    /// An initializer whose values no answer tells: random, or made of other variables.
    vs::initializer not_told(vs::initializer initial) const {
        not_told_.push_back(initial);
        return initial;
    }

    static json info(const vs::scope_handle& scope) {
        json result = scope_answer(scope);
        result["dtype"] = to_string(scope.dtype());
        result["has_initializer"] = bool(scope.initializer());
        result["has_regularizer"] = bool(scope.regularizer());
        result["has_partitioner"] = bool(scope.partitioner());
        result["has_getter"] = scope.has_custom_getter();
        result["constraint"] = scope.constraint() ? json(scope.constraint().name()) : json();
        return result;
    }

    static json error_answer(std::string_view kind) { return {{"error", {{"kind", kind}}}}; }

    static json reuse_answer(vs::reuse_mode mode) { return mode == vs::auto_reuse ? json("auto") : json(true); }

    /// Of a handle, or of the guard of an open scope.
    template <class Scope>
    static json scope_answer(const Scope& scope) {
        json result{{"name", scope.name()}, {"ons", scope.original_name_scope()}};
        if (scope.reuse() != vs::reuse_mode::inherit) { result["reuse"] = reuse_answer(scope.reuse()); }
        return result;
    }

    static json where() {
        json result = scope_answer(vs::get_variable_scope());
        result["ns"] = vs::get_name_scope();
        return result;
    }

    template <class Items>
    static json names(const Items& list) {
        json result = json::array();
        for (const auto& item : list) { result.push_back(item.name()); }
        return result;
    }
    template <class Items>
    static json items(const Items& list) {
        return {{"items", names(list)}};
    }

    json tensor_answer(const vs::tensor& t) {
        tensors_.push_back(t);
        return {{"t", tensors_.size() - 1}, {"name", t.name()}};
    }

    json variable_answer(const vs::any_variable& v) {
        for (std::size_t i = 0; i < variables_.size(); ++i) {
            if (variables_[i] && variables_[i]->is(v)) { return {{"v", i}, {"name", v.name()}}; }
        }
        variables_.emplace_back(v);
        graphs_of_.push_back(&v.graph());
        json result{{"v", variables_.size() - 1}, {"name", v.name()}};
        result["shape"] = nullptr;
        const vs::shape shape = v.static_shape();
        if (shape.has_rank()) {
            result["shape"] = json::array();
            for (const auto d : shape) { result["shape"].push_back(d); }
        }
        if (v.dtype() != vs::dtype::float32) { result["dtype"] = to_string(v.dtype()); }
        if (!v.is_trainable() && !v.is_partitioned()) { result["trainable"] = false; }
        if (v.constraint()) { result["constraint"] = v.constraint().name(); }
        if (v.is_partitioned()) {
            for (const vs::any_variable& part : v.parts()) {
                json shard = variable_answer(part);
                shard["offset"] = part.offset();
                result["parts"].push_back(std::move(shard));
            }
        } else if (v.size() > 0 && tells_values(v)) {
            v.graph().initialize(v.node());
            result["init"] = values_of(v);
        }
        return result;
    }

    bool tells_values(const vs::any_variable& v) const {
        const auto* const initial = &v.node().initial();
        return initial != vs::initializer(vs::glorot_uniform()).model().get() &&
            std::none_of(not_told_.begin(), not_told_.end(), [&](const vs::initializer& i) { return i.model().get() == initial; });
    }

    /// The elements; a single one if all are equal.
    static json values_of(const vs::any_variable& v) {
        json values = json::array();
        const vs::array_value now = v.value();
        visit_dtype(v.dtype(), [&]<class T>(std::type_identity<T>) {
            const auto* const elements = static_cast<const T*>(now.data());
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

private:
    std::vector<std::optional<vs::any_variable>> variables_;
    std::vector<const vs::graph*> graphs_of_; // by variable
    std::vector<vs::tensor> tensors_;
    mutable std::vector<vs::initializer> not_told_;
};

} // namespace replay
