"""``threshold: auto``: settled once for library and model; and the offer of a better one.

Models differ: true labels have cosines near 0.25 with CLIP and near 0.1 with SigLIP. How many
labels are over a threshold tells whether it is of the right size, without any decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from phototagger.core.score import Cosines, over
from phototagger.engine.events import Notice
from phototagger.model.vectors import Float32
from phototagger.settings.model import AutoThreshold, Settings, SettledThreshold, default_of
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.thresholds import keep_threshold, kept_threshold
from phototagger.store.vectors.by_content import Vectors
from phototagger.store.vectors.keys import Keys

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.model import Model

LEAST = 200
"""So many photos say enough of a library."""
_MOST = 2000  # photos are looked at
_FEW, _MANY = 0.2, 5.0  # labels a photo: with fewer or more another threshold is offered
_DECIMALS = 3


def is_open(settings: Settings) -> bool:
    """Say whether the threshold is still to be settled."""
    return type(settings.threshold) is AutoThreshold


def with_kept(settings: Settings, catalogue: Catalogue, root: str, model: Model) -> Settings:
    """Return settings with the threshold that was settled before, where it is ``auto``."""
    if not isinstance(settings.threshold, AutoThreshold):
        return settings
    known = model.known_or_none
    settled = None if known is None else kept_threshold(catalogue, root, known.model)
    if settled is not None:
        return replace(settings, threshold=SettledThreshold(settled))
    # What another root or model settled holds only there.
    return replace(settings, threshold=AutoThreshold(default_of("threshold")))


def settle(job: Job) -> Iterator[Notice]:
    """Settle the threshold of a job where it is ``auto``.

    Some hundred photos are needed; before, the usual threshold holds.
    """
    if is_open(job.settings) and (cosines := _cosines_of_some(job)) is not None:
        settled = SettledThreshold(one_a_photo(cosines))
        keep_threshold(job.catalogue, job.root, job.model.known.model, settled)
        job.take_threshold(settled)
        yield Notice(f"threshold: {settled:g} from now on: one label a photo is over it here")


def offer_better(job: Job) -> Iterator[Notice]:
    """Say where another threshold than a job's would fit better; some hundred photos tell it."""
    threshold = job.settings.threshold
    if is_open(job.settings) or (cosines := _cosines_of_some(job)) is None:
        return
    if (better := better_than(threshold, cosines)) is not None:
        yield Notice(
            f"threshold {threshold:g} does not fit this model and library; with {better:g} one "
            f"label a photo is over it: --threshold {better:g}, or --threshold auto"
        )


def _cosines_of_some(job: Job) -> Float32 | None:
    """Return cosines [N, M] of some photos, None where there are too few."""
    keys = some_of(job.photos.keys[job.photos.usable()], job.model.images)
    if len(keys) < LEAST or not job.labels:
        return None
    return Cosines(job.model.labels(job.labels))(job.model.images.get(keys))


def better_than(threshold: float, cosines: Float32) -> float | None:
    """Return a threshold that fits cosines [N, M] of photos better; None where this one fits.

    They are of ``LEAST`` photos or more.
    """
    if _FEW <= over(cosines, threshold).sum() / len(cosines) <= _MANY:
        return None
    return one_a_photo(cosines)


def one_a_photo(cosines: Float32) -> float:
    """Return the threshold that one label a photo reaches, of cosines [N, M] as a whole."""
    flat = cosines.ravel()
    place = flat.size - len(cosines)
    return round(float(np.partition(flat, place)[place]), _DECIMALS)


def some_of(keys: Keys, images: Vectors) -> Keys:
    """Return some of the photos that have vectors, drawn evenly, each content once."""
    keys = keys[images.has(keys)]
    keys = keys[np.linspace(0, len(keys) - 1, min(len(keys), _MOST)).astype(int)]
    return np.unique(keys, axis=0)
