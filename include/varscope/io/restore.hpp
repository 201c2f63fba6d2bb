/// \file
/// Giving variables the values that a checkpoint holds under their names.
#pragma once

#include <varscope/any_variable.hpp>
#include <varscope/current_graph.hpp>
#include <varscope/detail/nearest_names.hpp>
#include <varscope/io/bundle.hpp>
#include <varscope/variable_lists.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varscope {

/// What happens to a variable that the checkpoint does not have.
enum class on_missing : std::uint8_t {
    refuse, ///< an error
    keep,   ///< it keeps its value, and is reported
};

struct restore_options {
    varscope::on_missing on_missing = varscope::on_missing::refuse;
};

/// What a restore did, by op name; each list in the order of the graph or of the file.
struct restore_report {
    std::vector<std::string> restored; ///< variables that took their value from the file
    std::vector<std::string> missing;  ///< variables that the file does not have
    std::vector<std::string> not_used; ///< tensors in the file that are no variable of the graph
};

namespace detail {

/// What keeps a checkpoint from fitting a graph: all of it, so that one look is enough.
class restore_problems {
public:
    void add(const any_variable& v, const std::string& what) {
        if (count_++ < shown) {
            text_ += "\n  variable '" + std::string(v.op_name()) + "', created at " +
                to_string(v.defined_at()) + ", " + what;
        }
    }

    void throw_if_any(
        const std::filesystem::path& prefix, const std::source_location& where) const {
        if (count_ == 0) { return; }
        const std::string more =
            count_ > shown ? "\n  ... and " + std::to_string(count_ - shown) + " more" : "";
        throw checkpoint_error("checkpoint '" + prefix.string() + "' does not fit the graph" +
                text_ + more + "\n  asked for at " + to_string(where) +
                "\n  nothing was restored; build the graph that was saved, or pass "
                "{.on_missing = vs::on_missing::keep} to leave out what the file does not have",
            {prefix.string(), where});
    }

private:
    static constexpr std::size_t shown = 20;
    std::size_t count_ = 0;
    std::string text_;
};

/// Up to three names in the checkpoint that may be meant: those that end like this one, or are
/// spelled alike.
[[nodiscard]] inline std::string similar_names(
    const io::bundle_reader& file, std::string_view name) {
    std::vector<std::pair<std::size_t, std::string_view>> found;
    for (const auto& entry : file.entries()) {
        const bool is_inside =
            entry.name.ends_with('/' + std::string(name)) || name.ends_with('/' + entry.name);
        const std::size_t distance = is_inside ? 0 : edit_distance(name, entry.name);
        if (distance <= name.size() / 3 + 1) { found.emplace_back(distance, entry.name); }
        if (found.size() > 1000) { break; }
    }
    std::ranges::stable_sort(found, {}, &std::pair<std::size_t, std::string_view>::first);
    std::vector<std::string> nearest;
    for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 3); ++i) {
        nearest.emplace_back(found[i].second);
    }
    return nearest_line(nearest, "; nearest there: ");
}

} // namespace detail

/// Reads the global variables of `g` from a checkpoint that TensorFlow wrote (version 2), by op
/// name.
///
/// All names, shapes, element types and checksums are checked before any variable changes: after a
/// throw all of them are as before. Variables that had no memory yet are read into place. Tensors
/// that are no variable here are left alone.
///
/// \param path  "folder/model.ckpt-100", or one of its files.
/// \throws checkpoint_error  a file is missing or damaged; a variable is missing from it (unless
/// `on_missing` says
///                           otherwise), or has another shape or element type there.
/// Safe from any thread, beside all uses of other variables. Follows tf.train.Saver.restore.
inline restore_report restore(graph& g, const std::filesystem::path& path,
    restore_options options = {}, std::source_location where = std::source_location::current()) {
    const io::bundle_reader file(path, where);
    struct match {
        any_variable variable;
        const io::bundle_entry* entry;
    };
    restore_report report;
    detail::restore_problems problems;
    std::vector<match> matches;
    std::vector<std::string_view> used;
    for (const any_variable& v : global_variables(g)) {
        const io::bundle_entry* const entry = file.find(v.op_name());
        if (entry == nullptr) {
            report.missing.emplace_back(v.op_name());
            if (options.on_missing == on_missing::refuse) {
                problems.add(v, "is not in the file" + detail::similar_names(file, v.op_name()));
            }
            continue;
        }
        used.push_back(entry->name);
        if (entry->type != v.dtype() || entry->shape != v.shape()) {
            problems.add(v,
                "has " + to_string(v.shape()) + ' ' + std::string(to_string(v.dtype())) +
                    " here and " + to_string(entry->shape) + ' ' + entry->type_name +
                    " in the file");
            continue;
        }
        report.restored.emplace_back(v.op_name());
        matches.push_back({v, entry});
    }
    problems.throw_if_any(file.prefix(), where);
    std::ranges::sort(used);
    for (const auto& entry : file.entries()) {
        if (!std::ranges::binary_search(used, std::string_view(entry.name))) {
            report.not_used.push_back(entry.name);
        }
    }

    std::vector<graph::elements> elements;
    elements.reserve(matches.size());
    for (const match& m : matches) {
        elements.push_back(g.allocate(m.variable.node()));
        file.read(
            *m.entry, {static_cast<std::byte*>(elements.back().get()), m.variable.bytes()}, where);
    }
    g.reserve_adoptions(matches.size());
    for (std::size_t i = 0; i < matches.size(); ++i) {
        g.adopt(matches[i].variable.node(), std::move(elements[i]));
    }
    return report;
}

/// The same for the graph in force.
inline restore_report restore(const std::filesystem::path& path, restore_options options = {},
    std::source_location where = std::source_location::current()) {
    return restore(current_graph(), path, options, where);
}

} // namespace varscope
