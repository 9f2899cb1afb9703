"""Thumbnails that no photo uses any more."""

from __future__ import annotations

import os
from pathlib import Path

from phototagger.core.errors import UsageError, printable
from phototagger.core.thumbs import prune_thumbnails, users
from phototagger.store.catalogue import CATALOGUE_NAME, Catalogue
from phototagger.store.photos import photos_in_place


def prune(cache_dir: str, run_dir: str, *, pretend: bool = False) -> str:
    """Remove the thumbnails of photos that are nowhere any more; return the line that says so.

    Several catalogues may share a cache: what any of them uses stays. Raises UsageError where one
    of them is not there to be asked.
    """
    used: set[bytes] = set()
    for user in dict.fromkeys([os.path.abspath(run_dir), *users(cache_dir)]):
        if not Path(user, CATALOGUE_NAME).is_file():
            if user == os.path.abspath(run_dir):
                continue
            raise UsageError(
                f"{printable(cache_dir)}: {printable(user)} uses these thumbnails, too, and cannot "
                f"be read",
                f"bring it back, or remove its line from {printable(cache_dir)}/used-by",
            )
        catalogue = Catalogue(user, writable=False)
        used |= photos_in_place(catalogue)
        catalogue.close()
    count, size = prune_thumbnails(cache_dir, used, pretend=pretend)
    done = "to remove" if pretend else "removed"
    return f"prune: {count:,} thumbnails {done}, {size / 1e6:.1f} MB"
