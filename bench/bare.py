"""The work that ``embed`` cannot do without, done bare: each photo on one thread, nothing kept.

    python -m bench.bare FOLDER MODEL [WEIGHTS]

Read, hash, decode, thumbnail, input; then the forward passes, eight photos at a time.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from phototagger.core.clip_model import load_clip
from phototagger.core.thumbs import LONG_EDGE, encode_thumbnail, save_thumbnail
from phototagger.imaging.decode import decode
from phototagger.imaging.photo_file import read_photo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phototagger.model.preprocess import Preprocess

_PART = 8  # photos in a forward pass: no other number was faster on one thread


def inputs(photos: Sequence[Path], preprocess: Preprocess, place: Path) -> np.ndarray:
    """Return what the model takes of photos; their thumbnails are written into a place."""
    pixels = []
    for path in photos:
        read = read_photo(path)
        with read.source:
            picture = decode(read.source, path, short=preprocess.needed, long=LONG_EDGE)
        save_thumbnail(encode_thumbnail(picture), place, read.sha1)
        size = (picture.width, picture.height)
        pixels.append(preprocess.pixels(picture.image, size, picture.box))
    return np.stack(pixels)


def forward(pixels: np.ndarray, model: Any, preprocess: Preprocess) -> None:
    """Compute the vectors of photos on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.inference_mode():
        for part in torch.from_numpy(pixels).split(_PART):
            model.encode_image(preprocess.normalise(part))
    torch.set_num_threads(threads)


def _main(folder: str, name: str, *weights: str) -> None:
    model, preprocess, *_ = load_clip(name, *weights, device="cpu")
    paths = sorted(Path(folder).iterdir())
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as place:
        for start in range(0, len(paths), _PART):
            forward(
                inputs(paths[start : start + _PART], preprocess, Path(place)), model, preprocess
            )


if __name__ == "__main__":
    _main(*sys.argv[1:])
