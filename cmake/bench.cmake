# bench/<name>.c is one measuring program, never run by the tests. Numbers mean something in the
# release preset only.
file(GLOB sources CONFIGURE_DEPENDS bench/*.c)
foreach(source ${sources})
  get_filename_component(target ${source} NAME_WE)
  set(target bench_${target})
  add_executable(${target} ${source})
  target_include_directories(${target} PRIVATE include engine tests)
  target_link_libraries(${target} PRIVATE
    -Wl,--start-group ${REDRESS_BUILT_STAGES} -Wl,--end-group)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)
endforeach()
