"""Photos that somebody sees are read before their turn, beside everything else."""

import threading
import time

import pytest

from phototagger.core.thumb_cache import is_whole, thumbnail_path
from phototagger.engine.library.photos import photos_now
from phototagger.engine.photo_reader.ahead import ReadAhead
from phototagger.engine.photo_reader.looks import kept
from phototagger.imaging.decode import decode
from tests.engine.process.processes import until


@pytest.fixture
def job(photos):
    with photos.job() as opened:
        yield opened


@pytest.fixture
def ahead(job):
    told = threading.Event()
    reader = ReadAhead(job, told.set)
    reader.told = told
    yield reader
    reader.close()


def known(job):
    _, found = photos_now(job.root, job.catalogue, job.settings)
    return {found.rel_path(at): found.keys[at].tobytes() for at in found.known.nonzero()[0]}


def paths(photos, *names):
    return [str(photos.root / name) for name in names]


def test_what_is_wanted_becomes_known_with_its_thumbnail_and_nothing_else_is_read(
    photos, job, ahead
):
    ahead.want(paths(photos, "sea/c.jpg", "a.jpg"))
    until(lambda: len(known(job)) == 2)
    assert set(known(job)) == {"a.jpg", "sea/c.jpg"}
    for sha1 in known(job).values():
        assert is_whole(thumbnail_path(job.settings.cache_dir, sha1))
    assert ahead.told.wait(5)
    assert photos.calls.images == []


def test_of_what_was_wanted_before_only_what_is_wanted_still_is_read(photos, job, ahead):
    names = ["a.jpg", "b.png", "sea/c.jpg", "sea/d.jpg", "sea/e.jpg", "town/f.jpg", "town/g.png"]
    job.catalogue._looking.acquire()  # nothing is kept before the catalogue was looked at
    ahead.want(paths(photos, *names))
    ahead.want(paths(photos, "town/g.png"))
    job.catalogue._looking.release()
    until(lambda: "town/g.png" in known(job))
    ahead.close()
    assert len(known(job)) < len(names)


def test_a_photo_that_cannot_be_read_says_why_and_is_tried_again_after_a_new_look(
    photos, job, ahead
):
    [path] = paths(photos, "gone.jpg")
    ahead.want([path])
    until(lambda: ahead.failure(path))
    assert "No such file" in ahead.failure(path)
    (photos.root / "gone.jpg").write_bytes((photos.root / "a.jpg").read_bytes() + b" ")
    ahead.want([path])
    ahead.forget()
    ahead.want([path])
    until(lambda: "gone.jpg" in known(job))
    assert ahead.failure(path) == ""


def test_copies_become_known_together(photos, job, ahead):
    (photos.root / "z.jpg").write_bytes((photos.root / "a.jpg").read_bytes())
    ahead.want(paths(photos, "a.jpg", "z.jpg"))
    until(lambda: {"a.jpg", "z.jpg"} <= set(known(job)))
    assert known(job)["a.jpg"] == known(job)["z.jpg"]


def test_a_copy_that_is_early_becomes_known_though_the_other_is_done_meanwhile(
    photos, job, ahead, monkeypatch
):
    kept_early = threading.Event()

    def decode_late(*args, **options):
        kept_early.wait(5)
        return decode(*args, **options)

    def kept_slowly(*args):
        if not kept_early.is_set():
            kept_early.set()
            time.sleep(0.3)  # the other thread is done by now
        return kept(*args)

    monkeypatch.setattr("phototagger.engine.photo_reader.reader.decode", decode_late)
    monkeypatch.setattr("phototagger.engine.photo_reader.ahead.kept", kept_slowly)
    (photos.root / "z.jpg").write_bytes((photos.root / "a.jpg").read_bytes())
    ahead.want(paths(photos, "a.jpg", "z.jpg"))
    until(lambda: {"a.jpg", "z.jpg"} <= set(known(job)))


def test_what_keeps_it_from_writing_is_told_and_ends_it(photos, job, ahead, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("phototagger.engine.photo_reader.ahead.kept", full)
    ahead.want(paths(photos, "a.jpg"))
    until(lambda: job.notices)
    assert "No space left" in job.notices[0] or "full" in job.notices[0]
    ahead.want(paths(photos, "b.png"))
    assert known(job) == {}
