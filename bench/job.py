"""A job over a folder, with random weights that are loaded before anything is measured."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from phototagger.engine.job import Job
from phototagger.engine.steps.scan import scan
from phototagger.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LABELS = ["dog", "cat", "beach", "mountain", "car"]


@contextmanager
def ready_job(photos: Path, weights: Path, model_name: str, place: Path) -> Iterator[Job]:
    """Give a job that knows nothing of the photos yet; its model and its labels are ready."""
    settings = Settings(
        root=str(photos),
        run_dir=str(place / "runs"),
        cache_dir=str(place / "cache"),
        model_name=model_name,
        pretrained=str(weights),
        device="cpu",
        max_images=0,
    )
    with Job(settings, labels=LABELS, fresh=True) as job:
        job.model.labels(job.labels)
        yield job
    shutil.rmtree(place)


def scanned(job: Job) -> None:
    """Do the first step."""
    for _ in scan(job):
        pass
