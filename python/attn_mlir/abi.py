"""The structs of include/attn/Runtime/ABI.h, ABI 1, for ctypes.

Field by field what the header says; a test compares the sizes with the
compiler's.
"""

from ctypes import CFUNCTYPE, POINTER, Structure, Union, c_char_p, c_double, c_int32, c_int64
from ctypes import c_size_t, c_uint8, c_uint16, c_uint32, c_uint64, c_void_p

ABI_VERSION = 1
OK = 0
CPU = 1
TENSOR, SCALAR = 0, 1
INPUT, OUTPUT, INOUT = 0, 1, 2


class DLDevice(Structure):
    _fields_ = [("device_type", c_int32), ("device_id", c_int32)]


class DLDataType(Structure):
    _fields_ = [("code", c_uint8), ("bits", c_uint8), ("lanes", c_uint16)]


class DLTensor(Structure):
    _fields_ = [
        ("data", c_void_p),
        ("device", DLDevice),
        ("ndim", c_int32),
        ("dtype", DLDataType),
        ("shape", POINTER(c_int64)),
        ("strides", POINTER(c_int64)),
        ("byte_offset", c_uint64),
    ]


class Env(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("num_threads", c_int32),
        ("reserved", c_int32),
        ("user", c_void_p),
        ("parallel_for", c_void_p),
        ("alloc", c_void_p),
        ("free", c_void_p),
        ("stream", c_void_p),
    ]


class Options(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("env", POINTER(Env)),
        ("workspace", c_void_p),
        ("workspace_bytes", c_size_t),
        ("prepared", c_void_p),
        ("prepared_bytes", c_size_t),
        ("error", c_char_p),
        ("error_bytes", c_size_t),
    ]


class Value(Union):
    _fields_ = [("tensor", POINTER(DLTensor)), ("integer", c_int64), ("real", c_double)]


class Argument(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("name", c_char_p),
        ("kind", c_uint8),
        ("role", c_uint8),
        ("weight", c_uint8),
        ("is_index", c_uint8),
        ("dtype", DLDataType),
        ("rank", c_int32),
        ("reserved", c_int32),
        ("shape", POINTER(c_int64)),
        ("symbols", POINTER(c_int32)),
    ]


class Entry(Structure):
    pass


Call = CFUNCTYPE(c_int32, POINTER(Entry), POINTER(Value), c_uint32, POINTER(Options))
WorkspaceSize = CFUNCTYPE(
    c_int32, POINTER(Entry), POINTER(Value), c_uint32, POINTER(Options), POINTER(c_size_t)
)
Prepare = CFUNCTYPE(
    c_int32, POINTER(Entry), POINTER(Value), c_uint32, c_void_p, c_size_t, POINTER(Options)
)

Entry._fields_ = [
    ("struct_size", c_size_t),
    ("name", c_char_p),
    ("num_inputs", c_uint32),
    ("num_arguments", c_uint32),
    ("arguments", POINTER(POINTER(Argument))),
    ("symbols", POINTER(c_char_p)),
    ("num_symbols", c_uint32),
    ("num_weights", c_uint32),
    ("prepared_bytes", c_size_t),
    ("device_type", c_int32),
    ("reserved", c_int32),
    ("schedule", c_char_p),
    ("call", Call),
    ("workspace_size", WorkspaceSize),
    ("prepare", Prepare),
]


class Library(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("abi_version", c_uint32),
        ("num_entries", c_uint32),
        ("name", c_char_p),
        ("compiler", c_char_p),
        ("entries", POINTER(POINTER(Entry))),
        ("target", c_char_p),
        ("targets", POINTER(c_char_p)),
        ("num_targets", c_uint32),
        ("num_cpu_features", c_uint32),
        ("cpu_features", POINTER(c_char_p)),
        ("bytecode", c_void_p),
        ("bytecode_size", c_size_t),
    ]


Query = CFUNCTYPE(POINTER(Library), c_uint32, POINTER(c_char_p))
