"""What the pipeline tells while it works. Counts are absolute, so an event may be missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phototagger.core.score import Suggestions
    from phototagger.sidecars.apply import SidecarResult


@dataclass(frozen=True)
class StepStarted:
    """A step begins: of ``total`` things, ``fresh`` are done from before."""

    step: str
    total: int
    fresh: int = 0


@dataclass(frozen=True)
class StepProgress:
    """So many of a step's things are done, the fresh ones included."""

    step: str
    done: int
    total: int


@dataclass(frozen=True)
class PhotoReady:
    """A photo has its vector and its suggestions."""

    path: str
    suggestions: Suggestions


@dataclass(frozen=True)
class PhotoFailed:
    """A photo cannot be used; the pipeline goes on without it."""

    path: str
    reason: str


@dataclass(frozen=True)
class StepFinished:
    """A step is complete: ``made`` now, ``fresh`` from before, ``failed`` left out."""

    step: str
    made: int
    fresh: int = 0
    failed: int = 0
    seconds: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Notice:
    """Something that a person should know."""

    text: str


@dataclass(frozen=True)
class SidecarDone:
    """A sidecar was written or refused."""

    result: SidecarResult


Event = StepStarted | StepProgress | PhotoReady | PhotoFailed | StepFinished | Notice | SidecarDone
