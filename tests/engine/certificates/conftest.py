"""A library whose photos really show their labels, so that a few decisions teach them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from phototagger.engine.job import Job
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.settings.model import Settings
from phototagger.store import WHOLE_PHOTO, Catalogue, Edit, decide
from tests.engine.standin import install

LABELS = ["beach", "cat", "dog", "forest"]
TAUGHT = 60


@dataclass
class Shelf:
    """Photos of 8 x 8 pixels, the labels that are true of each, and a run_dir."""

    folder: Path
    labels: list[str] = field(default_factory=lambda: list(LABELS))
    truth: dict[str, set[str]] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.folder / "photos"

    def add(self, count: int, seed: int = 0) -> list[str]:
        rng = np.random.default_rng(seed)
        signs = np.random.default_rng(99).choice([-1, 1], (len(LABELS), 8, 8, 3))
        self.root.mkdir(exist_ok=True)
        names = [f"{seed}-{number:03}.png" for number in range(count)]
        for name in names:
            shown = rng.random(len(LABELS)) < (0.5, 0.4, 0.3, 0.2)
            pixels = 128 + 40 * np.tensordot(shown, signs, 1) + rng.normal(0, 20, (8, 8, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(self.root / name)
            self.truth[name] = {
                one for one, is_there in zip(LABELS, shown, strict=True) if is_there
            }
        return names

    def settings(self, **more: object) -> Settings:
        chosen = {
            "root": str(self.root),
            "model_name": "embedded",
            "run_dir": str(self.folder / "runs"),
            "cache_dir": str(self.folder / "thumb_cache"),
            "labels_file": str(self.folder / "labels.txt"),
            "threshold": 0.2,
        }
        return Settings(**{**chosen, **more})

    def job(self, command: str = "score", **more: object) -> Job:
        """Return an open job whose steps are done."""
        (self.folder / "labels.txt").write_text("\n".join(self.labels))
        job = Job(self.settings(**more), labels=self.labels, command=["phototagger", command])
        for _ in run_steps(job, steps_of(command)):
            pass
        return job

    def names(self, job: Job) -> dict[bytes, str]:
        """The names of the photos by their contents."""
        photos = job.photos
        return {photos.keys[one].tobytes(): photos.rel_path(one) for one in range(len(photos))}

    def teach(self, catalogue: Catalogue, said: Mapping[bytes, Iterable[str]]) -> None:
        """Decide photos as a person does: these labels are approved, all others rejected."""
        edits = []
        for sha1, approved in said.items():
            edits += [Edit(sha1, label, label in approved) for label in self.labels]
            edits.append(Edit(sha1, WHOLE_PHOTO, approved=True))
        decide(catalogue, edits, root=str(self.root), model="m-1")

    def teach_some(self, job: Job, count: int = TAUGHT) -> None:
        names = self.names(job)
        known = {sha1: self.truth[names[sha1]] for sha1 in sorted(names)[:count]}
        self.teach(job.catalogue, known)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    install(monkeypatch.setattr)
    # Where a test names no seed the same photos are drawn each time.
    monkeypatch.setattr("phototagger.engine.certificates.sample.randbits", lambda _: 5)
    made = Shelf(tmp_path)
    made.add(260)
    return made
