# redress-frontline: what a reader of the frontline queue links against. Its sources are also part of
# the frontline stage, so that the command line needs no second library; here they stand alone, which
# proves that they need nothing but libc. Instrumented builds go without it, as without libredress-classify.
if(REDRESS_SANITIZE OR REDRESS_COVERAGE)
  return()
endif()
file(GLOB frontline_reader_sources CONFIGURE_DEPENDS engine/frontline/reader*.c
  engine/base/status.c engine/verdict/names.c)
foreach(kind SHARED STATIC)
  string(TOLOWER redress_frontline_reader_${kind} target)
  add_library(${target} ${kind} ${frontline_reader_sources})
  target_include_directories(${target} PUBLIC include PRIVATE engine)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME redress-frontline LINKER_LANGUAGE C
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
  install(TARGETS ${target}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endforeach()
# Archives of link-time optimised objects are of no use to other compilers.
set_target_properties(redress_frontline_reader_static PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
# Places relative to the .pc file, so that `cmake --install --prefix DIR` needs no other one.
include(GNUInstallDirs)
file(RELATIVE_PATH REDRESS_PC_INCLUDE_DIR
  "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/${CMAKE_INSTALL_INCLUDEDIR}")
configure_file(cmake/redress-frontline.pc.in redress-frontline.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/redress-frontline.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES include/redress/frontline.h include/redress/message.h include/redress/limits.h
  include/redress/verdict.h include/redress/status.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/redress)
