"""The paths to review, as the catalogue has them: any name, in the order of bytes, in pieces."""

import os

import pytest

from phototagger.errors import DamagedCatalogueError
from phototagger.store.labels.marks import files_under
from phototagger.store.vectors.keys import as_bytes

_NAMES = (b"a.jpg", b"a/b.jpg", b"a/c/d.jpg", b"a/e.jpg", b"a-b.jpg", b"\xff\n.jpg", "é".encode())


def _seen(catalogue, path: bytes, sha1: bytes) -> None:
    catalogue.connection.execute("INSERT INTO file VALUES (?, ?, 1, 1, 0)", (path, sha1))


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 100])
def test_files_under_a_root_are_those_that_were_seen_there(catalogue, monkeypatch, at_once):
    monkeypatch.setattr("phototagger.store.labels.marks._FILES_READ", at_once)
    sha1_of = {b"/p/" + name: bytes([0, number]) * 10 for number, name in enumerate(_NAMES)}
    for path, sha1 in sha1_of.items():
        _seen(catalogue, path, sha1)
    for elsewhere in (b"/p", b"/p-q/a.jpg", b"/p0", b"/o/a.jpg"):
        _seen(catalogue, elsewhere, b"x" * 20)
    paths, keys = files_under(catalogue, "/p")
    assert list(map(os.fsencode, paths)) == sorted(sha1_of)
    assert as_bytes(keys) == [sha1_of[path] for path in sorted(sha1_of)]


def test_where_nothing_was_seen_there_are_no_files(catalogue):
    paths, keys = files_under(catalogue, "/p")
    assert (len(paths), keys.shape) == (0, (0, 20))


@pytest.mark.parametrize(("path", "sha1"), [(b"/p/a\0b", b"x" * 20), (b"/p/a", b"x" * 19)])
def test_a_path_or_a_content_that_cannot_be_is_damage(catalogue, path, sha1):
    _seen(catalogue, path, sha1)
    with pytest.raises(DamagedCatalogueError, match="a path in it is none, or a SHA-1"):
        files_under(catalogue, "/p")
