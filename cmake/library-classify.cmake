# libredress-classify: the public API of include/redress/classify.h as one shared and one static
# library, with a pkg-config file. The rules that ship go with it. Instrumented builds have neither:
# no stranger links against those, and it would double what they compile.
if(REDRESS_SANITIZE OR REDRESS_COVERAGE)
  return()
endif()
set(classify_library_stages base verdict text classify)
set(classify_library_sources "")
foreach(stage ${classify_library_stages})
  file(GLOB_RECURSE stage_sources CONFIGURE_DEPENDS engine/${stage}/*.c)
  list(APPEND classify_library_sources ${stage_sources})
endforeach()

set(classify_library_needs
  PkgConfig::XXHASH PkgConfig::YAML PkgConfig::PCRE2 PkgConfig::HS Threads::Threads m)

# Compiled once for both kinds.
add_library(redress-classify-objects OBJECT ${classify_library_sources})
target_include_directories(redress-classify-objects PRIVATE include engine)
target_link_libraries(redress-classify-objects PRIVATE ${classify_library_needs})
set_target_properties(redress-classify-objects PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)

foreach(kind SHARED STATIC)
  string(TOLOWER ${kind} suffix)
  set(target redress-classify-${suffix})
  add_library(${target} ${kind} $<TARGET_OBJECTS:redress-classify-objects>)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME redress-classify LINKER_LANGUAGE C
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} INTERPROCEDURAL_OPTIMIZATION OFF)
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  target_link_libraries(${target} PRIVATE ${classify_library_needs})
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
