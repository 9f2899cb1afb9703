"""Caches and run_dirs that came from elsewhere: the originals stay, whatever is asked."""

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

from tests.cli.conftest import Tagger
from tests.places import FOREIGN, hashes, jpeg, let_others_reach

EMBEDDED = ("--model-name", "embedded")


def photos_by_content(folder: Path, count: int = 3) -> Path:
    """Make a store of motion photos, each under its SHA-1 and with bytes that follow its end."""
    for number in range(count):
        data = jpeg(640, 480 + number) + b"ftypmp42" * 99
        name = hashlib.sha1(data).hexdigest()
        (folder / name[:2]).mkdir(parents=True, exist_ok=True)
        (folder / name[:2] / f"{name}.jpg").write_bytes(data)
    return folder


@pytest.mark.parametrize("words", [("thumbs",), ("thumbs", "--prune"), ("run", *EMBEDDED)])
@pytest.mark.parametrize("root", ["store", "store/ab", "album"])
def test_a_store_of_photos_by_content_is_no_cache(
    tagger: Tagger, words: tuple[str, ...], root: str
) -> None:
    store = photos_by_content(tagger.folder / "store")
    (store / "ab").mkdir(exist_ok=True)
    photos_by_content(tagger.folder / "album", 1)
    (tagger.folder / "labels.txt").write_text("cat\ndog\n")
    before = hashes(tagger.folder)
    done = tagger(*words, root, "--cache-dir", "store")
    assert done.returncode == 2
    assert "name an empty or a new folder with --cache-dir" in done.stderr
    assert hashes(tagger.folder) == before


def test_originals_in_a_folder_with_our_own_tag_are_left_and_named(tagger: Tagger) -> None:
    photos_by_content(tagger.folder / "album")
    assert tagger("thumbs", "album").returncode == 0
    cache = tagger.folder / "thumb_cache"
    for path in (tagger.folder / "album").rglob("*.jpg"):
        place = cache / path.relative_to(tagger.folder / "album")
        place.write_bytes(path.read_bytes())
    before = hashes(cache)
    done = tagger("thumbs", "album")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("its thumbnail's place is taken by") == 3
    for path in (tagger.folder / "album").rglob("*.jpg"):
        path.unlink()
    (tagger.folder / "album" / "another.jpg").write_bytes(jpeg(64, 48))
    done = tagger("thumbs", "album", "--prune")
    assert "prune: 0 thumbnails removed, 0.0 MB; left as they are" in done.stderr
    assert before.items() <= hashes(cache).items()


@pytest.mark.parametrize("name", ["lock", "log.txt"])
@pytest.mark.parametrize("put", FOREIGN.values(), ids=FOREIGN)
def test_what_changes_in_place_in_a_run_dir_never_reaches_a_photo(
    tagger: Tagger, name: str, put: object
) -> None:
    photo = tagger.folder / "photos" / "a.jpg"
    photo.parent.mkdir()
    photo.write_bytes(jpeg(64, 48))
    assert tagger("scan", "photos").returncode == 0
    (run,) = (path for path in (tagger.folder / "runs").iterdir() if path.is_dir())
    target = (run if name == "log.txt" else run.parent) / name
    target.unlink()
    put(target, photo)
    before = hashes(photo.parent)
    done = tagger("scan", "photos")
    assert done.returncode == 2
    assert f"{name}: " in done.stderr
    assert "move it away, or name another folder with --run-dir" in done.stderr
    assert "Traceback" not in done.stderr
    assert hashes(photo.parent) == before


def test_a_run_folder_that_is_a_link_is_not_continued(tagger: Tagger) -> None:
    (tagger.folder / "photos").mkdir()
    (tagger.folder / "photos" / "a.jpg").write_bytes(jpeg(64, 48))
    assert tagger("scan", "photos").returncode == 0
    (run,) = (path for path in (tagger.folder / "runs").iterdir() if path.is_dir())
    elsewhere = tagger.folder / "elsewhere"
    run.rename(elsewhere)
    run.symlink_to(elsewhere)
    assert json.loads((elsewhere / "config.json").read_bytes())["run_id"] == run.name
    before = hashes(elsewhere)
    assert tagger("scan", "photos").returncode == 0
    assert tagger("scan", "photos", "--run", run.name).returncode == 2
    assert hashes(elsewhere) == before


@pytest.mark.parametrize(("name", "words"), [("runs", ["scan"]), ("thumb_cache", ["thumbs"])])
def test_a_link_that_leads_among_the_photos_is_refused(
    tagger: Tagger, name: str, words: list[str]
) -> None:
    photos = photos_by_content(tagger.folder / "photos")
    (photos / "sub").mkdir()
    (tagger.folder / name).symlink_to(photos / "sub")
    before = hashes(tagger.folder)
    done = tagger(*words, "photos")
    assert done.returncode == 2
    assert f"{name} is a link that leads among the photos; nothing was written" in done.stderr
    assert hashes(tagger.folder) == before


def test_a_run_dir_that_this_user_has_not_used_is_named_once(tagger: Tagger) -> None:
    photos_by_content(tagger.folder / "photos")
    said = "you have not used the decisions in"
    assert said not in tagger("scan", "photos").stderr
    assert said not in tagger("scan", "photos").stderr
    tagger.env["XDG_STATE_HOME"] = str(tagger.folder / "another user's")
    first = tagger("scan", "photos").stderr
    assert f"{said} {tagger.folder}/runs before; they may have come with the photos" in first
    assert said not in tagger("scan", "photos").stderr
    assert said not in tagger("scan", "photos", "--run-dir", "new").stderr
    assert said not in tagger("scan", "photos").stderr, "used before the other one"


def test_doctor_names_a_cache_that_others_can_read_and_the_photos_not(tagger: Tagger) -> None:
    let_others_reach(tagger.folder)
    photos = photos_by_content(tagger.folder / "photos")
    (tagger.folder / "thumb_cache").mkdir(mode=0o755)
    assert tagger("thumbs", "photos").returncode == 0
    said = "which others can read but not your photos"
    assert said not in tagger("doctor", "photos", *EMBEDDED).stdout
    next(photos.rglob("*.jpg")).chmod(0o600)
    out = tagger("doctor", "photos", *EMBEDDED).stdout
    assert said in out
    assert f"chmod -R go-rwx {tagger.folder}/thumb_cache" in out.replace("\n", " ")
    (tagger.folder / "thumb_cache").chmod(0o700)
    assert said not in tagger("doctor", "photos", *EMBEDDED).stdout


def test_decisions_are_not_exported_over_a_photo(tagger: Tagger) -> None:
    photos_by_content(tagger.folder / "photos", 1)
    assert tagger("scan", "photos").returncode == 0
    before = hashes(tagger.folder / "photos")
    (photo,) = (tagger.folder / "photos").rglob("*.jpg")
    done = tagger("approvals", "export", photo)
    assert done.returncode == 2
    assert "is there already and holds no decisions; it was left as it is" in done.stderr
    assert hashes(tagger.folder / "photos") == before
    for _ in range(2):
        assert tagger("approvals", "export", "decisions.csv").returncode == 0


def test_decisions_are_exported_over_decisions_alone(tagger: Tagger) -> None:
    photos_by_content(tagger.folder / "photos", 1)
    assert tagger("scan", "photos").returncode == 0
    pl.DataFrame({"sha1": ["a"], "place": ["Rome"]}).write_parquet(tagger.folder / "mine.parquet")
    (tagger.folder / "mine.csv").write_text("sha1,label\na,my own\n")
    (tagger.folder / "begins.parquet").write_bytes(b"PAR1 and no more")
    for name in ("mine.parquet", "mine.csv", "begins.parquet"):
        before = (tagger.folder / name).read_bytes()
        done = tagger("approvals", "export", name)
        assert done.returncode == 2
        assert f"{name}: is there already and holds no decisions" in done.stderr
        assert (tagger.folder / name).read_bytes() == before
    for name in 2 * ("decisions.parquet", "decisions.csv"):
        assert tagger("approvals", "export", name).returncode == 0


def test_decisions_exported_into_no_folder_are_a_mistake_in_the_name(tagger: Tagger) -> None:
    photos_by_content(tagger.folder / "photos", 1)
    assert tagger("scan", "photos").returncode == 0
    done = tagger("approvals", "export", "not/there.csv")
    assert done.returncode == 2
    assert "not/there.csv: there is no such folder; make it, or name another file" in done.stderr
