# The libraries that varscope builds upon: found on the system, or else fetched at one fixed commit (VARSCOPE_FETCH).
include(FetchContent)

# Makes the target TARGET of the header-only package NAME: found in at least VERSION, or else the folder FOLDER of
# COMMIT of REPOSITORY, without running that project's own build. Sets NAME_FETCHED in the caller.
function(varscope_need_headers name target version repository commit folder)
    if(TARGET ${target})
        return()
    endif()
    find_package(${name} ${version} QUIET)
    if(TARGET ${target})
        message(STATUS "Found ${name} ${${name}_VERSION}")
        return()
    endif()
    if(NOT VARSCOPE_FETCH)
        message(FATAL_ERROR
            "${name} ${version} or newer was not found. Install it, name its folder in CMAKE_PREFIX_PATH, "
            "or let it be fetched with -DVARSCOPE_FETCH=ON.")
    endif()
    message(STATUS "Fetching ${name} (${commit})")
    FetchContent_Declare(${name}
        GIT_REPOSITORY ${repository} GIT_TAG ${commit}
        SOURCE_SUBDIR no-build)
    FetchContent_MakeAvailable(${name})
    FetchContent_GetProperties(${name} SOURCE_DIR source_dir)
    # Imported, so that its headers count as the system's.
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    target_include_directories(${target} INTERFACE ${source_dir}/${folder})
    set(${name}_FETCHED TRUE PARENT_SCOPE)
endfunction()

# xtensor with xtl, a pair that fits: 0.27.1 with 0.8.1.
macro(varscope_need_xtensor)
    varscope_need_headers(xtensor xtensor 0.24
        https://github.com/xtensor-stack/xtensor.git f115228a7fc277b9be1bef34572831f8fd53ac73 include)
    if(xtensor_FETCHED)
        varscope_need_headers(xtl xtl 0.8
            https://github.com/xtensor-stack/xtl.git f3ca44e9102d574e9592c6917ae09da2bacf9aae include)
        target_link_libraries(xtensor INTERFACE xtl)
    endif()
endmacro()

# Boost.Hana, which needs nothing else of Boost. Sets VARSCOPE_HANA to its target.
macro(varscope_need_hana)
    find_package(Boost 1.74 QUIET)
    if(TARGET Boost::headers)
        set(VARSCOPE_HANA Boost::headers)
    else()
        varscope_need_headers(Hana hana 1.7
            https://github.com/boostorg/hana.git bc49ee25638e59d977edff5737b4e6bf12c1e5ea include) # 1.8.0
        set(VARSCOPE_HANA hana)
    endif()
endmacro()

# Sets RESULT to whether BLAS, LAPACK and an xtensor-blas that fits xtensor are there, with their targets.
function(varscope_find_blas result)
    set(${result} FALSE PARENT_SCOPE)
    if(NOT VARSCOPE_BLAS)
        return()
    endif()
    if(xtensor_FETCHED)
        find_package(BLAS QUIET)
        find_package(LAPACK QUIET)
        if(BLAS_FOUND AND LAPACK_FOUND) # 0.23.0, which fits xtensor 0.27
            varscope_need_headers(xtensor-blas xtensor-blas 0.23
                https://github.com/xtensor-stack/xtensor-blas.git 836a8047413eb64ce8e034ab6ab7ce1608562bfc include)
        endif()
    else()
        include(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/find-blas.cmake)
    endif()
    if(TARGET xtensor-blas)
        set(${result} TRUE PARENT_SCOPE)
    elseif(VARSCOPE_BLAS STREQUAL "AUTO")
        message(STATUS "varscope::blas is left out: it needs xtensor-blas, BLAS and LAPACK")
    else()
        message(FATAL_ERROR "VARSCOPE_BLAS is on, but xtensor-blas, BLAS or LAPACK was not found")
    endif()
endfunction()

macro(varscope_need_json)
    varscope_need_headers(nlohmann_json nlohmann_json::nlohmann_json 3.10
        https://github.com/nlohmann/json.git 9cca280a4d0ccf0c08f47a99aa71d1b0e52f8d03 single_include) # 3.11.3
endmacro()

# Catch2, version 2.13 or 3, and catch_discover_tests.
macro(varscope_need_catch)
    find_package(Catch2 QUIET)
    if(NOT TARGET Catch2::Catch2)
        if(NOT VARSCOPE_FETCH)
            message(FATAL_ERROR "Catch2 was not found. Install it, or let it be fetched with -DVARSCOPE_FETCH=ON.")
        endif()
        FetchContent_Declare(Catch2
            GIT_REPOSITORY https://github.com/catchorg/Catch2.git
            GIT_TAG fa43b77429ba76c462b1898d6cd2f2d7a9416b14 # 3.7.1
            SYSTEM)
        FetchContent_MakeAvailable(Catch2)
        list(APPEND CMAKE_MODULE_PATH ${catch2_SOURCE_DIR}/extras)
    endif()
    include(Catch)
endmacro()
