// See schema_check.hpp.
#pragma once

#include <varscope/io/schema_check.hpp>

#include <string>
#include <vector>

namespace varscope::inline VARSCOPE_ABI::detail {

VARSCOPE_INLINE std::vector<described_variable> list_variables(const io::bundle_reader& file) {
    std::vector<described_variable> listed;
    for (const io::bundle_entry& entry : file.entries()) {
        listed.push_back(
            {entry.name, entry.type, entry.shape, entry.type ? std::string() : entry.type_name});
    }
    return listed;
}

} // namespace varscope::inline VARSCOPE_ABI::detail
