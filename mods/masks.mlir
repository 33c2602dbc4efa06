// Masks of order, lengths and documents. `b` counts batches (or packed sequences), `h` query
// heads, `i` queries and `j` keys, from 0.

// The keys up to the query: j <= i, also where there are more keys than queries.
func.func private @causal(%b: index, %h: index, %i: index, %j: index) -> i1 {
  %keep = arith.cmpi sle, %j, %i : index
  return %keep : i1
}

// The keys up to the query, of which `more` were there before: j <= i + more.
// With SK - SQ for `more` the last query sees the last key ("bottom right"); a step of a
// decoder has the number of keys that it had before.
func.func private @causal_after(%b: index, %h: index, %i: index, %j: index, %more: index) -> i1 {
  %last = arith.addi %i, %more : index
  %keep = arith.cmpi sle, %j, %last : index
  return %keep : i1
}

// The same for each batch, by its lengths: j <= i + keys[b] - queries[b], j < keys[b].
// `keys` and `queries` count what is no padding, at the front.
func.func private @causal_lengths(%b: index, %h: index, %i: index, %j: index, %keys: tensor<?xi32>,
                                  %queries: tensor<?xi32>) -> i1 {
  %k = tensor.extract %keys[%b] : tensor<?xi32>
  %q = tensor.extract %queries[%b] : tensor<?xi32>
  %length = arith.index_cast %k : i32 to index
  %ours = arith.index_cast %q : i32 to index
  %more = arith.subi %length, %ours : index
  %last = arith.addi %i, %more : index
  %past = arith.cmpi sle, %j, %last : index
  %there = arith.cmpi slt, %j, %length : index
  %keep = arith.andi %past, %there : i1
  return %keep : i1
}

// The first keys of each batch, its length: j < lengths[b].
func.func private @padding(%b: index, %h: index, %i: index, %j: index, %lengths: tensor<?xi32>) -> i1 {
  %n = tensor.extract %lengths[%b] : tensor<?xi32>
  %length = arith.index_cast %n : i32 to index
  %keep = arith.cmpi slt, %j, %length : index
  return %keep : i1
}

// The keys from the first one of each batch: j >= firsts[b], where padding is in front.
func.func private @left_padding(%b: index, %h: index, %i: index, %j: index, %firsts: tensor<?xi32>) -> i1 {
  %n = tensor.extract %firsts[%b] : tensor<?xi32>
  %first = arith.index_cast %n : i32 to index
  %keep = arith.cmpi sge, %j, %first : index
  return %keep : i1
}

// The prefix of each batch, and the keys up to the query: j < prefix[b] or j <= i.
// Raffel et al., 2020 (T5), section 3.2.
func.func private @prefix_lm(%b: index, %h: index, %i: index, %j: index, %prefix: tensor<?xi32>) -> i1 {
  %n = tensor.extract %prefix[%b] : tensor<?xi32>
  %length = arith.index_cast %n : i32 to index
  %shared = arith.cmpi slt, %j, %length : index
  %past = arith.cmpi sle, %j, %i : index
  %keep = arith.ori %shared, %past : i1
  return %keep : i1
}

// The keys of the query's document: ids[b, i] = ids[b, j], for as many queries as keys.
// Documents lie behind each other in a batch; `@causal` beside it for language models.
func.func private @documents(%b: index, %h: index, %i: index, %j: index, %ids: tensor<?x?xi32>) -> i1 {
  %mine = tensor.extract %ids[%b, %i] : tensor<?x?xi32>
  %its = tensor.extract %ids[%b, %j] : tensor<?x?xi32>
  %keep = arith.cmpi eq, %mine, %its : i32
  return %keep : i1
}

// The keys from where the query's document starts, up to the query: starts[b, i] <= j <= i.
// `starts` holds the first position of the document that a position is in. This costs less
// than `@causal` with `@documents`: which keys are live is known without a search.
func.func private @document_starts(%b: index, %h: index, %i: index, %j: index, %starts: tensor<?x?xi32>) -> i1 {
  %n = tensor.extract %starts[%b, %i] : tensor<?x?xi32>
  %start = arith.index_cast %n : i32 to index
  %mine = arith.cmpi sge, %j, %start : index
  %past = arith.cmpi sle, %j, %i : index
  %keep = arith.andi %mine, %past : i1
  return %keep : i1
}

// A prompt of all batches and behind it the batch's own keys: j < shared or firsts[b] <= j < lasts[b].
// Many answers to one prompt (Hydragen, Juravsky et al., 2024; cascade inference).
func.func private @shared_prefix(%b: index, %h: index, %i: index, %j: index, %shared: index,
                                 %firsts: tensor<?xi32>, %lasts: tensor<?xi32>) -> i1 {
  %f = tensor.extract %firsts[%b] : tensor<?xi32>
  %l = tensor.extract %lasts[%b] : tensor<?xi32>
  %first = arith.index_cast %f : i32 to index
  %last = arith.index_cast %l : i32 to index
  %prompt = arith.cmpi slt, %j, %shared : index
  %after = arith.cmpi sge, %j, %first : index
  %before = arith.cmpi slt, %j, %last : index
  %own = arith.andi %after, %before : i1
  %keep = arith.ori %prompt, %own : i1
  return %keep : i1
}
