# Wrappers that keep every library and tool of the project alike.

# add_attn_library(NAME sources... [DEPENDS tablegen...] [LINK_LIBS libs...])
# A static library of the compiler. Links the one shared libMLIR: mixing it with
# the static archives that MLIR_DIALECT_LIBS names makes a hybrid that aborts.
function(add_attn_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_LIBS" ${ARGN})
  add_mlir_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS} DISABLE_INSTALL
    DEPENDS ${ARG_DEPENDS} LINK_LIBS PUBLIC ${ARG_LINK_LIBS} MLIR)
endfunction()

# add_attn_tool(NAME sources... LINK_LIBS libs...)
function(add_attn_tool name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_llvm_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} MLIR LLVM)
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
