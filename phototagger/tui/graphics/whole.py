"""Photos themselves on the screen, not their thumbnails: fitted into a box, or pixel by pixel."""

import threading
from typing import NamedTuple

from PIL import Image

from phototagger.imaging.decode import decode
from phototagger.imaging.limits import Limits
from phototagger.imaging.photo_file import read_photo
from phototagger.tui.graphics.outlines import Outline, outlined

_KEPT_PIXELS = 24_000_000  # of the photo that one moves about in: 72 MB; a larger one is read again


class View(NamedTuple):
    """A photo's own pixels: all of them in a box; or as many as it has, at 100 %.

    ``steps``: how many halves of the box the middle of what is seen lies right of and below the
    photo's, at 100 %. ``outlines`` are drawn into all of a photo.
    """

    path: str
    steps: tuple[int, int] | None = None
    outlines: tuple[Outline, ...] = ()


class WholePhotos:
    """Decodes photos within ``limits``; the last one that was seen at 100 % is kept. Any thread."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._lock = threading.Lock()
        self._sizes: dict[str, tuple[int, int]] = {}
        self._last_seen: tuple[str, Image.Image] | None = None

    def image(self, view: View, pixels: tuple[int, int]) -> Image.Image:
        """Return what a view shows in a box of so many pixels. Raises UnreadablePhoto.

        At 100 % it has exactly the size of the box.
        """
        if view.steps is None:
            return outlined(self._decoded(view.path, max(pixels)), view.outlines)
        with self._lock:
            last = self._last_seen
        whole = last[1] if last is not None and last[0] == view.path else None
        if whole is None:
            whole = self._decoded(view.path)
            keeps = whole.width * whole.height <= _KEPT_PIXELS
            with self._lock:
                self._sizes = {view.path: whole.size}
                self._last_seen = (view.path, whole) if keeps else None
        return _part(whole, view.steps, pixels)

    def most_steps(self, path: str, pixels: tuple[int, int]) -> tuple[int, int]:
        """Return how many steps there are from a photo's middle to its sides, once it was seen."""
        with self._lock:
            size = self._sizes.get(path, (0, 0))
        right, down = (
            -(-max(0, length - box) // box) for length, box in zip(size, pixels, strict=True)
        )
        return right, down

    def let_go(self) -> None:
        """Keep no photo any more."""
        with self._lock:
            self._last_seen = None

    def _decoded(self, path: str, long: int = 0) -> Image.Image:
        read = read_photo(path)
        with read.held(path) as source:
            return decode(
                source, path, long=long, limits=self.limits, scans=read.picture.scans
            ).image


def _part(whole: Image.Image, steps: tuple[int, int], pixels: tuple[int, int]) -> Image.Image:
    """Return the part of an image that fills a box; what a small one leaves of it is black."""
    spans = []
    for size, step, box in zip(whole.size, steps, pixels, strict=True):
        first = (size - box + step * box) // 2
        spans.append(min(max(0, first), size - box) if size > box else (size - box) // 2)
    left, top = spans
    # What lies outside of an image is black where it is cropped.
    return whole.crop((left, top, left + pixels[0], top + pixels[1]))
