#include <varscope/base/arena.hpp>
#include <varscope/graph/variable_store.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstdint>
#include <new>
#include <string>
#include <vector>

namespace {

using varscope::variable_store;
using varscope::detail::variable_node;

/// A store with variables of these keys.
class filled_store {
public:
    explicit filled_store(const std::vector<std::string>& keys) {
        for (const std::string& key : keys) {
            const std::string name = key + ":0"; // stands behind the node
            void* const memory = memory_.allocate(sizeof(variable_node) + name.size(), alignof(variable_node));
            auto& v = *::new (memory) variable_node{};
            std::copy(name.begin(), name.end(), reinterpret_cast<char*>(&v + 1));
            v.is_variable = true;
            v.text_size = static_cast<std::uint32_t>(name.size());
            v.key_size = static_cast<std::uint32_t>(key.size());
            v.id = extend(varscope::detail::root_digest, v.key());
            store_.insert(v);
        }
    }
    const variable_store& operator*() const { return store_; }
    const variable_store* operator->() const { return &store_; }

private:
    varscope::detail::arena memory_;
    variable_store store_;
};

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("a variable is found by its key, with letter case", "[store]") {
    const filled_store store({"a/kernel", "a/Kernel"});
    REQUIRE(store->find("a/kernel") != nullptr);
    CHECK(store->find("a/kernel")->key() == "a/kernel");
    CHECK(store->find("a/Kernel") != store->find("a/kernel"));
    CHECK(store->find("A/kernel") == nullptr);
    CHECK(store->find("a") == nullptr);
}

TEST_CASE("all variables are listed in the order of creation", "[store]") {
    const filled_store store({"b", "a", "c"});
    strings keys;
    for (const auto* v : store->all()) { keys.emplace_back(v->key()); }
    CHECK(keys == strings{"b", "a", "c"});
    CHECK(store->size() == 3);
}
