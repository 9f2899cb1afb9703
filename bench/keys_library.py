"""A library made of vectors whose true labels are known: tiny photos with EXIF times, tagged."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from phototagger.core.thumb_cache import begin_cache
from phototagger.engine.job import Job
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.settings.model import Settings
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.vectors.embeddings import Embeddings, save_embeddings
from phototagger.store.vectors.keys import as_keys
from phototagger.store.vectors.models import KnownModel, model_id, remember_model

if TYPE_CHECKING:
    from pathlib import Path

_MODEL = "ViT-B-32"
_SINCE = 1_000_000_000  # seconds; smaller times count from the set's first photo
_EVERY = 60.0  # seconds between two photos of a set that names no times
_TAKEN = 0x9003  # EXIF's DateTimeOriginal
_PART = 0x9291  # and the part of its second
_EXIF = 0x8769


@dataclass(frozen=True)
class VectorSet:
    """Photos [N, D] and labels [M, D] as vectors, which labels are true [N, M], and who says so.

    ``votes`` are how many of five describers used a label, ``taken`` seconds, ``scenes`` the
    numbers of what photos show; each None where a set does not have it.
    """

    images: np.ndarray
    vectors: np.ndarray
    labels: list[str]
    truth: np.ndarray
    votes: np.ndarray | None = None
    taken: np.ndarray | None = None
    scenes: np.ndarray | None = None

    def of(self, rows: np.ndarray) -> VectorSet:
        """Return the set of some photos, in this order."""
        return VectorSet(
            self.images[rows], self.vectors, self.labels, self.truth[rows],
            None if self.votes is None else self.votes[rows],
            None if self.taken is None else self.taken[rows],
            None if self.scenes is None else self.scenes[rows],
        )  # fmt: skip


def read_set(path: Path) -> VectorSet:
    """Return the set of a file."""
    data = np.load(path)
    optional = {name: data.get(name) for name in ("votes", "taken")} | {"scenes": data.get("scene")}
    return VectorSet(
        data["image_vectors"].astype(np.float32), data["label_vectors"].astype(np.float32),
        [str(label) for label in data["labels"]], data["truth"].astype(bool), **optional,
    )  # fmt: skip


def made_up_set(photos: int = 12, labels: int = 80, dimension: int = 32) -> VectorSet:
    """Return a small set of random vectors, for where none is at hand."""
    random = np.random.default_rng(3)
    first, second = "bdfgklmnprst", "aeiou"
    words = [f"{a}{b}{c}" for a in first for b in second for c in "mnrt"]
    vectors = random.standard_normal((labels, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    truth = np.zeros((photos, labels), bool)
    for row in truth:
        row[random.choice(labels, 3, replace=False)] = True
    images = truth @ vectors + 0.3 * random.standard_normal((photos, dimension))
    return VectorSet(images.astype(np.float32), vectors, words[:labels], truth)


def make_keys_library(folder: Path, known: VectorSet) -> Settings:
    """Make a set's photos, in its order, and tag them with its vectors; return the settings."""
    root, run_dir, weights = folder / "photos", folder / "runs", folder / "weights.pt"
    for place in (root, run_dir):
        place.mkdir(parents=True)
    weights.touch()
    begin_cache(folder / "cache")
    (folder / "labels.txt").write_text("\n".join(known.labels))
    settings = Settings(
        root=str(root), run_dir=str(run_dir), cache_dir=str(folder / "cache"),
        labels_file=str(folder / "labels.txt"), model_name=_MODEL, pretrained=str(weights),
        max_images=0, images="none",
    )  # fmt: skip
    paths = [root / photo_name(number) for number in range(len(known.images))]
    for number, path in enumerate(paths):
        taken = known.taken[number] if known.taken is not None else number * _EVERY
        _photo(path, number, float(taken))
    digest = hashlib.sha256(b"").hexdigest()
    known_by = model_id(_MODEL, digest, "1")
    model = KnownModel(known_by, digest, known_by)
    catalogue = Catalogue(run_dir)
    remember_model(catalogue, _MODEL, str(weights), [weights], model)
    catalogue.close()
    keys = [hashlib.sha1(path.read_bytes(), usedforsecurity=False).digest() for path in paths]
    embeddings = Embeddings(
        model.model, known.images[:0], as_keys(keys), [str(path) for path in paths], known.labels,
        known.vectors, json.dumps(list(settings.prompts)),
    )  # fmt: skip
    save_embeddings(embeddings, [known.images], folder / "embeddings")
    with Job(settings, command=["run"], embeddings_from=str(folder / "embeddings")) as job:
        for step in ("thumbs", "score"):  # with thumbnails and vectors no model is loaded
            for _ in run_steps(job, steps_of(step)):
                pass
        missing = ~job.model.images.has(as_keys(keys))
        if missing.any() or len(job.model.with_vectors(known.labels)) < len(known.labels):
            raise AssertionError("the vectors of the set are not those of the library")
    return settings


def photo_name(number: int) -> str:
    """Return the name of a photo, by its place in the set."""
    return f"IMG_{number:05}.jpg"


def _photo(path: Path, number: int, taken: float) -> None:
    colour = (number % 256, number // 256 % 256, 128)
    exif = Image.Exif()
    moment = datetime.fromtimestamp((1_700_000_000 + taken) if taken < _SINCE else taken, UTC)
    exif.get_ifd(_EXIF)[_TAKEN] = moment.strftime("%Y:%m:%d %H:%M:%S")
    exif.get_ifd(_EXIF)[_PART] = moment.strftime("%f")
    Image.new("RGB", (8, 6), colour).save(path, exif=exif)
