# Run by cpack on what it is about to pack: adds what Debian's policy asks for (chapter 12) and takes away
# what only `cmake --install` needs.
set(here ${CMAKE_CURRENT_LIST_DIR})
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr)
set(doc ${root}/share/doc/tacit)

file(REMOVE ${root}/share/tacit/installed-files)
file(GLOB_RECURSE caches LIST_DIRECTORIES true ${root}/lib/python3/*)
list(FILTER caches INCLUDE REGEX "/__pycache__$")
if(caches)
  file(REMOVE_RECURSE ${caches})
endif()

# The project's own licence, in the form of a machine-readable copyright file.
file(READ ${here}/../../LICENSE text)
string(REGEX MATCH "Copyright[^\n]*" copyright "${text}")
string(REPLACE "Copyright (c)" "Copyright:" copyright "${copyright}")
string(REGEX REPLACE "^.*\n(Permission is hereby)" "\\1" licence "${text}")
string(STRIP "${licence}" licence)
string(REPLACE "\n\n" "\n.\n" licence "${licence}")
string(REPLACE "\n" "\n " licence " ${licence}")
configure_file(${here}/copyright.in ${doc}/copyright @ONLY)
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${here}/changelog.in ${doc}/changelog @ONLY)
configure_file(${here}/lintian-overrides ${root}/share/lintian/overrides/tacit COPYONLY)

# Without names and times, so that the same tree gives the same package.
file(GLOB_RECURSE pages ${root}/share/man/*)
list(FILTER pages EXCLUDE REGEX "\\.gz$")
foreach(file IN LISTS pages ITEMS ${doc}/changelog)
  execute_process(COMMAND gzip -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
