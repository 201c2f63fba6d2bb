# The headers, and the package that find_package(varscope) reads; nothing in them depends on the machine.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/varscope)
install(TARGETS varscope EXPORT varscope-targets
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILE_SET blas_headers DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT varscope-targets NAMESPACE varscope:: DESTINATION ${package_dir})
configure_package_config_file(cmake/varscope-config.cmake.in varscope-config.cmake
    INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a new minor version may break what the last one promised.
write_basic_package_version_file(varscope-config-version.cmake
    COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
    ${CMAKE_CURRENT_BINARY_DIR}/varscope-config.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/varscope-config-version.cmake
    cmake/find-blas.cmake
    DESTINATION ${package_dir})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
