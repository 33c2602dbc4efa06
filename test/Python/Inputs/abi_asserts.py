"""Writes C that asserts the size and every offset of Python's ABI structs."""

import ctypes

from attn_mlir import abi

STRUCTS = {
    "DLTensor": abi.DLTensor,
    "attn_env": abi.Env,
    "attn_options": abi.Options,
    "attn_value": abi.Value,
    "attn_argument": abi.Argument,
    "attn_entry": abi.Entry,
    "attn_library": abi.Library,
}

print('#include "attn/Runtime/ABI.h"')
print(f'_Static_assert(ATTN_ABI_VERSION == {abi.ABI_VERSION}, "version");')
for name, struct in STRUCTS.items():
    print(f'_Static_assert(sizeof({name}) == {ctypes.sizeof(struct)}, "{name}");')
    for field, _ in struct._fields_:
        offset = getattr(struct, field).offset
        print(f'_Static_assert(offsetof({name}, {field}) == {offset}, "{name}.{field}");')
