"""Loads a library that `attnc` wrote and calls its entries on NumPy arrays.

    library = Library("layer.so")
    layer = library["layer"]
    y = layer(x, lengths, wq, bq, wk, bk, wv, bv, wo, bo)
    ready = layer.prepare(wq=wq, bq=bq, wk=wk, bk=bk, wv=wv, bv=bv, wo=wo, bo=bo)
    y = ready(x, lengths)

Arrays are passed as they lie in memory, strides included: nothing is copied.
Where ml_dtypes is installed, bf16 is its bfloat16; uint16 arrays with the same
bits do as well, and are what results are without it. i4 is packed in uint8
arrays, two elements to a byte; `pack_int4` makes them.
"""

import ctypes
import re
import threading
from pathlib import Path

import numpy

from attn_mlir import abi

try:
    from ml_dtypes import bfloat16 as _bfloat16
except ImportError:
    _bfloat16 = numpy.uint16

_BFLOAT = (4, 16)
_INT4 = (0, 4)

# DLPack's type codes, and the NumPy type of each (code, bits).
_NUMPY_TYPES = {
    _INT4: "u1",
    _BFLOAT: _bfloat16,
    (0, 8): "i1",
    (0, 32): "i4",
    (0, 64): "i8",
    (1, 8): "u1",
    (2, 16): "f2",
    (2, 32): "f4",
    (2, 64): "f8",
    (6, 8): "?",
}


def pack_int4(array):
    """Integers from -8 to 7, the last dimension even, as an i4 argument takes
    them: uint8, two to a byte, the first in its low half."""
    array = numpy.asarray(array)
    if array.ndim == 0 or array.shape[-1] % 2:
        raise ValueError(f"the last dimension must be even, got shape {array.shape}")
    values = array.astype(numpy.int8)
    if array.size and (values.min() < -8 or values.max() > 7 or (values != array).any()):
        raise ValueError("i4 holds integers from -8 to 7")
    nibbles = values.view(numpy.uint8) & 15
    return nibbles[..., ::2] | nibbles[..., 1::2] << 4


def unpack_int4(packed):
    """The inverse of `pack_int4`, as int8."""
    packed = numpy.asarray(packed).view(numpy.int8)
    halves = numpy.stack([packed << 4 >> 4, packed >> 4], axis=-1)
    return halves.reshape(*packed.shape[:-1], 2 * packed.shape[-1])


class AttentionError(Exception):
    """A call that the library refused: its error code and its sentence."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Library:
    """A compiled library; its entries by name, in their order."""

    def __init__(self, path):
        path = Path(path).resolve()
        self.name = re.sub(r"[^A-Za-z0-9_]", "_", path.stem)
        self._handle = ctypes.CDLL(str(path))
        query = abi.Query((f"{self.name}_query", self._handle))
        error = ctypes.c_char_p()
        library = query(abi.ABI_VERSION, ctypes.byref(error))
        if not library:
            raise AttentionError(1, f"{path}: {error.value.decode()}")
        about = library.contents
        self.compiler = about.compiler.decode()
        self.target = about.target.decode()
        self.targets = [about.targets[n].decode() for n in range(about.num_targets)]
        self.cpu_features = [
            about.cpu_features[n].decode() for n in range(about.num_cpu_features)
        ]
        entries = (Entry(about.entries[n], self) for n in range(about.num_entries))
        self.entries = {entry.name: entry for entry in entries}

    def __getitem__(self, name):
        return self.entries[name]


class Argument:
    """What an entry says of one argument: its extents, -1 where any will do."""

    def __init__(self, description):
        self.name = description.name.decode()
        self.is_tensor = description.kind == abi.TENSOR
        self.is_weight = bool(description.weight)
        self.is_written = description.role != abi.INPUT
        self.is_changed = description.role == abi.INOUT  # in place
        self.dl_type = (description.dtype.code, description.dtype.bits)
        self.dtype = numpy.dtype(_NUMPY_TYPES.get(self.dl_type, "V"))
        # Elements of each of an array's last dimension.
        self.packed = 2 if self.dl_type == _INT4 else 1
        self.shape = tuple(description.shape[d] for d in range(description.rank))
        self.symbols = tuple(description.symbols[d] for d in range(description.rank))

    def extents(self, known):
        """The shape of an array, with each symbol's extent from `known`."""
        shape = [
            extent if symbol < 0 else known[symbol]
            for extent, symbol in zip(self.shape, self.symbols)
        ]
        if self.packed > 1:
            shape[-1] //= self.packed
        return tuple(shape)

    def takes(self, dtype):
        """Whether an array of that type can be passed."""
        return dtype == self.dtype or (self.dl_type == _BFLOAT and dtype == numpy.uint16)


class Entry:
    """One function of a library. Safe to call from several threads."""

    def __init__(self, pointer, library):
        self.pointer = pointer
        self._library = library  # keeps the code loaded
        self.struct = about = pointer.contents
        self.name = about.name.decode()
        self.schedule = (about.schedule or b"").decode()
        arguments = [Argument(about.arguments[n].contents) for n in range(about.num_arguments)]
        self.inputs = arguments[: about.num_inputs]
        self.outputs = arguments[about.num_inputs :]
        self.weights = [argument for argument in self.inputs if argument.is_weight]
        self._scratch = threading.local()

    def __call__(self, *inputs, threads=0, out=None):
        """The outputs, one array or a tuple; inputs that the entry changes in place
        (`is_changed`) are changed, and stand for no output. `out` takes the arrays to write
        instead of new ones; `threads` 0 means the library's default."""
        return self._call(self._fill({}, inputs), _Options(threads=threads), out)

    def bind(self, *inputs, threads=0, out=None):
        """The call itself, to be made many times on the same arrays."""
        scratch = threading.local()
        return BoundCall(self, self._fill({}, inputs), _Options(threads=threads), out, scratch)

    def prepare(self, **given):
        """The entry with these arguments given once for all: the weights among
        them, which must be all there are, are packed; the others are kept."""
        unknown = given.keys() - {argument.name for argument in self.inputs}
        missing = [a.name for a in self.weights if a.name not in given]
        if unknown or missing:
            raise TypeError(
                f"{self.name}: "
                + (f"no argument {', '.join(unknown)}" if unknown else f"lacks {', '.join(missing)}")
            )
        return Prepared(self, given)

    def _fill(self, known, inputs):
        """All arguments of a call: those of `known`, and `inputs` in order."""
        expected = [a.name for a in self.inputs if a.name not in known]
        if len(inputs) != len(expected):
            raise TypeError(
                f"{self.name} takes {len(expected)} arguments ({', '.join(expected)}), "
                f"got {len(inputs)}"
            )
        remaining = iter(inputs)
        return [known[a.name] if a.name in known else next(remaining) for a in self.inputs]

    def _call(self, inputs, options, out):
        return BoundCall(self, inputs, options, out, self._scratch)()

    def _extents(self, inputs):
        """The extent that each symbol has in this call."""
        known = {}
        for argument, value in zip(self.inputs, inputs):
            if argument.is_tensor and value is not None:
                known.update(zip(argument.symbols, numpy.shape(value)))
        return known


class BoundCall:
    """A call with its arguments in place: calling this computes into the same
    outputs again, whatever the inputs hold by then. For one thread at a time.
    `Entry.bind` and `Prepared.bind` make these."""

    def __init__(self, entry, inputs, options, out, scratch):
        if out is None:
            extents = entry._extents(inputs)
            out = [numpy.empty(a.extents(extents), a.dtype) for a in entry.outputs]
        elif isinstance(out, numpy.ndarray):
            out = [out]
        self._result = out[0] if len(out) == 1 else tuple(out)
        self._arguments = _Values(entry.inputs + entry.outputs, [*inputs, *out])
        values = self._arguments.values
        self._options = options
        self._function = entry.struct.call
        self._given = (entry.pointer, values, len(values), options.pointer)
        needed = ctypes.c_size_t()
        options.check(entry.struct.workspace_size(*self._given, ctypes.byref(needed)))
        options.use_scratch(scratch, needed.value)

    def __call__(self):
        self._options.check(self._function(*self._given))
        return self._result


class Prepared:
    """An entry with some arguments given once: `Entry.prepare` makes these."""

    def __init__(self, entry, given):
        self.entry = entry
        # The packed weights stand for the arrays, which calls pass as NULL.
        self._known = {**given, **{argument.name: None for argument in entry.weights}}
        self.size = entry.struct.prepared_bytes
        self._memory = numpy.empty(self.size + 64, numpy.uint8)
        self.address = self._memory.ctypes.data + (-self._memory.ctypes.data) % 64
        weights = _Values(entry.weights, [given[argument.name] for argument in entry.weights])
        options = _Options()
        options.check(
            entry.struct.prepare(
                entry.pointer,
                weights.values,
                len(entry.weights),
                self.address,
                self.size,
                options.pointer,
            )
        )

    def __call__(self, *inputs, threads=0, out=None):
        """Calls the entry with the arguments that are not known yet."""
        filled = self.entry._fill(self._known, inputs)
        return self.entry._call(filled, _Options(self, threads), out)

    def bind(self, *inputs, threads=0, out=None):
        """The call itself, to be made many times on the same arrays."""
        filled = self.entry._fill(self._known, inputs)
        scratch = threading.local()
        return BoundCall(self.entry, filled, _Options(self, threads), out, scratch)


class _Values:
    """The attn_value of each argument, and what they point to."""

    def __init__(self, arguments, given):
        self.values = (abi.Value * len(given))()
        self._kept = []
        for value, argument, item in zip(self.values, arguments, given):
            if item is None:
                continue
            if argument.is_tensor:
                value.tensor = ctypes.pointer(self._tensor(item, argument))
            elif argument.dl_type[0] in (2, 4):
                value.real = item
            else:
                value.integer = int(item)

    def _tensor(self, array, argument):
        if not isinstance(array, numpy.ndarray):
            raise TypeError(f"{argument.name} must be a NumPy array, got {type(array).__name__}")
        if not argument.takes(array.dtype):
            hint = " (see pack_int4)" if argument.packed > 1 else ""
            raise TypeError(f"{argument.name} must be {argument.dtype}{hint}, got {array.dtype}")
        if argument.is_written and not array.flags.writeable:
            raise TypeError(f"{argument.name} is written, and the array is read-only")
        if any(stride % array.itemsize for stride in array.strides):
            raise TypeError(f"{argument.name} has strides that are not whole elements")
        extents = ctypes.c_int64 * max(array.ndim, 1)
        shape = list(array.shape)
        strides = [stride // array.itemsize for stride in array.strides]
        if argument.packed > 1 and shape:
            # DLPack counts elements; those of a byte are adjacent.
            shape[-1] *= argument.packed
            strides[:-1] = [stride * argument.packed for stride in strides[:-1]]
        tensor = abi.DLTensor(
            data=array.ctypes.data,
            device=abi.DLDevice(abi.CPU, 0),
            ndim=array.ndim,
            dtype=abi.DLDataType(*argument.dl_type, 1),
            shape=extents(*shape),
            strides=extents(*strides),
        )
        self._kept += [array, tensor]
        return tensor


class _Options:
    """The attn_options of one call, and the sentence it may leave."""

    def __init__(self, prepared=None, threads=0):
        self._workspace = None
        self._error = ctypes.create_string_buffer(512)
        self._env = abi.Env(struct_size=ctypes.sizeof(abi.Env), num_threads=threads)
        self._prepared = prepared
        self.struct = abi.Options(
            struct_size=ctypes.sizeof(abi.Options),
            env=ctypes.pointer(self._env),
            prepared=prepared.address if prepared else None,
            prepared_bytes=prepared.size if prepared else 0,
            error=ctypes.cast(self._error, ctypes.c_char_p),
            error_bytes=len(self._error),
        )
        self.pointer = ctypes.pointer(self.struct)

    def use_scratch(self, scratch, size):
        """Lets the call use the workspace that `scratch` keeps, made larger if
        that is needed."""
        if getattr(scratch, "memory", None) is None or scratch.memory.size < size:
            scratch.memory = numpy.empty(max(size, 1), numpy.uint8)
        self._workspace = scratch.memory
        self.struct.workspace = self._workspace.ctypes.data
        self.struct.workspace_bytes = self._workspace.size

    def check(self, code):
        if code != abi.OK:
            raise AttentionError(code, self._error.value.decode())
