"""The steps of the pipeline, one row each: scan → embed → score → medoids → export, and what else.

Commands, the run screen, the dry run, progress and the README take a step's word and sentence from
here. What it does stands in ``steps/<word>.py`` and is imported when it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from phototagger.engine.events import Event

if TYPE_CHECKING:
    from phototagger.engine.job import Job
    from phototagger.engine.plan import Outlook


@dataclass(frozen=True)
class Step:
    """One step: its word, what it says of itself, and what must be done before it.

    ``in_run``: it is part of a whole run. ``is_command``: it can be started from the command line.
    ``flags``: the groups of flags that it listens to. ``loads_model``: it may need the model.
    ``reads_pixels``: it opens photos.
    """

    name: str
    sentence: str
    needs: tuple[str, ...] = ()
    in_run: bool = True
    is_command: bool = True
    flags: tuple[str, ...] = ()
    loads_model: bool = False
    reads_pixels: bool = False

    def events(self, job: Job) -> Iterator[Event]:
        """Do the step, and tell how far it is."""
        events: Iterator[Event] = getattr(self._module, self.name)(job)
        return events

    def outputs(self, job: Job) -> Sequence[str | os.PathLike[str]]:
        """Return the paths that the step writes."""
        paths: Sequence[str | os.PathLike[str]] = self._module.outputs(job)
        return paths

    def planned(self, outlook: Outlook) -> Iterator[str]:
        """Say what the step would do, in a line or two."""
        lines: Iterator[str] = self._module.planned(outlook)
        return lines

    @property
    def _module(self) -> ModuleType:
        return import_module(f"phototagger.engine.steps.{self.name}")


_ALL = (
    Step("scan", "List the photos under the root."),
    Step(
        "thumbs",
        "Make the 512 px thumbnails.",
        needs=("scan",),
        in_run=False,  # embed makes them as well
        flags=("prune",),
        reads_pixels=True,
    ),
    Step(
        "embed",
        "Compute the CLIP vectors of photos and labels.",
        needs=("scan",),
        flags=("embeddings",),
        loads_model=True,
        reads_pixels=True,
    ),
    Step(
        "vocabulary",
        "Read the labels file again, and make the vectors of new ones.",
        in_run=False,
        is_command=False,
        loads_model=True,
    ),
    Step(
        "score",
        "Suggest labels: the cosine of photos and labels.",
        needs=("embed",),
        flags=("learned",),
        loads_model=True,
    ),
    Step("medoids", "Find the typical photo of each folder.", needs=("embed",)),
    Step("export", "Write the tables of suggestions and decisions.", needs=("score",)),
    Step(
        "discover",
        "Ask providers for labels beyond the labels file.",
        needs=("score",),
        in_run=False,
        loads_model=True,
        reads_pixels=True,
    ),
    Step(
        "sidecars",
        "Write the approved labels into .xmp files beside the photos.",
        needs=("scan",),
        in_run=False,
    ),
)

STEPS = {step.name: step for step in _ALL}
"""Every step by its word, in the order in which they are done."""

RUN = "run"
"""The word for a whole run, into a new run folder."""


def steps_of(name: str, *more: str) -> tuple[Step, ...]:
    """Return a step after those that do what is missing before it; of ``run``, a whole run's.

    ``more`` are others that are to be done as well.
    """
    wanted = [step.name for step in _ALL if step.in_run] if name == RUN else [name]
    names = _with_needs([*wanted, *more])
    return tuple(step for step in _ALL if step.name in names)


def _with_needs(names: Iterable[str]) -> set[str]:
    names = set(names)
    before = {need for name in names for need in STEPS[name].needs}
    return names if before <= names else _with_needs(names | before)
