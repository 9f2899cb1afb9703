"""What the benchmarks that drive a job share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phototagger.engine.steps.scan import scan

if TYPE_CHECKING:
    from phototagger.engine.job import Job

LABELS = ["dog", "cat", "beach", "mountain", "car"]


def scanned(job: Job) -> None:
    """Do the first step."""
    for _ in scan(job):
        pass
