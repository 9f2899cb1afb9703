"""A raw with its JPEG beside it is one photo, where that is asked for."""

import pytest

from phototagger.core.scan import scan
from phototagger.formats import FORMATS

ALL = tuple(FORMATS)


@pytest.fixture
def root(tmp_path):
    names = (
        "a.CR3", "a.JPG", "b.nef", "c.jpg", "d.dng", "d.CR2", "d.jpeg", "d.jpg", "e.raf", "e.png",
        "sub/a.arw", ".f.jpg", "f.rw2",
    )  # fmt: skip
    (tmp_path / "sub").mkdir()
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "g.jpg").mkdir()
    (tmp_path / "g.orf").write_bytes(b"x")
    return tmp_path


def names_of(found, root):
    return [path.removeprefix(f"{root}/") for path in found.photos.paths]


def test_the_jpeg_stands_for_both(root):
    found = scan(root, formats=ALL, pair_raw=True)
    assert names_of(found, root) == [
        "a.JPG", "b.nef", "c.jpg", "d.dng", "d.jpeg", "d.jpg", "e.png", "e.raf", "f.rw2", "g.orf",
        "sub/a.arw",
    ]  # fmt: skip
    assert found.pairs == {
        str(root / "a.JPG"): str(root / "a.CR3"), str(root / "d.jpeg"): str(root / "d.CR2"),
    }  # fmt: skip
    assert found.total == 11


def test_both_are_photos_where_pairs_are_not_asked_for(root):
    found = scan(root, formats=ALL)
    assert len(found.photos) == 13
    assert found.pairs == {}


def test_nothing_is_paired_where_raws_or_jpegs_are_no_photos(root):
    assert scan(root, formats=("jpeg", "png"), pair_raw=True).pairs == {}
    alone = scan(root, formats=("raw",), pair_raw=True)
    assert alone.pairs == {}
    assert "a.CR3" in names_of(alone, root)
