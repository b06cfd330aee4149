# How everything is compiled and linked.
option(TACIT_WERROR "Warnings are errors" OFF)
option(TACIT_HARDEN "Hardening flags of a release" OFF)
set(TACIT_SANITIZE "" CACHE STRING "address (with undefined and leak), thread, fuzzer, or empty")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(TACIT_CCACHE ccache)
  if(TACIT_CCACHE)
    # Precompiled headers make ccache miss unless it may ignore their time stamps, and a checkout in
    # another folder unless paths below it count as relative.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        ${TACIT_CCACHE})
  endif()
endif()
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)

find_program(TACIT_MOLD mold)
if(TACIT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
# gRPC's link line names far more libraries than we use; each would cost start-up time.
add_link_options(-Wl,--as-needed)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                    -Wimplicit-fallthrough -Wundef
                    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>)
if(TACIT_WERROR)
  add_compile_options(-Werror)
endif()
if(TACIT_SANITIZE)
  # GCC 12 sees uninitialised members where instrumentation hides the initialisation from it.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()

if(TACIT_HARDEN)
  # -O is needed by _FORTIFY_SOURCE; Debian's compiler predefines a lower level of it.
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong
                      -fstack-clash-protection -D_GLIBCXX_ASSERTIONS)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    # Debian's start files carry no CET note, so the linker would drop the programs'. Shadow
    # stacks may be asserted all the same: nothing that is linked switches stacks. Branch tracking
    # may not, since Debian's static libraries have no landing pads; our own code has them.
    add_compile_options(-fcf-protection=full)
    add_link_options(-Wl,-z,shstk)
  endif()
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
  include(CheckPIESupported)
  check_pie_supported()
endif()

if(TACIT_SANITIZE STREQUAL "address")
  # vptr makes a pipe to see whether it may read an object, and where none can be made it takes the
  # object for a wrong one; tests take all descriptors away. Freed ones the address sanitizer finds.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
  add_compile_definitions(TACIT_SANITIZER=1)
elseif(TACIT_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
  add_compile_definitions(TACIT_SANITIZER=1)
elseif(TACIT_SANITIZE STREQUAL "fuzzer")
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "libFuzzer needs clang: cmake --preset fuzz")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
  add_compile_definitions(TACIT_SANITIZER=1)
elseif(NOT TACIT_SANITIZE STREQUAL "")
  message(FATAL_ERROR "TACIT_SANITIZE: '${TACIT_SANITIZE}' is none of address, thread, fuzzer")
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
