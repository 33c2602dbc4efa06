// A chat with images: text sees what came before, and the tokens of an image see each other.

func.func @chat(%q: tensor<?x8x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x64xf32>,
                %images: tensor<?x?xi32>, %lengths: tensor<?xi32>) -> tensor<?x8x?x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v)
    score(@softcap(50.0))
    mask(@causal_but_images(%images : tensor<?x?xi32>), @padding(%lengths : tensor<?xi32>))
    : (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>) -> tensor<?x8x?x64xf32>
  return %o : tensor<?x8x?x64xf32>
}

// The keys up to the query, and those of the query's image: images[b, i] is its number, 0 for text.
func.func private @causal_but_images(%b: index, %h: index, %i: index, %j: index, %images: tensor<?x?xi32>) -> i1 {
  %past = attn.apply @causal(%b, %h, %i, %j) : (index, index, index, index) -> i1
  %same = attn.apply @documents(%b, %h, %i, %j, %images) : (index, index, index, index, tensor<?x?xi32>) -> i1
  %text = arith.constant 0 : i32
  %image = tensor.extract %images[%b, %i] : tensor<?x?xi32>
  %is_image = arith.cmpi ne, %image, %text : i32
  %shown = arith.andi %same, %is_image : i1
  %keep = arith.ori %past, %shown : i1
  return %keep : i1
}
