"""Where in a picture labels are seen: a coloured frame around each, with its label."""

from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw

_COLORS = ("#ffd400", "#00e5ff", "#ff5cd6", "#7cff3f", "#ff7a1a", "#b48cff")
_FRAME = 160  # the long edge of a picture has so many times the width of a frame
_TEXT = 28  # ... and of a line of text; below the least a text could not be read
_LEAST_TEXT = 10  # pixels


class Outline(NamedTuple):
    """A label and where it is seen: left, top, width and height as parts of the upright photo."""

    label: str
    x: float
    y: float
    width: float
    height: float


def outlined(image: Image.Image, outlines: Sequence[Outline]) -> Image.Image:
    """Return a picture of a whole photo with a frame around each region; the picture is kept."""
    if not outlines:
        return image
    drawn = image.convert("RGB")  # a copy
    draw = ImageDraw.Draw(drawn)
    long = max(drawn.size)
    frame, text = max(1, long // _FRAME), long // _TEXT
    color_of = {
        label: at for at, label in enumerate(dict.fromkeys(seen.label for seen in outlines))
    }
    for outline in outlines:
        color = _COLORS[color_of[outline.label] % len(_COLORS)]
        left, top = outline.x * drawn.width, outline.y * drawn.height
        right, bottom = left + outline.width * drawn.width, top + outline.height * drawn.height
        draw.rectangle((left, top, right, bottom), outline=color, width=frame)
        if text >= _LEAST_TEXT:
            at = (left + 2 * frame, top + 2 * frame)
            draw.text(
                at, outline.label, fill=color, font_size=text, stroke_width=1, stroke_fill="#000"
            )
    return drawn
