# The units of systemd and launchd. They name the programs by their whole path, so they are written when
# it is known for sure, at installation: `cmake --install --prefix` and packages choose it anew.

# Debian and others keep users' units in lib where the prefix is the system's; below a home folder
# the manager looks in share alone.
set(TACIT_SYSTEMD_USER_DIR "" CACHE STRING
    "Where users' units go, below the prefix; empty: lib/systemd/user for /usr and /usr/local, else share/systemd/user")

# tacit_install_unit(TEMPLATE [FOLDER]): FOLDER is below the prefix; without it systemd's.
function(tacit_install_unit template)
  cmake_path(ABSOLUTE_PATH template BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
  install(CODE "
    set(template \"${template}\")
    set(bindir \"${CMAKE_INSTALL_BINDIR}\")
    set(written \"${PROJECT_BINARY_DIR}/units\")
    set(systemd_user_dir \"${TACIT_SYSTEMD_USER_DIR}\")
    set(folder \"${ARGN}\")")
  install(CODE [[
    cmake_policy(PUSH)
    cmake_policy(VERSION 3.25)
    if(NOT folder)
      set(folder "${systemd_user_dir}")
    endif()
    if(NOT folder AND CMAKE_INSTALL_PREFIX MATCHES "^/usr(/local)?/?$")
      set(folder lib/systemd/user)
    elseif(NOT folder)
      set(folder share/systemd/user)
    endif()
    cmake_path(ABSOLUTE_PATH bindir BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" NORMALIZE)
    cmake_path(GET template FILENAME name)
    string(REGEX REPLACE "\\.in$" "" name "${name}")
    configure_file("${template}" "${written}/${name}" @ONLY)
    file(INSTALL DESTINATION "${CMAKE_INSTALL_PREFIX}/${folder}" TYPE FILE FILES "${written}/${name}")
    cmake_policy(POP)
  ]])
endfunction()

if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  foreach(unit tacitd.socket tacitd.service.in tacit-prompter.service.in)
    tacit_install_unit(systemd/${unit})
  endforeach()
endif()
if(APPLE)
  # `launchctl bootstrap gui/UID` takes it from there.
  tacit_install_unit(launchd/tacitd.plist.in share/tacit)
endif()
