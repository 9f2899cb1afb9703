"""An open-vocabulary detector: where in a photo the labels of the vocabulary are seen.

Any zero-shot object detection model of the package ``transformers`` does, such as OWLv2 or
Grounding DINO, by its name or folder; its weights have to be here, nothing is downloaded.
"""

import inspect
import io
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from PIL import Image

from phototagger.core.clip_model import choose_device
from phototagger.discover.provider import AskedPhoto, LibraryView, Need, Proposal, Region
from phototagger.errors import MissingError, UsageError
from phototagger.printable import printable

MODEL = "google/owlv2-base-patch16-ensemble"
"""The model that is used where DETECTOR_MODEL names no other."""
INSTALL = "pip install 'phototagger[detect]'"
MOST = 20
"""How many regions of a photo are kept at most, the best ones."""
_LEAST_SCORE = 0.2
_LABELS = 256  # how many a photo is searched for at once
_LEAST_SIDE = 0.002  # the shortest side of a region, as a part of the photo's


class _LoadedDetector(NamedTuple):
    """A model and what prepares its input."""

    model: Any
    processor: Any


class Detector:
    """Finds the labels of the vocabulary in photos, with their boxes; needs transformers."""

    needs = (Need.PIXELS,)
    batch = 8
    least_score = _LEAST_SCORE

    def __init__(self, library: LibraryView) -> None:
        name = library.environ.get("DETECTOR_MODEL") or MODEL
        self.version = f"1 {name}"
        self._label_of = {library.words_of(label)[0]: label for label in library.labels}
        self._model, self._processor = _load(name)
        self._check_cancelled = library.check_cancelled
        parameters = inspect.signature(self._read).parameters
        self._wants_input = "input_ids" in parameters

    @property
    def _read(self) -> Any:
        return self._processor.post_process_grounded_object_detection

    def propose(self, photos: Sequence[AskedPhoto]) -> Iterator[Proposal]:
        """Yield the regions of photos in which labels are seen, at most ``MOST`` a photo."""
        for photo in photos:
            self._check_cancelled()
            if photo.thumbnail is None:
                continue
            with Image.open(io.BytesIO(photo.thumbnail)) as image:
                picture = image.convert("RGB")
            words = list(self._label_of)
            proposals = [
                Proposal(photo, self._label_of[word], score, region)
                for start in range(0, len(words), _LABELS)
                for word, score, region in self._seen(picture, words[start : start + _LABELS])
            ]
            yield from sorted(proposals, key=lambda proposal: -proposal.score)[:MOST]

    def _seen(self, picture: Image.Image, labels: list[str]) -> Iterator[tuple[str, float, Region]]:
        import torch

        inputs = self._processor(text=[labels], images=picture, return_tensors="pt")
        inputs = inputs.to(self._model.device)
        with torch.inference_mode():
            outputs = self._model(**inputs)
        more = {"input_ids": inputs["input_ids"]} if self._wants_input else {}
        (detections,) = self._read(
            outputs, threshold=self.least_score, target_sizes=[picture.size[::-1]],
            text_labels=[labels], **more,
        )  # fmt: skip
        for label, score, corners in zip(
            detections["text_labels"],
            detections["scores"].tolist(),
            detections["boxes"].tolist(),
            strict=True,
        ):
            region = region_of(corners, picture.size)
            if label in labels and region is not None:
                yield label, round(min(1.0, score), 4), region


def region_of(corners: Sequence[float], size: tuple[int, int]) -> Region | None:
    """Return the part of a picture between two corners in pixels; None: hardly any."""
    if not all(map(math.isfinite, corners)):
        return None
    left, right = (min(1.0, max(0.0, x / size[0])) for x in corners[::2])
    top, bottom = (min(1.0, max(0.0, y / size[1])) for y in corners[1::2])
    if not (right - left > _LEAST_SIDE and bottom - top > _LEAST_SIDE):
        return None
    return Region(*(round(part, 4) for part in (left, top, right - left, bottom - top)))


def _load(name: str) -> _LoadedDetector:
    """Load a model that is on this machine. Raises MissingError where a part of it is missing."""
    try:
        from transformers import AutoModelForZeroShotObjectDetection, AutoProcessor
        from transformers.utils import logging
    except ImportError as error:
        raise MissingError(
            f"detector: the package transformers cannot be loaded ({error})", INSTALL
        ) from error
    logging.disable_progress_bar()  # it would draw over the screen
    logging.set_verbosity_error()
    try:
        processor = AutoProcessor.from_pretrained(name, local_files_only=True)
        model = AutoModelForZeroShotObjectDetection.from_pretrained(name, local_files_only=True)
    except OSError as error:
        raise MissingError(
            f"detector: the weights of {printable(name)} are not on this machine",
            f"`hf download {printable(name)}` brings them; or name a folder with DETECTOR_MODEL",
        ) from error
    except (ValueError, KeyError) as error:
        raise UsageError(
            f"detector: {printable(name)} is no zero-shot object detection model: {error}",
            "name another with DETECTOR_MODEL",
        ) from error
    return _LoadedDetector(model.to(choose_device()).eval(), processor)
