# Upstream's headers take most of the time of a file: they are compiled once for all
# libraries. The project's own are not among them, so that a change of one rebuilds only
# what includes it; and every file still includes what it uses.
option(ATTN_PRECOMPILE_HEADERS "Compile the headers of MLIR once" ON)

if(ATTN_PRECOMPILE_HEADERS)
  file(WRITE ${CMAKE_BINARY_DIR}/upstream-headers.cpp "// Headers only.\n")
  add_library(AttnUpstreamHeaders OBJECT ${CMAKE_BINARY_DIR}/upstream-headers.cpp)
  llvm_update_compile_flags(AttnUpstreamHeaders)
  target_precompile_headers(AttnUpstreamHeaders PRIVATE
    <mlir/Analysis/DataFlowFramework.h>
    <mlir/Dialect/Affine/IR/AffineOps.h>
    <mlir/Dialect/Arith/IR/Arith.h>
    <mlir/Dialect/Arith/Utils/Utils.h>
    <mlir/Dialect/Bufferization/IR/Bufferization.h>
    <mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h>
    <mlir/Dialect/Func/IR/FuncOps.h>
    <mlir/Dialect/LLVMIR/LLVMDialect.h>
    <mlir/Dialect/Linalg/IR/Linalg.h>
    <mlir/Dialect/Math/IR/Math.h>
    <mlir/Dialect/MemRef/IR/MemRef.h>
    <mlir/Dialect/SCF/IR/SCF.h>
    <mlir/Dialect/SCF/Transforms/TileUsingInterface.h>
    <mlir/Dialect/Tensor/IR/Tensor.h>
    <mlir/Dialect/Utils/StaticValueUtils.h>
    <mlir/Dialect/Vector/IR/VectorOps.h>
    <mlir/IR/IRMapping.h>
    <mlir/IR/Matchers.h>
    <mlir/IR/PatternMatch.h>
    <mlir/IR/Remarks.h>
    <mlir/IR/TypeUtilities.h>
    <mlir/Interfaces/TilingInterface.h>
    <mlir/Pass/Pass.h>
    <mlir/Transforms/GreedyPatternRewriteDriver.h>
    <llvm/ADT/StringExtras.h>
    <llvm/Support/MathExtras.h>)
  # The same bytes for the same headers: ccache compares them.
  target_compile_options(AttnUpstreamHeaders PRIVATE -Xclang -fno-pch-timestamp)
endif()

function(attn_use_precompiled_headers target)
  if(ATTN_PRECOMPILE_HEADERS)
    target_precompile_headers(${target} REUSE_FROM AttnUpstreamHeaders)
  endif()
endfunction()
