"""Which files under a root are photos, in which order, and what is said of the others."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger.core.scan import Scan, folder_of, relative, scan
from phototagger.errors import ExitCode, UsageError


def make(root: Path, *names: str) -> None:
    """Make files of one byte a character of their names."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x" * len(name))


def photos_of(found: Scan) -> list[str]:
    return [relative(photo.path, found.root) for photo in found.photos]


def failures_of(found: Scan) -> dict[str, str]:
    return {relative(path, found.root): reason for path, reason in found.failures}


def test_photos_are_jpg_jpeg_and_png_in_any_case(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "b.JPG", "c.jpeg", "d.JpEg", "e.png", "f.PNG", "double.png.jpg")
    make(tmp_path, "g.gif", "h.jpg.txt", "jpg", "i.jpe", "j.tiff", "k.jpg~", "l.xmp", "m.heic")
    found = scan(tmp_path)
    assert photos_of(found) == [
        "a.jpg", "b.JPG", "c.jpeg", "d.JpEg", "double.png.jpg", "e.png", "f.PNG",
    ]  # fmt: skip
    assert found.failures == []
    assert found.total == 7


def test_a_photo_has_its_absolute_path_size_and_time_of_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "in/a.jpg")
    os.utime(tmp_path / "in/a.jpg", ns=(5, 1_234_567_890_123_456_789))
    monkeypatch.chdir(tmp_path)
    [photo] = scan("in").photos
    assert photo == (str(tmp_path / "in/a.jpg"), len("in/a.jpg"), 1_234_567_890_123_456_789)


def test_hidden_files_and_folders_and_those_of_a_nas_are_passed_over(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", ".b.jpg", "._a.jpg", ".jpg", "in/.png", "in/c.png")
    make(tmp_path, ".hidden/d.jpg", "in/.thumbs.jpg/e.jpg", "@eaDir/f.jpg", "in/@eaDir/g/h.jpg")
    found = scan(tmp_path)
    assert photos_of(found) == ["a.jpg", "in/c.png"]
    assert found.failures == []


def test_a_hidden_root_is_scanned_where_it_is_named(tmp_path: Path) -> None:
    make(tmp_path, ".photos/a.jpg")
    assert photos_of(scan(tmp_path / ".photos")) == ["a.jpg"]


def test_links_to_files_are_photos_and_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "elsewhere/in/a.jpg", "elsewhere/b.png")
    root = tmp_path / "root"
    make(root, "own/c.jpg")
    (root / "photo.jpg").symlink_to(tmp_path / "elsewhere/b.png")
    (root / "relative.png").symlink_to("own/c.jpg")
    (root / "folder").symlink_to(tmp_path / "elsewhere")
    (root / "up").symlink_to("..")
    (root / "folder.jpg").symlink_to(tmp_path / "elsewhere")
    found = scan(root)
    assert photos_of(found) == ["own/c.jpg", "photo.jpg", "relative.png"]
    assert found.photos[1].size == len("elsewhere/b.png")
    assert failures_of(found) == {"folder.jpg": "is a link to a folder, which is not followed"}


def test_links_to_nothing_and_to_themselves_are_failures(tmp_path: Path) -> None:
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "loop.png").symlink_to("loop.png")
    (tmp_path / "one.jpg").symlink_to("two.jpg")
    (tmp_path / "two.jpg").symlink_to("one.jpg")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    found = scan(tmp_path)
    assert photos_of(found) == []
    assert failures_of(found) == {
        "gone.jpg": "is a link to nothing",
        "loop.png": "cannot be read: Too many levels of symbolic links",
        "one.jpg": "cannot be read: Too many levels of symbolic links",
        "two.jpg": "cannot be read: Too many levels of symbolic links",
    }


def test_pipes_and_folders_with_the_name_of_a_photo_are_failures(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    os.mkfifo(tmp_path / "pipe.txt")
    make(tmp_path, "folder.jpg/a.jpg", "folder.txt/b.jpg")
    found = scan(tmp_path)
    assert photos_of(found) == ["folder.jpg/a.jpg", "folder.txt/b.jpg"]
    assert failures_of(found) == {
        "folder.jpg": "is a folder with the name of a photo",
        "pipe.jpg": "is not a regular file (a pipe, a socket or a device)",
    }


def test_empty_files_are_failures(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    (tmp_path / "empty.png").touch()
    (tmp_path / "link.jpg").symlink_to("empty.png")
    (tmp_path / "empty.txt").touch()
    found = scan(tmp_path)
    assert photos_of(found) == ["a.jpg"]
    assert found.total == 1
    assert failures_of(found) == {
        "empty.png": "is an empty file",
        "link.jpg": "is an empty file",
    }


def test_folders_to_skip_are_not_entered(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "runs/b.jpg", "in/thumb_cache/ab/c.jpg", "in/runs/d.jpg", "runs2/e.jpg")
    found = scan(tmp_path, skip=[tmp_path / "runs", f"{tmp_path}/in/thumb_cache/"])
    assert photos_of(found) == ["a.jpg", "in/runs/d.jpg", "runs2/e.jpg"]
    assert found.failures == []


def test_photos_in_a_folder_to_skip_are_counted_but_not_those_of_a_marked_cache(
    tmp_path: Path,
) -> None:
    make(
        tmp_path, "a.jpg", "2024/b.jpg", "2024/in/c.jpg", "2024/notes.txt",
        "2024/cache/CACHEDIR.TAG", "2024/cache/ab/d.jpg", "cache/CACHEDIR.TAG", "cache/e.jpg",
    )  # fmt: skip
    skip = [tmp_path / "2024", tmp_path / "2024/cache", tmp_path / "cache"]
    found = scan(tmp_path, skip=skip)
    assert photos_of(found) == ["a.jpg"]
    assert found.left_out == {str(tmp_path / "2024"): 2}
    assert scan(tmp_path, skip=skip[1:]).left_out == {}


def test_a_folder_to_skip_is_known_by_whatever_path_leads_to_it(tmp_path: Path) -> None:
    make(tmp_path, "photos/a.jpg", "photos/thumb_cache/ab/b.jpg")
    (tmp_path / "link").symlink_to("photos")
    for root, skip in (("link", "photos/thumb_cache"), ("photos", "link/thumb_cache")):
        assert photos_of(scan(tmp_path / root, skip=[tmp_path / skip])) == ["a.jpg"]


def test_a_folder_to_skip_need_not_be_there(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    assert photos_of(scan(tmp_path, skip=[tmp_path / "runs", "/nowhere/runs"])) == ["a.jpg"]


def test_the_order_is_by_path_parts_in_code_points(tmp_path: Path) -> None:
    names = [
        "B.jpg", "Z/a.jpg", "_.jpg", "a/b.jpg", "a/b/c.jpg", "a b.jpg", "a!/x.jpg", "a-b.jpg",
        "a.jpg", "a/z.jpg", "é.jpg", "日/本.jpg", "10.jpg", "9.jpg",
    ]  # fmt: skip
    make(tmp_path, *names)
    assert photos_of(scan(tmp_path)) == sorted(names, key=lambda name: Path(name).parts)
    assert photos_of(scan(tmp_path))[:4] == ["10.jpg", "9.jpg", "B.jpg", "Z/a.jpg"]


def test_failures_are_in_the_same_order(tmp_path: Path) -> None:
    names = ["b.jpg", "a/z.jpg", "a.jpg", "a b.jpg", "B.jpg"]
    for name in names:
        (tmp_path / name).mkdir(parents=True)
    found = scan(tmp_path)
    assert list(failures_of(found)) == ["B.jpg", "a/z.jpg", "a b.jpg", "a.jpg", "b.jpg"]


@pytest.mark.parametrize(("most", "kept"), [(0, 5), (1, 1), (4, 4), (5, 5), (6, 5)])
def test_max_images_cuts_the_ordered_list_and_keeps_the_total(
    tmp_path: Path, most: int, kept: int
) -> None:
    names = ["a/1.jpg", "a/2.jpg", "b.jpg", "c/3.jpg", "d.jpg"]
    make(tmp_path, *names)
    found = scan(tmp_path, max_images=most)
    assert photos_of(found) == names[:kept]
    assert found.total == 5


def test_a_folder_that_cannot_be_read_is_reported_and_the_rest_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a.jpg", "locked/b.jpg", "z/c.jpg")
    original = os.scandir

    def scandir(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return original(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = scan(tmp_path)
    assert photos_of(found) == ["a.jpg", "z/c.jpg"]
    assert failures_of(found) == {"locked": "the folder cannot be read: Permission denied"}


def test_a_file_that_vanishes_during_the_scan_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a.jpg", "b.jpg")
    original = os.scandir

    def scandir(path: str) -> Iterator[os.DirEntry[str]]:
        entries = list(original(path))
        (tmp_path / "a.jpg").unlink()
        return iter(entries)

    monkeypatch.setattr(os, "scandir", scandir)
    found = scan(tmp_path)
    assert photos_of(found) == ["b.jpg"]
    assert failures_of(found) == {"a.jpg": "vanished during the scan"}


def test_odd_names_are_found_as_they_are(tmp_path: Path) -> None:
    names = [
        os.fsdecode(b"\xff\xfe.jpg"), "two\nlines.png", "n" * 251 + ".jpg", " .jpg", "-rf.jpg",
        os.fsdecode(b"\xe9t\xe9/a.jpg"), "a|b,c\"d'.jpg", "\x1b[31m.jpg", "*.jpg", "\\.jpg",
    ]  # fmt: skip
    make(tmp_path, *names)
    assert set(photos_of(scan(tmp_path))) == set(names)


def test_a_path_longer_than_the_system_takes_at_once_is_a_failure(tmp_path: Path) -> None:
    part = "d" * 200
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(25):
        os.mkdir(part, dir_fd=here)
        deeper = os.open(part, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    make(tmp_path, "a.jpg")
    found = scan(tmp_path)
    assert photos_of(found) == ["a.jpg"]
    assert [failure.reason for failure in found.failures] == [
        "the folder cannot be read: File name too long"
    ]


@pytest.mark.parametrize(("name", "why"), [("file", "is not a folder"), ("gone", "does not exist")])
def test_a_root_that_is_no_folder_is_a_usage_error(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError) as caught:
        scan(tmp_path / name)
    assert str(caught.value) == (
        f"{tmp_path / name}: the root {why}; name a folder of photos with --root"
    )
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_root_that_is_a_link_to_a_folder_is_scanned_under_its_own_name(tmp_path: Path) -> None:
    make(tmp_path, "real/a.jpg")
    (tmp_path / "link").symlink_to("real")
    assert [photo.path for photo in scan(tmp_path / "link").photos] == [f"{tmp_path}/link/a.jpg"]


def test_an_empty_root_holds_nothing(tmp_path: Path) -> None:
    assert scan(tmp_path) == Scan(str(tmp_path))


def test_a_scan_changes_nothing(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "in/b.png")

    def state() -> list[Any]:
        return [(path, path.lstat()) for path in sorted(tmp_path.rglob("*"))]

    before = state()
    scan(tmp_path)
    assert state() == before


@pytest.mark.parametrize(
    ("path", "root", "rel", "folder"),
    [
        ("/p/a.jpg", "/p", "a.jpg", "."),
        ("/p/in/b/a.jpg", "/p", "in/b/a.jpg", "in/b"),
        ("/a.jpg", "/", "a.jpg", "."),
        ("/in/a.jpg", "/", "in/a.jpg", "in"),
    ],
)
def test_a_path_relative_to_its_root_has_its_folder(
    path: str, root: str, rel: str, folder: str
) -> None:
    assert relative(path, root) == rel
    assert folder_of(rel) == folder


part = st.text(st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1)


@given(st.lists(part, min_size=1, max_size=4), st.lists(part, min_size=1, max_size=3))
def test_a_path_is_its_root_and_what_is_relative_to_it(root: list[str], rel: list[str]) -> None:
    base = "/" + "/".join(root)
    assert relative(base + "/" + "/".join(rel), base) == "/".join(rel)


def test_a_folder_that_is_marked_as_a_cache_is_passed_over(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "thumbs/ab/x.jpg", "thumbs/CACHEDIR.TAG")
    assert photos_of(scan(tmp_path)) == ["a.jpg"]


def test_a_time_beyond_64_bits_is_no_hindrance(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    os.utime(tmp_path / "a.jpg", (2**34, 2**34))
    found = scan(tmp_path)
    assert photos_of(found) == ["a.jpg"]
    assert found.photos[0].mtime_ns <= 2**63 - 1
