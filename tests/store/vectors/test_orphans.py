"""What a killed writer leaves: readers pass it over, the next writer removes it."""

import contextlib
import errno
import os
from pathlib import Path

import numpy as np
import pytest

from phototagger.errors import PhototaggerError
from phototagger.store.vectors.by_content import Vectors
from tests.store.contents import keys_of, rows_of, sha1


@pytest.fixture
def folder(tmp_path):
    """A store of two parts: cat and dog, sea."""
    vectors = Vectors(tmp_path)
    for names in (["cat", "dog"], ["sea"]):
        vectors.append([sha1(name) for name in names], rows_of(*names))
        vectors.flush()
    return tmp_path


def cut(path: Path, size: int) -> None:
    os.truncate(path, size)


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 0x20
    path.write_bytes(data)


def save(path: Path, rows: np.ndarray) -> None:
    np.save(path, rows)


FIRST = "00000000"
BREAK = {
    "rows without keys": lambda at: (at / f"{FIRST}.keys").unlink(),
    "keys without rows": lambda at: (at / f"{FIRST}.npy").unlink(),
    "a key too few": lambda at: cut(at / f"{FIRST}.keys", 20),
    "a cut key": lambda at: cut(at / f"{FIRST}.keys", 39),
    "no key": lambda at: cut(at / f"{FIRST}.keys", 0),
    "a row too few": lambda at: save(at / f"{FIRST}.npy", rows_of("cat")),
    "a row too many": lambda at: save(at / f"{FIRST}.npy", rows_of("cat", "dog", "sea")),
    "rows cut by a byte": lambda at: cut(at / f"{FIRST}.npy", 128 + 31),
    "rows cut in their header": lambda at: cut(at / f"{FIRST}.npy", 60),
    "rows cut in their magic": lambda at: cut(at / f"{FIRST}.npy", 4),
    "no rows": lambda at: cut(at / f"{FIRST}.npy", 0),
    "a zip file": lambda at: (at / f"{FIRST}.npy").write_bytes(b"PK\3\4" + bytes(156)),
    "doubles": lambda at: save(at / f"{FIRST}.npy", rows_of("cat", "dog").astype(np.float64)),
    "one dimension": lambda at: save(at / f"{FIRST}.npy", np.zeros(2, np.float32)),
    "objects": lambda at: save(at / f"{FIRST}.npy", np.array([[None], [1]], object)),
}


@pytest.mark.parametrize("how", BREAK)
def test_a_part_that_is_not_whole_is_as_if_it_were_not_there(folder, how):
    BREAK[how](folder)
    reader = Vectors(folder, writable=False)
    assert reader.has(keys_of("cat", "dog", "sea")).tolist() == [False, False, True]
    assert np.array_equal(reader.get(keys_of("sea")), rows_of("sea"))


@pytest.mark.parametrize("how", BREAK)
def test_a_part_that_is_not_whole_goes_at_a_writers_start_and_can_be_written_again(folder, how):
    BREAK[how](folder)
    writer = Vectors(folder)
    names = {path.name for path in folder.iterdir()}
    assert names == {"00000001.npy", "00000001.sum", "00000001.keys"}
    writer.append([sha1("cat"), sha1("dog")], rows_of("cat", "dog"))
    writer.flush()
    again = Vectors(folder)
    assert np.array_equal(again.get(keys_of("dog", "sea", "cat")), rows_of("dog", "sea", "cat"))


def test_no_flipped_bit_in_a_header_is_taken_for_a_part(folder):
    whole = (folder / f"{FIRST}.npy").read_bytes()
    for position in range(128):
        flip(folder / f"{FIRST}.npy", position)
        reader = Vectors(folder, writable=False)
        assert reader.has(keys_of("cat", "sea")).tolist() == [False, True], position
        (folder / f"{FIRST}.npy").write_bytes(whole)


def test_a_reader_removes_nothing(folder):
    (folder / f"{FIRST}.keys").unlink()
    (folder / ".phototagger-0123456789abcdef.tmp").write_bytes(b"half")
    before = {path.name for path in folder.iterdir()}
    Vectors(folder, writable=False)
    assert {path.name for path in folder.iterdir()} == before


def test_temporary_files_go_at_a_writers_start(folder):
    (folder / ".phototagger-0123456789abcdef.tmp").write_bytes(b"half")
    Vectors(folder)
    assert not list(folder.glob(".*"))


def test_files_that_are_no_parts_stay_and_do_no_harm(folder):
    for name in ("5.keys", "x.keys", "notes.txt", "٣.keys"):
        (folder / name).write_bytes(b"mine")
    assert len(Vectors(folder, writable=False)) == 3
    assert len(Vectors(folder)) == 3
    assert (folder / "notes.txt").read_bytes() == b"mine"


def test_a_part_that_cannot_be_read_just_now_is_not_thrown_away(folder, monkeypatch):
    def fails(path):
        raise OSError(errno.EMFILE, "Too many open files", str(path))

    with monkeypatch.context() as patched:
        patched.setattr("phototagger.store.vectors.parts.open_to_read", fails)
        with pytest.raises(OSError, match="Too many open files"):
            Vectors(folder)
    assert len(Vectors(folder)) == 3


def test_rows_reach_the_disk_before_their_keys_have_a_name_and_the_folder_last(
    tmp_path, monkeypatch
):
    happened = []
    replace, fsync = os.replace, os.fsync

    def replaced(source, target):
        replace(source, target)
        happened.append(Path(target).name)

    def synced(handle):
        fsync(handle)
        where = Path(f"/proc/self/fd/{handle}").readlink()
        happened.append("sync folder" if where.is_dir() else "sync file")

    monkeypatch.setattr(os, "replace", replaced)
    monkeypatch.setattr(os, "fsync", synced)
    vectors = Vectors(tmp_path)
    vectors.append([sha1("cat")], rows_of("cat"))
    vectors.flush()
    assert happened == [
        "sync file", "00000000.npy", "sync folder", "sync file", "00000000.sum", "sync folder",
        "sync file", "00000000.keys", "sync folder",
    ]  # fmt: skip


def parts(folder: Path) -> list[int]:
    return [path.stat().st_size // 20 for path in sorted(folder.glob("*.keys"))]


def filled(folder: Path, sizes: list[int], monkeypatch, most: int) -> list[str]:
    monkeypatch.setattr("phototagger.store.vectors.by_content.PART_ROWS", 10**6)
    vectors = Vectors(folder)
    names = []
    for number, size in enumerate(sizes):
        some = [f"{number}-{one}" for one in range(size)]
        vectors.append([sha1(name) for name in some], rows_of(*some))
        vectors.flush()
        names += some
    monkeypatch.setattr("phototagger.store.vectors.by_content.PART_ROWS", most)
    return names


@pytest.mark.parametrize(
    ("sizes", "merged"),
    [
        ([3], [3]),
        ([3, 3], [6]),
        ([5, 5], [10]),
        ([5, 6], [5, 6]),
        ([10, 1, 1], [10, 2]),
        ([4, 4, 4, 4, 12, 1], [8, 8, 12, 1]),
        ([1, 12, 1], [1, 12, 1]),
        ([1] * 25, [10, 10, 5]),
    ],
)
def test_small_neighbours_are_merged_at_a_writers_start(tmp_path, monkeypatch, sizes, merged):
    names = filled(tmp_path, sizes, monkeypatch, most=10)
    vectors = Vectors(tmp_path)
    assert sorted(parts(tmp_path)) == sorted(merged)
    assert len(vectors) == len(names)
    assert np.array_equal(vectors.get(keys_of(*names)), rows_of(*names))


def test_merging_that_is_interrupted_anywhere_loses_no_vector_and_ends_with_each_once(
    tmp_path, monkeypatch
):
    names = filled(tmp_path, [3, 3, 3], monkeypatch, most=10)

    class KilledError(BaseException):
        pass

    unlink = Path.unlink
    for survives in range(6):
        left = [survives]

        def stops(self, *, missing_ok=False, left=left):
            if self.suffix in (".npy", ".keys"):
                if not left[0]:
                    raise KilledError
                left[0] -= 1
            unlink(self, missing_ok=missing_ok)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "unlink", stops)
            with contextlib.suppress(KilledError):
                Vectors(tmp_path)
        reader = Vectors(tmp_path, writable=False)
        assert np.array_equal(reader.get(keys_of(*names)), rows_of(*names))
    vectors = Vectors(tmp_path)
    assert np.array_equal(vectors.get(keys_of(*names)), rows_of(*names))
    assert sum(parts(tmp_path)) == len(names)


@pytest.mark.parametrize("how", [one for one in BREAK if one != "rows without keys"])
def test_a_damaged_part_that_a_writer_removes_is_told(folder, how):
    BREAK[how](folder)
    said = []
    Vectors(folder, say=said.append)
    [line] = said
    assert line.startswith(str(folder / f"{FIRST}.npy"))
    assert "damaged" in line
    assert "computed again" in line


def test_rows_that_a_kill_left_without_keys_go_without_a_word(folder):
    BREAK["rows without keys"](folder)
    said = []
    Vectors(folder, say=said.append)
    assert said == []


def test_a_flipped_bit_in_a_vector_is_found_when_its_part_is_read_and_the_part_goes(
    folder, monkeypatch
):
    monkeypatch.setattr("phototagger.store.vectors.by_content.PART_ROWS", 1)  # nothing is merged
    flip(folder / f"{FIRST}.npy", 128 + 5)
    vectors = Vectors(folder)
    assert vectors.has(keys_of("cat")).all()
    with pytest.raises(PhototaggerError, match=r"00000000.npy.*damaged.*run the same command"):
        vectors.get(keys_of("cat"))
    assert vectors.has(keys_of("cat", "dog", "sea")).tolist() == [False, False, True]
    assert not list(folder.glob(f"{FIRST}.*"))
    assert np.array_equal(vectors.get(keys_of("sea")), rows_of("sea"))


def test_a_reader_names_a_part_with_a_flipped_bit_and_leaves_it(folder):
    flip(folder / f"{FIRST}.npy", 128 + 5)
    reader = Vectors(folder, writable=False)
    with pytest.raises(PhototaggerError, match=r"00000000.npy.*remove the file"):
        reader.get(keys_of("cat"))
    assert (folder / f"{FIRST}.npy").exists()


def test_a_part_with_a_flipped_bit_is_not_merged_into_another(folder):
    flip(folder / f"{FIRST}.npy", 128 + 5)
    said = []
    vectors = Vectors(folder, say=said.append)
    assert vectors.has(keys_of("cat", "dog", "sea")).tolist() == [False, False, True]
    assert np.array_equal(vectors.get(keys_of("sea")), rows_of("sea"))
    assert len(said) == 1


def test_parts_of_before_there_were_checksums_are_read_and_merged(folder):
    for path in folder.glob("*.sum"):
        path.unlink()
    names = ("cat", "dog", "sea")
    assert np.array_equal(Vectors(folder, writable=False).get(keys_of(*names)), rows_of(*names))
    assert np.array_equal(Vectors(folder).get(keys_of(*names)), rows_of(*names))
    assert len(list(folder.glob("*.sum"))) == 1
