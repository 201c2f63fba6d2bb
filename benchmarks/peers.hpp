/// \file
/// What ours is measured beside: written as one would without the library.
#pragma once

#include "keys.hpp"
#include "table.hpp"

#if __has_include(<boost/unordered/unordered_flat_map.hpp>)
#include <boost/unordered/unordered_flat_map.hpp>
#define VARSCOPE_FLAT_MAP 1
#elif __has_include(<absl/container/flat_hash_map.h>)
#include <absl/container/flat_hash_map.h>
#define VARSCOPE_FLAT_MAP 2
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>

namespace bench {

/// What one writes first: a prefix, which scopes lengthen, joined texts, a hash map. Keeps no names
/// of ops, checks neither shapes nor types, and makes what is missing.
class naive_store {
public:
    class scope {
    public:
        scope(naive_store& store, const std::string& name) : store_{store}, outer_{store.prefix_} {
            store_.prefix_ += name + '/';
        }
        scope(const scope&) = delete;
        scope& operator=(const scope&) = delete;
        ~scope() { store_.prefix_ = outer_; }

    private:
        naive_store& store_;
        std::string outer_;
    };

    float* get(const std::string& name) {
        auto& found = variables_[prefix_ + name];
        if (!found) { found = std::make_unique<float[]>(4); }
        return found.get();
    }

private:
    std::string prefix_;
    std::unordered_map<std::string, std::unique_ptr<float[]>> variables_;
};

/// A good hash of texts, as the maps need one: those of Boost 1.81 and of the standard library take
/// longer. One product for each 16 bytes.
struct text_hash {
    using is_avalanching = void; // for Boost: every bit counts

    std::size_t operator()(const std::string& text) const noexcept {
        constexpr std::uint64_t a = 0x9e3779b97f4a7c15U;
        constexpr std::uint64_t b = 0xbb67ae8584caa73bU;
        const char* const begin = text.data();
        const std::size_t size = text.size();
        std::uint64_t hash = size ^ b;
        if (size < 16) { // halves that overlap
            if (size >= 8) {
                hash = fold(
                    load<std::uint64_t>(begin) ^ a, load<std::uint64_t>(begin + size - 8) ^ hash);
            } else if (size >= 4) {
                hash = fold(
                    load<std::uint32_t>(begin) ^ a, load<std::uint32_t>(begin + size - 4) ^ hash);
            } else if (size > 0) {
                hash = fold(load<unsigned char>(begin) ^ a,
                    load<unsigned char>(begin + size / 2) * 256U ^
                        load<unsigned char>(begin + size - 1) ^ hash);
            }
        } else { // the last 16 bytes overlap those before
            for (std::size_t at = 0;; at += 16) {
                const char* const here = begin + (at + 16 < size ? at : size - 16);
                hash = fold(load<std::uint64_t>(here) ^ a, load<std::uint64_t>(here + 8) ^ hash);
                if (at + 16 >= size) { break; }
            }
        }
        return fold(hash ^ a, b);
    }

private:
    template <class Number>
    static std::uint64_t load(const char* from) noexcept {
        Number number{};
        std::memcpy(&number, from, sizeof number);
        return number;
    }
    static std::uint64_t fold(std::uint64_t x, std::uint64_t y) noexcept {
        __extension__ using wide = unsigned __int128;
        const wide product = static_cast<wide>(x) * y;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    }
};

/// The fastest hash maps there are, from full paths; no scopes at all.
#if VARSCOPE_FLAT_MAP == 1
constexpr const char* flat_map_name = "boost::unordered_flat_map";
template <class Value>
using flat_map = boost::unordered_flat_map<std::string, Value, text_hash>;
#elif VARSCOPE_FLAT_MAP == 2
constexpr const char* flat_map_name = "absl::flat_hash_map";
template <class Value>
using flat_map = absl::flat_hash_map<std::string, Value, text_hash>;
#else
constexpr const char* flat_map_name = "a flat hash map";
#endif

/// \name LibTorch
/// Empty where the benchmarks are built without it.
/// \{
/// Joins the path and finds it in a dictionary that was made once.
[[nodiscard]] measurement libtorch_find(std::size_t variables, access how);
/// Finds the path in what the module's `named_parameters()` returns.
[[nodiscard]] measurement libtorch_named_parameters(std::size_t variables);
/// ns for each of the parameters inserted by path.
[[nodiscard]] measurement libtorch_create(std::size_t variables);
/// Bytes for each parameter beyond its elements.
[[nodiscard]] measurement libtorch_bytes(std::size_t variables);
/// \}

} // namespace bench
