"""`approvals import --from-photos|--from-sidecars`: keywords that are there become decisions."""

import shutil
from pathlib import Path

import pytest

from phototagger.errors import ExitCode
from tests.cli.conftest import SAMPLES, Tagger
from tests.sidecar_files import make_photo, needs_exiftool, sidecar_text

pytestmark = needs_exiftool
EMBEDDED = ("--model-name", "embedded")


@pytest.fixture
def photos(tagger: Tagger) -> Path:
    """A photo with keywords in it, and one with a sidecar of somebody else's."""
    folder = tagger.folder / "photos"
    folder.mkdir()
    (tagger.folder / "labels.txt").write_text("beach\nsunset\n")
    packet = sidecar_text(["Sunset", "Rome"], ["Places|Europe|Rome"]).encode()
    make_photo(folder / "inside.jpg", packet)
    shutil.copy(SAMPLES / "food" / "fig.jpg", folder / "fig.jpg")
    (folder / "fig.jpg.xmp").write_text(sidecar_text(["Fig", "food"]))
    return folder


def held(tagger: Tagger) -> set[tuple[str, str, str]]:
    """Label, who decided, and by what, of every decision that holds."""
    rows = tagger("approvals", "export", "-").stdout.splitlines()[1:]
    found = (row.split(",") for row in rows)
    return {(row[1], row[4], row[6]) for row in found if row[2] == "approved"}


def test_keywords_of_photos_are_approved_by_auto_and_marked(tagger, photos):
    done = tagger("approvals", "import", "--from-photos", photos, *EMBEDDED)
    assert done.returncode == 0, done.stderr
    assert "2 keywords of 1 photo taken in as approvals by auto" in done.stderr
    mark = ("auto", "keywords-of-photos")
    assert held(tagger) == {("sunset", *mark), ("rome", *mark)}
    again = tagger("approvals", "import", "--from-photos", photos, *EMBEDDED)
    assert "0 keywords of 0 photos" in again.stderr
    assert tagger("undo", *EMBEDDED).returncode == 0
    assert held(tagger) == set()


def test_those_of_sidecars_are_a_persons_where_asked_and_ours_are_left(tagger, photos):
    assert tagger("approve", photos, *EMBEDDED, "--label", "beach").returncode == 0
    assert tagger("sidecars", photos, *EMBEDDED).returncode == 0
    done = tagger("approvals", "import", "--from-sidecars", "--by-person", photos, *EMBEDDED)
    assert done.returncode == 0, done.stderr
    mark = ("person", "keywords-of-sidecars")
    assert held(tagger) >= {("fig", *mark), ("food", *mark)}
    assert ("beach", *mark) not in held(tagger)


def test_what_a_person_rejected_stays_rejected(tagger, photos):
    no = tagger("approve", photos, *EMBEDDED, "--label", "sunset", "--reject")
    assert no.returncode == 0, no.stderr
    assert tagger("approvals", "import", "--from-photos", photos, *EMBEDDED).returncode == 0
    assert {label for label, _, _ in held(tagger)} == {"rome"}


def test_in_a_tree_keywords_are_paths(tagger, photos):
    (tagger.folder / "labels.txt").write_text("# labels: tree\nsky > sunset\n")
    done = tagger("approvals", "import", "--from-photos", photos, *EMBEDDED)
    assert done.returncode == 0, done.stderr
    assert {label for label, _, _ in held(tagger)} == {"sky > sunset", "places > europe > rome"}


def test_it_is_for_import(tagger, photos):
    done = tagger("approvals", "export", "--from-photos", photos)
    assert done.returncode == ExitCode.USAGE
    assert "--from-photos: is for import" in done.stderr
    assert tagger("approvals", "import").returncode == ExitCode.USAGE
