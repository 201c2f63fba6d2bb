/// \file
/// Creating the variables that nothing special was said of, which most are.
#pragma once

#include <varscope/base/observed_mutex.hpp>
#include <varscope/graph/graph.hpp>
#include <varscope/names/name.hpp>
#include <varscope/scope/ambient.hpp>
#include <varscope/scope/current_graph.hpp>
#include <varscope/variable/get_or_create.hpp>
#include <varscope/variable/get_single.hpp>
#include <varscope/variable/variable_options.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

/// A key, or the rest of one, looked at once.
struct key_survey {
    digest id;
    // Legal, without capitals, and no op that a variable makes for itself is called so.
    bool is_plain = true;
    // The components that end in a number, but for the last one of the key.
    std::array<unique_names::numbered, 6> numbered; // if there are more, the key is not plain
    std::size_t numbered_count = 0;
    std::optional<unique_names::numbered> last = {}; // if it ends in a number
};

/// Eight characters of a key, looked at together.
struct key_characters {
    std::uint64_t slashes; // the upper bit of each that is '/'
    bool are_plain;        // legal in a name, and no capitals
};
[[nodiscard]] key_characters look_at(std::uint64_t characters) noexcept;

/// The last one to seven characters of a key, or none, with a '/' behind them.
[[nodiscard]] std::uint64_t last_characters(std::string_view key) noexcept;

/// \param key  not empty; as seen from `scope`.
[[nodiscard]] key_survey survey(const scope_node& scope, std::string_view key) noexcept;

/// What is given to every new variable of a type that says nothing else; null if there is nothing.
[[nodiscard]] const initializer* default_initializer_of(dtype type);

/// What a call and its scope have to say of a new variable, as far as one is plain: a rule for its
/// values, and that it joins the usual lists. Null if there is more.
[[nodiscard]] const initializer* find_plain_rule(
    const thread_scopes& thread, dtype type, const asked_options* options);

/// Creates the variable `name` of the current scope, if it is a plain one in a plain graph and does
/// not exist; null otherwise, and nothing happened. The names are those that the long way gives.
/// \param key  of the name.
[[nodiscard]] variable_node* create_plain(thread_scopes& thread, const name_arg& name,
    const key_survey& key, const shape& dimensions, dtype type, const asked_options* options);

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/variable/impl/plain_creation.ipp>
#endif
