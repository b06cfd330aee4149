# The manual pages, from packaging/man by scdoc, and the completions for shells.
find_program(TACIT_SCDOC scdoc)
if(TACIT_SCDOC)
  file(GLOB tacit_pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/packaging/man/*.scd)
  foreach(source IN LISTS tacit_pages)
    cmake_path(GET source STEM LAST_ONLY page) # tacit-get.1
    cmake_path(GET page EXTENSION LAST_ONLY section)
    string(SUBSTRING ${section} 1 -1 section)
    set(built ${PROJECT_BINARY_DIR}/man/${page})
    # Dated by nothing, so that the same source gives the same page.
    add_custom_command(OUTPUT ${built} DEPENDS ${source} VERBATIM
      COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
      COMMAND ${CMAKE_COMMAND} -E env SOURCE_DATE_EPOCH=0 sh -c "exec \"$1\" < \"$2\" > \"$3\"" sh
              ${TACIT_SCDOC} ${source} ${built})
    list(APPEND tacit_built_pages ${built})
    install(FILES ${built} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  endforeach()
  add_custom_target(tacit_manual DEPENDS ${tacit_built_pages})
  # Whoever builds and installs the program has its manual, whichever target is named.
  add_dependencies(tacit_cli tacit_manual)
else()
  message(STATUS "The manual pages are left out: they need scdoc (packaging/deps build)")
endif()

set(completions ${PROJECT_SOURCE_DIR}/packaging/completions)
install(FILES ${completions}/tacit.bash RENAME tacit
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completions}/_tacit DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${completions}/tacit.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
