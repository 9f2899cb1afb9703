"""``gpu``: the share of what decoding or computing alone can do that both reach together.

Forward only: batches that are there already. Decode only: photos read and decoded, nothing
computed. Whole: the ``embed`` step, of photos and of cached thumbnails. Beside it the same without
batches ahead, where the device waits while a batch is brought to it and kept.

Where no card is, a stand-in computes: it takes the time that decoding takes, so that neither hides
what the other loses, and lets the processor be. What that tells is the overlap, not a card's speed.
"""

from __future__ import annotations

import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from bench.decode import OURS
from bench.figures import Figure, alone, compared, measured, median
from bench.job import LABELS, scanned
from bench.pictures import big_photos, copies
from bench.weights import SMALL_MODEL, random_weights
from phototagger.core.clip_model import EMBEDDED, load_clip
from phototagger.engine.job import Job
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.batches import looked_at
from phototagger.engine.photo_reader.reader import Have
from phototagger.engine.steps.embed import embed
from phototagger.imaging.limits import USUAL
from phototagger.model.encoder import Encoder
from phototagger.model.gpu import AHEAD
from phototagger.settings.model import Settings
from phototagger.store.vectors.keys import as_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

_MODEL = "ViT-L-14"
_CARDS, _CLOCKS, _SMALL = (512, 64), (96, 4), (4, 2)  # photos, and how many are a batch
_MUST = ">= 90 % of the slower of the two"


class Clocked:
    """Stands in for an encoder on a card: one batch at a time, so many seconds a photo."""

    def __init__(self) -> None:
        self.preprocess, self.ahead, self.at_once = OURS, AHEAD, 1
        self.seconds = 0.0
        self._lock = threading.Lock()

    def images(self, batch: np.ndarray) -> np.ndarray:
        """Take the time that the card would take, and none of the processor's."""
        with self._lock:
            time.sleep(self.seconds * len(batch))
        return batch.reshape(len(batch), -1)[:, :64].astype(np.float32) + 1

    def labels(self, labels: Sequence[str], _: Sequence[str]) -> np.ndarray:
        """Return some vectors."""
        return np.ones((len(labels), 64), np.float32)


def _encoder(place: Path, *, small: bool) -> Any:
    if not torch.cuda.is_available():
        return Clocked()
    name = SMALL_MODEL if small else _MODEL
    loaded = load_clip(name, str(random_weights(name, place)), "cuda")
    return Encoder(*loaded, owned=True)


def _forward(encoder: Any, batch: int, count: int) -> float:
    """Return images a second of batches that are there."""
    size = (encoder.preprocess.height, encoder.preprocess.width)
    photos = np.zeros((batch, *size, 3), np.uint8)
    encoder.images(photos)
    with ThreadPoolExecutor(AHEAD) as threads:
        spent = measured(lambda: list(threads.map(encoder.images, [photos] * (count // batch))))
    return count // batch * batch / spent.wall


def _decode(encoder: Any, paths: list[Path], batch: int, cache: Path) -> float:
    """Return photos a second that are read, decoded and made inputs and thumbnails of."""
    cache.mkdir()
    asked = Asked(str(cache), encoder.preprocess, Have.of([as_keys(())] * 5), USUAL, batch, batch)
    nothing = np.zeros((batch, 1), np.float32)
    items = list(enumerate(map(str, paths)))
    looks = looked_at(asked, items, lambda pixels: nothing[: len(pixels)], lambda: None)
    return len(paths) / measured(lambda: list(looks)).wall


def _whole(encoder: Any, settings: Settings, *, ahead: int) -> float:
    """Return photos a second of the step."""
    with Job(settings, labels=LABELS, fresh=True) as job:
        # In the place of the one that would be loaded: its vectors are for nobody.
        job.model._encoder = encoder
        job.model.labels(job.labels)
        encoder.ahead = ahead
        scanned(job)
        spent = measured(lambda: list(embed(job)))
        encoder.ahead = AHEAD
        return len(job.photos) / spent.wall


def gpu(*, small: bool) -> list[Figure]:
    """Return the figures of the ``gpu`` row."""
    rounds, different = (1, 1) if small else (3, 6)
    count, batch = _SMALL if small else _CARDS if torch.cuda.is_available() else _CLOCKS
    rates: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        place = Path(name)
        photos = copies(big_photos(different), place / "photos", count)
        paths = sorted(photos.iterdir())
        encoder = _encoder(place, small=small)
        for number in range(rounds):
            folder = place / str(number)
            folder.mkdir()
            round_rates = {"decode": _decode(encoder, paths, batch, folder / "decoded")}
            if isinstance(encoder, Clocked):
                encoder.seconds = 1 / round_rates["decode"]
            round_rates["forward"] = _forward(encoder, batch, count)
            settings = Settings(
                root=str(photos), model_name=EMBEDDED, batch_images=batch, max_images=0,
                run_dir=str(folder / "runs"), cache_dir=str(folder / "cache"),
            )  # fmt: skip
            round_rates["whole"] = _whole(encoder, settings, ahead=AHEAD)
            from_thumbs = replace(settings, from_thumbs=True)
            round_rates["thumbs"] = _whole(encoder, from_thumbs, ahead=AHEAD)
            apart = replace(
                settings, run_dir=str(folder / "more_runs"), cache_dir=str(folder / "more_cache")
            )
            round_rates["one"] = _whole(encoder, apart, ahead=0)
            for key, rate in round_rates.items():
                rates.setdefault(key, []).append(rate)
    return _figures(rates, is_card=not isinstance(encoder, Clocked))


def _figures(rates: dict[str, list[float]], *, is_card: bool) -> list[Figure]:
    what = torch.cuda.get_device_name() if is_card else "a stand-in clock, no card"
    slower = [min(pair) for pair in zip(rates["forward"], rates["decode"], strict=True)]
    note = f"{what}; forward {median(rates['forward']):.0f}, decode {median(rates['decode']):.0f}/s"
    return [
        compared(
            "gpu", "images/s", rates["whole"], slower, _MUST, lambda _, ratio: ratio >= 0.9,
            note=note,
        ),
        compared(
            "gpu without batches ahead", "images/s", rates["one"], slower, "", lambda *_: True,
        ),
        compared(
            "gpu from thumbnails", "images/s", rates["thumbs"], rates["forward"],
            ">= 90 % of forward only", lambda _, ratio: ratio >= 0.9,
        ),
        alone("gpu forward only", "images/s", rates["forward"]),
        alone("gpu decode only", "images/s", rates["decode"]),
    ]  # fmt: skip
