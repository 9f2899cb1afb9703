"""What an earlier version did not know of photos is read once, beside everything else."""

import threading

import pytest
from PIL import Image

from phototagger.engine.photo_reader import older as picture_reader
from phototagger.engine.photo_reader.older import PictureReader
from phototagger.imaging.photo_file import read_photo
from phototagger.store.catalogue.rows import delete, put, update
from phototagger.store.photos.taken import all_taken
from phototagger.store.photos.unread import any_unread, any_untimed, unread_count, unread_files
from tests.engine.conftest import Library
from tests.engine.pictures import picture


@pytest.fixture
def older(photos: Library) -> Library:
    """A library whose catalogue was just brought up from version 2."""
    photos.run()
    with photos.job() as job, job.catalogue.transaction() as db:
        delete(db, "picture", "1")
        put(db, "unread", ("sha1",), db.execute("SELECT DISTINCT sha1 FROM file").fetchall())
    return photos


@pytest.fixture
def by_hand(monkeypatch):
    """No reader begins with the job: it would be done before the test's own, where it is fast."""
    monkeypatch.setattr(PictureReader, "start", lambda _: None)


def read_all(job) -> list[str]:
    """Let a reader come to its end; return what it said."""
    said: list[str] = []
    reader = PictureReader(job.catalogue, job.root, said.append)
    reader._run()
    return said


@pytest.mark.usefixtures("by_hand")
def test_each_photo_is_read_once_and_a_line_says_how_many(older: Library):
    with older.job() as job:
        left = unread_count(job.catalogue, job.root)
        said = read_all(job)
        assert said[0].startswith(f"{left} photos are read once more, beside everything else")
        assert not any_unread(job.catalogue)
        rows = job.catalogue.connection.execute("SELECT sha1, digest, look FROM picture").fetchall()
        files = dict(job.catalogue.connection.execute("SELECT sha1, path FROM file").fetchall())
        assert len(rows) == 7
        for sha1, digest, look in rows:
            read = read_photo(files[sha1])
            read.source.close()
            assert digest == read.picture.digest
            assert (look is not None) == files[sha1].endswith(b".jpg")
        assert read_all(job) == []


def test_it_begins_with_the_job_and_ends_with_it(older: Library):
    with older.job() as job:
        pass
    assert not any(thread.name == "pictures" for thread in threading.enumerate())
    assert job.notices[0].endswith("where this ends, the next start goes on")


@pytest.mark.usefixtures("by_hand")
def test_where_it_is_stopped_the_next_start_goes_on(older: Library, monkeypatch):
    monkeypatch.setattr(picture_reader, "_TOGETHER", 2)
    with older.job() as job:
        left = unread_files(job.catalogue, job.root, "", 99)
        reader = PictureReader(job.catalogue, job.root, lambda _: None)
        read = reader._read

        def stopping(file):
            found = read(file)
            if file.path == left[-3].path:
                reader.close()
            return found

        monkeypatch.setattr(reader, "_read", stopping)
        reader._run()
        assert 0 < unread_count(job.catalogue, job.root) < len(left)
        read_all(job)
        assert unread_count(job.catalogue, job.root) == 0


@pytest.mark.usefixtures("by_hand")
def test_a_file_that_changed_or_went_is_left_for_later(older: Library):
    with older.job() as job:
        with job.catalogue.transaction() as db:
            put(db, "unread", ("sha1",), db.execute("SELECT DISTINCT sha1 FROM file").fetchall())
        picture(older.root / "a.jpg", 99)
        (older.root / "b.png").unlink()
        read_all(job)
        left = [file.path for file in unread_files(job.catalogue, job.root, "", 99)]
        assert left == [str(older.root / "a.jpg"), str(older.root / "b.png")]
    older.run()
    with older.job() as job:
        read_all(job)
        (left,) = job.catalogue.connection.execute("SELECT count(*) FROM unread").fetchone()
        assert left == 1  # the file that is away may come back, the content that was replaced not


@pytest.mark.usefixtures("by_hand")
def test_what_keeps_it_from_the_disk_is_said_with_its_cure(older: Library, monkeypatch):
    with older.job() as job:
        with job.catalogue.transaction() as db:
            put(db, "unread", ("sha1",), db.execute("SELECT DISTINCT sha1 FROM file").fetchall())
        older.folder.joinpath("runs").rename(older.folder / "away")
        try:
            said = read_all(job)
        finally:
            older.folder.joinpath("away").rename(older.folder / "runs")
        assert len(said) == 1
        assert str(older.folder / "runs") in said[0]
        assert unread_count(job.catalogue, job.root) == 7


@pytest.mark.usefixtures("by_hand")
def test_photos_of_before_get_their_time_without_being_decoded(older: Library, monkeypatch):
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("nothing is decoded for its time")

    with older.job() as job:
        with job.catalogue.transaction() as db:
            kept = set(db.execute("SELECT sha1 FROM taken").fetchall())
            delete(db, "taken", "1")
            delete(db, "unread", "1")
        monkeypatch.setattr("phototagger.imaging.decode.decode", refused)
        assert any_untimed(job.catalogue, job.root)
        assert read_all(job) == []
        assert not any_untimed(job.catalogue, job.root)
        rows = job.catalogue.connection.execute("SELECT sha1 FROM taken").fetchall()
        assert set(rows) == kept
        assert len(kept) == 7


@pytest.mark.usefixtures("by_hand")
def test_photos_whose_time_was_known_before_get_their_camera(older: Library):
    exif = Image.Exif()
    exif.update({0x010F: "Canon", 0x0110: "Canon EOS R5", 0x0132: "2024:05:01 12:00:00"})
    Image.new("RGB", (8, 6)).save(older.root / "a.jpg", exif=exif)
    older.run()
    with older.job() as job:
        known = all_taken(job.catalogue)
        assert [one.camera for one in known.values()] == ["Canon EOS R5"]
        with job.catalogue.transaction() as db:
            update(db, "taken", {"camera": None}, "1")
        assert [one.camera for one in all_taken(job.catalogue).values()] == [""]
        assert any_untimed(job.catalogue, job.root)
        read_all(job)
        assert all_taken(job.catalogue) == known
        assert not any_untimed(job.catalogue, job.root)
