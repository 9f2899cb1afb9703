"""``preprocess`` and ``two_outputs``: from the bytes of a 12-megapixel photo, one thread.

``preprocess``: bytes → what the model takes, against open_clip's own preprocess (full decode).
``two_outputs``: bytes → thumbnail and input from one decode, against the input alone, and against
the two made apart as usually written: two full decodes, LANCZOS.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import torch
from PIL import Image

from bench.figures import Figure, alone, compared, measured
from bench.pictures import big_photos
from phototagger.core.thumbs import LONG_EDGE, encode_thumbnail
from phototagger.imaging.decode import decode
from phototagger.model.preprocess import Preprocess

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)
OURS = Preprocess(224, 224, _MEAN, _STD)


def ours(data: bytes) -> np.ndarray:
    """Return uint8 [224, 224, 3] of a photo, as the engine makes it without a thumbnail."""
    picture = decode(io.BytesIO(data), "photo", short=OURS.needed)
    return OURS.pixels(picture.image, (picture.width, picture.height), picture.box)


def both(data: bytes) -> tuple[bytes, np.ndarray]:
    """Return thumbnail and input from one decode, as the engine does."""
    picture = decode(io.BytesIO(data), "photo", short=OURS.needed, long=LONG_EDGE)
    size = (picture.width, picture.height)
    return encode_thumbnail(picture), OURS.pixels(picture.image, size, picture.box)


def theirs() -> Any:
    """Return open_clip's own preprocess."""
    import open_clip

    return open_clip.image_transform(224, is_train=False, mean=_MEAN, std=_STD)


def apart(data: bytes, transform: Any) -> None:
    """Make thumbnail and input as usually written."""
    with Image.open(io.BytesIO(data)) as image:
        image.convert("RGB").resize((512, 384), Image.Resampling.LANCZOS).save(
            io.BytesIO(), "JPEG", quality=85
        )
    with Image.open(io.BytesIO(data)) as image:
        transform(image)


def _milliseconds(work: Callable[[bytes], object], photos: list[bytes]) -> float:
    return 1000 * measured(lambda: [work(photo) for photo in photos]).cpu / len(photos)


def preprocess(*, small: bool) -> list[Figure]:
    """Return the figures of the ``preprocess`` row."""
    rounds, photos = (1, big_photos(1)) if small else (7, big_photos(6))
    torch.set_num_threads(1)
    transform = theirs()

    def open_clips(data: bytes) -> torch.Tensor:
        with Image.open(io.BytesIO(data)) as image:
            tensor: torch.Tensor = transform(image)
            return tensor

    def full(data: bytes) -> torch.Tensor:
        return OURS.normalise(torch.from_numpy(ours(data).copy())[None])[0]

    taken: list[float] = []
    base: list[float] = []
    for _ in range(rounds):
        base.append(_milliseconds(open_clips, photos))
        taken.append(_milliseconds(full, photos))
    far, cosines = _differences([(full(photo), open_clips(photo)) for photo in photos])
    return [
        compared(
            "preprocess", "CPU ms", taken, base, ">= 2.7x open_clip's (ratio <= 0.370)",
            lambda _, ratio: ratio <= 1 / 2.7, note="one thread, 12 megapixels",
        ),
        alone("preprocess pixels", "of 255", [far], "<= 4", lambda value: value <= 4),
        alone("preprocess cosine", "", [min(cosines)], ">= .9999", lambda value: value >= 0.9999),
    ]  # fmt: skip


def _differences(pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> tuple[float, list[float]]:
    """Return the greatest difference of a pixel, and the cosine of each pair's vectors."""
    import open_clip

    std = torch.tensor(_STD).view(3, 1, 1)
    far = max(float(((a - b) * std * 255).abs().max()) for a, b in pairs)
    torch.manual_seed(0)
    model = open_clip.create_model("ViT-B-32", pretrained=None).eval()
    cosines = []
    with torch.inference_mode():
        for a, b in pairs:
            first, second = model.encode_image(torch.stack([a, b]))
            cosines.append(float(torch.nn.functional.cosine_similarity(first, second, dim=0)))
    return far, cosines


def two_outputs(*, small: bool) -> list[Figure]:
    """Return the figures of the ``two_outputs`` row."""
    rounds, photos = (1, big_photos(1)) if small else (7, big_photos(6))
    torch.set_num_threads(1)
    transform = theirs()
    taken: dict[str, list[float]] = {"both": [], "input": [], "apart": []}
    for _ in range(rounds):
        taken["input"].append(_milliseconds(ours, photos))
        taken["both"].append(_milliseconds(both, photos))
        taken["apart"].append(_milliseconds(lambda data: apart(data, transform), photos))
    return [
        compared(
            "two_outputs", "CPU ms", taken["both"], taken["input"], "<= 1.4x of input only",
            lambda _, ratio: ratio <= 1.4,
        ),
        compared(
            "two_outputs against apart", "CPU ms", taken["both"], taken["apart"],
            ">= 3.5x the two apart (ratio <= 0.286)", lambda _, ratio: ratio <= 1 / 3.5,
        ),
    ]  # fmt: skip
