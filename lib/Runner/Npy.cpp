//===- Npy.cpp - Reading and writing .npy files
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Runner/Npy.h"
#include "NpyHeader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Errc.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>

using namespace llvm;
using namespace attn;

static constexpr StringLiteral magic = "\x93NUMPY";

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

namespace {
struct TypeInfo {
  NpyType type;
  StringLiteral descr;
  StringLiteral name;
  unsigned size;
};
} // namespace

static constexpr TypeInfo types[] = {
    {NpyType::Bool, "|b1", "bool", 1}, {NpyType::I8, "|i1", "i8", 1},
    {NpyType::U8, "|u1", "u8", 1},     {NpyType::I32, "<i4", "i32", 4},
    {NpyType::I64, "<i8", "i64", 8},   {NpyType::F16, "<f2", "f16", 2},
    {NpyType::F32, "<f4", "f32", 4},   {NpyType::F64, "<f8", "f64", 8}};

static const TypeInfo &infoOf(NpyType type) {
  return *find_if(types,
                  [&](const TypeInfo &info) { return info.type == type; });
}

unsigned attn::npySize(NpyType type) { return infoOf(type).size; }
StringRef attn::npyName(NpyType type) { return infoOf(type).name; }

std::optional<int64_t> attn::countElements(ArrayRef<int64_t> shape,
                                           unsigned elementSize) {
  // A zero makes the product zero whatever the others are, but NumPy counts
  // the others too: an extent that no array can have is wrong beside it.
  int64_t bytes = elementSize, nonZero = elementSize;
  for (int64_t size : shape) {
    if (size < 0)
      return std::nullopt;
    if (size != 0 && MulOverflow(nonZero, size, nonZero))
      return std::nullopt;
    bytes = size == 0 || bytes == 0 ? 0 : nonZero;
  }
  return bytes / elementSize;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

template <typename... Parts>
static Error badFile(StringRef name, const Parts &...parts) {
  std::string text;
  raw_string_ostream stream(text);
  stream << name << ": ";
  (stream << ... << parts);
  return createStringError(errc::invalid_argument, text);
}

/// Splits `contents` into the header's text and the data.
static Error splitHeader(StringRef contents, StringRef name, StringRef &header,
                         StringRef &data) {
  if (!contents.starts_with(magic))
    return badFile(name, "not an .npy file: it does not begin with \\x93NUMPY");
  contents = contents.drop_front(magic.size());
  if (contents.size() < 2)
    return badFile(name, "truncated: the header has no format version");
  unsigned version = static_cast<unsigned char>(contents[0]);
  if (version < 1 || version > 3)
    return badFile(name, "has .npy format version ", version, ".",
                   unsigned(static_cast<unsigned char>(contents[1])),
                   ", expected 1 to 3");
  contents = contents.drop_front(2);
  unsigned lengthBytes = version == 1 ? 2 : 4;
  if (contents.size() < lengthBytes)
    return badFile(name, "truncated: the header has no length");
  uint64_t length = 0;
  for (unsigned byte = 0; byte < lengthBytes; ++byte)
    length |= uint64_t(static_cast<unsigned char>(contents[byte])) << 8 * byte;
  contents = contents.drop_front(lengthBytes);
  if (contents.size() < length)
    return badFile(name, "truncated: the header has ", contents.size(),
                   " bytes, its length says ", length);
  header = contents.take_front(length);
  data = contents.drop_front(length);
  return Error::success();
}

/// Column-major elements in row-major order.
static void fromFortranOrder(NpyArray &array) {
  unsigned size = npySize(array.type);
  std::vector<char> rowMajor(array.data.size());
  SmallVector<int64_t> index(array.shape.size(), 0);
  for (size_t at = 0; at < rowMajor.size(); at += size) {
    size_t from = 0;
    for (size_t dim = index.size(); dim-- > 0;)
      from = from * array.shape[dim] + index[dim];
    std::memcpy(&rowMajor[at], &array.data[from * size], size);
    for (size_t dim = index.size(); dim-- > 0;) {
      if (++index[dim] < array.shape[dim])
        break;
      index[dim] = 0;
    }
  }
  array.data = std::move(rowMajor);
}

Expected<NpyArray> attn::parseNpy(StringRef contents, StringRef name) {
  StringRef text, data;
  if (Error error = splitHeader(contents, name, text, data))
    return std::move(error);
  NpyHeader header;
  if (std::string problem = parseNpyHeader(text, header); !problem.empty())
    return badFile(name, problem);

  const TypeInfo *info = find_if(types, [&](const TypeInfo &info) {
    // A byte has no order: NumPy writes '|', others may write '<'.
    return StringRef(header.descr) == info.descr ||
           (info.size == 1 &&
            header.descr == "<" + info.descr.drop_front().str());
  });
  if (info == std::end(types)) {
    if (header.descr.size() > 1 && header.descr[0] == '>')
      return badFile(name, "has big-endian elements '", header.descr,
                     "', expected little-endian ones");
    return badFile(name, "has elements '", header.descr,
                   "', expected one of bool, i8, u8, i32, i64, f16, f32, f64");
  }
  std::optional<int64_t> count = countElements(header.shape, info->size);
  if (!count)
    return badFile(name, "has a shape that is too large");
  uint64_t bytes = uint64_t(*count) * info->size;
  if (data.size() != bytes)
    return badFile(name, data.size() < bytes ? "truncated: " : "", "holds ",
                   data.size(), " bytes of data, its header says ", bytes);

  NpyArray array;
  array.type = info->type;
  array.shape = header.shape;
  array.data.assign(data.begin(), data.end());
  if (array.type == NpyType::Bool &&
      any_of(array.data, [](char byte) { return byte != 0 && byte != 1; }))
    return badFile(name, "has a bool that is neither 0 nor 1");
  if (header.fortranOrder && array.shape.size() > 1)
    fromFortranOrder(array);
  return array;
}

Expected<NpyArray> attn::readNpy(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFile(path, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return badFile(path, buffer.getError().message());
  return parseNpy((*buffer)->getBuffer(), path);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

std::string attn::formatNpy(const NpyArray &array) {
  std::string dict;
  raw_string_ostream stream(dict);
  stream << "{'descr': '" << infoOf(array.type).descr
         << "', 'fortran_order': False, 'shape': (";
  interleave(array.shape, stream, ", ");
  stream << (array.shape.size() == 1 ? ",), }" : "), }");
  // The data begins at a multiple of 64 bytes; a newline ends the header.
  size_t before = magic.size() + 4;
  size_t padded = alignTo(before + dict.size() + 1, 64) - before;
  dict.append(padded - dict.size() - 1, ' ');
  dict += '\n';
  std::string file = magic.str();
  file += {1, 0, char(padded & 0xff), char(padded >> 8)};
  file += dict;
  file.append(array.data.begin(), array.data.end());
  return file;
}
