"""sidecars: what a person sees when the approved labels go into .xmp files."""

import hashlib
import json
import shutil
import sqlite3
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from phototagger.errors import ExitCode
from phototagger.sidecars.ledger import Entry, Intent
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.catalogue.rows import put, update
from tests.cli.conftest import SAMPLES, Tagger
from tests.shared import RELEASED
from tests.sidecar_files import needs_exiftool, sidecar_text

pytestmark = needs_exiftool
EMBEDDED = ("--model-name", "embedded")
LI = "{http://purl.org/dc/elements/1.1/}subject//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"


@pytest.fixture
def photos(tagger: Tagger) -> Path:
    """Two photos, of which the cat is approved as cat and pet."""
    folder = tagger.folder / "photos"
    folder.mkdir()
    shutil.copy(SAMPLES / "animals" / "cat.jpg", folder)
    shutil.copy(SAMPLES / "food" / "fig.jpg", folder)
    (tagger.folder / "labels.txt").write_text("cat\npet\nfood\n")
    approve(tagger, folder / "cat.jpg", "cat", "pet")
    return folder


def approve(tagger: Tagger, photo: Path, *labels: str) -> None:
    flags = [word for label in labels for word in ("--label", label)]
    done = tagger("approve", photo.parent, *EMBEDDED, *flags, "--paths-from", "-", input=str(photo))
    assert done.returncode == 0, done.stderr


def subjects(sidecar: Path) -> list[str]:
    return [one.text for one in ElementTree.parse(sidecar).iterfind(f".//{LI}")]


def originals(folder: Path) -> dict[str, tuple]:
    found = {}
    for path in folder.glob("*.jpg"):
        data, stat = path.read_bytes(), path.stat()
        found[path.name] = (hashlib.sha256(data).hexdigest(), stat.st_mtime_ns, stat.st_ino)
    return found


def test_approved_labels_go_beside_the_photo_and_the_photo_stays_as_it_is(tagger, photos):
    before = originals(photos)
    done = tagger("sidecars", photos, *EMBEDDED)
    assert done.returncode == 0, done.stderr
    assert "sidecars: 1 written" in done.stderr
    assert subjects(photos / "cat.jpg.xmp") == ["cat", "pet"]
    assert not (photos / "fig.jpg.xmp").exists()
    assert originals(photos) == before


def test_a_second_write_touches_nothing(tagger, photos):
    tagger("sidecars", photos, *EMBEDDED)
    before = (photos / "cat.jpg.xmp").stat()
    done = tagger("sidecars", photos, *EMBEDDED)
    assert "sidecars: 0 written, 1 as before" in done.stderr
    assert (photos / "cat.jpg.xmp").stat().st_mtime_ns == before.st_mtime_ns


def test_a_dry_run_prints_the_difference_and_writes_nothing(tagger, photos):
    done = tagger("sidecars", photos, *EMBEDDED, "--dry-run")
    assert done.stdout == f"{photos}/cat.jpg.xmp (new)\n  + cat\n  + pet\n"
    assert "sidecars: would write 1, 0 as they are, 0 refused" in done.stderr
    assert list(photos.glob("*.xmp")) == []


def test_a_dry_run_as_json_has_the_same_as_data(tagger, photos):
    done = tagger("sidecars", photos, *EMBEDDED, "--dry-run", "--json")
    found, finished = (json.loads(line) for line in done.stdout.splitlines())
    assert found["event"] == "sidecar"
    assert (found["path"], found["added"], found["removed"]) == (
        f"{photos}/cat.jpg.xmp", ["cat", "pet"], [],
    )  # fmt: skip
    assert finished == {"event": "finished", "run": None, "exit": 0}


def test_looking_needs_no_catalogue_of_this_version_and_leaves_it_as_it_is(tagger, photos):
    run_dir = tagger.folder / "runs"
    for path in run_dir.glob("catalogue.db*"):
        path.unlink()
    older = sqlite3.connect(run_dir / "catalogue.db")
    older.executescript((RELEASED / "catalogue-1.sql").read_text())
    older.close()
    before = (run_dir / "catalogue.db").read_bytes()
    for flag in ("--dry-run", "--verify"):
        done = tagger("sidecars", photos, *EMBEDDED, flag)
        assert done.returncode == 0, done.stderr
    assert (run_dir / "catalogue.db").read_bytes() == before
    assert not list(run_dir.glob("*.bak-*"))


def test_what_is_no_longer_approved_is_taken_out_and_what_others_wrote_stays(tagger, photos):
    tagger("sidecars", photos, *EMBEDDED)
    sidecar = photos / "cat.jpg.xmp"
    subprocess.run(
        ["exiftool", "-q", "-overwrite_original", "-XMP-dc:Subject+=chelsea", sidecar], check=True
    )
    tagger("approve", photos, *EMBEDDED, "--clear")
    approve(tagger, photos / "cat.jpg", "pet")
    shown = tagger("sidecars", photos, *EMBEDDED, "--dry-run")
    assert shown.stdout == (
        f"{sidecar}\n  - cat\n    pet\n    chelsea\n  + chelsea (lr:hierarchicalSubject)\n"
    )
    done = tagger("sidecars", photos, *EMBEDDED)
    assert done.returncode == 0, done.stderr
    assert subjects(sidecar) == ["pet", "chelsea"]


def test_an_edit_of_the_photo_shows_in_its_sidecar_after_the_next_write(tagger, photos):
    edit = ["exiftool", "-q", "-overwrite_original"]
    subprocess.run([*edit, "-XMP:Rating=4", photos / "cat.jpg"], check=True)
    tagger("sidecars", photos, *EMBEDDED)
    subprocess.run([*edit, "-XMP:Rating=2", photos / "cat.jpg"], check=True)
    sidecar = photos / "cat.jpg.xmp"
    shown = tagger("sidecars", photos, *EMBEDDED, "--dry-run")
    assert shown.stdout == (
        f"{sidecar}\n    cat\n    pet\n  (made anew, to say what the photo says of itself now)\n"
    )
    assert "<xmp:Rating>4<" in sidecar.read_text()
    done = tagger("sidecars", photos, *EMBEDDED)
    assert "sidecars: 1 written" in done.stderr
    assert "<xmp:Rating>2<" in sidecar.read_text()
    assert "sidecars: 0 written, 1 as before" in tagger("sidecars", photos, *EMBEDDED).stderr


def test_a_link_that_leads_out_of_the_root_is_named_and_not_followed(tagger, photos):
    outside = tagger.folder / "outside.xmp"
    outside.write_text(sidecar_text(["theirs"]))
    (photos / "cat.jpg.xmp").symlink_to(outside)
    before = outside.read_bytes()
    done = tagger("sidecars", photos, *EMBEDDED)
    assert done.returncode == ExitCode.SOME_FAILED
    assert f"{photos}/cat.jpg.xmp: it is a link that leads out of the photos' folder" in done.stderr
    assert "put a sidecar in the place of the link" in done.stderr
    assert outside.read_bytes() == before


def test_undo_takes_the_last_write_back_and_only_that(tagger, photos):
    tagger("sidecars", photos, *EMBEDDED)
    first = (photos / "cat.jpg.xmp").read_bytes()
    approve(tagger, photos / "cat.jpg", "best")
    tagger("sidecars", photos, *EMBEDDED)
    dry = tagger("sidecars", photos, "--undo", "--dry-run")
    assert "sidecars: would take back 1" in dry.stderr
    assert (photos / "cat.jpg.xmp").read_bytes() != first
    done = tagger("sidecars", photos, "--undo")
    assert done.returncode == 0, done.stderr
    assert "sidecars: took back 1" in done.stderr
    assert (photos / "cat.jpg.xmp").read_bytes() == first


def test_undo_says_how_many_sidecars_keep_what_an_earlier_write_put_there(tagger, photos):
    approve(tagger, photos / "fig.jpg", "food")
    tagger("sidecars", photos, *EMBEDDED)
    approve(tagger, photos / "cat.jpg", "best")
    tagger("sidecars", photos, *EMBEDDED)
    said = "1 keeps what an earlier write put there, as only the last write of each"
    assert said not in tagger("sidecars", photos, "--undo").stderr
    for count in (1, 0):
        done = tagger("sidecars", photos, "--undo")
        assert f"sidecars: took back {count}" in done.stderr
        assert said in done.stderr
        assert "`c` in the review" in done.stderr, "the cure takes back no other decision"
    assert subjects(photos / "cat.jpg.xmp") == ["cat", "pet"]
    assert not (photos / "fig.jpg.xmp").exists()


def test_undo_leaves_a_sidecar_alone_that_somebody_changed_since(tagger, photos):
    tagger("sidecars", photos, *EMBEDDED)
    sidecar = photos / "cat.jpg.xmp"
    sidecar.write_bytes(sidecar.read_bytes().replace(b"pet", b"dog"))
    done = tagger("sidecars", photos, "--undo")
    assert done.returncode == ExitCode.SOME_FAILED
    assert f"refused: {sidecar}: somebody changed it since" in done.stderr
    assert b"dog" in sidecar.read_bytes()


def test_verify_lists_what_others_changed(tagger, photos):
    tagger("sidecars", photos, *EMBEDDED)
    sidecar = photos / "cat.jpg.xmp"
    assert tagger("sidecars", photos, "--verify").stdout == ""
    sidecar.write_bytes(sidecar.read_bytes().replace(b"pet", b"dog"))
    done = tagger("sidecars", photos, "--verify")
    assert done.stdout == f"{sidecar}: edited\n  + dog\n  - pet\n"
    assert "sidecars: 1 of ours, 1 changed by others" in done.stderr
    sidecar.unlink()
    gone, finished = (
        json.loads(line)
        for line in tagger("sidecars", photos, "--verify", "--json").stdout.splitlines()
    )
    assert (gone["what"], gone["removed"]) == ("missing", ["cat", "pet"])
    assert finished == {"event": "finished", "run": None, "exit": 0}


def test_a_refused_sidecar_is_named_with_its_reason_and_makes_exit_1(tagger, photos):
    (photos / "cat.jpg.xmp").write_text("<not-xmp/>")
    for flags in ((), ("--quiet",), ("--dry-run",)):
        done = tagger("sidecars", photos, *EMBEDDED, *flags)
        assert done.returncode == ExitCode.SOME_FAILED
        assert f"refused: {photos}/cat.jpg.xmp: " in done.stderr
        assert (photos / "cat.jpg.xmp").read_text() == "<not-xmp/>"


def test_without_exiftool_the_exit_code_is_3_and_nothing_is_written(tagger, photos):
    tagger.env["PATH"] = str(tagger.folder)
    done = tagger("sidecars", photos, *EMBEDDED)
    assert done.returncode == ExitCode.MISSING
    assert "exiftool" in done.stderr
    assert "libimage-exiftool-perl" in done.stderr
    assert list(photos.glob("*.xmp")) == []


def test_run_with_sidecars_where_nothing_is_approved_names_both_ways_to_approve(tagger, photos):
    tagger("approve", photos, *EMBEDDED, "--clear")
    done = tagger("run", photos, *EMBEDDED, "--sidecars")
    assert done.returncode == 0
    assert "approve --over-threshold" in done.stderr
    assert "approve --label" in done.stderr
    assert list(photos.glob("*.xmp")) == []


def test_run_with_sidecars_writes_them_after_the_tables(tagger, photos):
    done = tagger("run", photos, *EMBEDDED, "--sidecars")
    assert done.returncode == 0, done.stderr
    run = Path(done.stdout.strip())
    steps = [line.split()[1] for line in (run / "log.txt").read_text().splitlines()]
    assert steps[-2:] == ["export:", "sidecars:"]
    assert subjects(photos / "cat.jpg.xmp") == ["cat", "pet"]


def test_the_same_photo_at_two_paths_gets_two_sidecars(tagger, photos):
    (photos / "sub").mkdir()
    shutil.copy(photos / "cat.jpg", photos / "sub" / "copy.jpg")
    tagger("sidecars", photos, *EMBEDDED)
    assert subjects(photos / "sub" / "copy.jpg.xmp") == subjects(photos / "cat.jpg.xmp")


def test_replace_style_names_the_sidecar_after_the_stem_unless_photos_share_it(tagger, photos):
    shutil.copy(photos / "fig.jpg", photos / "FIG.png.jpg")
    tagger("sidecars", photos, *EMBEDDED, "--sidecar-style", "replace")
    assert subjects(photos / "cat.xmp") == ["cat", "pet"]
    (photos / "raw").mkdir()
    shutil.copy(photos / "cat.jpg", photos / "raw" / "cat.jpg")
    (photos / "raw" / "cat.CR2").write_bytes(b"II*\0")
    done = tagger("sidecars", photos, *EMBEDDED, "--sidecar-style", "replace")
    assert subjects(photos / "raw" / "cat.jpg.xmp") == ["cat", "pet"]
    assert "raw/cat.jpg.xmp: " in done.stderr


def test_without_any_decision_dry_run_undo_and_verify_say_where_they_looked(tagger):
    (tagger.folder / "photos").mkdir()
    for flag in ("--dry-run", "--undo", "--verify"):
        done = tagger("sidecars", "photos", flag)
        assert done.returncode == ExitCode.USAGE
        assert f"{tagger.folder}/runs: holds no decisions yet" in done.stderr


def test_a_root_reached_through_a_link_has_the_same_sidecars(tagger, photos):
    tagger("sidecars", photos, *EMBEDDED)
    link = tagger.folder / "link"
    link.symlink_to(photos)
    done = tagger("sidecars", link, *EMBEDDED)
    assert "sidecars: 0 written, 1 as before" in done.stderr
    taken_back = tagger("sidecars", link, *EMBEDDED, "--undo")
    assert "took back 1" in taken_back.stderr
    assert not (photos / "cat.jpg.xmp").exists()


def test_what_was_written_through_a_link_is_ours_by_the_real_path_too(tagger, photos):
    tagger("sidecars", photos, *EMBEDDED)
    link = tagger.folder / "link"
    link.symlink_to(photos)
    as_it_was_kept_once(tagger.folder / "runs", str(photos), str(link))
    assert "sidecars: 0 written, 1 as before" in tagger("sidecars", photos, *EMBEDDED).stderr
    assert "1 of ours, 0 changed" in tagger("sidecars", photos, *EMBEDDED, "--verify").stderr
    tagger("approve", photos, *EMBEDDED, "--clear")
    assert "sidecars: 1 written" in tagger("sidecars", photos, *EMBEDDED).stderr
    assert not (photos / "cat.jpg.xmp").exists()


def as_it_was_kept_once(run_dir: Path, real: str, link: str) -> None:
    """Put the ledger's entries under the path of a link."""
    catalogue = Catalogue(run_dir)
    [(path, text)] = catalogue.connection.execute("SELECT path, entry FROM sidecar").fetchall()
    entry = Entry.loads(text)
    moved = replace(
        entry,
        sidecar=entry.sidecar.replace(real.encode(), link.encode()),
        photo=entry.photo.replace(real.encode(), link.encode()),
    )
    changes = {"path": moved.sidecar, "entry": moved.dumps()}
    update(catalogue.connection, "sidecar", changes, "path = ?", (path,))
    catalogue.close()


def test_a_catalogue_that_came_from_elsewhere_gets_at_no_file_outside_the_root(tagger, photos):
    tagger("sidecars", photos, *EMBEDDED)
    victim = tagger.folder / "victim.xmp"
    victim.write_bytes((photos / "cat.jpg.xmp").read_bytes())
    catalogue = Catalogue(tagger.folder / "runs")
    [(_, text)] = catalogue.connection.execute("SELECT path, entry FROM sidecar").fetchall()
    entry = replace(Entry.loads(text), sidecar=bytes(victim))
    put(catalogue.connection, "sidecar", ("path", "entry"), [(bytes(victim), entry.dumps())])
    intent = Intent(bytes(victim), "", entry.digest, None, None)
    intents = [(bytes(victim), intent.dumps())]
    put(catalogue.connection, "sidecar_intent", ("path", "intent"), intents)
    catalogue.close()
    written = tagger("sidecars", photos, *EMBEDDED)
    assert f"{victim}: a write of it was cut off; it is not below the root in use" in written.stderr
    undone = tagger("sidecars", photos, "--undo")
    assert f"refused: {victim}: it does not lie where the photos are" in undone.stderr
    assert undone.returncode == ExitCode.SOME_FAILED
    assert victim.exists()
    assert not (photos / "cat.jpg.xmp").exists()


def test_undo_without_a_root_goes_by_the_roots_that_this_user_had(tagger, photos):
    tagger("sidecars", photos, *EMBEDDED)
    shutil.move(tagger.folder / "state", tagger.folder / "kept")
    assert "refused: " in tagger("sidecars", "--undo").stderr
    assert (photos / "cat.jpg.xmp").exists()
    shutil.rmtree(tagger.folder / "state", ignore_errors=True)
    shutil.move(tagger.folder / "kept", tagger.folder / "state")
    assert "took back 1" in tagger("sidecars", "--undo").stderr
    assert not (photos / "cat.jpg.xmp").exists()


def test_a_root_that_moved_is_verified_undone_and_cleared_as_before(tagger, photos):
    tagger("sidecars", photos, *EMBEDDED)
    moved = photos.rename(tagger.folder / "moved")
    assert "1 of ours, 0 changed" in tagger("sidecars", moved, *EMBEDDED, "--verify").stderr
    tagger("approve", moved, *EMBEDDED, "--clear")
    assert tagger("sidecars", moved, *EMBEDDED, "--dry-run").stdout.startswith(
        f"{moved}/cat.jpg.xmp\n  - cat\n  - pet\n"
    )
    assert "took back 1" in tagger("sidecars", moved, *EMBEDDED, "--undo").stderr
    assert not (moved / "cat.jpg.xmp").exists()
