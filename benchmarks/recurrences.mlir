// Recurrences of one shape, to be timed with attn-run --repeat (docs/benchmarking.md).

!rows = tensor<?x8x?x64xf32>
!gates = tensor<?x8x?xf32>
!token = tensor<?x32x?x128xf32>
!gate = tensor<?x32x?xf32>
!state = tensor<?x32x128x128xf32>

func.func @linear(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.linear_attention query(%q) key(%k) value(%v)
    : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}

func.func @gated(%q: !rows, %k: !rows, %v: !rows, %g: !gates) -> !rows {
  %o = attn.linear_attention query(%q) key(%k) value(%v) decay(%g)
    : (!rows, !rows, !rows, !gates) -> !rows
  return %o : !rows
}

func.func @features(%q: !rows, %k: !rows, %v: !rows, %g: !rows) -> !rows {
  %o = attn.linear_attention query(%q) key(%k) value(%v) decay(%g)
    : (!rows, !rows, !rows, !rows) -> !rows
  return %o : !rows
}

func.func @delta(%q: !rows, %k: !rows, %v: !rows, %b: !gates) -> !rows {
  %o = attn.linear_attention query(%q) key(%k) value(%v) beta(%b)
    : (!rows, !rows, !rows, !gates) -> !rows
  return %o : !rows
}

func.func @gated_delta(%q: !rows, %k: !rows, %v: !rows, %g: !gates, %b: !gates) -> !rows {
  %o = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) beta(%b)
    : (!rows, !rows, !rows, !gates, !gates) -> !rows
  return %o : !rows
}

func.func @features_delta(%q: !rows, %k: !rows, %v: !rows, %g: !rows, %b: !gates) -> !rows {
  %o = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) beta(%b)
    : (!rows, !rows, !rows, !rows, !gates) -> !rows
  return %o : !rows
}

// What all of them are an alternative to.
func.func @causal(%q: !rows, %k: !rows, %v: !rows) -> !rows {
  %o = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %seen = arith.cmpi sle, %j, %i : index
      attn.yield %seen : i1
    }
    : (!rows, !rows, !rows) -> !rows
  return %o : !rows
}

// A token of a layer of 32 states.
func.func @step(%q: !token, %k: !token, %v: !token, %g: !gate, %b: !gate, %s: !state) -> (!token, !state) {
  %o, %last = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) beta(%b) state(%s)
    : (!token, !token, !token, !gate, !gate, !state) -> (!token, !state)
  return %o, %last : !token, !state
}
