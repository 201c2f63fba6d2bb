/// \file
/// Creating or sharing all variables of a schema at once: the plain code behind `bound`.
#pragma once

#include <varscope/schema/schema.hpp>
#include <varscope/schema/static_variable.hpp>

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI {

/// Where the elements of a schema's variables stand.
enum class storage : std::uint8_t {
    separate,   ///< each by itself
    contiguous, ///< in one block, each at its `declared_variable::offset`
};

/// How to bind a schema. Options are written in the order in which they stand here.
struct bind_options {
    reuse_mode reuse = reuse_mode::auto_reuse; ///< `create`: none may exist; `reuse`: all must
    varscope::storage storage = varscope::storage::separate;
};

namespace detail {

class element_memory;

/// One binding under way.
class schema_binding {
public:
    schema_binding(const asked_place& at, std::span<const schema_item> items,
        std::span<const declared_variable> variables, std::span<variable_node*> found,
        const bind_options& options, const std::source_location& where);

    /// Fills `found`. \returns the block, if the elements stand in one.
    void* operator()();

private:
    static constexpr std::size_t cache_line = 64; // bytes

    /// Those that exist, before memory is taken: what does not fit is told now.
    void share_known();

    [[nodiscard]] variable_node& get(std::size_t i) const;

    /// Memory for what has none yet, so that none is taken later.
    void place();

    /// Takes the new places of these variables back.
    template <class Predicate>
    void forget_places(Predicate is_forgotten) noexcept;

    /// Frees the memory again, unless a value stands in it that handles may refer to: as the lock
    /// is held, no place was taken but by what this binding made.
    void free_block() noexcept;

    /// A getter or a partitioner may have made another variable than the one that was asked for.
    [[nodiscard]] bool is_asked_one(std::size_t i) const noexcept {
        return found_[i]->id == ids_[i] && !found_[i]->is_whole;
    }

    /// Where the elements are, or will be; null if that is open.
    [[nodiscard]] void* place_of(const element_memory& memory, std::size_t i) const noexcept;
    [[nodiscard]] bool has_place(const element_memory& memory, std::size_t i) const noexcept;

    /// Whether all stand in one block as they should, from an earlier binding.
    [[nodiscard]] bool is_placed(const element_memory& memory) noexcept;

    void check_places();

    [[noreturn]] void throw_placed_elsewhere(std::size_t i) const;

    const asked_place& at_;
    varscope::graph& graph_;
    std::span<const declared_variable> variables_;
    std::span<variable_node*> found_;
    const bind_options& options_;
    std::source_location where_;
    std::vector<std::string> names_;
    std::vector<digest> ids_;
    std::vector<std::size_t> placed_; // the variables that were given a place
    const void* new_block_ = nullptr; // which these places are in
    std::size_t taken_before_ = 0;
    void* block_ = nullptr;
};

} // namespace detail
} // namespace varscope::inline VARSCOPE_ABI

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/schema/impl/bind.ipp>
#endif
