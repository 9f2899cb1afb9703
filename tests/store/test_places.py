"""Which run_dir a root was used with last, in the user's state folder."""

import errno
import json

import pytest

from phototagger.store.places import places_file, remember_place


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state" / "phototagger" / "places.json"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("/far/state", "/far/state/phototagger/places.json"),
        ("", "/home/me/.local/state/phototagger/places.json"),
        ("relative/state", "/home/me/.local/state/phototagger/places.json"),
    ],
)
def test_it_lies_where_the_xdg_specification_says(monkeypatch, state, expected):
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("XDG_STATE_HOME", state)
    assert str(places_file()) == expected


def test_another_run_dir_is_told_once_and_then_is_the_known_one(file):
    assert remember_place("/photos", "/a/runs", file) is None
    assert remember_place("/photos", "/a/runs", file) is None
    assert remember_place("/photos", "/b/runs", file) == "/a/runs"
    assert remember_place("/photos", "/b/runs", file) is None
    assert remember_place("/photos/2024", "/c/runs", file) is None


def test_paths_that_are_not_utf_8_are_remembered(file):
    assert remember_place("/caf\udce9", "/runs\udcff", file) is None
    assert remember_place("/caf\udce9", "/other", file) == "/runs\udcff"


def test_the_last_200_roots_are_remembered(file):
    for number in range(205):
        remember_place(f"/{number}", "/runs", file)
    kept = json.loads(file.read_text())
    assert list(kept) == [f"/{number}" for number in range(5, 205)]
    remember_place("/7", "/runs", file)
    assert list(json.loads(file.read_text()))[-1] == "/7"


@pytest.mark.parametrize("broken", [b"", b"{", b"[1]", b"\xff", b'{"/photos": 7}'])
def test_a_broken_file_is_begun_anew(file, broken):
    file.parent.mkdir(parents=True)
    file.write_bytes(broken)
    assert remember_place("/photos", "/a/runs", file) is None
    assert remember_place("/photos", "/b/runs", file) == "/a/runs"


def test_where_nothing_can_be_written_the_known_run_dir_is_not_called_another(file, monkeypatch):
    def refuses(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    remember_place("/photos", "/a/runs", file)
    monkeypatch.setattr("phototagger.store.places.write_atomically", refuses)
    assert remember_place("/photos", "/a/runs", file) is None
    assert remember_place("/photos", "/b/runs", file) == "/a/runs"


def test_no_state_folder_at_all_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "state").write_text("a file where the folder should be")
    file = tmp_path / "state" / "phototagger" / "places.json"
    assert remember_place("/photos", "/a/runs", file) is None
    monkeypatch.setenv("XDG_STATE_HOME", "")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("os.getuid", lambda: 4_000_000_000)  # as in a container: no such user
    monkeypatch.setattr("pwd.getpwuid", lambda _: {}["no such user"])
    assert remember_place("/photos", "/a/runs") is None
