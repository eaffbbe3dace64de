# libredress-classify: the public API of include/redress/classify.h as one shared and one static
# library, with a pkg-config file. The rules that ship go with it.
set(classify_library_stages base verdict text classify)
set(classify_library_sources "")
foreach(stage ${classify_library_stages})
  file(GLOB stage_sources CONFIGURE_DEPENDS engine/${stage}/*.c)
  list(APPEND classify_library_sources ${stage_sources})
endforeach()

foreach(kind SHARED STATIC)
  string(TOLOWER ${kind} suffix)
  set(target redress-classify-${suffix})
  add_library(${target} ${kind} ${classify_library_sources})
  if(REDRESS_COVERAGE)
    target_compile_options(${target} PRIVATE -O0) # as in stages.cmake: it holds what is measured
  endif()
  set_target_properties(${target} PROPERTIES OUTPUT_NAME redress-classify
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} INTERPROCEDURAL_OPTIMIZATION OFF)
  target_include_directories(${target} PRIVATE engine
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  target_link_libraries(${target} PRIVATE
    PkgConfig::XXHASH PkgConfig::YAML PkgConfig::PCRE2 PkgConfig::HS Threads::Threads m)
  install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endforeach()

configure_file(cmake/redress-classify.pc.in redress-classify.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/redress-classify.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES include/redress/classify.h include/redress/limits.h include/redress/message.h
  include/redress/status.h include/redress/verdict.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/redress)
install(DIRECTORY rules share/demo DESTINATION ${CMAKE_INSTALL_DATADIR}/redress)
