"""How a photo flows: scan → embed → score → medoids → export."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from phototagger.engine.events import Event
from phototagger.engine.job import Job
from phototagger.engine.steps.arrange import export, medoids, scan, score
from phototagger.engine.steps.embed import embed, thumbs
from phototagger.engine.steps.sidecars import sidecars

Step = Callable[[Job], Iterator[Event]]

STEPS: dict[str, tuple[Step, ...]] = {
    "scan": (scan,),
    "thumbs": (scan, thumbs),
    "embed": (scan, embed),
    "score": (scan, embed, score),
    "medoids": (scan, embed, medoids),
    "export": (scan, embed, score, export),
    "run": (scan, embed, score, medoids, export),
    "sidecars": (scan, sidecars),
}
"""The steps of each command: its own, after those that do what is missing before it."""
