//===- Description.h - What a library contains ------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one description from which the C header, the JSON manifest and the tables
// inside the library are all written, so that they cannot disagree.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EMIT_DESCRIPTION_H
#define ATTN_EMIT_DESCRIPTION_H

#include "mlir/IR/BuiltinOps.h"
#include <optional>
#include <string>
#include <vector>

namespace attn {

/// An element type as DLPack says it.
struct ElementType {
  uint8_t code = 0; ///< DLPack's type code.
  uint8_t bits = 0;

  /// f32, bf16, i8, u8, bool, ...
  std::string name() const;
  bool isFloat() const;
  /// Whether several share a byte, as two i4 do.
  bool isPacked() const { return bits < 8; }
};

/// The DLPack type of `type`; nothing for a type that DLPack or C lacks. i4 is
/// for tensors only.
/// `index` is a 64-bit integer.
std::optional<ElementType> describeElementType(mlir::Type type);

/// One argument of an entry: an input, an output, or both.
struct ArgumentDescription {
  std::string name; ///< As the user wrote it; need not be a C identifier.
  bool isScalar = false;
  bool isIndex = false; ///< A scalar of type `index`.
  bool isOutput = false;
  /// An input whose elements the entry changes in place.
  bool isInOut = false;
  bool isWeight = false; ///< Packed once by the entry's `prepare`.
  ElementType type;
  llvm::SmallVector<int64_t> shape; ///< `ShapedType::kDynamic`: see symbols.
  llvm::SmallVector<int> symbols;   ///< Index into the entry's, -1: static.
};

/// A public function of the module.
struct EntryDescription {
  std::string name;
  /// Inputs, then outputs: the results that are no in/out argument.
  std::vector<ArgumentDescription> arguments;
  unsigned numInputs = 0;
  std::vector<std::string> symbols; ///< Names of the extents that vary.

  /// Indices of the arguments that `prepare` takes.
  llvm::SmallVector<int> weights() const;
};

/// What lowering an entry for one target added.
struct EntryLowering {
  /// Bytes that the packed weights take; 0 without any.
  int64_t preparedBytes = 0;
  /// The chosen schedule, for people.
  std::string schedule;
  /// An argument and the rule for its elements in turns: what the entry's check
  /// can find broken.
  std::vector<std::string> checks;
};

/// One compiled form of the module.
struct VariantDescription {
  std::string target; ///< As `--target` names it.
  std::string triple, cpu, features;
  /// Width of vector registers where that differs between machines of these
  /// features, and the code is for one width only; else 0.
  int64_t vectorBits = 0;
  std::vector<std::string> cpuFeatures; ///< That the code may use.
  std::vector<EntryLowering> entries;   ///< Parallel to the library's.
};

struct LibraryDescription {
  std::string name;
  std::string compiler; ///< Name and version.
  std::vector<EntryDescription> entries;
  std::vector<VariantDescription> variants; ///< Best first.
  std::string bytecode; ///< The module as the user wrote it.
};

/// The name of the library that is written to `prefix`: its basename with every
/// character outside [A-Za-z0-9_] replaced by `_`.
std::string libraryName(llvm::StringRef prefix);

/// Describes the public functions of `module`, which is as the user wrote it:
/// functions over tensors and scalars. Which extents must be equal is worked
/// out from the function bodies (see DimensionClasses.h). Emits an error at a
/// function that no C caller could call.
mlir::FailureOr<std::vector<EntryDescription>>
describeEntries(mlir::ModuleOp module);

/// The attributes by which lowering tells about prepared weights and schedules,
/// on an entry's function: i64, array<i64> and string.
inline constexpr llvm::StringLiteral kPreparedBytesAttr = "attn.prepared_bytes";
inline constexpr llvm::StringLiteral kWeightArgsAttr = "attn.weight_args";
inline constexpr llvm::StringLiteral kScheduleAttr = "attn.schedule_text";
/// The texts of what `ENTRY_check` checks: an array of strings.
inline constexpr llvm::StringLiteral kChecksAttr = "attn.checks";
/// On arguments and results: the name in the library.
inline constexpr llvm::StringLiteral kNameAttr = "attn.name";

/// Reads those attributes from `lowered`, a module in any later stage that
/// still has a symbol for each entry, into `variant` and, which arguments are
/// weights, into `entries`.
void describeLowering(mlir::ModuleOp lowered,
                      std::vector<EntryDescription> &entries,
                      VariantDescription &variant);

} // namespace attn

#endif // ATTN_EMIT_DESCRIPTION_H
