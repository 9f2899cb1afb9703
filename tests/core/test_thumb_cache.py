"""The folder of thumbnails: which one may be a cache, and which files in it are ours."""

import hashlib
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from phototagger.core.thumb_cache import (
    CACHE_TAG,
    begin_cache,
    cached_thumbnails,
    check_cache,
    is_cache,
    is_thumbnail,
    prune_thumbnails,
    save_thumbnail,
    thumbnail_keys,
    thumbnail_path,
)
from phototagger.core.thumbs import make_thumbnail
from phototagger.errors import UnreadablePhoto, UsageError
from tests.imaging.pictures import scene
from tests.places import hashes, jpeg

SHA1 = bytes.fromhex("ab" * 20)
OTHER = bytes.fromhex("cd" * 20)
SMALL, LARGE = jpeg(64, 48), jpeg(640, 480)
BORG = b"Signature: 8a477f597d28d172789f06886806bc55\n# This file is a cache tag of Borg backup.\n"


def named_by_content(folder: Path, data: bytes) -> Path:
    """Put an original where a store of photos by content has it."""
    name = hashlib.sha1(data).hexdigest()
    path = folder / name[:2] / f"{name}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Give a cache with two thumbnails."""
    folder = tmp_path / "cache"
    begin_cache(folder)
    for sha1 in (SHA1, OTHER):
        assert save_thumbnail(SMALL, folder, sha1)
    return folder


# Which folder


def test_a_new_an_empty_and_a_marked_folder_may_be_a_cache(tmp_path: Path) -> None:
    check_cache(tmp_path / "new", tmp_path)
    (tmp_path / "empty").mkdir()
    check_cache(tmp_path / "empty", tmp_path)
    begin_cache(tmp_path / "empty")
    assert save_thumbnail(SMALL, tmp_path / "empty", SHA1)
    check_cache(tmp_path / "empty", tmp_path)


def test_threads_that_begin_it_at_once_all_find_it_theirs(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(50):
            cache = tmp_path / str(number)
            list(pool.map(begin_cache, [cache] * 8))
            assert is_cache(cache)


def test_what_a_killed_start_left_keeps_no_folder_from_being_a_cache(tmp_path: Path) -> None:
    (tmp_path / f".phototagger-{'0' * 16}.tmp").write_bytes(b"")
    check_cache(tmp_path)


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        (None, "no tag"), (BORG, "another program's tag"), (b"", "an empty tag"),
        (b"x" * 9999 + b"# phototagger keeps thumbnails here", "a long file of that name"),
    ],
)  # fmt: skip
def test_a_folder_with_files_that_is_not_marked_as_ours_is_refused(
    tmp_path: Path, tag: bytes | None, kind: str
) -> None:
    named_by_content(tmp_path, LARGE)
    if tag is not None:
        (tmp_path / CACHE_TAG).write_bytes(tag)
    before = hashes(tmp_path)
    with pytest.raises(UsageError, match=r"holds files and was not made by phototagger .*--cache"):
        check_cache(tmp_path)
    with pytest.raises(UsageError):
        begin_cache(tmp_path)
    assert hashes(tmp_path) == before, kind


@pytest.mark.parametrize("kind", ["link", "FIFO", "folder"])
def test_a_tag_that_is_no_regular_file_marks_nothing(cache: Path, kind: str) -> None:
    tag = cache / CACHE_TAG
    kept = tag.rename(cache.parent / "tag")
    {"link": lambda: tag.symlink_to(kept), "FIFO": lambda: os.mkfifo(tag), "folder": tag.mkdir}[
        kind
    ]()
    assert not is_cache(cache)
    with pytest.raises(UsageError, match="was not made by phototagger"):
        check_cache(cache)


def test_a_cache_that_is_or_holds_the_root_is_refused_whatever_path_leads_there(
    tmp_path: Path,
) -> None:
    begin_cache(tmp_path / "a")
    root = tmp_path / "a/photos/2024"
    root.mkdir(parents=True)
    (tmp_path / "link").symlink_to(root)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    for cache in (root, root.parent, tmp_path / "a", tmp_path / "b", root / "..", root / "../.."):
        for photos in (root, tmp_path / "link", f"{root}/."):
            with pytest.raises(UsageError, match="is the root or a folder above it"):
                check_cache(cache, photos)
    check_cache(root / "thumbs", root)
    check_cache(tmp_path / "a-z", tmp_path / "a")


def test_a_cache_above_a_folder_that_is_mounted_elsewhere_is_refused(tmp_path: Path) -> None:
    store, place = tmp_path / "store", tmp_path / "mnt 1"
    begin_cache(store)
    (store / "photos").mkdir()
    place.mkdir()
    script = (
        "mount --bind store/photos 'mnt 1' && python3 -c '"
        "import sys; from phototagger.files.folders import holds; "
        'print(holds("store", "mnt 1"), holds("mnt 1", "store"), holds("store/x", "mnt 1"))\''
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    if "not permitted" in done.stderr:
        check_cache(place)
        return
    assert done.stdout == "True False False\n", done.stderr


def test_a_cache_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="is no folder"):
        check_cache(tmp_path / "file")


# Which files


def test_a_thumbnail_is_known_by_its_looks(cache: Path) -> None:
    assert is_thumbnail(thumbnail_path(cache, SHA1), SHA1)


@pytest.mark.parametrize("left", [b"", bytes(9000), SMALL[:700]], ids=["empty", "zeros", "cut"])
def test_what_a_power_cut_left_of_a_thumbnail_is_replaced(cache: Path, left: bytes) -> None:
    target = thumbnail_path(cache, SHA1)
    target.write_bytes(left)
    assert save_thumbnail(SMALL, cache, SHA1)
    assert target.read_bytes() == SMALL


def test_of_what_is_too_long_for_a_thumbnail_nothing_is_read(cache: Path) -> None:
    target = thumbnail_path(cache, SHA1)
    with target.open("wb") as file:
        file.truncate(1 << 40)
    assert not save_thumbnail(SMALL, cache, SHA1)
    assert target.stat().st_size == 1 << 40


ORIGINALS = {
    "a large photo": LARGE, "a motion photo": LARGE + b"ftypmp42" * 99,
    "a photo without its end": LARGE[:-2], "bytes of no kind": b"RIFF" * 99,
    "a PNG": b"\x89PNG\r\n\x1a\n" + bytes(99),
}  # fmt: skip


@pytest.mark.parametrize("kind", ORIGINALS)
def test_what_is_no_thumbnail_is_left_in_its_place(cache: Path, kind: str) -> None:
    target = thumbnail_path(cache, SHA1)
    target.write_bytes(ORIGINALS[kind])
    assert not save_thumbnail(SMALL, cache, SHA1)
    assert target.read_bytes() == ORIGINALS[kind]


@pytest.mark.parametrize("data", [SMALL, SMALL + b"a film"], ids=["small", "small, with a film"])
def test_a_small_original_that_is_named_by_its_content_is_left(cache: Path, data: bytes) -> None:
    original = named_by_content(cache, data)
    sha1 = bytes.fromhex(original.stem)
    assert not save_thumbnail(jpeg(9, 9), cache, sha1)
    assert prune_thumbnails(cache, set(), {sha1, SHA1}).left == sorted(
        [str(original), str(thumbnail_path(cache, OTHER))]
    )
    assert original.read_bytes() == data
    assert not thumbnail_path(cache, SHA1).exists()


@pytest.mark.parametrize("kind", ["link", "dangling link", "FIFO", "folder", "device"])
def test_what_is_no_regular_file_is_left_and_never_followed(
    cache: Path, tmp_path: Path, kind: str
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(SMALL)
    target = thumbnail_path(cache, SHA1)
    target.unlink()
    {
        "link": lambda: target.symlink_to(photo),
        "dangling link": lambda: target.symlink_to("nowhere"),
        "FIFO": lambda: os.mkfifo(target),
        "folder": target.mkdir,
        "device": lambda: target.symlink_to("/dev/zero"),
    }[kind]()
    before = os.lstat(target).st_ino
    assert not save_thumbnail(SMALL, cache, SHA1)
    thumbnail_keys(cache, "ends")
    assert prune_thumbnails(cache, {OTHER}, {SHA1}).left == [str(target)]
    assert os.lstat(target).st_ino == before
    assert photo.read_bytes() == SMALL
    assert not Path("nowhere").exists()


def test_a_hard_link_to_a_photo_is_replaced_and_the_photo_stays(
    cache: Path, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"")
    target = thumbnail_path(cache, SHA1)
    target.unlink()
    target.hardlink_to(photo)
    assert save_thumbnail(SMALL, cache, SHA1)
    assert (photo.read_bytes(), target.read_bytes()) == (b"", SMALL)


def test_a_folder_of_the_cache_that_is_a_link_is_neither_written_nor_pruned(
    cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "store").mkdir()
    thumbnail_path(cache, SHA1).parent.rename(tmp_path / "store/ab")
    (cache / "ab").symlink_to(tmp_path / "store/ab")
    before = hashes(tmp_path / "store")
    with pytest.raises(UsageError, match=r"ab: is a link or no folder.*--cache-dir"):
        save_thumbnail(SMALL, cache, SHA1)
    assert cached_thumbnails(cache) == {OTHER}
    assert prune_thumbnails(cache, set(), {SHA1}).count == 0
    assert hashes(tmp_path / "store") == before


def test_a_thumbnail_whose_place_is_taken_is_a_failure_of_that_photo(tmp_path: Path) -> None:
    scene(60, 40).save(tmp_path / "a.png")
    target = make_thumbnail(tmp_path / "a.png", tmp_path / "cache")
    target.write_bytes(LARGE[:-2])
    with pytest.raises(UnreadablePhoto, match="its thumbnail's place is taken by"):
        make_thumbnail(tmp_path / "a.png", tmp_path / "cache")
    assert target.read_bytes() == LARGE[:-2]


# What is there, and what goes

STRANGE = {
    "ca/cafe.jpg": b"somebody's photo", f"ab/{SHA1.hex()}.png": b"", "ab/notes.txt": b"",
    f"ab/.phototagger-{'0' * 16}.tmp": b"", f"ef/{SHA1.hex()}.jpg": b"", "readme": b"",
    "ab/" + "xy" * 20 + ".jpg": b"", "longer/" + "ab" * 20 + ".jpg": b"", "no": b"",
}  # fmt: skip


def test_the_cache_knows_its_thumbnails_from_what_else_lies_there(cache: Path) -> None:
    for name, data in STRANGE.items():
        (cache / name).parent.mkdir(exist_ok=True)
        (cache / name).write_bytes(data)
    assert cached_thumbnails(cache) == {SHA1, OTHER}
    assert prune_thumbnails(cache, set(), {SHA1, OTHER}).count == 2
    assert {name: (cache / name).read_bytes() for name in STRANGE} == STRANGE


def test_an_empty_or_missing_cache_holds_none(tmp_path: Path) -> None:
    assert cached_thumbnails(tmp_path) == set()
    assert cached_thumbnails(tmp_path / "gone") == set()


def test_only_thumbnails_of_known_photos_that_are_gone_are_pruned(cache: Path) -> None:
    pretended = prune_thumbnails(cache, {OTHER}, {SHA1}, pretend=True)
    assert (pretended.count, pretended.size, pretended.left) == (1, len(SMALL), [])
    assert cached_thumbnails(cache) == {SHA1, OTHER}
    pruned = prune_thumbnails(cache, set(), {SHA1})
    assert (pruned.count, pruned.left) == (1, [str(thumbnail_path(cache, OTHER))])
    assert cached_thumbnails(cache) == {OTHER}


def test_nothing_is_pruned_where_the_folder_is_not_marked_as_ours(cache: Path) -> None:
    (cache / CACHE_TAG).write_bytes(BORG)
    assert prune_thumbnails(cache, set(), {SHA1, OTHER}).count == 0
    assert cached_thumbnails(cache) == {SHA1, OTHER}


def test_a_cache_gives_nobody_more_rights_than_its_folder(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        begin_cache(tmp_path / "new")
        (tmp_path / "shared").mkdir()
        (tmp_path / "shared").chmod(0o2770)
        begin_cache(tmp_path / "shared")
        modes = {}
        for name in ("new", "shared"):
            save_thumbnail(SMALL, tmp_path / name, SHA1)
            target = thumbnail_path(tmp_path / name, SHA1)
            modes[name] = [path.stat().st_mode & 0o777 for path in (target.parent, target)]
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert modes == {"new": [0o700, 0o600], "shared": [0o770, 0o660]}
