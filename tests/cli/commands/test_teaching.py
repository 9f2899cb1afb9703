"""What docs/models.md says of teaching a name: ten decisions, with the embedded model."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from tests.cli.conftest import CHECKOUT, SAMPLES, Tagger

EMBEDDED = ("--model-name", "embedded")
NOT_BELLO = ("cat", "tiger", "honey-bee", "pagoda", "fig")


@pytest.fixture
def dogs(tagger: Tagger) -> Tagger:
    """The samples, with the dogs as eight pictures, each cut from another place."""
    photos = tagger.folder / "photos"
    photos.mkdir()
    for path in SAMPLES.rglob("*.jpg"):
        if path.stem != "dogs":
            shutil.copy(path, photos)
    with Image.open(SAMPLES / "animals" / "dogs.jpg") as dogs:
        wide, high = dogs.size
        for number in range(8):
            left, top = number % 4 * wide // 16, number // 4 * high // 8
            cut = dogs.crop((left, top, left + wide * 3 // 4, top + high * 3 // 4))
            cut.save(photos / f"bello-{number}.jpg")
    shutil.copy(CHECKOUT / "labels.txt", tagger.folder)
    return tagger


def suggested(tagger: Tagger) -> set[str]:
    """The photos on which decisions suggest bello."""
    done = tagger("score", "photos", *EMBEDDED, "--learned")
    assert done.returncode == 0, done.stderr
    rows = pl.read_parquet(Path(done.stdout.splitlines()[-1]))
    return {
        Path(row["rel_path"]).stem
        for row in rows.iter_rows(named=True)
        if any(one["label"] == "bello" for one in row["learned"])
    }


def test_ten_decisions_teach_a_name_that_no_model_knows(dogs):
    assert dogs("run", "photos", *EMBEDDED).returncode == 0
    assert dogs("labels", "add", "bello").returncode == 0
    assert suggested(dogs) == set()
    for flags, names in (
        ((), [f"bello-{number}" for number in range(5)]),
        (("--reject",), NOT_BELLO),
    ):
        listed = "".join(f"photos/{name}.jpg\n" for name in names)
        done = dogs("approve", "photos", *EMBEDDED, "--label", "bello", *flags,
                    "--paths-from", "-", input=listed)  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert suggested(dogs) == {f"bello-{number}" for number in range(8)}
