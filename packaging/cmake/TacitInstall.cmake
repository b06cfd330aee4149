# What `cmake --install` puts where, apart from the programs, which say so themselves: libtacit for
# C and C++, and the files by which pkg-config and CMake find it.
include(CMakePackageConfigHelpers)

install(TARGETS tacit_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS tacit_client tacit_terminal tacit_base ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY client/include/tacit DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h")

# Paths in both files are relative to the file itself, so that the folder may be moved.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR
           BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE tacit_pc_include)
configure_file(packaging/tacit.pc.in tacit.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tacit.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(tacit_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tacit)
configure_package_config_file(packaging/tacitConfig.cmake.in tacitConfig.cmake
  INSTALL_DESTINATION ${tacit_package_dir}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(tacitConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tacitConfig.cmake ${PROJECT_BINARY_DIR}/tacitConfigVersion.cmake
        DESTINATION ${tacit_package_dir})
# For ~/.config/direnv/lib.
install(FILES packaging/direnv/tacit.sh DESTINATION ${CMAKE_INSTALL_DATADIR}/tacit/direnv)
install(FILES packaging/config.toml DESTINATION ${CMAKE_INSTALL_DOCDIR})

include(TacitUnits)

# What packaging/uninstall removes: every file above and in the rooms, and the list itself.
install(CODE [[
  set(list "${CMAKE_INSTALL_PREFIX}/share/tacit/installed-files")
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES "${list}")
  string(REPLACE ";" "\n" lines "${CMAKE_INSTALL_MANIFEST_FILES}")
  file(WRITE "$ENV{DESTDIR}${list}" "${lines}\n")
]])
