/// \file
/// The words that random programs are made of: names, shapes, values, initializers, getters.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <set>
#include <string>

namespace laws {

using nlohmann::json;

/// Picks arguments by chance, the same for the same seed on every platform.
///
/// Names come from a small alphabet, so that they clash often. Each vocabulary leaves out some features, so that the
/// others meet undisturbed.
class vocabulary {
public:
    explicit vocabulary(std::uint32_t seed) : engine_{seed} {
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

    std::size_t below(std::size_t n) { return engine_() % n; }
    bool chance(std::size_t percent) { return below(100) < percent; }
    template <class T>
    T pick(std::initializer_list<T> from) {
        return *(from.begin() + below(from.size()));
    }
    json pick(const json& from) { return from[below(from.size())]; }
    [[nodiscard]] bool has(const char* feature) const { return features_.contains(feature); }
    bool may(const char* feature, std::size_t percent) { return has(feature) && chance(percent); }

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

private:
    std::mt19937 engine_;
    std::set<std::string> features_;
};

} // namespace laws
