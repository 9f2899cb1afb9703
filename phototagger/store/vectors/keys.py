"""Arrays of SHA-1 digests: uint8 [N, 20], looked up by binary search."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

KEY_BYTES = 20
Keys = NDArray[np.uint8]


def as_keys(digests: Iterable[bytes]) -> Keys:
    """Return uint8 [N, 20] of digests."""
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, KEY_BYTES)


def as_bytes(keys: Keys) -> list[bytes]:
    """Return the digests of uint8 [N, 20]."""
    return in_a_row(np.ascontiguousarray(keys).tobytes())


def in_a_row(flat: bytes) -> list[bytes]:
    """Return the digests that stand in a row, one after the other."""
    return [flat[start : start + KEY_BYTES] for start in range(0, len(flat), KEY_BYTES)]


def repeated(keys: Keys) -> NDArray[np.bool_]:
    """Tell which digests come more than once, bool [N]; a few more may be among them."""
    heads = _heads(keys)
    in_order = np.sort(heads)
    return np.isin(heads, in_order[1:][in_order[1:] == in_order[:-1]])


def _whole(keys: Keys) -> NDArray[np.bytes_]:
    # Of equal length, so numpy's comparison of fixed-width bytes is exact.
    return np.ascontiguousarray(keys).view(f"S{KEY_BYTES}").reshape(-1)


def _heads(keys: Keys) -> NDArray[np.uint64]:
    """Return the first 8 bytes of each: searched five times as fast as all of them."""
    return np.ascontiguousarray(keys[:, :8]).view(np.uint64).reshape(-1)


class KeyIndex:
    """Finds digests among N of them in O(log N), at 16 bytes each beside the digests themselves.

    The array of digests is not copied, and must not change as long as the index is used.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = _whole(keys)
        heads = _heads(keys)
        # An order that keeps equal ones as they were takes five times as long.
        self._order = np.argsort(heads)
        self._heads = heads[self._order]
        if (self._heads[1:] == self._heads[:-1]).any():
            self._order = np.argsort(heads, kind="stable")

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def keys(self) -> Keys:
        """The digests uint8 [N, 20], as they were given."""
        return self._keys.view(np.uint8).reshape(-1, KEY_BYTES)

    def find(self, keys: Keys) -> NDArray[np.int64]:
        """Return the position of each of the keys, the first where several are equal, else -1."""
        if not len(self._keys):
            return np.full(len(keys), -1, np.int64)
        wanted, heads = _whole(keys), _heads(keys)
        places = np.searchsorted(self._heads, heads)
        places[places == len(self._heads)] = 0
        positions = np.where(self._heads[places] == heads, self._order[places], -1)
        # Digests of equal heads are made on purpose only.
        for row in np.flatnonzero((positions >= 0) & (self._keys[positions] != wanted)):
            same = np.flatnonzero(self._keys == wanted[row])
            positions[row] = same[0] if len(same) else -1
        return positions

    def firsts(self) -> NDArray[np.int64]:
        """Return for each of the digests the position of the first that is equal, int64 [N]."""
        begins = np.ones(len(self), np.bool_)
        begins[1:] = self._heads[1:] != self._heads[:-1]
        if begins.all():
            return np.arange(len(self))
        starts = np.maximum.accumulate(np.where(begins, np.arange(len(self)), 0))
        firsts = np.empty(len(self), np.int64)
        firsts[self._order] = self._order[starts]
        differ = self._keys[firsts] != self._keys
        firsts[differ] = self.find(self.keys[differ])
        return firsts

    def has(self, keys: Keys) -> NDArray[np.bool_]:
        """Tell for each of the keys whether it is among them."""
        return self.find(keys) >= 0

    def has_one(self, key: bytes) -> bool:
        """Tell whether a digest is among them; may be asked from any thread."""
        return bool(self.find(as_keys([key]))[0] >= 0)
