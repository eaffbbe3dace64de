# tests/<suite>/<folder>/test_<file>.c is one program and one ctest test, labelled with its suite.
enable_testing()
if(NOT CMOCKA_FOUND)
  message(STATUS "cmocka is missing: the tests are not built (script/setup installs it)")
  return()
endif()

# What several tests share: makers of messages, generators of hostile input.
file(GLOB support_sources CONFIGURE_DEPENDS tests/support/*.c)
add_library(redress_test_support STATIC ${support_sources})
target_include_directories(redress_test_support PUBLIC include engine tests)
target_link_libraries(redress_test_support PUBLIC ${REDRESS_BUILT_STAGES})
set_target_properties(redress_test_support PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)

function(redress_add_test suite source)
  get_filename_component(name ${source} NAME_WE)
  get_filename_component(folder ${source} DIRECTORY)
  get_filename_component(folder ${folder} NAME)
  string(REPLACE "test_" "" name ${name})
  set(target test_${suite}_${folder}_${name})
  add_executable(${target} ${source})
  target_include_directories(${target} PRIVATE include engine tests)
  if(REDRESS_COVERAGE AND folder MATCHES "^(ingest|egress|runtime|cli)$")
    target_compile_options(${target} PRIVATE -O0) # as in stages.cmake: they include what is measured
  endif()
  target_compile_definitions(${target} PRIVATE REDRESS_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE
    -Wl,--start-group redress_test_support ${REDRESS_BUILT_STAGES} -Wl,--end-group PkgConfig::CMOCKA)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX
    INTERPROCEDURAL_OPTIMIZATION OFF RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME ${suite}/${folder}/${name} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${suite}/${folder}/${name} PROPERTIES
    LABELS ${suite} SKIP_RETURN_CODE 77 TIMEOUT 600)
endfunction()

foreach(suite unit rules flow sim)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS tests/${suite}/test_*.c)
  foreach(source ${sources})
    redress_add_test(${suite} ${source})
  endforeach()
endforeach()

# The page that leads through the bench shows what its commands print.
add_test(NAME unit/docs/rules_page
  COMMAND /usr/bin/python3 tests/docs/check_rules_page.py $<TARGET_FILE:redress>
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(unit/docs/rules_page PROPERTIES LABELS unit SKIP_RETURN_CODE 77 TIMEOUT 600)

# What readers said of messages keeps to the form of the label guide.
add_test(NAME rules/labels
  COMMAND /usr/bin/python3 tests/rules/check_labels.py
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(rules/labels PROPERTIES LABELS rules TIMEOUT 60)

# What a lexicon is fitted to comes in whole lines.
add_test(NAME rules/stems
  COMMAND /usr/bin/python3 tests/rules/check_stems.py $<TARGET_FILE:redress>
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(rules/stems PROPERTIES LABELS rules TIMEOUT 120)

# Flow tests that start nothing of librdkafka run under ThreadSanitizer too.
set_tests_properties(flow/runtime/threads PROPERTIES LABELS "flow;tsan")

if(REDRESS_FUZZ)
  file(GLOB sources CONFIGURE_DEPENDS tests/fuzz/fuzz_*.c)
  foreach(source ${sources})
    get_filename_component(target ${source} NAME_WE)
    add_executable(${target} ${source})
    target_include_directories(${target} PRIVATE include engine tests)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(${target} PRIVATE
      -Wl,--start-group redress_test_support ${REDRESS_BUILT_STAGES} -Wl,--end-group)
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX
      RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  endforeach()
endif()
