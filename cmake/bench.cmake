# bench/<name>.c is one measuring program, never run by the tests. Numbers mean something in the
# release preset only.
file(GLOB sources CONFIGURE_DEPENDS bench/*.c)
# What several of them share (bench/common/*.h); it counts allocations, which not all want.
file(GLOB bench_common_sources CONFIGURE_DEPENDS bench/common/*.c)
set(bench_stages_COMMON ${bench_common_sources})
set(bench_rules_COMMON bench/common/allocations.c)
set(bench_history_scale_COMMON bench/common/allocations.c)
foreach(source ${sources})
  get_filename_component(target ${source} NAME_WE)
  set(target bench_${target})
  add_executable(${target} ${source} ${${target}_COMMON})
  target_include_directories(${target} PRIVATE include engine tests bench)
  target_link_libraries(${target} PRIVATE
    -Wl,--start-group ${REDRESS_BUILT_STAGES} -Wl,--end-group)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)
endforeach()

# Put in front of libc by LD_PRELOAD: counts what the engine's threads allocate and lock.
add_library(bench_count_calls SHARED bench/preload/count_calls.c)
target_link_libraries(bench_count_calls PRIVATE ${CMAKE_DL_LIBS})
set_target_properties(bench_count_calls PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)

# The second oracle of the view: Python's re on the original text against the matcher on the view.
find_program(PYTHON3 python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(PYTHON3)
  enable_testing()
  add_test(NAME rules/oracle_view
           COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tests/rules/oracle_view.py
                   $<TARGET_FILE:bench_match_print>)
  # The suite's own arithmetic.
  file(GLOB suite_tests CONFIGURE_DEPENDS bench/suite/test_*.py)
  foreach(suite_test ${suite_tests})
    get_filename_component(name ${suite_test} NAME_WE)
    string(REPLACE "test_" "" name ${name})
    add_test(NAME unit/bench/${name} COMMAND ${PYTHON3} ${suite_test})
    set_tests_properties(unit/bench/${name} PROPERTIES LABELS unit TIMEOUT 60)
  endforeach()
  # And its third: the fold and the edits written a second time.
  add_test(NAME rules/oracle_fold
           COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tests/rules/oracle_fold.py
                   $<TARGET_FILE:bench_view_print>)
  set_tests_properties(rules/oracle_view rules/oracle_fold PROPERTIES LABELS rules TIMEOUT 600)
endif()
