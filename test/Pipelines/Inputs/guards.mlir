// What guards.py refuses, and between it what it takes.
func.func @f(%a: memref<4xf32>, %n: index, %c: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  memref.copy %a, %a : memref<4xf32> to memref<4xf32>
  %good = memref.alloc() : memref<4xf32>
  %0 = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a) -> (memref<4xf32>) {
    scf.if %c {
      %1 = memref.alloc() : memref<4xf32>
    }
    scf.yield %x : memref<4xf32>
  }
  %2 = scf.if %c -> (memref<4xf32>) {
    scf.yield %a : memref<4xf32>
  } else {
    scf.yield %good : memref<4xf32>
  }
  %3 = scf.if %c -> (f32) {
    %x = memref.load %a[%c0] : memref<4xf32>
    scf.yield %x : f32
  } else {
    %x = memref.load %a[%c1] : memref<4xf32>
    scf.yield %x : f32
  }
  %4 = memref.alloc() : memref<4xf32>
  return
}
