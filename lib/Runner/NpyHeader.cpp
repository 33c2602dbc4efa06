//===- NpyHeader.cpp - The dictionary in the header of a .npy file
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NpyHeader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace attn;

namespace {
/// Recursive descent over the rest of the text. Each function consumes what it
/// read and returns whether it was there.
class HeaderParser {
public:
  HeaderParser(StringRef text, NpyHeader &header)
      : rest(text), header(header) {}

  std::string parse();

private:
  bool punctuation(char wanted) {
    rest = rest.ltrim(" \t\r\n");
    return rest.consume_front(StringRef(&wanted, 1));
  }
  bool string(std::string &value);
  bool boolean(bool &value);
  bool shape();
  std::string entry();

  StringRef rest;
  NpyHeader &header;
  SmallVector<std::string> seen;
};
} // namespace

bool HeaderParser::string(std::string &value) {
  char quote = '\'';
  if (!punctuation(quote)) {
    quote = '"';
    if (!punctuation(quote))
      return false;
  }
  // No key or element type needs an escape.
  size_t end = rest.find(quote);
  if (end == StringRef::npos || rest.take_front(end).contains('\\'))
    return false;
  value = rest.take_front(end).str();
  rest = rest.drop_front(end + 1);
  return true;
}

bool HeaderParser::boolean(bool &value) {
  rest = rest.ltrim(" \t\r\n");
  value = rest.consume_front("True");
  return value || rest.consume_front("False");
}

bool HeaderParser::shape() {
  if (!punctuation('('))
    return false;
  bool comma = true;
  while (!punctuation(')')) {
    int64_t size;
    rest = rest.ltrim(" \t\r\n");
    // consumeInteger takes a sign, and prefixes in radix 0 only.
    if (!comma || rest.empty() || !isDigit(rest.front()) ||
        rest.consumeInteger(10, size))
      return false;
    rest.consume_front("L"); // Python 2 wrote long integers so.
    header.shape.push_back(size);
    comma = punctuation(',');
  }
  // (3) is a number, not a tuple.
  return header.shape.size() != 1 || comma;
}

std::string HeaderParser::entry() {
  std::string key;
  if (!string(key) || !punctuation(':'))
    return "the header is not a dictionary with quoted keys";
  if (is_contained(seen, key))
    return "the header has the key '" + key + "' twice";
  seen.push_back(key);
  if (key == "descr")
    return string(header.descr)
               ? ""
               : "the header's 'descr' is not one quoted element type";
  if (key == "fortran_order")
    return boolean(header.fortranOrder)
               ? ""
               : "the header's 'fortran_order' is neither True nor False";
  if (key == "shape")
    return shape() ? ""
                   : "the header's 'shape' is not a tuple of non-negative "
                     "integers";
  return "the header has the unknown key '" + key + "'";
}

std::string HeaderParser::parse() {
  if (!punctuation('{'))
    return "the header is not a dictionary: it does not begin with {";
  for (bool comma = true; !punctuation('}'); comma = punctuation(',')) {
    if (!comma)
      return "the header is not a dictionary: expected , or }";
    if (std::string problem = entry(); !problem.empty())
      return problem;
  }
  if (!rest.trim(" \t\r\n").empty())
    return "the header has text after its dictionary";
  for (StringRef key : {"descr", "fortran_order", "shape"})
    if (!is_contained(seen, key))
      return "the header has no '" + key.str() + "'";
  return "";
}

std::string attn::parseNpyHeader(StringRef text, NpyHeader &header) {
  return HeaderParser(text, header).parse();
}
