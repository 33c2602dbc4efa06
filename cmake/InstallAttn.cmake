# cmake --install: attnc and its fellows, the C library, the headers, and what
# find_package(AttnMLIR) reads. LLVM's own shared libraries stay where they are, for those that use them.
include(CMakePackageConfigHelpers)

add_library(AttnABI INTERFACE)
set_target_properties(AttnABI PROPERTIES EXPORT_NAME ABI)
target_include_directories(AttnABI INTERFACE
  $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/AttnMLIR)
add_executable(AttnMLIR::attnc ALIAS attnc)
install(TARGETS attnc AttnCompiler AttnABI EXPORT AttnMLIRTargets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT AttnMLIRTargets NAMESPACE AttnMLIR:: DESTINATION ${package_folder})
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/AttnMLIRConfig.cmake.in
  ${CMAKE_BINARY_DIR}/AttnMLIRConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/AttnMLIRConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
# attn-bench --peers and --sweep run these, and they call what attnc compiled.
install(DIRECTORY ${CMAKE_SOURCE_DIR}/benchmarks ${CMAKE_SOURCE_DIR}/python
  DESTINATION ${CMAKE_INSTALL_DATADIR}/attn-mlir
  FILES_MATCHING PATTERN *.py PATTERN *.json PATTERN baseline EXCLUDE PATTERN __pycache__ EXCLUDE)
install(FILES
  ${CMAKE_BINARY_DIR}/AttnMLIRConfig.cmake
  ${CMAKE_BINARY_DIR}/AttnMLIRConfigVersion.cmake
  ${CMAKE_SOURCE_DIR}/cmake/AttnAddLibrary.cmake
  DESTINATION ${package_folder})
