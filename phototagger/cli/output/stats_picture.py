"""The histograms of ``stats`` as a picture."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.errors import UsageError
from phototagger.files.atomic import write_atomically
from phototagger.printable import printable

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

    from phototagger.engine.stats.histogram import Histogram

_SOFTWARE = "phototagger stats"
_WIDTH, _HEIGHT, _MARGIN = 960, 320, 48
_COLOURS = ("#3465a4", "#c17d11")
_INK, _PAPER, _MARK = "#202020", "#ffffff", "#cc0000"


def check_target(file: str, root: str) -> None:
    """Refuse a file among the photos, and one that this did not write: it might be a photo."""
    target, where = Path(file), f"--png {printable(file)}"
    if target.suffix.lower() != ".png":
        raise UsageError(f"{where}: the name must end with .png", "name a file that does")
    if not target.parent.is_dir():
        raise UsageError(f"{where}: there is no such folder", "make it, or name another")
    folder = os.path.realpath(target.parent)
    if os.path.commonpath([folder, os.path.realpath(root)]) == os.path.realpath(root):
        raise UsageError(f"{where}: lies among the photos", "choose another folder")
    if os.path.lexists(target) and not _ours(target):
        raise UsageError(f"{where}: is there already, and was not made by this", "choose another")


def _ours(target: Path) -> bool:
    from PIL import Image

    try:
        with Image.open(target) as picture:
            return picture.info.get("Software") == _SOFTWARE
    except (OSError, ValueError, Image.DecompressionBombError):
        return False


def write_picture(histograms: Sequence[Histogram], file: str) -> None:
    """Write the histograms, one below the other, as a PNG."""
    from PIL import Image, ImageDraw, PngImagePlugin

    picture = Image.new("RGB", (_WIDTH, _HEIGHT * max(1, len(histograms))), _PAPER)
    draw = ImageDraw.Draw(picture)
    for number, histogram in enumerate(histograms):
        _draw(draw, histogram, top=number * _HEIGHT)
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", _SOFTWARE)
    with write_atomically(file) as out:
        picture.save(out, "PNG", pnginfo=info)


def _draw(draw: ImageDraw, histogram: Histogram, *, top: int) -> None:
    left, right, base = _MARGIN, _WIDTH - _MARGIN, top + _HEIGHT - _MARGIN
    high = base - top - _MARGIN
    draw.text((left, top + 12), histogram.title, _INK)
    for number, name in enumerate(histogram.names if len(histogram.names) > 1 else ()):
        draw.text((right - 160 + 80 * number, top + 12), name, _COLOURS[number])
    draw.line((left, base, right, base), _INK)
    if not histogram.edges:
        return
    bins = len(histogram.edges) - 1
    most = max(1, *(max(counts) for counts in histogram.counts))
    draw.text((4, top + _MARGIN - 6), f"{most:,}", _INK)
    step = (right - left) / bins
    wide = (step - 2) / len(histogram.names)
    for number, edge in enumerate(histogram.edges):
        x = left + number * step
        if number % 2 == 0:
            draw.text((x - 10, base + 6), f"{edge:.3f}".rstrip("0"), _INK)
        for place, counts in enumerate(histogram.counts if number < bins else ()):
            if counts[number]:
                begin = x + 1 + place * wide
                size = max(1.0, high * counts[number] / most)
                draw.rectangle((begin, base - size, begin + wide - 1, base), _COLOURS[place])
        if edge == round(histogram.threshold, 6):
            draw.line((x, top + _MARGIN - 12, x, base), _MARK, width=2)
            draw.text((x + 4, top + _MARGIN - 14), f"threshold {histogram.threshold:g}", _MARK)
