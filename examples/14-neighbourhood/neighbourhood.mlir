// Neighbourhood attention on an image (NATTEN; Hassani et al., 2023): a pixel sees the 7 x 7
// pixels around it, and where those would leave the image, the 7 x 7 at its edge. Pixels lie
// in rows, one behind the other; the image's width is an argument, its height follows.

func.func @neighbourhood(%q: tensor<?x4x?x32xf32>, %k: tensor<?x4x?x32xf32>, %v: tensor<?x4x?x32xf32>, %width: index)
    -> tensor<?x4x?x32xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c7 = arith.constant 7 : index
  %pixels = tensor.dim %k, %c2 : tensor<?x4x?x32xf32>
  %height = arith.divui %pixels, %width : index
  %lastX = arith.subi %width, %c7 : index
  %lastY = arith.subi %height, %c7 : index
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %iy = arith.divui %i, %width : index
      %ix = arith.remui %i, %width : index
      %jy = arith.divui %j, %width : index
      %jx = arith.remui %j, %width : index
      // The first row and column of the neighbourhood, inside of the image.
      %y0 = arith.subi %iy, %c3 : index
      %y1 = arith.minsi %y0, %lastY : index
      %y = arith.maxsi %y1, %c0 : index
      %x0 = arith.subi %ix, %c3 : index
      %x1 = arith.minsi %x0, %lastX : index
      %x = arith.maxsi %x1, %c0 : index
      %dy = arith.subi %jy, %y : index
      %dx = arith.subi %jx, %x : index
      %inY = arith.cmpi ult, %dy, %c7 : index
      %inX = arith.cmpi ult, %dx, %c7 : index
      %keep = arith.andi %inY, %inX : i1
      attn.yield %keep : i1
    }
    : (tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>, tensor<?x4x?x32xf32>) -> tensor<?x4x?x32xf32>
  return %o : tensor<?x4x?x32xf32>
}
