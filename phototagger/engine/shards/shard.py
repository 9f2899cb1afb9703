"""One of n parts of a library: which photos are in it depends on their relative paths alone.

So machines agree that see the same photos under different roots, and a photo stays in its part
whatever comes or goes beside it.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phototagger.errors import UsageError

if TYPE_CHECKING:
    from phototagger.engine.library.photos import Photos

_WRITTEN = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


class Shard(NamedTuple):
    """The part ``number`` of ``total``, numbered from 1."""

    number: int
    total: int

    def __str__(self) -> str:
        """Return it as it is typed."""
        return f"{self.number}/{self.total}"

    def holds(self, rel_path: str) -> bool:
        """Tell whether a photo is in it, by its path relative to the root."""
        # File systems of Macs give the letters of a name apart that others give as one.
        name = unicodedata.normalize("NFC", rel_path).replace(os.sep, "/")
        digest = hashlib.blake2b(os.fsencode(name), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.total == self.number - 1

    def of(self, photos: Photos) -> Photos:
        """Return those of some photos that are in it."""
        start = len(photos.root.rstrip(os.sep)) + 1
        mine = [at for at, path in enumerate(photos.paths) if self.holds(path[start:])]
        return photos.only(np.array(mine, np.int64))


def shard_of(written: str) -> Shard:
    """Return the shard that is written ``i/n``. Raises UsageError where it is none."""
    match = _WRITTEN.fullmatch(written)
    shard = Shard(int(match[1]), int(match[2])) if match else Shard(0, 0)
    if not 1 <= shard.number <= shard.total:
        raise UsageError(
            f"--shard: {written!r} is no part of a whole",
            "write which of how many, such as 2/4 for the second of four",
        )
    return shard
