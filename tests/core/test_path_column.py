"""Many absolute paths in little memory: given back as they were, in any order asked for."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger.core.path_column import PathColumn, PathIndex

_NAMES = st.binary(min_size=1, max_size=12).map(
    lambda name: os.fsdecode(name.replace(b"\0", b"_").replace(b"/", b"_"))
)
_PATHS = st.lists(
    st.lists(_NAMES, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts)), max_size=30
)


@given(_PATHS, st.integers(-40, 40), st.integers(-40, 40), st.sampled_from([1, 2, -1]))
def test_paths_come_back_as_they_were_also_those_that_are_not_utf8(paths, start, stop, step):
    column = PathColumn(paths)
    assert list(column) == paths
    assert [column[at] for at in range(len(paths))] == paths
    assert [column[at] for at in range(-len(paths), 0)] == paths
    assert column[start:stop:step] == paths[start:stop:step]


@given(_PATHS, st.integers(0, 30), _PATHS)
def test_a_column_that_was_cut_is_as_if_there_had_been_no_more(paths, most, more):
    column = PathColumn(paths)
    column.cut(most)
    assert column == PathColumn(paths[:most])
    for path in more:
        column.add(path)
    assert list(column) == [*paths[:most], *more]


@given(_PATHS.filter(bool), st.data())
def test_some_are_chosen_by_their_positions(paths, data):
    positions = np.array(data.draw(st.lists(st.integers(0, len(paths) - 1))), np.int64)
    wanted = [paths[at] for at in positions]
    column = PathColumn(paths)
    assert column.at(positions) == wanted
    assert list(column.only(positions)) == wanted


def test_positions_are_cut_where_the_folder_changes():
    column = PathColumn(["/p/a.jpg", "/p/b/c.jpg", "/p/b/d.jpg", "/p/e.jpg", "/p/f.jpg"])
    runs = column.runs(np.array([0, 1, 3, 4]))
    assert [run.tolist() for run in runs] == [[0], [1], [3, 4]]
    assert column.runs(np.array([], np.int64)) == []


@given(_PATHS.map(lambda paths: list(dict.fromkeys(paths))), _PATHS)
def test_a_path_is_found_where_it_stands_and_no_other_is(paths, others):
    places = {path: at for at, path in enumerate(paths)}
    asked = [*others, *reversed(paths)]
    found = PathIndex(PathColumn(paths)).find(asked)
    assert found.tolist() == [places.get(path, -1) for path in asked]


def test_two_paths_of_one_hash_are_told_apart(monkeypatch):
    paths = ["/p/a.jpg", "/p/b.jpg"]
    monkeypatch.setattr("phototagger.core.path_column.hash", lambda _: 7, raising=False)
    index = PathIndex(PathColumn(paths))
    assert index.find([*paths, "/p/c.jpg"]).tolist() == [0, -1, -1]


def test_a_position_that_is_not_there_is_an_error():
    with pytest.raises(IndexError):
        PathColumn(["/p/a.jpg"])[1]


@given(_PATHS, _PATHS)
def test_paths_that_come_as_bytes_are_as_if_they_had_come_one_by_one(first, second):
    column = PathColumn(first)
    column.extend(b"".join(os.fsencode(path) + b"\0" for path in second))
    assert column == PathColumn([*first, *second])


def _as_listed(path: str) -> tuple[bytes, bytes]:
    folder, _, name = os.fsencode(path).rpartition(b"/")
    return folder.replace(b"/", b"\0"), name


@given(_PATHS.map(lambda paths: {*paths}), st.booleans())
def test_paths_stand_folder_after_folder_whether_a_scan_or_the_catalogue_gave_them(paths, by_bytes):
    # A scan goes by the parts of paths, in code points; the catalogue by the bytes of the whole.
    found = sorted(paths, key=os.fsencode if by_bytes else lambda path: path.split("/"))
    column, places = PathColumn(found).by_folder()
    assert list(column) == sorted(paths, key=_as_listed)
    assert [found[at] for at in places] == list(column)
    assert column.folders == list(dict.fromkeys(path[: path.rfind("/") + 1] for path in column))


def test_a_column_by_folder_does_not_grow_with_the_one_it_was_made_of():
    column = PathColumn(["/p/a.jpg"])
    by_folder, _ = column.by_folder()
    column.add("/p/b.jpg")
    assert list(by_folder) == ["/p/a.jpg"]
