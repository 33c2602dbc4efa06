//===- Passes.td - Passes over the attn dialect ------------*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TRANSFORMS_PASSES_TD
#define ATTN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def GuardLoads : Pass<"attn-guard-loads", "::mlir::func::FuncOp"> {
  let summary = "Keep loads of score and mask regions in their tensors";
  let description = [{
    A region may read a captured tensor at any index that it computes. An index that
    is not proved to lie in the tensor is clamped to [0, size - 1] by `arith.maxsi`
    and `arith.minsi`; what is proved stays as it is, and with it loads of vectors.
    Proofs are integer ranges of the positions and of types, clamps that the user
    wrote, and extents that the entry checks: those that an index of exactly `b`, `i`
    or `j` asks for in an argument.

    An empty dimension has no element to give. Where one could be, the load's
    attribute `attn.not_empty` lists it for attn-emit-checks, which makes the entry
    refuse it; one that is static is refused here. The function's arguments lose the
    attribute `attn.extents`, by which the compiler tells what the entry checks.
    A remark says which loads are guarded.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"
  ];
}

def SplitCasts : Pass<"attn-split-casts"> {
  let summary = "Keep casts of index values to fewer bits from folding";
  let description = [{
    Upstream's canonicalizer replaces `index -> iN -> index` by the index, whatever N is.
    Where the first cast is not proved to keep the number, it becomes one of 32 bits (of 64
    for an N of 32 and more) and `arith.trunci`, which stays. Comes before whatever
    canonicalizes.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def GuardArithmetic : Pass<"attn-guard-arithmetic", "::mlir::func::FuncOp"> {
  let summary = "Give integer arithmetic a result for all operands";
  let description = [{
    What the hardware traps on, and what arith leaves undefined, gets the meaning that
    the reference gives it:

    - a divisor of zero counts as one, and the least integer divided by -1 is itself,
      with a remainder of zero;
    - a shift by at least the width, read as unsigned, moves all bits out: what is left
      is zero, or the sign where the sign moves in;
    - a float that becomes an integer is rounded toward zero and kept in the range of
      the integer; NaN gives zero;
    - what a program promises by `nsw`, `nuw`, `exact`, `nnan` or `ninf` is not believed.

    What is proved to need no guard stays as it is: by integer ranges of positions,
    constants and types, and by intervals of floats. A guard of a value from outside of
    a region stands outside. A remark says what is guarded. What is done to whole
    tensors at once is left alone.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def UpdateInPlace : Pass<"attn-update-in-place", "::mlir::ModuleOp"> {
  let summary = "Find the arguments that a public function changes";
  let description = [{
    A result that is an argument with rows put into it, by `attn.append` or
    `tensor.insert_slice`, once or several times in a row, is that argument changed
    in place: it gets the attribute `attn.updated_by` with the number of the result.
    What such an argument held before must not be used after the change, as that
    would need a copy of it: an error says so.
  }];
}

def ExpandAppends : Pass<"attn-expand-appends", "::mlir::func::FuncOp"> {
  let summary = "Write new rows of caches as loops";
  let description = [{
    Replaces `attn.append` by loops over batches (and with a page table, over new
    rows) that insert slices. After bufferization only new rows are copied.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def EmitChecks : Pass<"attn-emit-checks", "::mlir::ModuleOp"> {
  let summary = "Write a function that checks what an entry's arguments hold";
  let description = [{
    For an entry whose attention has starts of sequences or a page table, or which
    changes a cache, adds
    `ENTRY_check` of the same arguments, with the attribute `attn.check_of`. It
    gives 0, or the number of the rule that is broken (from 1) in the low 16 bits
    and the element that breaks it (or -1) above. The attribute `attn.checks` of
    the entry lists argument and rule in turns.

    New rows must lie in the cache: the positions of `attn.append` and the pages that
    they fall on, and the offsets of a `tensor.insert_slice` into an argument that the
    entry changes. Positions must be an argument, as the kernel relies on them.

    Of a page table only entries are wrong whose page some query sees. The mask
    analysis bounds what is looked at; where an entry is no page, the mask
    decides. Starts must be arguments of the entry, as the kernel relies on them.

    Captured tensors that a region reads at a computed index must not be empty, in
    the dimensions that `attn.not_empty` lists, where there are queries.

    Keys in pages are fewer than 2^31. Where a region's positions fit lanes of 32 bits
    only if lengths are at most 2^30, that is checked, and the region's terminator gets
    the attribute `attn.short_lengths`.

    In a module with the attribute `attn.check_scales`, scales of caches must be
    finite and not 0 where some query sees their key.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"
  ];
}

def PackValues : Pass<"attn-pack-values", "::mlir::func::FuncOp"> {
  let summary = "Put pairs of keys side by side in the values";
  let description = [{
    Where a schedule multiplies pairs of bf16 (`dot = 2`), two rows of the values
    must lie side by side. This writes them so once for all queries, into a tensor
    that the attention takes as its operand group `value_pairs`; without it every
    query tile would do it again.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def TileQueries : Pass<"attn-tile-queries", "::mlir::func::FuncOp"> {
  let summary = "Cut each attention into tasks of one head and one query tile";
  let description = [{
    Tiles every `attn.attention` over batch, heads and queries into one
    `scf.forall` with the upstream driver (`TilingInterface`). The query tile is
    the one of the op's schedule. After this pass each attention has one batch,
    one query head and at most `query_tile` queries, and knows its global
    offsets.

    A schedule of kind decode makes tasks of one key head, all query heads of its
    group and a part of the keys, in which the attention is already an
    `attn.online_attention` over key tiles; a second `scf.forall` merges the
    parts. With `decode_schedule` there are both forms, and at run time the tasks
    of one of them are none.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def TileKeys : Pass<"attn-tile-keys", "::mlir::func::FuncOp"> {
  let summary = "Write each query tile as a loop over key tiles";
  let description = [{
    Takes the tasks that attn-tile-queries made. Packs the scaled query tile with
    queries in the lanes, cuts the keys to the range that the mask analysis
    proves, and runs `attn.online_attention` over tiles of them with the upstream
    driver; then normalises into the task's slice of the output. There is one
    copy for each number of query vectors that a ragged last tile can have.
    Keys outside the range are not read at all. Where the mask may leave holes
    in the range that the analysis can see, the loop is over runs of live keys,
    which it looks for ahead of each tile; so is the one of a schedule of kind
    decode (attn-tile-queries).
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def TileMerges : Pass<"attn-tile-merges", "::mlir::func::FuncOp"> {
  let summary = "Write merges of partial attentions as parallel tasks";
  let description = [{
    Replaces `attn.merge_partials` by one `scf.forall` over batches, heads and tiles
    of queries, with loops over the shards of every operand and linalg on rows
    inside. Of a row that a shard has no live key for, its output is not read.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"
  ];
}

def TileRecurrences : Pass<"attn-tile-recurrences", "::mlir::func::FuncOp"> {
  let summary = "Write linear attention as chunks of tokens";
  let description = [{
    Replaces `attn.linear_attention` by an `scf.forall` over batches, key/value heads
    and runs of columns of the state, with a loop over chunks of tokens inside: what
    remains between the tokens of a chunk, their products with each other and with the
    state, for the delta rule a triangular solution in blocks, and the new state. The
    tokens behind the last chunk, if they are few, come one by one, in a form that
    reads the state once; a single token is of that form alone.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"
  ];
}

def TileProjections : Pass<"attn-tile-projections", "::mlir::ModuleOp"> {
  let summary = "Write projections as register-tiled contractions";
  let description = [{
    Replaces `attn.project_heads` and `attn.merge_heads` by one `scf.forall` a
    weight, over batch, output heads and runs of rows, with linalg on register
    blocks inside: bias, contraction, activation, straight into the layout of the
    result. Weights that are arguments are packed once by a function
    `NAME_prepare`, as what is multiplied: f64 of f64, pairs of bf16 where the
    target adds both products of a pair to f32, f32 of all others, whose rows are
    converted once a block.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def DecomposeAggregates
    : Pass<"attn-decompose-aggregates", "::mlir::func::FuncOp"> {
  let summary = "Write linalg.softmax and its like as linalg.generic";
  let description = [{
    Decomposes every `AggregatedOpInterface` op outside the attn dialect: what is
    not attention in a model still compiles.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"
  ];
}

def DecomposeOnlineAttention
    : Pass<"attn-decompose-online-attention", "::mlir::func::FuncOp"> {
  let summary = "Write one key tile as contractions and row operations";
  let description = [{
    Replaces `attn.online_attention` by loops over blocks of keys whose scores fit
    the registers, with linalg on small static tensors inside: scores, the score
    region, the mask region where a block is not wholly live, a lazy running
    maximum whose rescaling is a cold branch, exp2, and one contraction with the
    values for the whole tile. No `attn` op is left.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def UnpackNibbles : Pass<"attn-unpack-nibbles", "::mlir::ModuleOp"> {
  let summary = "Read tensors of i4 as the bytes that hold them";
  let description = [{
    An argument of i4 becomes one of i8 with half the last dimension: two elements
    share a byte, the first in its low half. Reads of an element become a read of
    its byte and two shifts. Nothing but reads is left of i4 when this runs.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"
  ];
}

def UnpackBooleans : Pass<"attn-unpack-booleans", "::mlir::ModuleOp"> {
  let summary = "Read tensors of i1 as the bytes that hold them";
  let description = [{
    An argument of i1 lies in memory as one byte an element, and a vector of i1 is
    one of bits. Arguments that are only read, element by element, become i8, and an
    element is true where its byte is not zero: so they are read by vectors.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def Vectorize : Pass<"attn-vectorize-linalg", "::mlir::func::FuncOp"> {
  let summary = "linalg on tensors to register-shaped vector code";
  let description = [{
    Every `linalg.generic` and `linalg.fill` becomes vector code: the last
    dimension of its output lies in the lanes, other small static dimensions are
    unrolled, the rest are loops. Contractions carry their accumulators in
    registers through the loop over the contracted dimension, and finish one row
    before the next. What does not depend on the lane is computed once, on
    scalars. A transposed read goes through registers. A reduction over what lies
    contiguously in memory (`attn.reduce_lanes`) ends in a tree of shuffles.
    What a contraction is to fetch for later (`attn.fetch`) moves into the cache
    while it runs, a few lines every few steps. An op that has no vector form
    stays, with a remark, and becomes scalar loops in stage 6.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "0",
           "Width of a vector; 0 takes the module's target">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def OutputsToArguments
    : Pass<"attn-outputs-to-arguments", "::mlir::ModuleOp"> {
  let summary = "Give public functions the caller's memory as parameters";
  let description = [{
    Every tensor of a public function's signature becomes a memref with a unit
    inner stride and dynamic other strides; results become parameters after the
    inputs. A result that is an argument changed in place (`attn.updated_by`) is
    none. Then one-shot bufferization needs no copies at the boundary.
  }];
  let dependentDialects = [
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::memref::MemRefDialect"
  ];
}

def ExpandCopies : Pass<"attn-expand-copies", "::mlir::func::FuncOp"> {
  let summary = "Write copies between buffers as loops";
  let description = [{
    A copy of a whole argument that the function changes in place is an error.
    Upstream lowers `memref.copy` between strided buffers to a call of a C++
    runtime that libraries here do not have. Kernels have no copies; what is not
    attention in a model may. Each is reported by a remark, but for new rows of an
    argument that the function changes. A row of known length is one vector, if it
    is not too long.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def MaskReshapedReads : Pass<"attn-mask-reshaped-reads", "::mlir::func::FuncOp"> {
  let summary = "Mask vectors that go beyond the rows of a reshaped buffer";
  let description = [{
    A read of a vector from a `memref.expand_shape` that may go beyond its row, and
    is then zero there, has a mask that says so. Upstream folds such reads into
    reads of the buffer that was reshaped, in which another row comes next, and
    keeps masks only.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def OutlineParallel : Pass<"attn-outline-parallel", "::mlir::ModuleOp"> {
  let summary = "Turn each parallel loop into a task and a parallel call";
  let description = [{
    The body of an `scf.forall` on memrefs becomes a private function of the
    values that it captures, a linear index and a worker's scratch memory; the
    loop becomes a call of a declared function with the attribute
    `attn.task`, whose body attn-emit-parallel-calls writes after the conversion
    to LLVM.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::memref::MemRefDialect",
    "::mlir::LLVM::LLVMDialect"
  ];
}

def PlaceScratch : Pass<"attn-place-scratch", "::mlir::ModuleOp"> {
  let summary = "Put every allocation into the caller's workspace";
  let description = [{
    Allocations of a task become views of the worker's scratch memory, at fixed
    offsets; the two branches of an `scf.if` share theirs. Allocations of an entry
    become views of its workspace at offsets computed from the shapes, and
    `ENTRY_workspace_size` computes their sum. Nothing allocates after this.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::memref::MemRefDialect", "::mlir::LLVM::LLVMDialect"
  ];
}

def EmitParallelCalls : Pass<"attn-emit-parallel-calls", "::mlir::ModuleOp"> {
  let summary = "Write the calls of the runtime's parallel loop";
  let description = [{
    Runs on the LLVM dialect. Each function that attn-outline-parallel declared
    stores its arguments in a structure on the stack and passes it to
    `attn_rt_parallel_for` with a callback that loads them and calls the task.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // ATTN_TRANSFORMS_PASSES_TD
