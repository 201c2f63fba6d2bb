# The headers, and the package that find_package(varscope) reads; nothing in them depends on the machine, unless the compiled
# form is installed beside them.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/varscope)
set(independent ARCH_INDEPENDENT)
if(VARSCOPE_COMPILED)
    set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/varscope)
    set(independent)
    install(TARGETS varscope_compiled EXPORT varscope-compiled-targets)
    install(EXPORT varscope-compiled-targets NAMESPACE varscope:: DESTINATION ${package_dir})
endif()
install(TARGETS varscope EXPORT varscope-targets
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILE_SET bodies DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILE_SET blas_headers DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT varscope-targets NAMESPACE varscope:: DESTINATION ${package_dir})
configure_package_config_file(cmake/varscope-config.cmake.in varscope-config.cmake
    INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a new minor version may break what the last one promised.
write_basic_package_version_file(varscope-config-version.cmake
    COMPATIBILITY SameMinorVersion ${independent})
install(FILES
    ${CMAKE_CURRENT_BINARY_DIR}/varscope-config.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/varscope-config-version.cmake
    cmake/find-blas.cmake
    DESTINATION ${package_dir})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
