"""How much is approved unseen, with a number: certificates on vectors whose truth is known.

    python -m bench.precision FILE.npz [--splits N]

A file holds ``image_vectors`` [N, D], ``label_vectors`` [M, D] and ``truth`` bool [N, M]. Of each
split some photos teach, some are the sample, drawn as ``phototagger sample`` draws it and answered
truly; of the others, what the certificate approves is compared with the truth. Exit code 1 where a
figure misses what it must reach.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.review import Library, load
from phototagger.suggest import LabelHeads
from phototagger.suggest.certificate import Candidates, Looks, Promise, certify

if TYPE_CHECKING:
    from collections.abc import Sequence

SPLITS = 16


@dataclass(frozen=True)
class Case:
    """Photos that teach, photos looked at, a precision; and what must come of it."""

    taught: int
    looked_at: int
    precision: float
    certified: int  # of 16 splits
    recall: float

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.taught} taught + {self.looked_at} looked at, .{100 * self.precision:.0f}"


CASES = (Case(100, 100, 0.9, 14, 0.38), Case(200, 150, 0.95, 13, 0.32))


@dataclass(frozen=True)
class Split:
    """What a split gave: true precision and share of all true labels that were approved unseen."""

    precision: float
    recall: float


def split(library: Library, case: Case, seed: int) -> Split | None:
    """Play one split; None where nothing was certified, which approves nothing."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(library.images))
    taught, rest = order[: case.taught], order[case.taught :]
    heads = LabelHeads.from_decisions(library.labels, library.images[taught], library.truth[taught])
    scores, truth = heads.predict(library.images[rest]), library.truth[rest]
    photos, labels = np.nonzero(scores >= np.float32(0.5))
    values, right = scores[photos, labels], truth[photos, labels]
    sample = rng.permutation(np.unique(photos))[: case.looked_at]
    seen = np.zeros(len(rest), np.bool_)
    seen[sample] = True
    of = seen[photos]
    draws, keeps = rng.random(len(photos)), rng.random(len(rest))
    certificate = certify(
        Candidates(photos, values, seen, np.zeros_like(seen)),
        Looks(photos[of], values[of], right[of], draws[of], keeps),
        Promise(case.precision),
    ).certified
    if certificate is None:
        return None
    approved = (values >= certificate.threshold) & ~of
    labels_of = np.bincount(photos[approved], minlength=len(rest))
    right_of = np.bincount(photos[approved], right[approved], minlength=len(rest))
    is_labelled = labels_of > 0
    precision = float((right_of[is_labelled] / labels_of[is_labelled]).mean())
    return Split(precision, float(right[approved].sum() / truth[~seen].sum()))


@dataclass(frozen=True)
class Result:
    """What all splits of a case gave; a split without a certificate has recall 0."""

    case: Case
    splits: Sequence[Split | None]

    @property
    def given(self) -> list[Split]:
        """The splits in which something was certified."""
        return [outcome for outcome in self.splits if outcome is not None]

    @property
    def recall(self) -> float:
        """The share of all true labels that was approved unseen, over all splits."""
        return sum(outcome.recall for outcome in self.given) / len(self.splits)

    @property
    def is_met(self) -> bool:
        """Whether it is what it must be."""
        enough = len(self.given) * SPLITS >= self.case.certified * len(self.splits)
        return enough and self.recall >= self.case.recall

    def __str__(self) -> str:
        given, case = self.given, self.case
        broken = sum(outcome.precision < case.precision for outcome in given)
        precision = np.mean([outcome.precision for outcome in given]) if given else float("nan")
        line = (
            f"{case.name}: certified {len(given)} of {len(self.splits)} (at least "
            f"{case.certified} of {SPLITS}), true precision {precision:.3f}, broken {broken}, "
            f"approved unseen {self.recall:.3f} of all true labels (at least {case.recall:.2f})"
        )
        return line if self.is_met else f"{line}  MISSED"


def play(library: Library, case: Case, splits: int = SPLITS) -> Result:
    """Play all splits of a case."""
    return Result(case, [split(library, case, seed) for seed in range(splits)])


def main() -> int:
    """Print what comes of each case."""
    ask = argparse.ArgumentParser(prog="python -m bench.precision", description=__doc__)
    ask.formatter_class = argparse.RawDescriptionHelpFormatter
    ask.add_argument("file", type=Path, metavar="FILE.npz")
    ask.add_argument("--splits", type=int, default=SPLITS)
    options = ask.parse_args()
    library = load(options.file)
    results = [play(library, case, options.splits) for case in CASES]
    for result in results:
        print(result)
    return 0 if all(result.is_met for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
