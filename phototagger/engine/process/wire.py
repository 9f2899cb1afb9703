"""Messages between the engine and the model's process: a JSON header, then arrays as they are.

A message is ``PTag``, the header's length (uint32) and that of the arrays (uint64), both
big-endian, then the header, which tells the arrays' types and shapes, then their bytes one after
the other.
Nothing in a message is ever executed, as a pickle could be.
"""

import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"PTag"
_LENGTHS = struct.Struct(">4sIQ")


class GarbledError(Exception):
    """What came through the pipe is no message."""


class Message(NamedTuple):
    """A header of plain JSON data, and arrays."""

    header: dict[str, Any]
    arrays: list[NDArray[Any]]


def packed(header: Mapping[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> list[memoryview]:
    """Return the parts of a message, to be written one after the other; arrays are not copied."""
    whole = [np.ascontiguousarray(array) for array in arrays]
    kinds = [[array.dtype.str, list(array.shape)] for array in whole]
    text = json.dumps({**header, "arrays": kinds}).encode()
    lengths = _LENGTHS.pack(_MAGIC, len(text), sum(array.nbytes for array in whole))
    # A view of an array with a 0 in its shape cannot be cast.
    views = [array.data.cast("B") for array in whole if array.nbytes]
    return [memoryview(lengths + text), *views]


def read_message(read: Callable[[int], bytes | bytearray]) -> Message:
    """Return the next message; ``read`` gives exactly as many bytes as it is asked for, or raises.

    Raises GarbledError where something else than a message comes.
    """
    magic, length, size = _LENGTHS.unpack(read(_LENGTHS.size))
    if magic != _MAGIC:
        raise GarbledError
    try:
        header = json.loads(read(length))
        kinds = [(np.dtype(kind), tuple(shape)) for kind, shape in header.pop("arrays")]
    except (ValueError, TypeError, KeyError) as error:
        raise GarbledError from error
    if sum(kind.itemsize * math.prod(shape) for kind, shape in kinds) != size:
        raise GarbledError
    return Message(header, [_array(read, kind, shape) for kind, shape in kinds])


def _array(
    read: Callable[[int], bytes | bytearray], kind: np.dtype[Any], shape: tuple[int, ...]
) -> NDArray[Any]:
    return np.frombuffer(read(kind.itemsize * math.prod(shape)), kind).reshape(shape)
