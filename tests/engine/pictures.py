"""Photos for the engine, each with a content of its own."""

from pathlib import Path

import numpy as np
from PIL import Image


def picture(path: Path, seed: int, size: tuple[int, int] = (48, 36)) -> Path:
    """Write a JPEG or PNG of coloured blocks that no other seed gives."""
    blocks = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(blocks).resize(size, Image.Resampling.NEAREST).save(path)
    return path


LIBRARY = ("a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "sea/e.jpg", "town/f.jpg", "town/g.png")


def library(root: Path, names: tuple[str, ...] = LIBRARY) -> Path:
    """Fill a folder with photos, one of each name."""
    for number, name in enumerate(names):
        picture(root / name, number)
    return root
