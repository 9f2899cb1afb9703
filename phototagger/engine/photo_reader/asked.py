"""How photos are to be looked at, and what does it."""

from collections.abc import Callable
from dataclasses import dataclass

from phototagger.engine.photo_reader.reader import Have, Looked, Looker
from phototagger.engine.photo_reader.thumbnails import ThumbnailLooker
from phototagger.imaging.limits import Limits
from phototagger.model.preprocess import Preprocess


@dataclass(frozen=True)
class Asked:
    """How photos are to be looked at: no vectors are made without a preprocess.

    ``from_thumbs``: vectors are made of thumbnails; ``is_known``: of cached ones, and no photo is
    read. ``size``: how many inputs a batch has at most; ``first``: how many the first one has, and
    each that follows has twice as many. Whoever waits at a screen wants a few, and soon.
    """

    cache_dir: str
    preprocess: Preprocess | None
    have: Have
    limits: Limits
    size: int
    first: int
    from_thumbs: bool = False
    is_known: bool = False

    def look(self, processes: int = 1) -> Callable[[tuple[int, str]], Looked]:
        """Return what looks at a photo (position, path), from several threads.

        Photos that are known are named by their content's SHA-1 in hex, not by their path. Each of
        so many ``processes`` takes its share of the memory.
        """
        if self.is_known and self.preprocess:
            return ThumbnailLooker(self.cache_dir, self.preprocess).look
        return Looker(
            self.cache_dir, self.preprocess, self.have, self.limits,
            from_thumbs=self.from_thumbs, processes=processes,
        ).look  # fmt: skip
