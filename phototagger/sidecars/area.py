"""Where the paths that a ledger names may be used: it may have come with somebody else's album."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phototagger.sidecars.ledger import Entry, Intent

_SUFFIX = ".xmp"


@dataclass(frozen=True)
class Area:
    """The part of the disk that one piece of work is about.

    ``roots``: real paths of folders, which hold all that lies below them. ``folders``: real paths
    of folders of photos, which hold only what lies directly in them.
    """

    roots: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()

    @classmethod
    def below(cls, *roots: str | os.PathLike[str]) -> Area:
        """Return the area of these roots."""
        return cls(roots=frozenset(os.path.realpath(root) for root in roots))

    @classmethod
    def beside(cls, files: Iterable[Path]) -> Area:
        """Return the area of these photos or sidecars: the folders they lie in."""
        parents = {file.absolute().parent for file in files}
        return cls(folders=frozenset(os.path.realpath(parent) for parent in parents))

    def holds(self, known: Entry | Intent) -> bool:
        """Say whether the sidecar that an entry or intent names may be looked at and changed."""
        sidecar = os.fsdecode(known.sidecar)
        return sidecar.lower().endswith(_SUFFIX) and self.has(sidecar)

    def has(self, path: str) -> bool:
        """Say whether a file of this name would lie in the area."""
        if not _is_name(path):
            return False
        folder = os.path.realpath(os.path.dirname(path))  # noqa: PTH120
        return folder in self.folders or any(_is_below(folder, root) for root in self.roots)


def _is_name(path: str) -> bool:
    """Say whether a path is absolute and can name a file."""
    return os.path.isabs(path) and "\0" not in path  # noqa: PTH117


def _is_below(folder: str, root: str) -> bool:
    return folder == root or folder.startswith(root.rstrip(os.sep) + os.sep)
