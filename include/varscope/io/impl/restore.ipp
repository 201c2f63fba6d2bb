// See restore.hpp.
#pragma once

#include <varscope/base/nearest_names.hpp>
#include <varscope/graph/any_variable.hpp>
#include <varscope/graph/graph_state.hpp>
#include <varscope/io/bundle.hpp>
#include <varscope/io/restore.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/variable/variable_lists.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

/// What keeps a checkpoint from fitting a graph: all of it, so that one look is enough.
class restore_problems {
public:
    explicit restore_problems(const io::bundle_reader& file) noexcept : file_{file} {}

    void add_other(const any_variable& v, const io::bundle_entry& entry);
    /// \param name  under which it was looked for.
    void add_missing(const any_variable& v, std::string_view name);

    void throw_if_any(const std::source_location& where) const;

private:
    static constexpr std::size_t shown = 20;

    /// Begins the line of a variable; false if there are too many.
    [[nodiscard]] bool begin(const any_variable& v);

    const io::bundle_reader& file_;
    std::vector<std::string_view> names_; // of the file, once they are needed
    std::size_t looked_at_ = 0;           // names so far, for all messages
    std::size_t count_ = 0;
    std::string text_;
};

/// One restore under way.
class restoring {
public:
    restoring(graph& g, const std::filesystem::path& path, restore_options options,
        const std::source_location& where)
        : graph_{g}
        , file_{path, where}
        , options_{options}
        , where_{where} {}

    restore_report operator()();

private:
    /// A tensor of the file, and the variable that it is the value of: one by itself, or a whole.
    struct pair {
        any_variable variable;
        const io::bundle_entry* entry;
        std::vector<any_variable> parts = {}; // of a whole: those that are restored
        element_memory::elements elements = {};
    };

    /// Finds the variable in the file. TensorFlow's Saver stores parts as slices of one tensor that
    /// is named like the whole (SaveSliceInfo.full_name, TensorFlow 1.15); what was stored without
    /// that knowledge is found under the part's own name.
    void match(const any_variable& v, restore_problems& problems);
    void restore_part(pair& whole, const any_variable& part);

    void read();

    /// Gives the variables what was read. All that can fail comes first.
    void give();
    /// Whether only some parts of a whole are restored: the others are in no list of variables.
    [[nodiscard]] static bool is_divided(const pair& p) {
        return p.variable.is_partitioned() && p.parts.size() < p.variable.parts().size();
    }

    static constexpr std::size_t refused = static_cast<std::size_t>(-1);

    graph& graph_;
    io::bundle_reader file_;
    restore_options options_;
    const std::source_location& where_;
    restore_report report_;
    std::vector<pair> pairs_;
    std::unordered_map<const variable_node*, std::size_t> wholes_; // their numbers in pairs_
    std::vector<std::string_view> used_;                           // names in the file
};

VARSCOPE_INLINE void restore_problems::add_other(
    const any_variable& v, const io::bundle_entry& entry) {
    if (!begin(v)) { return; }
    text_ += "has " + to_string(v.shape()) + ' ' + std::string(to_string(v.dtype())) +
        " here and " + to_string(entry.shape) + ' ' + entry.type_name + " in the file";
}

VARSCOPE_INLINE void restore_problems::add_missing(const any_variable& v, std::string_view name) {
    if (!begin(v)) { return; }
    text_ += "is not in the file";
    if (name != v.op_name()) { text_ += ", nor is '" + std::string(name) + '\''; }
    // A wrong prefix is seen from the first names, and large files have many to compare with.
    if (names_.empty()) {
        for (const io::bundle_entry& entry : file_.entries()) { names_.push_back(entry.name); }
    }
    looked_at_ += names_.size();
    if (looked_at_ <= 2 * names_looked_at || looked_at_ == names_.size()) {
        text_ += nearest_line(nearest_names(names_, name, 3), "; nearest there: ");
    }
}

VARSCOPE_INLINE void restore_problems::throw_if_any(const std::source_location& where) const {
    if (count_ == 0) { return; }
    const std::string prefix = file_.prefix().string();
    const std::string more =
        count_ > shown ? "\n  ... and " + std::to_string(count_ - shown) + " more" : "";
    throw checkpoint_error("checkpoint '" + prefix + "' does not fit the graph" + text_ + more +
            "\n  asked for at " + to_string(where) +
            "\n  nothing was restored; build the graph that was saved, or pass "
            "{.on_missing = vs::on_missing::keep} to leave out what the file does not have",
        {prefix, where});
}

VARSCOPE_INLINE bool restore_problems::begin(const any_variable& v) {
    if (count_++ >= shown) { return false; }
    text_ += "\n  variable '" + std::string(v.is_partitioned() ? v.key() : v.op_name()) +
        "', created at " + to_string(v.defined_at()) + ", ";
    return true;
}

VARSCOPE_INLINE restore_report restoring::operator()() {
    restore_problems problems(file_);
    for (const any_variable v : global_variables(graph_)) { match(v, problems); }
    problems.throw_if_any(where_);
    std::ranges::sort(used_);
    for (const io::bundle_entry& entry : file_.entries()) {
        if (!std::ranges::binary_search(used_, std::string_view(entry.name))) {
            report_.not_used.push_back(entry.name);
        }
    }
    read();
    give();
    return std::move(report_);
}

VARSCOPE_INLINE void restoring::match(const any_variable& v, restore_problems& problems) {
    const std::optional<any_variable> whole = v.whole();
    if (whole) {
        if (const auto known = wholes_.find(&whole->node()); known != wholes_.end()) {
            if (known->second != refused) { restore_part(pairs_[known->second], v); }
            return;
        }
    }
    const io::bundle_entry* entry = whole ? file_.find(whole->key()) : nullptr;
    const any_variable target = entry != nullptr ? *whole : v;
    if (entry == nullptr) { entry = file_.find(v.op_name()); }
    if (entry == nullptr) {
        report_.missing.emplace_back(v.op_name());
        if (options_.on_missing == on_missing::refuse) {
            problems.add_missing(v, whole ? whole->key() : v.op_name());
        }
        return;
    }
    const bool fits = entry->type == target.dtype() && entry->shape == target.shape();
    if (target.is_partitioned()) {
        wholes_.emplace(&target.node(), fits ? pairs_.size() : refused);
    }
    used_.push_back(entry->name);
    if (!fits) { return problems.add_other(target, *entry); }
    pairs_.push_back({target, entry});
    if (target.is_partitioned()) {
        restore_part(pairs_.back(), v);
    } else {
        report_.restored.emplace_back(v.op_name());
    }
}

VARSCOPE_INLINE void restoring::restore_part(pair& whole, const any_variable& part) {
    whole.parts.push_back(part);
    report_.restored.emplace_back(part.op_name());
}

VARSCOPE_INLINE void restoring::read() {
    for (pair& p : pairs_) {
        p.elements = element_memory::allocate(p.variable.node());
        file_.read(
            *p.entry, {static_cast<std::byte*>(p.elements.get()), p.variable.bytes()}, where_);
    }
}

VARSCOPE_INLINE void restoring::give() {
    graph_.with_elements([&](element_memory& memory) {
        memory.reserve_adoptions(pairs_.size());
        for (const pair& p : pairs_) {
            if (const auto whole = p.variable.whole()) { memory.make_block(whole->node()); }
            if (is_divided(p)) { memory.make_block(p.variable.node()); }
        }
        for (pair& p : pairs_) {
            if (is_divided(p)) {
                for (const any_variable& part : p.parts) {
                    memory.assign_slice(part.node(), p.elements.get());
                }
            } else {
                memory.adopt(p.variable.node(), std::move(p.elements));
            }
        }
    });
}

} // namespace varscope::inline VARSCOPE_ABI::detail

namespace varscope::inline VARSCOPE_ABI {

VARSCOPE_INLINE restore_report restore(graph& g, const std::filesystem::path& path,
    restore_options options, std::source_location where) {
    return detail::restoring(g, path, options, where)();
}
VARSCOPE_INLINE restore_report restore(
    const std::filesystem::path& path, restore_options options, std::source_location where) {
    return restore(current_graph(), path, options, where);
}

} // namespace varscope::inline VARSCOPE_ABI
