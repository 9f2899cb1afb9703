"""What the catalogue knows of files and contents."""

import os

import pytest

from phototagger.imaging.taken import Taken
from phototagger.reasons import Reason
from phototagger.store.catalogue.rows import delete
from phototagger.store.photos import contents as photos
from phototagger.store.photos.contents import (
    ROWS_AT_ONCE,
    KnownFile,
    known_photos,
    paths_of,
    photo_of,
    remember_files,
)
from phototagger.store.photos.contents import known_files as known_in_blocks
from phototagger.store.vectors.keys import as_bytes
from tests.store.contents import sha1


def known_files(catalogue, root) -> list[KnownFile]:
    found = []
    for files in known_in_blocks(catalogue, root):
        rows = zip(
            files.paths, as_bytes(files.keys), files.sizes.tolist(), files.mtimes_ns.tolist(),
            files.shapes.tolist(), strict=True,
        )  # fmt: skip
        for number, (*row, (width, height)) in enumerate(rows):
            reason = files.reasons.get(number)
            found.append(KnownFile(*row, width or None, height or None, reason))
    return found


def a_file(path: str, name: object = "cat", **more) -> KnownFile:
    known = {"size": 10, "mtime_ns": 1_700_000_000_123_456_789, "width": 40, "height": 30}
    return KnownFile(path, sha1(name), **{**known, "reason": None, **more})


def test_what_was_learnt_of_a_file_comes_back(catalogue):
    files = [
        a_file("/photos/a.jpg"),
        a_file("/photos/b.jpg", "broken", width=None, height=None, reason=Reason("header")),
    ]
    remember_files(catalogue, files)
    assert sorted(known_files(catalogue, "/photos")) == files
    assert photo_of(catalogue, sha1("cat")) == (40, 30, None)
    assert photo_of(catalogue, sha1("broken")) == (None, None, Reason("header"))


def test_a_content_that_was_never_seen_is_a_key_error(catalogue):
    with pytest.raises(KeyError):
        photo_of(catalogue, sha1("cat"))


def test_a_changed_file_takes_the_place_of_what_it_was(catalogue):
    remember_files(catalogue, [a_file("/photos/a.jpg")])
    remember_files(catalogue, [a_file("/photos/a.jpg", "dog", size=11)])
    assert list(known_files(catalogue, "/photos")) == [a_file("/photos/a.jpg", "dog", size=11)]
    assert paths_of(catalogue, sha1("cat")) == []
    assert sorted(as_bytes(known_photos(catalogue))) == sorted([sha1("cat"), sha1("dog")])


def test_every_path_of_a_content_is_known(catalogue):
    paths = ["/photos/a.jpg", "/photos/b/a copy.jpg", "/other/caf\udce9.jpg"]
    remember_files(catalogue, [a_file(path) for path in paths])
    assert paths_of(catalogue, sha1("cat")) == sorted(paths, key=os.fsencode)
    assert len(known_photos(catalogue)) == 1


def test_files_come_in_blocks_and_a_failure_keeps_its_place(catalogue, monkeypatch):
    monkeypatch.setattr(photos, "_ROWS_READ", 3)
    files = [a_file(f"/photos/{number}.jpg", number, size=number) for number in range(8)]
    broken = {"width": None, "height": None, "reason": Reason("header")}
    files[4] = a_file("/photos/4.jpg", "broken", **broken)
    remember_files(catalogue, files)
    assert [len(some.paths) for some in known_in_blocks(catalogue, "/photos")] == [3, 3, 2]
    assert known_files(catalogue, "/photos") == files


def test_a_file_of_a_content_that_is_not_known_is_left_out(catalogue):
    remember_files(catalogue, [a_file("/photos/a.jpg"), a_file("/photos/b.jpg", "dog")])
    delete(catalogue.connection, "photo", "sha1 = ?", (sha1("cat"),))
    assert known_files(catalogue, "/photos") == [a_file("/photos/b.jpg", "dog")]
    delete(catalogue.connection, "photo", "true")
    assert known_files(catalogue, "/photos") == []


@pytest.mark.parametrize("root", ["/photos", "/photos/", "/caf\udce9", "/"])
def test_the_files_of_a_root_are_those_below_it(catalogue, root):
    below = root.rstrip("/")
    inside = [f"{below}/a.jpg", f"{below}/caf\udcff/b.jpg", f"{below}/\U0010ffff/c.jpg"]
    outside = ["/photos0.jpg", "/photos.jpg", "/photosbook/a.jpg", "/phot.jpg", "/caf.jpg"]
    remember_files(catalogue, [a_file(path) for path in inside + outside])
    found = {file.path for file in known_files(catalogue, root)}
    assert found == set(inside + outside if root == "/" else inside)


def test_a_transaction_of_the_engine_holds_at_most_256_rows(catalogue):
    assert ROWS_AT_ONCE == 250
    seen = []
    catalogue.connection.set_trace_callback(seen.append)
    remember_files(
        catalogue,
        [a_file(f"/photos/{number}.jpg", number, taken=Taken(number)) for number in range(600)],
    )
    catalogue.connection.set_trace_callback(None)
    rows, most = 0, 0
    for statement in seen:
        rows = 0 if statement.startswith("BEGIN") else rows + statement.startswith("INSERT")
        most = max(most, rows)
    assert 240 < most <= 256
    assert len(known_photos(catalogue)) == 600


def test_a_key_is_exactly_the_20_bytes_also_where_they_end_in_zeros(catalogue):
    tricky = [bytes(20), bytes(19) + b"\1", b"\1" + bytes(19), b"\1" * 19 + b"\0"]
    for number, key in enumerate(tricky):
        remember_files(catalogue, [KnownFile(f"/{number}.jpg", key, 1, 1, number, 1, None)])
    assert sorted(as_bytes(known_photos(catalogue))) == sorted(tricky)
    assert [photo_of(catalogue, key)[0] for key in tricky] == [0, 1, 2, 3]
