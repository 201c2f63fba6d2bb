#include <varscope/base/xtensor.hpp>

#include "catch.hpp"

#if __has_include(<xtensor/views/xstrided_view.hpp>)
#include <xtensor/views/xstrided_view.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xview.hpp>
#endif

#include <type_traits>

TEST_CASE("views of a rank known at run time have temporaries of such a rank", "[xtensor]") {
    xt::xtensor<float, 2> fixed{{0, 1, 2}, {10, 11, 12}};
    xt::xarray<float> dynamic = fixed;
    auto strided = xt::strided_view(fixed, {xt::ellipsis(), 2});
    auto row = xt::view(dynamic, 0);
    STATIC_CHECK(std::is_same_v<decltype(strided)::temporary_type, xt::xarray<float>>);
    STATIC_CHECK(std::is_same_v<decltype(row)::temporary_type, xt::xarray<float>>);
    strided = xt::xtensor<float, 1>{7, 8};
    CHECK(fixed(0, 2) == 7.F);
    CHECK(fixed(1, 2) == 8.F);
    row += xt::view(dynamic, 1);
    CHECK(dynamic(0, 1) == 12.F);
}
