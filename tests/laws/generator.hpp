/// \file
/// Random programs of the conformance language.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace laws {

using nlohmann::json;

/// Makes a program step by step, beside the machine that runs it: what a step may refer to depends on the answers.
///
/// The same seed and answers lead to the same program, on every platform. Names come from a small alphabet, so that
/// they clash often. Each program leaves out some features, so that the others meet undisturbed. Says nothing that
/// the language leaves open: no operand of another graph, no op of tensors that do not fit.
class program_generator {
public:
    explicit program_generator(std::uint32_t seed)
        : engine_{seed}
        , length_{8 + below(40)} {
        for (const char* const feature : {"graphs", "templates", "getters", "defaults", "bad names", "dtypes", "reuse", "captured", "lists",
                                          "exact names", "hidden names"}) {
            if (chance(55)) { features_.insert(feature); }
        }
        // What a getter's op of a variable in parts is called, the language does not say.
        if (chance(25)) {
            features_.insert("partitioners");
        } else if (has("getters")) {
            features_.insert("ops by getters");
        }
    }

    /// The next step, or null at the end.
    [[nodiscard]] json next() {
        if (count_ == length_) { return nullptr; }
        ++count_;
        json made = step(false);
        while (made.is_null()) { made = step(false); }
        return made;
    }

    /// To be told the answer to each step.
    void observe(const json& step, const json& answer) {
        const std::string& op = step["op"].get_ref<const std::string&>();
        if (op == "call_template") {
            observe_body(templates_[step["tmpl"].get<std::size_t>()].body, answer.contains("body") ? answer["body"] : json());
        }
        if (op == "end") { return leave(); }
        if (answer.contains("error")) { return; }
        note_results(step, answer);
        if (begins(op)) {
            blocks_.push_back({op == "graph" ? graph_name(step["graph"].get<std::size_t>()) : graph(), step.value("cm", none)});
            if (op == "graph") { graph_in_force_.push_back(blocks_.back().graph); }
            blocks_.back().is_graph = op == "graph";
            if (op == "variable_scope" && step.contains("cm")) { contexts_[step["cm"].get<std::size_t>()] = {graph(), true}; }
            if (op == "reenter") { contexts_[step["cm"].get<std::size_t>()].is_open = true; }
        }
        if (op == "make_template") {
            templates_.resize(std::max(templates_.size(), step["as"].get<std::size_t>() + 1));
            templates_[step["as"].get<std::size_t>()] = {graph(), step["body"], true};
        } else if (step.contains("as")) {
            scopes_[step["as"].get<std::size_t>()] = graph();
        }
        if (op == "reset_default_graph") { forget_default_graph(); }
    }

    [[nodiscard]] static bool begins(const std::string& op) {
        return op == "name_scope" || op == "variable_scope" || op == "reenter" || op == "graph";
    }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    struct block {
        std::string graph;
        std::size_t context;
        bool is_graph = false;
    };
    struct result { // a variable or tensor
        std::string graph;
        std::string dtype; // empty: not known
        bool is_whole = false;
    };
    struct context {
        std::string graph;
        bool is_open;
    };
    struct template_ {
        std::string graph;
        json body;
        bool is_usable = false;
    };

    // ---- chance

    std::size_t below(std::size_t n) { return engine_() % n; }
    bool chance(std::size_t percent) { return below(100) < percent; }
    template <class T>
    T pick(std::initializer_list<T> from) {
        return *(from.begin() + below(from.size()));
    }
    json pick(const json& from) { return from[below(from.size())]; }
    [[nodiscard]] bool has(const char* feature) const { return features_.contains(feature); }
    bool may(const char* feature, std::size_t percent) { return has(feature) && chance(percent); }

    // ---- what there is

    [[nodiscard]] static std::string graph_name(std::size_t number) { return "graph " + std::to_string(number); }
    [[nodiscard]] std::string graph() const { return graph_in_force_.empty() ? "default" : graph_in_force_.back(); }

    void leave() {
        if (blocks_.empty()) { return; }
        if (blocks_.back().context != none) { contexts_[blocks_.back().context].is_open = false; }
        if (blocks_.back().is_graph) { graph_in_force_.pop_back(); }
        blocks_.pop_back();
    }

    void note_results(const json& step, const json& answer) {
        if (answer.contains("v")) { note_variable(answer); }
        if (answer.contains("t")) {
            std::string type;
            const std::string op = step["op"];
            if (op == "as_tensor") { type = variables_[step["v"].get<std::size_t>()].dtype; }
            if (op == "op") { type = type_of_result(step); }
            tensors_.resize(std::max(tensors_.size(), answer["t"].get<std::size_t>() + 1));
            tensors_[answer["t"].get<std::size_t>()] = {graph(), type};
        }
    }

    void note_variable(const json& answer) {
        const std::size_t v = answer["v"];
        if (v < variables_.size() && !variables_[v].graph.empty()) { return; }
        variables_.resize(std::max(variables_.size(), v + 1));
        variables_[v] = {graph(), answer.value("dtype", "float32"), answer.contains("parts")};
        if (answer.contains("parts")) {
            for (const json& part : answer["parts"]) { note_variable(part); }
        }
    }

    void observe_body(const json& body, const json& answers) {
        for (std::size_t i = 0; i < answers.size() && i < body.size(); ++i) {
            const json& answer = answers[i];
            if (body[i]["op"] == "call_template") {
                observe_body(templates_[body[i]["tmpl"].get<std::size_t>()].body, answer.contains("body") ? answer["body"] : json());
            } else if (!answer.contains("error")) {
                note_results(body[i], answer);
            }
        }
    }

    void forget_default_graph() {
        for (auto& v : variables_) { v.graph = v.graph == "default" ? "gone" : v.graph; }
        for (auto& t : tensors_) { t.graph = t.graph == "default" ? "gone" : t.graph; }
        std::erase_if(scopes_, [](const auto& s) { return s.second == "default"; });
        std::erase_if(contexts_, [](const auto& c) { return c.second.graph == "default"; });
        for (auto& t : templates_) { // those that it calls come before it
            t.is_usable = t.is_usable && t.graph != "default" && std::ranges::all_of(t.body, [&](const json& step) {
                return !step.contains("tmpl") || templates_[step["tmpl"].get<std::size_t>()].is_usable;
            });
        }
    }

    std::string type_of_result(const json& step) const {
        if (step["type"] == "constant") {
            const json* first = &step["value"];
            while (first->is_array() && !first->empty()) { first = &first->front(); }
            return first->is_number_integer() ? "int32" : "float32";
        }
        if (!step.contains("in")) { return "float32"; }
        for (const json& in : step["in"]) {
            if (in.contains("v")) { return variables_[in["v"].get<std::size_t>()].dtype; }
            if (in.contains("t")) { return tensors_[in["t"].get<std::size_t>()].dtype; }
        }
        return "float32";
    }

    /// A variable or tensor of the current graph that `is_wanted`.
    template <class Predicate>
    std::optional<json> operand(const char* kind, Predicate is_wanted) {
        const auto& from = *kind == 'v' ? variables_ : tensors_;
        std::vector<std::size_t> found;
        for (std::size_t i = 0; i < from.size(); ++i) {
            if (from[i].graph == graph() && is_wanted(from[i])) { found.push_back(i); }
        }
        if (found.empty()) { return std::nullopt; }
        return json{{kind, found[below(found.size())]}};
    }

    template <class Map, class Predicate>
    std::optional<std::size_t> handle(const Map& from, Predicate is_wanted) {
        std::vector<std::size_t> found;
        for (const auto& [number, what] : from) {
            if (is_wanted(what)) { found.push_back(number); }
        }
        if (found.empty()) { return std::nullopt; }
        return found[below(found.size())];
    }
    std::optional<std::size_t> scope() {
        return has("captured") ? handle(scopes_, [](const std::string&) { return true; }) : std::nullopt;
    }

    // ---- arguments

    json bad_name() {
        return pick<const char*>({"", "v ", "-v", "_v", "v:0", "v//w", "/", "a//", "v+", "/v", "a/-b", "#", ".v", "v.1", ">v"});
    }
    json variable_name() {
        if (may("bad names", 8)) { return bad_name(); }
        if (may("exact names", 8)) { return pick<const char*>({"v/", "w/", "a/v/", "V/"}); }
        if (may("hidden names", 10)) { return pick<const char*>({"v/read", "v/Assign", "v/Initializer/zeros", "v/initial_value", "Const", "v/Regularizer/r1"}); }
        if (chance(4)) { return pick<const char*>({"v/part_0", "v/part_1", "w/part_0"}); }
        return pick<const char*>({"v", "v", "v", "w", "w", "x", "v_1", "v_2", "w_1", "V", "a/v", "b/w", "a"});
    }
    json scope_name() {
        if (may("bad names", 8)) { return bad_name(); }
        if (may("exact names", 8)) { return pick<const char*>({"a/", "v/", "a/b/"}); }
        if (may("hidden names", 3)) { return pick<const char*>({"v/Initializer", "v/read"}); }
        return pick<const char*>({"a", "a", "a", "b", "b", "c", "a_1", "v", "A", "a/b", "d"});
    }
    json op_name() {
        if (may("bad names", 8)) { return chance(20) ? json() : bad_name(); }
        if (may("exact names", 8)) { return pick<const char*>({"v/", "op/", "a/v/"}); }
        if (may("hidden names", 8)) { return pick<const char*>({"v/read", "v/Assign", "v/Initializer", "Const"}); }
        return pick<const char*>({"v", "w", "v_1", "op", "Add", "add", "Mul", "a", "a/v", "NoOp"});
    }
    json pattern() {
        return pick<const char*>({"", "v", "a", "a/", "a/v", "[ab]/v", "v_1", ".*/v", "v:0$", "a|b", "^v", "v.1", ".*:0", "(a|b)/"});
    }
    json list_key() {
        return pick<const char*>({"variables", "trainable_variables", "local_variables", "model_variables", "regularization_losses", "c1", "c2"});
    }
    json shape(bool is_cut = false) {
        if (chance(is_cut ? 75 : 8)) {
            return pick(json{json{5, 2}, json{4}, json{2, 3}, json{3, 2, 4}, json{7}, json{4, 3}});
        }
        if (chance(80)) { return pick(json{json{1}, json{1}, json{1}, json{2}, json{2}, json::array(), json{2, 2}}); }
        return pick(json{json{nullptr}, json{nullptr, 2}, json{-1}, json{-3}, json{0}, 2, 1, nullptr, json{0, 2}});
    }
    json dtype() { return pick<const char*>({"float32", "float64", "float16", "int32", "int64", "bool", "complex64"}); }
    json float_dtype() { return pick<const char*>({"float32", "float64", "float16"}); }
    json value() {
        return pick(json{1.0, 0.5, 1, 2, true, false, json{1.0, 2.0}, json{1, 2}, json{json{1.0, 2.0}, json{3.0, 4.0}}, json{1.0, 1.0, 1.0}, json{0.5}});
    }
    json by_shape() {
        static const json kinds = json::parse(R"([{"init":"zeros"},{"init":"zeros"},{"init":"ones"},{"init":"zeros","cls":true},
            {"init":"ones","cls":true},{"init":"constant","fill":0.5},{"init":"constant","fill":2},{"init":"random_uniform"},
            {"init":"random_normal"},{"init":"truncated_normal"},{"init":"glorot_uniform"}])");
        return pick(kinds);
    }
    json function() {
        json made{{"fn", pick<const char*>({"zeros", "ones"})}, {"shape", pick(json{json{1}, json{2}, json::array(), json{2, 2}})}};
        if (may("dtypes", 30)) { made["dtype"] = pick<const char*>({"float64", "int32", "float32"}); }
        return made;
    }
    /// \param is_general  not for a scope, from which it may come to another graph.
    json initializer(bool is_general) {
        if (is_general && chance(20)) {
            const auto found = operand(pick<const char*>({"v", "t"}), [](const auto& v) { return !v.is_whole && !v.dtype.empty(); });
            if (found) { return *found; }
        }
        if (chance(60)) { return by_shape(); }
        return chance(70) ? json{{"value", value()}} : function();
    }
    json regularizer() { return pick(json{"none", "neg", "r1", "r2", "r1", nullptr}); }
    json partitioner() {
        static const json kinds = json::parse(R"([{"part":"fixed","shards":1},{"part":"fixed","shards":2},{"part":"fixed","shards":2},
            {"part":"fixed","shards":3},{"part":"fixed","shards":5},{"part":"fixed","shards":2,"axis":1},{"part":"axis_size","max_shard_bytes":16},
            {"part":"axis_size","max_shard_bytes":24,"max_shards":2},{"part":"axis_size","max_shard_bytes":8,"axis":1},
            {"part":"min_max","max_partitions":3,"min_slice_size":8},{"part":"min_max","max_partitions":2,"axis":1,"min_slice_size":8},
            {"part":"list","slices":[2,1]},{"part":"list","slices":[1,1]},{"part":"list","slices":[9,1]},{"part":"list","slices":[2,2]},
            {"part":"list","slices":[0,1]},{"part":"list","slices":[2]},{"part":"list","slices":[9]},{"part":"list","slices":[1,2,1]}])");
        return pick(kinds);
    }
    json collections() {
        static const json lists = json::parse(R"([[],["c1"],["c1","c2"],["variables"],["variables","c1"],["trainable_variables"],
            ["local_variables"],["model_variables","variables"],["c1","c1"]])");
        return pick(lists);
    }
    json getter() {
        json made{{"getter", pick<const char*>({"identity", "suffix", "prefix", "override", "override", "sum", "wrap"})}};
        std::string kind = made["getter"];
        if (!has("ops by getters") && (kind == "sum" || kind == "wrap")) { made["getter"] = kind = "identity"; }
        if (chance(50) || kind == "sum" || kind == "wrap") { made["tag"] = pick<const char*>({"A", "B", "C"}) + (" " + kind); }
        if (kind == "suffix") { made["text"] = pick<const char*>({"_x", "_1", "/v"}); }
        if (kind == "prefix") { made["text"] = pick<const char*>({"p_", "a/"}); }
        if (kind == "override") {
            json& set = made["set"] = json::object();
            if (chance(30)) { set["reuse"] = pick(json{true, false, "auto"}); }
            if (chance(20)) { set["dtype"] = float_dtype(); }
            if (chance(20)) { set["initializer"] = chance(70) ? by_shape() : json{{"value", value()}}; }
            if (chance(20)) { set["regularizer"] = regularizer(); }
            if (chance(20)) { set["constraint"] = "k2"; }
            if (chance(20)) { set["trainable"] = chance(50); }
            if (chance(20)) { set["collections"] = collections(); }
            if (chance(20)) { set["shape"] = shape(); }
        }
        if (kind == "sum") {
            if (chance(30)) { made["suffixes"] = pick(json::parse(R"([["_a","_b"],["","_1"],["/0","/0"]])")); }
            if (chance(30)) { made["product"] = true; }
            if (chance(30)) { made["scope"] = pick<const char*>({"a", "sum"}); }
        }
        if (kind == "wrap") {
            if (chance(40)) { made["name"] = pick<const char*>({"v", "id"}); }
            if (chance(30)) { made["name_if_reuse"] = pick<const char*>({"again", "v"}); }
        }
        return made;
    }
    json reuse() { return pick(json{true, true, "auto", "auto", "auto", false, nullptr}); }

    // ---- steps

    json step(bool is_in_body) {
        const std::size_t n = below(100);
        if (n < 13) { return chance(80) ? variable_scope(is_in_body) : reenter(is_in_body); }
        if (n < 18) { return name_scope(); }
        if (n < 31) { return !is_in_body && !blocks_.empty() ? json{{"op", "end"}} : json(); }
        if (n < 57) { return get_variable(is_in_body); }
        if (n < 64) { return variable(is_in_body); }
        if (n < 71) { return make_op(is_in_body); }
        if (n < 74) { return unique_name(); }
        if (n < 84) { return query(is_in_body); }
        if (n < 88) { return change_scope(is_in_body); }
        if (n < 95) { return template_step(is_in_body); }
        if (is_in_body) { return {}; }
        if (n < 97) {
            if (!has("graphs") || graph_in_force_.size() > 2) { return {}; }
            if (chance(30)) { return {{"op", "reset_default_graph"}}; }
            return {{"op", "graph"}, {"graph", 1 + below(2)}};
        }
        const auto whole = operand("v", [](const auto& v) { return v.is_whole; });
        return whole ? json{{"op", "as_tensor"}, {"v", (*whole)["v"]}} : json();
    }

    json name_scope() {
        json made{{"op", "name_scope"}};
        if (chance(90)) { made["name"] = chance(95) ? scope_name() : json(); }
        if (chance(10)) { made["default_name"] = scope_name(); }
        return made;
    }

    json variable_scope(bool is_in_body) {
        json made{{"op", "variable_scope"}};
        const std::optional<std::size_t> object = !is_in_body && chance(30) ? scope() : std::nullopt;
        if (object) {
            made["scope"] = *object;
        } else if (chance(20)) {
            if (chance(70)) { made["name"] = nullptr; }
            if (chance(95)) { made["default_name"] = pick<const char*>({"d", "d", "a", "d_1", "v"}); }
        } else {
            made["name"] = scope_name();
            if (chance(5)) { made["default_name"] = "d"; }
        }
        if (may("reuse", 40)) { made["reuse"] = reuse(); }
        if (may("defaults", 15)) { made["initializer"] = initializer(false); }
        if (may("defaults", 15)) { made["regularizer"] = regularizer(); }
        if (may("defaults", 15)) { made["constraint"] = pick<const char*>({"k1", "k2"}); }
        if (may("dtypes", 15)) { made["dtype"] = float_dtype(); }
        if (may("getters", 25)) { made["custom_getter"] = getter(); }
        if (may("partitioners", 30)) { made["partitioner"] = partitioner(); }
        if (chance(12)) { made["auxiliary_name_scope"] = chance(10); }
        if (!is_in_body && may("captured", 45)) { made["as"] = next_scope_++; }
        if (!is_in_body && may("captured", 20)) { made["cm"] = next_context_++; }
        return made;
    }

    json reenter(bool is_in_body) {
        if (is_in_body) { return {}; }
        const auto found = handle(contexts_, [](const context& c) { return !c.is_open; });
        return found ? json{{"op", "reenter"}, {"cm", *found}} : json();
    }

    json get_variable(bool is_in_body) {
        json made{{"op", pick<const char*>({"get_variable", "get_variable", "get_variable", "get_local_variable", "scope_get_variable"})}};
        made["name"] = variable_name();
        if (made["op"] == "scope_get_variable") {
            const auto object = is_in_body ? std::nullopt : scope();
            if (object && chance(60)) { made["scope"] = *object; }
            if (chance(70)) { made["reuse"] = reuse(); }
        }
        const bool is_cut = may("partitioners", 40);
        if (is_cut) { made["partitioner"] = partitioner(); }
        if (chance(85)) { made["shape"] = shape(is_cut); }
        if (may("dtypes", 20)) { made["dtype"] = dtype(); }
        if (chance(25)) { made["initializer"] = is_in_body ? by_shape() : initializer(true); }
        if (chance(10)) { made["regularizer"] = regularizer(); }
        if (chance(10)) { made["trainable"] = chance(30); }
        if (may("lists", 20)) { made["collections"] = collections(); }
        if (may("getters", 12)) { made["custom_getter"] = getter(); }
        if (chance(5)) { made["constraint"] = "k3"; }
        if (chance(4)) { made["validate_shape"] = false; }
        return made;
    }

    json variable(bool is_in_body) {
        json made{{"op", "variable"}};
        if (chance(85)) { made["name"] = variable_name(); }
        if (chance(95)) {
            made["initial_value"] = chance(5) ? by_shape() : chance(20) ? function() : json{{"value", value()}};
            if (!is_in_body && chance(10)) { made["initial_value"] = initializer(true); }
        }
        if (may("dtypes", 20)) { made["dtype"] = dtype(); }
        if (chance(15)) { made["trainable"] = chance(30); }
        if (may("lists", 20)) { made["collections"] = collections(); }
        if (chance(5)) { made["constraint"] = "k3"; }
        if (chance(5)) { made["validate_shape"] = false; }
        return made;
    }

    json make_op(bool is_in_body) {
        json made{{"op", "op"}, {"type", pick<const char*>({"constant", "placeholder", "no_op", "negative", "square", "identity", "add", "subtract",
                                                           "multiply", "op_add", "op_mul", "op_neg"})}};
        const std::string type = made["type"];
        if (!type.starts_with("op_") && chance(60)) { made["name"] = op_name(); }
        if (type == "constant") {
            made["value"] = pick(json{1.0, json{1.0, 2.0}, 1, 2.0});
            return made;
        }
        if (type == "placeholder") {
            if (chance(70)) { made["shape"] = pick(json{json{1}, json{2}, json{nullptr, 2}}); }
            return made;
        }
        if (type == "no_op") { return made; }
        const bool is_unary = type == "negative" || type == "square" || type == "identity" || type == "op_neg";
        std::optional<json> in;
        if (!is_in_body) {
            in = operand(pick<const char*>({"v", "t"}), [](const auto& v) { return !v.is_whole && !v.dtype.empty() && v.dtype != "bool"; });
        }
        if (!in) {
            if (type.starts_with("op_")) { return {}; } // needs a tensor
            made["in"] = is_unary ? json{2.0} : json{2.0, 0.5};
            return made;
        }
        made["in"] = json::array({*in});
        if (!is_unary) {
            const auto& known = in->contains("v") ? variables_[(*in)["v"].get<std::size_t>()] : tensors_[(*in)["t"].get<std::size_t>()];
            made["in"].push_back(known.dtype == "float32" && chance(40) ? json(2.0) : *in);
        }
        return made;
    }

    json unique_name() {
        json made{{"op", "unique_name"}, {"name", chance(50) ? op_name() : scope_name()}};
        if (made["name"].is_null()) { made["name"] = "v"; }
        if (chance(40)) { made["mark"] = chance(20); }
        return made;
    }

    json query(bool is_in_body) {
        const auto with_scope = [&](json made) {
            const auto object = is_in_body ? std::nullopt : scope();
            if (object && chance(50)) { made["scope"] = *object; }
            return made;
        };
        const auto with_pattern = [&](json made) {
            if (chance(50)) { made["scope"] = pattern(); }
            return made;
        };
        const json which = pick<const char*>({"global", "trainable", "local"});
        switch (below(9)) {
        case 0: return {{"op", "where"}};
        case 1: return with_scope({{"op", "scope_info"}});
        case 2: return with_pattern({{"op", "collection"}, {"key", list_key()}});
        case 3: return with_pattern({{"op", "variables"}, {"which", chance(20) ? json("model") : which}});
        case 4: return with_pattern({{"op", "regularization_losses"}});
        case 5: return with_scope({{"op", "scope_variables"}, {"which", which}});
        case 6: return with_scope({{"op", "scope_collection"}, {"key", list_key()}});
        default: break;
        }
        if (is_in_body) { return {}; }
        const auto single = [](const auto& v) { return !v.is_whole; };
        if (chance(50)) {
            const auto v = operand("v", single);
            return v ? json{{"op", "collections_of"}, {"v", (*v)["v"]}} : json();
        }
        const char* const kind = pick<const char*>({"v", "v", "t"});
        const auto item = operand(kind, single);
        if (!item) { return {}; }
        return {{"op", "add_to_collection"}, {"key", *kind == 'v' ? list_key() : pick(json{"c1", "c2"})}, {"item", *item}};
    }

    json change_scope(bool is_in_body) {
        const auto with_scope = [&](json made) {
            const auto object = is_in_body ? std::nullopt : scope();
            if (object && chance(60)) { made["scope"] = *object; }
            return made;
        };
        if (chance(30)) { return may("reuse", 60) ? with_scope({{"op", "reuse_variables"}}) : json(); }
        if (is_in_body) { return {}; }
        if (chance(40)) {
            json made{{"op", "get_variable_scope"}};
            if (may("captured", 80)) { made["as"] = next_scope_++; }
            return made;
        }
        if (!has("defaults")) { return {}; }
        json made = with_scope({{"op", "scope_set"}});
        switch (below(4)) {
        case 0: made["dtype"] = float_dtype(); break;
        case 1: made["initializer"] = initializer(false); break;
        case 2: made["regularizer"] = regularizer(); break;
        default:
            if (!has("getters")) { return {}; }
            made["custom_getter"] = getter();
        }
        return made;
    }

    json template_step(bool is_in_body) {
        if (!has("templates")) { return {}; }
        const auto usable = [&] {
            std::vector<std::size_t> found;
            for (std::size_t i = 0; i < templates_.size(); ++i) {
                if (templates_[i].is_usable) { found.push_back(i); }
            }
            return found;
        }();
        if (is_in_body || chance(65)) {
            if (usable.empty()) { return {}; }
            const bool is_told = !is_in_body && chance(25);
            return {{"op", is_told ? "template_info" : "call_template"}, {"tmpl", usable[below(usable.size())]}};
        }
        json made{{"op", "make_template"}, {"name", pick<const char*>({"t", "t", "t_1", "a", "v"})}, {"as", next_template_++}, {"body", body()}};
        if (chance(20)) { made["unique_name"] = pick<const char*>({"u", "a", "t"}); }
        if (chance(30)) { made["create_scope_now"] = true; }
        if (may("getters", 20)) { made["custom_getter"] = getter(); }
        return made;
    }

    json body() {
        json steps = json::array();
        std::size_t open = 0;
        for (std::size_t left = 1 + below(6); left > 0; --left) {
            json made = step(true);
            if (made.is_null()) { continue; }
            open += begins(made["op"]) ? 1 : 0;
            steps.push_back(std::move(made));
            if (open > 0 && chance(40)) {
                steps.push_back({{"op", "end"}});
                --open;
            }
        }
        for (; open > 0; --open) { steps.push_back({{"op", "end"}}); }
        return steps;
    }

    std::mt19937 engine_;
    std::size_t length_;
    std::size_t count_ = 0;
    std::set<std::string> features_;
    std::vector<block> blocks_;
    std::vector<std::string> graph_in_force_; // the innermost last; empty: the default one
    std::vector<result> variables_;
    std::vector<result> tensors_;
    std::map<std::size_t, std::string> scopes_; // the graph where each was kept
    std::map<std::size_t, context> contexts_;
    std::vector<template_> templates_;
    std::size_t next_scope_ = 0;
    std::size_t next_context_ = 0;
    std::size_t next_template_ = 0;
};

} // namespace laws
