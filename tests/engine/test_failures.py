"""Photos that cannot be used: told with a reason, not tried again, never the end of a run."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from phototagger.engine.events import PhotoFailed, StepFinished
from phototagger.engine.photo_reader import reader as look
from phototagger.errors import ExitCode, MissingError, PhototaggerError, UnreadablePhoto
from phototagger.reasons import DECODER, SENTENCES, Reason
from tests.engine.pictures import LIBRARY, picture


def failures(ran) -> dict[str, str]:
    return {Path(path).name: reason for path, reason in ran.rows("failures.csv")[1:]}


@pytest.fixture
def mixed(photos):
    """The library with a photo that is cut short, one that is none, an empty one and a pipe."""
    whole = picture(photos.folder / "whole.jpg", 80, size=(400, 300)).read_bytes()
    (photos.root / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (photos.root / "sea" / "text.jpg").write_text("no photo")
    (photos.root / "empty.png").touch()
    os.mkfifo(photos.root / "pipe.jpg")
    return photos


def test_failures_are_listed_with_reasons_and_the_others_go_on(mixed):
    ran = mixed.run()
    assert list(ran.results()) == list(LIBRARY)
    found = failures(ran)
    assert [row[0] for row in ran.rows("failures.csv")[1:]] == [
        str(mixed.root / name) for name in ("cut.jpg", "empty.png", "pipe.jpg", "sea/text.jpg")
    ]
    assert found["cut.jpg"].startswith("is broken or cut short: ")
    assert found["empty.png"] == "is an empty file"
    assert found["text.jpg"] == "is not an image that can be recognised"
    assert found["pipe.jpg"] == "is not a regular file (a pipe, a socket or a device)"
    told = {Path(one.path).name: one.reason for one in ran.events if isinstance(one, PhotoFailed)}
    assert told == found
    assert ran.finished("embed").failed == 2
    assert ran.finished("scan").failed == 2
    assert "embed: 7 new, 2 failed" in ran.text("log.txt")


def test_failed_photos_are_not_tried_again_while_they_are_unchanged(mixed, monkeypatch):
    first = failures(mixed.run())
    read, tried = look.read_photo, []
    monkeypatch.setattr(look, "read_photo", lambda path: tried.append(path) or read(path))
    second = mixed.run()
    assert failures(second) == first
    assert tried == []
    assert second.finished("scan").made == 0
    assert second.finished("embed").failed == 2


def test_a_photo_that_could_not_be_read_is_tried_again(photos, monkeypatch):
    photos.run()
    read, tried = look.read_photo, []

    def read_photo(path):
        tried.append(path)
        if path.endswith("new.jpg"):
            raise UnreadablePhoto(path, Reason("unreadable", {"error": "Input/output error"}))
        return read(path)

    monkeypatch.setattr(look, "read_photo", read_photo)
    picture(photos.root / "new.jpg", 83)
    for _ in range(2):
        assert failures(photos.run()) == {"new.jpg": "cannot be read: Input/output error"}
    assert [Path(path).name for path in tried] == 2 * ["new.jpg"]


def test_what_an_older_decoder_refused_is_tried_again_once(mixed, monkeypatch):
    first = failures(mixed.run())
    monkeypatch.setattr("phototagger.reasons.DECODER", DECODER + 1)
    read, tried = look.read_photo, []
    monkeypatch.setattr(look, "read_photo", lambda path: tried.append(path) or read(path))
    assert failures(mixed.run()) == first
    # The first one that may need the model is read before that is loaded, and after.
    assert [Path(path).name for path in tried] == ["cut.jpg", "cut.jpg", "text.jpg"]


def test_a_reworded_sentence_lets_a_photo_over_max_pixels_be_used_all_the_same(wide, monkeypatch):
    wide.run(max_pixels=1_100_000)
    monkeypatch.setitem(SENTENCES, "too_large", "is far too large for {max_pixels:,}")
    assert failures(wide.run(max_pixels=1_150_000))["wide.png"] == "is far too large for 1,150,000"
    assert failures(wide.run(max_pixels=2_000_000)) == {}


def test_a_photo_that_was_mended_is_tried_again(mixed):
    mixed.run()
    picture(mixed.root / "cut.jpg", 81)
    picture(mixed.root / "empty.png", 82)
    ran = mixed.run()
    assert sorted(failures(ran)) == ["pipe.jpg", "text.jpg"]
    assert mixed.embedded == 2
    assert {"cut.jpg", "empty.png"} <= set(ran.results())


def test_a_copy_of_a_failed_photo_fails_for_the_same_reason(mixed):
    for name in ("again.jpg", "sea/again.jpg"):
        shutil.copyfile(mixed.root / "cut.jpg", mixed.root / name)
    ran = mixed.run()
    found = dict(ran.rows("failures.csv")[1:])
    names = ("cut.jpg", "again.jpg", "sea/again.jpg")
    assert len({found[str(mixed.root / name)] for name in names}) == 1


def test_too_little_memory_for_a_thumbnail_costs_that_photo_only(photos, monkeypatch):
    encode = look.encode_thumbnail

    def fails(picture):
        if picture.width == 77:
            raise MemoryError
        return encode(picture)

    picture(photos.root / "wide.png", 83, size=(77, 20))
    with monkeypatch.context() as patched:
        patched.setattr(look, "encode_thumbnail", fails)
        assert failures(photos.run()) == {
            "wide.png": "needs more memory than there is; end what else uses it, then run again"
        }
    assert failures(photos.run()) == {}


PASSING = {
    "memory": (MemoryError(), "needs more memory than there is"),
    "a bad read": (OSError(5, "Input/output error"), "cannot be read: Input/output error"),
}


@pytest.mark.parametrize("batch", [1, 20])
@pytest.mark.parametrize("why", PASSING)
def test_a_reason_that_may_pass_is_not_held_against_a_photo_or_its_copies(
    photos, monkeypatch, why, batch
):
    error, reason = PASSING[why]
    for name in ("copy.jpg", "sea/copy.jpg", "town/copy.jpg"):
        shutil.copyfile(photos.root / "a.jpg", photos.root / name)

    def fails(*_, **__):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("phototagger.imaging.decode._upright", fails)
        with pytest.raises(PhototaggerError, match="none of the 10 photos could be used"):
            photos.run(batch_images=batch)
    found = failures(photos.last)
    assert len(photos.last.rows("failures.csv")) == 11
    assert found["b.png"].startswith(reason)
    ran = photos.run(batch_images=batch)
    assert failures(ran) == {}
    assert len(ran.results()) == 10
    assert photos.embedded == 7


@pytest.fixture
def wide(photos):
    """The library with two copies of a photo of 1.2 million pixels."""
    noise = np.random.default_rng(3).integers(0, 256, (1000, 1200), np.uint8)
    Image.fromarray(noise).save(photos.root / "wide.png")
    shutil.copyfile(photos.root / "wide.png", photos.root / "sea" / "wide too.png")
    return photos


def test_a_photo_over_max_pixels_fails_until_the_limit_is_raised(wide):
    reason = (
        "has 1200 x 1000 pixels, more than max_pixels (1,100,000); raise that setting to use it"
    )
    assert failures(wide.run(max_pixels=1_100_000)) == dict.fromkeys(
        ("wide.png", "wide too.png"), reason
    )
    assert failures(wide.run(max_pixels=1_150_000))["wide.png"] == reason.replace("100,", "150,")
    assert wide.embedded == 0
    ran = wide.run(max_pixels=2_000_000)
    assert failures(ran) == {}
    assert wide.embedded == 1
    assert {"wide.png", "sea/wide too.png"} <= set(ran.results())
    assert ran.results()["wide.png"]["width"] == "1200"


def test_a_limit_that_is_lowered_leaves_photos_out_without_reading_them(wide, request):
    wide.run(max_pixels=2_000_000)
    request.getfixturevalue("no_photo_may_be_read")
    ran = wide.run(max_pixels=1_100_000)
    assert sorted(failures(ran)) == ["wide too.png", "wide.png"]
    assert list(ran.results()) == list(LIBRARY)


def test_all_photos_failing_ends_the_run_with_a_report(photos):
    for name in LIBRARY:
        (photos.root / name).write_text(f"no photo: {name}")
    with pytest.raises(PhototaggerError) as caught:
        photos.run()
    assert caught.value.exit_code is ExitCode.SOME_FAILED
    run = photos.last.path
    assert str(caught.value) == (
        f"none of the 7 photos could be used, beginning with {photos.root}/a.jpg: "
        f"is not an image that can be recognised; see {run}/failures.csv, which lists them all; "
        "mend some, or name another folder with --root, then run again"
    )
    assert len(photos.last.rows("failures.csv")) == 8
    report = (run / "REPORT.md").read_text()
    assert f"## Likely cause\n\n{caught.value.cause}\n" in report
    assert f"## Proposed fix\n\n{caught.value.cure}\n" in report
    assert "- scan: 7 new" in report
    with pytest.raises(PhototaggerError, match="none of the 7 photos"):
        photos.run()


def test_a_folder_whose_name_holds_a_semicolon_is_named_whole_in_the_report(photos):
    root = photos.folder / "Rome; May" / "p"
    root.mkdir(parents=True)
    (root / "a.jpg").write_text("no photo")
    with pytest.raises(PhototaggerError):
        photos.run(root=str(root))
    (report,) = (photos.folder / "runs").glob("*/REPORT.md")
    sections = report.read_text().split("\n\n")
    cause = sections[sections.index("## Likely cause") + 1]
    assert cause.endswith(f"{root}/a.jpg: is not an image that can be recognised")
    assert sections[sections.index("## Proposed fix") + 1].startswith("see ")


@pytest.mark.parametrize("step", ["scan", "thumbs", "embed", "score", "export"])
@pytest.mark.parametrize("remains", ["", "moved", "replaced"])
def test_a_run_dir_that_goes_away_under_a_run_is_named(photos, step, remains):
    run_dir, away = photos.folder / "runs", photos.folder / "away"

    def vanish(_, event) -> None:
        if isinstance(event, StepFinished) and event.step == step:
            run_dir.rename(away)
            if not remains:
                shutil.rmtree(away)
            elif remains == "replaced":
                shutil.copytree(away, run_dir)

    with pytest.raises(MissingError) as caught:
        photos.run(heard=vanish)
    assert caught.value.exit_code is ExitCode.MISSING
    assert "while it was in use; bring " in str(caught.value)
    assert run_dir.exists() is (remains == "replaced")
    assert list(photos.run().results()) == list(LIBRARY)


def test_photos_that_vanish_between_scan_and_embed_are_failures_of_this_run_only(photos):
    def vanish(_, event) -> None:
        if isinstance(event, StepFinished) and event.step == "scan":
            (photos.root / "a.jpg").rename(photos.folder / "away.jpg")

    first = photos.run(heard=vanish)
    assert failures(first) == {"a.jpg": "cannot be read: No such file or directory"}
    assert list(first.results()) == list(LIBRARY[1:])
    (photos.folder / "away.jpg").rename(photos.root / "a.jpg")
    second = photos.run()
    assert failures(second) == {}
    assert list(second.results()) == list(LIBRARY)


def test_a_known_photo_that_vanishes_while_its_thumbnail_is_due_is_a_failure(photos):
    photos.run()
    shutil.rmtree(photos.folder / "thumb_cache")

    def vanish(_, event) -> None:
        if isinstance(event, StepFinished) and event.step == "scan":
            (photos.root / "a.jpg").unlink()

    ran = photos.run(heard=vanish)
    assert failures(ran) == {"a.jpg": "cannot be read: No such file or directory"}
    assert list(ran.results()) == list(LIBRARY[1:])
    assert ran.rows("folder_medoids.csv")[1][1] == "b.png"


def test_a_photo_that_changes_between_scan_and_embed_is_taken_as_it_is_then(photos):
    def change(_, event) -> None:
        if isinstance(event, StepFinished) and event.step == "scan":
            picture(photos.root / "a.jpg", 90, size=(20, 30))

    assert photos.run(heard=change).results()["a.jpg"]["width"] == "20"
    photos.run()
    assert photos.embedded == 0


def test_a_folder_that_cannot_be_read_is_a_failure_and_not_the_end(photos, monkeypatch):
    scandir = os.scandir

    def refuse(path=".", *rest):
        if str(path).endswith("/sea"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path, *rest)

    monkeypatch.setattr(os, "scandir", refuse)
    ran = photos.run()
    assert failures(ran) == {"sea": "the folder cannot be read: Permission denied"}
    assert list(ran.results()) == ["a.jpg", "b.png", "town/f.jpg", "town/g.png"]
