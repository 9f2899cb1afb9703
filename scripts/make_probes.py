"""Make phototagger/model/embedded/probes.npy: what photos taught of words that no class is near to.

    python scripts/make_probes.py FOLDER... [--data ../shared/data] [--check]

scripts/probe_photos.tsv names the photos, where each comes from, its licence, which of the words
below it shows, and which of them are a matter of opinion (`unsure`: left out for that word). What
COCO's photos show of persons is COCO's annotation; the rest was said by eye. The photos themselves
do not ship: they are looked for by name in the FOLDERs, in the DATA and in samples/ (those from
elsewhere were saved with a long edge of 800 px). Rain and forest have no probe: 4 and 6 photos of
them were found, too few to learn from or to measure with.

A word's probe is a ridge regression on what the model sees of the photos (1,664 numbers, both
sides weighing the same), a unit vector times ALONG, and the mean photo times ACROSS, which brings
the score to where those of other labels are. It is added to the vectors of labels that mean the
word: see EmbeddedModel.

Before it writes, it says how good that is on photos that were not trained on: ten times, a tenth
of the photos is kept back and scored with probes of the rest.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.embedded_quality import auc, manifest, recall, top_1  # noqa: E402
from phototagger.core.labels import read_labels  # noqa: E402
from phototagger.model import embedded  # noqa: E402
from phototagger.model.embedded.model import SEEN, EmbeddedModel  # noqa: E402
from phototagger.model.embedded.network import load_network  # noqa: E402
from phototagger.model.embedded.text import WIDTH, load_text_encoder  # noqa: E402
from phototagger.model.embedded.wordpiece import WordPiece  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

TEMPLATE = "a photo of {}"
ALONE = "{}"  # for those who want no prompt
# Each with the words that mean nearly the same; what lies near to them gets a part of it.
MEANT = {
    "person": ("person", "people", "human"),
    "sunset": ("sunset", "sunrise", "dusk", "dawn"),
    "sky": ("sky", "blue sky"),
    "tree": ("tree", "trees"),
    "building": ("building", "buildings", "architecture"),
}
RIDGE, ALONG, ACROSS = 1.0, 2.0, 0.3
PARTS = 10
TABLE = Path(__file__).with_name("probe_photos.tsv")
OUTPUT = ROOT / "phototagger/model/embedded/probes.npy"


class Photos(NamedTuple):
    """What was looked at: names, float32 [N, 1664] of each, and [N, words] of truth and doubt."""

    names: list[str]
    seen: NDArray[np.float32]
    shows: NDArray[np.bool_]
    unsure: NDArray[np.bool_]


def without_probes() -> EmbeddedModel:
    """Return the model as it is without any probe."""
    network, text, _, classes, _ = embedded.WEIGHTS
    texts = torch.from_numpy(np.load(classes.verified()).astype(np.float32))
    encoder = load_text_encoder(text.verified())
    none = torch.zeros(1, WIDTH + SEEN)
    return EmbeddedModel(load_network(network.verified()), encoder, texts, none).eval()


def plain(vectors: torch.Tensor) -> NDArray[np.float32]:
    """Return unit rows without the number that puts scores on CLIP's scale."""
    return torch.nn.functional.normalize(vectors[:, :SEEN], dim=1).numpy()


def look(model: EmbeddedModel, folders: list[Path]) -> Photos:
    """Return what the model sees of the photos of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    here = {path.name: path for folder in folders for path in folder.rglob("*.*")}
    preprocess, seen = embedded.preprocess(), []
    for row in rows:
        with Image.open(here[row["photo"]]) as image:
            pixels = preprocess(ImageOps.exif_transpose(image).convert("RGB"))
        seen.append(plain(model.encode_image(pixels[None])))
    truth = [
        np.array([[word in row[column].split("|") for word in MEANT] for row in rows])
        for column in ("shows", "unsure")
    ]
    return Photos([row["photo"] for row in rows], np.concatenate(seen), *truth)


def learned(photos: Photos, word: int, some: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the probe of a word, float32 [1664], from some of the photos."""
    some = some & ~photos.unsure[:, word]
    seen, shows = photos.seen[some], photos.shows[some, word]
    each = np.where(shows, len(shows) / shows.sum(), len(shows) / (~shows).sum()) / 2
    middle = (each[:, None] * seen).mean(axis=0)
    root = np.sqrt(each)[:, None]
    rows = (seen - middle) * root
    wanted = np.where(shows, 1.0, -1.0) * root[:, 0]
    along = rows.T @ np.linalg.solve(rows @ rows.T + RIDGE * np.eye(len(rows)), wanted)
    across = seen.mean(axis=0)
    probe = ALONG * along / np.linalg.norm(along) + ACROSS * across / np.linalg.norm(across)
    return probe.astype(np.float32)


def all_learned(photos: Photos, some: NDArray[np.bool_]) -> dict[str, NDArray[np.float32]]:
    """Return the probe of each word, from some of the photos."""
    return {word: learned(photos, at, some) for at, word in enumerate(MEANT)}


def table_of(
    model: EmbeddedModel, tokens: WordPiece, probes: dict[str, NDArray[np.float32]]
) -> NDArray[np.float16]:
    """Return the file's rows: the text of each word, and the probe that it is given."""
    rows = []
    for word, probe in probes.items():
        said = [form.format(one) for form in (TEMPLATE, ALONE) for one in MEANT[word]]
        with torch.inference_mode():
            texts = model.encoder(tokens(said)).numpy()
        rows.append(np.hstack([texts, np.tile(probe, (len(texts), 1))]))
    return np.concatenate(rows).astype(np.float16)


def give(model: EmbeddedModel, table: NDArray[np.float16]) -> None:
    """Give the model other probes."""
    rows = torch.from_numpy(table.astype(np.float32))
    model.probe_words = torch.nn.functional.normalize(rows[:, :WIDTH], dim=1)
    model.probes = rows[:, WIDTH:]


def kept_back(count: int) -> Iterator[NDArray[np.bool_]]:
    """Yield which photos are kept back, each of them once."""
    part = np.random.default_rng(0).permutation(count) % PARTS
    yield from (part == number for number in range(PARTS))


def check(model: EmbeddedModel, tokens: WordPiece, photos: Photos, data: Path) -> None:
    """Print how good the model is on photos kept back, without probes and with them."""
    of_coco = {path.name: words for path, words in manifest(data).items()}
    starter, objects = read_labels(ROOT / "labels.txt"), sorted(set().union(*of_coco.values()))
    ids = tokens([TEMPLATE.format(label) for label in (*MEANT, *starter, *objects)])
    everything = np.ones(len(photos.names), bool)

    def scores(some: NDArray[np.bool_]) -> NDArray[np.float32]:
        return photos.seen[some] @ plain(model.encode_text(ids)).T

    before = scores(everything)
    after = np.empty_like(before)
    for back in kept_back(len(photos.names)):
        give(model, table_of(model, tokens, all_learned(photos, ~back)))
        after[back] = scores(back)
    for name, found in (("without probes", before), ("with probes", after)):
        print(name)
        words, listed, of_objects = np.split(found, np.cumsum([len(MEANT), len(starter)]), axis=1)
        tell_words(photos, words)
        tell_listed(photos, listed, starter)
        tell_objects(of_objects[[*map(photos.names.index, of_coco)]], objects, of_coco)


def tell_words(photos: Photos, scores: NDArray[np.float32]) -> None:
    """Print how well each word tells the photos that show it from others."""
    is_coco = np.array([Path(name).stem.isdecimal() for name in photos.names])
    for at, word in enumerate(MEANT):
        sure, shows = ~photos.unsure[:, at], photos.shows[:, at]
        aucs = [auc(scores[one, at], shows[one]) for one in (sure, sure & is_coco)]
        print(f"  {word:9} AUC {aucs[0]:.3f}, COCO's photos {aucs[1]:.3f}; {shows.sum()} show it")


def tell_listed(photos: Photos, scores: NDArray[np.float32], labels: list[str]) -> None:
    """Print how often sunset is among the first five of the starter list."""
    first = np.argsort(-scores, axis=1)[:, :5]
    listed = (first == labels.index("sunset")).any(axis=1)
    shows = photos.shows[:, list(MEANT).index("sunset")]
    print(f"  sunset among the first five of {len(labels)}: {listed[shows].mean():.2f} of photos")
    print(f"  that show one, {listed[~shows].mean():.2f} of the others")


def tell_objects(
    scores: NDArray[np.float32], labels: list[str], shown: dict[str, set[str]]
) -> None:
    """Print how well COCO's labels are found, and those of them that have no probe."""
    truth = np.array([[label in words for label in labels] for words in shown.values()])
    print(f"  {len(shown)} photos of COCO, {len(labels)} labels: top-1 {top_1(scores, truth):.3f},")
    print(f"  recall@5 {recall(scores, truth, 5):.3f}, AUC {auc(scores, truth):.3f}")
    others = [at for at, label in enumerate(labels) if label != "person"]
    some = truth[:, others].any(axis=1)
    rest, true = scores[some][:, others], truth[some][:, others]
    print(f"  all but person: recall@5 {recall(rest, true, 5):.3f}, AUC {auc(rest, true):.3f}")


def main() -> None:
    """Check the probes, write them, and say the file's SHA-256."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    model, tokens = without_probes(), WordPiece(embedded.VOCABULARY.verified())
    photos = look(model, [*options.folders, options.data / "photos", ROOT / "samples"])
    check(model, tokens, photos, options.data)
    if not options.check:
        everything = np.ones(len(photos.names), bool)
        np.save(OUTPUT, table_of(model, tokens, all_learned(photos, everything)))
        sha256 = hashlib.sha256(OUTPUT.read_bytes()).hexdigest()
        print(f"{OUTPUT.name}: SHA-256 {sha256}")


if __name__ == "__main__":
    main()
