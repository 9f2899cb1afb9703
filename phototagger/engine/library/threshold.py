"""``threshold: auto``: settled once for library and model; and the offer of a better one.

Models differ: true labels have cosines near 0.25 with CLIP and near 0.1 with SigLIP. How many
labels are over a threshold tells whether it is of the right size, without any decision.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from phototagger.engine.events import Notice
from phototagger.model.vectors import normalised
from phototagger.settings.model import AutoThreshold
from phototagger.store.labels.thresholds import keep_threshold, kept_threshold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phototagger.engine.job import Job
    from phototagger.engine.model import Model
    from phototagger.model.vectors import Float32
    from phototagger.settings.model import Settings
    from phototagger.store.catalogue.database import Catalogue

LEAST = 200
"""So many photos say enough of a library."""
_MOST = 2000  # photos are looked at
_FEW, _MANY = 0.2, 5.0  # labels a photo: with fewer or more another threshold is offered
_DECIMALS = 3


def is_open(settings: Settings) -> bool:
    """Say whether the threshold is still to be settled."""
    return isinstance(settings.threshold, AutoThreshold)


def with_kept(settings: Settings, catalogue: Catalogue, root: str, model: Model) -> Settings:
    """Return settings with the threshold that was settled before, where it is ``auto``."""
    if not is_open(settings) or model.known_or_none is None:
        return settings
    kept = kept_threshold(catalogue, root, model.known.model)
    return settings if kept is None else replace(settings, threshold=kept)


def settled(job: Job) -> Iterator[Notice]:
    """Settle the threshold of a job where it is ``auto``, else say where another one fits better.

    Both need some hundred photos; before, the usual threshold holds.
    """
    images = _some_images(job)
    if len(images) < LEAST or not job.labels:
        return
    cosines = normalised(images) @ normalised(job.model.labels(job.labels)).T
    threshold, better = job.settings.threshold, one_a_photo(cosines)
    if is_open(job.settings):
        keep_threshold(job.catalogue, job.root, job.model.known.model, better)
        job.take_threshold(better)
        yield Notice(f"threshold: {better:g} from now on: one label a photo is over it here")
    elif not _FEW <= float((cosines >= threshold).sum()) / len(cosines) <= _MANY:
        yield Notice(
            f"threshold {threshold:g} does not fit this model and library; with {better:g} one "
            f"label a photo is over it: --threshold {better:g}, or --threshold auto"
        )


def one_a_photo(cosines: Float32) -> float:
    """Return the threshold that one label a photo reaches, of cosines [N, M] as a whole."""
    flat = cosines.ravel()
    place = flat.size - len(cosines)
    return round(float(np.partition(flat, place)[place]), _DECIMALS)


def _some_images(job: Job) -> Float32:
    """Return vectors of photos of the library, drawn evenly, each content once."""
    photos = job.photos
    keys = np.unique(photos.keys[photos.usable()], axis=0)
    keys = keys[job.model.images.has(keys)]
    keys = keys[np.linspace(0, len(keys) - 1, min(len(keys), _MOST)).astype(int)]
    return job.model.images.get(keys)
