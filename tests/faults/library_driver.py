"""Runs the whole job over a library that only exists in the catalogue, and tells its memory.

    python -m tests.faults.library_driver FOLDER PHOTOS

FOLDER holds what bench.library made without files. Prints the most memory that was resident,
in bytes.
"""

import re
import sys
from pathlib import Path

from bench.library import Library, photo_path, photo_sha1
from phototagger.cli.tagger import main
from phototagger.core.scan import FoundPhotos, Scan
from phototagger.engine.library import photos
from phototagger.engine.photo_reader import looks


def peak() -> int:
    # Not getrusage: a child's ru_maxrss begins with what its parent used.
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


def stand_in(library: Library) -> None:
    def scan(root: str, **_: object) -> Scan:
        found = FoundPhotos()
        for number in range(library.photos):
            found.add(str(photo_path(library, number)), 0, 0)
        return Scan(root, found, [], library.photos)

    photos.scan = scan
    looks.thumbnail_keys = lambda *_: b"".join(map(photo_sha1, range(library.photos)))


if __name__ == "__main__":
    library = Library(Path(sys.argv[1]), int(sys.argv[2]))
    library.root.mkdir(exist_ok=True)
    stand_in(library)
    code = main(["run", "--quiet", *library.words])
    print(f"peak {peak()} code {code} torch {int('torch' in sys.modules)}")
