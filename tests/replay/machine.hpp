/// \file
/// Runs scope programs in the conformance format, through the public interface of the library.
#pragma once

#include "arguments.hpp"

#include <varscope/variable/collection_queries.hpp>
#include <varscope/varscope.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace replay {

/// One program's state. `run` executes its steps and returns an answer for each. It begins with a new default graph.
class machine : private arguments {
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

    using answer_sheet::variables;
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
            if (is_set(step, "cm")) {
                auto& context = contexts_[step["cm"].dump()];
                context = step.contains("scope")
                    ? std::make_unique<vs::scope_context>(scopes_.at(step["scope"].dump()), options_of<vs::named_scope_options>(step))
                    : std::make_unique<vs::scope_context>(name_of(step, "name"), options_of<vs::scope_options>(step));
                vs::variable_scope scope(*context);
                is_open = true;
                return inside(scope, steps, at);
            }
            if (step.contains("scope")) {
                vs::variable_scope scope(scopes_.at(step["scope"].dump()), options_of<vs::named_scope_options>(step));
                is_open = true;
                return inside(scope, steps, at);
            }
            vs::variable_scope scope(name_of(step, "name"), options_of<vs::scope_options>(step));
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

    std::size_t inside(vs::variable_scope& scope, const json& steps, std::size_t at) {
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
        if (op == "variable") { return variable_answer(step, name_of(step, "name")); }
        if (op == "op") { return op_answer(step, name_of(step, "name")); }
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
            forget(old);
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

    json get_variable(const std::string& op, const json& step) {
        const bool is_named = is_set(step, "name");
        if (!is_named && !(op == "scope_get_variable" && is_set(step, "scope") ? scope_of(step) : vs::get_variable_scope()).name().empty()) {
            return {{"skipped", true}}; // Python's own error: C++ asks for a text
        }
        const vs::name_arg name = name_of(step, "name");
        const auto options = variable_options_of<vs::untyped_variable_options>(step, "initializer");
        const vs::shape shape = shape_of(step);
        const vs::tensor found = op == "get_variable" ? vs::get_tensor(name, shape, options)
            : op == "get_local_variable"
            ? vs::get_local_tensor(name, shape, variable_options_of<vs::untyped_local_variable_options>(step, "initializer"))
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

    vs::scope_handle scope_of(const json& step) const {
        return is_set(step, "scope") ? scopes_.at(step["scope"].dump()) : vs::get_variable_scope();
    }

    std::map<std::string, std::unique_ptr<vs::graph>> graphs_;
    json answers_;
    bool is_in_body_ = false;     // of a template
    bool has_body_ended_ = false; // of the innermost one, without an error
    std::map<std::string, vs::scope_handle> scopes_;
    std::map<std::string, std::unique_ptr<vs::scope_context>> contexts_;
    std::map<std::string, std::unique_ptr<variable_template>> templates_;
};

} // namespace replay
