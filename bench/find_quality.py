"""How often ``find`` has the right photo among its first five, beside what ``score`` suggests.

    python -m bench.find_quality [DATA]

DATA is a folder with MANIFEST.tsv (columns ``set``, ``file``, ``labels``, ``captions``; joined by
``|`` and ``||``) and the photos it names; those of ``photos/coco/`` count, all are searched. The
words are the 20 labels that the fewest photos have, which are the hardest to find, and all labels.
What ``score`` finds are the five photos with the highest scores among those for which it suggests
the label, at the usual threshold and for every one of the words. The captions are searched as they
are: what is asked is whether their own photo comes among the first five.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bench.embedded_quality import DEFAULT, FOLDER, manifest
from phototagger.engine.job import Job
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.review.photo_list import known_listing
from phototagger.review.search.query import Query
from phototagger.review.search.searching import PhotoSearch, text_vector
from phototagger.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

HARDEST, FIRST = 20, 5


def captions(data: Path) -> dict[Path, str]:
    """Return the first caption of each photo that has one."""
    with (data / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    caption_of = {data / row["file"]: row["captions"].split("||")[0].strip() for row in rows}
    return {path: text for path, text in caption_of.items() if text and FOLDER in str(path)}


def scored(job: Job) -> Callable[[str], list[Path]]:
    """Return what gives the photos for which a label is suggested, the highest score first."""
    with job.run.file("results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    def first(label: str) -> list[Path]:
        pairs = []
        for row in rows:
            labels, scores = row["top5_labels"].split("|"), row["top5_scores"].split("|")
            score_of = dict(zip(labels, scores, strict=False))
            if label in score_of:
                pairs.append((-float(score_of[label]), row["path"]))
        return [Path(path) for _, path in sorted(pairs)[:FIRST]]

    return first


def found_by(job: Job) -> Callable[[str], list[Path]]:
    """Return what gives the first photos that a search by words finds."""
    listing = known_listing(job)
    search = PhotoSearch(job, listing)

    def first(words: str) -> list[Path]:
        positions = search.find(Query(words), text_vector(job, words)).positions[:FIRST]
        return [Path(listing.paths[position]) for position in positions.tolist()]

    return first


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=DEFAULT)
    data = parser.parse_args().data.resolve()
    truth = manifest(data)
    counts = Counter(label for labels in truth.values() for label in labels)
    words = sorted(counts, key=lambda word: (counts[word], word))
    with tempfile.TemporaryDirectory() as place:
        settings = Settings(
            root=str(data / "photos"),
            model_name="embedded",
            run_dir=f"{place}/runs",
            cache_dir=f"{place}/cache",
            topk=len(words),
        )
        with Job(settings, labels=words) as job:
            for _ in run_steps(job, steps_of("run")):
                pass
            by_score, by_words = scored(job), found_by(job)
            both = {
                word: [
                    any(word in truth.get(path, ()) for path in first(word))
                    for first in (by_score, by_words)
                ]
                for word in words
            }
            own = [path in by_words(text) for path, text in captions(data).items()]
    print("word              photos  score  find")
    for word in words[:HARDEST]:
        answers = ["yes" if hit else "no" for hit in both[word]]
        print(f"{word:16} {counts[word]:7}  {answers[0]:5}  {answers[1]}")
    for name, chosen in ((f"the {HARDEST}", words[:HARDEST]), (f"all {len(words)}", words)):
        score, find = (sum(both[word][at] for word in chosen) for at in (0, 1))
        print(f"{name}: score {score}, find {find} of {len(chosen)}")
    print(f"captions: {sum(own)} of {len(own)} find their own photo")


if __name__ == "__main__":
    main()
