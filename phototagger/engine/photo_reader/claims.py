"""Which of several photos with the same content is the one that is looked at."""

import threading

import numpy as np

from phototagger.store.vectors.keys import KeyIndex, as_keys

_NEW = 1024


class Claims:
    """The position of the photo that came first with each content; may be asked from any thread.

    All but the newest lie in arrays, where a content takes 36 bytes: in a dict it takes 180.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._new: dict[bytes, int] = {}
        self._keys = as_keys(())
        self._index = KeyIndex(self._keys)
        self._positions = np.zeros(0, np.int64)

    def first(self, sha1: bytes, position: int) -> int:
        """Return the position that a content is looked at for: this one, where it is new."""
        with self._guard:
            [at] = self._index.find(as_keys([sha1])).tolist()
            if at >= 0:
                return int(self._positions[at])
            # Sorting only so often that it costs nothing, however many there are.
            if len(self._new) >= max(_NEW, len(self._keys) // 16):
                self._keys = np.concatenate([self._keys, as_keys(self._new)])
                positions = np.fromiter(self._new.values(), np.int64, len(self._new))
                self._positions = np.concatenate([self._positions, positions])
                self._index = KeyIndex(self._keys)
                self._new.clear()
            return self._new.setdefault(sha1, position)
