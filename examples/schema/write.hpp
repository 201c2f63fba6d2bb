/// \file
/// Writing a schema as a C++ header.
#pragma once

#include "arrange.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace schema_tool {

/// Whether a struct can have this name, and stand at namespace scope in every program.
[[nodiscard]] inline bool is_struct_name(std::string_view text) {
    // Keywords, names that the header uses itself, and macros of compilers and of the C library.
    static constexpr auto taken = std::to_array<std::string_view>({"EOF", "NULL", "alignas",
        "alignof", "and", "and_eq", "asm", "assert", "auto", "bitand", "bitor", "bool", "boost",
        "break", "case", "catch", "char", "char16_t", "char32_t", "char8_t", "class", "co_await",
        "co_return", "co_yield", "compl", "concept", "const", "const_cast", "consteval",
        "constexpr", "constinit", "continue", "decltype", "default", "delete", "do", "double",
        "dynamic_cast", "else", "enum", "errno", "explicit", "export", "extern", "false", "float",
        "for", "friend", "goto", "if", "inline", "int", "layout", "linux", "long", "main",
        "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or",
        "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "requires",
        "return", "short", "signed", "sizeof", "static", "static_assert", "static_cast", "std",
        "struct", "switch", "template", "this", "thread_local", "throw", "true", "try", "typedef",
        "typeid", "typename", "union", "unix", "unsigned", "using", "varscope", "virtual", "void",
        "volatile", "wchar_t", "while", "xor", "xor_eq", "xt"});
    static_assert(std::ranges::is_sorted(taken));
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && text.front() != '_' && is_letter(text.front()) &&
        text.find("__") == std::string_view::npos &&
        std::ranges::all_of(text, [&](char c) { return is_letter(c) || is_digit(c); }) &&
        !std::ranges::binary_search(taken, text);
}

/// A name for the struct that is as like a model's as it can be.
[[nodiscard]] inline std::string struct_name_of(std::string_view model) {
    std::string name;
    for (const char c : model.substr(0, 60)) {
        const bool is_kept =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (is_kept) {
            name += c;
        } else if (!name.empty() && name.back() != '_') {
            name += '_';
        }
    }
    while (name.ends_with('_')) { name.pop_back(); }
    if (is_struct_name(name)) { return name; }
    return name.empty() ? "model" : "model_" + name;
}

namespace detail {

/// 354823168 is 354'823'168.
[[nodiscard]] inline std::string with_separators(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3;) { text.insert(at -= 3, 1, '\''); }
    return text;
}

[[nodiscard]] inline std::string_view cpp_name(vs::dtype type) {
    switch (type) {
    case vs::dtype::float16: return "varscope::float16";
    case vs::dtype::bfloat16: return "varscope::bfloat16";
    case vs::dtype::float32: return "float";
    case vs::dtype::float64: return "double";
    case vs::dtype::int8: return "std::int8_t";
    case vs::dtype::int16: return "std::int16_t";
    case vs::dtype::int32: return "std::int32_t";
    case vs::dtype::int64: return "std::int64_t";
    case vs::dtype::uint8: return "std::uint8_t";
    case vs::dtype::uint16: return "std::uint16_t";
    case vs::dtype::uint32: return "std::uint32_t";
    case vs::dtype::uint64: return "std::uint64_t";
    case vs::dtype::boolean: return "bool";
    case vs::dtype::complex64: return "std::complex<float>";
    case vs::dtype::complex128: break;
    }
    return "std::complex<double>";
}

/// Writes the parts of a schema as the arguments of a function, one a line.
class part_writer {
public:
    /// As one expression.
    void write_layout(std::span<const part> parts) {
        if (parts.size() == 1) {
            write(parts.front(), 4);
        } else {
            text_ += "varscope::group(";
            write_all(parts, 8);
            text_ += ')';
        }
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    static constexpr std::size_t columns = 100;
    // Of arguments: compilers do not take calls and folds of any length (Clang: 256).
    static constexpr std::size_t most = 100;

    void write_all(std::span<const part> parts, std::size_t indent) {
        std::size_t size = most; // of a group
        while (parts.size() > size * most) { size *= most; }
        bool is_first = true;
        const auto next = [&] {
            text_ += (std::exchange(is_first, false) ? "\n" : ",\n") + std::string(indent, ' ');
        };
        if (parts.size() <= most) {
            for (const part& p : parts) {
                next();
                write(p, indent);
            }
            return;
        }
        for (; !parts.empty(); parts = parts.subspan(std::min(size, parts.size()))) {
            next();
            text_ += "varscope::group(";
            write_all(parts.first(std::min(size, parts.size())), indent + 4);
            text_ += ')';
        }
    }

    void write(const part& p, std::size_t indent) {
        if (p.declared != nullptr) { return write_variable(p, indent); }
        text_ += p.times > 1 ? "varscope::repeat<" + std::to_string(p.times) + ">("
                             : std::string("varscope::scope(");
        text_ += '"' + std::string(p.name) + "\",";
        write_all(p.parts, indent + 4);
        text_ += ')';
    }

    void write_variable(const part& p, std::size_t indent) {
        const variable& v = *p.declared;
        std::string type = "varscope::var<" + std::string(cpp_name(v.type));
        for (const std::int64_t dimension : v.dimensions) {
            type += ", " + std::to_string(dimension);
        }
        type += ">(";
        const std::string name = '"' + std::string(p.name) + '"';
        std::string options;
        if (!v.initializer.empty()) { options = ".initializer = " + v.initializer; }
        if (!v.is_trainable) {
            options += (options.empty() ? "" : ", ") + std::string(".trainable = false");
        }
        if (!options.empty()) { options = '{' + options + '}'; }

        // On as few lines as there is room for, with what may follow: "))),".
        constexpr std::size_t behind = 8;
        const std::string more = '\n' + std::string(indent + 4, ' ');
        std::size_t used = indent + type.size() + name.size() + behind;
        text_ += type;
        if (used > columns) {
            text_ += more;
            used = indent + 4 + name.size() + behind;
        }
        text_ += name;
        if (!options.empty()) {
            text_ += used + 2 + options.size() > columns ? ',' + more : ", ";
            text_ += options;
        }
        text_ += ')';
    }

    std::string text_;
};

} // namespace detail

/// The text of a header that declares these variables, which are checked, as `struct name`.
[[nodiscard]] inline std::string write_header(const variable_list& list, const std::string& name) {
    detail::part_writer layout;
    layout.write_layout(arrange(list.variables));

    std::set<std::string_view> own{"#include <varscope/schema/schema.hpp>\n"};
    std::set<std::string_view> standard;
    for (const variable& v : list.variables) {
        const std::string_view type = detail::cpp_name(v.type);
        if (type.find("int") != type.npos) { standard.insert("#include <cstdint>\n"); }
        if (vs::is_complex(v.type)) { standard.insert("#include <complex>\n"); }
        if (type.starts_with("varscope::")) { own.insert("#include <varscope/base/dtype.hpp>\n"); }
        if (!v.initializer.empty()) { own.insert("#include <varscope/initializers/initializers.hpp>\n"); }
    }
    std::string text =
        "/// \\file\n/// The variables of a model as a schema, written by varscope_schema.\n"
        "#pragma once\n\n";
    for (const std::string_view line : own) { text += line; }
    if (!standard.empty()) { text += '\n'; }
    for (const std::string_view line : standard) { text += line; }
    text += "\nstruct " + name + " {\n    static constexpr auto layout = " + layout.text() +
        ";\n};\n\nstatic_assert(varscope::schema<" + name +
        ">::variable_count == " + detail::with_separators(list.variables.size()) +
        ");\nstatic_assert(varscope::schema<" + name +
        ">::parameter_count == " + detail::with_separators(list.parameter_count) + ");\n";
    return text;
}

} // namespace schema_tool
