/// \file
/// Runs scope programs in the conformance format, through the public interface of the library.
#pragma once

#include <varscope/collection_queries.hpp>
#include <varscope/detail/xtensor.hpp>
#include <varscope/varscope.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
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

/// The element-wise ops, as far as an initial value may be made of them. In double precision: the values are small.
struct arithmetic {
    std::string type;
    std::vector<vs::array_value> operands;

    static vs::shape broadcast(const vs::shape& a, const vs::shape& b) {
        if (!a.has_rank() || !b.has_rank()) { return vs::any_shape; }
        vs::shape both;
        const std::size_t rank = std::max(a.rank(), b.rank());
        for (std::size_t axis = 0; axis < rank; ++axis) {
            const auto at = [&](const vs::shape& s) { return axis + s.rank() < rank ? std::int64_t{1} : s[axis + s.rank() - rank]; };
            const std::int64_t x = at(a);
            const std::int64_t y = at(b);
            both.push_back(x == 1 ? y : y == 1 ? x : x == vs::unknown_dimension ? y : x);
        }
        return both;
    }

    vs::array_value operator()(const vs::shape& shape) const {
        std::vector<std::size_t> lengths;
        for (const auto d : shape) { lengths.push_back(static_cast<std::size_t>(d)); }
        const xt::xarray<double> a = xt::broadcast(values(operands.at(0)), lengths);
        const xt::xarray<double> b = operands.size() > 1 ? xt::xarray<double>(xt::broadcast(values(operands[1]), lengths)) : a;
        xt::xarray<double> result = a;
        if (type == "Add") { result = a + b; }
        if (type == "Sub") { result = a - b; }
        if (type == "Mul") { result = a * b; }
        if (type == "Neg") { result = -a; }
        if (type == "Square") { result = a * a; }
        vs::array_value made(operands[0].type(), shape);
        visit_dtype(made.type(), [&]<class T>(std::type_identity<T>) {
            std::transform(result.begin(), result.end(), static_cast<T*>(made.memory()), [](double x) { return T(static_cast<float>(x)); });
        });
        return made;
    }

    static xt::xarray<double> values(const vs::array_value& from) {
        std::vector<std::size_t> lengths;
        for (const auto d : from.shape()) { lengths.push_back(static_cast<std::size_t>(d)); }
        xt::xarray<double> result(lengths);
        visit_dtype(from.type(), [&]<class T>(std::type_identity<T>) {
            const T* const elements = static_cast<const T*>(from.data());
            std::transform(elements, elements + from.size(), result.begin(), [](const T& x) {
                if constexpr (vs::is_complex(vs::dtype_of<T>)) {
                    return static_cast<double>(x.real());
                } else {
                    return static_cast<double>(x);
                }
            });
        });
        return result;
    }
};

/// One program's state. `run` executes its steps and returns an answer for each. It begins with a new default graph.
class machine {
public:
    machine() { vs::reset_default_graph({.initialization = vs::initialization::deferred}); }

    [[nodiscard]] json run(const json& steps) {
        answers_ = json::array();
        std::size_t at = 0;
        do { at = run_block(steps, at); } while (at < steps.size()); // an `end` too many ends no block
        return std::move(answers_);
    }

    /// \name For tests that look on
    /// \{

    /// Called with the answers so far: before each step and at the end of each block, but not within the body of a template.
    /// May add steps behind the last one, if their list has room reserved: the steps being run are referred to.
    std::function<void(const json& answers)> between_steps;

    /// By number; without those of a default graph that was reset.
    [[nodiscard]] const std::vector<std::optional<vs::any_variable>>& variables() const noexcept { return variables_; }
    /// All but the default one.
    [[nodiscard]] const std::map<std::string, std::unique_ptr<vs::graph>>& graphs() const noexcept { return graphs_; }
    [[nodiscard]] const std::map<std::string, vs::scope_handle>& scopes() const noexcept { return scopes_; }
    [[nodiscard]] static json describe(const vs::scope_handle& scope) { return info(scope); }
    /// \}

private:
    using variable_template = vs::variable_template<std::function<void()>>;

    /// Executes steps until the `end` of the current block; returns the index of the step after it.
    std::size_t run_block(const json& steps, std::size_t at) {
        while (true) {
            if (between_steps && !is_in_body_) { between_steps(answers_); }
            if (at >= steps.size()) { return at; }
            const json& step = steps[at];
            has_body_ended_ = false;
            const std::string& op = step["op"].get_ref<const std::string&>();
            if (op == "end") {
                answers_.push_back(json::object());
                return at + 1;
            }
            const bool begins = op == "name_scope" || op == "variable_scope" || op == "reenter" || op == "graph";
            at = begins ? begin(op, steps, at) : leaf(op, step, at);
        }
    }

    /// A step that opens a block: runs the block too, unless it could not be opened.
    std::size_t begin(const std::string& op, const json& steps, std::size_t at) {
        const json& step = steps[at];
        bool is_open = false;
        try {
            if (op == "name_scope") {
                vs::name_scope scope(name_of(step, "name"), name_of(step, "default_name"));
                is_open = true;
                answers_.push_back({{"scope", scope.name()}});
                return run_block(steps, at + 1);
            }
            if (op == "graph") {
                auto& made = graphs_[step["graph"].dump()];
                if (!made) { made = std::make_unique<vs::graph>(vs::graph_options{.initialization = vs::initialization::deferred}); }
                const vs::as_default in(*made);
                is_open = true;
                answers_.push_back(json::object());
                return run_block(steps, at + 1);
            }
            if (op == "reenter") {
                vs::variable_scope scope(*contexts_.at(step["cm"].dump()));
                is_open = true;
                return inside(scope, steps, at);
            }
            const vs::scope_options options = options_of(step);
            if (is_set(step, "cm")) {
                auto& context = contexts_[step["cm"].dump()];
                context = step.contains("scope")
                    ? std::make_unique<vs::scope_context>(scopes_.at(step["scope"].dump()), options)
                    : std::make_unique<vs::scope_context>(name_of(step, "name"), options);
                vs::variable_scope scope(*context);
                is_open = true;
                return inside(scope, steps, at);
            }
            if (step.contains("scope")) {
                vs::variable_scope scope(scopes_.at(step["scope"].dump()), options);
                is_open = true;
                return inside(scope, steps, at);
            }
            vs::variable_scope scope(name_of(step, "name"), options);
            is_open = true;
            return inside(scope, steps, at);
        } catch (const vs::error& e) {
            if (is_open || is_in_body_) { throw; }
            answers_.push_back(with_log(error_answer(to_string(e.kind()))));
        } catch (const unsupported& e) {
            if (is_open || is_in_body_) { throw; }
            answers_.push_back(error_answer("unsupported: " + e.what));
        } catch (const std::out_of_range&) {
            if (is_open || is_in_body_) { throw; }
            answers_.push_back(error_answer("refers to what an earlier step did not make"));
        }
        return at + 1;
    }

    std::size_t inside(vs::variable_scope<>& scope, const json& steps, std::size_t at) {
        if (steps[at].contains("as")) { scopes_.insert_or_assign(steps[at]["as"].dump(), scope.handle()); }
        answers_.push_back(where());
        return run_block(steps, at + 1);
    }

    std::size_t leaf(const std::string& op, const json& step, std::size_t at) {
        try {
            answers_.push_back(with_log(answer(op, step)));
        } catch (const vs::error& e) {
            if (is_in_body_) { throw; }
            answers_.push_back(with_log(error_answer(to_string(e.kind()))));
        } catch (const unsupported& e) {
            if (is_in_body_) { throw; }
            answers_.push_back(error_answer("unsupported: " + e.what));
        } catch (const std::out_of_range&) {
            if (is_in_body_) { throw; }
            answers_.push_back(error_answer("refers to what an earlier step did not make"));
        }
        return at + 1;
    }

    /// What getters logged; inside the body of a template that is told by its call.
    json with_log(json answer) {
        if (!log_.empty() && !is_in_body_) { answer["log"] = std::exchange(log_, json::array()); }
        return answer;
    }

    json answer(const std::string& op, const json& step) {
        if (op == "where") { return where(); }
        if (op == "get_variable" || op == "get_local_variable" || op == "scope_get_variable") { return get_variable(op, step); }
        if (op == "variable") { return variable_answer(vs::make_variable(name_of(step, "name"), variable_options_of(step, "initial_value"))); }
        if (op == "op") { return make_op(step); }
        if (op == "as_tensor") { return tensor_answer(vs::as_tensor(variable(step["v"]))); }
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
        if (op == "scope_set") { return set(scope_of(step), step); }
        if (op == "scope_info") { return info(scope_of(step)); }
        if (op == "make_template") { return make_template(step); }
        if (op == "call_template") { return call_template(step); }
        if (op == "template_info") {
            const variable_template& t = *templates_.at(step["tmpl"].dump());
            if (!t.variable_scope()) { return {{"scope_name", nullptr}}; }
            return {{"scope_name", t.variable_scope_name()},
                    {"global", names(t.global_variables())},
                    {"trainable", names(t.trainable_variables())},
                    {"local", names(t.local_variables())}};
        }
        if (op == "reset_default_graph") {
            const vs::graph* const old = &vs::current_graph();
            vs::reset_default_graph({.initialization = vs::initialization::deferred});
            for (auto& v : variables_) { // the old ones are gone, and a new one may get their place in memory
                if (v && graphs_of_[static_cast<std::size_t>(&v - variables_.data())] == old) { v.reset(); }
            }
            return json::object();
        }
        return query(op, step);
    }

    json query(const std::string& op, const json& step) {
        if (op == "add_to_collection") {
            vs::add_to_collection(step["key"].get_ref<const std::string&>(), operand(step["item"]));
            return json::object();
        }
        if (op == "collections_of") { return {{"keys", vs::collections_of(vs::current_graph(), variable(step["v"]))}}; }
        if (op == "scope_variables") {
            const vs::scope_handle scope = scope_of(step);
            const std::string& which = step["which"].get_ref<const std::string&>();
            return items(which == "global"          ? vs::global_variables(scope)
                             : which == "trainable" ? vs::trainable_variables(scope)
                                                    : vs::local_variables(scope));
        }
        if (op == "scope_collection") { return items(vs::get_collection(step["key"].get_ref<const std::string&>(), scope_of(step))); }
        const bool is_filtered = is_set(step, "scope");
        const std::string pattern = is_filtered ? step["scope"].get<std::string>() : std::string();
        if (op == "collection") {
            const std::string& key = step["key"].get_ref<const std::string&>();
            return items(is_filtered ? vs::get_collection(key, pattern) : vs::get_collection(key));
        }
        if (op == "regularization_losses") {
            return items(is_filtered ? vs::get_regularization_losses(pattern) : vs::get_regularization_losses());
        }
        if (op == "variables") {
            const std::string& which = step["which"].get_ref<const std::string&>();
            if (which == "global") { return items(is_filtered ? vs::global_variables(pattern) : vs::global_variables()); }
            if (which == "trainable") { return items(is_filtered ? vs::trainable_variables(pattern) : vs::trainable_variables()); }
            if (which == "local") { return items(is_filtered ? vs::local_variables(pattern) : vs::local_variables()); }
            return items(is_filtered ? vs::model_variables(pattern) : vs::model_variables());
        }
        throw unsupported{op};
    }

    json set(vs::scope_handle scope, const json& step) const {
        if (step.contains("dtype")) { scope.set_dtype(dtype_of(step).value()); }
        if (step.contains("initializer")) { scope.set_initializer(initializer_of(step, "initializer")); }
        if (step.contains("regularizer")) { scope.set_regularizer(regularizer_of(step, "regularizer")); }
        if (step.contains("custom_getter")) { scope.set_custom_getter(getter_of(step, "custom_getter")); }
        return json::object();
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

    json get_variable(const std::string& op, const json& step) {
        const bool is_named = is_set(step, "name");
        if (!is_named && !(op == "scope_get_variable" && is_set(step, "scope") ? scope_of(step) : vs::get_variable_scope()).name().empty()) {
            return {{"skipped", true}}; // Python's own error: C++ asks for a text
        }
        const vs::name_arg name = name_of(step, "name");
        const vs::variable_options options = variable_options_of(step, "initializer");
        const vs::shape shape = shape_of(step);
        const vs::tensor found = op == "get_variable" ? vs::get_tensor(name, shape, options)
            : op == "get_local_variable"              ? vs::get_local_tensor(name, shape, options)
                                                      : vs::get_tensor(scope_of(step), name, shape, options);
        return found.is_variable() ? variable_answer(found.as_variable()) : tensor_answer(found);
    }

    json make_template(const json& step) {
        vs::template_options options{.create_scope_now = step.value("create_scope_now", false),
                                     .custom_getter = getter_of(step, "custom_getter")};
        if (is_set(step, "unique_name")) { options.unique_name = step["unique_name"].get_ref<const std::string&>(); }
        auto made = std::make_unique<variable_template>(
            [this, &body = step["body"]] {
                for (std::size_t at = 0; at < body.size();) { at = run_block(body, at); }
                has_body_ended_ = true;
            },
            name_of(step, "name"), options);
        json result = json::object();
        if (made->variable_scope()) { result["scope_name"] = made->variable_scope_name(); }
        templates_[step["as"].dump()] = std::move(made);
        return result;
    }

    /// An error in the body ends the body, and all bodies around it.
    json call_template(const json& step) {
        variable_template& called = *templates_.at(step["tmpl"].dump());
        json outer = std::exchange(answers_, json::array());
        const bool was_in_body = std::exchange(is_in_body_, true);
        const auto leave = [&] {
            is_in_body_ = was_in_body;
            return std::exchange(answers_, std::move(outer));
        };
        try {
            called();
        } catch (const vs::error& e) {
            json body = leave();
            const bool is_after_body = std::exchange(has_body_ended_, false);
            if (was_in_body) {
                if (!is_after_body) { answers_.push_back(json{{"error", "inner"}, {"body", std::move(body)}}); }
                throw;
            }
            json result = error_answer(to_string(e.kind()));
            if (!is_after_body) { result["body"] = std::move(body); }
            return result;
        } catch (...) {
            leave();
            throw;
        }
        json body = leave();
        return {{"scope_name", called.variable_scope_name()}, {"body", std::move(body)}};
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
        const vs::tensor result = vs::make_op(what, name_of(step, "name"));
        if (type == "NoOp") { return {{"name", result.op_name()}}; }
        return tensor_answer(result);
    }

    // ---- arguments

    static bool is_set(const json& step, const char* key) { return step.contains(key) && !step[key].is_null(); }

    [[nodiscard]] const vs::any_variable& variable(const json& number) const {
        const auto& found = variables_.at(number.get<std::size_t>());
        if (!found) { throw std::out_of_range("a variable of a graph that is gone"); }
        return *found;
    }
    [[nodiscard]] vs::tensor operand(const json& given) const {
        if (given.contains("v")) { return variable(given["v"]); }
        return tensors_.at(given.at("t").get<std::size_t>());
    }

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

    vs::scope_handle scope_of(const json& step) const {
        return is_set(step, "scope") ? scopes_.at(step["scope"].dump()) : vs::get_variable_scope();
    }

    static vs::reuse_mode reuse_of(const json& step) {
        if (!is_set(step, "reuse")) { return vs::reuse_mode::inherit; }
        return step["reuse"] == "auto" ? vs::auto_reuse : step["reuse"] == true ? vs::reuse : vs::reuse_mode::create;
    }

    vs::scope_options options_of(const json& step) const {
        vs::scope_options options;
        options.reuse = reuse_of(step);
        options.regularizer = regularizer_of(step, "regularizer");
        options.partitioner = partitioner_of(step, "partitioner");
        options.custom_getter = getter_of(step, "custom_getter");
        if (is_set(step, "constraint")) { options.constraint = step["constraint"].get_ref<const std::string&>(); }
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
        options.reuse = reuse_of(step);
        options.regularizer = regularizer_of(step, "regularizer");
        options.partitioner = partitioner_of(step, "partitioner");
        options.custom_getter = getter_of(step, "custom_getter");
        if (is_set(step, "constraint")) { options.constraint = step["constraint"].get_ref<const std::string&>(); }
        options.validate_shape = step.value("validate_shape", true);
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
            if (kind == "random_uniform") { return not_told(vs::random_uniform()); }
            if (kind == "random_normal") { return not_told(vs::random_normal()); }
            if (kind == "truncated_normal") { return not_told(vs::truncated_normal()); }
            if (kind == "glorot_uniform") { return vs::glorot_uniform(); }
        }
        if (asked.contains("v")) { return not_told(vs::tensor(variable(asked["v"]))); }
        if (asked.contains("t")) {
            const vs::tensor& t = tensors_.at(asked["t"].get<std::size_t>());
            return value_now(t) ? vs::initializer(t) : not_told(t);
        }
        throw unsupported{"initializer " + asked.dump()};
    }

    /// An initializer whose values no answer tells: random, or made of other variables.
    vs::initializer not_told(vs::initializer initial) const {
        not_told_.push_back(initial);
        return initial;
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
        const auto* const initial = v.node().initial;
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

    std::map<std::string, std::unique_ptr<vs::graph>> graphs_;
    json answers_;
    bool is_in_body_ = false;     // of a template
    bool has_body_ended_ = false; // of the innermost one, without an error
    std::vector<std::optional<vs::any_variable>> variables_;
    std::vector<const vs::graph*> graphs_of_; // by variable
    std::vector<vs::tensor> tensors_;
    std::map<std::string, vs::scope_handle> scopes_;
    std::map<std::string, std::unique_ptr<vs::scope_context>> contexts_;
    std::map<std::string, std::unique_ptr<variable_template>> templates_;
    mutable std::vector<vs::initializer> not_told_;
    mutable json log_ = json::array(); // what getters logged in this step
};

} // namespace replay
