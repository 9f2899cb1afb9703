"""Arrays of SHA-1 digests: uint8 [N, 20], looked up by binary search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY_BYTES = 20
Keys = NDArray[np.uint8]


def as_keys(digests: Iterable[bytes]) -> Keys:
    """Return uint8 [N, 20] of digests."""
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, KEY_BYTES)


def as_bytes(keys: Keys) -> list[bytes]:
    """Return the digests of uint8 [N, 20]."""
    flat = np.ascontiguousarray(keys).tobytes()
    return [flat[start : start + KEY_BYTES] for start in range(0, len(flat), KEY_BYTES)]


def _sortable(keys: Keys) -> NDArray[np.bytes_]:
    # Of equal length, so numpy's comparison of fixed-width bytes is exact.
    return np.ascontiguousarray(keys).view(f"S{KEY_BYTES}").reshape(-1)


class KeyIndex:
    """Finds digests among N of them in O(log N), at 8 bytes each beside the digests themselves.

    The array of digests is not copied, and must not change as long as the index is used.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = _sortable(keys)
        self._order = np.argsort(self._keys, kind="stable")

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
        wanted = _sortable(keys)
        places = np.searchsorted(self._keys, wanted, sorter=self._order)
        places[places == len(self._keys)] = 0
        found = self._order[places]
        return np.where(self._keys[found] == wanted, found, -1)

    def has(self, keys: Keys) -> NDArray[np.bool_]:
        """Tell for each of the keys whether it is among them."""
        return self.find(keys) >= 0

    def has_one(self, key: bytes) -> bool:
        """Tell whether a digest is among them; may be asked from any thread."""
        return bool(self.find(as_keys([key]))[0] >= 0)
