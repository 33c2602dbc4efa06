# attn_add_library(NAME FILE.mlir [TARGETS target...])
# A static library target NAME, compiled from FILE by attnc, with its header
# NAME.h on the include path.
function(attn_add_library name source)
  cmake_parse_arguments(ARG "" "" "TARGETS" ${ARGN})
  if(NOT ARG_TARGETS)
    set(ARG_TARGETS host)
  endif()
  list(JOIN ARG_TARGETS "," targets)
  get_filename_component(source "${source}" ABSOLUTE)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}.attn")
  set(outputs "${folder}/${name}.a" "${folder}/${name}.h")
  file(MAKE_DIRECTORY "${folder}")
  add_custom_command(OUTPUT ${outputs}
    COMMAND AttnMLIR::attnc "${source}" -o "${folder}/${name}"
      --target=${targets} --emit=archive,header
    DEPENDS "${source}" AttnMLIR::attnc
    COMMENT "Compiling ${name} with attnc"
    VERBATIM)
  add_custom_target(${name}-attn DEPENDS ${outputs})
  find_package(Threads REQUIRED)
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}-attn)
  target_include_directories(${name} INTERFACE "${folder}")
  target_link_libraries(${name} INTERFACE "${folder}/${name}.a" m Threads::Threads)
endfunction()
