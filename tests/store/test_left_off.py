"""Where a review was left, in a file of the run_dir that anybody may have written."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phototagger.store.left_off import NAME, LeftOff, read_left_off, write_left_off

MARKS = frozenset({bytes(20), bytes(range(20))})
PLACE = LeftOff("sea/\udcff.jpg", "undecided", "score of one label", "dog", 0.27, 0.25, MARKS)


def test_a_place_comes_back_for_its_root_alone(tmp_path):
    write_left_off(tmp_path, "/photos", PLACE)
    write_left_off(tmp_path, "/other", LeftOff("a.jpg"))
    assert read_left_off(tmp_path, "/photos") == PLACE
    assert read_left_off(tmp_path, "/other") == LeftOff("a.jpg")
    assert read_left_off(tmp_path, "/third") is None


def test_the_places_of_a_hundred_roots_are_kept(tmp_path):
    for number in range(103):
        write_left_off(tmp_path, f"/{number}", LeftOff(str(number)))
    assert read_left_off(tmp_path, "/2") is None
    assert read_left_off(tmp_path, "/3") == LeftOff("3")


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", '{"/photos": 3}', '{"/photos": {"photo": 3}}',
        '{"/photos": {"threshold": "x"}}', "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_place_is_none_and_is_written_over(tmp_path, text):
    (tmp_path / NAME).write_text(text)
    assert read_left_off(tmp_path, "/photos") is None
    write_left_off(tmp_path, "/photos", PLACE)
    assert read_left_off(tmp_path, "/photos") == PLACE


def test_marks_that_are_no_contents_are_left_out(tmp_path):
    text = json.dumps({"/photos": {"photo": "a.jpg", "marks": ["zz", 3, "00", "00" * 20]}})
    (tmp_path / NAME).write_text(text)
    assert read_left_off(tmp_path, "/photos") == LeftOff("a.jpg", marks=frozenset({bytes(20)}))


def test_a_link_is_neither_read_nor_followed(tmp_path):
    other = tmp_path / "other.json"
    other.write_text('{"/photos": {"photo": "a.jpg"}}')
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / NAME).symlink_to(other)
    assert read_left_off(tmp_path / "runs", "/photos") is None
    write_left_off(tmp_path / "runs", "/photos", PLACE)
    assert other.read_text() == '{"/photos": {"photo": "a.jpg"}}'


def test_a_folder_that_is_gone_is_not_made_again(tmp_path):
    write_left_off(tmp_path / "gone", "/photos", PLACE)
    assert list(tmp_path.iterdir()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.text(), st.floats(allow_nan=False), st.frozensets(st.binary(min_size=20, max_size=20)))
def test_every_place_comes_back(tmp_path, photo, threshold, marks):
    place = LeftOff(photo, threshold=threshold, marks=marks)
    write_left_off(tmp_path, "/photos", place)
    assert read_left_off(tmp_path, "/photos") == place
