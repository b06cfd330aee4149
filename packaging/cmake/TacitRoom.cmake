# tacit_room(NAME SOURCES a.cpp ... LINKS x y ...): a room of the house as a static library.
# What it may include is what it links: dependencies are PUBLIC only where LINKS says so.
function(tacit_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# tacit_test(NAME SOURCES ... LINKS ... LABEL unit): a GoogleTest program, one CTest entry a test.
function(tacit_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;LINKS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
                       PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# tacit_fuzz(NAME SOURCES ... LINKS ... [CORPUS folder]): a libFuzzer program, built under
# TACIT_SANITIZE=fuzzer only, and a test that runs it for $TACIT_FUZZ_SECONDS (default 5) with a
# fixed seed. CORPUS holds committed first inputs, SEEDS those that the target fuzz_seeds writes into a
# folder of that name; what is found grows in the build folder.
function(tacit_fuzz name)
  cmake_parse_arguments(ARG "" "CORPUS;SEEDS" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set(seeds "")
  if(ARG_CORPUS)
    cmake_path(ABSOLUTE_PATH ARG_CORPUS OUTPUT_VARIABLE seeds)
  elseif(ARG_SEEDS)
    set(seeds ${CMAKE_CURRENT_BINARY_DIR}/seeds/${ARG_SEEDS})
    add_dependencies(${name} fuzz_seeds)
  endif()
  add_test(NAME ${name} COMMAND ${PROJECT_SOURCE_DIR}/tests/fuzz/one $<TARGET_FILE:${name}>
                                ${CMAKE_CURRENT_BINARY_DIR}/${name}.corpus ${seeds})
  set_tests_properties(${name} PROPERTIES LABELS fuzz)
  set_property(GLOBAL APPEND PROPERTY TACIT_FUZZERS ${name})
endfunction()
