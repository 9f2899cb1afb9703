"""``find``: a search by words over 100,000 photos of 768 dimensions that were read before.

The baseline is one pass over as many vectors in memory: their product with the text's, and their
lengths. A fifth of the photos has one of the words as its approved label. The text model is left
out: it runs once for each line that is typed.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from bench.figures import Figure, alone, compared, measured
from phototagger.core.label_tree import LabelTree
from phototagger.review.photo_list import Listing
from phototagger.review.search.query import parse_query
from phototagger.review.search.searching import PhotoSearch
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.edits import Edit
from phototagger.store.labels.history import decide
from phototagger.store.labels.marks import files_under
from phototagger.store.photos.contents import KnownFile, remember_files
from phototagger.store.vectors.by_content import PART_ROWS, Vectors
from phototagger.store.vectors.keys import as_bytes

if TYPE_CHECKING:
    from phototagger.engine.library.library import Opened

_DIMENSION = 768
_ROOT = "/photos"
_QUERY = "dog on a beach"


class _Opened:
    """What a search needs of an opened library."""

    def __init__(self, catalogue: Catalogue, images: Vectors) -> None:
        self.root, self.catalogue, self.model, self.images = _ROOT, catalogue, self, images
        self.known_or_none, self.tree = True, LabelTree()


def find(*, small: bool) -> list[Figure]:
    """Return the figures of the ``find`` row."""
    count, rounds = (2000, 1) if small else (100_000, 7)
    random = np.random.default_rng(5)
    text = random.standard_normal(_DIMENSION).astype(np.float32)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        catalogue = Catalogue(folder)
        (folder / "images").mkdir()
        try:
            digests = as_bytes(random.integers(0, 256, (count, 20), np.uint8))
            _fill(folder / "images", catalogue, digests, random)
            return _measure(folder / "images", catalogue, text, rounds)
        finally:
            catalogue.close()


def _fill(
    images: Path, catalogue: Catalogue, digests: list[bytes], random: np.random.Generator
) -> None:
    vectors = Vectors(images)
    for start in range(0, len(digests), PART_ROWS):
        part = digests[start : start + PART_ROWS]
        vectors.append(part, random.standard_normal((len(part), _DIMENSION), np.float32))
    vectors.flush()
    files = [
        KnownFile(f"{_ROOT}/{at // 500:04}/IMG_{at:06}.jpg", sha1, 1, 1, 40, 30, None)
        for at, sha1 in enumerate(digests)
    ]
    remember_files(catalogue, files)
    decide(catalogue, [Edit(sha1, "dog", approved=True) for sha1 in digests[::5]], root=_ROOT)


def _measure(images: Path, catalogue: Catalogue, text: np.ndarray, rounds: int) -> list[Figure]:
    vectors = Vectors(images, writable=False)
    opened = cast("Opened", _Opened(catalogue, vectors))
    paths, keys = files_under(catalogue, _ROOT)
    search = PhotoSearch(opened, Listing(_ROOT, paths, keys))
    rows = np.random.default_rng(6).standard_normal((PART_ROWS, _DIMENSION), np.float32)
    asked = parse_query(_QUERY, ())
    blocks = max(1, len(paths) // PART_ROWS)

    def ours() -> None:
        assert len(search.find(asked, text).positions)

    def bare() -> None:
        for _ in range(blocks):
            rows @ text / np.sqrt(np.einsum("ij,ij->i", rows, rows))

    ours()  # each part's checksum is compared when it is read first
    taken, base = list[float](), list[float]()
    before = _anonymous()
    for _ in range(rounds):
        base.append(1000 * measured(bare).cpu)
        taken.append(1000 * measured(ours).cpu)
    more = _anonymous() - before
    return [
        compared("find", "CPU ms", taken, base, "<= 100 CPU ms", lambda value, _: value <= 100),
        alone("find memory", "MB", [more], "<= 32 MB beyond", lambda value: value <= 32),
    ]


def _anonymous() -> float:
    """Return the memory that is no file's, in MB."""
    match = re.search(r"RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert match
    return int(match[1]) / 1024
