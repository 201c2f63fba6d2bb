# Finds what varscope/ext/matmul.hpp needs beside xtensor: there if the target xtensor-blas is. Used by this project's build
# and by the installed package.
find_package(BLAS QUIET)
find_package(LAPACK QUIET)
if(BLAS_FOUND AND LAPACK_FOUND) # the package xtensor-blas takes them for granted
    find_package(xtensor-blas QUIET)
endif()
