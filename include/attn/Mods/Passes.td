//===- Passes.td - Mods: named pieces of regions -----------*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_MODS_PASSES_TD
#define ATTN_MODS_PASSES_TD

include "mlir/Pass/PassBase.td"

def InlineMods : Pass<"attn-inline-mods", "::mlir::ModuleOp"> {
  let summary = "Put mods in the place of attn.apply";
  let description = [{
    Afterwards no `attn.apply` is left: regions of attention hold the ops of the
    mods that they applied, as if these had been written there. A name is that of a
    private function of the module, or else of a file in `mods` (in their order), or
    else of the library of mods. In a file and in the library, `!score` is the type
    of scores.

    A parameter may be a tensor that says more of its shape than the mod, or one of
    a narrower type: what is read from it is extended.

    Private functions that were applied go if nothing else uses them, and so do
    unused ones that could have been: with the type of a mask or score mod, or with
    ops that stand in mods only.

    Example:

    ```mlir
    func.func @before(%q: tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32> {
      %o = attn.attention query(%q) key(%q) value(%q) mask(@causal)
        : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>)
        -> tensor<?x8x?x64xf32>
      return %o : tensor<?x8x?x64xf32>
    }
    ```
    becomes
    ```mlir
    %o = attn.attention query(%q) key(%q) value(%q)
      mask(%b: index, %h: index, %i: index, %j: index) {
        %keep = arith.cmpi sle, %j, %i : index
        attn.yield %keep : i1
      }
      : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>)
      -> tensor<?x8x?x64xf32>
    ```
  }];
  let options = [
    ListOption<"mods", "mods", "std::string", "files with further mods">
  ];
  let dependentDialects = [
    "::attn::AttnDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::index::IndexDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"
  ];
}

#endif // ATTN_MODS_PASSES_TD
