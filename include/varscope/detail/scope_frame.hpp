/// \file
/// The open scopes of one thread: what a scope is made of, and the stack that it stands in.
#pragma once

#include <varscope/detail/digest.hpp>
#include <varscope/detail/scope_counts.hpp>
#include <varscope/detail/small_text.hpp>
#include <varscope/dtype.hpp>
#include <varscope/initializer.hpp>
#include <varscope/name.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace varscope {

class graph;

/// What `get_variable` does with a name that is known, and with one that is not.
enum class reuse_mode : std::uint8_t {
    inherit,    ///< as the enclosing scope; at the root: create only, a known name is an error
                ///< (TensorFlow's None and False)
    reuse,      ///< share only: an unknown name is an error (True)
    auto_reuse, ///< share what is known and create what is not (tf.AUTO_REUSE)
};
inline constexpr reuse_mode reuse = reuse_mode::reuse;
inline constexpr reuse_mode auto_reuse = reuse_mode::auto_reuse;

namespace detail {

/// A name scope: one or more components below another one. The root has none: a null pointer stands
/// for it.
struct name_link {
    const name_link* outer = nullptr;
    mutable digest id{};         // of the full path, letter case folded ...
    mutable bool has_id = false; // ... once somebody asked
    small_text text;             // the components as asked for ...
    std::uint32_t suffix = 0;    // ... and the number that made them unique
};

/// `name` or `name_<suffix>` appended to `path`.
inline void append_suffixed(std::string& path, std::string_view name, std::uint32_t suffix) {
    path += name;
    if (suffix > 0) {
        path += '_';
        path += std::to_string(suffix);
    }
}

/// The digest of the full path, letter case folded. Worked out for scopes that something is named
/// in, not for all.
[[nodiscard]] inline digest id_of(const name_link* link) {
    if (link == nullptr) { return root_digest; }
    if (!link->has_id) {
        std::string unique;
        append_suffixed(unique, link->text.view(), link->suffix);
        link->id = extend(id_of(link->outer), unique, letter_case::folded);
        link->has_id = true;
    }
    return link->id;
}

/// The full path, without '/' at its end.
[[nodiscard]] inline std::string path_of(const name_link* link) {
    if (link == nullptr) { return {}; }
    std::string path = path_of(link->outer);
    if (link->outer != nullptr) { path += '/'; }
    append_suffixed(path, link->text.view(), link->suffix);
    return path;
}

/// A variable scope: a path, and what holds for the variables asked for in it.
struct scope_state {
    const scope_state* prefix =
        nullptr; // the path of which `text` is the rest; null: `text` is all of it
    small_text text;
    std::uint32_t suffix = 0; // made a default name unique
    digest id = root_digest;  // of the full path
    reuse_mode reuse = reuse_mode::inherit;
    dtype type = dtype::float32;
    initializer own_initializer;
    const initializer* inherited_initializer = nullptr; // the enclosing scope's
    const name_link* original = nullptr; // the name scope it was first opened with ...
    std::string original_text;           // ... once that may be gone
    bool has_original_text = false;

    [[nodiscard]] const initializer* active_initializer() const noexcept {
        return own_initializer ? &own_initializer : inherited_initializer;
    }

    [[nodiscard]] std::string name() const {
        std::string path = prefix == nullptr ? std::string() : prefix->name();
        if (!path.empty()) { path += '/'; }
        append_suffixed(path, text.view(), suffix);
        return path;
    }

    /// With '/' at its end; empty if there is none.
    [[nodiscard]] std::string original_name_scope() const {
        if (has_original_text) { return original_text; }
        return original == nullptr ? std::string() : path_of(original) + '/';
    }
};

/// Where a scope's state is: in the guard that opened it, until somebody wants to keep it.
class scope_slot {
public:
    [[nodiscard]] scope_state& state() noexcept { return kept_ ? *kept_ : own_; }

    /// The state, shared with the open scope and independent of every guard's lifetime.
    [[nodiscard]] const std::shared_ptr<scope_state>& keep() {
        if (!kept_) {
            auto copy = std::make_shared<scope_state>();
            copy->text.assign(own_.name());
            copy->id = own_.id;
            copy->reuse = own_.reuse;
            copy->type = own_.type;
            if (const initializer* active = own_.active_initializer()) {
                copy->own_initializer = *active;
            }
            copy->original_text = own_.original_name_scope();
            copy->has_original_text = true;
            kept_ = std::move(copy);
        }
        return kept_;
    }

    scope_counts::scope* counts = nullptr;

private:
    scope_state own_;
    std::shared_ptr<scope_state> kept_;
};

struct thread_scopes;

/// One open block. Lives in its guard; the innermost one is known to the thread.
struct scope_frame {
    scope_frame* outer = nullptr;
    thread_scopes* thread = nullptr;
    const name_link* names = nullptr; // the name scope in force
    scope_slot* scope = nullptr;      // the variable scope in force
};

/// The open scopes of one thread in one graph.
struct thread_scopes {
    explicit thread_scopes(graph& g) noexcept : owner{&g} {
        root.counts = &counts.root();
        base = {nullptr, this, nullptr, &root};
    }
    thread_scopes(const thread_scopes&) = delete;
    thread_scopes& operator=(const thread_scopes&) = delete;
    thread_scopes(thread_scopes&&) = delete;
    thread_scopes& operator=(thread_scopes&&) = delete;
    ~thread_scopes() = default;

    void push(scope_frame& frame) noexcept {
        frame.outer = innermost;
        innermost = &frame;
    }
    void pop(const scope_frame& frame) noexcept {
        if (innermost != &frame) {
            std::fputs("varscope: a scope was left that is not the innermost one of its thread\n"
                       "  guards must be destroyed in the reverse order of their creation, in the "
                       "same thread\n",
                stderr);
            std::abort();
        }
        innermost = frame.outer;
    }

    graph* owner;
    scope_counts counts;
    scope_slot root;
    scope_frame base;
    scope_frame* innermost = &base;
};

} // namespace detail
} // namespace varscope
