"""Upright pixels → the square a model looks at, as open_clip makes it."""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from phototagger.imaging.decode import filled_box

if TYPE_CHECKING:
    import torch

Box = tuple[float, float, float, float]

PREPROCESS_VERSION = 1
"""Part of a model's identity: raised when the same photo would get another vector."""

_FILTERS = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "random": Image.Resampling.BICUBIC,
}


_EXTREME = 3
"""How many times as long as the model's input a resized side may be; it is cut off at a cost."""


@dataclass(frozen=True)
class Preprocess:
    """What open_clip's ``image_transform`` does at inference, to the bit.

    Calling it on a PIL image gives the normalised float32 tensor [3, H, W] that open_clip's own
    preprocess gives. ``pixels`` stops before normalisation, so that a batch can be normalised on
    the device. ``mean`` and ``std`` are per channel, for values in 0..1.

    An image of an extreme shape is cropped by ``resize(box=...)``, so that only the pixels that
    are kept are computed: it costs no more than a square one, and differs by a rounding.
    """

    height: int
    width: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str = "bicubic"
    resize_mode: str = "shortest"
    fill_color: int = 0

    @property
    def identity(self) -> str:
        """Everything that decides what the model sees, as text."""
        return f"{PREPROCESS_VERSION} {dataclasses.astuple(self)}"

    @property
    def needed(self) -> int:
        """The length in pixels that an image's short side must keep for an exact result."""
        return 2 * max(self.height, self.width)

    def pixels(
        self,
        image: Image.Image,
        original: tuple[int, int] | None = None,
        box: Box | None = None,
    ) -> np.ndarray:
        """Return uint8 [H, W, 3] of an upright RGB image.

        ``original`` is the (width, height) that the image had before it was decoded at a reduced
        scale, and ``box`` the part of it that the original fills: the geometry follows them, so
        that a draft decode cuts the same square.
        """
        wide, high = original or image.size
        box = box or filled_box((wide, high), image.size)
        filter_ = _FILTERS[self.interpolation]
        if self.resize_mode == "longest":
            return np.asarray(self._letterbox(image, wide, high, filter_, box))
        if self.resize_mode == "shortest":
            return np.asarray(self._cut(image, wide, high, filter_, box))
        return np.asarray(image.resize((self.width, self.height), filter_, box=box))

    def _cut(
        self, image: Image.Image, wide: int, high: int, filter_: Image.Resampling, box: Box
    ) -> Image.Image:
        """Fit the shorter side and cut the middle out, as Resize and CenterCrop do."""
        short = min(self.height, self.width)
        if self.height != self.width:
            ratio = min(high / self.height, wide / self.width)
            new_wide, new_high = round(wide / ratio), round(high / ratio)
            filter_ = Image.Resampling.BICUBIC  # open_clip's, whatever it was asked for
        elif wide <= high:
            new_wide, new_high = short, int(short * high / wide)
        else:
            new_wide, new_high = int(short * wide / high), short
        left = round((new_wide - self.width) / 2)
        top = round((new_high - self.height) / 2)
        right, bottom = left + self.width, top + self.height
        if new_wide <= _EXTREME * self.width and new_high <= _EXTREME * self.height:
            resized = image.resize((new_wide, new_high), filter_, box=box)
            return resized.crop((left, top, right, bottom))
        per_x, per_y = (box[2] - box[0]) / new_wide, (box[3] - box[1]) / new_high
        crop = (
            box[0] + left * per_x,
            box[1] + top * per_y,
            min(box[0] + right * per_x, box[2]),
            min(box[1] + bottom * per_y, box[3]),
        )
        return image.resize((self.width, self.height), filter_, box=crop)

    def _letterbox(
        self, image: Image.Image, wide: int, high: int, filter_: Image.Resampling, box: Box
    ) -> Image.Image:
        """Fit the whole image and fill the rest, as open_clip's ``longest`` mode."""
        ratio = max(high / self.height, wide / self.width)
        new = (max(1, round(wide / ratio)), max(1, round(high / ratio)))
        canvas = Image.new("RGB", (self.width, self.height), (self.fill_color,) * 3)
        corner = ((self.width - new[0]) // 2, (self.height - new[1]) // 2)
        canvas.paste(image.resize(new, filter_, box=box), corner)
        return canvas

    def normalise(self, batch: torch.Tensor) -> torch.Tensor:
        """Return float32 [N, 3, H, W] of uint8 [N, H, W, 3], on the batch's own device."""
        mean, std = _by_channel(self.mean, batch.device), _by_channel(self.std, batch.device)
        return batch.permute(0, 3, 1, 2).float().div(255).sub(mean).div(std).contiguous()

    def __call__(self, image: Image.Image) -> torch.Tensor:
        """Return the normalised float32 tensor [3, H, W] of a PIL image."""
        import torch

        rgb = image if image.mode == "RGB" else image.convert("RGB")
        return self.normalise(torch.from_numpy(self.pixels(rgb).copy())[None])[0]


@functools.cache
def _by_channel(values: tuple[float, float, float], device: torch.device) -> torch.Tensor:
    """Return the numbers on a device, once: to bring them there waits for all that CUDA does."""
    import torch

    return torch.tensor(values, device=device).view(1, 3, 1, 1)
