"""Vectors by content: kept in parts, found again in any order."""

import tempfile
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phototagger.errors import PhototaggerError
from phototagger.store.vectors.by_content import PART_ROWS, PART_SECONDS, Vectors
from phototagger.store.vectors.keys import as_keys
from phototagger.store.vectors.parts import Parts
from tests.store.contents import keys_of, rows_of, sha1


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "vectors" / "images"


def append(vectors: Vectors, *names: object) -> None:
    vectors.append([sha1(name) for name in names], rows_of(*names))


def part_sizes(folder: Path) -> list[int]:
    return [path.stat().st_size // 20 for path in sorted(folder.glob("*.keys"))]


def same(vectors: Vectors, *names: object) -> bool:
    return np.array_equal(vectors.get(keys_of(*names)), rows_of(*names))


def test_a_vector_is_found_after_a_restart(folder):
    vectors = Vectors(folder)
    append(vectors, "cat", "dog")
    vectors.flush()
    again = Vectors(folder)
    assert len(again) == 2
    assert again.dimension == 4
    assert same(again, "dog", "cat")
    assert again.get(keys_of("cat")).dtype == np.float32


def test_rows_still_in_memory_are_there_to_be_asked_for_and_to_be_read(folder):
    vectors = Vectors(folder)
    append(vectors, "cat")
    assert len(vectors) == 1
    assert vectors.has(keys_of("cat", "dog")).tolist() == [True, False]
    assert not vectors.has_one(sha1("cat"))  # which tells what is on disk
    assert same(vectors, "cat")
    vectors.flush()
    assert vectors.has_one(sha1("cat"))
    assert same(vectors, "cat")


def test_rows_are_given_in_the_order_asked_for_as_often_as_asked_for(folder):
    vectors = Vectors(folder)
    for name in range(10):
        append(vectors, name)
        vectors.flush()
    names = [7, 3, 3, 9, 0, 7, 1, 9]
    assert same(vectors, *names)
    assert vectors.get(keys_of()).shape == (0, 4)


def test_a_key_that_is_absent_is_an_error(folder):
    vectors = Vectors(folder)
    with pytest.raises(KeyError):
        vectors.get(keys_of("cat"))
    append(vectors, "cat")
    with pytest.raises(KeyError):
        vectors.get(keys_of("cat", "dog"))


def test_an_empty_store_has_no_dimension_and_gives_no_rows(folder):
    vectors = Vectors(folder)
    assert (len(vectors), vectors.dimension) == (0, 0)
    assert vectors.get(keys_of()).shape == (0, 0)
    assert vectors.has(keys_of("cat")).tolist() == [False]
    assert list(folder.iterdir()) == []


def test_a_part_closes_at_4096_rows(folder):
    assert PART_ROWS == 4096
    vectors = Vectors(folder, clock=lambda: 0.0)
    for start in range(0, 9000, 100):
        append(vectors, *range(start, start + 100))
    assert part_sizes(folder) == [4100, 4100]
    vectors.flush()
    assert part_sizes(folder) == [4100, 4100, 800]


def test_a_part_closes_when_its_first_row_is_30_seconds_old(folder):
    assert PART_SECONDS == 30
    now = [0.0]
    vectors = Vectors(folder, clock=lambda: now[0])
    for now[0], expected in [(0, []), (29.9, []), (30, [3]), (59, [3]), (88.9, [3]), (89, [3, 3])]:
        append(vectors, now[0])
        assert part_sizes(folder) == expected


def test_closing_a_part_that_holds_nothing_writes_nothing(folder):
    vectors = Vectors(folder)
    vectors.flush()
    append(vectors, "cat")
    vectors.flush()
    vectors.flush()
    assert part_sizes(folder) == [1]


def test_every_count_of_keys_and_rows_must_agree(folder):
    vectors = Vectors(folder)
    with pytest.raises(ValueError, match="zip"):
        vectors.append([sha1("cat")], rows_of("cat", "dog"))


def test_an_open_reader_keeps_giving_its_rows_while_another_appends(folder):
    writer = Vectors(folder)
    append(writer, "cat")
    writer.flush()
    reader = Vectors(folder, writable=False)
    for number in range(5):
        append(writer, number)
        writer.flush()
        assert same(reader, "cat")
    assert not reader.has_one(sha1(3))
    assert same(Vectors(folder, writable=False), 3, "cat", 0)


def test_an_open_reader_keeps_giving_its_rows_when_a_writer_starts_and_merges(folder):
    writer = Vectors(folder)
    for number in range(5):
        append(writer, number)
        writer.flush()
    reader = Vectors(folder, writable=False)
    assert same(reader, 3)
    Vectors(folder)
    assert part_sizes(folder) == [5]
    assert same(reader, 4, 3, 2, 1, 0)


def test_a_reader_that_opens_while_parts_are_merged_away_finds_every_vector(folder, monkeypatch):
    writer = Vectors(folder)
    for number in range(5):
        append(writer, number)
        writer.flush()
    iterdir = Path.iterdir

    def then_merged(self):
        paths = list(iterdir(self))
        monkeypatch.setattr(Path, "iterdir", iterdir)
        Vectors(folder)
        return iter(paths)

    monkeypatch.setattr(Path, "iterdir", then_merged)
    assert same(Vectors(folder, writable=False), 4, 3, 2, 1, 0)
    assert part_sizes(folder) == [5]


def test_a_part_is_a_file_that_numpy_reads_and_writes_alike(folder, tmp_path):
    vectors = Vectors(folder)
    append(vectors, *range(1234))
    vectors.flush()
    np.save(tmp_path / "alike.npy", rows_of(*range(1234)))
    assert np.array_equal(np.load(folder / "00000000.npy"), rows_of(*range(1234)))
    assert (folder / "00000000.npy").read_bytes() == (tmp_path / "alike.npy").read_bytes()


def test_a_reader_of_a_folder_that_is_not_there_has_nothing_and_makes_nothing(folder):
    assert len(Vectors(folder, writable=False)) == 0
    assert not folder.exists()


def test_a_disk_that_is_full_while_a_part_is_written_loses_no_row(folder, monkeypatch):
    vectors = Vectors(folder)
    append(vectors, "cat")
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
        with pytest.raises(OSError, match="full"):
            vectors.flush()
    assert list(folder.iterdir()) == []
    append(vectors, "dog")
    vectors.flush()
    assert same(Vectors(folder), "dog", "cat")


NAMES = st.lists(st.integers(0, 40), max_size=8)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(NAMES, st.sampled_from(["wait", "flush", "restart"])), max_size=8), NAMES)
def test_whatever_is_appended_in_whatever_parts_is_found(appends, asked):
    with tempfile.TemporaryDirectory() as folder:
        vectors = Vectors(Path(folder), clock=count().__next__)
        there: set[int] = set()
        for names, then in appends:
            append(vectors, *names)
            there.update(names)
            if then != "wait":
                vectors.flush()
            if then == "restart":
                vectors = Vectors(Path(folder), clock=count().__next__)
        assert vectors.has(keys_of(*asked)).tolist() == [name in there for name in asked]
        known = [name for name in asked if name in there]
        assert np.array_equal(
            vectors.get(keys_of(*known)), rows_of(*known, dimension=4 if there else 0)
        )


def test_vectors_that_are_not_finite_are_refused_and_found_where_they_were_kept(tmp_path):
    keys = [bytes([number]) * 20 for number in range(2)]
    rows = np.ones((2, 4), np.float32)
    rows[1, 2] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        Vectors(tmp_path).append(keys, rows)
    Parts(tmp_path).write(0, as_keys(keys), rows)
    found = Vectors(tmp_path, writable=False)
    with pytest.raises(PhototaggerError, match="not finite"):
        found.get(as_keys(keys))
    found = Vectors(tmp_path)
    with pytest.raises(PhototaggerError, match="removed; run the same command again"):
        found.get(as_keys(keys))
    assert not found.has(as_keys(keys)).any()
