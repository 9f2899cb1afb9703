"""A photo's bytes are read once, whole, with their SHA-1."""

import hashlib
import os
import socket
from pathlib import Path

import pytest

from phototagger.errors import UnreadablePhoto
from phototagger.imaging import photo_file
from phototagger.imaging.photo_file import read_photo
from phototagger.imaging.picture_data import picture_data
from tests.imaging.pictures import scene


@pytest.fixture(params=["in memory", "from disk"])
def limit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file be a short one, then every file a long one."""
    if request.param == "from disk":
        monkeypatch.setattr(photo_file, "_IN_MEMORY", 0)
        monkeypatch.setattr(photo_file, "_BLOCK", 7)


def reason(path: str | bytes | os.PathLike[str]) -> str:
    with pytest.raises(UnreadablePhoto) as caught:
        read_photo(path)
    assert caught.value.path == os.fsdecode(path)
    return str(caught.value.reason)


@pytest.mark.usefixtures("limit")
def test_a_file_is_given_with_its_bytes_digest_size_and_time(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"thirty bytes of no photo at all")
    os.utime(file, ns=(1, 1_234_567_890_123_456_789))
    read = read_photo(file)
    with read.source:
        assert read.source.read() == file.read_bytes()
    assert read.sha1 == hashlib.sha1(file.read_bytes()).digest()
    assert (read.size, read.mtime_ns) == (31, 1_234_567_890_123_456_789)


@pytest.mark.usefixtures("limit")
def test_what_the_picture_is_comes_with_the_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    scene(40, 30).save(file, progressive=True)
    read = read_photo(file)
    with read.source as source:
        assert read.picture == picture_data(source)
    assert read.picture[1:] == (40, 30, 10)


@pytest.mark.parametrize("kind", [str, os.fsencode, Path])
def test_a_path_may_be_text_bytes_or_a_path(tmp_path: Path, kind: type) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"x")
    with read_photo(kind(str(file))).source as source:
        assert source.read() == b"x"


def test_a_name_that_is_not_utf_8_is_read(tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/\xff\n.jpg"
    Path(os.fsdecode(file)).write_bytes(b"x")
    for path in (file, os.fsdecode(file)):
        with read_photo(path).source as source:
            assert source.read() == b"x"


def test_a_file_of_terabytes_that_takes_no_room_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    scene(40, 30).save(file)
    os.truncate(file, 2**40)
    assert reason(file) == "has 1,099,511,627,776 bytes; 4,294,967,296 are the most"


def test_what_is_not_a_file_is_told_and_nothing_waits(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "gone.jpg").symlink_to("nowhere")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "empty.jpg").write_bytes(b"")
    bound = socket.socket(socket.AF_UNIX)
    with bound:
        bound.bind(str(tmp_path / "socket.jpg"))
        found = {name: reason(tmp_path / name) for name in (
            "pipe.jpg", "folder.jpg", "gone.jpg", "loop.jpg", "empty.jpg", "socket.jpg",
        )}  # fmt: skip
    assert found == {
        "pipe.jpg": "is not a regular file",
        "folder.jpg": "is not a regular file",
        "gone.jpg": "cannot be read: No such file or directory",
        "loop.jpg": "cannot be read: Too many levels of symbolic links",
        "empty.jpg": "is an empty file",
        "socket.jpg": "cannot be read: No such device or address",
    }
    assert reason("/dev/zero") == "is not a regular file"


@pytest.mark.parametrize("path", ["a\0b.jpg", b"a\0b.jpg", "\ud800.jpg", "x" * 256, "/x" * 5000])
def test_a_path_that_no_file_can_have_is_told(path: str | bytes) -> None:
    assert reason(path).startswith("cannot be read: ")


@pytest.mark.usefixtures("limit")
@pytest.mark.parametrize("change", ["grown", "touched"])
def test_a_file_that_changes_while_it_is_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"x" * 100)
    original = hashlib.sha1

    def sha1(*data: bytes, usedforsecurity: bool) -> object:
        if change == "grown":
            with file.open("ab") as more:
                more.write(b"y")
        os.utime(file, ns=(1, 1))
        return original(*data, usedforsecurity=usedforsecurity)

    monkeypatch.setattr(hashlib, "sha1", sha1)
    assert reason(file) == "changed while it was read; run again"


@pytest.mark.usefixtures("limit")
def test_a_disk_that_fails_half_way_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"x")

    def sha1(*_: bytes, usedforsecurity: bool) -> object:
        raise OSError(5, f"Input/output error {usedforsecurity}")

    monkeypatch.setattr(hashlib, "sha1", sha1)
    assert reason(file) == "cannot be read: Input/output error False"


@pytest.mark.usefixtures("limit")
def test_no_file_stays_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"x" * 100)
    (tmp_path / "empty.jpg").write_bytes(b"")

    def handles() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = handles()
    read_photo(file).source.close()
    reason(tmp_path / "empty.jpg")
    reason(tmp_path)
    original = photo_file._hashed

    def hashed(*args: object) -> object:
        made = original(*args)  # type: ignore[arg-type]
        os.utime(file, ns=(1, 1))
        return made

    monkeypatch.setattr(photo_file, "_hashed", hashed)
    reason(file)
    assert handles() == before


@pytest.mark.parametrize("error", [None, OSError(5, "broken by the change")])
def test_a_long_file_that_changes_while_it_is_decoded_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError | None
) -> None:
    monkeypatch.setattr(photo_file, "_IN_MEMORY", 0)
    file = tmp_path / "a.jpg"
    file.write_bytes(b"x" * 100)

    def decoded() -> None:
        with read_photo(file).held(file) as source:
            assert source.read(10) == b"x" * 10
            file.write_bytes(b"y" * 101)
            if error:
                raise error

    with pytest.raises(UnreadablePhoto, match="changed while it was read; run again"):
        decoded()


def test_a_short_file_may_change_while_it_is_decoded(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"x" * 100)
    with read_photo(file).held(file) as source:
        file.write_bytes(b"y" * 101)
        assert source.read() == b"x" * 100
    assert source.closed
