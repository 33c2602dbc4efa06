// Positions on grids: neighbourhoods (Hassani et al., 2023), each of `size` places along an axis,
// also at the border, where the query is not in the middle. Lengths are at least 1.

// The first of the `size` places around `x` on an axis of `length`.
func.func private @first_near(%x: index, %length: index, %size: index) -> index {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %half = arith.divsi %size, %c2 : index
  %low = arith.subi %x, %half : index
  %most = arith.subi %length, %size : index
  %inside = arith.minsi %low, %most : index
  %first = arith.maxsi %inside, %c0 : index
  return %first : index
}

// Whether `y` is one of the `size` places from `first` on.
func.func private @is_from(%y: index, %first: index, %size: index) -> i1 {
  %end = arith.addi %first, %size : index
  %after = arith.cmpi sge, %y, %first : index
  %before = arith.cmpi slt, %y, %end : index
  %is = arith.andi %after, %before : i1
  return %is : i1
}

// The `size` keys around the query, of `length` keys.
func.func private @neighbourhood(%b: index, %h: index, %i: index, %j: index, %length: index, %size: index) -> i1 {
  %first_keep = attn.apply @first_near(%i, %length, %size) : (index, index, index) -> index
  %keep = attn.apply @is_from(%j, %first_keep, %size) : (index, index, index) -> i1
  return %keep : i1
}

// The `size` x `size` places around the query's, on a grid of `rows` x `columns`, row by row.
func.func private @neighbourhood_2d(%b: index, %h: index, %i: index, %j: index, %rows: index, %columns: index,
                                    %size: index) -> i1 {
  %c1 = arith.constant 1 : index
  %n = arith.maxsi %columns, %c1 : index
  %yi = arith.divui %i, %n : index
  %xi = arith.remui %i, %n : index
  %yj = arith.divui %j, %n : index
  %xj = arith.remui %j, %n : index
  %first_y = attn.apply @first_near(%yi, %rows, %size) : (index, index, index) -> index
  %y = attn.apply @is_from(%yj, %first_y, %size) : (index, index, index) -> i1
  %first_x = attn.apply @first_near(%xi, %n, %size) : (index, index, index) -> index
  %x = attn.apply @is_from(%xj, %first_x, %size) : (index, index, index) -> i1
  %keep = arith.andi %y, %x : i1
  return %keep : i1
}

// The cube of `size` places around the query's, on a grid of `planes` x `rows` x `columns`.
func.func private @neighbourhood_3d(%b: index, %h: index, %i: index, %j: index, %planes: index, %rows: index,
                                    %columns: index, %size: index) -> i1 {
  %c1 = arith.constant 1 : index
  %width = arith.maxsi %columns, %c1 : index
  %height = arith.maxsi %rows, %c1 : index
  %plane = arith.muli %height, %width : index
  %zi = arith.divui %i, %plane : index
  %zj = arith.divui %j, %plane : index
  %ri = arith.remui %i, %plane : index
  %rj = arith.remui %j, %plane : index
  %first_z = attn.apply @first_near(%zi, %planes, %size) : (index, index, index) -> index
  %z = attn.apply @is_from(%zj, %first_z, %size) : (index, index, index) -> i1
  %yx = attn.apply @neighbourhood_2d(%b, %h, %ri, %rj, %height, %width, %size)
      : (index, index, index, index, index, index, index) -> i1
  %keep = arith.andi %yx, %z : i1
  return %keep : i1
}
