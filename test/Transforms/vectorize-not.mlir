// What every iteration computes alike stays a scalar; what differs and has no vector
// form keeps the op from being vectorised, and a remark names it.
// RUN: attn-opt %s --attn-vectorize-linalg=vector-bits=512 --remarks-filter-missed=.* 2> %t.remarks | FileCheck %s
// RUN: FileCheck --check-prefix=REMARK %s < %t.remarks

// CHECK-LABEL: @same_for_all
// CHECK: tensor.dim
// CHECK: arith.addf {{.*}} : vector<16xf32>
// REMARK-NOT: scalar
func.func @same_for_all(%x: tensor<4x16xf32>, %t: tensor<?xf32>) -> tensor<4x16xf32> {
  %c0 = arith.constant 0 : index
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      outs(%x : tensor<4x16xf32>) {
  ^bb0(%a: f32):
    %n = tensor.dim %t, %c0 : tensor<?xf32>
    %i = arith.index_cast %n : index to i32
    %f = arith.sitofp %i : i32 to f32
    %s = arith.addf %a, %f : f32
    linalg.yield %s : f32
  } -> tensor<4x16xf32>
  return %r : tensor<4x16xf32>
}

// CHECK-LABEL: @differs
// CHECK: linalg.generic
// REMARK: vectorize-not.mlir:[[@LINE+3]]:{{.*}}runs as scalar loops: 'tensor.dim' in its body has no vector form
func.func @differs(%x: tensor<4x16xf32>, %t: tensor<?x?xf32>) -> tensor<4x16xf32> {
  %c1 = arith.constant 1 : index
  %r = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      outs(%x : tensor<4x16xf32>) {
  ^bb0(%a: f32):
    %d = linalg.index 0 : index
    %k = arith.andi %d, %c1 : index
    %n = tensor.dim %t, %k : tensor<?x?xf32>
    %i = arith.index_cast %n : index to i32
    %f = arith.sitofp %i : i32 to f32
    %s = arith.addf %a, %f : f32
    linalg.yield %s : f32
  } -> tensor<4x16xf32>
  return %r : tensor<4x16xf32>
}
