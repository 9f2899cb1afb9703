"""``formats``: thumbnail and input of a 12-megapixel photo in each format, one thread.

Against decoding all of it, as usually written; of a raw against developing all of it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image

from bench.decode import OURS
from bench.figures import Figure, compared, measured
from bench.pictures import big_photos
from phototagger.core.thumbs import LONG_EDGE, encode_thumbnail
from phototagger.formats import FORMATS
from phototagger.imaging.decode import decode
from phototagger.imaging.limits import Limits
from phototagger.imaging.opened import plug_in
from tests.imaging.raws import dng, jpeg

if TYPE_CHECKING:
    from collections.abc import Callable

_ALL = Limits(formats=tuple(FORMATS))
_SAVED: dict[str, dict[str, Any]] = {
    "jpeg": {"quality": 90}, "png": {"compress_level": 1}, "webp": {"quality": 90}, "tiff": {},
    "heic": {"quality": 80},
}  # fmt: skip
_PREVIEW = (1620, 1080)


def _files(seen: Image.Image) -> dict[str, tuple[str, bytes]]:
    """Return a photo in each format: what it is called, the name of its file, its bytes."""
    files = {}
    for name, options in _SAVED.items():
        plug_in(FORMATS[name])
        out = io.BytesIO()
        seen.save(out, FORMATS[name].pillow, **options)
        files[FORMATS[name].said] = (f"a{FORMATS[name].endings[0]}", out.getvalue())
    small = seen.resize((_PREVIEW[0], _PREVIEW[0] * seen.height // seen.width))
    files["raw with a preview"] = ("a.dng", dng(seen, preview=jpeg(small)))
    files["raw without one"] = ("a.dng", dng(seen))
    return files


def _ours(name: str, data: bytes) -> None:
    picture = decode(io.BytesIO(data), name, short=OURS.needed, long=LONG_EDGE, limits=_ALL)
    encode_thumbnail(picture)
    OURS.pixels(picture.image, (picture.width, picture.height), picture.box)


def formats(*, small: bool) -> list[Figure]:
    """Return the figures of the ``formats`` rows."""
    rounds = 1 if small else 5
    with Image.open(io.BytesIO(big_photos(1)[0])) as photo:
        seen = photo.convert("RGB").resize((1000, 750)) if small else photo.convert("RGB")
    figures = []
    for kind, (name, data) in _files(seen).items():
        taken: list[float] = []
        base: list[float] = []
        for _ in range(rounds):
            base.append(_cpu(lambda: decode(io.BytesIO(data), name, limits=_ALL)))  # noqa: B023
            taken.append(_cpu(lambda: _ours(name, data)))  # noqa: B023
        note = f"{len(data) / 1e6:.1f} MB, {seen.width * seen.height / 1e6:.1f} megapixels"
        figures.append(
            compared(f"formats {kind}", "CPU ms", taken, base, "", lambda *_: True, note=note)
        )
    return figures


def _cpu(work: Callable[[], object]) -> float:
    return 1000 * measured(work).cpu
