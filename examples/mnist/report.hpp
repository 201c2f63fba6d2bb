/// \file
/// What the example prints: what was restored, a table of mistakes, pictures.
#pragma once

#include <varscope/io/restore.hpp>

#include <xtensor/xtensor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iomanip>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace mnist {

/// The names of both kinds. What an optimiser keeps beside each variable (`<variable>/Adam`) is
/// counted.
inline void print(std::ostream& out, const varscope::restore_report& report) {
    out << report.restored.size() << " variables restored:\n";
    for (const auto& name : report.restored) { out << "  " << name << '\n'; }
    out << report.not_used.size() << " tensors not used:\n";
    std::map<std::string_view, std::size_t> kept_beside;
    for (const std::string_view name : report.not_used) {
        const std::size_t slash = std::min(name.rfind('/'), name.size());
        if (std::ranges::count(report.restored, name.substr(0, slash)) > 0) {
            ++kept_beside[name.substr(slash)];
        } else {
            out << "  " << name << '\n';
        }
    }
    for (const auto& [ending, count] : kept_beside) {
        out << "  <variable>" << ending << ", of " << count << '\n';
    }
}

/// How often images with a label (row) were taken for a digit (column).
inline void print_confusion(std::ostream& out, const xt::xtensor<std::size_t, 2>& counts) {
    out << "   ";
    for (std::size_t digit = 0; digit < counts.shape(1); ++digit) { out << std::setw(6) << digit; }
    out << '\n';
    for (std::size_t label = 0; label < counts.shape(0); ++label) {
        out << "  " << label;
        for (std::size_t digit = 0; digit < counts.shape(1); ++digit) {
            const std::size_t count = counts(label, digit);
            out << std::setw(6) << (count > 0 ? std::to_string(count) : ".");
        }
        out << '\n';
    }
}

struct picture {
    std::size_t index; // in the array of pictures
    std::string caption;
};

/// Draws some of the grey images (image, row, column) side by side. A character stands for two
/// pixels, one above the other, as it is about twice as high as wide. Lines without ink are left
/// out.
inline void draw(std::ostream& out, const xt::xtensor<std::uint8_t, 3>& images,
    const std::vector<picture>& pictures) {
    constexpr std::string_view greys = " .:-=+*#%@";
    const std::size_t width = images.shape(2);
    std::vector<std::string> lines(1 + images.shape(1) / 2);
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        for (auto& line : lines) { line.resize(i * (width + 4), ' '); }
        lines[0] += pictures[i].caption;
        for (std::size_t line = 1; line < lines.size(); ++line) {
            for (std::size_t column = 0; column < width; ++column) {
                const std::size_t upper = images(pictures[i].index, 2 * line - 2, column);
                const std::size_t lower = images(pictures[i].index, 2 * line - 1, column);
                lines[line] += greys[(upper + lower) * (greys.size() - 1) / (2 * 255)];
            }
        }
    }
    for (const std::string_view line : lines) {
        const std::size_t last = line.find_last_not_of(' ');
        if (last != std::string_view::npos) { out << line.substr(0, last + 1) << '\n'; }
    }
}

} // namespace mnist
