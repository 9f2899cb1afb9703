"""Keys a photo costs its reviewer: the fixed threshold against heads that learn.

    python -m bench.review [FILE.npz | FOLDER] [--seeds 5] [--threshold 0.25]

Plays a reviewer over real vectors whose true labels are known. The labels over the threshold are
checked and the first nine of the list stand on the screen. A key unchecks a wrong label; a key
checks a missing one that is on the screen, three where it has to be found; a last key accepts. So
perfect suggestions cost 1.00. Every decision is told to the heads before the next photo is shown.

FILE holds image_vectors [N, D], label_vectors [M, D] and truth bool [N, M]. FOLDER holds photos
and MANIFEST.tsv with their labels; the embedded model gives the vectors.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.embedded_quality import manifest
from phototagger.core.clip_model import embed_images, embed_labels, load_clip
from phototagger.suggest import LabelHeads

if TYPE_CHECKING:
    from collections.abc import Sequence

ON_SCREEN, KEYS_TO_FIND = 9, 3
BLOCK = 50
DEFAULT = Path(__file__).parents[2] / "shared/data/clip_vectors/review_dev.npz"


@dataclass(frozen=True)
class Library:
    """Photos [N, D], labels [M, D], which labels are true [N, M]."""

    images: np.ndarray
    labels: np.ndarray
    truth: np.ndarray


@dataclass(frozen=True)
class Game:
    """Keys for each photo in the order reviewed, and CPU seconds spent for each on learning."""

    fixed: np.ndarray
    learned: np.ndarray
    seconds: np.ndarray


def load(path: Path) -> Library:
    """Return the vectors of a file, or those that the embedded model gives to a folder's photos."""
    if path.is_dir():
        known = manifest(path)
        labels = sorted(set().union(*known.values()))
        model, preprocess, tokenizer, _ = load_clip("embedded")
        truth = np.array([[label in own for label in labels] for own in known.values()])
        images = embed_images(known, model, preprocess)
        return Library(images, embed_labels(labels, model, tokenizer), truth)
    data = np.load(path)
    vectors = (data[name].astype(np.float32) for name in ("image_vectors", "label_vectors"))
    return Library(*vectors, data["truth"])


def keys(scores: np.ndarray, bar: float, truth: np.ndarray) -> int:
    """Return the keys that turn what is checked (score >= bar) into the truth and accept it."""
    checked = scores >= bar
    rank = np.empty(len(scores), int)
    rank[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
    missing = truth & ~checked
    hidden = int((missing & (rank >= ON_SCREEN)).sum())
    return 1 + int((checked & ~truth).sum()) + int(missing.sum()) + hidden * (KEYS_TO_FIND - 1)


def play(library: Library, seed: int, threshold: float) -> Game:
    heads = LabelHeads(library.labels, threshold)
    order = np.random.default_rng(seed).permutation(len(library.images))
    game = Game(*np.zeros((3, len(order))))
    for turn, row in enumerate(order):
        image, truth = library.images[row : row + 1], library.truth[row]
        game.fixed[turn] = keys((image @ library.labels.T)[0], threshold, truth)
        started = time.process_time()
        scores = heads.predict(image)[0]
        heads.observe(image, truth[None])
        game.seconds[turn] = time.process_time() - started
        game.learned[turn] = keys(scores, 0.5, truth)
    return game


def report(games: Sequence[Game]) -> None:
    """Print a line a seed, then how the keys fall with the photos reviewed."""
    print("seed   fixed  learned  first 100   CPU ms a decision")
    for seed, game in enumerate(games):
        row = game.fixed.mean(), game.learned.mean(), game.learned[:100].mean()
        print(f"{seed:4d}  {row[0]:6.2f}  {row[1]:7.2f}  {row[2]:9.2f}", end="")
        print(f"   {1000 * game.seconds.mean():6.1f}")
    fixed = np.mean([game.fixed for game in games], axis=0)
    learned = np.mean([game.learned for game in games], axis=0)
    print(f"mean  {fixed.mean():6.2f}  {learned.mean():7.2f}  {learned[:100].mean():9.2f}")
    print("\nphotos reviewed   fixed  learned")
    for start in range(0, len(fixed), BLOCK):
        block = slice(start, start + BLOCK)
        last = min(start + BLOCK, len(fixed))
        print(f"{start + 1:6d} to {last:5d}  {fixed[block].mean():6.2f}", end="")
        print(f"  {learned[block].mean():7.2f}")


def main() -> None:
    ask = argparse.ArgumentParser(prog="python -m bench.review", description=__doc__)
    ask.formatter_class = argparse.RawDescriptionHelpFormatter
    ask.add_argument("file", type=Path, nargs="?", default=DEFAULT, metavar="FILE")
    ask.add_argument(
        "--seeds", type=int, default=5, help="how many orders of the photos are played"
    )
    ask.add_argument("--threshold", type=float, help="of the plain cosine")
    options = ask.parse_args()
    if not options.file.exists():
        ask.error(f"{options.file} is not there; name a file of vectors with known labels")
    library = load(options.file)
    print(f"{options.file.name}: {len(library.images)} photos, {len(library.labels)} labels\n")
    threshold = 0.25 if options.threshold is None else options.threshold
    report([play(library, seed, threshold) for seed in range(options.seeds)])


if __name__ == "__main__":
    main()
