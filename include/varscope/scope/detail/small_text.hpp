/// \file
/// A short text that lives where it is declared.
#pragma once

#include <varscope/version.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

namespace varscope::inline VARSCOPE_ABI::detail {

/// Owns a copy of a text; up to 56 characters need no allocation. Stays where it was made.
class small_text {
public:
    small_text() noexcept : size_{0} {}
    explicit small_text(std::string_view text) { assign(text); }
    small_text(const small_text&) = delete;
    small_text& operator=(const small_text&) = delete;
    small_text(small_text&&) = delete;
    small_text& operator=(small_text&&) = delete;
    ~small_text() = default;

    void assign(std::string_view text);

    [[nodiscard]] std::string_view view() const noexcept {
        return {size_ > inline_.size() ? heap_.get() : inline_.data(), size_};
    }

private:
    std::size_t size_;
    std::unique_ptr<char[]> heap_;
    std::array<char, 56> inline_; // only the first size_ characters count
};

} // namespace varscope::inline VARSCOPE_ABI::detail

#ifndef VARSCOPE_SEPARATE_COMPILATION
#include <varscope/scope/impl/small_text.ipp>
#endif
