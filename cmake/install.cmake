include(GNUInstallDirs)
install(TARGETS redress RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
include(cmake/library-classify.cmake)
