"""Which photos are decoded: of which formats and sizes, and how long a decoder may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from phototagger.formats import USUAL as USUAL_FORMATS
from phototagger.reasons import Reason
from phototagger.settings.model import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_MOST_SCANS = 100  # over a quarter of max_pixels: some seconds of one core
_MOST_ROWS = 1_000_000  # each takes 12 bytes beside its pixels; a JPEG has 65,535 at the most


class Limits(NamedTuple):
    """What the settings say of it; plain values, which the model's process is told, too."""

    max_pixels: int = 100_000_000
    formats: tuple[str, ...] = USUAL_FORMATS

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits of these settings."""
        return cls(settings.max_pixels, settings.formats)

    def refusal(self, wide: int, high: int, scans: int) -> Reason | None:
        """Return why a photo of so many pixels and scans is not decoded, None where it may be."""
        fields = {"width": wide, "height": high, "max_pixels": self.max_pixels}
        if wide * high > self.max_pixels:
            return Reason("too_large", fields)
        if high > _MOST_ROWS:
            return Reason("too_many_rows", {"width": wide, "height": high, "most": _MOST_ROWS})
        if scans * wide * high > _MOST_SCANS * self.max_pixels // 4:
            return Reason("too_many_scans", {"scans": scans, **fields})
        return None

    def refuses(self, shapes: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Tell which of N photos, int32 [N, 2] width and height, are refused by their size."""
        large: NDArray[np.bool_] = shapes.prod(axis=1, dtype="int64") > self.max_pixels
        return large


USUAL = Limits()
"""The limits where no setting says otherwise."""
