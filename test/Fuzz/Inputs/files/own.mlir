// Keys of the same kind as the query, and those near it.
func.func private @kind(%b: index, %h: index, %i: index, %j: index, %kinds: tensor<?x?xi8>, %reach: index) -> i1 {
  %x = tensor.extract %kinds[%b, %i] : tensor<?x?xi8>
  %y = tensor.extract %kinds[%b, %j] : tensor<?x?xi8>
  %same = arith.cmpi eq, %x, %y : i8
  %near = attn.apply @near(%b, %h, %i, %j, %reach) : (index, index, index, index, index) -> i1
  %keep = arith.ori %same, %near : i1
  return %keep : i1
}

func.func private @near(%b: index, %h: index, %i: index, %j: index, %reach: index) -> i1 {
  %d = arith.subi %i, %j : index
  %a = math.absi %d : index
  %keep = arith.cmpi sle, %a, %reach : index
  return %keep : i1
}

func.func private @gain(%s: !score, %b: index, %h: index, %i: index, %j: index, %gains: tensor<?x!score>) -> !score {
  %gain = tensor.extract %gains[%h] : tensor<?x!score>
  %r = arith.mulf %s, %gain : !score
  return %r : !score
}
