# How programs link MLIR and LLVM: AttnLLVM is the one shared library of each, or,
# for a target whose property ATTN_STATIC_LLVM is set, their static archives, of
# which the linker takes what is used. Resolving the symbols of the shared ones
# takes 20 ms of every start, and calls through them a tenth of compiling.
#
# Never both in one program: the packaged archives are used by file, because as
# CMake's targets they bring the shared library along.
add_library(AttnLLVMShared INTERFACE)
target_link_libraries(AttnLLVMShared INTERFACE MLIR LLVM)

get_property(mlir_archives GLOBAL PROPERTY MLIR_ALL_LIBS)
set(ATTN_LLVM_ARCHIVES)
foreach(name IN LISTS mlir_archives LLVM_AVAILABLE_LIBS)
  if(EXISTS ${LLVM_LIBRARY_DIR}/lib${name}.a)
    list(APPEND ATTN_LLVM_ARCHIVES ${LLVM_LIBRARY_DIR}/lib${name}.a)
  endif()
endforeach()
list(REMOVE_DUPLICATES ATTN_LLVM_ARCHIVES)

add_library(AttnLLVMStatic INTERFACE)
if(${LLVM_LIBRARY_DIR}/libMLIRIR.a IN_LIST ATTN_LLVM_ARCHIVES
   AND ${LLVM_LIBRARY_DIR}/libLLVMCore.a IN_LIST ATTN_LLVM_ARCHIVES
   AND NOT ATTN_ENABLE_SANITIZERS)
  get_target_property(system_libraries LLVMSupport INTERFACE_LINK_LIBRARIES)
  list(FILTER system_libraries EXCLUDE REGEX "^LLVM")
  # lld needs no order among archives.
  target_link_libraries(AttnLLVMStatic INTERFACE ${ATTN_LLVM_ARCHIVES} -Wl,--as-needed ${system_libraries})
else()
  message(STATUS "MLIR and LLVM are linked as shared libraries only")
  target_link_libraries(AttnLLVMStatic INTERFACE AttnLLVMShared)
endif()

add_library(AttnLLVM INTERFACE)
target_link_libraries(AttnLLVM INTERFACE
  $<IF:$<BOOL:$<TARGET_PROPERTY:ATTN_STATIC_LLVM>>,AttnLLVMStatic,AttnLLVMShared>)
