"""How often the embedded model's first suggestion is right.

    python -m bench.embedded_quality [DATA]

DATA is a folder with MANIFEST.tsv (columns ``set``, ``file``, ``labels``; labels joined by ``|``)
and the photos it names. The photos are those of ``photos/coco/``: 72, each with one label or more.
The vocabulary is every label that one of them has: 61. For person they are among the photos that
the model learned from; ``scripts/make_probes.py`` says how good it is on photos kept back. (The
other photos of the set are named after species and places, which no photo of a general vocabulary
is asked about.)
"""

from __future__ import annotations

import argparse
import csv
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image, ImageOps

from phototagger.model import embedded

if TYPE_CHECKING:
    from phototagger.model.preprocess import Preprocess

DEFAULT = Path(__file__).parents[1] / ".." / "shared" / "data"
TEMPLATE = "a photo of {}"
FOLDER = "photos/coco/"
BATCH = 16


def manifest(data: Path) -> dict[Path, set[str]]:
    """Return the labels of each photo."""
    with (data / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {
        data / row["file"]: set(row["labels"].split("|"))
        for row in rows
        if row["set"] == "photos" and row["file"].startswith(FOLDER) and row["labels"]
    }


def read(path: Path, preprocess: Preprocess) -> torch.Tensor:
    """Return what the network sees of a photo, float32 [3, 224, 224]."""
    with Image.open(path) as image:
        return preprocess(ImageOps.exif_transpose(image).convert("RGB"))


def top_1(scores: np.ndarray, truth: np.ndarray) -> float:
    """Return the share of photos whose first suggestion is one of their labels."""
    return float(truth[np.arange(len(truth)), scores.argmax(axis=1)].mean())


def recall(scores: np.ndarray, truth: np.ndarray, count: int) -> float:
    """Return the share of a photo's labels among its first suggestions, mean over photos."""
    first = np.argsort(-scores, axis=1)[:, :count]
    return float((np.take_along_axis(truth, first, axis=1).sum(1) / truth.sum(1)).mean())


def auc(scores: np.ndarray, truth: np.ndarray) -> float:
    """Return how often a true pair of photo and label scores above a false one."""
    right, wrong = scores[truth], np.sort(scores[~truth])
    return float(np.searchsorted(wrong, right).mean() / len(wrong))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=DEFAULT)
    photos = manifest(parser.parse_args().data)
    labels = sorted(set().union(*photos.values()))
    truth = np.array([[label in known for label in labels] for known in photos.values()])

    started = time.perf_counter()
    model, preprocess, tokenizer = embedded.load(torch.device("cpu"))
    loaded = time.perf_counter() - started
    texts = model.encode_text(tokenizer([TEMPLATE.format(label) for label in labels]))

    spent, paths = time.process_time(), list(photos)
    images = torch.cat(
        [
            model.encode_image(torch.stack([read(path, preprocess) for path in part]))
            for part in (paths[first : first + BATCH] for first in range(0, len(paths), BATCH))
        ]
    )
    spent = time.process_time() - spent
    scores = (images @ texts.T).numpy()

    print(f"photos    {len(photos)}, labels {len(labels)}")
    print(f"top-1     {top_1(scores, truth):.3f}")
    print(f"recall@5  {recall(scores, truth, 5):.3f}")
    print(f"AUC       {auc(scores, truth):.3f}")
    print(f"load      {loaded:.2f} s with torch's import left out")
    print(f"photo     {1000 * spent / len(photos):.0f} CPU ms, decoding included")
    print(f"peak      {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
