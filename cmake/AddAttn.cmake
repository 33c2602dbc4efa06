# Wrappers that keep every library and tool of the project alike.

# Links the runtime at build time and every emitted library later.
find_program(ATTN_LLD ld.lld HINTS ${LLVM_TOOLS_BINARY_DIR} REQUIRED)

# add_attn_library(NAME sources... [DEPENDS tablegen...] [LINK_LIBS libs...])
# A static library of the compiler.
function(add_attn_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_LIBS" ${ARGN})
  add_mlir_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS} DISABLE_INSTALL
    DEPENDS ${ARG_DEPENDS} LINK_LIBS PUBLIC ${ARG_LINK_LIBS} AttnLLVM)
  attn_use_precompiled_headers(obj.${name})
endfunction()

# add_attn_tool(NAME [STATIC_LLVM] sources... LINK_LIBS libs...)
# With STATIC_LLVM it starts faster, and is larger.
function(add_attn_tool name)
  cmake_parse_arguments(ARG "STATIC_LLVM" "" "LINK_LIBS" ${ARGN})
  # Else LLVM's function would link the shared library beside the archives.
  set(options)
  if(ARG_STATIC_LLVM)
    set(options DISABLE_LLVM_LINK_LLVM_DYLIB)
  endif()
  add_llvm_executable(${name} ${options} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} AttnLLVM)
  set_target_properties(${name} PROPERTIES ATTN_STATIC_LLVM ${ARG_STATIC_LLVM})
  # LLVM's shared libraries stay where their package put them.
  set_target_properties(${name} PROPERTIES
    INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};${LLVM_LIBRARY_DIR}")
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  # The tests install everything.
  set_property(GLOBAL APPEND PROPERTY ATTN_TEST_DEPENDS ${name})
endfunction()

# add_attn_unittest(NAME sources... [LINK_LIBS libs...])
# A GoogleTest executable, called SomethingTests: lit finds it by that suffix in
# test/unit of the build tree and counts each of its cases.
function(add_attn_unittest name)
  if(NOT name MATCHES "Tests$")
    message(FATAL_ERROR "the unit test ${name} is not called ...Tests: lit would not find it")
  endif()
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_llvm_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} AttnLLVM GTest::gtest GTest::gtest_main)
  attn_use_precompiled_headers(${name})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test/unit)
  set_property(GLOBAL APPEND PROPERTY ATTN_TEST_DEPENDS ${name})
endfunction()
